//! Small autoregressive chains that any language can make again, bit for bit.

use hlmc_posterior::VariableDraws;

/// Knuth's MMIX linear congruential generator.
const MULTIPLIER: u64 = 6_364_136_223_846_793_005;
const INCREMENT: u64 = 1_442_695_040_888_963_407;

/// `y[t] = phi y[t-1] + u[t] - 1/2`, from `y = 0`, where `u` is the generator's upper 53 bits as a fraction.
pub(crate) fn autoregressive(seed: u64, n_draws: usize, phi: f64) -> Vec<f64> {
    let (mut state, mut y) = (seed, 0.0);
    let next = || {
        state = state.wrapping_mul(MULTIPLIER).wrapping_add(INCREMENT);
        y = phi * y + ((state >> 11) as f64 / (1u64 << 53) as f64 - 0.5);
        y
    };
    std::iter::repeat_with(next).take(n_draws).collect()
}

/// Chains with the seeds 1, 2, ...
pub(crate) fn chains(n_chains: u64, n_draws: usize, phi: f64) -> Vec<Vec<f64>> {
    (1..=n_chains).map(|seed| autoregressive(seed, n_draws, phi)).collect()
}

/// The chains as one variable.
pub(crate) fn variable(chains: &[Vec<f64>]) -> VariableDraws<'_> {
    VariableDraws::new(chains.iter().map(Vec::as_slice).collect())
}
