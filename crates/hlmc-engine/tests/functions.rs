//! Functions of scalars: each with every argument in turn data and parameter, scalar and vector, agrees between the
//! engines.

mod support;

use support::agree;

/// Functions of one number, with the bounds of a parameter that they have values for.
const OF_ONE: &[(&str, &str)] = &[
    (
        "",
        "abs ceil cos cosh digamma erf erfc exp exp2 expm1 floor inv inv_cloglog inv_logit lgamma log1m_inv_logit \
          log1p_exp log_inv_logit Phi Phi_approx round sin sinh square tan tanh trunc asinh atan cbrt tgamma trigamma",
    ),
    ("<lower=0>", "sqrt inv_sqrt inv_square log log2 log10 log1p"),
    ("<upper=0>", "log1m_exp log1m"),
    ("<lower=0, upper=1>", "logit inv_Phi std_normal_qf"),
    ("<lower=-1, upper=1>", "asin acos atanh"),
    ("<lower=1>", "acosh"),
];

/// Functions of two numbers, with the bounds of both.
const OF_TWO: &[(&str, &str, &str)] = &[
    ("", "", "fdim fmax fmin hypot log_sum_exp atan2 fmod"),
    ("", "<lower=0>", "lmultiply"),
    ("<lower=0>", "", "pow"),
    ("<lower=2>", "<upper=2>", "log_diff_exp log_inv_logit_diff"),
    ("<lower=0>", "<lower=0>", "lbeta beta gamma_p gamma_q"),
];

/// A number between the bounds, different for each `i`.
fn inside(bounds: &str, i: usize) -> f64 {
    let step = 0.07 * i as f64;
    match bounds {
        "<lower=0>" => 0.6 + step,
        "<upper=0>" => -0.6 - step,
        "<upper=2>" => 1.4 - step,
        "<lower=0, upper=1>" | "<lower=-1, upper=1>" => 0.3 + step,
        "<lower=1>" | "<lower=2>" => 2.2 + step,
        _ => 0.8 - 3.0 * step,
    }
}

#[test]
fn of_one_number() {
    for (bounds, names) in OF_ONE {
        for name in names.split_whitespace() {
            let program = format!(
                "data {{ vector[3] d; }} parameters {{ real{bounds} x; vector{bounds}[3] v; real u; }}
                 model {{ target += u * {name}(x) + sum({name}(v) .* {name}(d)) - square(u); }}"
            );
            let data: Vec<String> = (0..3).map(|i| inside(bounds, i).to_string()).collect();
            agree(name, &program, &format!("{{\"d\": [{}]}}", data.join(", ")));
        }
    }
}

#[test]
fn of_two_numbers() {
    for (first, second, names) in OF_TWO {
        let data = |bounds: &str| (0..3).map(|i| inside(bounds, i).to_string()).collect::<Vec<_>>().join(", ");
        let values = format!("{{\"a\": [{}], \"b\": [{}]}}", data(first), data(second));
        for name in names.split_whitespace() {
            let program = format!(
                "data {{ vector[3] a; vector[3] b; }}
                 parameters {{ real{first} x; real{second} y; vector{first}[3] v; vector{second}[3] w; real u; }}
                 model {{
                     target += u * {name}(x, y) - square(u);
                     target += sum({name}(v, w)) + sum({name}(v, y)) + sum({name}(x, w));
                     target += sum({name}(a, w)) + sum({name}(v, b)) + sum({name}(a, b)) + sum({name}(x, b));
                     for (i in 1:3) target += {name}(v[i], b[4 - i]) * {name}(a[i], w[i]);
                 }}"
            );
            agree(name, &program, &values);
        }
    }
}

#[test]
fn powers_with_known_exponents_and_known_bases() {
    let program = "data { vector[4] base; vector[4] exponent; } parameters { real x; real<lower=0> p; vector[4] v; } model {
        vector[4] a = base .^ p;
        vector[4] b = p ^ exponent;
        target += x ^ 2 + x ^ 3 - x ^ 4 + x ^ 0 + x ^ 1 + x ^ 7 - x ^ 16 + x ^ (-1) + x ^ (-2) + x ^ (-5) + p ^ 0.5 + p ^ 1.25;
        target += sum(a) + sum(b) + 2.5 ^ x + p ^ x - (-1.5) ^ 3 * x + sum(v .^ 3) - sum(v .^ 4);
        for (i in 1:4) target += p ^ exponent[i] + base[i] ^ x + 0 ^ p;
    }";
    agree("powers", program, r#"{"base": [0.5, 1, 2.5, 3], "exponent": [0, -1, 2, 0.3]}"#);
}

#[test]
fn of_three_numbers_and_probabilities_of_known_log_odds() {
    let program = "data { int n; array[n] int y; array[n] int k; array[n] int size; array[n] int g; }
    parameters { real<lower=0, upper=1> theta; vector<lower=0, upper=1>[2] p; vector[n] eta; real x; } model {
        target += fma(x, theta, eta[1]) + log_mix(theta, x, eta[2]) + logit(theta) + log1m(theta) + log(p[1]);
        y ~ bernoulli(theta); y ~ bernoulli(p[g]); y ~ bernoulli(inv_logit(eta)); y ~ bernoulli(Phi(eta));
        k ~ binomial(size, theta); k ~ binomial(size, p[g]); k ~ binomial(size, inv_logit(eta)); k ~ binomial(size, Phi(eta));
        for (i in 1:n) { k[i] ~ binomial_logit(size[i], eta[i]); y[i] ~ bernoulli(p[g[i]] * theta); }
        theta ~ beta(1, 1); p ~ beta(2, 0.5); x ~ normal(0, 1);
    }";
    let data = r#"{"n": 4, "y": [0, 1, 1, 0], "k": [0, 3, 5, 2], "size": [4, 3, 9, 2], "g": [1, 2, 2, 1]}"#;
    agree("log odds", program, data);
}
