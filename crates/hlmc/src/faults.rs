//! What is wrong with data or with a run, as diagnostics about the texts of the user.

use hlmc_engine::{Dual, Engine};
use hlmc_eval::{BoundModel, DataDiagnostic, Failure};
use hlmc_inference::{PointFailure, SamplerError};
use hlmc_syntax::{Diagnostic, FileId, SourceMap, Span};

use crate::render::diagnostics::Problem;
use crate::sampling::ChainFailure;

/// One thing that is wrong.
#[derive(Clone, Debug)]
pub enum Fault {
    /// At a place of a text.
    Diagnostic(Diagnostic),
    /// At no place in particular.
    Problem(Problem),
}

/// Mistakes in a JSON text. Their place is the declaration in the program; the place in the JSON text is shown besides,
/// or alone where the text is no JSON. The text joins the sources.
pub fn of_json(mistakes: Vec<DataDiagnostic>, sources: &mut SourceMap, name: &str, text: &str) -> Vec<Diagnostic> {
    let file = sources.add(name, text, None);
    mistakes.into_iter().map(|mistake| with_json_place(mistake, file, text)).collect()
}

fn with_json_place(mistake: DataDiagnostic, file: FileId, text: &str) -> Diagnostic {
    let DataDiagnostic { mut diagnostic, place } = mistake;
    let Some(place) = place else { return diagnostic };
    let start = place.offset.min(text.len());
    let span = Span::new(file, offset(start), offset(start + token_len(text.get(start..).unwrap_or(""))));
    let has_declaration = !diagnostic.primary.span.is_empty();
    if has_declaration {
        diagnostic = diagnostic.with_secondary(span, "this value");
    } else {
        diagnostic.primary.span = span;
        diagnostic = diagnostic.label("here");
    }
    diagnostic
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// The length of what stands first in a JSON text: a word, a number, a string, or else one character.
fn token_len(text: &str) -> usize {
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '+' | '-' | '.' | '_');
    let mut chars = text.char_indices();
    match chars.next() {
        Some((_, '"')) => {
            let mut is_escaped = false;
            let end = chars.find(|(_, c)| {
                let ends = *c == '"' && !is_escaped;
                is_escaped = *c == '\\' && !is_escaped;
                ends || *c == '\n'
            });
            end.map_or(text.len(), |(at, c)| if c == '"' { at + 1 } else { at })
        }
        Some((_, first)) if is_word(first) => text.find(|c| !is_word(c)).unwrap_or(text.len()),
        // The line break before which something is missing is a place, but nothing to underline.
        Some((_, first)) if !first.is_whitespace() => first.len_utf8(),
        _ => 0,
    }
}

/// Why a chain ended early. `sources` takes in the file of initial values, `inits`, if that is at fault.
pub fn of_chain(
    failure: ChainFailure,
    model: &BoundModel,
    sources: &mut SourceMap,
    inits: Option<(&str, &str)>,
) -> Vec<Fault> {
    match failure {
        ChainFailure::Inits(mistakes) => {
            let (name, text) = inits.unwrap_or_default();
            of_json(mistakes, sources, name, text).into_iter().map(Fault::Diagnostic).collect()
        }
        ChainFailure::GivenPosition { position, failure } => {
            vec![of_given_position(&position, &failure, model)]
        }
        ChainFailure::Sampler(error) => vec![of_sampler(error, model)],
        ChainFailure::Evaluation(failure) => {
            vec![Fault::Diagnostic(of_failure("hlmc::run::failed", *failure, "here"))]
        }
        ChainFailure::Write(error) => {
            vec![Fault::Problem(Problem::new("hlmc::file::unwritable", format!("cannot write draws: {error}")))]
        }
        ChainFailure::Thread(error) => {
            vec![Fault::Problem(Problem::new("hlmc::run::no_thread", format!("cannot start a thread: {error}")))]
        }
    }
}

/// A failure of the program while it runs; `at` says when, and the values that its statement reads follow.
fn of_failure(code: &'static str, failure: Failure, at: &str) -> Diagnostic {
    let values: Vec<String> = failure.values.iter().map(|(name, value)| format!("{name} = {value}")).collect();
    let label = if values.is_empty() { at.to_owned() } else { format!("{at}, where {}", values.join(", ")) };
    Diagnostic::error(code, failure.message, failure.span).label(label)
}

fn of_sampler(error: SamplerError, model: &BoundModel) -> Fault {
    match error {
        SamplerError::NoInitialPosition { n_attempts, radius, last_position, last, .. } => {
            let tried = if n_attempts == 1 {
                "no chain can start where all unconstrained values are zero".to_owned()
            } else {
                format!("no point to start at: none of {n_attempts} in ({:?}, {radius:?}) will do", -radius)
            };
            let help = "declare bounds that keep parameters where the density is defined, or give values to start at \
                        with `--init`";
            let at = if n_attempts == 1 { "here" } else { "at the last one" };
            let point = Point { position: &last_position, failure: &last, at };
            point.fault("hlmc::run::no_initial_position", &tried, help, model)
        }
        other => {
            let help = match other {
                SamplerError::Improper { .. } => Some("give every parameter a prior, or bounds on both sides"),
                SamplerError::NoStepSize => {
                    Some("look for steps and jumps in the density, such as conditions on parameters")
                }
                _ => None,
            };
            let mut problem = Problem::new("hlmc::run::sampler", with_coordinate_name(&other, model));
            problem.help = help.map(str::to_owned);
            Fault::Problem(problem)
        }
    }
}

fn of_given_position(position: &[f64], failure: &PointFailure, model: &BoundModel) -> Fault {
    let help = "start at other values: the density and its gradient must be finite there";
    let point = Point { position, failure, at: "here" };
    point.fault("hlmc::run::initial_position", "a chain cannot start at the given values", help, model)
}

/// A point at which no chain can start.
struct Point<'a> {
    position: &'a [f64],
    failure: &'a PointFailure,
    at: &'a str,
}

impl Point<'_> {
    /// Asks the engine for the statement that is to blame.
    fn fault(&self, code: &'static str, what: &str, help: &str, model: &BoundModel) -> Fault {
        match Dual::new(model).explain(self.position) {
            Some(explanation) => {
                let mut diagnostic = of_failure(code, explanation, self.at);
                diagnostic.message = format!("{what}: {}", diagnostic.message);
                Fault::Diagnostic(diagnostic.with_help(help))
            }
            None => Fault::Problem(Problem::new(code, format!("{what}: {}", self.failure)).with_help(help)),
        }
    }
}

/// The words of the sampler, with the coordinate that they are about by its name.
fn with_coordinate_name(error: &SamplerError, model: &BoundModel) -> String {
    let coordinate = match error {
        SamplerError::MetricOverflow { coordinate, .. } | SamplerError::SingularMetric { coordinate } => *coordinate,
        _ => return error.to_string(),
    };
    match model.unconstrained_names().get(coordinate) {
        Some(name) => format!("{error}: `{name}`"),
        None => error.to_string(),
    }
}
