//! Estimates from the draws of one variable, and how far these can be trusted.

use std::cell::OnceCell;

use hlmc_math::special::incomplete_beta::inv_inc_beta;

use crate::ess::{EqualChains, variance};
use crate::rank::Order;

/// The probabilities between which the tail effective sample size looks. Vehtari et al. (2021), section 4.3.
const TAIL_PROBABILITIES: [f64; 2] = [0.05, 0.95];

/// Minus and plus one standard deviation of a normal distribution, as probabilities.
const ONE_SD_PROBABILITIES: [f64; 2] = [0.158_655_3, 0.841_344_7];

/// The draws of one variable: one slice for each chain.
///
/// All diagnostics (not mean, standard deviation and quantiles) are NaN if a draw is not finite, if all draws are the
/// same, or if half a chain has too few draws. For the diagnostics each chain is split into halves; the middle draw
/// of an odd number is left out there.
#[derive(Clone, Debug)]
pub struct VariableDraws<'a> {
    chains: Vec<&'a [f64]>,
    n_draws: usize,
    is_finite: bool,
    is_constant: bool,
    sorted: OnceCell<Vec<f64>>,
    halves: OnceCell<EqualChains>,
    /// The order of the draws of the halves, and their normal scores.
    order: OnceCell<Order>,
    scores: OnceCell<EqualChains>,
}

impl<'a> VariableDraws<'a> {
    /// Longer chains are cut to the length of the shortest.
    pub fn new(mut chains: Vec<&'a [f64]>) -> Self {
        let n_draws = chains.iter().map(|chain| chain.len()).min().unwrap_or(0);
        for chain in &mut chains {
            *chain = &chain[..n_draws];
        }
        let mut values = chains.iter().flat_map(|chain| chain.iter().copied());
        let first = values.next().unwrap_or(f64::NAN);
        let is_constant = values.all(|value| value == first);
        let is_finite = chains.iter().all(|chain| chain.iter().all(|value| value.is_finite()));
        Self {
            chains,
            n_draws,
            is_finite,
            is_constant,
            sorted: OnceCell::new(),
            halves: OnceCell::new(),
            order: OnceCell::new(),
            scores: OnceCell::new(),
        }
    }

    /// The draws of each chain.
    pub fn chains(&self) -> &[&'a [f64]] {
        &self.chains
    }

    /// The number of draws of all chains together.
    pub fn n_total(&self) -> usize {
        self.chains.len() * self.n_draws
    }

    /// The mean; NaN without draws.
    pub fn mean(&self) -> f64 {
        self.values().sum::<f64>() / self.n_total() as f64
    }

    /// The standard deviation, with divisor `n - 1`; NaN with fewer than two draws.
    pub fn sd(&self) -> f64 {
        let values: Vec<f64> = self.values().collect();
        variance(&values).sqrt()
    }

    /// The quantile at a probability between 0 and 1, by linear interpolation between order statistics (R's type 7).
    /// NaN without draws, if a draw is NaN, and for a probability out of range.
    pub fn quantile(&self, probability: f64) -> f64 {
        let sorted = self.sorted();
        let (Some(last), true) = (sorted.len().checked_sub(1), (0.0..=1.0).contains(&probability)) else {
            return f64::NAN;
        };
        // Sorted by total order, NaN of either sign is at an end.
        if sorted[0].is_nan() || sorted[last].is_nan() {
            return f64::NAN;
        }
        let at = last as f64 * probability;
        let low = at.floor() as usize;
        let (below, above) = (sorted[low], sorted[(low + 1).min(last)]);
        // Infinite neighbours of one sign have no difference.
        if below == above { below } else { below + (at - at.floor()) * (above - below) }
    }

    /// Rank-normalised split-Rhat: the larger of that of the bulk and that of the folded draws, which also sees chains
    /// that differ in scale. Vehtari et al. (2021), section 4.1 and 4.2. Folded draws that are all the same (half of
    /// the draws at either of two values) say nothing and are left out.
    pub fn rhat(&self) -> f64 {
        if !self.has_diagnostics() {
            return f64::NAN;
        }
        let folded = self.order().folded(self.median_of_halves());
        let folded_scores = self.halves().with_values(folded.normal_scores());
        // `max` prefers a number to NaN.
        self.scores().rhat().max(folded_scores.rhat())
    }

    /// The effective sample size in the bulk: that of the mean of the normal scores. Vehtari et al. (2021), section
    /// 4.3.
    pub fn ess_bulk(&self) -> f64 {
        if self.has_diagnostics() { self.scores().ess() } else { f64::NAN }
    }

    /// The effective sample size in the tails: the smaller of those of the 5% and the 95% quantile. NaN where one of
    /// these is: for draws of few different values, all may be on one side of a quantile.
    pub fn ess_tail(&self) -> f64 {
        let [low, high] = TAIL_PROBABILITIES.map(|probability| self.ess_quantile(probability));
        if low.is_nan() || high.is_nan() { f64::NAN } else { low.min(high) }
    }

    /// The effective sample size of the mean. (`n_eff` of RStan's table)
    pub fn ess_mean(&self) -> f64 {
        if self.has_diagnostics() { self.halves().ess() } else { f64::NAN }
    }

    /// The effective sample size of a quantile: that of the share of draws at or below it.
    pub fn ess_quantile(&self, probability: f64) -> f64 {
        if !self.has_diagnostics() {
            return f64::NAN;
        }
        let quantile = self.quantile(probability);
        self.halves().map(|value| if value <= quantile { 1.0 } else { 0.0 }).ess()
    }

    /// The Monte Carlo standard error of the mean. (`se_mean`)
    pub fn mcse_mean(&self) -> f64 {
        self.sd() / self.ess_mean().sqrt()
    }

    /// The Monte Carlo standard error of the standard deviation, by the delta method from that of the mean squared
    /// deviation. Kenney and Keeping (1951), as in the R package `posterior`.
    pub fn mcse_sd(&self) -> f64 {
        if !self.has_diagnostics() {
            return f64::NAN;
        }
        let mean = self.mean();
        // In units of the standard deviation, fourth powers neither overflow nor underflow.
        let sd = self.sd();
        let squares = |value: f64| ((value - mean) / sd) * ((value - mean) / sd);
        let ess = self.halves().map(squares).ess();
        let n = self.n_total() as f64;
        let second_moment = self.values().map(squares).sum::<f64>() / n;
        let fourth_moment = self.values().map(|value| squares(value) * squares(value)).sum::<f64>() / n;
        let variance_of_variance = (fourth_moment - second_moment * second_moment) / ess;
        sd * (variance_of_variance / second_moment / 4.0).sqrt()
    }

    /// The Monte Carlo standard error of a quantile: half the distance of the order statistics one standard deviation
    /// of the quantile's probability below and above. Vehtari et al. (2021), section 4.4.
    pub fn mcse_quantile(&self, probability: f64) -> f64 {
        let ess = self.ess_quantile(probability);
        if ess.is_nan() {
            return f64::NAN;
        }
        let (a, b) = (ess * probability + 1.0, ess * (1.0 - probability) + 1.0);
        let [low, high] = ONE_SD_PROBABILITIES.map(|p| inv_inc_beta(a, b, p) * self.n_total() as f64);
        let sorted = self.sorted();
        let low = sorted.get((low.floor() as usize).saturating_sub(1));
        let high = sorted.get((high.ceil() as usize).min(sorted.len()).saturating_sub(1));
        low.zip(high).map_or(f64::NAN, |(low, high)| 0.5 * (high - low))
    }

    fn values(&self) -> impl Iterator<Item = f64> + '_ {
        self.chains.iter().flat_map(|chain| chain.iter().copied())
    }

    fn has_diagnostics(&self) -> bool {
        self.is_finite && !self.is_constant
    }

    fn sorted(&self) -> &[f64] {
        self.sorted.get_or_init(|| {
            if self.is_finite && self.n_draws.is_multiple_of(2) {
                return self.order().sorted_values();
            }
            let mut sorted: Vec<f64> = self.values().collect();
            sorted.sort_unstable_by(f64::total_cmp);
            sorted
        })
    }

    /// The median without the middle draws of an odd number: like Stan and ArviZ, `rhat` folds what it compares.
    fn median_of_halves(&self) -> f64 {
        if self.n_draws.is_multiple_of(2) {
            return self.quantile(0.5);
        }
        VariableDraws::new(self.halves().chains().collect()).quantile(0.5)
    }

    fn halves(&self) -> &EqualChains {
        self.halves.get_or_init(|| {
            let half = self.n_draws / 2;
            let halves = self.chains.iter().flat_map(|chain| [&chain[..half], &chain[self.n_draws - half..]]);
            EqualChains::new(halves.flatten().copied().collect(), half)
        })
    }

    fn order(&self) -> &Order {
        self.order.get_or_init(|| Order::new(self.halves().values()))
    }

    fn scores(&self) -> &EqualChains {
        self.scores.get_or_init(|| self.halves().with_values(self.order().normal_scores()))
    }
}
