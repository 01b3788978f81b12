//! Linear algebra with adjoints by hand against forward mode through the table, at sizes from nothing to several panels.
#![allow(clippy::panic, reason = "helpers of tests are parts of tests, though not in test functions")]

use std::fmt::Write;
use std::sync::Arc;

use hlmc_builtins::Library;
use hlmc_engine::{EngineKind, Prepared};
use hlmc_eval::BoundModel;
use hlmc_syntax::{Mode, NoIncludes};
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// How far value and gradient may differ, relative to the larger of their size and 1.
const TOLERANCE: f64 = 1e-10;

/// Sizes of matrices: around those at which a loop gives way to another.
const SIZES: [usize; 5] = [1, 2, 5, 17, 65];

/// Parameters that the matrices are made of, few so that forward mode is quick.
const N_PARAMETERS: usize = 5;

fn bind(program: &str, data: &str) -> BoundModel {
    let parsed = hlmc_syntax::parse(program, "test.stan", Mode::Program, &mut NoIncludes);
    let ast = parsed.program.unwrap_or_else(|| panic!("{:?}\n{program}", parsed.diagnostics));
    let checked = hlmc_check::check(&ast, &Library::new());
    let ir = checked.program.unwrap_or_else(|| panic!("{:?}\n{program}", checked.diagnostics));
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    BoundModel::bind(Arc::new(ir), data, &mut rng).unwrap_or_else(|mistakes| panic!("{mistakes:?}\n{program}"))
}

/// Both engines at some points, of which at least one must not be rejected.
fn agree(program: &str, data: &str) {
    let model = bind(program, data);
    let native = Prepared::new(EngineKind::Native, &model);
    assert_eq!(native.why_not_native(), None, "{program}");
    let (mut native, mut dual) = (native.engine(), Prepared::new(EngineKind::Dual, &model).engine());
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(20_261_122);
    let mut n_accepted = 0;
    for _ in 0..3 {
        let point: Vec<f64> = (0..model.dimension()).map(|_| 2.0 * rng.random::<f64>() - 1.0).collect();
        let (mut by_graph, mut by_duals) = (vec![0.0; point.len()], vec![0.0; point.len()]);
        let values =
            (native.log_density_gradient(&point, &mut by_graph), dual.log_density_gradient(&point, &mut by_duals));
        let (Ok(x), Ok(y)) = &values else {
            assert_eq!(values.0, values.1, "one engine rejects\n{program}");
            continue;
        };
        n_accepted += 1;
        assert!((x - y).abs() <= TOLERANCE * y.abs().max(1.0), "log density {x} against {y}\n{program}");
        let size = by_duals.iter().fold(1.0, |size: f64, partial| size.max(partial.abs()));
        for (i, (x, y)) in by_graph.iter().zip(&by_duals).enumerate() {
            assert!((x - y).abs() <= TOLERANCE * size, "gradient[{i}] {x} against {y}\n{program}");
        }
    }
    assert!(n_accepted > 0, "no point is accepted\n{program}");
}

/// Data of matrices `c[1..N_PARAMETERS]`, `k`, vectors `x`, `z` and weights of results.
fn data(n: usize) -> String {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(n as u64);
    let mut vector = |n: usize| {
        let numbers: Vec<String> = (0..n).map(|_| format!("{:.6}", 2.0 * rng.random::<f64>() - 1.0)).collect();
        format!("[{}]", numbers.join(","))
    };
    let mut matrix = |rows: usize, cols: usize| {
        let rows: Vec<String> = (0..rows).map(|_| vector(cols)).collect();
        format!("[{}]", rows.join(","))
    };
    let c: Vec<String> = (0..N_PARAMETERS).map(|_| matrix(n, n)).collect();
    let mut text = format!(r#"{{"n": {n}, "c": [{}], "k": {}"#, c.join(","), matrix(n, n));
    let (x, z) = (matrix(1, n), matrix(3, n));
    let _ = write!(text, r#", "x": {}, "z": {z}}}"#, &x[1..x.len() - 1]);
    text
}

/// A program around statements: `a` is a general matrix, `s` symmetric positive definite, `l` lower triangular, `v` a
/// vector, all of parameters; `k`, `x`, `z` are known; `weigh` makes a number of a matrix that its every entry counts in.
fn program(statements: &str) -> String {
    format!(
        "functions {{
          real weigh(matrix m) {{
            real total = 0;
            for (j in 1:cols(m)) total += dot_product(m[, j], linspaced_vector(rows(m), -1, 2 + j));
            return total / (rows(m) + 1);
          }}
        }}
        data {{ int n; array[{N_PARAMETERS}] matrix[n, n] c; matrix[n, n] k; vector[n] x; array[3] vector[n] z; }}
        parameters {{ vector[{N_PARAMETERS}] u; }}
        model {{
          matrix[n, n] a = add_diag(u[1] * c[1] + u[2] * c[2] + u[3] * c[3] + u[4] * c[4] + u[5] * c[5], 0.5 + n);
          matrix[n, n] s = add_diag(tcrossprod(a) / (n + 1), 1);
          matrix[n, n] l = cholesky_decompose(s);
          vector[n] v = a * x / (n + 1);
          {statements}
        }}"
    )
}

fn agree_at_all_sizes(statements: &[&str]) {
    for n in SIZES {
        let data = data(n);
        for statement in statements {
            agree(&program(statement), &data);
        }
    }
}

#[test]
fn products() {
    agree_at_all_sizes(&[
        "target += weigh(a * s) + sum(s * v) + sum(v' * a);",
        "target += weigh(k * a) + weigh(a * k) + weigh(a * a);",
        "target += weigh(v * v') + dot_product(k * v, x) + sum(v' * k);",
        "target += weigh(crossprod(a)) + weigh(tcrossprod(a)) + weigh(multiply_lower_tri_self_transpose(a));",
        "target += weigh(quad_form(a, s)) + quad_form(a, v) + weigh(quad_form_sym(s, a)) + trace_quad_form(s, a);",
        "target += weigh(quad_form_diag(a, v)) + weigh(diag_pre_multiply(v, a)) + weigh(diag_post_multiply(a, v));",
        "target += trace(a * s) + weigh(add_diag(a, v));",
    ]);
}

#[test]
fn systems_and_decompositions() {
    agree_at_all_sizes(&[
        "target += weigh(cholesky_decompose(s));",
        "target += weigh(inverse_spd(s)) + weigh(inverse(a)) + log_determinant_spd(s) + log_determinant(a);",
        "target += weigh(chol2inv(l)) + weigh(mdivide_left_spd(s, a)) + weigh(mdivide_right_spd(a, s));",
        "target += weigh(mdivide_left_tri_low(l, a)) + weigh(mdivide_right_tri_low(a, l));",
        "target += weigh(mdivide_left_tri_low(l, k)) + sum(mdivide_left_tri_low(l, v)) + sum(mdivide_right_tri_low(v', l));",
        "target += weigh(a \\ s) + weigh(s / a) + sum(a \\ v) + sum(v' / a) + weigh(a \\ k);",
    ]);
}

#[test]
fn eigenvalues_and_eigenvectors() {
    for n in [1, 2, 5, 17] {
        agree(&program("target += weigh(eigenvectors_sym(s)) + sum(log(eigenvalues_sym(s)) .* v);"), &data(n));
        agree(&program("target += sum(log(eigenvalues_sym(s)));"), &data(n));
    }
}

#[test]
fn multivariate_densities() {
    agree_at_all_sizes(&[
        "x ~ multi_normal(v, s); target += multi_normal_lpdf(z | v, s);",
        "x ~ multi_normal_cholesky(v, l); target += multi_normal_cholesky_lpdf(z | v, l);",
        "z ~ multi_normal(rep_vector(0, n), s); v ~ multi_normal(x, add_diag(tcrossprod(k), 1));",
        "x ~ multi_normal_prec(v, s); target += multi_normal_prec_lpdf(z | v, s);",
        "z ~ multi_student_t(4, v, s); target += multi_student_t_lpdf(x | exp(u[1]), v, s);",
        "z ~ multi_student_t_cholesky(exp(u[2]), v, l);",
        "k ~ multi_gp(s, exp(v)); target += multi_gp_cholesky_lpdf(a | l, exp(v));",
        "for (i in 1:3) z[i] ~ multi_normal(v, s); for (i in 1:3) z[i] ~ multi_student_t(5, v * u[1], s);",
        "for (i in 1:3) target += i * multi_normal_cholesky_lpdf(z[i] | v * u[i], l);",
        "s ~ wishart(n + 2, add_diag(tcrossprod(k), 1)); target += wishart_lpdf(s | n + exp(u[1]), l * l');",
        "s ~ inv_wishart(n + 2, add_diag(tcrossprod(k), 1)); target += inv_wishart_lpdf(s | n + exp(u[1]), l * l');",
    ]);
}

#[test]
fn covariances_of_gaussian_processes() {
    let kernels = ["gp_exp_quad_cov", "gp_exponential_cov", "gp_matern32_cov", "gp_matern52_cov"];
    for n in [1, 2, 5, 17] {
        let data = data(n);
        for kernel in kernels {
            let call = |arguments: &str| format!("target += weigh({kernel}({arguments}));");
            agree(&program(&call("linspaced_array(n, 0, n), exp(u[1]), exp(u[2])")), &data);
            agree(&program(&call("to_array_1d(x), exp(u[1]), exp(u[2])")), &data);
            agree(&program(&call("z, exp(u[1]), exp(u[2])")), &data);
            agree(&program(&call("z, c[1, 1:2], exp(u[1]), exp(u[2])").replace("c[1, 1:2]", "{x, x + 1}")), &data);
            agree(&program(&call("z, exp(u[1]), rep_array(exp(u[2]), n)")), &data);
            agree(&program(&call("to_array_1d(v), exp(u[1]), exp(u[2])")), &data);
            agree(&program(&call("to_array_1d(v), to_array_1d(x), exp(u[1]), exp(u[2])")), &data);
        }
        agree(&program("target += weigh(gp_periodic_cov(z, exp(u[1]), exp(u[2]), exp(u[3])));"), &data);
        agree(&program("target += weigh(gp_periodic_cov(to_array_1d(v), exp(u[1]), exp(u[2]), exp(u[3])));"), &data);
    }
}

#[test]
fn reductions_of_vectors() {
    agree_at_all_sizes(&[
        "vector[n] w = linspaced_vector(n, 1, 3); target += dot_product(softmax(v), w) + dot_product(log_softmax(v), w);",
        "target += log_sum_exp(v) + log_sum_exp(a) + prod(v + 1) + dot_product(cumulative_sum(v), v);",
        "if (n > 1) target += variance(v) + sd(v) + mean(v) + dot_self(v) + squared_distance(v, x);",
        "softmax(v) ~ dirichlet(exp(v)); target += dirichlet_lpdf(softmax(v) | rep_vector(0.5, n));",
        "for (i in 1:3) target += i * softmax(z[i] * u[i])[1] + log_softmax(z[i] .* v)[n];",
    ]);
}

#[test]
fn a_product_with_a_factor_of_zero_has_a_derivative() {
    let program = "parameters { vector[4] u; } model { target += prod([u[1], 0 * u[2], u[3], u[4]]); }";
    agree(program, "{}");
}

#[test]
fn sparse_products() {
    let program = "parameters { vector[3] b; vector[4] w; } model {
        array[4] int columns = {1, 3, 2, 3};
        array[5] int starts = {1, 3, 3, 4, 5};
        target += dot_self(csr_matrix_times_vector(4, 3, w, columns, starts, b));
        target += sum(exp(csr_matrix_times_vector(4, 3, [1.5, 2, 0.5, -1]', columns, starts, b)));
    }";
    agree(program, "{}");
    let program =
        "transformed data { matrix[40, 9] m = rep_matrix(0, 40, 9); for (i in 1:40) m[i, 1 + i % 9] = i / 40.0; }
        parameters { vector[9] b; } model { target += dot_self(m * b) + sum(exp(b' * m')); }";
    agree(program, "{}");
}

#[test]
fn tall_and_wide_known_matrices() {
    for (rows, cols) in [(1, 5), (3, 40), (15, 4), (16, 5), (33, 7), (2050, 6)] {
        let program = format!(
            "transformed data {{ matrix[{rows}, {cols}] m;
               for (i in 1:{rows}) for (j in 1:{cols}) m[i, j] = sin(i * 1.5 + j * j); }}
             parameters {{ vector[{cols}] b; }} model {{ target += -dot_self(m * b) + sum(m * b); }}"
        );
        agree(&program, "{}");
    }
}

#[test]
fn constrained_parameters() {
    for n in [1, 2, 5, 17] {
        let sizes = format!("{{\"n\": {n}, \"m\": {}}}", n + 1);
        for (declaration, total) in [
            ("simplex[n] p", "dot_product(p, linspaced_vector(n, -1, 2)) + sum(square(p))"),
            ("ordered[n] p", "dot_product(p, linspaced_vector(n, -1, 2))"),
            ("positive_ordered[n] p", "dot_product(p, linspaced_vector(n, -1, 2))"),
            ("unit_vector[n] p", "dot_product(p, linspaced_vector(n, -1, 2))"),
            ("sum_to_zero_vector[n] p", "dot_product(p, linspaced_vector(n, -1, 2)) + sum(square(p))"),
            ("sum_to_zero_matrix[n, m] p", "dot_product(to_vector(p), linspaced_vector(n * m, -1, 2))"),
            ("cholesky_factor_corr[n] p", "dot_product(to_vector(p), linspaced_vector(n * n, -1, 2))"),
            ("cholesky_factor_cov[m, n] p", "dot_product(to_vector(p), linspaced_vector(n * m, -1, 2))"),
            ("cholesky_factor_cov[n] p", "dot_product(to_vector(p), linspaced_vector(n * n, -1, 2))"),
            ("corr_matrix[n] p", "dot_product(to_vector(p), linspaced_vector(n * n, -1, 2))"),
            ("cov_matrix[n] p", "dot_product(to_vector(p), linspaced_vector(n * n, -1, 2))"),
            ("column_stochastic_matrix[n, m] p", "dot_product(to_vector(p), linspaced_vector(n * m, -1, 2))"),
            ("row_stochastic_matrix[n, m] p", "dot_product(to_vector(p), linspaced_vector(n * m, -1, 2))"),
            ("array[2] simplex[n] p", "dot_product(p[1], linspaced_vector(n, -1, 2)) + sum(square(p[2]))"),
        ] {
            let program =
                format!("data {{ int n; int m; }} parameters {{ {declaration}; }} model {{ target += {total}; }}");
            agree(&program, &sizes);
        }
        for statement in [
            "L ~ lkj_corr_cholesky(2); target += lkj_corr_cholesky_lpdf(L | 1 + eta);",
            "multiply_lower_tri_self_transpose(L) ~ lkj_corr(1.5); target += lkj_corr_lpdf(L * L' | 1 + eta);",
        ] {
            let program = format!(
                "data {{ int n; int m; }} parameters {{ cholesky_factor_corr[n] L; real<lower=0> eta; }}
                 model {{ {statement} }}"
            );
            agree(&program, &sizes);
        }
    }
}

#[test]
fn empty_matrices() {
    let program = "data { int n; } parameters { matrix[n, n] a; vector[n] v; simplex[1] one; real r; } model {
        target += r + sum(a * v) + log_sum_exp(append_row(v, r)) + sum(cumulative_sum(v)) + sum(one);
    }";
    agree(program, r#"{"n": 0}"#);
}

#[test]
fn what_is_not_positive_definite_is_rejected_by_both_engines() {
    let data = data(3);
    for statement in ["target += sum(cholesky_decompose(-s));", "x ~ multi_normal(v, -s);", "x ~ multi_normal(v, a);"] {
        let model = bind(&program(statement), &data);
        let point = [0.25; N_PARAMETERS];
        for kind in [EngineKind::Native, EngineKind::Dual] {
            let mut engine = Prepared::new(kind, &model).engine();
            assert!(engine.log_density_gradient(&point, &mut [0.0; N_PARAMETERS]).is_err(), "{statement}");
        }
    }
}
