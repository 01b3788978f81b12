//! Loops whose turns have vectors of different sizes: the recorded groups of turns agree with forward mode.

mod support;

use support::agree;

const DATA: &str = r#"{"n": 9, "total": 12, "size": [2, 3, 1, 2, 3, 2, 0, 3, 2], "first": [1, 3, 6, 7, 9, 2, 5, 10, 11],
    "last": [2, 5, 6, 8, 11, 3, 4, 12, 12], "y": [1, 2, 0, 2, 3, 1, 0, 0, 1], "before": [1, 1, 2, 2, 3, 5, 4, 7, 6],
    "x": [0.5, -1, 2, 0.25, 1, -0.5, 0.75, 1.5, -2, 0.3, 0.9, -0.1]}"#;
const HEAD: &str = "data { int n; int total; array[n] int size; array[n] int first; array[n] int last; array[n] int y;
    array[n] int before; vector[total] x; } parameters { vector[total] b; real a; matrix[4, 12] m; } ";

fn agree_in_loop(name: &str, body: &str) {
    agree(name, &format!("{HEAD} model {{ b ~ normal(0, 1); for (i in 1:n) {{ {body} }} }}"), DATA);
}

#[test]
fn segments() {
    agree_in_loop("sums of segments", "target += square(sum(segment(b, first[i], size[i])) - a);");
    agree_in_loop("densities of segments", "segment(x, first[i], size[i]) ~ normal(a * i, exp(a));");
    agree_in_loop("densities at segments", "segment(x, first[i], size[i]) ~ normal(segment(b, first[i], size[i]), 1);");
    agree_in_loop("heads and tails", "target += a * sum(head(b, size[i] + 1)) + log_sum_exp(tail(b, size[i] + 2));");
}

#[test]
fn ranges() {
    agree_in_loop("ranges", "target += log_sum_exp(append_row(a, b[first[i]:last[i]]));");
    agree_in_loop("ranges from a place on", "target += log_sum_exp(b[(first[i] + 1):]) + prod(b[:(size[i] + 1)]);");
    agree_in_loop("ranges of rows", "target += sum(square(m[1 + size[i], first[i]:last[i]] - a));");
}

#[test]
fn parts_of_matrices() {
    agree_in_loop(
        "rows and columns",
        "target += log_sum_exp(row(m, 1 + size[i])) + a * sum(square(col(m, first[i])));",
    );
    agree_in_loop("parts of rows", "target += log_sum_exp(append_col(a, sub_row(m, 1 + size[i], first[i], size[i])));");
    agree_in_loop("parts of columns", "target += square(sum(sub_col(m, 1, first[i], 1 + size[i])) + a);");
    agree_in_loop("blocks", "target += square(sum(block(m, 1 + size[i], first[i], 1, size[i])) * a);");
}

#[test]
fn partial_credit() {
    let function = "functions { real credit(int y, real theta, vector beta) {
        vector[rows(beta) + 1] unsummed = append_row(rep_vector(0, 1), theta - beta);
        return categorical_lpmf(y + 1 | softmax(cumulative_sum(unsummed)));
    } } ";
    let model = "model { for (i in 1:n) target += credit(y[i], a * x[i], segment(b, first[i], size[i])); }";
    agree("partial credit", &format!("{function}{HEAD}{model}"), DATA);
}

#[test]
fn turns_that_touch_one_another() {
    let carried = "model { vector[n] s = rep_vector(a, n);
        for (i in 1:n) s[i] = 0.5 * s[before[i]] + sum(segment(b, first[i], size[i]));
        s ~ normal(a, 1); }";
    agree("a sum carried between groups", &format!("{HEAD}{carried}"), DATA);
    let written = "model { vector[n] s;
        for (i in 1:n) s[i] = a * sum(segment(b, first[i], size[i]));
        s ~ normal(0.3, 1); }";
    agree("sums written by groups", &format!("{HEAD}{written}"), DATA);
    let temporary = "model { real t = a;
        for (i in 1:n) { t = square(a) + sum(segment(b, first[i], size[i])); target += -square(t); }
        target += 0.1 * t;
        for (i in 1:n) { target += 0.1 * t; if (size[i] == 2) t = sum(segment(b, first[i], size[i])); } }";
    agree("what is left of a turn", &format!("{HEAD}{temporary}"), DATA);
}

#[test]
fn loops_within_loops() {
    agree_in_loop("inner loops", "for (j in 1:n) target += -square(sum(segment(b, 1 + size[i], size[j])) - a * x[j]);");
    agree_in_loop(
        "branches around segments",
        "if (i > 2) target += -square(sum(segment(b, first[i], size[i]))); else target += a * sum(head(b, size[i]));",
    );
}

#[test]
fn sums_of_windows() {
    for (n, width) in [(60, 4), (60, 7), (60, 11), (60, 16)] {
        let data = format!(r#"{{"n": {n}, "w": {width}}}"#);
        let head = "data { int n; int w; } parameters { vector[n] x; real<lower=0> s; } ";
        let forwards = "model { for (t in w:n) x[t] ~ normal(-sum(x[t - w + 1:t - 1]), s); }";
        agree("seasons", &format!("{head}{forwards}"), &data);
        let backwards = "model { for (i in 1:n - w) target += -s * square(mean(x[n - w - i + 1:n - i]) - x[i]); }";
        agree("averages from the end", &format!("{head}{backwards}"), &data);
    }
}
