//! Ten-line densities for the unit tests of this crate.

use hlmc_math::{LogDensity, Rejection};

/// Neal's funnel: the first coordinate is the log variance of the others.
pub(crate) struct Funnel {
    pub(crate) dimension: usize,
}

impl LogDensity for Funnel {
    fn dimension(&self) -> usize {
        self.dimension
    }

    fn log_density_gradient(&mut self, position: &[f64], gradient: &mut [f64]) -> Result<f64, Rejection> {
        let (v, rest) = (position[0], &position[1..]);
        let precision = (-v).exp();
        let squares: f64 = rest.iter().map(|x| x * x).sum();
        gradient[0] = -v / 9.0 - 0.5 * rest.len() as f64 + 0.5 * squares * precision;
        for (g, x) in gradient[1..].iter_mut().zip(rest) {
            *g = -x * precision;
        }
        Ok(-v * v / 18.0 - 0.5 * rest.len() as f64 * v - 0.5 * squares * precision)
    }
}
