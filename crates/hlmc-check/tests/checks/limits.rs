//! Large and deep programs.

use std::time::{Duration, Instant};

use crate::support::{checked, errors};

#[test]
fn deep_programs_do_not_run_out_of_stack() {
    let n = 150;
    for text in [
        format!("model {{ real x = {}1{}; }}", "(".repeat(n), ")".repeat(n)),
        format!("model {{ real x = 1{}; }}", " + 1".repeat(900)),
        format!("model {{ real x = {}1; }}", "-".repeat(900)),
        format!("model {{ real x = 1{}; }}", " ^ 1".repeat(900)),
        format!("model {{ {}{} }}", "{".repeat(n), "}".repeat(n)),
        format!("model {{ if (1) ; {} }}", "else if (1) ; ".repeat(n)),
    ] {
        assert_eq!(errors(&text), [""; 0]);
    }
}

/// A generous bound, so that a loaded machine does not fail it: the time is a few hundredths of a second.
#[test]
fn three_thousand_lines_take_less_than_a_second() {
    let line = |i: usize| format!("  real a{i} = exp(mu) * {i}.5 + sum(y[1:2]);\n  y ~ normal(mu + a{i}, sigma);\n");
    let lines: String = (0..1500).map(line).collect();
    let text =
        format!("data {{ vector[9] y; }}\nparameters {{ real mu; real<lower=0> sigma; }}\nmodel {{\n{lines}}}\n");
    let start = Instant::now();
    assert!(checked(&text).0.program.is_some());
    assert!(start.elapsed() < Duration::from_secs(10));
}
