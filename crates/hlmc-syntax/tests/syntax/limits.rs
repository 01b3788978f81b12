//! Deep nesting and long programs: a diagnostic or an answer, never a panic, on the stack of a test thread.

use crate::{parse_program, places, program};

/// Deeper than any limit, and deep enough to overflow a stack without one.
const DEEP: usize = 100_000;

#[test]
fn deep_brackets_are_refused() {
    for (open, close) in [("(", ")"), ("[", "]"), ("{", "}"), ("f(", ")"), ("x[", "]"), ("a ? (", ") : b")] {
        let text = format!("model {{ x = {}1{}; }}", open.repeat(DEEP), close.repeat(DEEP));
        let parsed = parse_program(&text);
        assert_eq!(places(&parsed).len(), 1, "{open}");
        assert!(places(&parsed)[0].ends_with("too_deep"), "{open}: {:?}", places(&parsed));
        // Without the closing brackets too.
        assert!(parse_program(&format!("model {{ x = {}", open.repeat(DEEP))).program.is_none());
    }
}

#[test]
fn deep_statements_are_refused() {
    for header in ["if (a) ", "for (i in 1:2) ", "while (1) ", "{", "if (a) {"] {
        let parsed = parse_program(&format!("model {{ {} ; }}", header.repeat(DEEP)));
        assert!(places(&parsed)[0].ends_with("too_deep"), "{header}: {:?}", places(&parsed));
    }
    let parsed = parse_program(&format!("data {{ {} }}", "tuple(real, ".repeat(DEEP)));
    assert!(places(&parsed)[0].ends_with("too_deep"));
}

#[test]
fn long_chains_of_operators_are_refused() {
    for (first, repeated) in [
        ("a", " + a"),
        ("a", "^a"),
        ("", "-"),
        ("", "!"),
        ("a", "'"),
        ("a", "[1]"),
        ("a", ".1"),
        ("a", " + {1}"),
        ("a", " && (b)"),
    ] {
        let text = format!("model {{ x = {first}{}; }}", repeated.repeat(DEEP));
        let places = places(&parse_program(&text));
        assert_eq!(places.len(), 1, "{repeated}");
        assert!(places[0].ends_with("too_many_operators"), "{repeated}: {places:?}");
    }
    let places = places(&parse_program(&format!("model {{ if (a) ; {} }}", "else if (a) ;".repeat(DEEP))));
    assert!(places[0].ends_with("too_many_operators"), "{places:?}");
    let places = crate::places(&parse_program(&format!("model {{ x = {}a; }}", "a ? b : ".repeat(DEEP))));
    assert!(places[0].ends_with("too_deep"), "{places:?}");
}

#[test]
fn what_people_and_generators_write_is_not_refused() {
    program(&format!("model {{ x = a{}; }}", " + -f(a, b)[1] * 2".repeat(490)));
    program(&format!("model {{ x = {}1{}; }}", "(".repeat(150), ")".repeat(150)));
    program(&format!("model {{ if (a) ; {} else ; }}", "else if (a == 1) { x = 2; }".repeat(300)));
    program(&format!("model {{ {} ; {} }}", "{ for (i in 1:2)".repeat(60), "}".repeat(60)));
    program(&format!("model {{ x = {{ {} 1 }}; }}", "-1, ".repeat(20_000)));
    program(&format!("model {{ {} }}", "x = -1 + 2;\n".repeat(5_000)));
}

#[test]
fn just_below_the_limits_the_stack_of_a_test_suffices() {
    for repeated in [" + a", "^a", "'", "[1]", ".1", " && (b)", " * {1}[1]'"] {
        program(&format!("model {{ x = a{}; }}", repeated.repeat(990)));
    }
    program(&format!("model {{ x = {}a; }}", "-".repeat(990)));
    for (open, close) in [("(1 + -", ")"), ("[-", "]'"), ("{", "}"), ("f(", ")"), ("x[", "]"), ("(a ? b : ", ")")] {
        let n = if open.contains('?') { 95 } else { 190 };
        program(&format!("model {{ x = {}1{}; }}", open.repeat(n), close.repeat(n)));
    }
    for header in ["if (a) ", "for (i in 1:2) ", "while (1) "] {
        program(&format!("model {{ {} ; }}", header.repeat(190)));
    }
    program(&format!("model {{ {} ; {} }}", "if (a) {".repeat(95), "}".repeat(95)));
    program(&format!("data {{ {}int{} x; }}", "tuple(real, ".repeat(190), ")".repeat(190)));
    program(&format!("model {{ if (a) ; {} else ; }}", "else if (a) ;".repeat(990)));
}

#[test]
fn long_programs_are_parsed() {
    let line = "  y[i] ~ normal(alpha[group[i]] + x[i, ] * beta + 0.5 * square(z[i]), exp(log_sigma) + 1e-6);\n";
    let text = format!("model {{\n  for (i in 1:N) {{\n{}  }}\n}}\n", line.repeat(3_000));
    program(&text);
}

#[test]
fn mistakes_in_nested_blocks_do_not_double_the_work() {
    // With work that doubles at each level this test would not end.
    let nested = "if (a) { x = 1; } else if (b) { ".repeat(60);
    assert!(parse_program(&format!("model {{ {nested} x = ; {} }}", "}".repeat(60))).program.is_none());
    let braces = "{ ".repeat(150);
    assert!(parse_program(&format!("model {{ {braces} x = ; {} }}", "}".repeat(150))).program.is_none());
    assert!(parse_program(&format!("model {{ x = {}; {} }}", "f(".repeat(150), ")".repeat(150))).program.is_none());
}
