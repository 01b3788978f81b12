//! Forward mode against central differences and against plain numbers, on the models that come with hlmc.
#![allow(clippy::expect_used, clippy::panic, reason = "helpers of tests, though not in test functions")]

use std::path::PathBuf;
use std::sync::Arc;

use hlmc_builtins::Library;
use hlmc_engine::{Dual, Engine, EngineKind, LogProb, Prepared, engines};
use hlmc_eval::{BoundModel, Evaluator, Options};
use hlmc_math::LogDensity;
use hlmc_syntax::{Mode, NoIncludes};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;

fn bind(text: &str, data: &str) -> BoundModel {
    let parsed = hlmc_syntax::parse(text, "test.stan", Mode::Program, &mut NoIncludes);
    let program = parsed.program.expect("a program that parses");
    let checked = hlmc_check::check(&program, &Library::new());
    let program = checked.program.unwrap_or_else(|| panic!("{:?}", checked.diagnostics));
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    BoundModel::bind(Arc::new(program), data, &mut rng).expect("data that fit")
}

fn of_files(model: &str, data: &str) -> BoundModel {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../models");
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).expect("a file of models/");
    bind(&read(model), &read(data))
}

fn point(n: usize) -> Vec<f64> {
    (0..n).map(|i| 0.4 * (0.7 * i as f64 + 0.3).cos()).collect()
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
        let mut engine = Dual::new(&bound);
        let mut plain = Evaluator::<f64>::new(&bound);
        let position = point(bound.dimension());
        let mut gradient = vec![0.0; position.len()];
        let value = engine.log_density_gradient(&position, &mut gradient).expect("a density");
        assert_eq!(value, plain.log_density(&position, Options::SAMPLER).expect("a density"), "{model}");
        for i in 0..position.len() {
            let mut at = |x: f64| {
                let mut moved = position.clone();
                moved[i] = x;
                plain.log_density(&moved, Options::SAMPLER).expect("a density")
            };
            let step = 1e-5;
            let difference = (at(position[i] + step) - at(position[i] - step)) / (2.0 * step);
            let tolerance = 1e-5 * difference.abs().max(value.abs()).max(1.0);
            assert!((gradient[i] - difference).abs() < tolerance, "{model} {i}: {} {difference}", gradient[i]);
        }
    }
}

#[test]
fn loops_and_vectors_mean_the_same_density() {
    let (loops, vectors) =
        (of_files("seedling.model", "seedling.json"), of_files("seedling_vectorised.stan", "seedling.json"));
    let position = point(loops.dimension());
    let (mut a, mut b) = (vec![0.0; position.len()], vec![0.0; position.len()]);
    let x = Dual::new(&loops).log_density_gradient(&position, &mut a).expect("a density");
    let y = Dual::new(&vectors).log_density_gradient(&position, &mut b).expect("a density");
    assert!((x - y).abs() < 1e-10 * x.abs());
    a.iter().zip(&b).for_each(|(a, b)| assert!((a - b).abs() < 1e-9 * a.abs().max(1.0)));
}

#[test]
fn chunks_cover_every_coordinate() {
    for n in [0, 1, 11, 12, 13, 25] {
        let bound = bind(
            "data { int n; } parameters { vector[n] x; } model { for (i in 1:n) target += i * x[i]; target += 1; }",
            &format!("{{\"n\": {n}}}"),
        );
        let mut gradient = vec![f64::NAN; n];
        let value = Dual::new(&bound).log_density_gradient(&vec![1.0; n], &mut gradient).expect("a density");
        assert_eq!(gradient, (1..=n).map(|i| i as f64).collect::<Vec<_>>());
        assert_eq!(value, 1.0 + (n * (n + 1) / 2) as f64);
    }
}

#[test]
fn a_rejected_point_says_why_and_the_next_one_is_fine() {
    let bound = bind("parameters { real x; } model { x ~ normal(0, x); }", "");
    let mut engine = Dual::new(&bound);
    let mut gradient = [0.0];
    let rejection = engine.log_density_gradient(&[-1.0], &mut gradient).expect_err("a rejection");
    assert!(!rejection.fatal);
    assert!(rejection.message.contains("Scale parameter is -1"), "{rejection}");
    assert!(rejection.message.contains("x = -1"), "{rejection}");
    assert!(engine.failure().is_some());
    engine.log_density_gradient(&[1.0], &mut gradient).expect("a density");
    assert!(engine.failure().is_none());
}

#[test]
fn print_is_heard_once_a_point() {
    let bound = bind("parameters { vector[30] x; } model { print(x[1]); target += sum(x); }", "");
    let mut engine = Dual::new(&bound);
    engine.log_density_gradient(&[0.5; 30], &mut [0.0; 30]).expect("a density");
    assert_eq!(engine.take_printed(), ["0.5"]);
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
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    let mut reporter = LogProb::new(&bound, EngineKind::Auto);
    let report = reporter.report(&[0.0], &mut rng).expect("a density");
    assert_eq!(report.constrained, [1.0, 2.0]);
    assert_eq!(reporter.constrained_names(), ["s", "t"]);
    assert!((report.lp - -0.125).abs() < 1e-15);
    let constant = -2f64.ln() - 0.5 * std::f64::consts::TAU.ln();
    assert!((report.lp_full - report.lp - constant).abs() < 1e-14);
    assert!((report.gradient[0] - 0.75).abs() < 1e-15);
}
