//! Each engine by itself: against central differences and plain numbers on the models that come with hlmc, and what every
//! engine promises beside numbers.
#![allow(clippy::expect_used, reason = "helpers of tests, though not in test functions")]

mod support;

use std::path::PathBuf;

use hlmc_engine::{Engine, EngineKind, LogProb, Prepared, engines};
use hlmc_eval::{BoundModel, Evaluator, Options};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;
use support::bind;

/// How far an engine's value may differ from that at plain numbers, relative to the larger of its size and 1.
const TOLERANCE: f64 = 1e-12;

fn of_files(model: &str, data: &str) -> BoundModel {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../models");
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).expect("a file of models/");
    bind(&read(model), &read(data))
}

fn point(n: usize) -> Vec<f64> {
    (0..n).map(|i| 0.4 * (0.7 * i as f64 + 0.3).cos()).collect()
}

/// An engine of this kind; where the native one cannot run the model, forward mode.
fn engine(kind: EngineKind, model: &BoundModel) -> Box<dyn Engine> {
    Prepared::new(kind, model).engine()
}

/// The log density and its gradient.
fn value_and_gradient(kind: EngineKind, model: &BoundModel, position: &[f64]) -> (f64, Vec<f64>) {
    let mut gradient = vec![f64::NAN; position.len()];
    let value = engine(kind, model).log_density_gradient(position, &mut gradient).expect("a density");
    (value, gradient)
}

#[test]
fn gradients_are_those_of_central_differences() {
    let models = [
        ("seedling.model", "seedling.json"),
        ("seedling_vectorised.stan", "seedling.json"),
        ("seedling_student_t_errors.stan", "seedling.json"),
        ("eight_schools.stan", "eight_schools.json"),
        ("eight_schools_noncentred.stan", "eight_schools.json"),
        ("logistic_regression.stan", "logistic_regression.json"),
        ("mixture.stan", "mixture.json"),
        ("ar1.stan", "ar1.json"),
    ];
    for (model, data) in models {
        let bound = of_files(model, data);
        let mut plain = Evaluator::<f64>::new(&bound);
        let position = point(bound.dimension());
        let exact = plain.log_density(&position, Options::SAMPLER).expect("a density");
        for kind in engines() {
            let (value, gradient) = value_and_gradient(*kind, &bound, &position);
            assert!((value - exact).abs() <= TOLERANCE * exact.abs().max(1.0), "{model} {kind}: {value} {exact}");
            for (i, partial) in gradient.iter().enumerate() {
                let difference = central_difference(&mut plain, &position, i);
                let tolerance = 1e-5 * difference.abs().max(value.abs()).max(1.0);
                assert!((partial - difference).abs() < tolerance, "{model} {kind} {i}: {partial} {difference}");
            }
        }
    }
}

fn central_difference(plain: &mut Evaluator<f64>, position: &[f64], i: usize) -> f64 {
    const STEP: f64 = 1e-5;
    let mut at = |x: f64| {
        let mut moved = position.to_vec();
        moved[i] = x;
        plain.log_density(&moved, Options::SAMPLER).expect("a density")
    };
    (at(position[i] + STEP) - at(position[i] - STEP)) / (2.0 * STEP)
}

#[test]
fn loops_and_vectors_mean_the_same_density() {
    let (loops, vectors) =
        (of_files("seedling.model", "seedling.json"), of_files("seedling_vectorised.stan", "seedling.json"));
    let position = point(loops.dimension());
    for kind in engines() {
        let (x, a) = value_and_gradient(*kind, &loops, &position);
        let (y, b) = value_and_gradient(*kind, &vectors, &position);
        assert!((x - y).abs() < 1e-10 * x.abs());
        a.iter().zip(&b).for_each(|(a, b)| assert!((a - b).abs() < 1e-9 * a.abs().max(1.0)));
    }
}

#[test]
fn chunks_cover_every_coordinate() {
    for n in [0, 1, 11, 12, 13, 25] {
        let bound = bind(
            "data { int n; } parameters { vector[n] x; } model { for (i in 1:n) target += i * x[i]; target += 1; }",
            &format!("{{\"n\": {n}}}"),
        );
        for kind in engines() {
            let (value, gradient) = value_and_gradient(*kind, &bound, &vec![1.0; n]);
            assert_eq!(gradient, (1..=n).map(|i| i as f64).collect::<Vec<_>>());
            assert_eq!(value, 1.0 + (n * (n + 1) / 2) as f64);
        }
    }
}

#[test]
fn a_rejected_point_says_why_and_the_next_one_is_fine() {
    let bound = bind("parameters { real x; } model { x ~ normal(0, x); }", "");
    for kind in engines() {
        let mut engine = engine(*kind, &bound);
        let mut gradient = [0.0];
        let rejection = engine.log_density_gradient(&[-1.0], &mut gradient).expect_err("a rejection");
        assert!(!rejection.fatal);
        assert!(rejection.message.contains("Scale parameter is -1"), "{rejection}");
        assert!(rejection.message.contains("x = -1"), "{rejection}");
        assert!(engine.failure().is_some());
        engine.log_density_gradient(&[1.0], &mut gradient).expect("a density");
        assert!(engine.failure().is_none());
    }
}

#[test]
fn print_is_heard_once_a_point() {
    let bound = bind("parameters { vector[30] x; } model { print(x[1]); target += sum(x); }", "");
    for kind in engines() {
        let mut engine = engine(*kind, &bound);
        engine.log_density_gradient(&[0.5; 30], &mut [0.0; 30]).expect("a density");
        assert_eq!(engine.take_printed(), ["0.5"]);
    }
}

#[test]
fn engines_are_found_by_name() {
    for kind in engines() {
        assert_eq!(kind.to_string().parse::<EngineKind>(), Ok(*kind));
        let bound = bind("parameters { real x; } model { x ~ normal(0, 1); }", "");
        assert_eq!(Prepared::new(*kind, &bound).kind(), *kind);
    }
    assert_eq!("auto".parse(), Ok(EngineKind::Auto));
    let error = "warp".parse::<EngineKind>().expect_err("no engine");
    assert_eq!(error.to_string(), "there is no engine `warp`; there are auto, dual, native");
}

#[test]
fn a_report_has_densities_gradient_and_constrained_values() {
    let bound = bind(
        "parameters { real<lower=0> s; } transformed parameters { real t = 2 * s; } model { s ~ normal(0, 2); }",
        "",
    );
    for kind in engines() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
        let mut reporter = LogProb::new(&bound, *kind);
        let report = reporter.report(&[0.0], &mut rng).expect("a density");
        assert_eq!(report.constrained, [1.0, 2.0]);
        assert_eq!(reporter.constrained_names(), ["s", "t"]);
        assert!((report.lp - -0.125).abs() < 1e-15);
        let constant = -2f64.ln() - 0.5 * std::f64::consts::TAU.ln();
        assert!((report.lp_full - report.lp - constant).abs() < 1e-14);
        assert!((report.gradient[0] - 0.75).abs() < 1e-15);
    }
}
