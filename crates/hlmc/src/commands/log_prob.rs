//! `hlmc log-prob`: everything about given points.

use std::path::Path;

use hlmc::points::{PointsError, parse_points};
use hlmc::render::numbers::json;
use hlmc::sampling::data_rng;
use hlmc_engine::{LogProb, Prepared};
use hlmc_syntax::{Diagnostic, SourceMap, Span};
use serde_json::{Value, json};

use crate::args::LogProbArgs;
use crate::failure::{EXIT_DONE, Failure};
use crate::files::read_text;
use crate::load::{ModelText, engine, rewrites};
use crate::terminal::print;

/// The seed of random numbers in transformed data.
const SEED: u64 = 1;

pub(crate) fn log_prob(args: &LogProbArgs) -> Result<u8, Failure> {
    let (engine, rewrites) = (engine(&args.engine)?, rewrites(&args.rewrites)?);
    let model = ModelText::read(&args.model)?.load(&args.model, SEED)?.model;
    let names = model.unconstrained_names();
    let points = read_points(&args.points, &names)?;
    let mut reporter = LogProb::with_engine(&model, &Prepared::with_rewrites(engine, &model, rewrites));
    let constrained_names = reporter.constrained_names();
    let mut out = format!("{}\n", json!({"unconstrained_names": names, "constrained_names": constrained_names}));
    let mut rng = data_rng(SEED);
    for point in &points {
        let line = match reporter.report(point, &mut rng) {
            Ok(report) => json!({
                "lp": json(report.lp),
                "lp_full": json(report.lp_full),
                "gradient": numbers(&report.gradient),
                "constrained": numbers(&report.constrained),
            }),
            Err(rejection) => json!({ "error": rejection.message }),
        };
        out.push_str(&line.to_string());
        out.push('\n');
    }
    print(&out)?;
    Ok(EXIT_DONE)
}

fn numbers(values: &[f64]) -> Value {
    values.iter().map(|value| json(*value)).collect()
}

/// The points of a file, each of which has a number for each name.
fn read_points(path: &Path, names: &[String]) -> Result<Vec<Vec<f64>>, Failure> {
    let text = read_text(path, "the points")?;
    parse_points(&text, names).map_err(|PointsError { at, message, label }| {
        let mut sources = SourceMap::new();
        let file = sources.add(path.display().to_string(), text.as_str(), None);
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let span = Span::new(file, offset(at.start), offset(at.end));
        let help = "points are an array of arrays of numbers, such as [[0, 0.5], [1, -2]]";
        let diagnostic = Diagnostic::error("hlmc::data::points", message, span).label(label).with_help(help);
        Failure::Diagnostics(vec![diagnostic], sources)
    })
}
