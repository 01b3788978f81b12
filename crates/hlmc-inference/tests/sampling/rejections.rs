//! Points without a value, met while the chain runs.

use hlmc_inference::{Chain, InitialPosition, N_KEPT_REJECTIONS, SamplerError, Settings};
use hlmc_math::{LogDensity, Rejection};
use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::densities::FromFn;

/// A standard normal for which `beyond` says what happens right of one half.
fn half_known(beyond: impl Fn() -> Result<f64, Rejection>) -> impl LogDensity {
    let function = move |position: &[f64], gradient: &mut [f64]| {
        gradient[0] = -position[0];
        if position[0] > 0.5 { beyond() } else { Ok(-0.5 * position[0] * position[0]) }
    };
    FromFn { dimension: 1, function }
}

fn settings() -> Settings {
    Settings { n_warmup: 200, initial_position: InitialPosition::Position(vec![0.0]), ..Settings::default() }
}

fn rng() -> Xoshiro256PlusPlus {
    Xoshiro256PlusPlus::seed_from_u64(3)
}

#[test]
fn rejected_points_are_divergent_counted_and_never_drawn() {
    let reject = || Err(Rejection { message: "too far".to_owned(), fatal: false });
    let mut chain = Chain::new(half_known(reject), &settings(), rng()).unwrap();
    let mut n_divergent = [0; 2];
    for _ in 0..400 {
        let draw = chain.advance().unwrap();
        assert!(draw.position[0] <= 0.5);
        n_divergent[usize::from(!draw.is_warmup)] += u64::from(draw.stats.divergent);
    }
    let rejections = chain.rejections();
    // The searches for a step size meet some more during warmup.
    assert!(rejections.n_warmup >= n_divergent[0] && n_divergent[0] > 0);
    assert_eq!(rejections.n_sampling, n_divergent[1]);
    assert!(n_divergent[1] > 0);
    assert_eq!(rejections.n_not_finite, 0);
    assert_eq!(rejections.first.len(), N_KEPT_REJECTIONS);
    assert!(rejections.first.iter().all(|rejected| rejected.message == "too far"));
    assert!(rejections.first.is_sorted_by_key(|rejected| rejected.iteration));
}

#[test]
fn densities_that_are_no_number_or_infinite_are_refused() {
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let mut chain = Chain::new(half_known(|| Ok(value)), &settings(), rng()).unwrap();
        let mut n_divergent = 0;
        for _ in 0..400 {
            let draw = chain.advance().unwrap();
            assert!(draw.position[0] <= 0.5 && draw.log_density.is_finite());
            n_divergent += u64::from(draw.stats.divergent);
        }
        assert!(n_divergent > 0);
        // A log density of negative infinity is a value like others: outside the support.
        let rejections = chain.rejections();
        assert_eq!(rejections.n_not_finite >= n_divergent, value != f64::NEG_INFINITY);
        assert_eq!((rejections.n_warmup, rejections.n_sampling), (0, 0));
    }
}

#[test]
fn a_fatal_rejection_ends_the_chain_with_its_message() {
    let fatal = Rejection { message: "fatal_error() was called".to_owned(), fatal: true };
    let mut n_left = 1000;
    let function = |position: &[f64], gradient: &mut [f64]| {
        n_left -= 1;
        gradient[0] = -position[0];
        if n_left > 0 { Ok(-0.5 * position[0] * position[0]) } else { Err(fatal.clone()) }
    };
    let mut chain = Chain::new(FromFn { dimension: 1, function }, &settings(), rng()).unwrap();
    let error = (0..2000).find_map(|_| chain.advance().err());
    assert_eq!(error, Some(SamplerError::Fatal(fatal.clone())));
}
