//! Tuples that the turns of a loop write slot by slot: the loop is recorded once, and agrees with forward mode.

mod support;

fn program(n: usize, model: &str) -> String {
    format!(
        "functions {{
            tuple(real, real) turned(tuple(real, real) z, real angle) {{
                return (z.1 * cos(angle) - z.2 * sin(angle), z.1 * sin(angle) + z.2 * cos(angle)); }}
            real mean_of(vector x, real a) {{
                tuple(real, int) t = (a, 0);
                for (i in 1:num_elements(x)) {{ t.1 = 0.9 * t.1 + x[i]; t.2 += 1; }}
                return t.1 / t.2; }} }}
        transformed data {{ int n = {n}; vector[n] x; for (i in 1:n) x[i] = sin(1.7 * i); }}
        parameters {{ vector[n] b; real a; real c; }}
        model {{ b ~ normal(0, 1); {model} }}"
    )
}

/// Agrees with forward mode, and has as many nodes for more turns, and so many scans.
fn agree_once(name: &str, model: &str, scans: usize) {
    support::agree_once(name, |n| program(n, model), [25, 30, 60], scans);
}

#[test]
fn slots_that_are_handed_on() {
    agree_once(
        "one that depends on itself",
        "tuple(real, real) t = (a, c); for (i in 1:n) { t.1 = tanh(t.1 + b[i]); target += -square(t.1 - t.2); }",
        1,
    );
    agree_once(
        "two that depend on one another",
        "tuple(real, real) t = (a, c);
        for (i in 1:n) { t.1 = tanh(t.1 + b[i] * t.2); t.2 = 0.5 * t.2 + t.1; } target += -square(t.1) - t.2;",
        1,
    );
    agree_once(
        "all at once",
        "tuple(real, real) z = (a, c); for (i in 1:n) { z = turned(z, b[i]); target += -square(z.1 - x[i]); }",
        1,
    );
    agree_once(
        "a vector by its entries",
        "tuple(vector[2], real) t = ([a, c]', 0.0);
        for (i in 1:n) { t.1[1] = 0.5 * t.1[1] + b[i]; t.1[2] = tanh(t.1[1] - t.1[2]); t.2 += t.1[2] * x[i]; }
        target += -dot_self(t.1) - square(t.2);",
        3,
    );
    agree_once(
        "of a tuple within a tuple",
        "tuple(real, tuple(real, real)) t = (a, (c, 0.5));
        for (i in 1:n) { t.2.1 = tanh(t.2.1 * t.2.2 + b[i]); t.1 += t.2.1; }
        target += -square(t.1) - t.2.1 * t.2.2;",
        2,
    );
    agree_once(
        "where parameters say so",
        "tuple(real, real) t = (a, c);
        for (i in 1:n) { if (b[i] > t.1) { t.1 = 0.5 * t.1 + b[i]; } else t.2 = t.2 * 0.9 - t.1; }
        target += -square(t.1) - square(t.2);",
        2,
    );
    agree_once(
        "a tuple that is unpacked into",
        "tuple(real, real) t = (a, c); real z = 0.1;
        for (i in 1:n) { (t.1, z) = (tanh(z + b[i]), t.2 * t.1); } target += -square(t.1) - square(z);",
        1,
    );
}

#[test]
fn slots_without_a_past() {
    agree_once(
        "given a value first",
        "tuple(real, real) t; for (i in 1:n) { t = (b[i] * a, x[i]); t.2 += c; target += -square(t.1 - t.2); }
        target += t.1;",
        0,
    );
    agree_once(
        "counters",
        "tuple(int, real) t = (0, a); for (i in 1:n) { t.1 += 1; target += -square(b[t.1] - t.2); }",
        0,
    );
    agree_once("in a function of lanes", "for (i in 1:n) target += -square(mean_of(x[1:20], b[i]));", 1);
}
