//! What commands that time gradients share: points, and the clock.

use std::hint::black_box;
#[cfg(not(unix))]
use std::time::Instant;

use hlmc::render::diagnostics::Problem;
use hlmc_engine::{Engine, EngineKind, Prepared};
use hlmc_eval::BoundModel;
use hlmc_math::LogDensity;
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::failure::Failure;

/// The seed of the points and of random numbers in transformed data.
pub(super) const SEED: u64 = 1;

/// The number of points, each uniform in (-[`RADIUS`], [`RADIUS`]); those without a finite gradient are drawn again.
const N_POINTS: usize = 5;
const RADIUS: f64 = 2.0;
const MAX_ATTEMPTS: usize = 100;

/// How a point is timed.
struct Batches {
    /// The number of batches of calls.
    n: usize,
    /// How long a batch runs at least.
    min_ns: f64,
    /// After so long there are no further batches, once there are [`MIN_BATCHES`].
    max_total_ns: f64,
}

/// For medians.
const LONG: Batches = Batches { n: 7, min_ns: 2e6, max_total_ns: f64::INFINITY };

/// For the fastest: short ones, of which some meet no disturbance.
const SHORT: Batches = Batches { n: 40, min_ns: 2e5, max_total_ns: 5e7 };

/// Batches that there are however slow a call is.
const MIN_BATCHES: usize = 3;

/// Points at which log density and gradient are finite.
pub(super) fn finite_points(model: &BoundModel) -> Result<Vec<Vec<f64>>, Failure> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(SEED);
    let mut engine = Prepared::new(EngineKind::Auto, model).engine();
    let draw = |_| (0..model.dimension()).map(|_| RADIUS * (2.0 * rng.random::<f64>() - 1.0)).collect::<Vec<f64>>();
    let candidates = (0..MAX_ATTEMPTS).map(draw);
    let is_finite = |point: &Vec<f64>| {
        values_at(engine.as_mut(), point).is_some_and(|values| values.iter().all(|value| value.is_finite()))
    };
    let points: Vec<Vec<f64>> = candidates.filter(is_finite).take(N_POINTS).collect();
    if points.is_empty() {
        let message = format!("the density has no finite gradient at any of {MAX_ATTEMPTS} points in (-2, 2)");
        let help = "`hlmc run` says which statement is to blame";
        return Err(Problem::new("hlmc::bench::no_point", message).with_help(help).into());
    }
    Ok(points)
}

/// The log density, then its gradient; none where the point is rejected.
pub(super) fn values_at(engine: &mut dyn Engine, point: &[f64]) -> Option<Vec<f64>> {
    let mut values = vec![0.0; point.len() + 1];
    values[0] = engine.log_density_gradient(point, &mut values[1..]).ok()?;
    engine.take_printed();
    Some(values)
}

/// The median over batches of calls at one point.
pub(super) fn ns_per_gradient(engine: &mut dyn Engine, point: &[f64]) -> f64 {
    median(batches(engine, point, &LONG, |engine| drop(engine.take_printed())))
}

/// The fastest of the batches, which of all of them was disturbed least.
pub(super) fn least_ns_per_gradient(density: &mut impl LogDensity, point: &[f64]) -> f64 {
    batches(density, point, &SHORT, |_| {}).into_iter().fold(f64::INFINITY, f64::min)
}

/// The time of a call in each batch, after which `tidy` is called.
fn batches<D: LogDensity + ?Sized>(
    density: &mut D,
    point: &[f64],
    batches: &Batches,
    tidy: impl Fn(&mut D),
) -> Vec<f64> {
    let mut gradient = vec![0.0; point.len()];
    let mut batch_ns = |n_calls: u64| {
        let begin = cpu_ns();
        for _ in 0..n_calls {
            // Where the point was fine once, it is so again. The result is looked at where it is: a copy would wait for it.
            let _ = black_box(&density.log_density_gradient(black_box(point), &mut gradient));
        }
        let elapsed = cpu_ns() - begin;
        tidy(density);
        elapsed
    };
    let mut n_calls = 1;
    while batch_ns(n_calls) < batches.min_ns {
        n_calls *= 2;
    }
    let mut times = Vec::with_capacity(batches.n);
    let mut total = 0.0;
    while times.len() < batches.n && (times.len() < MIN_BATCHES || total < batches.max_total_ns) {
        let elapsed = batch_ns(n_calls);
        total += elapsed;
        times.push(elapsed / n_calls as f64);
    }
    times
}

/// CPU time of this thread in nanoseconds.
#[cfg(unix)]
fn cpu_ns() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e9 + time.tv_nsec as f64
}

/// Elsewhere the time on the wall stands in for it.
#[cfg(not(unix))]
fn cpu_ns() -> f64 {
    static BEGIN: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);
    BEGIN.elapsed().as_secs_f64() * 1e9
}

pub(super) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
