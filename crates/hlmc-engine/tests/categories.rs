//! Categorical outcomes: the recorded formulas agree with forward mode.

mod support;

use support::{agree, bind, n_nodes};

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

const CUTS: &str = "parameters { ordered[k - 1] c; vector[2] b; } ";
const NORMAL_CUTS: &str = "model { b ~ normal(0, 1); c ~ normal(0, 2);";

#[test]
fn of_intervals_between_shared_cut_points() {
    for name in ["ordered_logistic", "ordered_probit"] {
        let head = format!("{HEAD}{CUTS}{NORMAL_CUTS}");
        agree(&format!("{name} of all"), &format!("{head} y ~ {name}(b[1] + b[2] * x, c); }}"), DATA);
        let of_each = format!("{head} for (i in 1:n) y[i] ~ {name}(b[1] + b[2] * x[i], c); }}");
        agree(&format!("{name} of each"), &of_each, DATA);
        let one =
            format!("{head} y ~ {name}(b[1], c); y[2] ~ {name}(b[2], c); target += {name}_lpmf(2 | x * b[1], c); }}");
        agree(&format!("{name} of one location"), &one, DATA);
    }
}

#[test]
fn of_intervals_between_cut_points_of_each() {
    for name in ["ordered_logistic", "ordered_probit"] {
        let program =
            format!("{HEAD}{CUTS}{NORMAL_CUTS} for (i in 1:n) y[i] ~ {name}(b[1] * x[i], c + b[2] * x[i]); }}");
        agree(name, &program, DATA);
        let known = format!("{HEAD} parameters {{ real a; }} model {{ y ~ {name}(a * x, [-0.5, 1]'); }}");
        agree(&format!("{name} between known cut points"), &known, DATA);
        let two = format!(
            "{HEAD} parameters {{ real a; ordered[1] c; }} model {{ for (i in 1:n) (y[i] > 1) + 1 ~ {name}(a * x[i], c); }}"
        );
        agree(&format!("{name} of two categories"), &two, DATA);
    }
}

#[test]
fn of_intervals_in_a_loop_that_stays_one() {
    let program = |n: usize, name: &str| {
        format!(
            "transformed data {{ int n = {n}; array[n] int y; vector[n] x;
                 for (i in 1:n) {{ y[i] = i * i % 4 + 1; x[i] = sin(i); }}
             }}
             parameters {{ ordered[3] c; real b; }}
             model {{ for (i in 1:n) y[i] ~ {name}(b * x[i], c); }}"
        )
    };
    for name in ["ordered_logistic", "ordered_probit"] {
        let [few, many] = [40, 80].map(|n| n_nodes(&bind(&program(n, name), "{}")));
        assert_eq!(few, many, "nodes of {name} grow with the turns");
    }
}
