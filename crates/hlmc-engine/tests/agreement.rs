//! The engines agree: at every point, value and gradient of the recorded graph are those of forward mode.

mod support;

use std::path::Path;

use hlmc_engine::{EngineKind, Prepared};
use support::{agree, bind, compare};

#[test]
fn a_loop_over_observations_and_its_vectorised_form() {
    let data = r#"{"n": 5, "g": [1, 2, 2, 1, 3], "y": [0.5, -1, 2, 0.25, 3]}"#;
    let head = "data { int n; array[n] int g; vector[n] y; } parameters { vector[3] mu; real<lower=0> sigma; } ";
    agree("loop", &format!("{head} model {{ for (i in 1:n) y[i] ~ normal(mu[g[i]], sigma); }}"), data);
    agree("vectorised", &format!("{head} model {{ y ~ normal(mu[g], sigma); }}"), data);
}

#[test]
fn a_container_filled_by_a_loop() {
    let program = "data { int n; vector[n] x; } parameters { real a; real b; } model {
        vector[n] eta;
        for (i in 1:n) { eta[i] = a + b * x[i]; eta[i] = eta[i] * 2; }
        target += -dot_self(eta) + eta[2] * eta[n];
    }";
    agree("filled", program, r#"{"n": 4, "x": [1, -2, 0.5, 3]}"#);
}

#[test]
fn a_recurrence() {
    let program = "data { int n; vector[n] y; } parameters { real mu; real<lower=-1, upper=1> phi; real<lower=0> s; }
    model {
        real h = 0.1;
        vector[n] e;
        e[1] = y[1] - mu;
        for (t in 2:n) { e[t] = y[t] - mu - phi * e[t - 1]; h = 0.5 * h + square(e[t]); target += -h; }
        e ~ normal(0, s);
    }";
    agree("recurrence", program, r#"{"n": 6, "y": [1, 0.5, -0.25, 2, 1.5, -1]}"#);
}

#[test]
fn branches_on_data_inside_a_loop() {
    let program = "data { int n; array[n] int k; vector[n] x; } parameters { real a; real b; } model {
        for (i in 1:n) {
            real m = 0;
            if (k[i] > 1 && x[k[i] - 1] > 0) m = a * x[i]; else if (k[i] == 1) { m = b; target += -square(b); }
            target += normal_lpdf(x[i] | m, k[i] == 2 ? exp(a) : 1.5);
        }
    }";
    agree("branches", program, r#"{"n": 5, "k": [1, 2, 3, 2, 1], "x": [0.5, -1, 2, 1, 0.25]}"#);
}

#[test]
fn nested_loops_short_and_long() {
    let program = "data { int n; int k; matrix[n, k] x; } parameters { vector[k] beta; vector[n] u; } model {
        real total = 0;
        for (i in 1:n) {
            real eta = u[i];
            for (j in 1:k) eta += x[i, j] * beta[j];
            total += eta * eta;
            for (j in 1:30) target += -0.01 * square(u[i] - j) * beta[1 + j % k];
        }
        target += -total;
    }";
    agree("nested", program, r#"{"n": 3, "k": 2, "x": [[1, 2], [0.5, -1], [2, 0.25]]}"#);
}

#[test]
fn ragged_inner_loops() {
    let program = "data { int n; array[n] int size; } parameters { vector[n] a; vector[4] b; } model {
        for (i in 1:n) { real s = 0; for (j in 1:size[i]) s += a[i] * b[j]; target += -square(s - 1); }
        target += -dot_self(a) - dot_self(b);
    }";
    agree("ragged", program, r#"{"n": 3, "size": [2, 0, 4]}"#);
}

#[test]
fn mixtures_and_user_functions() {
    let program = "functions { real mix(real y, vector mu, real theta) {
            vector[2] lp;
            for (k in 1:2) lp[k] = normal_lpdf(y | mu[k], 1);
            return log_sum_exp(lp[1] + log(theta), lp[2] + log1m(theta));
        } }
        data { int n; vector[n] y; } parameters { ordered[2] mu; real<lower=0, upper=1> theta; simplex[3] p; }
        model { for (i in 1:n) target += mix(y[i], mu, theta); target += dot_product(log(p), [1, 2, 3]'); }";
    agree("mixture", program, r#"{"n": 3, "y": [-1, 0.5, 2]}"#);
}

#[test]
fn functions_of_the_model_block_drop_what_it_drops() {
    let program = "functions {
            void prior_lp(real mu, real tau) { mu ~ normal(0, 3); tau ~ cauchy(0, 2.5); }
            vector noncentre_lp(vector z, real m, real s) { z ~ std_normal(); return m + s * z; }
            real whole_lpdf(real x, real s) { return normal_lpdf(x | 0, s) + normal_lupdf(x | 1, s); }
        }
        parameters { real mu; real<lower=0> tau; vector[3] z; }
        transformed parameters { vector[3] theta = noncentre_lp(z, mu, tau); }
        model { prior_lp(mu, tau); theta ~ logistic(0.2, 1.5); mu ~ whole(tau); target += whole_lpdf(mu | tau); }";
    agree("functions that end in _lp", program, "");
}

#[test]
fn every_constraint_and_matrices() {
    let program = "parameters {
        vector<lower=-1>[2] a; vector<upper=[1, 2]'>[2] b; real<offset=1, multiplier=2> c; positive_ordered[3] d;
        unit_vector[3] e; sum_to_zero_vector[3] f; cholesky_factor_corr[3] g; corr_matrix[2] h; cov_matrix[2] k;
        array[2] simplex[2] l; cholesky_factor_cov[3, 2] m;
    } model {
        target += -dot_self(a) + sum(b) - square(c) - sum(d) + e[1] * f[2] - dot_self(f);
        g ~ lkj_corr_cholesky(2); h ~ lkj_corr(1.5);
        target += -trace(k) + log_determinant(k) + dot_product(l[1], l[2]) - sum(square(to_vector(m)));
        target += sum(diag_pre_multiply(a, k) * b) - sum(k' * h) + quad_form(k, b);
    }";
    agree("constraints", program, "");
}

#[test]
fn densities_with_their_constants_dropped_and_kept() {
    let program = "data { int n; array[n] int k; vector[n] y; matrix[n, 2] x; }
    parameters { real m; real<lower=0> s; vector[2] beta; vector<lower=0>[n] lambda; } model {
        y ~ normal(m, s); y ~ normal(m, 2); y ~ cauchy(m, s); y ~ double_exponential(m, s);
        y ~ student_t(4, m, s); y ~ logistic(m, s); lambda ~ exponential(s); lambda ~ gamma(2, s); s ~ lognormal(0, 1);
        k ~ poisson(lambda); k ~ poisson_log(x * beta); k ~ neg_binomial_2(lambda, s);
        target += normal_lpdf(y | m, lambda) + std_normal_lpdf(beta) + poisson_log_lpmf(k | m);
        y ~ normal_id_glm(x, m, beta, s); k ~ poisson_log_glm(x, m, beta); m ~ normal(0, 1) T[-3, ];
    }";
    let data = r#"{"n": 3, "k": [0, 2, 1], "y": [0.5, -1, 2], "x": [[1, 0.5], [-1, 2], [0.25, -0.5]]}"#;
    // The outcome of the last statement may lie outside of its truncation.
    agree("densities", program, data);
}

#[test]
fn what_the_graph_cannot_express_is_said_and_runs_in_forward_mode() {
    let model = bind("parameters { real x; } model { print(x); target += -square(x); }", "");
    let prepared = Prepared::new(EngineKind::Auto, &model);
    assert_eq!(prepared.kind(), EngineKind::Dual);
    assert_eq!(prepared.why_not_native(), Some("print"));
}

#[test]
fn a_point_out_of_a_domain_is_rejected_in_the_same_words() {
    let model = bind("parameters { real x; real y; } model { y ~ normal(0, x); }", "");
    assert_eq!(compare(&model, "domain"), None);
}

#[test]
fn the_models_of_the_project_run_natively() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models");
    let mut n_models = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if path.extension().is_none_or(|suffix| suffix != "stan" && suffix != "model") {
            continue;
        }
        let data =
            ["seedling", "eight_schools", name.as_str()].into_iter().find(|data| name.starts_with(data)).unwrap();
        let data = std::fs::read_to_string(folder.join(format!("{data}.json"))).unwrap();
        agree(&name, &std::fs::read_to_string(&path).unwrap(), &data);
        n_models += 1;
    }
    assert!(n_models >= 15, "{n_models} models");
}
