//! Log densities against closed forms: transforms, dropped constants, truncation, inits, and dual against plain numbers.

mod common;

use std::f64::consts::PI;

use common::{log_density, model, written};
use hlmc_builtins::Dual;
use hlmc_eval::{Evaluator, Include, Options};
use proptest::prelude::*;

fn normal(y: f64, mu: f64, sigma: f64) -> f64 {
    -0.5 * ((y - mu) / sigma).powi(2) - sigma.ln() - 0.5 * (2.0 * PI).ln()
}

fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-12 * expected.abs().max(1.0), "{found} against {expected}");
}

const NORMAL: &str = "data { int n; vector[n] y; } parameters { real mu; real<lower=0> sigma; }
    model { mu ~ normal(0, 10); sigma ~ normal(0, 5); y ~ normal(mu, sigma); }";

proptest! {
    #![proptest_config(ProptestConfig { cases: 50, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_normal_model_has_its_closed_form(mu in -3.0..3.0, log_sigma in -1.0..1.0f64, y in -3.0..3.0) {
        let bound = model(NORMAL, &format!("{{\"n\": 2, \"y\": [{y}, 1]}}"));
        let sigma = log_sigma.exp();
        let full = normal(mu, 0.0, 10.0) + normal(sigma, 0.0, 5.0) + normal(y, mu, sigma) + normal(1.0, mu, sigma);
        let point = [mu, log_sigma];
        close(log_density(&bound, &point, false, false).unwrap(), full);
        close(log_density(&bound, &point, false, true).unwrap(), full + log_sigma);
        let constants = -10f64.ln() - 5f64.ln() - 2.0 * (2.0 * PI).ln();
        close(log_density(&bound, &point, true, true).unwrap(), full + log_sigma - constants);
    }

    #[test]
    fn inits_lead_back_to_where_they_came_from(point in prop::collection::vec(-2.0..2.0f64, 16)) {
        let program = "parameters {
            real<lower=-1> a; real<upper=a> b; vector<lower=0, upper=[1, 2]'>[2] c;
            simplex[3] s; cov_matrix[2] v; array[2] real<offset=1, multiplier=2> o; complex z; tuple(real, ordered[2]) t;
        }";
        let bound = model(program, "");
        prop_assert_eq!(bound.dimension(), 16);
        let values = written(&bound, &point).unwrap();
        let get = |name: &str| values.iter().find(|(known, _)| known == name).unwrap().1;
        let json = format!(
            "{{\"a\": {}, \"b\": {}, \"c\": [{}, {}], \"s\": [{}, {}, {}], \"v\": [[{}, {}], [{}, {}]], \"o\": [{}, {}],
              \"z\": [{}, {}], \"t\": {{\"1\": {}, \"2\": [{}, {}]}}}}",
            get("a"), get("b"), get("c.1"), get("c.2"), get("s.1"), get("s.2"), get("s.3"),
            get("v.1.1"), get("v.1.2"), get("v.2.1"), get("v.2.2"), get("o.1"), get("o.2"),
            get("z.real"), get("z.imag"), get("t:1"), get("t:2.1"), get("t:2.2"),
        );
        let back = bound.unconstrain(&json, &[]).unwrap();
        for (found, expected) in back.iter().zip(&point) {
            prop_assert!((found - expected).abs() < 1e-8, "{:?} against {:?}", back, point);
        }
        // What is not named keeps what the base has.
        let partial = bound.unconstrain("{\"t\": {\"1\": 7, \"2\": [0, 1]}}", &point).unwrap();
        prop_assert_eq!(&partial[..13], &point[..13]);
        prop_assert_eq!(partial[13], 7.0);
    }
}

#[test]
fn plain_and_dual_numbers_give_the_same_density() {
    let bound = model(NORMAL, "{\"n\": 3, \"y\": [0.3, -1.25, 2]}");
    let mut dual = Evaluator::<Dual>::new(&bound);
    let point = [0.4, -0.3];
    let seeded: Vec<Dual> = point.iter().enumerate().map(|(i, x)| Dual::from_re(*x).derivative(i)).collect();
    for propto in [true, false] {
        for jacobian in [true, false] {
            let plain = log_density(&bound, &point, propto, jacobian).unwrap();
            let with_derivatives = dual.log_density(&seeded, Options { propto, jacobian }).unwrap();
            assert_eq!(plain, with_derivatives.re);
        }
    }
}

#[test]
fn user_densities_drop_constants_where_they_ask_for_it() {
    let functions = "functions {
        real full_lpdf(real y, real mu) { return normal_lpdf(y | mu, 2); }
        real drops_lpdf(real y, real mu) { return normal_lupdf(y | mu, 2); }
        void add_lp(real y) { y ~ normal(0, 2); }
    } parameters { real x; }";
    let density = |statement: &str, propto: bool| {
        log_density(&model(&format!("{functions} model {{ {statement} }}"), ""), &[1.5], propto, true).unwrap()
    };
    let (full, dropped) = (normal(1.5, 0.0, 2.0), -0.5 * 0.75f64.powi(2));
    for (statement, with_propto) in [
        ("x ~ full(0);", full),
        ("x ~ drops(0);", dropped),
        ("target += drops_lpdf(x | 0);", full),
        ("target += drops_lupdf(x | 0);", dropped),
        ("target += normal_lpdf(x | 0, 2);", full),
        ("target += normal_lupdf(x | 0, 2);", dropped),
        ("add_lp(x);", dropped),
    ] {
        close(density(statement, true), with_propto);
        close(density(statement, false), full);
    }
}

/// The standard normal distribution function.
fn phi(x: f64) -> f64 {
    hlmc_math::special::phi(x)
}

#[test]
fn truncation_divides_by_the_mass_that_is_left() {
    let density = |statement: &str, data: &str| {
        let program = format!("data {{ array[2] real y; int k; }} parameters {{ real x; }} model {{ {statement} }}");
        log_density(&model(&program, data), &[0.5], false, true).unwrap()
    };
    let data = "{\"y\": [0.2, 0.4], \"k\": 2}";
    let plain = normal(0.5, 0.0, 1.0);
    close(density("x ~ normal(0, 1) T[-1, ];", data), plain - phi(1.0).ln());
    close(density("x ~ normal(0, 1) T[, 1];", data), plain - phi(1.0).ln());
    close(density("x ~ normal(0, 1) T[-1, 2];", data), plain - (phi(2.0) - phi(-1.0)).ln());
    assert_eq!(density("x ~ normal(0, 1) T[1, ];", data), f64::NEG_INFINITY);
    assert_eq!(density("x ~ normal(0, 1) T[, 0];", data), f64::NEG_INFINITY);
    let both = normal(0.2, 0.0, 1.0) + normal(0.4, 0.0, 1.0);
    close(density("y ~ normal(0, 1) T[0, ];", data), both - 2.0 * 0.5f64.ln());
    assert_eq!(density("y ~ normal(0, 1) T[0.3, ];", data), f64::NEG_INFINITY);
    // Of integers the lower bound itself is inside: P(k >= 1) = 1 - exp(-3) for a rate of 3.
    let poisson = 2.0 * 3f64.ln() - 3.0 - 2f64.ln();
    close(density("k ~ poisson(3) T[1, ];", data), poisson - (1.0 - (-3f64).exp()).ln());
}

#[test]
fn jacobian_increments_count_only_where_asked_for() {
    let bound =
        model("parameters { real x; } transformed parameters { jacobian += 2 * x; } model { target += x; }", "");
    assert_eq!(log_density(&bound, &[3.0], true, true).unwrap(), 9.0);
    assert_eq!(log_density(&bound, &[3.0], true, false).unwrap(), 3.0);
}

#[test]
fn jacobian_functions_count_only_where_asked_for() {
    let bound = model(
        "parameters { real y; } transformed parameters { real x = lower_bound_jacobian(y, 0); } model { target += x; }",
        "",
    );
    assert_eq!(log_density(&bound, &[3.0], true, true).unwrap(), 3.0 + 3f64.exp());
    assert_eq!(log_density(&bound, &[3.0], true, false).unwrap(), 3f64.exp());
}

#[test]
fn unassigned_transformed_parameters_do_not_touch_the_density() {
    let program = "parameters { real x; } transformed parameters { vector[2] t; t[1] = x; } model { target += t[1]; }";
    let bound = model(program, "");
    assert_eq!(log_density(&bound, &[2.0], true, true).unwrap(), 2.0);
    let mut out = Vec::new();
    let mut evaluator = Evaluator::<f64>::new(&bound);
    evaluator.constrain(&[2.0], Include::TransformedParameters, &mut common::rng(), &mut out).unwrap();
    assert_eq!(out[..2], [2.0, 2.0]);
    assert!(out[2].is_nan());
}

#[test]
fn the_same_point_gives_the_same_density_whatever_came_before() {
    let bound = model(NORMAL, "{\"n\": 1, \"y\": [0.3]}");
    let mut evaluator = Evaluator::<f64>::new(&bound);
    let first = evaluator.log_density(&[0.1, 0.2], Options::SAMPLER).unwrap();
    evaluator.log_density(&[5.0, -3.0], Options { propto: false, jacobian: false }).unwrap();
    evaluator.log_density(&[f64::NAN, 0.0], Options::SAMPLER).unwrap_err();
    assert_eq!(evaluator.log_density(&[0.1, 0.2], Options::SAMPLER).unwrap(), first);
}

#[test]
fn transformed_data_are_drawn_from_the_given_source() {
    let program = "transformed data { real u = normal_rng(0, 1); } generated quantities { real v = u; real w = normal_rng(0, 1); }";
    let (a, b) = (written(&model(program, ""), &[]).unwrap(), written(&model(program, ""), &[]).unwrap());
    assert_eq!(a, b);
}
