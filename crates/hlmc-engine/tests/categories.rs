//! Categorical outcomes: the recorded formulas agree with forward mode.

mod support;

use support::agree;

const DATA: &str = r#"{"n": 6, "k": 3, "y": [1, 3, 2, 2, 3, 1], "x": [0.5, -1, 2, 0.25, 1, -0.5]}"#;
const HEAD: &str = "data { int n; int k; array[n] int<lower=1, upper=k> y; vector[n] x; } ";

#[test]
fn of_one_simplex() {
    let program = "parameters { simplex[k] theta; } model { y ~ categorical(theta); y[2] ~ categorical(theta); }";
    agree("one simplex", &format!("{HEAD}{program}"), DATA);
    let in_a_loop = "parameters { simplex[k] theta; } model { for (i in 1:n) y[i] ~ categorical(theta); }";
    agree("one simplex in a loop", &format!("{HEAD}{in_a_loop}"), DATA);
}

#[test]
fn of_log_odds() {
    let program = "parameters { vector[k] b; } model { b ~ normal(0, 1); y ~ categorical_logit(b); }";
    agree("log odds", &format!("{HEAD}{program}"), DATA);
    let of_each = "parameters { vector[k] a; vector[k] b; } model {
        a ~ normal(0, 1);
        for (i in 1:n) y[i] ~ categorical_logit(a + b * x[i]);
    }";
    agree("log odds of each", &format!("{HEAD}{of_each}"), DATA);
}

#[test]
fn of_a_simplex_for_each_outcome() {
    let by_softmax = "parameters { vector[k] a; vector[k] b; } model {
        b ~ normal(0, 1);
        for (i in 1:n) { vector[k] p = softmax(cumulative_sum(a + b * x[i])); y[i] ~ categorical(p); }
    }";
    agree("softmax of each", &format!("{HEAD}{by_softmax}"), DATA);
    let by_parts = "parameters { real a; } model {
        for (i in 1:n) {
            vector[k] p;
            p[1] = inv_logit(a * x[i]) / 2;
            p[2] = 0.5 - p[1];
            p[3] = 0.5;
            target += categorical_lpmf(y[i] | p);
        }
    }";
    agree("parts of each", &format!("{HEAD}{by_parts}"), DATA);
}

#[test]
fn of_categories_that_the_data_rule_out() {
    let data = "transformed data { matrix[n, k] open = rep_matrix(0, n, k);
        open[2, 1] = negative_infinity(); open[4, 3] = negative_infinity(); } ";
    let program = "parameters { vector[k] a; vector[k] b; } model {
        for (i in 1:n) y[i] ~ categorical(softmax(a + b * x[i] + open[i]'));
    }";
    agree("shares of some categories", &format!("{HEAD}{data}{program}"), DATA);
    let refused = "parameters { vector[k] a; vector[k] b; } model {
        for (i in 1:n) y[i] ~ categorical_logit(a + b * x[i] + open[i]');
    }";
    agree("log odds of some categories", &format!("{HEAD}{data}{refused}"), DATA);
}

#[test]
fn of_sums_without_a_finite_term() {
    let data = "transformed data { matrix[n, k] open = rep_matrix(0, n, k);
        open[2] = rep_row_vector(negative_infinity(), k); open[4, 3] = negative_infinity(); } ";
    let program = "parameters { vector[k] a; vector[k] b; } model {
        for (i in 1:n) target += -log_sum_exp(log_sum_exp(a + b * x[i] + open[i]'), a[1] * x[i]);
    }";
    agree("sums of exponentials", &format!("{HEAD}{data}{program}"), DATA);
}
