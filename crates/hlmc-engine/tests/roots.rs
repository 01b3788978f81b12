//! Recurrences that hand on a root and square it: what is under the root is handed on, and points at which that is negative
//! are what they are in forward mode.

mod support;

use hlmc_native::graph::Unary;
use hlmc_native::graph::scan::Action;
use support::{agree, bind, recorded};

fn program(model: &str) -> String {
    format!(
        "transformed data {{ int n = 30; vector[n] x; for (i in 1:n) x[i] = sin(1.7 * i); }}
        parameters {{ real a; real c; real<lower=0, upper=1> p; real<lower=0, upper=1> q; }}
        model {{ vector[n] s; s[1] = exp(c); {model} a ~ normal(0, 1); c ~ normal(0, 1); }}"
    )
}

/// Agrees with forward mode, and has so many roots in its scans.
fn has_roots(name: &str, model: &str, n_roots: usize) {
    agree(name, &program(model), "{}");
    let graph = recorded(&bind(&program(model), "{}")).graph;
    let steps = graph.scans.iter().flat_map(|scan| &scan.steps);
    let roots = steps.filter(|step| matches!(step.action, Action::Unary(Unary::Sqrt, _)));
    assert_eq!(roots.count(), n_roots, "{name}");
}

#[test]
fn roots_that_are_squared() {
    has_roots(
        "a variance",
        "for (t in 2:n) s[t] = sqrt(p + q * square(x[t - 1] - a) + 0.5 * square(s[t - 1])); x ~ normal(a, s);",
        0,
    );
    has_roots(
        "a variance by a power",
        "for (t in 2:n) s[t] = sqrt(p + q * pow(x[t - 1] - a, 2) + 0.5 * pow(s[t - 1], 2)); x ~ normal(a, s);",
        0,
    );
    has_roots(
        "two variances of two turns before",
        "s[2] = s[1]; for (t in 3:n) s[t] = sqrt(p + 0.3 * square(s[t - 1]) + 0.4 * square(s[t - 2])); x ~ normal(a, s);",
        0,
    );
    has_roots(
        "a scalar, in a branch",
        "real h = s[1];
        for (t in 2:n) { if (x[t] > 0) h = sqrt(p + q * square(h)); s[t] = h; } x ~ normal(a, s);",
        0,
    );
}

#[test]
fn roots_that_are_more_than_squared() {
    has_roots("a root", "for (t in 2:n) s[t] = sqrt(p + q * s[t - 1]); x ~ normal(a, s);", 1);
    has_roots(
        "a root or something else",
        "for (t in 2:n) s[t] = t % 2 == 0 ? sqrt(p + q * square(s[t - 1])) : 1 + p * s[t - 1]; x ~ normal(a, s);",
        1,
    );
}

#[test]
fn what_has_no_root() {
    let model = "for (t in 2:n) s[t] = sqrt(a + q * square(s[t - 1])); target += -dot_self(s);";
    agree("where a is negative", &program(model), "{}");
    let model = "real h = 1; for (t in 2:n) { if (a > 0) h = sqrt(a + q * square(h)); } target += -square(h);";
    agree("where a is negative, but not taken", &program(model), "{}");
}
