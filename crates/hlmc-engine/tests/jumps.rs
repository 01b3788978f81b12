//! `continue`, `break` and `return`, other ways in each turn of a loop or lane of a function, and loops that last `while`
//! something holds: the loop is recorded once all the same, agrees with forward mode, and has as many nodes for more turns.

mod support;

use rand::{RngExt as _, SeedableRng as _};
use rand_xoshiro::Xoshiro256PlusPlus;
use support::{agree, bind, compare};

/// Random programs.
const N_RANDOM: u64 = 300;

/// Why jumps on parameters may not be recorded: each is a guard.
const TOO_MANY: &str = "too many conditions that depend on parameters";

fn program(n: usize, model: &str) -> String {
    format!(
        "functions {{
            real zero_inflated_lpmf(int y, real theta, real lambda) {{
                if (y == 0) return log_mix(theta, 0, poisson_log_lpmf(0 | lambda));
                return log1m(theta) + poisson_log_lpmf(y | lambda); }}
            real which(int k, real a, real b) {{
                if (k == 1) {{ real d = a - b; return square(d); }} else if (k == 2) return a; else {{ if (k == 3) return b; }}
                return a * b; }}
            real first_above(real bound, vector x, real a) {{
                for (i in 1:num_elements(x)) if (x[i] > bound) return a * x[i];
                return a; }}
            vector either(int k, vector x, real a) {{ if (k % 2 == 0) return x * a; vector[2] y = x + a; return y; }}
            int rank_of(int k) {{ if (k > 2) return k - 2; return k; }}
            real first_over(vector x, real bound, real a) {{
                real s = a;
                for (i in 1:num_elements(x)) {{ s = tanh(0.5 * s + x[i]); if (s > bound) return s * a; }}
                return -s; }}
            real in_two_loops(vector x, real bound, real a) {{
                real s = a;
                for (i in 1:20) {{
                    for (j in 1:20) {{ s = tanh(0.5 * s + x[j] * a); if (s > bound) {{ if (a > 0) return s; break; }} }}
                    if (s < -bound) return a; s -= 0.1; }}
                if (s > a) return s - a;
                return s * a; }}
            vector behind(real bound, vector x, real a) {{
                for (i in 1:num_elements(x)) {{ if (x[i] > bound) continue; return x * a + i; }}
                return x; }}
            real in_a_search(vector x, real bound, real a) {{
                real s = a;
                for (i in 1:40) {{
                    for (j in 1:20) {{ s = tanh(s + 0.3 * x[j]); if (s > bound) return s; }}
                    s -= 0.5; if (s < a - 0.2) break; }}
                return s * a; }}
            real while_above(vector x, real bound, real a) {{
                real s = a; int k = 0;
                while (s > -0.9 && k < 5) {{
                    for (j in 1:20) {{ s = tanh(s + 0.3 * x[j]); if (s > bound) return s; }}
                    s -= 0.5 + square(a); k += 1; }}
                return s * a; }}
            void add_lp(int k, real a) {{ if (k == 1) return; target += -square(a - k); }} }}
        transformed data {{ int n = {n}; array[n] int y; vector[n] x; array[n] int kind; array[n] vector[2] v;
            array[n] int stop;
            for (i in 1:n) {{ y[i] = i * i % 3; x[i] = sin(1.7 * i); kind[i] = 1 + i * 7 % 5; v[i] = [x[i], cos(i)]';
                stop[i] = 18 + i % 3; }} }}
        parameters {{ vector[n] b; real a; real c; real<lower=0, upper=1> theta; }}
        model {{ b ~ normal(0, 1); {model} }}"
    )
}

/// Agrees with forward mode, and has as many nodes for more turns, and so many scans.
fn agree_once(name: &str, model: &str, scans: usize) {
    support::agree_once(name, |n| program(n, model), [25, 30, 60], scans);
}

#[test]
fn turns_that_end_early() {
    agree_once("at once", "for (i in 1:n) { if (y[i] == 0) continue; target += -square(b[i] * a); }", 0);
    agree_once(
        "after a part",
        "for (i in 1:n) { target += b[i] * c; if (y[i] == 0) { target += a; continue; } target += -square(b[i] * a); }",
        0,
    );
    agree_once(
        "out of two blocks",
        "for (i in 1:n) { if (x[i] > 0) { if (y[i] == 0) continue; target += b[i] * c; } target += -square(b[i] * a); }",
        0,
    );
    agree_once(
        "on either side",
        "for (i in 1:n) { if (y[i] == 0) { target += a; continue; } else if (y[i] == 1) { target += c; continue; }
        else { target += a * c; } target += -square(b[i] * a); }",
        0,
    );
    agree_once(
        "of a sum",
        "real s = c; for (i in 1:n) { if (y[i] == 0) continue; s += a * x[i] * b[i]; } target += -square(s);",
        0,
    );
    agree_once(
        "of a recurrence",
        "vector[n] h; h[1] = a; for (i in 2:n) { h[i] = 0.5 * h[i - 1]; if (y[i] == 0) continue; h[i] += tanh(b[i]); }
        target += -dot_self(h);",
        1,
    );
    agree_once(
        "of an inner loop",
        "for (i in 1:n) for (j in 1:20) { if ((i + j) % 3 == 0) continue; target += -square(b[i] * a - x[j]); }",
        0,
    );
    agree_once(
        "before a counter",
        "int k = 0; for (i in 1:n) { if (y[i] == 0) continue; k += 1; target += -square(b[k] - x[i]); }",
        0,
    );
    agree_once(
        "with a value of the turn before",
        "real s = c; for (i in 1:n) { if (y[i] == 0) continue; s = a * b[i]; target += s; } target += -square(s);",
        0,
    );
}

#[test]
fn loops_that_end_early() {
    agree_once("outermost", "for (i in 1:n) { if (i > 20) break; target += -square(b[i] * a); }", 0);
    agree_once(
        "in its turn's own time",
        "for (i in 1:n) for (j in 1:24) { if (j > stop[i]) break; target += -square(b[i] * a - x[j]); }",
        0,
    );
    agree_once(
        "before an index that is not there",
        "for (i in 1:n) for (j in 1:24) { if (j > stop[i]) break; target += -square(b[i] * a - x[j + i % 5]); }",
        0,
    );
    agree_once(
        "with a sum",
        "for (i in 1:n) { real s = c; for (j in 1:24) { if (j > stop[i]) break; s += x[j] * b[i]; } target += -square(s); }",
        0,
    );
    agree_once(
        "with a recurrence",
        "for (i in 1:n) { real s = c; for (j in 1:24) { s = tanh(s * b[i] + x[j]); if (j == stop[i]) break; }
        target += -square(s - a); }",
        1,
    );
    agree_once(
        "with a counter",
        "int k = 0; for (i in 1:n) { if (k == 15) break; k += 1; target += -square(b[i] * a + c * k); } target += k * a;",
        0,
    );
    agree_once(
        "at the first of some elements",
        "for (i in 1:n) for (z in x[1:24]) { if (z > 0.9) break; target += -square(b[i] * a - z); }",
        0,
    );
    agree_once(
        "while something holds",
        "for (i in 1:n) { int k = kind[i]; while (k < 6) { k += 1; if (k == 4) continue; if (k + y[i] == 6) break;
        target += -square(b[i] * a - k); } }",
        0,
    );
}

#[test]
fn turns_that_parameters_end_early() {
    agree_once("at once", "for (i in 1:n) { if (b[i] > 0.2) continue; target += -square(b[i] * a); }", 0);
    agree_once(
        "after a part",
        "for (i in 1:n) { target += b[i] * c; if (b[i] > x[i]) { target += a; continue; } target += -square(b[i] * a); }",
        0,
    );
    agree_once(
        "out of blocks of every kind",
        "for (i in 1:n) {
            if (a > 0) { if (b[i] > 0) { if (c > 0) continue; target += x[i] * c; } target += b[i] * c; }
            target += -square(b[i] * a); }",
        0,
    );
    agree_once(
        "of data and of parameters",
        "for (i in 1:n) {
            if (y[i] == 0) { if (b[i] > 0) continue; target += a; } else if (b[i] > 1) { if (y[i] == 1) continue; target += c; }
            target += -square(b[i] * a); }",
        0,
    );
    agree_once(
        "on either side",
        "for (i in 1:n) { if (b[i] > 1) { target += a; continue; } else if (b[i] < -1) { target += c; continue; }
        else { target += a * c; } target += -square(b[i] * a); }",
        0,
    );
    agree_once(
        "on both sides",
        "for (i in 1:n) { target += b[i]; if (b[i] > 1) { target += a; continue; } else { target += c; continue; }
        target += a; }",
        0,
    );
    agree_once(
        "of a sum",
        "real s = c; for (i in 1:n) { if (b[i] > 0) continue; s += a * x[i] * b[i]; } target += -square(s);",
        0,
    );
    agree_once(
        "where the rest has no value",
        "for (i in 1:n) { if (b[i] <= 0.1) continue; target += log(b[i]) * a; if (c < 0.5) continue; target += sqrt(c - 0.5); }",
        0,
    );
    agree_once(
        "of a recurrence",
        "vector[n] h; h[1] = a; for (i in 2:n) { h[i] = 0.5 * h[i - 1]; if (h[i] > b[i]) continue; h[i] += tanh(b[i]); }
        target += -dot_self(h);",
        1,
    );
    agree_once(
        "of an inner loop",
        "for (i in 1:n) for (j in 1:20) { if (b[i] > x[j]) continue; target += -square(b[i] * a - x[j]); }",
        0,
    );
    agree_once(
        "of a short inner loop",
        "for (i in 1:n) for (j in 1:3) { if (b[i] > x[j]) continue; target += -square(b[i] * a - x[j]); }",
        0,
    );
}

#[test]
fn loops_that_parameters_end_early() {
    agree_once(
        "with a sum",
        "real s = c; for (i in 1:n) { if (s > 9 + a) break; s += x[i] * b[i]; } target += -square(s);",
        1,
    );
    agree_once(
        "with a count",
        "real k = 0; for (i in 1:n) { k += theta; if (k > 11) { target += a; break; } } target += k * c;",
        1,
    );
    agree_once(
        "with an inner loop of a recurrence",
        "for (i in 1:n) { real s = c; for (j in 1:24) { s = tanh(s * b[i] + x[j]); if (s > 0.9) break; }
        target += -square(s - a); }",
        1,
    );
    agree_once(
        "with an inner loop that data end too",
        "for (i in 1:n) { real s = c; for (j in 1:24) { s = tanh(s * b[i] + x[j]); if (s > 0.9) break; if (j > stop[i]) break; }
        target += -square(s - a); }",
        1,
    );
    agree_once(
        "with what the last turn left",
        "real t = 0.3; for (i in 1:n) { t = b[i] * a; if (b[i] > 1.2) break; target += -square(t); } target += t;",
        2,
    );
    agree_once(
        "with what the last turn of an inner loop left",
        "for (i in 1:n) { real s = 0; for (j in 1:20) { s = b[j] * x[i]; if (s > 0.7) break; } target += s * a; }",
        1,
    );
    agree_once(
        "with a vector that the last turn left",
        "vector[2] z = [a, c]'; for (i in 1:n) { z = [b[i], a]'; if (b[i] > 1.2) break; } target += -dot_self(z);",
        3,
    );
    agree_once(
        "with a short inner loop",
        "for (i in 1:n) { real s = c; for (j in 1:4) { if (s > b[i]) { s += a; break; } if (s < -1) continue; s += x[j]; }
        target += -square(s - a); }",
        0,
    );
    agree_once(
        "behind turns that end early",
        "for (i in 1:n) { real s = c; for (j in 1:24) { if (s > b[i] + x[j]) continue; s += 0.1; if (j < 20) continue; break; }
        target += -square(s - a); }",
        1,
    );
}

#[test]
fn while_something_holds() {
    agree_once("a counter", "int i = 1; while (i <= n) { target += -square(b[i] * a); i += 1; }", 0);
    agree_once(
        "a counter with steps that data decide",
        "int i = 0; while (i < n) { i += 1; if (y[i] == 0) continue; target += -square(b[i] * a); }",
        0,
    );
    agree_once(
        "a sum of data",
        "real t = 0; int k = 1; while (t < n - 3) { t += 1 + 0.1 * x[k]; target += -square(b[k] * a - t); k += 1; } target += k * c;",
        0,
    );
    agree_once(
        "a counter of a recurrence",
        "real h = c; int i = n; while (i > 0) { h = tanh(h * b[i] + x[i]); i -= 1; } target += -square(h - a);",
        1,
    );
    agree_once(
        "forever, but for a jump",
        "int i = 0; while (1) { i += 1; if (i > n - 2) break; target += -square(b[i] * a); } target += i * c;",
        0,
    );
    agree_once(
        "in lanes",
        "for (i in 1:n) { int j = kind[i]; real s = c; while (j < stop[i] + 5) { s += x[j] * b[i]; j += 1; }
        target += -square(s); }",
        0,
    );
    agree_once(
        "with turns that parameters end",
        "int i = 0; while (i < n) { i += 1; if (b[i] > 0.2) continue; target += -square(b[i] * a); }",
        0,
    );
}

#[test]
fn functions_that_return_early() {
    agree_once("a density", "for (i in 1:n) y[i] ~ zero_inflated(theta, a + b[i]);", 0);
    agree_once("from any of its blocks", "for (i in 1:n) target += -square(which(kind[i], a, b[i]));", 0);
    agree_once("a vector", "for (i in 1:n) target += -dot_self(either(y[i], v[i], b[i]) - c);", 0);
    agree_once("an integer", "for (i in 1:n) target += -square(b[rank_of(kind[i])] - a * x[i]);", 0);
    agree_once("nothing", "for (i in 1:n) add_lp(y[i], b[i] * a);", 0);
    agree(
        "a vector out of a loop, behind turns that parameters end",
        &program(25, "target += -dot_self(behind(0.1 + 0.1 * a, x, c)) - a;"),
        "{}",
    );
    for call in ["in_a_search", "while_above"] {
        let name = format!("{call}: out of a loop within one that guards end");
        agree(&name, &program(25, &format!("target += -square({call}(x, 0.1 + 0.5 * c, a));")), "{}");
    }
    agree_once("out of a loop, of parameters", "target += -square(first_over(x, 0.9 + exp(a), c));", 3);
    agree_once("out of a loop of lanes", "for (i in 1:n) target += -square(first_over(x[1:20], b[i], c));", 3);
    agree_once("out of a part of one", "if (c > 0) target += -square(first_over(x + b, 2 + exp(a), c) - a);", 3);
    agree_once("out of two loops", "for (i in 1:n) target += -square(in_two_loops(x[1:20], exp(b[i]), c) - a);", 2);
    agree_once("out of a loop", "for (i in 1:n) target += -square(first_above(x[1 + i % 5], x[1:20], b[i]) - a);", 0);
    agree_once("for all turns alike", "for (i in 1:n) target += -square(which(2, a, b[i]) - x[i]);", 0);
}

/// Random blocks of a loop's turn.
fn random_block(rng: &mut Xoshiro256PlusPlus, depth: usize) -> String {
    let n = rng.random_range(1..4);
    (0..n).map(|_| random_statement(rng, depth)).collect::<Vec<_>>().join(" ")
}

fn random_statement(rng: &mut Xoshiro256PlusPlus, depth: usize) -> String {
    let mut pick = |options: &[&str]| options[rng.random_range(0..options.len())].to_owned();
    let condition = pick(&[
        "y[i] == 0",
        "x[i] > 0",
        "kind[i] > j",
        "(i + j) % 4 == 1",
        "i > 19",
        "k > 12",
        "s > a",
        "b[i] > x[j]",
        "h > a",
        "b[k] > 0",
    ]);
    match pick(&["target", "s", "h", "k", "z", "jump", "jump", "jump", "if", "for", "while"]).as_str() {
        "s" => "s += 0.1 * b[i] * a;".to_owned(),
        "h" => "h = tanh(h + b[i] * x[j]);".to_owned(),
        "k" => "k = 1 + k % 17;".to_owned(),
        "z" => "z = b[i] * x[j];".to_owned(),
        "jump" => format!("if ({condition}) {};", pick(&["continue", "break"])),
        "if" if depth > 0 => {
            let (then, otherwise) = (random_block(rng, depth - 1), random_block(rng, depth - 1));
            format!("if ({condition}) {{ {then} }} else {{ {otherwise} }}")
        }
        "while" if depth > 0 => {
            let bound = pick(&["stop[i]", "9", "kind[i]"]);
            format!("{{ int l = 0; while (l < {bound}) {{ l += 1; j = 1 + l % 6; {} }} }}", random_block(rng, 0))
        }
        "for" if depth > 0 => {
            let bound = pick(&["stop[i]", "20", "kind[i]"]);
            format!("for (l in 1:{bound}) {{ j = 1 + l % 6; {} }}", random_block(rng, 0))
        }
        _ => "target += -1e-2 * square(b[k] * x[j] - c);".to_owned(),
    }
}

#[test]
fn jumps_at_random() {
    for seed in 0..N_RANDOM {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let body = random_block(&mut rng, 2);
        let model = format!(
            "real s = c; int k = 1; real z = 0.5;
            for (i in 1:n) {{ real h = b[i]; int j = 1; {body} target += -square(h) * 1e-2; }}
            target += -square(s) - b[k] - square(z - a);"
        );
        let reason = compare(&bind(&program(25, &model), "{}"), &model);
        assert!(reason.is_none_or(|reason| reason == TOO_MANY), "{model} is not recorded");
    }
}
