//! The sampler's own work: `cargo test --release -p hlmc-inference -- --ignored --nocapture`.

use std::time::Instant;

use hlmc_inference::{Chain, MetricKind, Settings};
use hlmc_math::{LogDensity, Rejection};
use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;

/// Correlated enough that trajectories have tens of steps, and cheap: its cost is measured apart and taken off.
struct Autoregression {
    dimension: usize,
}

impl LogDensity for Autoregression {
    fn dimension(&self) -> usize {
        self.dimension
    }

    fn log_density_gradient(&mut self, position: &[f64], gradient: &mut [f64]) -> Result<f64, Rejection> {
        let mut log_density = 0.0;
        let mut before = 0.0;
        gradient.fill(0.0);
        for i in 0..position.len() {
            let z = 3.0 * (position[i] - 0.9 * before);
            log_density -= 0.5 * z * z;
            gradient[i] -= 3.0 * z;
            if i > 0 {
                gradient[i - 1] += 2.7 * z;
            }
            before = position[i];
        }
        Ok(log_density)
    }
}

/// Each figure is the least of this many measurements: other work on the machine only ever adds.
const N_MEASUREMENTS: usize = 30;

fn nanoseconds_per_gradient(dimension: usize) -> f64 {
    const N: u32 = 20_000;
    let mut density = Autoregression { dimension };
    let (mut position, mut gradient) = (vec![0.1; dimension], vec![0.0; dimension]);
    let measure = || {
        let start = Instant::now();
        for _ in 0..N {
            let log_density = density.log_density_gradient(&position, &mut gradient).unwrap_or(0.0);
            position[0] = 0.1 + 1e-9 * log_density;
        }
        1e9 * start.elapsed().as_secs_f64() / f64::from(N)
    };
    std::iter::repeat_with(measure).take(N_MEASUREMENTS).fold(f64::INFINITY, f64::min)
}

#[test]
#[ignore = "a measurement, for release builds"]
fn own_work_for_each_leapfrog_step() {
    for metric in [MetricKind::Unit, MetricKind::Diag, MetricKind::Dense] {
        for dimension in [12, 100] {
            let settings = Settings { metric, ..Settings::default() };
            let rng = Xoshiro256PlusPlus::seed_from_u64(7);
            let mut chain = Chain::new(Autoregression { dimension }, &settings, rng).unwrap();
            while !chain.is_warmed_up() {
                chain.advance().unwrap();
            }
            let measure = || {
                let (mut n_leapfrog, start) = (0, Instant::now());
                while n_leapfrog < 20_000 {
                    n_leapfrog += chain.advance().unwrap().stats.n_leapfrog;
                }
                1e9 * start.elapsed().as_secs_f64() / n_leapfrog as f64
            };
            let step = std::iter::repeat_with(measure).take(N_MEASUREMENTS).fold(f64::INFINITY, f64::min);
            let gradient = nanoseconds_per_gradient(dimension);
            let own = step - gradient;
            println!(
                "{metric:?}, {dimension} coordinates: {step:.0} ns a step, of it {gradient:.0} ns for the gradient, \
                 {own:.0} ns for the sampler"
            );
        }
    }
}
