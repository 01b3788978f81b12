//! What warmup leaves behind.

use hlmc_inference::{Chain, InverseMetric, MetricKind, Settings, WarmupWindows};
use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::densities::{correlated_normals, independent_normals, sample};

fn rng() -> Xoshiro256PlusPlus {
    Xoshiro256PlusPlus::seed_from_u64(17)
}

#[test]
fn the_inverse_metric_estimates_the_covariance() {
    let mut chain = Chain::new(independent_normals(vec![0.1, 1.0, 10.0]), &Settings::default(), rng()).unwrap();
    while !chain.is_warmed_up() {
        assert!(chain.advance().unwrap().is_warmup);
    }
    let InverseMetric::Diag(variances) = chain.inverse_metric() else { panic!("a diagonal metric was asked for") };
    // 500 draws of the last window: a variance is known to within some 10%.
    for (variance, expected) in variances.iter().zip([0.01, 1.0, 100.0]) {
        assert!((variance / expected - 1.0).abs() < 0.35, "{variances:?}");
    }
    let settings = Settings { metric: MetricKind::Dense, ..Settings::default() };
    let mut chain = Chain::new(correlated_normals(0.9), &settings, rng()).unwrap();
    while !chain.is_warmed_up() {
        chain.advance().unwrap();
    }
    let InverseMetric::Dense(covariance) = chain.inverse_metric() else { panic!("a dense metric was asked for") };
    assert_eq!(covariance[1], covariance[2]);
    assert!((covariance[1] - 0.9).abs() < 0.25, "{covariance:?}");
}

#[test]
fn step_size_and_metric_are_fixed_after_warmup() {
    let settings = Settings { n_warmup: 150, ..Settings::default() };
    let mut chain = Chain::new(independent_normals(vec![1.0; 3]), &settings, rng()).unwrap();
    let mut warmup_step_sizes = Vec::new();
    while !chain.is_warmed_up() {
        warmup_step_sizes.push(chain.advance().unwrap().stats.step_size);
    }
    warmup_step_sizes.dedup();
    assert!(warmup_step_sizes.len() > 100, "the step size adapts in every iteration");
    let (step_size, metric) = (chain.step_size(), chain.inverse_metric().clone());
    for _ in 0..50 {
        let draw = chain.advance().unwrap();
        assert!(!draw.is_warmup);
        assert_eq!(draw.stats.step_size, step_size);
    }
    assert_eq!((chain.step_size(), chain.inverse_metric()), (step_size, &metric));
}

/// With a long last interval, since what 50 iterations leave of the noise would hide the target.
#[test]
fn the_acceptance_statistic_reaches_its_target() {
    for adapt_delta in [0.6, 0.8, 0.95] {
        let windows = WarmupWindows { term_buffer: 2000, ..WarmupWindows::default() };
        let settings = Settings { adapt_delta, n_warmup: 3000, windows, ..Settings::default() };
        let sample = sample(independent_normals(vec![1.0; 20]), &settings, 2000, 19).unwrap();
        let mean = sample.stats.iter().map(|stats| stats.accept_stat).sum::<f64>() / sample.stats.len() as f64;
        assert!((mean - adapt_delta).abs() < 0.05, "target {adapt_delta}, mean {mean}");
    }
}

#[test]
fn every_length_of_warmup_works() {
    for n_warmup in [1, 5, 19, 20, 21, 50, 99, 149, 150, 151, 160] {
        for metric in [MetricKind::Unit, MetricKind::Diag, MetricKind::Dense] {
            let settings = Settings { n_warmup, metric, ..Settings::default() };
            let sample = sample(independent_normals(vec![1.0, 3.0]), &settings, 20, 23).unwrap();
            assert!(sample.stats.iter().all(|stats| stats.step_size > 0.0 && stats.step_size.is_finite()));
        }
    }
}
