//! Precedence, literals, indices and calls.

use crate::{errors_of, expr, parse_expr, parse_program, stmts};
use hlmc_syntax::ast::{ExprKind, IndexKind, StmtKind};

#[test]
fn operators_from_the_loosest_to_the_tightest() {
    assert_eq!(expr("a || b && c"), "(|| a (&& b c))");
    assert_eq!(expr("a && b == c"), "(&& a (== b c))");
    assert_eq!(expr("a == b < c"), "(== a (< b c))");
    assert_eq!(expr("a >= b + c"), "(>= a (+ b c))");
    assert_eq!(expr("a + b * c"), "(+ a (* b c))");
    assert_eq!(expr("a .* b \\ c"), "(.* a (\\ b c))");
    assert_eq!(expr("a * b %/% c"), "(* a (%/% b c))");
    assert_eq!(expr("a \\ -b"), "(\\ a (- b))");
    assert_eq!(expr("-a ^ b'"), "(- (^ a (' b)))");
    assert_eq!(expr("a' * b[1]"), "(* (' a) (index b 1))");
}

#[test]
fn operators_of_a_level_group_from_the_left() {
    assert_eq!(expr("a - b - c"), "(- (- a b) c)");
    assert_eq!(expr("a / b * c % d ./ e .* f"), "(.* (./ (% (* (/ a b) c) d) e) f)");
    assert_eq!(expr("a < b <= c > d >= e"), "(>= (> (<= (< a b) c) d) e)");
    assert_eq!(expr("a == b != c"), "(!= (== a b) c)");
    assert_eq!(expr("a || b || c"), "(|| (|| a b) c)");
    assert_eq!(expr("a %/% b \\ c"), "(\\ (%/% a b) c)");
}

#[test]
fn powers_group_from_the_right_and_hold_more_than_a_sign() {
    assert_eq!(expr("-2^2"), "(- (^ 2 2))");
    assert_eq!(expr("2^3^4"), "(^ 2 (^ 3 4))");
    assert_eq!(expr("2^a.^4"), "(^ 2 (.^ a 4))");
    assert_eq!(expr("2^-3"), "(^ 2 (- 3))");
    assert_eq!(expr("2^-3^4"), "(^ 2 (- (^ 3 4)))");
    assert_eq!(expr("2^-3*4"), "(* (^ 2 (- 3)) 4)");
}

#[test]
fn signs_hold_more_than_products_and_comparisons() {
    assert_eq!(expr("-a * b"), "(* (- a) b)");
    assert_eq!(expr("!a == b"), "(== (! a) b)");
    assert_eq!(expr("- - +a"), "(- (- (+ a)))");
    assert_eq!(expr("a - -b"), "(- a (- b))");
    assert_eq!(expr("!!a"), "(! (! a))");
}

#[test]
fn transposes_hold_what_is_before_them() {
    assert_eq!(expr("a''"), "(' (' a))");
    assert_eq!(expr("-a'"), "(- (' a))");
    assert_eq!(expr("(a + b)'"), "(' (paren (+ a b)))");
    // A transpose has no index: the language asks for parentheses.
    assert_eq!(errors_of("model { x = a'[1]; }"), ["1:15 unexpected"]);
}

#[test]
fn conditionals_group_from_the_right() {
    assert_eq!(expr("a ? b : c"), "(? a b c)");
    assert_eq!(expr("a ? b : c ? d : e"), "(? a b (? c d e))");
    assert_eq!(expr("a ? b ? c : d : e"), "(? a (? b c d) e)");
    assert_eq!(expr("a || b ? c + d : e"), "(? (|| a b) (+ c d) e)");
}

#[test]
fn numbers() {
    assert_eq!(expr("1_000"), "1000");
    assert_eq!(expr("1."), "1.0");
    assert_eq!(expr(".5"), "0.5");
    assert_eq!(expr("1e-3"), "0.001");
    assert_eq!(expr("1_0.2_5E+0_1"), "102.5");
    assert_eq!(expr(".5e1"), "5.0");
    assert_eq!(expr("2i"), "2.0i");
    assert_eq!(expr("1.5e2i"), "150.0i");
    assert_eq!(expr("99999999999999999999999"), u64::MAX.to_string());
    assert_eq!(expr("1.*x"), "(* 1.0 x)");
    assert_eq!(expr("1 .*x"), "(.* 1 x)");
    assert_eq!(expr("1./x"), "(/ 1.0 x)");
    assert_eq!(expr("x.*y"), "(.* x y)");
    assert_eq!(expr("x.^2"), "(.^ x 2)");
}

#[test]
fn underscores_stand_between_digits_only() {
    assert_eq!(errors_of("model { x = 1_; }"), ["1:14 invalid_character"]);
    assert_eq!(errors_of("model { x = 1__0; }"), ["1:14 invalid_character"]);
    assert_eq!(errors_of("model { x = _1; }"), ["1:13 invalid_character"]);
}

#[test]
fn projections_are_no_numbers() {
    assert_eq!(expr("t.1"), "(slot t 1)");
    assert_eq!(expr("t.1.2"), "(slot (slot t 1) 2)");
    assert_eq!(expr("f(x).2[3].1"), "(slot (index (slot (f x) 2) 3) 1)");
    assert_eq!(expr("(a, b).1"), "(slot (tuple a b) 1)");
    assert_eq!(expr("t.1 .5"), "(slot (slot t 1) 5)");
    assert_eq!(errors_of("model { x = t.1e3; }"), ["1:14 unexpected"]);
    assert_eq!(errors_of("model { x = t.99999999999; }"), ["1:15 slot_too_large"]);
    assert_eq!(errors_of("model { x = t.99999999999 + "), ["1:15 slot_too_large", "1:29 unexpected_end"]);
}

#[test]
fn a_slot_has_a_span_of_its_own() {
    let parsed = parse_program("model { x = t . y; }");
    assert!(parsed.program.is_none());
    let text = "model { x = tt.12; }";
    let parsed = parse_program(text);
    let stmts = parsed.program.expect("a program").model.expect("a model").stmts;
    let StmtKind::Assignment { value, .. } = &stmts[0].kind else { panic!("no assignment") };
    let ExprKind::Projection { slot, slot_span, .. } = value.kind else { panic!("no projection") };
    assert_eq!((slot, parsed.sources.text(slot_span)), (12, "12"));
    assert_eq!(parsed.sources.text(value.span), "tt.12");
}

#[test]
fn indices_of_every_kind() {
    assert_eq!(expr("x[1]"), "(index x 1)");
    assert_eq!(expr("x[]"), "(index x :)");
    assert_eq!(expr("x[:]"), "(index x :)");
    assert_eq!(expr("x[ , 2, ]"), "(index x : 2 :)");
    assert_eq!(expr("x[a:b, a:, :b]"), "(index x a:b a: :b)");
    assert_eq!(expr("x[1][2]"), "(index (index x 1) 2)");
    assert_eq!(expr("x[c ? a : b]"), "(index x (? c a b))");
    assert_eq!(expr("{1, 2}[1]"), "(index (array 1 2) 1)");
    let ExprKind::Indexed { indices, .. } = parse_expr("x[]").kind else { panic!("no index") };
    assert_eq!(indices[0].kind, IndexKind::All);
    assert!(indices[0].span.is_empty());
}

#[test]
fn literals_of_containers() {
    assert_eq!(expr("{1, {2}}"), "(array 1 (array 2))");
    assert_eq!(expr("[]"), "(row)");
    assert_eq!(expr("[[1, 2], [3, 4]]"), "(row (row 1 2) (row 3 4))");
    assert_eq!(expr("(a, (b, c))"), "(tuple a (tuple b c))");
    assert_eq!(expr("(a, )"), "(tuple a)");
    assert_eq!(expr("((a))"), "(paren (paren a))");
    assert_eq!(errors_of("model { x = {}; }"), ["1:14 unexpected"]);
    assert_eq!(errors_of("model { x = (a, b, ); }"), ["1:20 unexpected"]);
    assert_eq!(errors_of("model { x = (); }"), ["1:14 unexpected"]);
}

#[test]
fn calls_with_and_without_a_bar() {
    assert_eq!(expr("f()"), "(f)");
    assert_eq!(expr("f(a, g(b))"), "(f a (g b))");
    assert_eq!(expr("normal_lpdf(y | mu, sigma)"), "(normal_lpdf y | mu sigma)");
    assert_eq!(expr("std_normal_lpdf(y | )"), "(std_normal_lpdf y |)");
    assert_eq!(expr("target() + 1"), "(+ (target) 1)");
    assert_eq!(expr("T(1)"), "(T 1)");
    assert_eq!(errors_of("model { x = f(a, b | c); }"), ["1:20 unexpected"]);
    assert_eq!(errors_of("model { x = f(a || ); }"), ["1:20 unexpected"]);
    // Functions are no values that could be called in their turn.
    assert_eq!(errors_of("model { x = f(a)(b); }"), ["1:17 unexpected"]);
}

#[test]
fn spans_hold_the_expression_and_no_space_around_it() {
    let text = "model { x =  a + b * ( c )  /* d */ ; }";
    let parsed = parse_program(text);
    let program = parsed.program.expect("a program");
    let StmtKind::Assignment { value, .. } = &program.model.expect("a model").stmts[0].kind else {
        panic!("no assignment")
    };
    assert_eq!(parsed.sources.text(value.span), "a + b * ( c )");
    let ExprKind::Binary { op_span, right, .. } = &value.kind else { panic!("no sum") };
    assert_eq!(parsed.sources.text(*op_span), "+");
    assert_eq!(parsed.sources.text(right.span), "b * ( c )");
}

#[test]
fn comments_stand_between_any_two_tokens() {
    assert_eq!(expr("a/**/+//x\n b"), "(+ a b)");
    assert_eq!(expr("a / /* a comment */ b"), "(/ a b)");
    assert_eq!(stmts("/* 1 */ x /* 2 */ = /* 3 */ 1 /* 4 */ ; // 5").len(), 1);
}
