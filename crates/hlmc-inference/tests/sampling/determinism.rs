//! A chain is a function of its density, its settings and its generator.

use hlmc_inference::{InitialPosition, MetricKind, Settings};

use crate::densities::{funnel, sample};

#[test]
fn equal_generators_give_equal_draws() {
    for metric in [MetricKind::Unit, MetricKind::Diag, MetricKind::Dense] {
        let settings = Settings { metric, n_warmup: 300, ..Settings::default() };
        let first = sample(funnel(4), &settings, 200, 5).unwrap();
        assert_eq!(sample(funnel(4), &settings, 200, 5).unwrap(), first);
        assert_ne!(sample(funnel(4), &settings, 200, 6).unwrap().positions, first.positions);
    }
}

#[test]
fn the_number_of_draws_does_not_change_the_first_ones() {
    let settings = Settings { n_warmup: 200, ..Settings::default() };
    let long = sample(funnel(3), &settings, 100, 5).unwrap();
    let short = sample(funnel(3), &settings, 40, 5).unwrap();
    assert_eq!(long.positions[..40], short.positions);
}

#[test]
fn a_chain_without_warmup_draws_at_once() {
    let settings =
        Settings { n_warmup: 0, initial_position: InitialPosition::Position(vec![0.0; 3]), ..Settings::default() };
    let drawn = sample(funnel(3), &settings, 20, 5).unwrap();
    assert_eq!(drawn.positions.len(), 20);
    assert!(drawn.stats.iter().all(|stats| stats.step_size == drawn.stats[0].step_size));
}
