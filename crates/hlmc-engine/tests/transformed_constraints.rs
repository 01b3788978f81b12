//! Constraints of transformed parameters, which only check; assignments to parts of parts; truncation of parameters.
//! The engines agree where all holds, and reject in the same words where it does not.

mod support;

use support::agree;

const DATA: &str = r#"{"n": 6, "d": [0.5, -1, 2, 0.25, -0.75, 1.5]}"#;

/// A program of two or more parameters with this transformed parameters block.
fn transformed(declarations: &str) -> String {
    format!(
        "data {{ int n; vector[n] d; }}
        parameters {{ simplex[3] s; simplex[3] t; ordered[3] o; unit_vector[3] u; sum_to_zero_vector[3] z;
            cholesky_factor_corr[3] L; cov_matrix[3] S; vector[3] v; }}
        transformed parameters {{ {declarations} }}
        model {{ v ~ normal(o, 2); o ~ normal(0, 1); d ~ normal(v[1], 1 + square(z[1])); target += -0.5 * trace(S); }}"
    )
}

fn holds(declarations: &str) {
    agree(declarations, &transformed(declarations), DATA);
}

#[test]
fn vectors_that_keep_their_constraint() {
    holds("simplex[3] a = s; array[2] simplex[3] b = {s, t}; array[2, 1] simplex[3] c = {{t}, {s}};");
    holds("ordered[3] a = o; positive_ordered[3] b = exp(o); unit_vector[3] c = u; sum_to_zero_vector[3] e = -z;");
    holds("simplex[3] a = 0.5 * (s + t); simplex[1] b = [1]'; ordered[0] c; ordered[n] e = linspaced_vector(n, 0, 1);");
}

#[test]
fn matrices_that_keep_their_constraint() {
    holds(
        "cholesky_factor_corr[3] a = L; corr_matrix[3] b = multiply_lower_tri_self_transpose(L); cov_matrix[3] c = S;",
    );
    holds("cholesky_factor_cov[3] a = cholesky_decompose(S); array[2] cov_matrix[3] b = {S, 2 * S};");
    holds("cholesky_factor_cov[3, 2] a = cholesky_decompose(S)[, 1:2]; sum_to_zero_matrix[3, 3] b = z * z';");
    holds("row_stochastic_matrix[2, 3] a = [s', t']; column_stochastic_matrix[3, 2] b = [s', t']';");
}

#[test]
fn bounds_of_containers_and_slots() {
    holds(
        "array[2] vector<lower=-90, upper=90>[3] a = {v, 2 * v}; vector<lower=d[1:3] - 90, upper=exp(o[3]) + 9>[3] b = v;",
    );
    holds("tuple(real<lower=-90>, simplex[3]) a = (v[1], s); tuple(vector<upper=0>[3], real) b = (-exp(v), 2);");
}

/// The programs whose points are rejected, some or all of them, by either engine.
#[test]
fn a_broken_constraint_rejects_the_point() {
    holds("simplex[3] a = s + 1e-7;");
    holds("simplex[3] a = s * 1.5;");
    holds("array[2] simplex[3] a = {s, t + z};");
    holds("ordered[3] a = v;");
    holds("positive_ordered[3] a = o;");
    holds("unit_vector[3] a = v;");
    holds("sum_to_zero_vector[3] a = v;");
    holds("corr_matrix[3] a = S;");
    holds("cov_matrix[3] a = S - 0.5 * identity_matrix(3);");
    holds("cholesky_factor_cov[3] a = S;");
    holds("cholesky_factor_corr[3] a = add_diag(L, v);");
    holds("tuple(real<lower=0>, simplex[3]) a = (v[1], s);");
    holds("array[2] vector<lower={o, z}>[3] a = {v, exp(o)}; vector<upper=o>[3] b = v;");
    holds("vector<lower=0>[3] a = sqrt(v);");
}

#[test]
fn indices_of_indices_are_assigned() {
    agree(
        "parts of parts",
        "data { int n; vector[n] d; } parameters { vector[3] v; matrix[2, 2] m; real<lower=0> x; } model {
        array[4] vector[2] c = rep_array(zeros_vector(2), 4); array[2] matrix[2, 3] a; array[2, 3] real b;
        for (i in 1:2) a[i] = rep_matrix(v', 2);
        for (i in 1:2) for (j in 1:3) b[i][j] = v[j] * x / i;
        c[4][2] = m[2, 2]; c[2][1] = x; c[3][{2, 1}] = v[2:3];
        a[2][1, 2] = x; a[1][2] = v'; a[2][, 3] = m[, 1]; a[2][1][2] = 3;
        if (x > 1) c[4][1] = x * v[1]; else { c[1][1] += v[2]; a[2][2][2:] *= 2; }
        for (i in 1:4) target += -dot_self(c[i]) * i;
        for (i in 1:2) target += -sum(square(a[i])) * i - sum(square(b[i])) - b[i][2] * a[i][2][3];
        for (i in 1:2) target += c[2:3][i][2] * c[{4, 1}][i, 1] - a[:, 2][i][{3, 1}][2] + a[i][{2, 1}, 2:][i][2];
        v ~ normal(0, 1); to_vector(m) ~ normal(0, 1);
    }",
        DATA,
    );
}

#[test]
fn slots_of_tuples_are_assigned() {
    agree(
        "slots",
        "data { int n; vector[n] d; } parameters { vector[3] v; real<lower=0> x; } model {
        tuple(vector[3], tuple(real, array[2] vector[3])) t = (v, (x, {v, 2 * v}));
        t.1[2] = x; t.2.1 = square(x); t.2.2[1] = d[1:3]; t.2.2[2][3] = x * v[1]; t.2.2[1, 2] += v[2];
        if (x > 1) { t.1[1] = 2 * v[3]; t.2.1 += 1; } else t.2.2[2][1] = v[2];
        for (i in 1:3) t.1[i] += v[i] * i;
        target += -dot_self(t.1) - square(t.2.1) - dot_self(t.2.2[1]) - dot_self(t.2.2[2]);
    }",
        DATA,
    );
}

#[test]
fn indices_of_indices_in_loops() {
    let program = |read: &str, write: &str| {
        format!(
            "data {{ int n; vector[n] d; }} parameters {{ simplex[2] p; array[2] vector[2] w; vector<lower=0>[2] s; }}
            model {{ array[n] vector[2] f; array[n] vector[2] a; array[2] real acc;
            for (t in 1:n) for (j in 1:2) f{write} = normal_lpdf(d[t] | w[j][1] + w[j, 2] * d[t], s[j]);
            for (j in 1:2) a[1][j] = log(p[j]) + f[1][j];
            for (t in 2:n) for (j in 1:2) {{
                for (i in 1:2) acc[i] = a{read} + log(p[i]) + f[t][j];
                a{write} = log_sum_exp(acc);
            }}
            target += log_sum_exp(a[n]); s ~ lognormal(0, 1); for (j in 1:2) w[j] ~ normal(0, 2);
            }}"
        )
    };
    let (flat, nested) = (program("[t - 1, i]", "[t, j]"), program("[t - 1][i]", "[t][j]"));
    agree("flat indices", &flat, DATA);
    agree("nested indices", &nested, DATA);
}

#[test]
fn truncation_of_what_is_not_known() {
    agree(
        "truncated parameters",
        "data { int n; vector[n] d; } parameters { real x; real<lower=0> s; vector[3] v; real low; } model {
        x ~ normal(0, s) T[-1, ]; s ~ lognormal(0, 1) T[, 5]; d ~ normal(x, s) T[low, ];
        for (i in 1:3) v[i] ~ normal(0.3, s) T[-1.8, 1.9]; low ~ normal(-3, 1); v ~ normal(0, 1) T[, 1.9];
    }",
        DATA,
    );
    agree(
        "truncated counts",
        "data { int n; array[n] int y; array[n] int l; } parameters { vector<lower=0>[n] r; } model {
        for (i in 1:n) y[i] ~ poisson(r[i]) T[l[i], ]; r ~ gamma(2, 1);
    }",
        r#"{"n": 3, "y": [2, 5, 3], "l": [1, 2, 0]}"#,
    );
}
