//! The seedling model against its exact posterior, over twenty seeds.
//!
//! Every estimate of a run, less its exact value and divided by its Monte Carlo standard error, is a z-score. For a
//! right sampler with right standard errors these are standard normal: a bias of one standard error, or standard errors
//! half or twice of what they should be, break the bounds below.
//!
//! The twenty seeds are the native engine's. Forward mode, which takes some seventy times as long for a gradient of this
//! model, is held to the same four standard errors with fewer seeds.

use std::fs;
use std::sync::OnceLock;

use hlmc_engine::{EngineKind, engines};
use serde_json::Value;

use super::fit::Fit;
use crate::harness::tests_folder;

const N_SEEDS: u64 = 20;

/// No estimate of any seed may be further from its exact value, in standard errors. Of normal ones, one in 15,000 is.
const LARGEST_Z: f64 = 4.0;

/// The mean of 20 standard normal numbers is beyond with probability 6e-5.
const LARGEST_MEAN_Z: f64 = 4.0 / 4.472_135_955;

/// Quantiles at 1e-6 and 1 - 1e-6 of the chi-square distribution with 20 degrees of freedom, that of the sum of squares
/// of 20 standard normal numbers. (R: `qchisq(c(1e-6, 1 - 1e-6), 20)`)
const SUM_OF_SQUARES: [f64; 2] = [2.5536, 65.4207];

/// Bounds of the mean square of the z-scores of all means and probabilities: correlated as they are, these are about
/// 100 independent numbers, the standard deviation of whose mean square is 0.14.
const MEAN_SQUARE: [f64; 2] = [0.5, 1.7];

/// An estimate of one run.
struct Estimate {
    quantity: String,
    is_quantile: bool,
    exact: f64,
    found: f64,
    standard_error: f64,
}

impl Estimate {
    fn z(&self) -> f64 {
        (self.found - self.exact) / self.standard_error
    }
}

/// The means, quantiles and probabilities of a run that the exact table has and the model as well.
fn estimates(fit: &Fit, has_predictions: bool) -> Vec<Estimate> {
    let path = tests_folder().join("sampling/seedling_exact.json");
    let table: Value = serde_json::from_str(&fs::read_to_string(path).expect("the table")).expect("the table is JSON");
    let number = |value: &Value| value.as_f64().expect("a number of the table");
    let mut estimates = Vec::new();
    for (name, exact) in table["parameters"].as_object().expect("parameters") {
        if name == "delta_tilde" && !has_predictions {
            continue;
        }
        let draws = fit.variable(name);
        estimates.push(Estimate {
            quantity: format!("mean of {name}"),
            is_quantile: false,
            exact: number(&exact["mean"]),
            found: draws.mean(),
            standard_error: draws.mcse_mean(),
        });
        for (probability, quantile) in exact["quantiles"].as_object().into_iter().flatten() {
            let p: f64 = probability.parse().expect("a probability");
            estimates.push(Estimate {
                quantity: format!("{p} quantile of {name}"),
                is_quantile: true,
                exact: number(quantile),
                found: draws.quantile(p),
                standard_error: draws.mcse_quantile(p),
            });
        }
    }
    let events = [("delta > 0", "delta_is_positive"), ("delta_tilde > 0", "delta_tilde_is_positive")];
    for (event, indicator) in events.into_iter().filter(|_| has_predictions) {
        let draws = fit.variable(indicator);
        estimates.push(Estimate {
            quantity: format!("probability of {event}"),
            is_quantile: false,
            exact: number(&table["probabilities"][event]),
            found: draws.mean(),
            standard_error: draws.mcse_mean(),
        });
    }
    estimates
}

/// The estimates of each seed, with the native engine.
fn runs() -> &'static [Vec<Estimate>] {
    static RUNS: OnceLock<Vec<Vec<Estimate>>> = OnceLock::new();
    RUNS.get_or_init(|| runs_of(EngineKind::Native))
}

/// The same in forward mode.
fn dual_runs() -> &'static [Vec<Estimate>] {
    static RUNS: OnceLock<Vec<Vec<Estimate>>> = OnceLock::new();
    RUNS.get_or_init(|| runs_of(EngineKind::Dual))
}

fn runs_of(engine: EngineKind) -> Vec<Vec<Estimate>> {
    let run = |seed| estimates(&Fit::new("seedling_prediction.stan", "seedling.json", engine, seed), true);
    (1..=N_SEEDS).map(run).collect()
}

/// The z-scores of each quantity over the seeds.
fn z_scores() -> impl Iterator<Item = (&'static Estimate, Vec<f64>)> {
    runs()[0].iter().enumerate().map(|(k, first)| (first, runs().iter().map(|run| run[k].z()).collect()))
}

/// The estimates that are too far off, as text, by the standard errors of the run itself. Not a number is too far.
fn too_far<'a>(estimates: impl IntoIterator<Item = &'a Estimate>) -> Vec<String> {
    let far = estimates.into_iter().filter(|estimate| estimate.z().is_nan() || estimate.z().abs() > LARGEST_Z);
    far.map(|e| format!("{}: {} +- {}, exactly {}, z {:.2}", e.quantity, e.found, e.standard_error, e.exact, e.z()))
        .collect()
}

#[test]
fn every_mean_and_probability_of_every_seed_is_within_four_standard_errors() {
    for (engine, runs) in [("native", runs()), ("dual", dual_runs())] {
        for (run, seed) in runs.iter().zip(1..) {
            let far = too_far(run.iter().filter(|estimate| !estimate.is_quantile));
            assert!(far.is_empty(), "{engine}, seed {seed}: {far:#?}");
        }
    }
}

/// The standard error of a quantile far out is itself uncertain: it is the distance of two order statistics where draws
/// are few, small just where the quantile is too far in, and differs twofold between seeds. It is therefore taken from
/// all seeds of the native engine together, as root mean square. (By its own standard error, one of the 1,400 quantiles is further off than
/// four: that at 2.5% of `delta_tilde` with seed 12, by 5.1.)
#[test]
fn every_quantile_of_every_seed_is_within_four_standard_errors_of_all_seeds() {
    for (k, first) in runs()[0].iter().enumerate().filter(|(_, estimate)| estimate.is_quantile) {
        let sum: f64 = runs().iter().map(|run| run[k].standard_error.powi(2)).sum();
        let standard_error = (sum / runs().len() as f64).sqrt();
        for run in runs().iter().chain(dual_runs()) {
            let z = (run[k].found - run[k].exact) / standard_error;
            assert!(z.abs() <= LARGEST_Z, "{}: {}, z {z:.2}", first.quantity, run[k].found);
        }
    }
}

#[test]
fn z_scores_of_every_quantity_have_mean_zero() {
    for (estimate, z) in z_scores() {
        let mean = z.iter().sum::<f64>() / z.len() as f64;
        assert!(mean.abs() <= LARGEST_MEAN_Z, "{}: mean z {mean}", estimate.quantity);
    }
}

#[test]
fn z_scores_of_every_quantity_have_variance_one() {
    for (estimate, z) in z_scores() {
        let sum: f64 = z.iter().map(|z| z * z).sum();
        let [low, high] = SUM_OF_SQUARES;
        assert!(low <= sum && sum <= high, "{}: sum of squared z {sum}", estimate.quantity);
    }
}

#[test]
fn z_scores_of_means_together_have_variance_one() {
    let z: Vec<f64> = z_scores().filter(|(estimate, _)| !estimate.is_quantile).flat_map(|(_, z)| z).collect();
    let mean_square = z.iter().map(|z| z * z).sum::<f64>() / z.len() as f64;
    let [low, high] = MEAN_SQUARE;
    assert!(low <= mean_square && mean_square <= high, "mean of squared z {mean_square}");
}

#[test]
fn the_old_syntax_has_the_same_posterior() {
    for engine in engines() {
        let far = too_far(&estimates(&Fit::new("seedling.model", "seedling.json", *engine, 1), false));
        assert!(far.is_empty(), "{engine}: {far:#?}");
    }
}
