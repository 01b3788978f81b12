//! Log densities with their gradients, and what the tests do with chains over them.

use hlmc_inference::{Chain, SamplerError, Settings, TransitionStats};
use hlmc_math::{LogDensity, Rejection};
use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;

/// A log density given as a function of position and gradient.
pub(crate) struct FromFn<F> {
    pub(crate) dimension: usize,
    pub(crate) function: F,
}

impl<F: FnMut(&[f64], &mut [f64]) -> Result<f64, Rejection>> LogDensity for FromFn<F> {
    fn dimension(&self) -> usize {
        self.dimension
    }

    fn log_density_gradient(&mut self, position: &[f64], gradient: &mut [f64]) -> Result<f64, Rejection> {
        (self.function)(position, gradient)
    }
}

/// Independent normals with these standard deviations, all with mean one.
pub(crate) fn independent_normals(sds: Vec<f64>) -> impl LogDensity {
    let dimension = sds.len();
    let function = move |position: &[f64], gradient: &mut [f64]| {
        let mut log_density = 0.0;
        for ((x, g), sd) in position.iter().zip(gradient).zip(&sds) {
            let z = (x - 1.0) / sd;
            *g = -z / sd;
            log_density -= 0.5 * z * z;
        }
        Ok(log_density)
    };
    FromFn { dimension, function }
}

/// Two standard normals with this correlation.
pub(crate) fn correlated_normals(correlation: f64) -> impl LogDensity {
    let scale = 1.0 - correlation * correlation;
    let function = move |position: &[f64], gradient: &mut [f64]| {
        let (x, y) = (position[0], position[1]);
        gradient[0] = -(x - correlation * y) / scale;
        gradient[1] = -(y - correlation * x) / scale;
        Ok(0.5 * (x * gradient[0] + y * gradient[1]))
    };
    FromFn { dimension: 2, function }
}

/// Neal's funnel in the given dimension: `v ~ normal(0, 3)`, the others `normal(0, exp(v / 2))`.
pub(crate) fn funnel(dimension: usize) -> impl LogDensity {
    let function = move |position: &[f64], gradient: &mut [f64]| {
        let (v, rest) = (position[0], &position[1..]);
        let precision = (-v).exp();
        let squares: f64 = rest.iter().map(|x| x * x).sum();
        gradient[0] = -v / 9.0 - 0.5 * rest.len() as f64 + 0.5 * squares * precision;
        for (g, x) in gradient[1..].iter_mut().zip(rest) {
            *g = -x * precision;
        }
        Ok(-v * v / 18.0 - 0.5 * rest.len() as f64 * v - 0.5 * squares * precision)
    };
    FromFn { dimension, function }
}

/// The draws after warmup of one chain.
#[derive(Debug, PartialEq)]
pub(crate) struct Sample {
    pub(crate) positions: Vec<Vec<f64>>,
    pub(crate) log_densities: Vec<f64>,
    pub(crate) stats: Vec<TransitionStats>,
}

/// Runs a chain to its end.
pub(crate) fn sample(
    density: impl LogDensity,
    settings: &Settings,
    n_draws: usize,
    seed: u64,
) -> Result<Sample, SamplerError> {
    let mut chain = Chain::new(density, settings, Xoshiro256PlusPlus::seed_from_u64(seed))?;
    let mut sample = Sample { positions: Vec::new(), log_densities: Vec::new(), stats: Vec::new() };
    while chain.iteration() < settings.n_warmup + n_draws {
        let draw = chain.advance()?;
        if !draw.is_warmup {
            sample.positions.push(draw.position.to_vec());
            sample.log_densities.push(draw.log_density);
            sample.stats.push(draw.stats);
        }
    }
    Ok(sample)
}
