//! Loops whose turns hand on integers, such as positions and counters: known ahead where they depend on data alone, so that
//! the loop is recorded once. The recordings agree with forward mode.

mod support;

use support::{agree, bind, n_nodes};

/// So many groups of two to four entries in a row.
fn program(n_groups: usize, model: &str) -> String {
    format!(
        "functions {{ int after(int position, int length) {{ return position + length; }} }}
        transformed data {{ int n = {n_groups}; array[n] int size; array[n] int flag; vector[4 * n] x;
            for (i in 1:n) {{ size[i] = 2 + i * 5 % 3; flag[i] = i * i % 3 == 1; }}
            for (i in 1:(4 * n)) x[i] = sin(1.3 * i); }}
        parameters {{ vector[4 * n] b; real a; }}
        model {{ b ~ normal(0, 1); {model} }}"
    )
}

/// Agrees with forward mode, and has as many nodes for twice as many turns.
fn agree_once(name: &str, model: &str) {
    agree(name, &program(18, model), "{}");
    let [few, many] = [24, 48].map(|n_groups| n_nodes(&bind(&program(n_groups, model), "{}")));
    assert_eq!(few, many, "{name}: nodes grow with the turns");
}

fn agree_anyhow(name: &str, model: &str) {
    agree(name, &program(18, model), "{}");
}

#[test]
fn positions() {
    agree_once(
        "segments in a row",
        "int pos = 1; for (i in 1:n) { segment(x, pos, size[i]) ~ normal(segment(b, pos, size[i]), exp(a)); pos += size[i]; }",
    );
    agree_once(
        "ranges in a row",
        "int pos = 0; for (i in 1:n) { target += -square(sum(b[(pos + 1):(pos + size[i])]) - a); pos = after(pos, size[i]); }
        target += a * pos;",
    );
    agree_once(
        "an end that becomes a start",
        "int first = 1; int last = 0; for (i in 1:n) { last = first + size[i] - 1; target += log_sum_exp(b[first:last] * a);
            first = last + 1; }",
    );
    agree_once(
        "a position in a block",
        "int pos = 1; for (i in 1:n) { { int length = size[i]; pos += length; } target += a * b[pos] - square(b[pos - 1]); }",
    );
}

#[test]
fn counters() {
    agree_once(
        "a counter",
        "int k = 0; for (i in 1:n) { if (flag[i]) k += 1; target += -square(b[i] - a * k); } b[1] ~ normal(k, 1);",
    );
    agree_once(
        "a counter that indexes",
        "int k = 0; for (i in 1:n) { if (flag[i] == 1) { k += 1; b[i] ~ normal(a * x[k], 1); } }",
    );
    agree_once(
        "two counters",
        "int k = 0; int l = 0; for (i in 1:n) { if (flag[i]) { k += 1; b[k] ~ normal(a, 1); }
        else { l += k; target += -square(b[i]) * l; } }",
    );
    agree_once(
        "the last of a kind",
        "int last = 1; for (i in 1:n) { target += -square(b[i] - a * b[last]); if (flag[i]) last = i; }",
    );
    agree_once("an unset integer", "int k; for (i in 1:n) { if (i == 1) k = 3; else k += 1; target += a * b[k]; }");
    agree_once("elements", "int k = 0; for (m in size) { k += m; target += -square(b[k] - a * m); }");
    agree_once(
        "counting by steps within",
        "int k = 0; for (i in 1:n) { for (j in 1:size[i]) { k += 1; target += a * b[k] * j; } }",
    );
    agree_once(
        "counting while",
        "int k = 0; for (i in 1:n) { int m = size[i]; while (m > 0) { k += 1; m -= 1; } target += a * b[k]; }",
    );
}

#[test]
fn counts_by_group() {
    agree_once(
        "a count of each group",
        "array[3] int count = {0, 0, 0}; for (i in 1:n) { count[size[i] - 1] += 1;
         b[count[size[i] - 1]] ~ normal(a * size[i], 1); } target += a * sum(count) - square(a) * count[2];",
    );
    agree_once(
        "where each group goes on",
        "array[3] int next = {1, 20, 40}; for (i in 1:n) { int g = size[i] - 1; int at = next[g];
         segment(b, at, 2) ~ normal(a, 1); if (flag[i]) next[g] = at + 2; else next[g] += 1; } b[next[3]] ~ normal(0, 1);",
    );
    agree_once(
        "the last two of a kind",
        "array[2] int last = {1, 2}; for (i in 1:n) { target += -square(b[i] - a * b[last[1]] * b[last[2]]);
         if (flag[i]) last = {last[2], i}; }",
    );
    agree_once(
        "a table of counts",
        "array[2, 3] int count = rep_array(0, 2, 3); for (i in 1:n) { count[1 + flag[i], size[i] - 1] += 1;
         b[i] ~ normal(a * count[1 + flag[i], 1], 1 + count[2, size[i] - 1]); }",
    );
    agree_once(
        "counts through both loops",
        "array[3] int count = {1, 2, 3}; for (i in 1:n) { for (j in 1:20) { count[size[i] - 1] = 1 + (count[size[i] - 1] + j) % 30;
         target += a * b[count[size[i] - 1]]; } }",
    );
}

#[test]
fn containers_of_each_turn() {
    agree_once(
        "one entry of a vector of its own",
        "for (i in 1:n) { vector[3] v = rep_vector(a, 3); v[size[i] - 1] = b[i]; v[1 + flag[i]] += 1; target += -log_sum_exp(v); }",
    );
    agree_once(
        "an array of its own",
        "for (i in 1:n) { array[3] int k = {1, 2, 3}; k[size[i] - 1] = i; target += a * b[k[2]] - square(b[k[1 + flag[i]]]); }",
    );
    agree_once(
        "a matrix of its own",
        "for (i in 1:n) { matrix[2, 3] m = rep_matrix(b[i], 2, 3); m[1 + flag[i], size[i] - 1] = a; target += -sum(square(m[1])); }",
    );
}

#[test]
fn recurrences() {
    agree_once(
        "a recurrence with a position",
        "int pos = 1; real s = a; for (i in 1:n) { s = 0.5 * s + sum(segment(b, pos, 2)); pos += size[i]; b[pos] ~ normal(s, 1); }",
    );
    agree_once(
        "a recurrence over what a counter chose",
        "int k = 1; vector[n] s; s[1] = a; for (i in 2:n) { if (flag[i]) k = i - 1; s[i] = 0.3 * s[k] + b[i]; } s ~ normal(0, 1);",
    );
}

#[test]
fn loops_within_loops() {
    agree_once(
        "a position through both loops",
        "int pos = 1; for (i in 1:n) { for (j in 1:20) { target += a * x[pos] * b[i]; pos = 1 + pos % 40; } }",
    );
    agree_once(
        "a counter of the inner loop",
        "for (i in 1:n) { int k = i; for (j in 1:20) { if (j % 3 == flag[i]) k += 1; target += a * b[k] * j; } }",
    );
}

#[test]
fn in_functions() {
    let function = "functions { real total(vector b, array[] int size, real a) {
        int pos = 1; real sum_of_squares = 0;
        for (i in 1:size(size)) { sum_of_squares += square(sum(segment(b, pos, size[i])) - a); pos += size[i]; }
        return sum_of_squares; } }
        transformed data { array[9] int size = {2, 3, 2, 3, 2, 2, 3, 3, 2}; }
        parameters { vector[30] b; real a; } model { b ~ normal(0, 1); target += -total(b, size, a); }";
    agree("a position in a function", function, "{}");
}

#[test]
fn integers_of_parameters() {
    agree_anyhow(
        "a counter of parameters",
        "int k = 0; for (i in 1:n) { if (b[i] > 0) k += 1; target += -square(b[i] - a * k); }",
    );
    agree_anyhow("a loop that is left", "int k = 0; for (i in 1:n) { k += 2; if (k > 9) break; target += a * b[k]; }");
    agree_anyhow(
        "a counter in a branch on parameters",
        "int k = 1; if (a > 0) { for (i in 1:n) { target += a * b[k]; k += 1; } } target += k * a;",
    );
    agree_anyhow("an integer that is the same again", "int k = 2; for (i in 1:n) { target += a * b[k]; k = k * 1; }");
}
