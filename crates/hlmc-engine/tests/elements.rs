//! Loops over the elements of a container, within other loops or not: recorded once for all elements of all turns around,
//! they agree with forward mode, and have as many nodes for more elements.

mod support;

use rand::{RngExt as _, SeedableRng as _};
use rand_xoshiro::Xoshiro256PlusPlus;
use support::agree;

/// Random programs.
const N_RANDOM: u64 = 60;

/// Seven groups, with known and unknown containers of so many entries.
fn program(size: usize, model: &str) -> String {
    format!(
        "functions {{ real total(vector x, real a) {{ real sum = a; for (z in x) sum += square(z - a); return sum; }} }}
        transformed data {{ int n = 7; int k = {size}; matrix[n, k] x; array[n, k] int code; array[k] int flat;
            array[n] vector[k] v; array[k] vector[3] triples; array[k, 2] int pairs; array[k] matrix[2, 2] squares;
            for (s in 1:n) for (t in 1:k) {{ x[s, t] = sin(1.3 * s + 0.7 * t); code[s, t] = 1 + (s + t * t) % 3; }}
            for (t in 1:k) {{ flat[t] = 1 + t * t % n; pairs[t] = {{t % 3 + 1, t % n + 1}};
                squares[t] = [[t / 3.0, 1], [cos(t), 2]];
                for (i in 1:3) triples[t, i] = cos(1.1 * t + i); }}
            for (s in 1:n) v[s] = x[s]'; }}
        parameters {{ vector[n] a; real b; real c; vector[k] u; matrix[n, k] w; array[k] vector[3] q; }}
        model {{ a ~ normal(0, 1); u ~ normal(0, 1); to_vector(w) ~ normal(0, 1); for (i in 1:k) q[i] ~ normal(0, 1);
            {model} }}"
    )
}

/// Agrees with forward mode, and has as many nodes for more elements, and so many scans.
fn agree_once(name: &str, model: &str, scans: usize) {
    support::agree_once(name, |size| program(size, model), [18, 24, 39], scans);
}

#[test]
fn elements_that_all_turns_around_share() {
    agree_once("known reals", "for (s in 1:n) for (z in triples[2:k, 1]) target += -square(a[s] * z - b);", 0);
    agree_once("known ints", "for (s in 1:n) for (i in flat) target += -square(a[s] * i - a[i]);", 0);
    agree_once("unknown reals", "for (s in 1:n) for (z in u) target += -square(a[s] - z) * exp(b);", 0);
    agree_once("entries of a matrix", "for (s in 1:n) for (z in w) target += -square(a[s] - z) * exp(b);", 0);
    agree_once("a density", "for (s in 1:n) { real mu = a[s] + b; for (z in u) z ~ normal(mu * c, 1); }", 0);
}

#[test]
fn elements_of_a_turn_of_its_own() {
    agree_once("known reals", "for (s in 1:n) for (z in x[s]) target += -square(a[s] * z - b);", 0);
    agree_once("known vectors", "for (s in 1:n) for (z in v[s]) target += -square(a[s] * z - b);", 0);
    agree_once("known ints", "for (s in 1:n) for (i in code[s]) target += -square(a[s] * i - a[i]);", 0);
    agree_once("unknown reals", "for (s in 1:n) for (z in w[s]) target += -square(a[s] - z) * exp(b);", 0);
    agree_once("a window", "for (s in 1:n) for (z in u[s:(s + 11)]) target += -square(a[s] - z) * exp(b);", 0);
    agree_once("computed", "for (s in 1:n) for (z in w[s] * a[s] + b) target += -square(z);", 0);
}

#[test]
fn elements_that_are_containers() {
    agree_once("known, outermost", "for (z in triples) target += -square(z[1] * b + z[2] * c - z[3]);", 0);
    agree_once("unknown, outermost", "for (z in q) target += -dot_self(z - b);", 0);
    agree_once("of ints, outermost", "for (p in pairs) target += -square(a[p[1]] - b * a[p[2]]);", 0);
    agree_once("known", "for (s in 1:n) for (z in triples) target += -square(z[1] * a[s] + z[2] * c - z[3]);", 0);
    agree_once("unknown", "for (s in 1:n) for (z in q) target += -square(z[1] * a[s] + z[2] * c - z[3]);", 0);
    agree_once("of ints", "for (s in 1:n) for (p in pairs) target += -square(a[p[1]] - a[s] * a[p[2]]);", 0);
    agree_once("matrices", "for (s in 1:n) for (z in squares) target += -square(z[1, 2] * a[s] + z[2, 1] * b);", 0);
    agree_once("and theirs", "for (s in 1:n) for (z in q) for (e in z) target += -square(e * a[s] - b);", 0);
}

#[test]
fn what_is_carried_from_element_to_element() {
    agree_once(
        "a sum of the turn",
        "for (s in 1:n) { real d = a[s]; for (z in x[s]) d += b * z; target += -square(d); }",
        0,
    );
    agree_once("a sum of all", "real d = c; for (s in 1:n) for (z in w[s]) d += a[s] * z; target += -square(d);", 0);
    agree_once(
        "a recurrence",
        "for (s in 1:n) { real d = a[s]; for (z in w[s]) { d = tanh(b * d + z); target += -square(d); } }",
        1,
    );
    agree_once(
        "a recurrence through containers",
        "for (s in 1:n) { real d = a[s]; for (z in q) { d = tanh(b * d + z[1] * z[2]); target += -square(d - z[3]); } }",
        1,
    );
    agree_once("in a function", "for (s in 1:n) target += -square(total(u, a[s]) - b);", 0);
    agree_once("in a function, of the turn", "for (s in 1:n) target += -square(total(w[s]', a[s]) - b);", 0);
    agree_once(
        "what the last one leaves",
        "for (s in 1:n) { real d = a[s]; for (z in w[s]) d = b * z; target += -square(d - c); }",
        0,
    );
    agree_once(
        "a position",
        "for (s in 1:n) { int i = 0; for (z in x[s]) { i += 1; target += -square(w[s, i] * z - b); } }",
        0,
    );
}

#[test]
fn branches() {
    agree_once(
        "on data around",
        "for (s in 1:n) { if (s % 3 > 0) { for (z in w[s]) target += -square(a[s] - z); } else target += c; }",
        0,
    );
    agree_once(
        "on data inside",
        "for (s in 1:n) for (i in code[s]) { if (i == 2) target += -square(a[s] - b); else target += a[i]; }",
        0,
    );
    agree_once(
        "on parameters inside",
        "for (s in 1:n) for (z in w[s]) { real d = a[s] - z; if (d > b) d = square(d); target += -square(d * c); }",
        0,
    );
}

/// Loops over random containers, with random bodies, to be put into other loops so deep.
fn random_loop(rng: &mut Xoshiro256PlusPlus, depth: usize) -> String {
    let mut pick = |options: &[&str]| options[rng.random_range(0..options.len())].to_owned();
    let z = format!("z{depth}");
    let (container, value) = match pick(&["x", "w", "u", "i", "q", "t"]).as_str() {
        "x" => (pick(&["x[s]", "v[s]", "x", "x[2]"]), z.clone()),
        "w" => (pick(&["w[s]", "w[:, 3]", "w * a[s]", "w[s, 2:k]"]), z.clone()),
        "u" => (pick(&["u", "u * a[s]", "u[flat]", "u[s:(s + 9)]", "sort_asc(u)"]), z.clone()),
        "i" => (pick(&["flat", "code[s]", "code[3]", "{s, 1, 3}"]), format!("a[{z}]")),
        "q" => (pick(&["q", "q[2:9]", "triples"]), format!("{z}[2]")),
        _ => (pick(&["pairs", "{{s, 2}, {1, s}}"]), format!("a[{z}[1]]")),
    };
    let value = pick(&[&value, &format!("(b * {value})"), &format!("(h + {value})"), &format!("tanh({value} - a[s])")]);
    let statement = match pick(&["h =", "h +=", "g +=", "target", "target", "if", "m", "for"]).as_str() {
        "h =" => format!("h = tanh({value});"),
        "h +=" => format!("h += {value};"),
        "g +=" => format!("g += {value};"),
        "if" => format!("if ({value} > c) target += -square({value}); else g += h;"),
        "m" => format!("m[s] = {value};"),
        "for" if depth == 0 => random_loop(rng, depth + 1),
        _ => format!("target += -1e-2 * square({value});"),
    };
    format!("for ({z} in {container}) {{ {statement} }}")
}

#[test]
fn loops_at_random() {
    for seed in 0..N_RANDOM {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let (first, second) = (random_loop(&mut rng, 0), random_loop(&mut rng, 0));
        let model = format!(
            "real g = c; vector[n] m = a;
            for (s in 1:n) {{ real h = a[s]; {first} {second} target += -square(h - b); }}
            target += -1e-4 * square(g) - dot_self(m);"
        );
        agree(&model, &program(18, &model), "{}");
    }
}
