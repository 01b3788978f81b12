//! Solvers of the native engine: the same steps as forward mode, so the same numbers, whatever is known and whatever is not.
#![allow(clippy::panic, reason = "helpers of tests are parts of tests, though not in test functions")]

use std::sync::Arc;

use hlmc_builtins::Library;
use hlmc_engine::{EngineKind, Prepared};
use hlmc_eval::BoundModel;
use hlmc_syntax::{Mode, NoIncludes};
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// How far value and gradient may differ, relative to the larger of their size and 1.
const TOLERANCE: f64 = 1e-10;

/// Points at which each program is compared, uniform in (-1, 1).
const N_POINTS: usize = 5;

fn bind(program: &str) -> BoundModel {
    let parsed = hlmc_syntax::parse(program, "test.stan", Mode::Program, &mut NoIncludes);
    let ast = parsed.program.unwrap_or_else(|| panic!("{:?}\n{program}", parsed.diagnostics));
    let checked = hlmc_check::check(&ast, &Library::new());
    let ir = checked.program.unwrap_or_else(|| panic!("{:?}\n{program}", checked.diagnostics));
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    BoundModel::bind(Arc::new(ir), "{}", &mut rng).unwrap_or_else(|mistakes| panic!("{mistakes:?}\n{program}"))
}

fn native_and_dual(program: &str, point: &[f64]) -> [(f64, Vec<f64>); 2] {
    let model = bind(program);
    [EngineKind::Native, EngineKind::Dual].map(|kind| {
        let prepared = Prepared::new(kind, &model);
        assert_eq!(prepared.why_not_native(), None, "not recorded: {program}");
        let mut gradient = vec![0.0; point.len()];
        let value = prepared.engine().log_density_gradient(point, &mut gradient);
        (value.unwrap_or_else(|rejection| panic!("{rejection:?}\n{program}")), gradient)
    })
}

/// Both engines at several points, with derivatives within `tolerance`.
fn agree_within(tolerance: f64, program: &str) {
    let dimension = bind(program).dimension();
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(20_261_122);
    for _ in 0..N_POINTS {
        let point: Vec<f64> = (0..dimension).map(|_| 2.0 * rng.random::<f64>() - 1.0).collect();
        let [(x, by_graph), (y, by_duals)] = native_and_dual(program, &point);
        let size = by_duals.iter().fold(1.0, |size: f64, partial| size.max(partial.abs()));
        assert!((x - y).abs() <= tolerance * y.abs().max(1.0), "log density {x} against {y} at {point:?}\n{program}");
        for (i, (x, y)) in by_graph.iter().zip(&by_duals).enumerate() {
            assert!((x - y).abs() <= tolerance * size, "gradient[{i}] {x} against {y} at {point:?}\n{program}");
        }
    }
}

fn agree(program: &str) {
    agree_within(TOLERANCE, program);
}

const PREDATORS: &str = "functions {
    vector f(real t, vector y, real a, vector b) {
        return [a * y[1] - b[1] * y[1] * y[2] + 0.01 * t, -b[2] * y[2] + exp(-0.1 * t) * y[1] * y[2] / (1 + y[1])]';
    }
} parameters { vector[2] u; real v; real w; } ";

#[test]
fn a_differential_equation_with_everything_unknown_or_known_in_turn() {
    let state = ["exp(u)", "[1.0, 0.5]'", "[exp(u[1]), 0.5]'"];
    let start = ["0.0", "0.1 * v"];
    let times = ["{0.5, 1.0, 4.0}", "{0.5, 1 + 0.1 * w, 4.0}"];
    let arguments = ["0.7, [0.9, 0.3]'", "exp(v), [0.9, 0.3]'", "0.7, [exp(w), 0.3]'", "exp(v), exp(0.5 * u)"];
    for state in state {
        for start in start {
            for times in times {
                for arguments in arguments {
                    agree(
                        &format!(
                            "{PREDATORS} model {{
                            array[3] vector[2] y = ode_rk45({state}, {start}, {times}, {arguments});
                            target += y[1, 1] - square(y[2, 2]) + sum(y[3]);
                        }}"
                        )
                        .replace("ode_rk45(", "ode_rk45(f, "),
                    );
                }
            }
        }
    }
}

#[test]
fn all_names_and_spellings_of_the_solver() {
    for call in [
        "ode_rk45_tol(f, u, 0.0, ts, 1e-8, 1e-9, 10000, v, b)",
        "ode_ckrk(f, u, 0.0, ts, v, b)",
        "ode_bdf(f, u, 0.0, ts, v, b)",
        "ode_adams_tol(f, u, 0.0, ts, 1e-8, 1e-9, 10000, v, b)",
        "ode_adjoint_tol_ctl(f, u, 0.0, ts, 1e-6, rep_vector(1e-6, 2), 1e-6, rep_vector(1e-6, 2), 1e-6, 1e-6, 10000, \
         150, 1, 2, 2, v, b)",
    ] {
        agree(&format!(
            "{PREDATORS} model {{
                array[2] real ts = {{1.0, 2.0}};
                vector[2] b = [exp(w), 0.4]';
                array[2] vector[2] y = {call};
                target += y[1, 1] + 2 * y[2, 2];
            }}"
        ));
    }
    for call in [
        "integrate_ode_rk45(g, u, 0, ts, th, x_r, x_i)",
        "integrate_ode_bdf(g, u, 0, ts, th, x_r, x_i, 1e-6, 1e-7, 1e4)",
    ] {
        agree(&format!(
            "functions {{ array[] real g(real t, array[] real y, array[] real th, array[] real x_r, array[] int x_i) {{
                return {{-th[1] * y[1] + x_r[1], th[1] * y[1] - th[2] * y[x_i[1]]}};
            }} }} transformed data {{
                array[2] real ts = {{1.0, 2.0}}; array[1] real x_r = {{0.3}}; array[1] int x_i = {{2}};
            }} parameters {{ array[2] real u; real v; }} model {{
                array[2] real th = {{exp(v), 0.8}};
                target += sum(to_matrix({call}));
            }}"
        ));
    }
}

#[test]
fn right_hand_sides_of_every_kind_of_operation() {
    for body in [
        "return m * y;",
        "return m[, 1] .* y + sum(y) * m[, 2];",
        "vector[2] dy; for (i in 1:2) dy[i] = -m[i, i] * y[i] + log1p_exp(y[3 - i]); return dy;",
        "return [-inv_logit(y[1]) * m[1, 1], -y[2] / (1 + square(y[1])) + sqrt(1 + t)]';",
        "return to_vector({-y[1] ^ 3, lgamma(2 + square(y[2])) - beta(1 + y[1] ^ 2, 2.0)});",
        "return -(m' * m) * y + [sin(t), cos(t)]';",
        "vector[2] dy = rep_vector(0, 2); real s = 0; for (i in 1:20) { s = 0.5 * s + y[1 + i % 2] / i; dy[1] -= s; } \
         return dy;",
        "return -mdivide_left(m' * m + identity_matrix(2), y);",
    ] {
        agree(&format!(
            "functions {{ vector f(real t, vector y, matrix m) {{ {body} }} }}
            parameters {{ vector[2] u; matrix[2, 2] m; }} model {{
                array[2] vector[2] y = ode_rk45(f, u, 0.0, {{0.7, 1.5}}, -0.5 * abs(m));
                target += y[1, 1] * y[2, 2] + y[2, 1];
            }}"
        ));
    }
}

#[test]
fn systems_of_many_directions_run_in_a_loop_over_these() {
    agree(
        "functions { vector f(real t, vector y, vector k) {
            vector[6] dy;
            for (i in 1:6) dy[i] = k[1 + i % 5] * y[1 + i % 6] - exp(k[1]) * y[i] / (1 + square(y[i])) * log1p_exp(y[1 + (i + 2) % 6]);
            return dy;
        } } parameters { vector[6] u; vector[5] v; } model {
            array[2] vector[6] y = ode_rk45(f, u, 0.0, {0.5, 1.0}, 0.5 * v);
            target += sum(y[1]) + dot_self(y[2]);
        }",
    );
}

#[test]
fn more_inputs_than_directions_agree_within_the_tolerances() {
    // Forward mode then follows the parameters' directions and not the inputs', and its steps are others.
    agree_within(
        1e-8,
        "functions { vector f(real t, vector y, vector k) { return -k .* y + 0.1 * sum(y); } }
        parameters { vector[9] u; vector[9] v; } model {
            array[2] vector[9] y = ode_rk45_tol(f, u, 0.0, {0.5, 1.0}, 1e-10, 1e-10, 100000, exp(v));
            target += sum(y[1]) + dot_self(y[2]);
        }",
    );
}

#[test]
fn solvers_in_loops_and_in_functions() {
    agree(
        "functions {
            vector f(real t, vector y, real k, real dose) { return -k * y + dose; }
            real last(real y0, real k, real dose) {
                array[1] vector[1] y = ode_rk45(f, [y0]', 0.0, {1.0}, k, dose);
                return y[1, 1];
            }
        } transformed data { array[3] real dose = {0.0, 1.0, 2.5}; }
        parameters { vector[3] k; real y0; } model {
            for (i in 1:3) target += last(y0, exp(k[i]), dose[i]) * i;
        }",
    );
}

#[test]
fn an_exponential_decay_and_a_harmonic_oscillator_have_their_closed_forms() {
    let decay = "functions { vector f(real t, vector y, real k) { return -k * y; } }
        parameters { real k; real y0; } model {
            target += ode_rk45_tol(f, [y0]', 0.0, {1.3}, 1e-10, 1e-10, 100000, k)[1, 1];
        }";
    let [(value, gradient), _] = native_and_dual(decay, &[0.8, 1.7]);
    let expected = (-0.8 * 1.3_f64).exp();
    assert!((value - 1.7 * expected).abs() < 1e-9, "{value}");
    assert!((gradient[0] + 1.3 * 1.7 * expected).abs() < 1e-9, "{gradient:?}");
    assert!((gradient[1] - expected).abs() < 1e-9, "{gradient:?}");

    let oscillator = "functions { vector f(real t, vector y, real w) { return [y[2], -square(w) * y[1]]'; } }
        parameters { real w; } model {
            target += ode_rk45_tol(f, [1.0, 0.0]', 0.0, {2.0}, 1e-10, 1e-10, 100000, w)[1, 1];
        }";
    let [(value, gradient), _] = native_and_dual(oscillator, &[1.1]);
    assert!((value - 2.2_f64.cos()).abs() < 1e-8, "{value}");
    assert!((gradient[0] + 2.0 * 2.2_f64.sin()).abs() < 1e-8, "{gradient:?}");
}

#[test]
fn roots_and_their_derivatives() {
    let head = "functions {
        vector g(vector y, real a, vector b) {
            return [y[1] * exp(0.1 * y[2]) - a, y[2] + 0.2 * y[1] ^ 2 - b[1] * b[2]]';
        }
        vector h(vector y, vector th, array[] real x_r, array[] int x_i) {
            return [y[1] - th[1] * x_r[1], y[1] * y[2] - th[2] - x_i[1]]';
        }
    } transformed data { vector[2] guess = [1, 1]'; array[1] real x_r = {1.5}; array[1] int x_i = {2}; }
    parameters { real u; vector[2] v; } ";
    for call in [
        "solve_newton(g, guess, exp(u), exp(v))",
        "solve_powell_tol(g, guess, 1e-12, 1e-12, 1000, 1.2, exp(v))",
        "solve_newton(g, guess + 0.1 * v, exp(u), [0.9, 1.1]')",
        "solve_newton(g, guess, 1.2, [0.9, 1.1]')",
        "algebra_solver(h, guess, exp(v), x_r, x_i)",
        "algebra_solver_newton(h, guess, exp(v), x_r, x_i, 1e-10, 1e-10, 1e3)",
    ] {
        agree(&format!("{head} model {{ vector[2] y = {call}; target += 2 * y[1] - square(y[2]) + u; }}"));
    }
}

#[test]
fn integrals_and_their_derivatives() {
    let head = "functions { real f(real x, real xc, array[] real th, data array[] real x_r, data array[] int x_i) {
        return exp(-th[1] * square(x - th[2])) * x_r[1] + x_i[1];
    } } transformed data { array[1] real x_r = {1.3}; array[1] int x_i = {0}; }
    parameters { vector[2] u; real b; } ";
    for call in [
        "integrate_1d(f, -1.0, 2.0, {exp(u[1]), u[2]}, x_r, x_i, 1e-9)",
        "integrate_1d(f, negative_infinity(), positive_infinity(), {exp(u[1]), 0.3}, x_r, x_i)",
        "integrate_1d(f, -0.5, 1.0 + 0.2 * b, {exp(u[1]), u[2]}, x_r, x_i)",
        "integrate_1d(f, 0.1 * b, 2.0, {0.5, 0.7}, x_r, x_i)",
        "integrate_1d(f, 0.0, 2.0, {0.5, 0.7}, x_r, x_i)",
    ] {
        agree(&format!("{head} model {{ target += {call} + sum(u) * b; }}"));
    }
}

#[test]
fn sums_and_maps_over_parts() {
    agree(
        "functions {
            real part(array[] real x, int start, int end, real mu, vector w) {
                return normal_lpdf(x | mu, 1.5) + sum(w[start:end]);
            }
            real mass_lpmf(array[] int y, int start, int end, vector p) { return binomial_lpmf(y | 5, inv_logit(p[start:end])); }
            vector job(vector phi, vector th, data array[] real x_r, data array[] int x_i) {
                return [phi[1] * th[1] * x_r[1] + x_i[1], exp(th[2]) * phi[2]]';
            }
        } transformed data {
            array[3] real x = {1.0, -0.5, 2.0};
            array[3] int y = {1, 4, 2};
            array[2, 1] real x_r = {{0.5}, {2.0}};
            array[2, 1] int x_i = {{3}, {4}};
        } parameters { real mu; vector[3] w; array[2] vector[2] th; } model {
            target += reduce_sum(part, x, 1, mu, w);
            target += reduce_sum_static(mass_lupmf, y, 2, w);
            target += reduce_sum(part, x[1:0], 1, mu, w);
            target += dot_self(map_rect(job, w, th, x_r, x_i));
        }",
    );
}
