//! The sampler's own work: `cargo test --release -p hlmc-inference -- --ignored --nocapture`.

use std::time::{Duration, Instant};

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

fn seconds_per_gradient(dimension: usize) -> f64 {
    const N: u32 = 1_000_000;
    let mut density = Autoregression { dimension };
    let (mut position, mut gradient) = (vec![0.1; dimension], vec![0.0; dimension]);
    let start = Instant::now();
    for _ in 0..N {
        let log_density = density.log_density_gradient(&position, &mut gradient).unwrap_or(0.0);
        position[0] = 0.1 + 1e-9 * log_density;
    }
    start.elapsed().as_secs_f64() / f64::from(N)
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
            let (mut n_leapfrog, mut n_draws, mut elapsed) = (0, 0, Duration::ZERO);
            while n_leapfrog < 300_000 {
                let start = Instant::now();
                let draw = chain.advance().unwrap();
                elapsed += start.elapsed();
                n_leapfrog += draw.stats.n_leapfrog;
                n_draws += 1;
            }
            let step = 1e9 * elapsed.as_secs_f64() / n_leapfrog as f64;
            let gradient = 1e9 * seconds_per_gradient(dimension);
            let own = step - gradient;
            let mean_leapfrog = n_leapfrog / n_draws;
            println!(
                "{metric:?}, {dimension} coordinates, {mean_leapfrog} steps a draw: {step:.0} ns a step, of it \
                 {gradient:.0} ns for the gradient, {own:.0} ns for the sampler"
            );
        }
    }
}
