//! Loops within loops whose inner bounds differ between the outer turns, such as observations of subjects: recorded once
//! for all turns of all subjects, they agree with forward mode, and have as many nodes for longer subjects.

mod support;

use rand::{RngExt as _, SeedableRng as _};
use rand_xoshiro::Xoshiro256PlusPlus;
use support::agree;

/// Random programs.
const N_RANDOM: u64 = 60;

/// Nine subjects, of which the first, one in the middle and the last have no turn, and the third has the most.
fn program(longest: usize, model: &str) -> String {
    format!(
        "functions {{ real distance(real x, real y) {{ real d = x - y; return square(d); }}
            real total(vector x, int n, real a) {{ real sum = a; for (t in 1:n) sum += a * x[t]; return sum; }} }}
        transformed data {{ int n = 9; int longest = {longest}; array[n] int size; array[n] int first; array[n] int last;
            array[n] int kind; matrix[n, longest] x; vector[n * longest] y; array[longest] int code;
            for (s in 1:n) {{ size[s] = s % 4 == 1 ? 0 : longest - s * 5 % 7; kind[s] = s % 3; }}
            size[3] = longest;
            for (s in 1:n) {{ first[s] = 1 + s % 3; last[s] = s % 4 == 1 ? 0 : size[s] - s % 2; }}
            for (s in 1:n) for (t in 1:longest) x[s, t] = sin(1.3 * s + 0.7 * t);
            for (i in 1:(n * longest)) y[i] = cos(1.7 * i);
            for (t in 1:longest) code[t] = 1 + t * t % 3; }}
        parameters {{ vector[n] a; real b; real c; vector[40] v; }}
        model {{ a ~ normal(0, 1); v ~ normal(0, 1); {model} }}"
    )
}

/// Agrees with forward mode, and has as many nodes for longer subjects, and so many scans.
fn agree_once(name: &str, model: &str, scans: usize) {
    support::agree_once(name, |longest| program(longest, model), [18, 24, 39], scans);
}

fn agree_anyhow(name: &str, model: &str) {
    agree(name, &program(18, model), "{}");
}

#[test]
fn turns_that_are_independent() {
    agree_once("up to a size", "for (s in 1:n) for (t in 1:size[s]) target += -square(a[s] * x[s, t] - b);", 0);
    agree_once(
        "from a start to an end",
        "for (s in 1:n) for (t in first[s]:last[s]) x[s, t] ~ normal(a[s], exp(b));",
        0,
    );
    agree_once(
        "from a start on",
        "for (s in 1:n) for (t in first[s]:longest) target += -a[s] * square(x[s, t] - b);",
        0,
    );
    agree_once(
        "densities",
        "for (s in 1:n) { real mu = a[s] + b; for (t in 1:size[s]) x[s, t] ~ normal(mu * c, 1); }",
        0,
    );
    agree_once(
        "a function of a turn",
        "for (s in 1:n) for (t in 1:size[s]) target += -distance(x[s, t] * b, a[s]);",
        0,
    );
    agree_once(
        "a branch on data in a turn",
        "for (s in 1:n) for (t in 1:size[s]) { if (code[t] == s % 3 + 1) target += a[s] * x[s, t] * b; else if (t > 3)
        target += -square(c - a[s]); }",
        0,
    );
    agree_once(
        "a branch on parameters in a turn",
        "for (s in 1:n) for (t in 1:size[s]) { real d = a[s] - x[s, t]; if (d > b) d = square(d); target += -d * c; }",
        0,
    );
}

#[test]
fn no_turn_at_all() {
    agree_once(
        "nothing happens",
        "for (s in 1:n) { real d = a[s]; for (t in 20:(size[s] % 7)) d += b; target += -square(d); }",
        0,
    );
}

#[test]
fn in_a_branch() {
    agree_once(
        "a branch on data around",
        "for (s in 1:n) { if (kind[s] > 0) { for (t in 1:size[s]) target += -square(a[s] * x[s, t] - b); } else target += c; }",
        0,
    );
    agree_once(
        "one subject alone takes it",
        "for (s in 1:n) { real d = 0; if (s == 3) { for (t in 1:size[s]) d += a[s] * x[s, t]; } target += -square(d - b); }",
        0,
    );
    agree_once(
        "subjects without a turn take it",
        "for (s in 1:n) { real d = c; if (s % 4 == 1) { for (t in 1:size[s]) d = a[s] * x[s, t]; } target += -square(d - b); }",
        0,
    );
    agree_once(
        "a branch on parameters around",
        "for (s in 1:n) { real d = b; if (a[s] > c) { for (t in 1:size[s]) d += a[s] * x[s, t]; } target += -square(d); }",
        0,
    );
}

#[test]
fn running_sums() {
    agree_once(
        "of the subject",
        "for (s in 1:n) { real d = a[s]; for (t in 1:size[s]) d += b * x[s, t]; target += -square(d); }",
        0,
    );
    agree_once(
        "of all subjects",
        "real d = c; for (s in 1:n) for (t in 1:size[s]) d += a[s] * x[s, t]; target += -square(d);",
        0,
    );
    agree_once(
        "of both",
        "real d = c; for (s in 1:n) { real e = 0; for (t in first[s]:last[s]) { e += a[s] * x[s, t]; d -= e; } d += e; }
        target += -square(d);",
        1,
    );
    agree_once("in a function", "for (s in 1:n) target += -square(total(v, size[s], a[s]) - b);", 0);
}

#[test]
fn what_is_left_of_the_last_turn() {
    agree_once(
        "a number",
        "for (s in 1:n) { real d = a[s]; for (t in 1:size[s]) { d = b * x[s, t]; target += -square(d); } target += d * a[s]; }",
        0,
    );
    agree_once(
        "a number that all turns share",
        "for (s in 1:n) { real d = a[s]; for (t in 1:size[s]) { d = b * c; target += d * x[s, t]; } target += -square(d); }",
        0,
    );
    agree_once(
        "an integer",
        "for (s in 1:n) { int k = 2; for (t in 1:size[s]) { k = code[t]; target += a[k] * x[s, t]; } target += -square(a[k]); }",
        0,
    );
    agree_once(
        "a vector",
        "for (s in 1:n) { vector[2] d = [a[s], b]'; for (t in 1:size[s]) { d = [x[s, t] * b, c]'; target += -d[1] * d[2]; }
        target += -dot_self(d); }",
        0,
    );
    agree_once(
        "a number of one subject",
        "for (s in 1:n) { real d = c; for (t in 1:(s == 5 ? longest : 0)) { d = b * x[s, t]; target += d; }
        target += -square(d * a[s]); }",
        0,
    );
    agree_once(
        "an integer that turns hand on",
        "for (s in 1:n) { int k = s; for (t in 1:size[s]) { if (code[t] == 2) k += 1; target += v[k] * x[s, t]; } target += a[s] * k; }",
        0,
    );
    agree_once(
        "a position through all subjects",
        "int k = 1; for (s in 1:n) { for (t in 1:size[s]) { target += -square(y[k] - a[s]) * b; k += 1; } target += c * k; }",
        0,
    );
}

#[test]
fn arrays_of_all_subjects() {
    agree_once(
        "are written",
        "matrix[n, longest] m = rep_matrix(b, n, longest);
        for (s in 1:n) for (t in 1:size[s]) m[s, t] = a[s] * x[s, t]; target += -sum(square(m - c));",
        0,
    );
    agree_once(
        "are written and read",
        "matrix[n, longest] m; for (s in 1:n) { for (t in first[s]:size[s]) m[s, t] = a[s] * x[s, t];
        for (t in first[s]:last[s]) target += -square(m[s, t] - b); }",
        0,
    );
}

#[test]
fn recurrences() {
    agree_once(
        "of a level",
        "for (s in 1:n) { real h = a[s]; for (t in 1:size[s]) { h = 0.5 * b * h + x[s, t]; target += -square(h - c); }
        target += -square(h); }",
        1,
    );
    agree_once(
        "of the entries of an array",
        "matrix[n, longest] h; for (s in 1:n) { h[s, 1] = a[s]; for (t in 2:size[s]) { h[s, t] = 0.5 * b * h[s, t - 1] + x[s, t];
        target += -square(h[s, t] - c); } if (size[s] > 0) target += -square(h[s, size[s]]); }",
        1,
    );
    agree_once(
        "over two turns",
        "matrix[n, longest + 2] h = rep_matrix(c, n, longest + 2); for (s in 1:n) { h[s, 2] = a[s];
        for (t in 1:size[s]) h[s, t + 2] = 0.3 * h[s, t + 1] + 0.2 * b * h[s, t]; } target += -sum(square(h));",
        1,
    );
    agree_once(
        "backwards",
        "matrix[n, longest] h = rep_matrix(c, n, longest);
        for (s in 1:n) for (t in 1:(size[s] - 1)) h[s, size[s] - t] = 0.5 * b * h[s, size[s] - t + 1] + x[s, t] * a[s];
        target += -sum(square(h));",
        1,
    );
    agree_once(
        "of a vector",
        "for (s in 1:n) { vector[2] h = [a[s], c]'; for (t in 1:size[s]) { h = 0.4 * [[b, c], [1, b]] * h + [x[s, t], 0]';
        target += -square(h[2]); } target += -dot_self(h); }",
        1,
    );
    agree_once(
        "through all subjects",
        "real h = c; for (s in 1:n) { for (t in 1:size[s]) h = 0.5 * b * h + x[s, t] * a[s]; target += -square(h - a[s]); }",
        1,
    );
}

#[test]
fn the_forward_algorithm() {
    agree_once(
        "of every subject",
        "for (s in 1:n) { vector[2] alpha = [a[s], c]'; vector[2] next;
            for (t in 2:size[s]) {
                for (k in 1:2) next[k] = log_sum_exp(alpha[1] + b * k, alpha[2] - c) + normal_lpdf(x[s, t] | v[k], 1);
                alpha = next;
            }
            target += log_sum_exp(alpha); }",
        1,
    );
}

#[test]
fn vectors_whose_sizes_differ_between_turns() {
    agree_once(
        "segments",
        "for (s in 1:n) for (t in 1:size[s]) target += -square(sum(segment(v, 1, code[t])) - a[s] * x[s, t]);",
        0,
    );
}

#[test]
fn three_deep() {
    agree_once(
        "triangles",
        "for (s in 1:n) for (t in 1:size[s]) for (u in t:longest) target += -square(a[s] * x[s, t] - b * x[s, u]);",
        0,
    );
    agree_once(
        "sums of sums",
        "for (s in 1:n) { real d = 0; for (t in 1:size[s]) { real e = a[s]; for (u in first[s]:(size[s] + 1 - t)) e += b * x[s, u];
        d += x[s, t] * square(e); } target += -d; }",
        0,
    );
    agree_once(
        "recurrences within turns",
        "for (s in 1:n) { real d = a[s]; for (t in 1:size[s]) { real e = c; for (u in t:longest) e = 0.5 * e * b + x[s, u];
        d += e; } target += -square(d); }",
        1,
    );
    agree_anyhow(
        "recurrences of recurrences",
        "for (s in 1:n) { real d = a[s]; for (t in 1:size[s]) { real e = c; for (u in t:longest) e = 0.5 * e * b + x[s, u];
        d = 0.3 * d + e; } target += -square(d); }",
    );
}

#[test]
fn turn_by_turn_where_nothing_else_is_possible() {
    agree_anyhow(
        "a long vector that is read as a whole and written",
        "for (s in 1:n) { vector[300] d = rep_vector(b, 300); for (t in 1:size[s]) d[t] = 0.01 * sum(d) + a[s];
        target += -dot_self(d); }",
    );
    agree_anyhow(
        "a loop that is left",
        "for (s in 1:n) for (t in 1:size[s]) { if (x[s, t] > 0.9) break; target += -square(a[s] - x[s, t]); }",
    );
    agree_anyhow("few turns", "for (s in 1:n) for (t in 1:(size[s] % 7)) target += -square(a[s] - b * x[s, t]);");
}

/// Statements of loops over subjects `s` and their turns `t`, which draw on a number `u` of all subjects, `h` of one, an
/// array `m` of all, and `w` of one.
struct Bodies<'a> {
    rng: &'a mut Xoshiro256PlusPlus,
}

impl Bodies<'_> {
    fn pick<'s>(&mut self, options: &[&'s str]) -> &'s str {
        options[self.rng.random_range(0..options.len())]
    }

    fn value(&mut self, depth: usize) -> String {
        if depth == 0 {
            let leaves =
                ["u", "h", "m[s, t]", "m[s, t + 1]", "w[2]", "w[code[t]]", "x[s, t]", "a[s]", "b", "v[t]", "a[k]"];
            return self.pick(&leaves).to_owned();
        }
        let (p, q) = (self.value(depth - 1), self.value(depth - 1));
        let forms = [
            format!("({p} + {q})"),
            format!("{p} * tanh({q})"),
            format!("(code[t] > 1 ? {p} : {q})"),
            format!("({p} > c ? {p} : {q})"),
        ];
        forms[self.rng.random_range(0..forms.len())].clone()
    }

    fn statement(&mut self, depth: usize) -> String {
        let value = self.value(1);
        match self.rng.random_range(0..if depth == 0 { 8 } else { 10 }) {
            0 => format!("h = tanh({value});"),
            1 => format!("h += {value};"),
            2 => format!("u += {value};"),
            3 => format!("m[s, {}] = tanh({value});", self.pick(&["t", "t + 1", "2"])),
            4 => format!("w[{}] = tanh({value});", self.pick(&["1", "code[t]"])),
            5 => "if (code[t] == 2) k = 1 + (k + t) % 9;".to_owned(),
            6 | 7 => format!("target += -square({value});"),
            8 => {
                let condition = self.pick(&["kind[s] > 0", "t > 4", "h > b", "code[t] == 1"]);
                format!("if ({condition}) {{ {} }} else {{ {} }}", self.statements(0), self.statements(0))
            }
            _ => format!("for (j in {}:code[t]) {{ {} }}", self.pick(&["1", "2"]), self.statements(0)),
        }
    }

    fn statements(&mut self, depth: usize) -> String {
        (0..self.rng.random_range(1..3)).map(|_| self.statement(depth)).collect::<Vec<_>>().join(" ")
    }
}

#[test]
fn loops_at_random() {
    for seed in 0..N_RANDOM {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let mut bodies = Bodies { rng: &mut rng };
        let (bounds, body) = (bodies.pick(&["1:size[s]", "first[s]:last[s]", "code[s]:size[s]"]), bodies.statements(1));
        let around = bodies.pick(&["", "if (kind[s] > 0)", "if (s > 7)"]);
        let model = format!(
            "real u = c; matrix[n, longest + 1] m = rep_matrix(b, n, longest + 1);
            for (s in 1:n) {{ real h = a[s]; vector[3] w = [b, h, 1]'; int k = s;
                {around} {{ for (t in {bounds}) {{ {body} }} }}
                target += -square(h - b) - dot_self(w) + 0.1 * k * b; }}
            target += -1e-4 * square(u) - sum(square(m));"
        );
        agree(&model, &program(18, &model), "{}");
    }
}
