//! What must hold of chains whose properties are known.

use rand::SeedableRng;
use rand_distr::{Distribution, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::chains::variable;

/// Stationary Gaussian autoregressive chains with variance one.
fn stationary(seed: u64, n_chains: usize, n_draws: usize, phi: f64) -> Vec<Vec<f64>> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let scale = (1.0 - phi * phi).sqrt();
    let mut chain = || {
        let mut y: f64 = StandardNormal.sample(&mut rng);
        let next = || {
            let innovation: f64 = StandardNormal.sample(&mut rng);
            y = phi * y + scale * innovation;
            y
        };
        std::iter::repeat_with(next).take(n_draws).collect()
    };
    (0..n_chains).map(|_| chain()).collect()
}

/// The autocorrelation time of an AR(1) process is (1 + phi) / (1 - phi).
#[test]
fn effective_size_of_the_mean_follows_the_autocorrelation() {
    for phi in [-0.3, 0.0, 0.5, 0.9] {
        let chains = stationary(7, 4, 25_000, phi);
        let expected = 100_000.0 * (1.0 - phi) / (1.0 + phi);
        let found = variable(&chains).ess_mean();
        assert!((found / expected - 1.0).abs() < 0.1, "phi {phi}: {found}, expected {expected}");
    }
}

/// Ranks do not change under monotone maps, however heavy the tails become.
#[test]
fn effective_size_of_the_bulk_does_not_change_under_monotone_maps() {
    let chains = stationary(8, 4, 1000, 0.4);
    let exponentials: Vec<Vec<f64>> = chains.iter().map(|c| c.iter().map(|y| (8.0 * y).exp()).collect()).collect();
    assert_eq!(variable(&chains).ess_bulk(), variable(&exponentials).ess_bulk());
}

/// The spread of means over repeated experiments is what `mcse_mean` says; likewise for sd and quantiles.
#[test]
fn monte_carlo_errors_are_the_spread_of_repeated_estimates() {
    const N: u64 = 400;
    let mut scores = [const { Vec::<f64>::new() }; 3];
    for seed in 0..N {
        let chains = stationary(1000 + seed, 2, 1000, 0.6);
        let draws = variable(&chains);
        scores[0].push(draws.mean() / draws.mcse_mean());
        scores[1].push((draws.sd() - 1.0) / draws.mcse_sd());
        scores[2].push((draws.quantile(0.9) - 1.281_551_565_544_600_4) / draws.mcse_quantile(0.9));
    }
    for (what, scores) in ["mean", "sd", "quantile"].into_iter().zip(&scores) {
        // The mean of squared scores is one; its standard error is sqrt(2 / 400) = 0.07.
        let mean_square = scores.iter().map(|z| z * z).sum::<f64>() / N as f64;
        assert!((0.75..1.35).contains(&mean_square), "{what}: mean squared score {mean_square}");
    }
}

#[test]
fn rhat_is_near_one_for_chains_of_one_distribution() {
    let rhat = variable(&stationary(9, 4, 1000, 0.3)).rhat();
    assert!((0.999..1.01).contains(&rhat), "{rhat}");
}

#[test]
fn a_chain_elsewhere_a_wider_chain_and_a_trend_raise_rhat() {
    let mut elsewhere = stationary(10, 4, 500, 0.0);
    elsewhere[2].iter_mut().for_each(|y| *y += 1.0);
    let mut wider = stationary(11, 4, 500, 0.0);
    wider[0].iter_mut().for_each(|y| *y *= 2.0);
    let mut trend = stationary(12, 1, 500, 0.0);
    trend[0].iter_mut().enumerate().for_each(|(t, y)| *y += t as f64 / 250.0);
    for (what, chains) in [("elsewhere", elsewhere), ("wider", wider), ("trend", trend)] {
        let rhat = variable(&chains).rhat();
        assert!(rhat > 1.02, "{what}: {rhat}");
    }
}
