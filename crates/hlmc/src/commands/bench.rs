//! `hlmc bench`: what a gradient costs, engine by engine.

use std::hint::black_box;
use std::time::Instant;

use hlmc::render::diagnostics::Problem;
use hlmc_engine::{Engine, EngineKind, Prepared, Rewrites, engines};
use hlmc_eval::BoundModel;
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use serde_json::{Map, Value, json};

use crate::args::{BenchArgs, ModelArgs};
use crate::failure::{EXIT_DONE, Failure};
use crate::load::{ModelText, engine, rewrites};
use crate::terminal::print;

/// The seed of the points and of random numbers in transformed data.
const SEED: u64 = 1;

/// The number of points, each uniform in (-[`RADIUS`], [`RADIUS`]); those without a finite gradient are drawn again.
const N_POINTS: usize = 5;
const RADIUS: f64 = 2.0;
const MAX_ATTEMPTS: usize = 100;

/// Timed batches at each point, and how long a batch runs at least.
const N_BATCHES: usize = 7;
const MIN_BATCH_NS: f64 = 2e6;

/// From text to ready, timed this many times unless it is slow.
const N_READY: usize = 5;
const SLOW_READY_MS: f64 = 200.0;

/// Differences are relative to at least this.
const MIN_SIZE: f64 = 1e-2;

/// The figures of one engine.
struct Figures {
    kind: EngineKind,
    ns_per_gradient: f64,
    ready_ms: f64,
    /// The log density and the gradient at each point.
    values: Vec<Vec<f64>>,
}

pub(crate) fn bench(args: &BenchArgs) -> Result<u8, Failure> {
    let rewrites = rewrites(&args.rewrites)?;
    let text = ModelText::read(&args.model)?;
    let model = text.load(&args.model, SEED)?.model;
    let points = finite_points(&model)?;
    let kinds = match &args.engine {
        Some(name) => vec![engine(name)?],
        None => engines().to_vec(),
    };
    // An engine that cannot run the model has no figures.
    let able = kinds.into_iter().filter(|kind| Prepared::new(*kind, &model).kind() == *kind);
    let figures = able.map(|kind| measure(kind, rewrites, &text, &args.model, &model, &points));
    let figures = figures.collect::<Result<Vec<_>, Failure>>()?;
    let difference = largest_difference(&figures);
    if args.json {
        let engines = figures.iter().map(|engine| {
            let figures = json!({"ns_per_gradient": engine.ns_per_gradient, "ready_ms": engine.ready_ms});
            (engine.kind.to_string(), figures)
        });
        let object = json!({
            "engines": engines.collect::<Map<String, Value>>(),
            "largest_relative_difference": difference,
        });
        print(&format!("{object}\n"))?;
    } else {
        let mut out = format!("{:<10} {:>16} {:>10}\n", "engine", "ns per gradient", "ready ms");
        for Figures { kind, ns_per_gradient, ready_ms, .. } in &figures {
            out.push_str(&format!("{:<10} {ns_per_gradient:>16.0} {ready_ms:>10.2}\n", kind.to_string()));
        }
        out.push_str(&format!("Largest relative difference between the engines' values: {difference:.1e}.\n"));
        print(&out)?;
    }
    Ok(EXIT_DONE)
}

/// Points at which log density and gradient are finite.
fn finite_points(model: &BoundModel) -> Result<Vec<Vec<f64>>, Failure> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(SEED);
    let mut engine = Prepared::new(EngineKind::Dual, model).engine();
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
fn values_at(engine: &mut dyn Engine, point: &[f64]) -> Option<Vec<f64>> {
    let mut values = vec![0.0; point.len() + 1];
    values[0] = engine.log_density_gradient(point, &mut values[1..]).ok()?;
    engine.take_printed();
    Some(values)
}

fn measure(
    kind: EngineKind,
    rewrites: Rewrites,
    text: &ModelText,
    args: &ModelArgs,
    model: &BoundModel,
    points: &[Vec<f64>],
) -> Result<Figures, Failure> {
    let mut ready = Vec::new();
    while ready.len() < N_READY && ready.iter().all(|ms| *ms < SLOW_READY_MS) {
        let begin = Instant::now();
        let model = text.load(args, SEED)?.model;
        black_box(Prepared::with_rewrites(kind, &model, rewrites).engine());
        ready.push(1e3 * begin.elapsed().as_secs_f64());
    }
    let mut engine = Prepared::with_rewrites(kind, model, rewrites).engine();
    let values = points.iter().map(|point| values_at(engine.as_mut(), point).unwrap_or_default()).collect();
    let times = points.iter().map(|point| ns_per_gradient(engine.as_mut(), point)).collect();
    Ok(Figures { kind, ns_per_gradient: median(times), ready_ms: median(ready), values })
}

/// The median over batches of calls at one point.
fn ns_per_gradient(engine: &mut dyn Engine, point: &[f64]) -> f64 {
    let mut gradient = vec![0.0; point.len()];
    let mut batch_ns = |n_calls: u64| {
        let begin = cpu_ns();
        for _ in 0..n_calls {
            // Where the point was fine once, it is so again.
            let _ = black_box(engine.log_density_gradient(black_box(point), &mut gradient));
        }
        let elapsed = cpu_ns() - begin;
        engine.take_printed();
        elapsed
    };
    let mut n_calls = 1;
    while batch_ns(n_calls) < MIN_BATCH_NS {
        n_calls *= 2;
    }
    median((0..N_BATCHES).map(|_| batch_ns(n_calls) / n_calls as f64).collect())
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

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The largest relative difference of any engine's values from those of the first.
fn largest_difference(figures: &[Figures]) -> f64 {
    let Some((first, others)) = figures.split_first() else { return 0.0 };
    let pairs = others.iter().flat_map(|other| first.values.iter().flatten().zip(other.values.iter().flatten()));
    pairs.map(|(a, b)| (a - b).abs() / a.abs().max(b.abs()).max(MIN_SIZE)).fold(0.0, f64::max)
}
