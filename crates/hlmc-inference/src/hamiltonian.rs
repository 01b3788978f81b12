//! Points of phase space, and the leapfrog integrator that moves them.

use hlmc_math::LogDensity;
use rand::Rng;

use crate::error::SamplerError;
use crate::linear_algebra::{add_scaled, dot};
use crate::metric::Metric;
use crate::target::Target;

/// A position with its log density and the gradient thereof.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Point {
    pub(crate) position: Vec<f64>,
    pub(crate) gradient: Vec<f64>,
    pub(crate) log_density: f64,
}

impl Point {
    pub(crate) fn zero(dimension: usize) -> Self {
        Self { position: vec![0.0; dimension], gradient: vec![0.0; dimension], log_density: 0.0 }
    }

    pub(crate) fn copy_from(&mut self, other: &Self) {
        self.position.copy_from_slice(&other.position);
        self.gradient.copy_from_slice(&other.gradient);
        self.log_density = other.log_density;
    }
}

/// A point of phase space. The velocity belongs to the momentum at all times between two calls.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PhasePoint {
    pub(crate) point: Point,
    pub(crate) momentum: Vec<f64>,
    pub(crate) velocity: Vec<f64>,
}

impl PhasePoint {
    pub(crate) fn zero(dimension: usize) -> Self {
        Self { point: Point::zero(dimension), momentum: vec![0.0; dimension], velocity: vec![0.0; dimension] }
    }

    pub(crate) fn copy_from(&mut self, other: &Self) {
        self.point.copy_from(&other.point);
        self.momentum.copy_from_slice(&other.momentum);
        self.velocity.copy_from_slice(&other.velocity);
    }

    /// Moves to `point` with a fresh momentum.
    pub(crate) fn start<R: Rng>(&mut self, point: &Point, metric: &Metric, rng: &mut R) {
        self.point.copy_from(point);
        metric.sample_momentum(rng, &mut self.momentum);
        metric.velocity(&self.momentum, &mut self.velocity);
    }

    /// The negative log density plus the kinetic energy. Like Stan, without the log determinant of the metric, which
    /// is constant along a trajectory. Infinite where it is not a number.
    pub(crate) fn energy(&self) -> f64 {
        let energy = 0.5 * dot(&self.momentum, &self.velocity) - self.point.log_density;
        if energy.is_nan() { f64::INFINITY } else { energy }
    }

    /// One leapfrog step: half a kick, a drift, half a kick. A negative step size goes back in time.
    ///
    /// # Errors
    /// A fatal rejection of the density.
    pub(crate) fn leapfrog_step<D: LogDensity>(
        &mut self,
        target: &mut Target<D>,
        metric: &Metric,
        step_size: f64,
    ) -> Result<(), SamplerError> {
        add_scaled(&mut self.momentum, 0.5 * step_size, &self.point.gradient);
        metric.velocity(&self.momentum, &mut self.velocity);
        add_scaled(&mut self.point.position, step_size, &self.velocity);
        self.point.log_density = target.evaluate(&self.point.position, &mut self.point.gradient)?;
        add_scaled(&mut self.momentum, 0.5 * step_size, &self.point.gradient);
        metric.velocity(&self.momentum, &mut self.velocity);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::{InverseMetric, MetricKind};
    use crate::test_densities::Funnel;
    use rand::SeedableRng;
    use rand_xoshiro::Xoshiro256PlusPlus;

    const DIMENSION: usize = 5;

    fn metrics() -> [Metric; 3] {
        let diag = vec![0.5, 2.0, 1.0, 3.0, 0.1];
        let mut dense: Vec<f64> = (0..25).map(|k| 0.2 / (1.0 + (k / 5 + k % 5) as f64)).collect();
        dense.iter_mut().step_by(6).zip(&diag).for_each(|(d, v)| *d += v);
        [
            Metric::identity(MetricKind::Unit, DIMENSION),
            Metric::from_inverse(InverseMetric::Diag(diag), DIMENSION).unwrap(),
            Metric::from_inverse(InverseMetric::Dense(dense), DIMENSION).unwrap(),
        ]
    }

    fn start(target: &mut Target<Funnel>, metric: &Metric) -> PhasePoint {
        let mut point = Point::zero(DIMENSION);
        point.position = vec![0.3, -0.2, 0.5, 0.9, -0.4];
        point.log_density = target.evaluate(&point.position, &mut point.gradient).unwrap();
        let mut phase = PhasePoint::zero(DIMENSION);
        phase.start(&point, metric, &mut Xoshiro256PlusPlus::seed_from_u64(5));
        phase
    }

    fn largest_gap(left: &[f64], right: &[f64]) -> f64 {
        left.iter().zip(right).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
    }

    #[test]
    fn leapfrog_there_and_back_returns() {
        for metric in metrics() {
            let mut target = Target::new(Funnel { dimension: DIMENSION });
            let first = start(&mut target, &metric);
            let mut phase = first.clone();
            for step_size in [0.05, -0.05] {
                for _ in 0..100 {
                    phase.leapfrog_step(&mut target, &metric, step_size).unwrap();
                }
            }
            assert!(largest_gap(&phase.point.position, &first.point.position) < 1e-10);
            assert!(largest_gap(&phase.momentum, &first.momentum) < 1e-10);
        }
    }

    /// Over a fixed time the energy error of a second-order integrator falls as the square of the step size.
    #[test]
    fn energy_error_falls_as_step_size_squared() {
        const TIME: f64 = 1.6;
        let largest_error = |metric: &Metric, n_steps: u32| {
            let mut target = Target::new(Funnel { dimension: DIMENSION });
            let mut phase = start(&mut target, metric);
            let energy = phase.energy();
            let mut largest = 0.0_f64;
            for _ in 0..n_steps {
                phase.leapfrog_step(&mut target, metric, TIME / f64::from(n_steps)).unwrap();
                largest = largest.max((phase.energy() - energy).abs());
            }
            largest
        };
        for metric in metrics() {
            let ratio = largest_error(&metric, 200) / largest_error(&metric, 400);
            assert!((ratio - 4.0).abs() < 0.1, "halving the step size divides the error by {ratio}");
        }
    }

    #[test]
    fn energy_that_is_no_number_is_infinite() {
        let mut phase = PhasePoint::zero(1);
        phase.point.log_density = f64::NAN;
        assert_eq!(phase.energy(), f64::INFINITY);
        phase.point.log_density = f64::NEG_INFINITY;
        assert_eq!(phase.energy(), f64::INFINITY);
    }
}
