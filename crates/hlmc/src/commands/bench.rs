//! `hlmc bench`: what a gradient costs, engine by engine and rewrite by rewrite.

use std::hint::black_box;
use std::time::Instant;

use hlmc_engine::{EngineKind, Prepared, Rewrites, engines};
use hlmc_eval::BoundModel;
use serde_json::{Map, Value, json};

use super::timing::{SEED, finite_points, median, ns_per_gradient, values_at};
use crate::args::{BenchArgs, ModelArgs};
use crate::failure::{EXIT_DONE, Failure};
use crate::load::{ModelText, engine, rewrites};
use crate::terminal::print;

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
    /// What runs the native engine's graph.
    runs: Option<&'static str>,
    /// The log density and the gradient at each point.
    values: Vec<Vec<f64>>,
}

/// What a gradient costs with fewer rewrites.
struct Without {
    /// The rewrite that is off; `none` when all are.
    name: &'static str,
    ns_per_gradient: f64,
    /// As a multiple of what it costs with them.
    ratio: f64,
}

pub(crate) fn bench(args: &BenchArgs) -> Result<u8, Failure> {
    let chosen = rewrites(&args.rewrites)?;
    let text = ModelText::read(&args.model)?;
    let points = finite_points(&text.load(&args.model, SEED)?.model)?;
    let kinds = match &args.engine {
        Some(name) => vec![engine(name)?],
        None => engines().to_vec(),
    };
    let measured = kinds.into_iter().map(|kind| measure(kind, chosen, &text, &args.model, &points));
    let figures: Vec<Figures> = measured.filter_map(Result::transpose).collect::<Result<_, Failure>>()?;
    let has_native = figures.iter().any(|figures| figures.kind == EngineKind::Native);
    // One engine is timed alone.
    let effects = if has_native && args.engine.is_none() {
        effects(chosen, &text.load(&args.model, SEED)?.model, &points)
    } else {
        Vec::new()
    };
    let report = if args.json { as_json(&figures, &effects) } else { as_text(&figures, &effects) };
    print(&report)?;
    Ok(EXIT_DONE)
}

fn as_json(figures: &[Figures], effects: &[Without]) -> String {
    let engines = figures.iter().map(|engine| {
        let mut object = json!({"ns_per_gradient": engine.ns_per_gradient, "ready_ms": engine.ready_ms});
        if let (Some(runs), Some(object)) = (engine.runs, object.as_object_mut()) {
            object.insert("runs".to_owned(), runs.into());
        }
        (engine.kind.to_string(), object)
    });
    let mut object = json!({
        "engines": engines.collect::<Map<String, Value>>(),
        "largest_relative_difference": largest_difference(figures),
    });
    if let Some(object) = object.as_object_mut().filter(|_| !effects.is_empty()) {
        let without = |effect: &Without| {
            let figures = json!({"ns_per_gradient_without": effect.ns_per_gradient, "ratio": effect.ratio});
            (effect.name.to_owned(), figures)
        };
        object.insert("rewrites".to_owned(), effects.iter().map(without).collect::<Map<String, Value>>().into());
    }
    format!("{object}\n")
}

fn as_text(figures: &[Figures], effects: &[Without]) -> String {
    let mut out = format!("{:<14} {:>16} {:>10}\n", "engine", "ns per gradient", "ready ms");
    for Figures { kind, ns_per_gradient, ready_ms, runs, .. } in figures {
        let runs = runs.map_or_else(String::new, |runs| format!("  {runs}"));
        out.push_str(&format!("{:<14} {ns_per_gradient:>16.0} {ready_ms:>10.2}{runs}\n", kind.to_string()));
    }
    if !effects.is_empty() {
        out.push_str(&format!("\n{:<14} {:>16} {:>10}\n", "without", "ns per gradient", "times"));
        for Without { name, ns_per_gradient, ratio } in effects {
            let name = if *name == NO_REWRITE { "all rewrites" } else { name };
            out.push_str(&format!("{name:<14} {ns_per_gradient:>16.0} {ratio:>10.2}\n"));
        }
        out.push('\n');
    }
    let difference = largest_difference(figures);
    out.push_str(&format!("Largest relative difference between the engines' values: {difference:.1e}.\n"));
    out
}

/// The name of the line without any rewrite.
const NO_REWRITE: &str = "none";

/// What a gradient at the first point costs without each of the rewrites that found something to do, and without all.
fn effects(chosen: Rewrites, model: &BoundModel, points: &[Vec<f64>]) -> Vec<Without> {
    let Some(point) = points.first() else { return Vec::new() };
    let prepare = |rewrites| Prepared::with_rewrites(EngineKind::Native, model, rewrites);
    let time = |prepared: &Prepared| ns_per_gradient(prepared.engine().as_mut(), point);
    let with = prepare(chosen);
    let ns_with = time(&with);
    let names = with.applied().iter().copied().chain([NO_REWRITE]);
    let without = names.filter_map(|name| {
        let word = if name == NO_REWRITE { name.to_owned() } else { format!("no-{name}") };
        let ns_per_gradient = time(&prepare(chosen.changed_by([word.as_str()]).ok()?));
        Some(Without { name, ns_per_gradient, ratio: ns_per_gradient / ns_with })
    });
    without.collect()
}

/// The figures of an engine, if it can run the model. There is one bound model at a time, so that what the process takes at
/// most is what a run takes, and the text.
fn measure(
    kind: EngineKind,
    rewrites: Rewrites,
    text: &ModelText,
    args: &ModelArgs,
    points: &[Vec<f64>],
) -> Result<Option<Figures>, Failure> {
    let mut ready = Vec::new();
    let prepared = loop {
        let begin = Instant::now();
        let prepared = Prepared::with_rewrites(kind, &text.load(args, SEED)?.model, rewrites);
        if prepared.kind() != kind {
            return Ok(None);
        }
        drop(black_box(prepared.engine()));
        let ms = 1e3 * begin.elapsed().as_secs_f64();
        ready.push(ms);
        if ready.len() == N_READY || ms >= SLOW_READY_MS {
            break prepared;
        }
    };
    let mut engine = prepared.engine();
    let values = points.iter().map(|point| values_at(engine.as_mut(), point).unwrap_or_default()).collect();
    let times = points.iter().map(|point| ns_per_gradient(engine.as_mut(), point)).collect();
    let runs = (kind == EngineKind::Native).then(|| runs(prepared.is_compiled()));
    Ok(Some(Figures { kind, ns_per_gradient: median(times), ready_ms: median(ready), runs, values }))
}

/// What runs a graph.
pub(super) fn runs(is_compiled: bool) -> &'static str {
    if is_compiled { "machine code" } else { "interpreter" }
}

/// The largest relative difference of any engine's values from those of the first.
fn largest_difference(figures: &[Figures]) -> f64 {
    let Some((first, others)) = figures.split_first() else { return 0.0 };
    let pairs = others.iter().flat_map(|other| first.values.iter().flatten().zip(other.values.iter().flatten()));
    pairs.map(|(a, b)| (a - b).abs() / a.abs().max(b.abs()).max(MIN_SIZE)).fold(0.0, f64::max)
}
