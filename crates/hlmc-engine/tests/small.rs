//! Functions of short vectors and small matrices that differ between the turns of a loop: loops over them and recurrences
//! through them are recorded once, and agree with forward mode.

mod support;

use support::{agree, bind, n_calls_of_lanes, n_nodes};

const VECTORS: &[&str] = &[
    "s * variance(s)",
    "s / (1 + sd(s))",
    "s * prod(s)",
    "s / (1 + norm1(s))",
    "s / (1 + norm2(s))",
    "s * distance(s, a)",
    "cumulative_sum(softmax(s)) * log_sum_exp(s) + log_softmax(s)",
];

/// Products, with matrices `A` and `M` of which the second differs between turns.
const MATRICES: &[&str] = &[
    "diag_pre_multiply(s, A) * a + diag_post_multiply(M, s) * a",
    "rows_dot_product(M, A) + columns_dot_product(A, M)'",
    "s * trace(M) + s * trace_quad_form(M, s)",
    "crossprod(M) * a + tcrossprod(M) * a + multiply_lower_tri_self_transpose(M) * a",
    "add_diag(M, s) * a + add_diag(M, 2) * a + add_diag(A, s) * a",
    "quad_form(M, s) * a + quad_form_diag(M, s) * a + quad_form(A, M) * a",
];

/// Quotients, with a matrix `P` that is positive definite and differs between turns.
const QUOTIENTS: &[&str] = &[
    "cholesky_decompose(P) * a + s * log_determinant_spd(P) + s * log_determinant(P)",
    "inverse(P) * a + inverse_spd(P) * s + chol2inv(cholesky_decompose(P)) * s",
    "mdivide_left(P, s) + (s' / P)' + (P \\ s)",
    "mdivide_left(M, s) + (s' / M)' + inverse(M) * s + s * log_determinant(M)",
    "mdivide_left_spd(P, s) + mdivide_right_spd(s', P)'",
    "mdivide_left_tri_low(cholesky_decompose(P), s) + mdivide_right_tri_low(s', cholesky_decompose(P))'",
    "s * multi_normal_lpdf(a | s, P)",
    "s * multi_normal_cholesky_lpdf(a | s, cholesky_decompose(P))",
    "quad_form_sym(P, s) * a + quad_form_sym(P, A) * a",
];

fn program(n: usize, loop_: &str) -> String {
    format!(
        "transformed data {{ int n = {n}; }}
        parameters {{ vector[3] a; matrix[3, 3] A; array[n] vector[3] e; cov_matrix[3] S; }}
        model {{ vector[3] s = a; for (i in 1:n) {{ matrix[3, 3] M = A + s * a'; matrix[3, 3] P = s * s' + add_diag(S, 0.1);
            {loop_} }} target += -dot_self(s); }}"
    )
}

/// Agrees with forward mode, and has as many nodes for twice as many turns.
fn agree_once(name: &str, loop_: &str) {
    agree(name, &program(5, loop_), "{}");
    let [few, many] = [300, 600].map(|n| n_nodes(&bind(&program(n, loop_), "{}")));
    assert_eq!(few, many, "{name}: nodes grow with the turns");
}

#[test]
fn recurrences_through_vectors() {
    for function in VECTORS {
        agree_once(function, &format!("s = 0.1 * ({function}) + e[i];"));
    }
}

#[test]
fn recurrences_through_matrices() {
    for function in MATRICES.iter().chain(QUOTIENTS) {
        agree_once(function, &format!("s = 0.01 * ({function}) + e[i];"));
    }
}

#[test]
fn loops() {
    for function in VECTORS.iter().chain(MATRICES).chain(QUOTIENTS) {
        agree_once(function, &format!("target += -0.01 * dot_self(({function}) + e[i]); s = e[i];"));
    }
}

/// With a row more a triangular matrix has a node more for each entry of the row, and no more.
#[test]
fn divisions_by_larger_triangular_matrices() {
    let program = |n: usize, m: usize, turn: &str| {
        format!(
            "transformed data {{ int n = {n}; int m = {m}; array[n] vector[m] y;
                for (i in 1:n) for (j in 1:m) y[i, j] = sin(i * j + 0.5 * j); }}
            parameters {{ cholesky_factor_corr[m] L; vector[m] a; real z; }}
            model {{ z ~ normal(0, 1); for (i in 1:n) {{ {turn} }} }}"
        )
    };
    for turn in [
        "target += -dot_self(mdivide_left_tri_low(L, y[i]));",
        "target += -dot_self(mdivide_left_tri_low(L, a .* y[i])) - dot_self(mdivide_right_tri_low(y[i]', L));",
        "if (y[i, 1] * z > 0) target += -dot_self(mdivide_left_tri_low(add_diag(L, exp(z * y[i])), y[i]));",
        "y[i] ~ multi_normal_cholesky(a, add_diag(L, exp(z * y[i])));",
    ] {
        [2, 6, 10, 14].iter().for_each(|m| agree(turn, &program(40, *m, turn), "{}"));
        let [few, many] = [300, 600].map(|n| bind(&program(n, 10, turn), "{}"));
        assert_eq!(n_nodes(&few), n_nodes(&many), "{turn}: nodes grow with the turns");
        assert_eq!(n_calls_of_lanes(&few), 0, "{turn}");
    }
}

#[test]
fn a_kalman_filter() {
    let program = |n: usize| {
        format!(
            "transformed data {{ int n = {n}; array[n] vector[2] y; for (i in 1:n) y[i] = [sin(i), cos(2 * i)]'; }}
            parameters {{ matrix[2, 2] A; cov_matrix[2] Q; cov_matrix[2] R; vector[2] m0; }}
            model {{ vector[2] m = m0; matrix[2, 2] P = Q; to_vector(A) ~ normal(0, 1);
            for (i in 1:n) {{
                matrix[2, 2] F; matrix[2, 2] K; vector[2] r;
                m = 0.1 * A * m; P = quad_form_sym(P, 0.1 * A') + Q;
                F = P + R; r = y[i] - m; K = P / F;
                y[i] ~ multi_normal(m, 0.5 * (F + F'));
                m += K * r; P = P - K * F * K'; P = 0.5 * (P + P');
            }} }}"
        )
    };
    agree("a Kalman filter", &program(9), "{}");
    assert_eq!(n_nodes(&bind(&program(300), "{}")), n_nodes(&bind(&program(600), "{}")), "nodes grow with the turns");
}

#[test]
fn matrices_of_groups() {
    let program = "transformed data { int n = 12; }
        parameters { array[n] vector[2] y; array[n] real<lower=0> t; cov_matrix[2] S; vector<lower=0>[2] d; cholesky_factor_corr[2] L; }
        model { for (i in 1:n) y[i] ~ multi_normal([0, 1]', S * t[i]);
            for (i in 1:n) y[i] ~ multi_normal_cholesky([0, 1]', diag_pre_multiply(d * t[i], L));
            for (i in 1:n) target += multi_normal_lpdf(y[i] | y[n + 1 - i], S * t[i]); }";
    agree("covariances of groups", program, "{}");
}

#[test]
fn matrices_that_are_refused() {
    let program = "transformed data { int n = 9; }
        parameters { array[n] vector[2] y; real a; }
        model { for (i in 1:n) { matrix[2, 2] m = [[exp(y[i, 1]), a], [a, 1]]; y[i] ~ multi_normal([0, 1]', m); }
            for (i in 1:n) target += sum(cholesky_decompose([[2, y[i, 1]], [y[i, 1], 4]])); }";
    agree("matrices that may not be positive definite", program, "{}");
    let asymmetric = "transformed data { int n = 9; } parameters { array[n] vector[2] y; }
        model { for (i in 1:n) target += log_determinant_spd([[9, y[i, 1]], [y[i, 2], 9]]); }";
    agree("matrices that are not symmetric", asymmetric, "{}");
}
