//! Functions that see whole values, of arguments that differ between the turns of a loop: the loop is recorded once, with a
//! function of each lane, and agrees with forward mode.

mod support;

use std::sync::Arc;

use hlmc_native::apply::Tables;
use hlmc_native::execute::{Program, Runner};
use hlmc_native::record::{self, Recording};
use support::{agree, bind, n_nodes};

/// What every turn has: the vector `v` and the matrix `M` of 5 by 5, which depend on parameters, the symmetric positive
/// definite `S` of the same size, the scalar `z`, and the integers `k` from 1 to 3.
fn program(n: usize, statements: &str) -> String {
    format!(
        "transformed data {{ int n = {n}; array[n] vector[5] d; array[n] int k; vector[5] unit = rep_vector(0.2, 5);
            for (i in 1:n) {{ k[i] = 1 + i % 3; for (j in 1:5) d[i, j] = sin(i * j + 0.5 * j); }} }}
        parameters {{ vector[5] a; real x; real<lower=0> s; ordered[3] c; cholesky_factor_corr[5] L; cov_matrix[5] W; }}
        model {{ matrix[5, 5] C = add_diag(0.1 * W, 2); x ~ normal(0, 1); s ~ lognormal(0, 1);
            for (i in 1:n) {{
                vector[5] v = 0.5 * a .* d[i] + 0.1 * d[i];
                real z = x * d[i, 2] + 0.3 * d[i, 1];
                matrix[5, 5] M = add_diag(0.1 * v * d[i]', 1.5 + 0.1 * d[i]);
                matrix[5, 5] S = add_diag(0.1 * M * M', s);
                {statements}
            }}
        }}"
    )
}

/// Agrees with forward mode, and has as many nodes for twice as many turns.
fn agree_once(statements: &str) {
    agree(statements, &program(18, statements), "{}");
    let [few, many] = [300, 600].map(|n| n_nodes(&bind(&program(n, statements), "{}")));
    assert_eq!(few, many, "{statements}: nodes grow with the turns");
}

fn agree_for(statements: &[&str]) {
    statements.iter().for_each(|statements| agree_once(statements));
}

#[test]
fn functions_of_the_table() {
    agree_for(&[
        "target += -dot_self(head(sort_asc(v), 3)) + sort_desc(v)[2];",
        "target += -0.01 * dot_self(matrix_exp(0.1 * M) * v);",
        "target += -dot_self(svd_U(S)' * v) * 0.01;",
        "target += log_softmax(append_row(v, v))[3] - norm2(singular_values(S)) * 0.1;",
        "target += -0.1 * sum(generalized_inverse(M)) - 0.1 * sum(qr_R(M));",
        "target += -0.1 * sum(matrix_power(0.2 * M, 3));",
    ]);
}

#[test]
fn linear_algebra() {
    agree_for(&[
        "target += -dot_self(eigenvalues_sym(S)) * 0.01;",
        "target += -dot_self(inverse(M) * v) + 0.1 * log_determinant(M);",
        "target += determinant(0.3 * M) + trace(M);",
        "target += -dot_self(M \\ v) - dot_self((v' / M)') - dot_self(inverse_spd(C) * v);",
        "target += -sum(square(mdivide_left_spd(add_diag(C, s + square(z)), v)));",
        "target += sum(columns_dot_product(append_row(S, M), append_row(M, S))) * 0.01;",
        "target += sum(rows_dot_product(append_row(S, M), append_row(M, S))) * 0.01;",
        "target += 0.01 * sum(append_row(S, M) * append_col(M, S));",
        "target += 0.01 * (variance(append_row(to_vector(S), to_vector(M))) + prod(0.5 + 0.1 * append_row(v, v)));",
    ]);
}

#[test]
fn covariance_functions() {
    agree_for(&[
        "target += multi_normal_lpdf(v | unit, add_diag(gp_exp_quad_cov(to_array_1d(d[i]), s, 1 + square(z)), 0.5));",
        "target += 0.1 * sum(gp_matern32_cov(to_array_1d(v), s, 1 + square(z)));",
    ]);
}

#[test]
fn densities() {
    agree_for(&[
        "target += ordered_logistic_lpmf(k[i] | z, c);",
        "k[i] ~ ordered_probit(z, c);",
        "target += multi_normal_prec_lpdf(v | unit, S);",
        "v ~ multi_student_t(4 + s, unit, S);",
        "target += multi_student_t_cholesky_lpdf(v | 4, unit, add_diag(diag_pre_multiply(exp(v), L), 1.5));",
        "S ~ wishart(6 + square(z), C);",
        "target += inv_wishart_lpdf(C | 7.5, S);",
        "L ~ lkj_corr_cholesky(1 + square(z));",
        "target += lkj_corr_lpdf(multiply_lower_tri_self_transpose(L) | 1 + square(z));",
        "target += dirichlet_lpdf(softmax(append_row(v, rep_vector(z, 40))) | rep_vector(s, 45));",
    ]);
}

#[test]
fn larger_matrices() {
    let program = |n: usize| {
        format!(
            "transformed data {{ int n = {n}; int m = 9; array[n] vector[m] d; matrix[30, m] K;
                for (j in 1:m) {{ for (i in 1:n) d[i, j] = sin(i * j + 0.5 * j); for (i in 1:30) K[i, j] = cos(i * j); }} }}
            parameters {{ vector[m] a; cholesky_factor_corr[m] L; }}
            model {{ a ~ normal(0, 1);
                for (i in 1:n) {{
                    matrix[m, m] F = diag_pre_multiply(exp(0.5 * a .* d[i]), L);
                    d[i] ~ multi_normal(a, add_diag(tcrossprod(F), 3));
                    d[i] ~ multi_normal_cholesky(a, add_diag(F, 3));
                    target += -0.01 * dot_self(K * (a .* d[i])) - 0.01 * sum(square(K * F));
                }}
            }}"
        )
    };
    agree("larger matrices", &program(18), "{}");
    assert_eq!(n_nodes(&bind(&program(300), "{}")), n_nodes(&bind(&program(400), "{}")), "nodes grow with the turns");
}

/// Solvers whose arguments differ between turns, of no more unknowns than forward mode takes in one pass: then both take the
/// same steps.
fn solves_once(statement: &str) {
    agree(statement, &solving(18, statement), "{}");
    let [few, many] = [300, 600].map(|n| n_nodes(&bind(&solving(n, statement), "{}")));
    assert_eq!(few, many, "{statement}: nodes grow with the turns");
}

fn solving(n: usize, statement: &str) -> String {
    format!(
        "functions {{
                vector decay(real t, vector y, real rate, real shift) {{ return [y[2], -rate * y[1] - shift * y[2]]'; }}
                vector shifted(real t, vector y, tuple(real, vector) p) {{ return decay(t, y, p.1, p.2[1] * p.2[2]); }}
                vector fixed(vector x, vector theta, array[] real r, array[] int i) {{
                    return [x[1] - cos(theta[1] * x[1]) - r[1]]'; }}
                real bump(real x, real xc, array[] real theta, array[] real r, array[] int i) {{
                    return exp(-theta[1] * x * x) + r[1]; }} }}
            transformed data {{ int n = {n}; array[n] real d; for (i in 1:n) d[i] = sin(1.3 * i); }}
            parameters {{ array[8] real a; real x; real<lower=0> s; }}
            model {{ a ~ normal(0, 1); x ~ normal(0, 1);
                for (i in 1:n) {{ int j = 1 + i % 8; real z = exp(0.3 * a[j] * d[i]); {statement} }} }}"
    )
}

#[test]
fn solvers() {
    solves_once("target += -dot_self(ode_rk45(decay, [1, x]', 0, {1.0}, z, s)[1]);");
    solves_once("target += -dot_self(ode_rk45(decay, [0.1, z]', 0, {0.5, 1 + square(d[i])}, s, 0.3)[2]);");
    solves_once("target += -dot_self(ode_bdf(decay, [1, x]', 0, {1 + d[i] * d[i]}, 0.7, 0.2)[1]);");
    solves_once("target += -dot_self(ode_rk45(decay, [1, z]', 0, {1.0}, s, d[i])[1]);");
    solves_once("target += -dot_self(ode_rk45(decay, [1, z]', d[i], {2.0}, s, x)[1]);");
    solves_once("target += -dot_self(ode_rk45(decay, [d[i], z]', 0, {1.0, 1.5 + x * x}, d[i] + 1, d[i])[2]);");
    solves_once("target += -dot_self(ode_rk45(decay, [d[i], 1]', 0, {1 + d[i] * d[i], 2 + s}, z, 0.5)[2]);");
    solves_once("target += -dot_self(ode_rk45(shifted, [1, z]', 0, {1.0}, (s, [d[i], 1]'))[1]);");
    solves_once("if (a[j] > 0) target += -dot_self(ode_rk45(decay, [1, z]', 0, {1.0}, s, d[i])[1]);");
    solves_once("if (d[i] > 0) target += -dot_self(ode_rk45(decay, [1, z]', 0, {1.0}, s, d[i])[1]);");
    solves_once("target += -algebra_solver(fixed, [0.3]', [0.5 + 0.1 * tanh(a[j])]', {d[i] * 0.1}, {1})[1];");
    solves_once("target += -integrate_1d(bump, 0, 1 + square(d[i]), {z}, {d[i]}, {1});");
    solves_once("if (d[i] > 0) target += -integrate_1d(bump, 0, 1, {z}, {d[i]}, {1});");
    solves_once("if (a[j] > 0) target += -integrate_1d(bump, 0, 1, {z}, {0.5}, {1});");
}

#[test]
fn results_that_are_kept() {
    let program = |n: usize| {
        format!(
            "transformed data {{ int n = {n}; array[n] vector[3] d; for (i in 1:n) for (j in 1:3) d[i, j] = cos(i * j); }}
            parameters {{ vector[3] a; real x; }}
            transformed parameters {{
                array[n] matrix[3, 3] E; array[n] vector[3] w;
                for (i in 1:n) {{ E[i] = matrix_exp(0.1 * (a .* d[i]) * d[i]'); w[i] = sort_asc(a .* d[i]); }}
            }}
            model {{ for (i in 1:n) target += -0.1 * sum(E[i] * w[n + 1 - i]); a ~ normal(0, 1); }}"
        )
    };
    agree("kept", &program(20), "{}");
    assert_eq!(n_nodes(&bind(&program(300), "{}")), n_nodes(&bind(&program(600), "{}")), "nodes grow with the turns");
}

#[test]
fn integers_that_differ_between_turns() {
    agree_for(&[
        "target += -0.1 * sum(matrix_power(0.3 * M, k[i]));",
        "target += -sort_indices_asc({k[i], 2, 3 - k[i]})[1] * square(z) + rank(d[i], k[i]) * z * 0.1;",
        "array[2] int o = {k[i], 3}; target += ordered_logistic_lpmf(o | [z, x]', c);",
        "target += -square(sort_asc(v)[k[i]]);",
    ]);
}

#[test]
fn known_values_are_computed_while_the_loop_is_recorded() {
    let program = |n: usize| {
        format!(
            "transformed data {{ int n = {n}; array[n] vector[3] d; for (i in 1:n) for (j in 1:3) d[i, j] = cos(i * j); }}
            parameters {{ vector[3] a; }}
            model {{ for (i in 1:n) {{
                array[3] int o = sort_indices_asc(d[i]);
                target += -0.1 * o[1] * square(a[rank(d[i], 2) + 1]) - dot_self(matrix_exp(0.1 * d[i] * d[i]') * a);
                target += ordered_logistic_lpmf(o[1] | 0.3, d[1, 1] + [0, 1]') * a[1];
            }} }}"
        )
    };
    agree("known", &program(20), "{}");
    assert_eq!(n_nodes(&bind(&program(300), "{}")), n_nodes(&bind(&program(600), "{}")), "nodes grow with the turns");
}

/// Straight code takes less time there.
#[test]
fn loops_of_few_turns_are_unrolled() {
    let statements = "target += -dot_self(eigenvalues_sym(S));";
    let [eight, sixteen, more, many] = [8, 16, 17, 60].map(|n| n_nodes(&bind(&program(n, statements), "{}")));
    assert!(2 * eight > sixteen && eight < sixteen && sixteen > more, "{eight} nodes, {sixteen} and {more}");
    assert_eq!(more, many, "nodes grow with the turns");
    agree("few turns", &program(16, statements), "{}");
}

/// Whether the graph alone has a value and a gradient at a point.
fn has_value(program: &str, position: &[f64]) -> bool {
    let (model, tables) = (bind(program, "{}"), Arc::new(Tables::new()));
    let recording = record::record(model.program(), model.data(), &tables, None);
    let Ok(Recording { graph, result, dimension, .. }) = recording else { return false };
    let mut gradient = vec![0.0; position.len()];
    let value =
        Runner::new(Arc::new(Program::new(&graph, result, dimension, &tables))).evaluate(position, &mut gradient);
    value.is_some() && gradient.iter().all(|partial| partial.is_finite())
}

/// A function in a branch that is not taken is not called: here it would have no value.
#[test]
fn branches_that_some_turns_do_not_take() {
    let program = |branch: &str| {
        format!(
            "transformed data {{ int n = 18; int m = 9; vector[m] u = rep_vector(0.4, m); }}
            parameters {{ vector[n] y; real x; }}
            model {{ y ~ normal(0, 1); x ~ normal(0, 1); matrix[m, m] I = identity_matrix(m); {branch} }}"
        )
    };
    let branches = [
        "for (i in 1:n) if (y[i] > 0) target += log_determinant_spd(y[i] * I) - sum(inverse_spd(y[i] * I));",
        "for (i in 1:n) { real z = y[i] > 0 ? multi_normal_lpdf(u | 0.1 * u, y[i] * I) : 0; target += z; }",
        "for (i in 1:n) if (y[i] > 0) u ~ multi_student_t(y[i], 0.1 * u, y[i] * I);",
        "for (i in 1:n) if (y[i] > 0) target += ordered_logistic_lpmf(1 + i % 3 | x, [0, y[i]]');",
        "for (i in 1:n) if (y[i] > 0) target += cholesky_decompose([[y[i], 0], [0, y[i]]])[1, 1] * x;",
        "for (i in 1:n) if (y[i] > 0) u[1:2] ~ multi_normal([x, 0]', [[y[i], 0], [0, y[i]]]);",
        "if (x > 0) target += log_determinant_spd(x * I) - trace(cholesky_decompose(x * I));",
        "if (x > 0) { u ~ multi_normal(0.1 * u, x * I); target += ordered_logistic_lpmf(2 | y[1], [0, x]'); }",
        "if (x > 0) for (i in 1:n) u ~ multi_normal(0.1 * u, (square(y[i]) + x) * I);",
        "for (i in 1:n) if (y[i] > 1) u ~ multi_normal(y[i] * u, x * I);",
    ];
    for branch in branches {
        let program = program(branch);
        agree(branch, &program, "{}");
        let position: Vec<f64> = (0..18).map(|i| 0.5 * f64::from(i - 9) / 9.0).chain([-0.5]).collect();
        assert!(has_value(&program, &position), "{branch}: the graph has no value");
    }
}

/// A recurrence is one scan, and has as many nodes for twice as many turns.
fn scans_once(loop_: &str) {
    let program = |n: usize| {
        format!(
            "transformed data {{ int n = {n}; array[n] vector[5] d; array[n] int k; matrix[30, 30] K;
                for (i in 1:n) {{ k[i] = 1 + i % 3; for (j in 1:5) d[i, j] = sin(i * j + 0.5 * j); }}
                for (i in 1:30) for (j in 1:30) K[i, j] = 0.03 * cos(i * j); }}
            parameters {{ vector[5] a; real x; ordered[3] c; }}
            model {{ vector[5] s = a; real z = x; x ~ normal(0, 1);
                for (i in 1:n) {{ {loop_} target += -0.1 * dot_self(s) - 0.1 * square(z); }} }}"
        )
    };
    agree(loop_, &program(18), "{}");
    let [few, many] = [300, 600].map(|n| {
        let model = bind(&program(n), "{}");
        let recording = record::record(model.program(), model.data(), &Arc::new(Tables::new()), None);
        recording.map_or((0, 0), |recording| (recording.graph.nodes().len(), recording.graph.scans.len()))
    });
    assert!(few.1 > 0, "{loop_} is no scan");
    assert_eq!(few, many, "{loop_}: nodes grow with the turns");
}

#[test]
fn recurrences() {
    let loops = [
        "s = 0.5 * sort_asc(s) + d[i];",
        "s = 0.5 * matrix_exp(0.1 * s * d[i]') * s + d[i];",
        "matrix[5, 5] M = add_diag(0.1 * s * a', 3 + d[i]); s = 0.5 * inverse(M) * s + d[i]; z = 0.5 * log_determinant(M);",
        "s = 0.5 * eigenvalues_sym(add_diag(0.1 * s * s', 2)) + d[i];",
        "matrix[9, 9] A = add_diag(0.1 * append_row(s, a[1:4]) * append_row(s, a[1:4])', 2);
            s = 0.5 * cholesky_decompose(A)[5:9, 5] + 0.1 * s + d[i];",
        "z = 0.3 * multi_normal_lpdf(append_row(s, d[i]) | rep_vector(z, 10), identity_matrix(10) * (2 + z * z)); s = d[i] * z;",
        "matrix[5, 5] C = add_diag(0.1 * a * a', 2); z = 0.1 * multi_normal_lpdf(s | rep_vector(0.5 * z, 5), C); s = 0.3 * s + d[i];",
        "matrix[5, 5] C = add_diag(0.1 * a * a', 2); z = 0.1 * multi_normal_prec_lpdf(d[i] | rep_vector(0.5 * z, 5), C);",
        "matrix[5, 5] C = add_diag(0.1 * a * a', 2); z = 0.1 * multi_student_t_lpdf(d[i] | 4, rep_vector(0.5 * z, 5), C);",
        "z = 0.1 * multi_normal_cholesky_lpdf(d[i] | rep_vector(0.5 * z, 5), diag_matrix(1 + 0.1 * square(a)));",
        "s = softmax(append_row(append_row(s, rep_vector(z, 50)), rep_vector(0.5, 20)))[1:5] + d[i]; z = 0.5 * z + s[2];",
        "vector[30] t = K * append_row(append_row(s, rep_vector(z, 20)), a); s = 0.1 * t[3:7] + d[i]; z = 0.1 * t[1];",
    ];
    loops.iter().for_each(|loop_| scans_once(loop_));
}

#[test]
fn recurrences_with_integers_branches_and_inner_loops() {
    let loops = [
        "z = 0.2 * ordered_logistic_lpmf(k[i] | z, c) + d[i, 1];",
        "if (z > 0) { s = 0.5 * sort_desc(s) + d[i]; } z = 0.5 * z + s[1] * 0.1;",
        "if (k[i] == 2) { s = 0.5 * sort_desc(s) + d[i]; } else { s = 0.9 * s; } z = 0.5 * z + s[1] * 0.1;",
        "for (j in 1:20) s = 0.5 * sort_asc(s) + 0.1 * j * d[i];",
        "for (j in 1:20) z = 0.2 * ordered_logistic_lpmf(k[i] | z + 0.1 * j, c) + d[i, 1];",
        "s = a; for (j in 1:20) s = 0.5 * sort_asc(s) + 0.1 * j * d[i];",
        "if (x > 0) s = 0.5 * sort_asc(s) + d[i]; else s = 0.5 * sort_desc(s) + z; z = 0.5 * z + 0.1 * s[1];",
    ];
    loops.iter().for_each(|loop_| scans_once(loop_));
}

#[test]
fn arrays_of_matrices() {
    let program = |n: usize, ty: &str| {
        format!(
            "parameters {{ array[{n}] {ty} P; real z; }}
            model {{ z ~ normal(0, 1); for (i in 1:{n}) target += -0.1 * sum(square(to_vector(P[i]) - z)); }}"
        )
    };
    for ty in [
        "cholesky_factor_corr[4]",
        "corr_matrix[4]",
        "cov_matrix[3]",
        "cholesky_factor_cov[4, 3]",
        "sum_to_zero_matrix[3, 4]",
        "column_stochastic_matrix[3, 2]",
        "row_stochastic_matrix[2, 3]",
        "simplex[9]",
        "ordered[9]",
        "unit_vector[9]",
        "corr_matrix[1]",
    ] {
        [0, 2, 7].iter().for_each(|n| agree(ty, &program(*n, ty), "{}"));
        let [few, many] = [20, 40].map(|n| n_nodes(&bind(&program(n, ty), "{}")));
        assert!(ty.contains("[9]") || few == many, "{ty}: {few} and {many} nodes");
    }
}
