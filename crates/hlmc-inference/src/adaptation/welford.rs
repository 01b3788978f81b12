//! Running variances and covariances, and the metric that follows from them.
//!
//! Welford (1962): one pass, no cancellation of large squares. The estimate is shrunk towards a small multiple of the
//! identity as in Stan, as if five more draws with that variance had been seen.

use crate::error::SamplerError;
use crate::linear_algebra::add_scaled;
use crate::metric::{InverseMetric, Metric};

/// The number of imagined draws that the estimate is shrunk by.
const PRIOR_DRAWS: f64 = 5.0;

/// The variance of the imagined draws.
const PRIOR_VARIANCE: f64 = 1e-3;

/// Learns an inverse metric from positions.
#[derive(Clone, Debug)]
pub(crate) struct MetricEstimator {
    n_draws: f64,
    mean: Vec<f64>,
    /// The sums of squared deviations (diagonal), or of their products (dense, row-major, lower triangle).
    squares: Vec<f64>,
    /// Deviations of the draw that is being added from the old and the new mean.
    old_deviation: Vec<f64>,
    new_deviation: Vec<f64>,
    is_dense: bool,
}

impl MetricEstimator {
    pub(crate) fn new(dimension: usize, is_dense: bool) -> Self {
        let zeros = vec![0.0; dimension];
        let squares = vec![0.0; if is_dense { dimension * dimension } else { dimension }];
        Self {
            n_draws: 0.0,
            mean: zeros.clone(),
            squares,
            old_deviation: zeros.clone(),
            new_deviation: zeros,
            is_dense,
        }
    }

    pub(crate) fn add(&mut self, position: &[f64]) {
        self.n_draws += 1.0;
        for (i, x) in position.iter().enumerate() {
            self.old_deviation[i] = x - self.mean[i];
            self.mean[i] += self.old_deviation[i] / self.n_draws;
            self.new_deviation[i] = x - self.mean[i];
        }
        if self.is_dense {
            for (i, row) in self.squares.chunks_exact_mut(position.len().max(1)).enumerate() {
                add_scaled(&mut row[..=i], self.new_deviation[i], &self.old_deviation[..=i]);
            }
        } else {
            for ((square, new), old) in self.squares.iter_mut().zip(&self.new_deviation).zip(&self.old_deviation) {
                *square += new * old;
            }
        }
    }

    /// The metric of the draws seen since the last call, of which it then forgets all. With fewer than two draws the
    /// `current` inverse metric stands for their variance, as in Stan.
    ///
    /// # Errors
    /// The variance of a coordinate is not finite, or the covariance is singular.
    pub(crate) fn finish_window(&mut self, current: &InverseMetric) -> Result<Metric, SamplerError> {
        let dimension = self.mean.len();
        let mut estimate = match current {
            InverseMetric::Diag(values) | InverseMetric::Dense(values) if self.n_draws < 2.0 => values.clone(),
            _ => self.squares.iter().map(|square| square / (self.n_draws - 1.0)).collect(),
        };
        let shrinkage = self.n_draws / (self.n_draws + PRIOR_DRAWS);
        let floor = PRIOR_VARIANCE * (PRIOR_DRAWS / (self.n_draws + PRIOR_DRAWS));
        estimate.iter_mut().for_each(|value| *value *= shrinkage);
        estimate.iter_mut().step_by(if self.is_dense { dimension + 1 } else { 1 }).for_each(|value| *value += floor);
        *self = Self::new(dimension, self.is_dense);
        if !self.is_dense {
            return Metric::from_inverse(InverseMetric::Diag(estimate), dimension);
        }
        for i in 0..dimension {
            for j in 0..i {
                estimate[j * dimension + i] = estimate[i * dimension + j];
            }
        }
        Metric::from_inverse(InverseMetric::Dense(estimate), dimension)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn estimate(draws: &[Vec<f64>], is_dense: bool) -> Vec<f64> {
        let dimension = draws[0].len();
        let mut estimator = MetricEstimator::new(dimension, is_dense);
        draws.iter().for_each(|draw| estimator.add(draw));
        match estimator.finish_window(&InverseMetric::Unit).unwrap().inverse().clone() {
            InverseMetric::Unit => panic!("an estimate is never the unit metric"),
            InverseMetric::Diag(values) | InverseMetric::Dense(values) => values,
        }
    }

    /// The covariance by two passes, shrunk by the formula of Stan's reference manual.
    fn two_pass(draws: &[Vec<f64>], i: usize, j: usize) -> f64 {
        let n = draws.len() as f64;
        let mean = |k: usize| draws.iter().map(|draw| draw[k]).sum::<f64>() / n;
        let (mean_i, mean_j) = (mean(i), mean(j));
        let covariance = draws.iter().map(|draw| (draw[i] - mean_i) * (draw[j] - mean_j)).sum::<f64>() / (n - 1.0);
        n / (n + 5.0) * covariance + if i == j { 1e-3 * 5.0 / (n + 5.0) } else { 0.0 }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn one_pass_agrees_with_two(
            offset in -1e3..1e3f64, draws in prop::collection::vec(prop::collection::vec(-1.0..1.0f64, 3), 5..40),
        ) {
            let draws: Vec<Vec<f64>> =
                draws.iter().map(|draw| draw.iter().map(|x| offset + x).collect()).collect();
            let diag = estimate(&draws, false);
            let dense = estimate(&draws, true);
            for i in 0..3 {
                prop_assert!((diag[i] - two_pass(&draws, i, i)).abs() < 1e-10);
                for j in 0..3 {
                    prop_assert!((dense[3 * i + j] - two_pass(&draws, i, j)).abs() < 1e-10);
                }
            }
        }
    }

    #[test]
    fn a_window_of_one_draw_shrinks_the_current_metric() {
        let mut estimator = MetricEstimator::new(1, false);
        estimator.add(&[7.0]);
        let metric = estimator.finish_window(&InverseMetric::Diag(vec![3.0])).unwrap();
        assert_eq!(metric.inverse(), &InverseMetric::Diag(vec![3.0 / 6.0 + 1e-3 * (5.0 / 6.0)]));
    }

    #[test]
    fn overflow_names_the_coordinate() {
        let mut estimator = MetricEstimator::new(2, false);
        estimator.add(&[0.0, -1e200]);
        estimator.add(&[1.0, 1e200]);
        let found = estimator.finish_window(&InverseMetric::Unit);
        assert_eq!(found.err(), Some(SamplerError::MetricOverflow { coordinate: 1, variance: f64::INFINITY }));
    }
}
