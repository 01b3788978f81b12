//! Recurrences within recurrences: one scan, whose steps are as many for more turns of the inner loop, and agree with forward
//! mode.

mod support;

use hlmc_eval::BoundModel;
use rand::{RngExt as _, SeedableRng as _};
use rand_xoshiro::Xoshiro256PlusPlus;
use support::{agree, bind, compare, recorded};

/// Random programs.
const N_RANDOM: u64 = 500;

/// Turns of the outer loop.
const OUTER: usize = 6;

fn program(inner: usize, model: &str) -> String {
    format!(
        "functions {{
            vector flow(vector z, real beta, real gamma) {{
                return [-beta * z[1] * z[2], beta * z[1] * z[2] - gamma * z[2], gamma * z[2]]'; }} }}
        transformed data {{ int n = {OUTER}; int m = {inner}; vector[m] x; array[n] int size; vector[n] y;
            for (j in 1:m) x[j] = sin(1.7 * j);
            for (i in 1:n) {{ size[i] = m - i % 3; y[i] = cos(i); }} }}
        parameters {{ vector[n] b; real a; real c; real<lower=0> beta; real<lower=0, upper=1> gamma; }}
        model {{ b ~ normal(0, 1); {model} }}"
    )
}

fn n_steps(model: &BoundModel) -> usize {
    recorded(model).graph.scans.iter().map(|scan| scan.steps.len()).sum()
}

fn is_one_scan(name: &str, model: &str) {
    agree(name, &program(40, model), "{}");
    let [few, many] = [200, 400].map(|inner| n_steps(&bind(&program(inner, model), "{}")));
    assert!(few > 0, "{name}: no scan");
    assert_eq!(few, many, "{name}: steps grow with the turns of the inner loop");
}

#[test]
fn what_is_handed_on_from_loop_to_loop() {
    is_one_scan(
        "by a variable of the body",
        "real z = a;
        for (i in 1:n) { real u = z; for (j in 1:m) u = tanh(u + c * x[j]); z = u; }
        target += z;",
    );
    is_one_scan(
        "by a variable of the body that another step follows",
        "real z = a;
        for (i in 1:n) { real u = z; for (j in 1:m) u = tanh(u + c * x[j]); z = u + b[i]; target += -square(z - y[i]); }
        target += z;",
    );
    is_one_scan(
        "by a variable from outside that steps before and behind change",
        "real u = a;
        for (i in 1:n) { u *= 0.9; for (j in 1:m) u = tanh(u + c * x[j]); u += b[i]; target += -square(u - y[i]); }",
    );
    is_one_scan(
        "as often as data say",
        "real u = a;
        for (i in 1:n) { for (j in 1:size[i]) u = tanh(u * gamma + c * x[j]); u += b[i]; target += -square(u - y[i]); }",
    );
    is_one_scan(
        "by several variables",
        "real u = a; real v = c;
        for (i in 1:n) {
            for (j in 1:m) { real before = u; u = tanh(u + v * x[j]); v = 0.5 * v + before * b[i]; }
            v += u; target += -square(u - y[i]); }
        target += v;",
    );
    is_one_scan(
        "by a vector declared without a value",
        "vector[2] z = [a, c]';
        for (i in 1:n) { real u; u = z[1]; for (j in 1:m) u = 0.9 * u + x[j] * z[2]; z = [u, tanh(z[1] + b[i])]'; }
        target += -dot_self(z);",
    );
}

#[test]
fn steps_of_a_differential_equation() {
    is_one_scan(
        "by Euler's method",
        "vector[3] z = [0.9, 0.1, 0]';
        for (i in 1:n) {
            for (j in 1:m) { real h = 1.0 / m; real inf = beta * z[1] * z[2]; real rec = gamma * z[2];
                z[1] -= h * inf; z[2] += h * (inf - rec); z[3] += h * rec; }
            target += -square(z[2] - y[i] * a); }",
    );
    is_one_scan(
        "by the midpoint method",
        "vector[3] z = [0.9, 0.1, 0]';
        for (i in 1:n) {
            vector[3] w = z;
            for (j in 1:m) { vector[3] half = w + 0.5 / m * flow(w, beta, gamma); w += flow(half, beta, gamma) / m; }
            z = w; z[1] += 0.01 * b[i]; z[2] -= 0.01 * b[i];
            target += -square(z[2] - y[i] * a); }",
    );
}

#[test]
fn branches_that_as_many_turns_take() {
    let model = "real z = a; real u = c;
        for (i in 1:n) { for (j in 1:20) { if (j % 3 != 0) { if (x[j] > 0) u *= gamma; else z -= 0.1 * u; } }
            z += b[i]; u += 0.3 * z; }
        target += -square(z);";
    agree("in an order of their own", &program(40, model), "{}");
}

#[test]
fn nests_within_lanes() {
    is_one_scan(
        "of subjects",
        "for (s in 1:5) {
            real u = a * s;
            for (i in 1:n) { for (j in 1:m) u = tanh(u + c * x[j]); u += b[i]; target += -square(u - y[i]); } }",
    );
}

#[test]
fn steps_around_the_inner_loop_that_have_no_value_in_all_turns() {
    is_one_scan(
        "logarithms",
        "real u = 1 + exp(a);
        for (i in 1:n) { for (j in 1:m) u = u * gamma + square(x[j]) * exp(c); u = log(u + 0.5) + 2; u = sqrt(u); }
        target += u;",
    );
}

fn random_statement(rng: &mut Xoshiro256PlusPlus, is_inner: bool) -> String {
    let statements: &[&str] = if is_inner {
        &[
            "u = tanh(u + c * x[j]);",
            "z = 0.5 * z + u * x[j];",
            "v[1] = 0.9 * v[2] + 0.1 * z;",
            "v[2] = tanh(v[1] - b[i]);",
            "if (x[j] > 0) u *= gamma; else z -= 0.1 * u;",
            "target += -1e-2 * square(u - v[1] * x[j]);",
            "if (j % 3 == 0) continue;",
            "if (u > b[i]) continue;",
            "if (z > 0.9) break;",
            "w = b[i] * x[j] - u;",
            "t.1 = 0.5 * t.1 + b[i]; t.2 -= t.1 * x[j];",
            "{ real h = u * z; u = tanh(h - x[j]); }",
        ]
    } else {
        &[
            "z = tanh(u - z);",
            "u = z + b[i];",
            "v = 0.5 * v + [u, z]';",
            "v[1 + i % 2] = log1p_exp(z);",
            "if (y[i] > 0) z += a;",
            "w = b[i] * a;",
            "t = (t.2, b[i] * t.1);",
            "if (z > 0.8 + a) break;",
            "if (z < -a) continue;",
            "target += -1e-2 * square(z - y[i]) - v[2] * 1e-2;",
        ]
    };
    statements[rng.random_range(0..statements.len())].to_owned()
}

#[test]
fn nests_at_random() {
    for seed in 0..N_RANDOM {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let mut block = |most: usize, is_inner: bool| {
            let n = rng.random_range(0..=most);
            (0..n).map(|_| random_statement(&mut rng, is_inner)).collect::<Vec<_>>().join(" ")
        };
        let (before, inner, behind) = (block(2, false), block(3, true), block(3, false));
        let end = if seed % 2 == 0 { "m" } else { "size[i]" };
        let declared = if seed % 3 == 0 { ("", "real u = z;") } else { ("real u = c;", "") };
        let model = format!(
            "real z = a; vector[2] v = [a, c]'; real w = 0.2; tuple(real, real) t = (a, 0.1); {}
            for (i in 1:n) {{ {} {before} for (j in 1:{end}) {{ {inner} }} {behind} }}
            target += -square(z) - dot_self(v) - square(w) - 1e-2 * square(t.1 + t.2);",
            declared.0, declared.1
        );
        let reason = compare(&bind(&program(35, &model), "{}"), &model);
        assert_eq!(reason, None, "{model} is not recorded");
    }
}
