//! Deep nesting and long programs: a diagnostic or an answer, never a panic, on the stack of a test thread.

use std::time::{Duration, Instant};

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
    program(&format!("model {{ x = a{}; }}", " + f(a, b)[1] * 2".repeat(150)));
    program(&format!("model {{ x = {}1{}; }}", "(".repeat(150), ")".repeat(150)));
    program(&format!("model {{ if (a) ; {} else ; }}", "else if (a == 1) { x = 2; }".repeat(300)));
    program(&format!("model {{ {} ; {} }}", "{ for (i in 1:2)".repeat(60), "}".repeat(60)));
    program(&format!("model {{ x = {{ {} 1 }}; }}", "-1, ".repeat(20_000)));
    program(&format!("model {{ {} }}", "x = -1 + 2;\n".repeat(5_000)));
}

#[test]
fn long_programs_are_parsed_at_once() {
    let line = "  y[i] ~ normal(alpha[group[i]] + x[i, ] * beta + 0.5 * square(z[i]), exp(log_sigma) + 1e-6);\n";
    let text = format!("model {{\n  for (i in 1:N) {{\n{}  }}\n}}\n", line.repeat(3_000));
    let start = Instant::now();
    program(&text);
    // A release build takes some 50 ms; the bound is for a debug build on a busy machine.
    assert!(start.elapsed() < Duration::from_secs(5), "took {:?}", start.elapsed());
}

#[test]
fn mistakes_in_nested_blocks_do_not_double_the_work() {
    let nested = "if (a) { x = 1; } else if (b) { ".repeat(60);
    let start = Instant::now();
    assert!(parse_program(&format!("model {{ {nested} x = ; {} }}", "}".repeat(60))).program.is_none());
    let braces = "{ ".repeat(150);
    assert!(parse_program(&format!("model {{ {braces} x = ; {} }}", "}".repeat(150))).program.is_none());
    assert!(parse_program(&format!("model {{ x = {}; {} }}", "f(".repeat(150), ")".repeat(150))).program.is_none());
    assert!(start.elapsed() < Duration::from_secs(10), "took {:?}", start.elapsed());
}
