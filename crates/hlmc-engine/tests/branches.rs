//! Control flow that depends on parameters: selections where both sides run to their end, guards elsewhere. The engines
//! agree on either side of every condition.

mod support;

use hlmc_engine::{EngineKind, Prepared};
use support::{agree, bind};

/// Compares a program, and asks that its conditions are selections (no guards) or not.
fn check(name: &str, program: &str, data: &str, has_guards: bool) {
    agree(name, program, data);
    let n_guards = Prepared::new(EngineKind::Native, &bind(program, data)).n_guards();
    assert_eq!(n_guards > 0, has_guards, "{name}: {n_guards} guards");
}

fn selects(name: &str, program: &str) {
    check(name, program, r#"{"n": 5, "d": [0.5, -1, 2, 0.25, -0.75]}"#, false);
}

fn guards(name: &str, program: &str) {
    check(name, program, r#"{"n": 5, "d": [0.5, -1, 2, 0.25, -0.75]}"#, true);
}

#[test]
fn increments_of_the_target() {
    selects(
        "increments",
        "data { int n; vector[n] d; } parameters { real x; real y; } model {
        if (x > 0) target += -x; else target += 2 * x;
        if (x <= y) { x ~ normal(0, 2); if (y < 0.5) y ~ normal(x, 1); } else if (x - y != 3) target += -square(y);
        target += x == y ? 1 : -square(x + y);
    }",
    );
}

#[test]
fn a_side_that_has_no_value_does_no_harm_where_it_is_not_taken() {
    selects(
        "no value",
        "data { int n; vector[n] d; } parameters { real x; real y; vector[n] v; } model {
        target += x > 0 ? log(x) - sqrt(x) : square(x);
        if (y > 0) target += lgamma(y) + 1 / y + y ^ 1.5 + log1m_exp(-y) - log1p(y); else target += -square(y);
        if (x > 0) { y ~ normal(0, x); x ~ gamma(2, 3); d ~ student_t(4, y, x); }
        for (i in 1:n) target += v[i] > 0 ? -log(v[i]) / v[i] ^ 0.5 : v[i];
        for (i in 1:n) if (v[i] > 0) v[i] ~ lognormal(0, 1);
    }",
    );
}

#[test]
fn assignments() {
    selects(
        "assignments",
        "data { int n; vector[n] d; } parameters { real x; vector[n] v; } model {
        real a; real b = 1; vector[n] w = d; array[2] real c = {1, 2};
        if (x > 0.3) { real t = exp(x); a = t; w[2] = x; c[1] = t * x; } else { a = -x; w = v; b += x; }
        if (v[1] < v[2]) { if (x < 1) w[1:2] = v[3:4]; else w[n] = 2 * x; }
        target += -square(a) - b * b - dot_self(w) + c[1] * c[2];
    }",
    );
}

#[test]
fn loops_over_lanes() {
    selects(
        "lanes",
        "data { int n; vector[n] d; } parameters { real x; vector[n] v; } model {
        vector[n] eta; real total = 0;
        for (i in 1:n) {
            real m = 0;
            if (v[i] > x) { m = v[i]; eta[i] = d[i] * m; } else eta[i] = -v[i];
            if (d[i] > 0 && m > 0.5) { total += m; target += -square(m); }
            for (j in 1:2) if (v[j] > v[i]) m += j * v[j];
            target += -square(m);
        }
        if (x > 0) for (i in 1:n) { target += -exp(-x) * v[i]; if (v[i] > 1) eta[i] = x; }
        target += -dot_self(eta) + total;
    }",
    );
}

#[test]
fn functions_that_return_early() {
    selects(
        "functions",
        "functions {
        real piecewise(real t, real a) {
            if (t < -1) return a * t;
            if (t < 0) { real s = t * t; if (s > 0.25) return s; else return a; }
            real u = log1p(t);
            return u * a;
        }
        vector clipped(vector v, real a) { vector[size(v)] w = v; if (a > 0) { w[1] = a; return w; } return -w; }
    }
    data { int n; vector[n] d; } parameters { real x; real y; vector[n] v; } model {
        target += piecewise(x, y) - square(x) + sum(clipped(v, x)) - dot_self(v);
        for (i in 1:n) target += piecewise(v[i] * d[i], x);
    }",
    );
}

#[test]
fn logic_and_arithmetic_of_conditions() {
    selects(
        "logic",
        "data { int n; vector[n] d; } parameters { real x; real y; vector[n] v; } model {
        int k = (x > 0) + (y > 0);
        if (x > 0 && log(x) > -1) target += -x;
        if (x < -1 || y > 1 || !(x < y)) target += y;
        if (k == 2) target += x * y;
        target += k * x + int_step(y) * y - square(x) - square(y) + step(x) * y + (is_nan(x) ? 1 : x) + is_inf(y);
        target += max(v) - min(v) + max({x, y}) + fmax(x, y) * (k > 0 ? x : y) - dot_self(v);
    }",
    );
}

#[test]
fn indices_bounds_and_while_loops_are_guarded() {
    guards(
        "indices",
        "data { int n; vector[n] d; } parameters { real x; vector[2] v; } model {
        target += v[1 + (x > 0)] * x - dot_self(v) - square(x);
    }",
    );
    guards("bounds", "data { int n; vector[n] d; } parameters { real x; vector[2] v; } model {
        for (i in 1:2 + (x > 0.5)) { target += -square(x - d[i]); if (v[1] > 0) break; if (v[2] > 0) continue; target += x; }
    }");
    guards(
        "while",
        "data { int n; vector[n] d; } parameters { real<lower=0> x; } model {
        real s = x; int k = 0;
        while (s < 3) { s = s * 1.5 + 0.1; k += 1; }
        target += -square(s) + k * x;
    }",
    );
}

#[test]
fn a_jump_out_of_a_loop_is_guarded() {
    guards(
        "jumps",
        "functions { int first_above(vector v, real x) {
        for (i in 1:size(v)) if (v[i] > x) return i;
        return 0;
    } }
    data { int n; vector[n] d; } parameters { real x; vector[n] v; } model {
        int k = first_above(d, x);
        target += k == 0 ? -x : -square(v[k]) * x;
        target += -dot_self(v) - square(x);
    }",
    );
}

#[test]
fn a_search_that_ends_soon_is_guarded_and_a_long_one_is_masked() {
    let search = |n: usize, step: &str| {
        format!(
            "data {{ int n; vector[n] d; }} parameters {{ real<lower=0> x; real y; }} model {{
                real r = x + 1;
                for (i in 1:{n}) {{ real step = {step}; r -= step; if (abs(step) < 1e-3) break; }}
                target += -square(r - y) - square(x);
            }}"
        )
    };
    guards("of a square root", &search(1000, "(square(r) - x) / (2 * r)"));
    guards("of a square root, with few turns allowed", &search(5, "(square(r) - x) / (2 * r)"));
    selects("of a square root, slowly", &search(200, "0.05 * (square(r) - x)"));
    guards(
        "with a vector, which no scan carries",
        "data { int n; vector[n] d; } parameters { vector[3] x; real y; } model {
            vector[3] r = exp(x) + 1; int k = 0;
            for (i in 1:500) { vector[3] step = (square(r) - exp(x)) ./ (2 * r); r -= step; k += 1; if (max(step) < 1e-3) break; }
            target += -dot_self(r - y) - dot_self(x) + k;
        }",
    );
}

#[test]
fn rejections_under_conditions() {
    selects(
        "reject",
        "data { int n; vector[n] d; } parameters { real x; real y; } model {
        if (x > 0.75) reject(\"x is \", x);
        if (y < -1) { if (x < 0) reject(\"both\"); target += y; }
        target += -square(x) - square(y);
    }",
    );
}

#[test]
fn recurrences_with_conditions() {
    selects(
        "recurrence",
        "data { int n; vector[n] d; } parameters { real<lower=0> a; real b; } model {
        real h = 1;
        for (t in 1:n) {
            if (d[t] - b > h) h = h + a * (d[t] - h); else h = 0.9 * h;
            d[t] ~ normal(b, exp(h));
        }
    }",
    );
}
