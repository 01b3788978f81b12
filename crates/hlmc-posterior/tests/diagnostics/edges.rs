//! Draws that have no diagnostics, and draws that nearly have none.

use hlmc_posterior::VariableDraws;
use proptest::prelude::*;

use crate::chains::{autoregressive, variable};

fn diagnostics(draws: &VariableDraws<'_>) -> [f64; 8] {
    [
        draws.rhat(),
        draws.ess_bulk(),
        draws.ess_tail(),
        draws.ess_mean(),
        draws.ess_quantile(0.5),
        draws.mcse_mean(),
        draws.mcse_sd(),
        draws.mcse_quantile(0.5),
    ]
}

#[test]
fn constants_have_estimates_and_no_diagnostics() {
    let draws = vec![vec![3.0; 100]; 4];
    let draws = variable(&draws);
    assert_eq!((draws.mean(), draws.sd(), draws.quantile(0.975)), (3.0, 0.0, 3.0));
    assert!(diagnostics(&draws).iter().all(|value| value.is_nan()));
}

#[test]
fn draws_that_are_not_finite_have_no_diagnostics() {
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let mut chains = vec![autoregressive(1, 50, 0.0), autoregressive(2, 50, 0.0)];
        chains[1][20] = bad;
        assert!(diagnostics(&variable(&chains)).iter().all(|value| value.is_nan()), "{bad}");
    }
}

#[test]
fn quantiles_see_infinities_and_refuse_nan() {
    let infinite = [vec![f64::NEG_INFINITY, 1.0, 2.0, f64::INFINITY, f64::INFINITY]];
    let draws = variable(&infinite);
    assert_eq!(draws.quantile(0.25), 1.0);
    assert_eq!(draws.quantile(0.9), f64::INFINITY);
    for nan in [f64::NAN, -f64::NAN] {
        assert!(variable(&[vec![1.0, nan, 2.0]]).quantile(0.5).is_nan());
    }
    assert!(draws.quantile(-0.1).is_nan());
    assert!(draws.quantile(f64::NAN).is_nan());
}

/// R: `quantile(c(1, 2, 4, 8), c(0, 0.1, 0.5, 1), type = 7)`.
#[test]
fn quantiles_interpolate_between_order_statistics() {
    let chains = [vec![8.0, 1.0], vec![4.0, 2.0]];
    let draws = variable(&chains);
    assert_eq!([0.0, 0.1, 0.5, 1.0].map(|p| draws.quantile(p)), [1.0, 1.3, 3.0, 8.0]);
}

#[test]
fn chains_of_unequal_length_are_cut_to_the_shortest() {
    let chains = [autoregressive(1, 50, 0.2), autoregressive(2, 80, 0.2)];
    let cut = [chains[0].clone(), chains[1][..50].to_vec()];
    assert_eq!(diagnostics(&variable(&chains)), diagnostics(&variable(&cut)));
    assert_eq!(variable(&chains).n_total(), 100);
}

#[test]
fn stuck_chains_are_seen() {
    let stuck = [vec![1.0; 100], vec![2.0; 100]];
    let draws = variable(&stuck);
    assert!(draws.rhat() > 10.0);
    assert!(draws.ess_mean() < 5.0);
}

/// An event has a probability and its Monte Carlo error, and no tail.
#[test]
fn events_have_an_effective_size_of_the_mean() {
    let chains = [1, 2, 3, 4].map(|seed| {
        autoregressive(seed, 500, 0.0).into_iter().map(|y| f64::from(u8::from(y > 0.4))).collect::<Vec<f64>>()
    });
    let draws = variable(&chains);
    assert!((draws.mean() - 0.1).abs() < 4.0 * draws.mcse_mean());
    assert!((draws.rhat() - 1.0).abs() < 0.01);
    assert!(draws.ess_tail().is_nan());
}

#[test]
fn scale_and_location_do_not_matter() {
    let chains = [autoregressive(1, 200, 0.5), autoregressive(2, 200, 0.5)];
    let plain = variable(&chains);
    for scale in [1e-150, 1e150] {
        let scaled = chains.clone().map(|chain| chain.into_iter().map(|y| scale * y).collect::<Vec<f64>>());
        let scaled = variable(&scaled);
        assert_eq!(scaled.rhat(), plain.rhat());
        assert!((scaled.mcse_sd() / plain.mcse_sd() / scale - 1.0).abs() < 1e-10);
    }
}

#[test]
fn draws_with_squares_out_of_range_have_no_effective_size() {
    for scale in [1e-300, 1e300] {
        let chain = [autoregressive(1, 200, 0.5).into_iter().map(|y| scale * y).collect::<Vec<f64>>()];
        assert!(variable(&chain).ess_mean().is_nan());
        assert!(variable(&chain).ess_bulk() > 10.0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Nothing panics, whatever the draws; and effective sizes are positive and bounded where they exist.
    #[test]
    fn any_draws_are_taken(
        chains in prop::collection::vec(prop::collection::vec(prop_oneof![4 => -2.0..2.0f64, 1 => any::<f64>()], 0..12), 0..4),
        probability in 0.0..1.0f64,
    ) {
        let draws = variable(&chains);
        let n = draws.n_total() as f64;
        for ess in [draws.ess_bulk(), draws.ess_tail(), draws.ess_mean(), draws.ess_quantile(probability)] {
            prop_assert!(ess.is_nan() || (ess > 0.0 && ess <= n * n.log10() * (1.0 + 1e-12)));
        }
        let rhat = draws.rhat();
        prop_assert!(rhat.is_nan() || rhat > 0.0);
        let _ = (draws.mean(), draws.sd(), draws.mcse_mean(), draws.mcse_sd(), draws.mcse_quantile(probability));
        prop_assert!(chains.iter().any(|c| c.is_empty()) || chains.is_empty() || !draws.quantile(probability).is_nan()
            || chains.iter().flatten().any(|value| !value.is_finite()));
    }
}
