//! What is said at the end of a run, besides the table and the verdict.

use hlmc::render::numbers::json;
use hlmc::report::Report;
use hlmc::sampling::{ChainOutcome, Plan};
use hlmc_engine::{EngineKind, Prepared};
use hlmc_inference::MetricKind;
use serde_json::{Value, json};

use crate::args::RunArgs;
use crate::failure::Failure;
use crate::terminal::{print, stdout_look};

/// What a run was and how long it took.
pub(crate) struct RunFacts {
    model: String,
    metric: &'static str,
    adapt_delta: f64,
    max_treedepth: u32,
    engine: EngineKind,
    why_not_native: Option<String>,
    n_guards: usize,
    seed: u64,
    pub(crate) compile_seconds: f64,
    pub(crate) warmup_seconds: f64,
    pub(crate) sampling_seconds: f64,
    pub(crate) total_seconds: f64,
    pub(crate) is_interrupted: bool,
    /// The files that the draws are in.
    pub(crate) files: Vec<String>,
    n_rejected: u64,
    first_rejection: Option<String>,
}

impl RunFacts {
    pub(crate) fn new(args: &RunArgs, plan: &Plan, engine: &Prepared) -> RunFacts {
        RunFacts {
            model: args.model.model.display().to_string(),
            metric: match plan.settings.metric {
                MetricKind::Unit => "unit",
                MetricKind::Diag => "diag",
                MetricKind::Dense => "dense",
            },
            adapt_delta: plan.settings.adapt_delta,
            max_treedepth: plan.settings.max_treedepth,
            engine: engine.kind(),
            why_not_native: engine.why_not_native().map(str::to_owned),
            n_guards: engine.n_guards(),
            seed: plan.seed,
            compile_seconds: 0.0,
            warmup_seconds: 0.0,
            sampling_seconds: 0.0,
            total_seconds: 0.0,
            is_interrupted: false,
            files: Vec::new(),
            n_rejected: 0,
            first_rejection: None,
        }
    }

    /// Counts the points that the density refused after warmup: in warmup, while steps are too large, they are common.
    pub(crate) fn count_rejections(&mut self, outcomes: &[ChainOutcome]) {
        let after_warmup = outcomes.iter().filter(|outcome| outcome.rejections.n_sampling > 0);
        self.n_rejected = after_warmup.clone().map(|outcome| outcome.rejections.n_sampling).sum();
        let mut first = after_warmup.flat_map(|outcome| &outcome.rejections.first);
        self.first_rejection = first.next().map(|rejected| rejected.message.clone());
    }

    fn why_this_engine(&self) -> String {
        if self.n_guards > 0 {
            return format!(" (recorded anew where one of {} conditions on parameters changes)", self.n_guards);
        }
        let why = |reason: &String| format!(" (native cannot express {reason})");
        self.why_not_native.as_ref().map_or_else(String::new, why)
    }

    fn notes(&self) -> Vec<String> {
        let Self { metric, adapt_delta, max_treedepth, engine, seed, .. } = self;
        let mut notes = vec![
            format!("Sampler: NUTS with metric {metric}, adapt_delta={adapt_delta}, max_treedepth={max_treedepth}."),
            format!("Engine: {engine}{}. Seed: {seed}.", self.why_this_engine()),
            format!(
                "Seconds: compile {:.3}, warmup {:.3}, sampling {:.3} (of the slowest chain), total {:.3}.",
                self.compile_seconds, self.warmup_seconds, self.sampling_seconds, self.total_seconds
            ),
        ];
        if self.n_rejected > 0 {
            let first = self.first_rejection.as_deref().unwrap_or("no reason given");
            notes.push(format!("Rejected points after warmup: {}; an early reason: {first}.", self.n_rejected));
        }
        if let (Some(first), Some(last)) = (self.files.first(), self.files.last()) {
            let range = if first == last { first.clone() } else { format!("{first} to {last}") };
            notes.push(format!("Draws: {range}."));
        }
        if self.is_interrupted {
            notes.push("The run was interrupted: these are the draws up to then.".to_owned());
        }
        notes
    }

    fn json(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("model", self.model.as_str().into()),
            ("sampler", "nuts".into()),
            ("metric", self.metric.into()),
            ("adapt_delta", json(self.adapt_delta)),
            ("max_treedepth", self.max_treedepth.into()),
            ("engine", self.engine.to_string().into()),
            ("seed", self.seed.into()),
            (
                "seconds",
                json!({
                    "compile": self.compile_seconds,
                    "warmup": self.warmup_seconds,
                    "sampling": self.sampling_seconds,
                    "total": self.total_seconds,
                }),
            ),
            ("rejected_after_warmup", self.n_rejected.into()),
            ("files", self.files.clone().into()),
            ("interrupted", self.is_interrupted.into()),
        ]
    }
}

/// Prints it all, as text or as one JSON object.
pub(crate) fn print_report(report: &Report, facts: &RunFacts, as_json: bool) -> Result<(), Failure> {
    if as_json {
        let mut object = report.json();
        object.extend(facts.json().into_iter().map(|(name, value)| (name.to_owned(), value)));
        print(&format!("{}\n", Value::from(object)))?;
    } else {
        print(&report.text(&facts.notes(), stdout_look()))?;
    }
    Ok(())
}
