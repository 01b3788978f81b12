//! The effective sample size of a mean, by Geyer's initial monotone sequence.
//!
//! Vehtari et al. (2021), section 3.2; Geyer, "Practical Markov chain Monte Carlo", Statistical Science 7 (1992). The
//! autocovariances are computed lag by lag, as far as the sequence runs: for well-mixing chains a few dozen.

use hlmc_math::linear_algebra::dot_in_lanes;

/// Chains shorter than this have no effective sample size.
const MIN_DRAWS: usize = 3;

/// The partial sums of an inner product.
const LANES: usize = 8;

/// Chains of one length, one after the other.
#[derive(Clone, Debug)]
pub(crate) struct EqualChains {
    values: Vec<f64>,
    n_draws: usize,
}

impl EqualChains {
    /// `values` holds chains of `n_draws` each.
    pub(crate) fn new(values: Vec<f64>, n_draws: usize) -> Self {
        Self { values, n_draws }
    }

    pub(crate) fn values(&self) -> &[f64] {
        &self.values
    }

    /// The same chains with each value mapped.
    pub(crate) fn map(&self, function: impl Fn(f64) -> f64) -> Self {
        Self::new(self.values.iter().map(|value| function(*value)).collect(), self.n_draws)
    }

    /// The same chains with other values.
    pub(crate) fn with_values(&self, values: Vec<f64>) -> Self {
        Self::new(values, self.n_draws)
    }

    pub(crate) fn chains(&self) -> std::slice::ChunksExact<'_, f64> {
        // A chunk size of zero panics; without draws there is no chain in either case.
        self.values.chunks_exact(self.n_draws.max(1))
    }

    /// Whether all values, of all chains, are the same.
    pub(crate) fn is_constant(&self) -> bool {
        self.values.windows(2).all(|pair| pair[0] == pair[1])
    }

    /// The potential scale reduction; NaN with less than two chains of two draws, or where all values are the same.
    pub(crate) fn rhat(&self) -> f64 {
        if self.n_draws < 2 || self.is_constant() {
            return f64::NAN;
        }
        let n = self.n_draws as f64;
        let (centred, means) = self.centred();
        let within = centred.mean_autocovariance(0) * n / (n - 1.0);
        ((n * variance(&means) / within + n - 1.0) / n).sqrt()
    }

    /// The effective sample size of the mean; NaN for chains that are too short, constant or not finite.
    pub(crate) fn ess(&self) -> f64 {
        if self.n_draws < MIN_DRAWS || self.is_constant() || !self.values.iter().all(|value| value.is_finite()) {
            return f64::NAN;
        }
        let n = self.n_draws as f64;
        let n_total = self.values.len() as f64;
        let (centred, means) = self.centred();
        let within = centred.mean_autocovariance(0) * n / (n - 1.0);
        let between = if means.len() > 1 { variance(&means) } else { 0.0 };
        let total = within * (n - 1.0) / n + between;
        // The squares of the largest and smallest numbers overflow or vanish.
        if !(total > 0.0 && total.is_finite()) {
            return f64::NAN;
        }
        let autocorrelation = |lag: usize| 1.0 - (within - centred.mean_autocovariance(lag)) / total;
        let autocorrelation_time = autocorrelation_time(autocorrelation, self.n_draws);
        // Antithetic chains may do better than independent draws, but no estimate is believed beyond this.
        n_total / autocorrelation_time.max(1.0 / n_total.log10())
    }

    /// The chains with their means taken off, and these.
    fn centred(&self) -> (Self, Vec<f64>) {
        let means: Vec<f64> = self.chains().map(mean).collect();
        let mut values = Vec::with_capacity(self.values.len());
        for (chain, mean) in self.chains().zip(&means) {
            values.extend(chain.iter().map(|value| value - mean));
        }
        (self.with_values(values), means)
    }

    /// The mean over chains, already centred, of the autocovariance at a lag, divided by the full length (Geyer 1992).
    fn mean_autocovariance(&self, lag: usize) -> f64 {
        let sum: f64 =
            self.chains().map(|chain| dot_in_lanes::<LANES>(&chain[..self.n_draws - lag], &chain[lag..])).sum();
        sum / self.values.len() as f64
    }
}

/// The integrated autocorrelation time from the autocorrelations: pairs of them are summed while they are positive,
/// and forced to decrease.
fn autocorrelation_time(autocorrelation: impl Fn(usize) -> f64, n_draws: usize) -> f64 {
    // The sums of neighbours (at lags 2k and 2k + 1) that are positive, and the first term past them.
    let mut pairs = vec![1.0 + autocorrelation(1)];
    let mut last_even = 1.0;
    let mut lag = 0;
    // The bound on the lag is that of the R package `posterior`.
    while lag + 5 < n_draws && pairs.last().is_some_and(|pair| *pair > 0.0) {
        lag += 2;
        last_even = autocorrelation(lag);
        pairs.push(last_even + autocorrelation(lag + 1));
    }
    let last_is_positive = pairs.pop().is_some_and(|pair| pair >= 0.0);
    for k in 1..pairs.len() {
        pairs[k] = pairs[k].min(pairs[k - 1]);
    }
    // The even term past the sum reduces the variance of the estimate for antithetic chains.
    let next_term = if last_is_positive { last_even } else { last_even.max(0.0) };
    -1.0 + 2.0 * pairs.iter().sum::<f64>() + next_term
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The variance with divisor `n - 1`, by two passes.
pub(crate) fn variance(values: &[f64]) -> f64 {
    let mean = mean(values);
    values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / (values.len() as f64 - 1.0)
}
