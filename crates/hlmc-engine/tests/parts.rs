//! Parts of containers: functions that take one by its position are read like indexed variables, alone, in loops, and where
//! loops write what they read; arrays of indices may be others in every turn.

mod support;

use support::{agree, bind, n_nodes};

fn program(n: usize, model: &str) -> String {
    format!(
        "transformed data {{ int n = {n}; array[n] int at; array[n] int y; matrix[3, n] k; array[n, 3] int o;
            for (i in 1:n) {{ at[i] = 1 + i * 7 % 3; y[i] = i % 2; for (j in 1:3) {{ k[j, i] = sin(i * j); o[i, j] = 1 + (i * 3 + j * j) % 7; }} }} }}
        parameters {{ vector[n] b; matrix[3, n] m; array[n] vector[3] v; real a; }}
        model {{ b ~ normal(0, 1); {model} }}"
    )
}

fn agree_in_all(model: &str) {
    agree(model, &program(20, model), "{}");
}

/// Agrees with forward mode, and has as many nodes for twice as many turns.
fn agree_once(model: &str) {
    agree_in_all(model);
    let [few, many] = [40, 80].map(|n| n_nodes(&bind(&program(n, model), "{}")));
    assert_eq!(few, many, "{model}: nodes grow with the turns");
}

#[test]
fn of_variables_and_of_values() {
    for x in ["b", "2 * b", "v[2]", "m[2]'", "to_array_1d(b)", "y"] {
        agree_in_all(&format!(
            "target += a * sum(head({x}, 2)) + sum(tail({x}, 3)) * a - sum(segment({x}, 2, 2)) * a;"
        ));
    }
    for m in ["m", "2 * m", "k", "k + a"] {
        agree_in_all(&format!("target += a * sum(block({m}, 2, 3, 2, 3)) - dot_self(sub_row({m}, 2, 3, 4));"));
        agree_in_all(&format!("target += a * dot_self(row({m}, 2)) * sum(col({m}, 3)) - sum(sub_col({m}, 2, 4, 2));"));
    }
    agree_in_all("target += a * sum(head(v, 2)[1]) + dot_self(tail(v, 3)[2]) - sum(head(segment(v, 3, 4)[2], 2));");
    agree_in_all("target += a * sum(head(b, 0)) + sum(tail(b, 0)) + a * sum(segment(b, 4, 0)) + size(head(v, 0)) * a;");
    agree_in_all("target += a * sum(segment(segment(b[2:15], 3, 8), 2, 4));");
}

#[test]
fn of_what_a_loop_writes() {
    agree_once("vector[n] s; for (i in 1:n) { s[i] = a * b[i]; target += -square(sum(segment(s, i, 1))); }");
    agree_once("vector[n] s = b; for (i in 3:n) s[i] = 0.3 * sum(segment(s, i - 2, 2)) + b[i]; s ~ normal(a, 1);");
    agree_once(
        "matrix[3, n] s; s[, 1] = v[1]; for (i in 2:n) s[, i] = 0.3 * softmax(col(s, i - 1)) + v[i]; target += -sum(s);",
    );
    agree_once(
        "array[n] vector[3] s = v; for (i in 2:n) { s[i] = a * v[i]; s[i, 1] += 0.1 * sum(head(s[i - 1], 2)); }
        for (i in 1:n) target += -dot_self(tail(s[i], 2));",
    );
    agree_once(
        "matrix[n, 3] s = m'; for (i in 2:n) s[i] = 0.2 * row(s, i - 1) .* sub_row(m', i, 1, 3); target += -sum(s);",
    );
    agree_once("for (i in 1:n) target += log_sum_exp(col(m, i)) * a - sum(sub_col(k, 2, i, 2)) * b[i];");
}

#[test]
fn by_indices_of_a_turn_of_its_own() {
    agree_once("for (i in 1:n) target += -square(sum(b[o[i]]) - a);");
    agree_once("for (i in 1:n) y[o[i]] ~ bernoulli_logit(a * b[o[i]]);");
    agree_once("for (i in 1:n) target += -square(sum(b[o[i, 2:3]]) - a);");
    agree_once("for (i in 1:n) target += -square(sum(b[{i, o[i, 1]}]) - a);");
    agree_once("for (i in 1:n) target += a * sum(k[2:3, o[i]]) - dot_self(m[at[i], o[i]]);");
    agree_once("for (i in 1:n) target += a * sum(m[{at[i], 2}, o[i]]) - dot_self(b[{1, 2}]);");
    agree_once("for (i in 1:n) target += -dot_self(b[o[i]][{3, 1}]) - b[o[i]][at[i]];");
    agree_once("for (i in 1:n) target += -dot_self(to_vector(v[o[i], at[i]]) - v[i]) + sum(v[o[i]][2]);");
    agree_once("for (i in 1:n) target += -square(o[i][o[1][at[i]] % 3 + 1] * a - b[i]);");
    agree_once("for (i in 1:n) target += -square(sum(head(b[o[i]], 2)) - a);");
    agree_once("for (i in 1:n) for (j in o[i]) target += -square(b[j] - a);");
    agree_in_all("for (i in 1:n) { vector[7] w = b[1:7]; w[o[i]] = v[i] * a; target += -dot_self(w - b[2]); }");
    agree_once("vector[3 * n] w; for (i in 1:n) w[{i, i + n, i + 2 * n}] = v[i] * a; target += -dot_self(w - a);");
    agree_once("vector[n] w = b; for (i in 4:n) w[i] = 0.1 * sum(w[{i - 1, i - 3}]) + a; target += -dot_self(w);");
    agree_in_all("for (i in 1:n) target += -square(sum(b[o[i, 1:(i % 3)]]) - a);");
}
