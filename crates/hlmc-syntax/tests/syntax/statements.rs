//! Statements.

use crate::{errors_of, parse_program, stmt, stmts};
use hlmc_syntax::ast::StmtKind;

#[test]
fn assignments() {
    assert_eq!(stmt("x = 1;"), "(= x 1)");
    assert_eq!(stmt("x[i, :].2[j] += 1;"), "(+= (index (slot (index x i :) 2) j) 1)");
    for op in ["+=", "-=", "*=", "/=", ".*=", "./="] {
        assert_eq!(stmt(&format!("x {op} y;")), format!("({op} x y)"));
    }
    assert_eq!(stmt("(a, b[1], (c.1, d)) = f(x);"), "(= (tuple a (index b 1) (tuple (slot c 1) d)) (f x))");
    assert_eq!(stmt("(a, ) = x;"), "(= (tuple a) x)");
}

#[test]
fn values_cannot_be_assigned_to() {
    for target in ["f(x)", "1", "(a)", "{a, b}", "[a]", "target()", "f(x)[1]", "(a, f(b))", "(a, 1).1"] {
        let errors = errors_of(&format!("model {{ {target} = 1; }}"));
        assert_eq!(errors, ["1:9 not_assignable"], "for {target}");
    }
    assert_eq!(errors_of("model { a + b = 1; }"), ["1:15 unexpected"]);
    assert_eq!(errors_of("model { x ^= 1; }"), ["1:12 unexpected"]);
}

#[test]
fn target_and_jacobian() {
    assert_eq!(stmt("target += e;"), "(target+= e)");
    assert_eq!(stmt("jacobian += e;"), "(jacobian+= e)");
    assert_eq!(errors_of("model { target = 1; }"), ["1:16 unexpected"]);
    assert_eq!(errors_of("model { target -= 1; }"), ["1:16 unexpected"]);
}

#[test]
fn distributions_and_truncation() {
    assert_eq!(stmt("y ~ std_normal();"), "(~ y (std_normal))");
    assert_eq!(stmt("y + 1 ~ normal(mu, sigma);"), "(~ (+ y 1) (normal mu sigma))");
    assert_eq!(stmt("(a, b) ~ d(1);"), "(~ (tuple a b) (d 1))");
    assert_eq!(stmt("{a, b} ~ d(1);"), "(~ (array a b) (d 1))");
    assert_eq!(stmt("target() ~ d(1);"), "(~ (target) (d 1))");
    assert_eq!(stmt("y ~ n(0, 1) T[a, b];"), "(~ y (n 0 1) (T a b))");
    assert_eq!(stmt("y ~ n(0, 1) T[a, ];"), "(~ y (n 0 1) (T a _))");
    assert_eq!(stmt("y ~ n(0, 1) T[, b];"), "(~ y (n 0 1) (T _ b))");
    assert_eq!(stmt("y ~ n(0, 1) T[ , ];"), "(~ y (n 0 1) (T _ _))");
    assert_eq!(stmt("T ~ T(T) T[T, T];"), "(~ T (T T) (T T T))");
    assert_eq!(errors_of("model { y ~ n(0, 1) T[a]; }"), ["1:24 unexpected"]);
    assert_eq!(errors_of("model { y ~ n(0, 1) TT[a, ]; }"), ["1:21 unexpected"]);
    assert_eq!(errors_of("model { y ~ n; }"), ["1:14 unexpected"]);
}

#[test]
fn an_else_belongs_to_the_nearest_if() {
    assert_eq!(stmt("if (a) x = 1; else x = 2;"), "(if a (= x 1) (= x 2))");
    assert_eq!(stmt("if (a) if (b) x = 1; else x = 2;"), "(if a (if b (= x 1) (= x 2)))");
    assert_eq!(stmt("if (a) ; else if (b) ; else if (c) ; else ;"), "(if a () (if b () (if c () ())))");
    assert_eq!(
        stmt("if (a) { if (b) ; } else if (c) if (d) ; else ; else ;"),
        "(if a (do (if b ())) (if c (if d () ()) ()))"
    );
}

#[test]
fn the_span_of_an_else_if_begins_at_its_if() {
    let text = "model { if (a) ; else if (b) ; else x = 1; }";
    let parsed = parse_program(text);
    let stmts = parsed.program.expect("a program").model.expect("a model").stmts;
    let StmtKind::If { otherwise: Some(second), .. } = &stmts[0].kind else { panic!("no else") };
    assert_eq!(parsed.sources.text(second.span), "if (b) ; else x = 1;");
    assert_eq!(parsed.sources.text(stmts[0].span), "if (a) ; else if (b) ; else x = 1;");
}

#[test]
fn loops() {
    assert_eq!(stmt("for (i in 1:n) x[i] = i;"), "(for i 1:n (= (index x i) i))");
    assert_eq!(stmt("for (i in a ? b : c : d) ;"), "(for i (? a b c):d ())");
    assert_eq!(stmt("for (x in xs) { continue; }"), "(for x xs (do (continue)))");
    assert_eq!(stmt("for (x in {1, 2}) break;"), "(for x (array 1 2) (break))");
    assert_eq!(stmt("while (1) { break; }"), "(while 1 (do (break)))");
    assert_eq!(stmt("while (x < 1) real y;"), "(while (< x 1) (let real y))");
}

#[test]
fn blocks_and_profiles() {
    assert_eq!(stmt("{ real x; { ; } }"), "(do (let real x) (do ()))");
    assert_eq!(stmt("profile(\"a b\") { ; }"), "(profile \"a b\" ())");
    assert_eq!(errors_of("model { profile(a) { } }"), ["1:17 unexpected"]);
    assert_eq!(errors_of("model { profile(\"a\") x = 1; }"), ["1:22 unexpected"]);
}

#[test]
fn output_and_errors_take_texts_and_values() {
    assert_eq!(stmt("print(\"x = \", x, \"\");"), "(print \"x = \" x \"\")");
    assert_eq!(stmt("reject(x);"), "(reject x)");
    assert_eq!(stmt("fatal_error(\"// no comment\");"), "(fatal_error \"// no comment\")");
    assert_eq!(errors_of("model { print(); }"), ["1:15 unexpected"]);
    assert_eq!(errors_of("model { x = \"a\"; }"), ["1:13 unexpected"]);
}

#[test]
fn returns_and_calls() {
    assert_eq!(stmt("return;"), "(return)");
    assert_eq!(stmt("return a + b;"), "(return (+ a b))");
    assert_eq!(stmt("f();"), "(call f)");
    assert_eq!(stmt("f(a, 1);"), "(call f a 1)");
    assert_eq!(errors_of("model { f(y | x); }"), ["1:17 unexpected"]);
    assert_eq!(errors_of("model { f(y)[1]; }"), ["1:16 unexpected"]);
    assert_eq!(errors_of("model { x; }"), ["1:10 unexpected"]);
}

#[test]
fn a_statement_spans_from_its_first_token_to_its_semicolon() {
    let parsed = parse_program("model {\n  x = 1 ; // one\n  y ~ n(0) ; }");
    let stmts = parsed.program.expect("a program").model.expect("a model").stmts;
    let texts: Vec<&str> = stmts.iter().map(|stmt| parsed.sources.text(stmt.span)).collect();
    assert_eq!(texts, ["x = 1 ;", "y ~ n(0) ;"]);
}

#[test]
fn empty_statements_are_statements() {
    assert_eq!(stmts(";;").len(), 2);
}
