//! `hlmc explain`: what became of each statement, and what it costs.

use std::time::Instant;

use hlmc::render::diagnostics::render;
use hlmc::render::explanation::{Costs, Facts, explanation_json, render_explanation};
use hlmc_engine::explain::{Explanation, NotRecorded, explain as explain_model};
use hlmc_engine::{EngineKind, Prepared};
use hlmc_syntax::{Diagnostic, FileId, Span};
use serde_json::json;

use super::bench::runs;
use super::timing::{SEED, finite_points, least_ns_per_gradient, ns_per_gradient};
use crate::args::ExplainArgs;
use crate::failure::{EXIT_DONE, Failure};
use crate::load::{Loaded, ModelText, rewrites};
use crate::terminal::{print, stdout_look};

pub(crate) fn explain(args: &ExplainArgs) -> Result<u8, Failure> {
    let rewrites = rewrites(&args.rewrites)?;
    let text = ModelText::read(&args.model)?;
    let begin = Instant::now();
    let loaded = text.load(&args.model, SEED)?;
    drop(text);
    let prepared = Prepared::with_rewrites(EngineKind::Native, &loaded.model, rewrites);
    drop(prepared.engine());
    let ready_ms = 1e3 * begin.elapsed().as_secs_f64();
    let point = if args.no_times { None } else { finite_points(&loaded.model)?.into_iter().next() };
    let explanation = match explain_model(&loaded.model, rewrites, point.as_deref()) {
        Ok(explanation) => explanation,
        Err(stop) => return explain_forward_mode(args, &stop, &loaded, point.as_deref()),
    };
    let costs = point.map(|point| costs(&explanation, &point, ready_ms));
    let facts = Facts { runs: runs(prepared.is_compiled()), n_coordinates: loaded.model.dimension() };
    let report = if args.json {
        format!("{}\n", explanation_json(&explanation.statements, &loaded.sources, facts, costs.as_ref()))
    } else {
        render_explanation(&explanation.statements, &loaded.sources, facts, costs.as_ref(), stdout_look())
    };
    print(&report)?;
    Ok(EXIT_DONE)
}

/// The cost of each statement: the difference between the density as far as it goes and as far as the one before goes.
fn costs(explanation: &Explanation, point: &[f64], ready_ms: f64) -> Costs {
    let n = explanation.statements.len();
    let mut up_to = Vec::with_capacity(n + 1);
    for k in 0..=n {
        let time = explanation.runner(k).map(|mut runner| least_ns_per_gradient(&mut runner, point));
        up_to.push(time.or(up_to.last().copied()).unwrap_or(0.0));
    }
    Costs::new(up_to, ready_ms)
}

/// What there is to say of a program that the native engine cannot run.
fn explain_forward_mode(
    args: &ExplainArgs,
    stop: &NotRecorded,
    loaded: &Loaded,
    point: Option<&[f64]>,
) -> Result<u8, Failure> {
    let sources = &loaded.sources;
    let mut engine = Prepared::new(EngineKind::Dual, &loaded.model).engine();
    let ns = point.map(|point| ns_per_gradient(engine.as_mut(), point));
    if args.json {
        let line = stop.span.map(|span| sources.position(span).line);
        let object = json!({"engine": "dual", "why_not_native": stop.reason.to_string(), "line": line, "ns": ns});
        print(&format!("{object}\n"))?;
        return Ok(EXIT_DONE);
    }
    let message = format!("forward mode runs this program: the native engine cannot express {}", stop.reason);
    let span = stop.span.unwrap_or(Span::new(FileId::MAIN, 0, 0));
    let diagnostic = Diagnostic::warning("hlmc::explain::forward_mode", message, span)
        .label("the first statement that it cannot express")
        .with_help("forward mode walks the whole program for every 12 parameters; nothing of it is known ahead");
    let mut out = render(&[diagnostic], sources, stdout_look());
    if let Some(ns) = ns {
        out.push_str(&format!("Gradient: {ns:.0} ns.\n"));
    }
    print(&out)?;
    Ok(EXIT_DONE)
}
