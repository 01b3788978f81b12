//! Euclidean metrics: how momenta are drawn, and how they move positions.

use rand::Rng;
use rand_distr::{Distribution, StandardNormal};

use crate::error::SamplerError;
use crate::linear_algebra::{cholesky_factor, dot, solve_transposed_lower};

/// The shape of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricKind {
    /// The identity: nothing but the step size adapts.
    Unit,
    /// A diagonal: the variance of each coordinate is estimated.
    Diag,
    /// A dense matrix: the covariance of all coordinates is estimated.
    Dense,
}

/// The inverse metric, which estimates the posterior covariance on the unconstrained space.
#[derive(Clone, Debug, PartialEq)]
pub enum InverseMetric {
    /// The identity.
    Unit,
    /// The diagonal, one value per coordinate.
    Diag(Vec<f64>),
    /// All rows of the symmetric matrix, one after the other.
    Dense(Vec<f64>),
}

/// A metric and what follows from it.
pub(crate) struct Metric {
    inverse: InverseMetric,
    /// Diagonal: the standard deviation of each momentum. Dense: the lower Cholesky factor of the inverse metric.
    factor: Vec<f64>,
}

impl Metric {
    /// The identity, in the representation of its kind.
    pub(crate) fn identity(kind: MetricKind, dimension: usize) -> Self {
        match kind {
            MetricKind::Unit => Self { inverse: InverseMetric::Unit, factor: Vec::new() },
            MetricKind::Diag => {
                Self { inverse: InverseMetric::Diag(vec![1.0; dimension]), factor: vec![1.0; dimension] }
            }
            MetricKind::Dense => {
                let mut identity = vec![0.0; dimension * dimension];
                identity.iter_mut().step_by(dimension + 1).for_each(|value| *value = 1.0);
                Self { inverse: InverseMetric::Dense(identity.clone()), factor: identity }
            }
        }
    }

    /// The metric with this inverse, over `dimension` coordinates.
    ///
    /// # Errors
    /// A variance that is not positive and finite, or a covariance that is not positive definite.
    pub(crate) fn from_inverse(inverse: InverseMetric, dimension: usize) -> Result<Self, SamplerError> {
        let factor = match &inverse {
            InverseMetric::Unit => Vec::new(),
            InverseMetric::Diag(variances) => {
                check_variances(variances.iter().copied())?;
                variances.iter().map(|variance| 1.0 / variance.sqrt()).collect()
            }
            InverseMetric::Dense(covariance) => {
                check_variances(covariance.iter().copied().step_by(dimension + 1))?;
                cholesky_factor(covariance, dimension)
                    .map_err(|coordinate| SamplerError::SingularMetric { coordinate })?
            }
        };
        Ok(Self { inverse, factor })
    }

    pub(crate) fn inverse(&self) -> &InverseMetric {
        &self.inverse
    }

    /// Writes the inverse metric times the momentum.
    pub(crate) fn velocity(&self, momentum: &[f64], velocity: &mut [f64]) {
        match &self.inverse {
            InverseMetric::Unit => velocity.copy_from_slice(momentum),
            InverseMetric::Diag(variances) => {
                for ((v, variance), p) in velocity.iter_mut().zip(variances).zip(momentum) {
                    *v = variance * p;
                }
            }
            InverseMetric::Dense(covariance) => {
                for (v, row) in velocity.iter_mut().zip(covariance.chunks_exact(momentum.len().max(1))) {
                    *v = dot(row, momentum);
                }
            }
        }
    }

    /// Draws a momentum from the normal distribution whose covariance is the metric.
    pub(crate) fn sample_momentum<R: Rng>(&self, rng: &mut R, momentum: &mut [f64]) {
        for p in momentum.iter_mut() {
            *p = StandardNormal.sample(rng);
        }
        match &self.inverse {
            InverseMetric::Unit => {}
            InverseMetric::Diag(_) => {
                for (p, sd) in momentum.iter_mut().zip(&self.factor) {
                    *p *= sd;
                }
            }
            InverseMetric::Dense(_) => solve_transposed_lower(&self.factor, momentum),
        }
    }
}

fn check_variances(variances: impl Iterator<Item = f64>) -> Result<(), SamplerError> {
    for (coordinate, variance) in variances.enumerate() {
        if !(variance > 0.0 && variance.is_finite()) {
            return Err(SamplerError::MetricOverflow { coordinate, variance });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand_xoshiro::Xoshiro256PlusPlus;

    const COVARIANCE: [f64; 9] = [4.0, 1.2, 0.3, 1.2, 1.0, -0.2, 0.3, -0.2, 0.25];

    /// The velocity of a momentum drawn from N(0, M) has covariance M⁻¹ M M⁻¹ = M⁻¹: the inverse metric itself.
    fn velocity_covariance(metric: &Metric) -> Vec<f64> {
        const N: usize = 200_000;
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(11);
        let (mut momentum, mut velocity) = ([0.0; 3], [0.0; 3]);
        let mut sums = vec![0.0; 9];
        for _ in 0..N {
            metric.sample_momentum(&mut rng, &mut momentum);
            metric.velocity(&momentum, &mut velocity);
            for i in 0..3 {
                for j in 0..3 {
                    sums[3 * i + j] += velocity[i] * velocity[j] / N as f64;
                }
            }
        }
        sums
    }

    /// The standard error of a sample covariance is at most `2 * sd_i * sd_j / sqrt(n)` here; four of these.
    fn assert_near(found: &[f64], expected: &[f64]) {
        for i in 0..3 {
            for j in 0..3 {
                let scale = (expected[4 * i] * expected[4 * j]).sqrt();
                let gap = (found[3 * i + j] - expected[3 * i + j]).abs();
                assert!(gap < 4.0 * 1.5 * scale / 200_000f64.sqrt(), "{i} {j}: {found:?}");
            }
        }
    }

    #[test]
    fn momenta_have_the_metric_as_covariance() {
        let dense = Metric::from_inverse(InverseMetric::Dense(COVARIANCE.to_vec()), 3).unwrap();
        assert_near(&velocity_covariance(&dense), &COVARIANCE);
        let diag = Metric::from_inverse(InverseMetric::Diag(vec![4.0, 1.0, 0.25]), 3).unwrap();
        assert_near(&velocity_covariance(&diag), &[4.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.25]);
    }

    #[test]
    fn the_identity_is_the_same_in_every_kind() {
        for kind in [MetricKind::Unit, MetricKind::Diag, MetricKind::Dense] {
            let metric = Metric::identity(kind, 3);
            let mut velocity = [0.0; 3];
            metric.velocity(&[1.0, -2.0, 3.0], &mut velocity);
            assert_eq!(velocity, [1.0, -2.0, 3.0]);
            let mut momentum = [0.0; 3];
            metric.sample_momentum(&mut Xoshiro256PlusPlus::seed_from_u64(3), &mut momentum);
            let mut plain = [0.0; 3];
            Metric::identity(MetricKind::Unit, 3)
                .sample_momentum(&mut Xoshiro256PlusPlus::seed_from_u64(3), &mut plain);
            assert_eq!(momentum, plain);
        }
    }

    #[test]
    fn an_impossible_inverse_metric_is_refused_with_its_coordinate() {
        let diag = Metric::from_inverse(InverseMetric::Diag(vec![1.0, f64::INFINITY]), 2);
        assert_eq!(diag.err(), Some(SamplerError::MetricOverflow { coordinate: 1, variance: f64::INFINITY }));
        let dense = Metric::from_inverse(InverseMetric::Dense(vec![1.0, 2.0, 2.0, 1.0]), 2);
        assert_eq!(dense.err(), Some(SamplerError::SingularMetric { coordinate: 1 }));
    }
}
