//! Loops that carry values: recorded once, as scans, with the value and the gradient of forward mode.
#![allow(clippy::panic, reason = "helpers of tests are parts of tests, though not in test functions")]

use std::sync::Arc;

use hlmc_builtins::Library;
use hlmc_engine::{EngineKind, Prepared};
use hlmc_eval::BoundModel;
use hlmc_native::apply::Tables;
use hlmc_native::record::{self, Recording};
use hlmc_syntax::{Mode, NoIncludes};
use rand::{RngExt as _, SeedableRng as _};
use rand_xoshiro::Xoshiro256PlusPlus;

/// How far value and gradient may differ, relative to the larger of their size and 1.
const TOLERANCE: f64 = 1e-10;

/// Points at which each program is compared, uniform in (-1, 1).
const N_POINTS: usize = 6;

/// Random programs.
const N_RANDOM: u64 = 150;

fn bind(program: &str, data: &str) -> BoundModel {
    let parsed = hlmc_syntax::parse(program, "test.stan", Mode::Program, &mut NoIncludes);
    let ast = parsed.program.unwrap_or_else(|| panic!("{:?}\n{program}", parsed.diagnostics));
    let checked = hlmc_check::check(&ast, &Library::new());
    let ir = checked.program.unwrap_or_else(|| panic!("{:?}\n{program}", checked.diagnostics));
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    BoundModel::bind(Arc::new(ir), data, &mut rng).unwrap_or_else(|mistakes| panic!("{mistakes:?}\n{program}"))
}

/// Both engines at several points.
fn compare(model: &BoundModel, name: &str) {
    let native = Prepared::new(EngineKind::Native, model);
    assert_eq!(native.why_not_native(), None, "{name} is not recorded");
    let (mut native, mut dual) = (native.engine(), Prepared::new(EngineKind::Dual, model).engine());
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(20_261_122);
    for _ in 0..N_POINTS {
        let point: Vec<f64> = (0..model.dimension()).map(|_| 2.0 * rng.random::<f64>() - 1.0).collect();
        let (mut by_graph, mut by_duals) = (vec![0.0; point.len()], vec![0.0; point.len()]);
        let values =
            (native.log_density_gradient(&point, &mut by_graph), dual.log_density_gradient(&point, &mut by_duals));
        let (Ok(x), Ok(y)) = &values else {
            assert_eq!(values.0, values.1, "{name}: one engine rejects {point:?}");
            continue;
        };
        let size = by_duals.iter().fold(1.0, |size: f64, partial| size.max(partial.abs()));
        assert!((x - y).abs() <= TOLERANCE * y.abs().max(1.0), "{name}: log density {x} against {y} at {point:?}");
        for (i, (x, y)) in by_graph.iter().zip(&by_duals).enumerate() {
            assert!((x - y).abs() <= TOLERANCE * size, "{name}: gradient[{i}] {x} against {y} at {point:?}");
        }
    }
}

fn recorded(model: &BoundModel) -> Recording {
    record::record(model.program(), model.data(), &Arc::new(Tables::new()), None)
        .unwrap_or_else(|stop| panic!("{stop}"))
}

/// Data of a series: its length `n`, the observations `y`, and classes `k` from 1 to 3.
fn series(n: usize) -> String {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(7);
    let y: Vec<String> = (0..n).map(|_| format!("{:.4}", 2.0 * rng.random::<f64>() - 1.0)).collect();
    let k: Vec<String> = (0..n).map(|i| (1 + i * i % 7 % 3).to_string()).collect();
    format!(r#"{{"n": {n}, "y": [{}], "k": [{}]}}"#, y.join(", "), k.join(", "))
}

const DATA: &str = "data { int n; vector[n] y; array[n] int k; } ";

/// The program agrees with forward mode for short and long series, and is recorded with `n_scans` scans in a number of
/// nodes that does not depend on the length.
fn is_scan(name: &str, program: &str, n_scans: usize) {
    let program = format!("{DATA} {program}");
    for n in [5, 6, 7, 24] {
        compare(&bind(&program, &series(n)), &format!("{name} ({n})"));
    }
    let sizes = [24, 48].map(|n| recorded(&bind(&program, &series(n))).graph.nodes().len());
    assert!(sizes[1] <= sizes[0] + 16, "{name}: {sizes:?} nodes");
    let scans = recorded(&bind(&program, &series(24))).graph.scans.len();
    assert_eq!(scans, n_scans, "{name}: scans");
}

#[test]
fn a_first_order_autoregression() {
    is_scan(
        "ar1",
        "parameters { real a; real b; real<lower=0> s; } model {
            vector[n] mu;
            mu[1] = y[1];
            for (t in 2:n) { mu[t] = a + b * mu[t - 1] + 0.1 * y[t]; }
            y ~ normal(mu, s);
        }",
        1,
    );
}

#[test]
fn an_arma_process() {
    is_scan(
        "arma11",
        "parameters { real mu; real<lower=-1, upper=1> phi; real<lower=-1, upper=1> theta; real<lower=0> s; } model {
            vector[n] nu; vector[n] err;
            nu[1] = mu + phi * mu;
            err[1] = y[1] - nu[1];
            for (t in 2:n) { nu[t] = mu + phi * y[t - 1] + theta * err[t - 1]; err[t] = y[t] - nu[t]; }
            err ~ normal(0, s);
        }",
        1,
    );
}

#[test]
fn garch_in_transformed_parameters() {
    is_scan(
        "garch11",
        "parameters { real mu; real<lower=0> a0; real<lower=0, upper=1> a1; real<lower=0, upper=1 - a1> b1; }
        transformed parameters {
            vector<lower=0>[n] sigma;
            sigma[1] = 1.5;
            for (t in 2:n) sigma[t] = sqrt(a0 + a1 * square(y[t - 1] - mu) + b1 * square(sigma[t - 1]));
        }
        model { y ~ normal(mu, sigma); }",
        1,
    );
}

#[test]
fn an_inner_loop_over_lags_of_data_carries_nothing() {
    is_scan(
        "ark",
        "parameters { real a; vector[2] b; real<lower=0> s; } model {
            for (t in 3:n) {
                real mu = a;
                for (j in 1:2) mu += b[j] * y[t - j];
                y[t] ~ normal(mu, s);
            }
        }",
        0,
    );
}

#[test]
fn an_inner_loop_over_lags_of_what_is_carried() {
    is_scan(
        "lags",
        "parameters { real a; vector[2] b; real<lower=0> s; } model {
            vector[n] e;
            e[1] = a; e[2] = -a;
            for (t in 3:n) {
                real mu = a;
                for (j in 1:2) mu += 0.5 * b[j] * e[t - j];
                e[t] = y[t] - mu;
                target += -square(mu);
            }
            e ~ normal(0, s);
        }",
        1,
    );
}

#[test]
fn the_forward_algorithm() {
    for states in [2, 3] {
        is_scan(
            "hmm",
            &format!(
                "parameters {{ array[{states}] simplex[{states}] theta; ordered[{states}] mu; }} model {{
                    array[n] vector[{states}] gamma;
                    vector[{states}] acc;
                    for (j in 1:{states}) gamma[1, j] = normal_lpdf(y[1] | mu[j], 1);
                    for (t in 2:n) {{
                        for (j in 1:{states}) {{
                            for (i in 1:{states})
                                acc[i] = gamma[t - 1, i] + log(theta[i, j]) + normal_lpdf(y[t] | mu[j], 1);
                            gamma[t, j] = log_sum_exp(acc);
                        }}
                    }}
                    target += log_sum_exp(gamma[n]);
                }}"
            ),
            1,
        );
    }
}

#[test]
fn a_window_of_lags() {
    is_scan(
        "window",
        "parameters { real a; vector[3] b; real<lower=0> s; } model {
            vector[n] e;
            e[1:3] = a * b;
            for (t in 4:n) {
                e[t] = 0.3 * dot_product(b, e[(t - 3):(t - 1)]) + dot_product(b, y[(t - 3):(t - 1)]);
                target += -square(e[t] - y[t]);
            }
            e ~ normal(0, s);
        }",
        1,
    );
}

#[test]
fn a_state_that_is_a_vector() {
    is_scan(
        "state space",
        "parameters { matrix[2, 2] a; vector[2] start; real<lower=0> s; } model {
            vector[2] x = start;
            for (t in 1:n) {
                x = 0.3 * (a * x) + [0.1, y[t]]';
                y[t] ~ normal(x[1] + x[2], s);
            }
            target += -dot_self(x);
        }",
        1,
    );
}

#[test]
fn a_vector_that_is_read_by_its_entries_and_then_replaced() {
    is_scan(
        "forward algorithm over two vectors",
        "parameters { vector[2] start; real a; vector[2] mu; } model {
            vector[2] alpha = start; vector[2] next;
            for (t in 1:n) {
                for (j in 1:2) next[j] = log_sum_exp(alpha[1] + a * j, alpha[2]) + normal_lpdf(y[t] | mu[j], 1);
                alpha = next;
            }
            target += log_sum_exp(alpha);
        }",
        1,
    );
}

#[test]
fn a_stochastic_volatility_that_is_carried_as_a_scalar() {
    is_scan(
        "stochastic volatility",
        "parameters { real mu; real<lower=-1, upper=1> phi; real<lower=0> sigma; vector[n] z; } model {
            real h = mu;
            for (t in 1:n) {
                h = mu + phi * (h - mu) + sigma * z[t];
                y[t] ~ normal(0, exp(h / 2));
            }
            z ~ std_normal();
            target += -square(h);
        }",
        1,
    );
}

#[test]
fn several_variables_whose_order_matters() {
    is_scan(
        "order",
        "parameters { real a; real b; } model {
            real u = a; real v = b; real w = 0;
            for (t in 1:n) {
                real before = v;
                target += -square(u - v);
                u = 0.5 * u + 0.3 * v * y[t];
                v = 0.4 * tanh(u) - 0.2 * before;
                target += -square(u + v - w);
                w = w + u;
                target += 0.1 * w;
            }
            target += -square(u * v * w);
        }",
        2,
    );
}

#[test]
fn a_running_sum_that_is_read_inside() {
    is_scan(
        "running sum",
        "parameters { real a; real b; } model {
            real s = b;
            for (t in 1:n) { s += a * y[t]; target += -0.1 * square(s); s -= 0.5 * b; }
            target += s;
        }",
        1,
    );
}

#[test]
fn branches_on_data() {
    is_scan(
        "branches",
        "parameters { real a; real<lower=0> b; } model {
            real h = a; vector[n] e;
            e[1] = b;
            for (t in 2:n) {
                if (k[t] == 1) { h = 0.5 * h + log(b); e[t] = h; }
                else if (k[t] == 2) { e[t] = 0.2 * e[t - 1] + h; }
                else { h = y[t]; e[t] = e[t - 1] * (y[t] > 0 ? a : h); }
                target += -square(h) - square(e[t]);
            }
        }",
        1,
    );
}

#[test]
fn branches_on_what_is_carried() {
    is_scan(
        "threshold",
        "parameters { real a; real<lower=0> b; real c; } model {
            real h = a; vector[n] e; real g = 0;
            e[1] = b;
            for (t in 2:n) {
                if (h > c) h = 0.5 * h + b * y[t]; else { h = a - 0.9 * h; g += e[t - 1]; }
                e[t] = (e[t - 1] > h || y[t] > 0.5) ? 0.3 * e[t - 1] : fmax(h, c);
                target += -square(h) - square(e[t] - y[t]);
            }
            target += -square(g);
        }",
        2,
    );
}

#[test]
fn a_side_without_a_value_where_it_is_not_taken() {
    is_scan(
        "shielded",
        "parameters { real a; real c; } model {
            real h = a;
            for (t in 1:n) {
                real g = 0.5 * h + y[t];
                h = g > 0 ? log(g) + sqrt(g) : g * c;
                target += -square(h - y[t]);
            }
        }",
        1,
    );
}

#[test]
fn a_branch_whose_function_has_no_value_in_the_other_turns() {
    is_scan(
        "guard",
        "parameters { real a; } model {
            real h = -2 + 0.1 * a;
            for (t in 1:n) {
                real g = h;
                if (t > 1) g = log(h + 0.01 * y[t]);
                h = 2 + exp(0.1 * g * a);
                target += -square(h - y[t]);
            }
        }",
        1,
    );
}

#[test]
fn an_array_that_is_updated_in_place() {
    is_scan(
        "in place",
        "parameters { vector[3] a; real b; } model {
            vector[3] x = a;
            for (t in 1:n) {
                x[k[t]] = 0.5 * x[k[t]] + b * x[1 + k[t] % 3] + y[t];
                target += -square(x[1] - x[2] * x[3]);
            }
            target += sum(x);
        }",
        1,
    );
}

#[test]
fn backwards() {
    is_scan(
        "backwards",
        "parameters { real a; real<lower=0> s; } model {
            vector[n] beta;
            beta[n] = a;
            for (t in 1:(n - 1)) beta[n - t] = 0.6 * beta[n - t + 1] * a + y[n - t];
            beta ~ normal(0, s);
        }",
        1,
    );
}

#[test]
fn copies_and_constants_alone() {
    is_scan(
        "copies",
        "parameters { real a; } model {
            vector[n] x; vector[n] c;
            x[1] = a; c[1] = 2;
            for (t in 2:n) { x[t] = x[t - 1]; c[t] = 0.5 * c[t - 1] + y[t]; target += -square(x[t] - c[t]); }
            target += x[n] * c[n];
        }",
        1,
    );
}

#[test]
fn recurrences_within_independent_groups() {
    let program = "data { int n; int m; matrix[m, n] y; } parameters { vector[m] a; real b; } model {
        matrix[m, n] h;
        for (i in 1:m) {
            real level = a[i];
            h[i, 1] = a[i];
            for (t in 2:n) {
                h[i, t] = b * h[i, t - 1] + 0.5 * y[i, t];
                level = 0.3 * level + y[i, t];
                target += -square(level - b);
            }
            target += level * a[i];
        }
        target += -square(h[m, n] + h[1, 2]) + h[2, n];
    }";
    let data = |m: usize, n: usize| {
        let row = |i: usize| (0..n).map(|t| format!("{}", ((i * 7 + t * 3) % 11) as f64 / 11.0)).collect::<Vec<_>>();
        let rows: Vec<String> = (0..m).map(|i| format!("[{}]", row(i).join(", "))).collect();
        format!(r#"{{"n": {n}, "m": {m}, "y": [{}]}}"#, rows.join(", "))
    };
    for (m, n) in [(2, 3), (3, 20), (18, 5), (20, 25)] {
        compare(&bind(program, &data(m, n)), &format!("groups ({m}, {n})"));
    }
    let sizes = [(20, 25), (40, 31)].map(|(m, n)| recorded(&bind(program, &data(m, n))).graph.nodes().len());
    assert_eq!(sizes[0], sizes[1]);
}

#[test]
fn an_inner_loop_that_carries_values_of_its_own() {
    is_scan(
        "inner",
        "parameters { real a; real b; } model {
            real x = a;
            for (t in 1:n) {
                real z = x;
                for (j in 1:4) z = 0.5 * sin(z) + b;
                x = z * y[t] + 0.1 * x;
                target += -square(x);
            }
        }",
        1,
    );
}

#[test]
fn a_long_inner_loop_over_carried_entries() {
    is_scan(
        "long inner",
        "parameters { vector[20] a; real b; } model {
            matrix[n, 20] x;
            x[1] = a';
            for (t in 2:n) {
                for (j in 1:20) x[t, j] = 0.5 * x[t - 1, j] + b * y[t];
                for (j in 2:20) target += -square(x[t, j] - x[t, j - 1]);
            }
        }",
        1,
    );
}

#[test]
fn what_an_inner_iteration_wrote_is_read_by_the_next() {
    let program = "data { int m; } parameters { vector[m] a; real b; } model {
        matrix[m, 20] x; real last;
        for (i in 1:m) {
            real s = 0; real l = a[i];
            x[i, 1] = a[i];
            for (j in 2:20) x[i, j] = 0.5 * x[i, j - 1] + b;
            for (j in 1:20) { s = s + x[i, j] * b; last = x[i, j]; l = last * b; target += -square(l); }
            target += -square(s) + l;
        }
        target += -dot_self(to_vector(x)) + last;
    }";
    for m in [2, 18] {
        compare(&bind(program, &format!(r#"{{"m": {m}}}"#)), "inner");
    }
}

#[test]
fn loops_of_two_and_three_turns() {
    for n in [2, 3, 4] {
        let program = "data { int n; } parameters { real a; } model {
            real x = a; vector[n] z;
            for (t in 1:n) { z[t] = x; x = 0.5 * x * a + t; target += -square(x); }
            target += sum(z);
        }";
        compare(&bind(program, &format!(r#"{{"n": {n}}}"#)), "short");
    }
}

/// Statements of the body of a loop over `t` from 3 to `n - 2`, which draw on carried scalars `u`, `v`, a carried
/// container `x` of `n` entries and another, `w`, of 3.
struct Bodies<'a> {
    rng: &'a mut Xoshiro256PlusPlus,
}

impl Bodies<'_> {
    fn pick<'s>(&mut self, options: &[&'s str]) -> &'s str {
        options[self.rng.random_range(0..options.len())]
    }

    fn scalar(&mut self, depth: usize) -> String {
        if depth == 0 || self.rng.random_range(0..4) == 0 {
            let leaves = [
                "u",
                "v",
                "x[t]",
                "x[t - 1]",
                "x[t - 2]",
                "w[k[t]]",
                "w[1]",
                "y[t]",
                "a",
                "b[k[t]]",
                "b[2]",
                "0.5",
                "x[k[t]]",
                "dot_self(w)",
                "x[n - t]",
            ];
            return self.pick(&leaves).to_owned();
        }
        let (p, q) = (self.scalar(depth - 1), self.scalar(depth - 1));
        match self.rng.random_range(0..8) {
            0 => format!("({p} + {q})"),
            1 => format!("({p} - 0.5 * {q})"),
            2 => format!("0.5 * {p} * tanh({q})"),
            3 => format!("sin({p})"),
            4 => format!("log1p_exp({p})"),
            5 => format!("(k[t] > 1 ? {p} : {q})"),
            6 => format!("({p} > u ? {p} : {q})"),
            _ => format!("{p} / (1 + square({q}))"),
        }
    }

    fn statement(&mut self, depth: usize) -> String {
        let value = self.scalar(2);
        match self.rng.random_range(0..if depth == 0 { 7 } else { 10 }) {
            0 => format!("u = tanh({value});"),
            1 => format!("v = 0.5 * v + tanh({value});"),
            2 | 3 => {
                let place = self.pick(&["x[t]", "x[t + 1]", "x[k[t]]", "x[n - t]"]);
                format!("{place} = tanh({value});")
            }
            4 => format!("w[{}] = tanh({value});", self.pick(&["1", "k[t]", "3"])),
            5 => format!("w = 0.5 * w + [0.1, tanh({value}), u]';"),
            6 => format!("target += -square({value});"),
            7 => {
                let (then, otherwise) = (self.statements(depth - 1), self.statements(depth - 1));
                let condition =
                    self.pick(&["k[t] == 1", "y[t] > 0", "t > 4", "k[t] > 1 && y[t] < 0.5", "u > v", "x[t] < a"]);
                format!("if ({condition}) {{ {then} }} else {{ {otherwise} }}")
            }
            8 => format!("for (i{depth} in 1:2) {{ {} }}", self.statements(depth - 1)),
            _ => format!("for (j in 1:18) {{ u = 0.9 * u + 0.1 * x[1 + j % 3]; x[2 + j % 3] = tanh({value}); }}"),
        }
    }

    fn statements(&mut self, depth: usize) -> String {
        let n = self.rng.random_range(1..4);
        (0..n).map(|_| self.statement(depth)).collect::<Vec<_>>().join(" ")
    }
}

#[test]
fn recurrences_at_random() {
    for seed in 0..N_RANDOM {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let n = rng.random_range(6..12);
        let body = Bodies { rng: &mut rng }.statements(2);
        let program = format!(
            "{DATA} parameters {{ real a; vector[3] b; }} model {{
                real u = a; real v = 0.3; vector[n] x = 0.2 * y + a; vector[3] w = b;
                for (t in 3:(n - 2)) {{ {body} }}
                target += -square(u - v) - dot_self(x) - dot_self(w);
            }}"
        );
        compare(&bind(&program, &series(n)), &program);
    }
}
