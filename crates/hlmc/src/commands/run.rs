//! `hlmc run`: from files to the table.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use hlmc::faults;
use hlmc::render::diagnostics::Problem;
use hlmc::report::{Iterations, Report, Shown};
use hlmc::sampling::{ChainOutcome, Plan, column_names, run_chains};
use hlmc_engine::Prepared;
use hlmc_inference::{InitialPosition, MetricKind, Settings};
use hlmc_posterior::Draws;

use super::chain_listener::{ChainListener, Times};
use super::output::OutputFolder;
use super::run_report::{RunFacts, print_report};
use crate::args::{Init, Metric, RunArgs};
use crate::failure::{EXIT_DONE, EXIT_INTERRUPTED, Failure};
use crate::files::read_text;
use crate::load::{Loaded, ModelText, engine, rewrites};
use crate::progress::Progress;
use crate::terminal::say;

pub(crate) fn run(args: &RunArgs) -> Result<u8, Failure> {
    let begin = Instant::now();
    let inits = read_inits(&args.init)?;
    let (kind, rewrites) = (engine(&args.engine)?, rewrites(&args.rewrites)?);
    let plan = plan(args, inits.as_ref().map(|(_, text)| text.clone()))?;
    let loaded = ModelText::read(&args.model)?.load(&args.model, plan.seed)?;
    let engine = Prepared::with_rewrites(kind, &loaded.model, rewrites);
    let columns = column_names(&loaded.model);
    let shown = Shown::new(&columns, args.params.as_deref()).map_err(Failure::Usage)?;
    plan.settings
        .check(loaded.model.dimension())
        .map_err(|error| Failure::Usage(Problem::new("hlmc::usage::setting", error.to_string())))?;
    for line in loaded.model.printed() {
        say(&format!("{line}\n"));
    }
    let mut facts = RunFacts::new(args, &plan, &engine);
    facts.compile_seconds = begin.elapsed().as_secs_f64();

    let output = args.out.as_deref().map(OutputFolder::create).transpose()?;
    let times = Arc::new(Times::new(plan.n_chains));
    let listeners = listeners(args, &plan, &engine, output.as_ref(), &times)?;
    let stop = stop_on_interrupt()?;
    let outcomes = run_chains(&engine, &plan, listeners, &stop);

    (facts.warmup_seconds, facts.sampling_seconds) = times.longest();
    facts.total_seconds = begin.elapsed().as_secs_f64();
    facts.is_interrupted = stop.load(Ordering::Relaxed);
    let outcomes = fail_if_one_failed(outcomes, &plan, loaded, inits, output.as_ref())?;
    facts.files = output.map_or(Vec::new(), |output| output.files(&plan));
    facts.count_rejections(&outcomes);
    let (traces, chains) =
        outcomes.into_iter().map(|outcome| (outcome.trace, outcome.draws)).unzip::<_, _, Vec<_>, _>();
    let draws = Draws::from_chains(columns, chains)
        .map_err(|error| Problem::new("hlmc::run::internal", format!("this is a defect of hlmc: {error}")))?;
    let iterations = Iterations { n_warmup: plan.settings.n_warmup, n_draws: plan.n_draws, thin: plan.thin };
    let report = Report::new(&draws, &traces, Some(iterations), shown);
    print_report(&report, &facts, args.json)?;
    Ok(if facts.is_interrupted { EXIT_INTERRUPTED } else { EXIT_DONE })
}

fn plan(args: &RunArgs, inits: Option<String>) -> Result<Plan, Failure> {
    let radius = match args.init {
        Init::Radius(radius) => radius,
        Init::File(_) => DEFAULT_RADIUS,
    };
    let settings = Settings {
        n_warmup: args.warmup,
        adapt_delta: args.adapt_delta,
        max_treedepth: args.max_treedepth,
        metric: match args.metric {
            Metric::Unit => MetricKind::Unit,
            Metric::Diag => MetricKind::Diag,
            Metric::Dense => MetricKind::Dense,
        },
        initial_position: InitialPosition::Uniform { radius },
        ..Settings::default()
    };
    let n_cores = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    Ok(Plan {
        n_chains: args.chains,
        first_chain: args.first_chain,
        n_draws: args.draws,
        thin: args.thin,
        // A seed of CmdStan's range, short enough to be typed again.
        seed: args.seed.unwrap_or_else(|| u64::from(rand::random::<u32>())),
        n_threads: args.threads.unwrap_or_else(n_cores),
        settings,
        inits,
    })
}

/// Where parameters start that a file of initial values does not name. Stan's radius.
const DEFAULT_RADIUS: f64 = 2.0;

/// The name and the text of the file of initial values, if there is one.
fn read_inits(init: &Init) -> Result<Option<(String, String)>, Failure> {
    match init {
        Init::Radius(_) => Ok(None),
        Init::File(path) => Ok(Some((path.display().to_string(), read_text(path, "the initial values")?))),
    }
}

fn listeners(
    args: &RunArgs,
    plan: &Plan,
    engine: &Prepared,
    output: Option<&OutputFolder>,
    times: &Arc<Times>,
) -> Result<Vec<ChainListener>, Failure> {
    let progress = Progress::new(args.quiet);
    let n_iterations = plan.settings.n_warmup + plan.n_draws;
    let chains = (0..plan.n_chains).map(|chain_idx| {
        let number = plan.first_chain + chain_idx;
        let file = output.map(|output| output.start_chain(args, plan, number, engine)).transpose()?;
        let progress = progress.chain(number, plan.settings.n_warmup, n_iterations);
        Ok(ChainListener::new(chain_idx, file, progress, Arc::clone(times)))
    });
    chains.collect()
}

/// A flag that Ctrl-C sets. A second Ctrl-C ends the process at once: the lines in the files are whole at any time.
fn stop_on_interrupt() -> Result<Arc<AtomicBool>, Failure> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    ctrlc::set_handler(move || {
        if flag.swap(true, Ordering::Relaxed) {
            #[allow(clippy::exit, reason = "whoever interrupts twice wants out, whatever is running")]
            std::process::exit(i32::from(EXIT_INTERRUPTED));
        }
    })
    .map_err(|error| Problem::new("hlmc::run::signal", format!("cannot listen to Ctrl-C: {error}")))?;
    Ok(stop)
}

/// The first failure of any chain ends the run.
fn fail_if_one_failed(
    outcomes: Vec<ChainOutcome>,
    plan: &Plan,
    loaded: Loaded,
    inits: Option<(String, String)>,
    output: Option<&OutputFolder>,
) -> Result<Vec<ChainOutcome>, Failure> {
    let Some(chain_idx) = outcomes.iter().position(|outcome| outcome.failure.is_some()) else {
        return Ok(outcomes);
    };
    let failed = outcomes.into_iter().nth(chain_idx).and_then(|outcome| outcome.failure);
    let Some(failure) = failed else { return Ok(Vec::new()) };
    if let (hlmc::sampling::ChainFailure::Write(error), Some(output)) = (&failure, output) {
        return Err(output.write_problem(plan.first_chain + chain_idx, error).into());
    }
    let Loaded { model, mut sources } = loaded;
    let inits = inits.as_ref().map(|(name, text)| (name.as_str(), text.as_str()));
    let faults = faults::of_chain(failure, &model, &mut sources, inits);
    Err(Failure::Faults(faults, sources))
}

/// The name of a model: that of its file, without folder and suffix.
pub(super) fn model_name(path: &Path) -> String {
    path.file_stem().map_or_else(|| "model".to_owned(), |stem| stem.to_string_lossy().into_owned())
}

/// Names of the files of all chains.
pub(super) fn file_name(folder: &Path, chain: usize) -> PathBuf {
    folder.join(format!("chain-{chain}.csv"))
}
