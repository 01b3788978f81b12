//! Chains in threads: from a bound model to draws.
//!
//! A chain's draws depend on the seed and the chain's number alone. The seed gives one stream of random numbers; chain k
//! takes it after k jumps of 2^128 numbers, and its generated quantities take theirs a long jump (2^192) further on, so
//! that draws of parameters do not depend on what is generated from them. What comes before the first jump belongs to
//! transformed data.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use hlmc_engine::{Engine, Prepared};
use hlmc_eval::{BoundModel, Evaluator, Failure, Include, Severity};
use hlmc_inference::{
    Chain, Draw, InitialPosition, InverseMetric, PointFailure, Rejections, SamplerError, Settings, TransitionStats,
};
use hlmc_math::{LogDensity, Rejection};
use hlmc_posterior::{ChainDraws, SamplerTrace};
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// Stack of a thread that runs a chain, as large as that of a main thread: user functions may call themselves.
const STACK_SIZE: usize = 8 << 20;

/// What to run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The number of chains.
    pub n_chains: usize,
    /// The number of the first of them, from one.
    pub first_chain: usize,
    /// Iterations after warmup of each chain, before thinning.
    pub n_draws: usize,
    /// One draw of how many is kept.
    pub thin: usize,
    /// The seed of all chains.
    pub seed: u64,
    /// How many chains run at the same time.
    pub n_threads: usize,
    /// The settings of each chain.
    pub settings: Settings,
    /// Initial values of parameters by name, as JSON; those that are not named start as the settings say.
    pub inits: Option<String>,
}

/// Hears what one chain does, while it does it.
pub trait Listener: Send {
    /// The chain is about to look for its initial position.
    fn started(&mut self) {}

    /// An iteration is done; they are counted from one, those of warmup first.
    fn iteration(&mut self, n_done: usize) {
        let _ = n_done;
    }

    /// Warmup is over.
    ///
    /// # Errors
    /// What is heard cannot be written down: the run ends; likewise below.
    fn adapted(&mut self, step_size: f64, inverse_metric: &InverseMetric) -> io::Result<()>;

    /// A draw that is kept. `values` are the constrained values of all parameters, transformed parameters and generated
    /// quantities.
    ///
    /// # Errors
    /// See above.
    fn draw(&mut self, log_density: f64, stats: &TransitionStats, values: &[f64]) -> io::Result<()>;

    /// The model printed a line.
    fn printed(&mut self, line: &str);

    /// The chain has made all its draws, or was told to stop.
    ///
    /// # Errors
    /// See above.
    fn finished(&mut self) -> io::Result<()>;
}

/// What became of one chain.
#[derive(Debug)]
pub struct ChainOutcome {
    /// The kept draws so far: the model's columns, then `lp__`.
    pub draws: ChainDraws,
    /// What the sampler recorded with them.
    pub trace: SamplerTrace,
    /// The leapfrog steps of all iterations.
    pub n_leapfrog: u64,
    /// The points that the density refused.
    pub rejections: Rejections,
    /// Why it ended early; none if it made all its draws or was told to stop.
    pub failure: Option<ChainFailure>,
}

/// Why a chain ended early.
#[derive(Debug)]
pub enum ChainFailure {
    /// The initial values are no good.
    Inits(Vec<hlmc_eval::DataDiagnostic>),
    /// The chain cannot start at the values that were given for it.
    GivenPosition {
        /// The unconstrained position.
        position: Vec<f64>,
        /// What is wrong with it.
        failure: PointFailure,
    },
    /// The sampler cannot start or go on.
    Sampler(SamplerError),
    /// Transformed parameters or generated quantities cannot be computed.
    Evaluation(Box<Failure>),
    /// The listener cannot write.
    Write(io::Error),
    /// The operating system gives no thread.
    Thread(io::Error),
}

/// The random numbers of transformed data.
pub fn data_rng(seed: u64) -> Xoshiro256PlusPlus {
    Xoshiro256PlusPlus::seed_from_u64(seed)
}

/// The random numbers of chain `chain` (from one): those of its draws, and those of its generated quantities.
pub fn chain_rngs(seed: u64, chain: usize) -> (Xoshiro256PlusPlus, Xoshiro256PlusPlus) {
    let mut draws = Xoshiro256PlusPlus::seed_from_u64(seed);
    for _ in 0..chain {
        draws.jump();
    }
    let mut generated = draws.clone();
    generated.long_jump();
    (draws, generated)
}

/// Names of the columns of a chain's draws: parameters, transformed parameters, generated quantities, `lp__`.
pub fn column_names(model: &BoundModel) -> Vec<String> {
    let mut names = model.constrained_names(Include::GeneratedQuantities);
    names.push("lp__".to_owned());
    names
}

/// Runs all chains of a plan, one listener each, until they are done, one fails, or `stop` is set.
pub fn run_chains<L: Listener>(
    engine: &Prepared,
    plan: &Plan,
    listeners: Vec<L>,
    stop: &AtomicBool,
) -> Vec<ChainOutcome> {
    let n_chains = listeners.len();
    let waiting: Vec<Mutex<Option<L>>> = listeners.into_iter().map(|listener| Mutex::new(Some(listener))).collect();
    let outcomes: Vec<Mutex<Option<ChainOutcome>>> = (0..n_chains).map(|_| Mutex::new(None)).collect();
    let next = AtomicUsize::new(0);
    let failed = AtomicBool::new(false);
    let is_stopped = || stop.load(Ordering::Relaxed) || failed.load(Ordering::Relaxed);
    let work = || {
        loop {
            let chain_idx = next.fetch_add(1, Ordering::Relaxed);
            let Some(listener) = waiting.get(chain_idx).and_then(|listener| lock(listener).take()) else { return };
            let outcome = run_chain(engine, plan, plan.first_chain + chain_idx, listener, &is_stopped);
            failed.fetch_or(outcome.failure.is_some(), Ordering::Relaxed);
            *lock(&outcomes[chain_idx]) = Some(outcome);
        }
    };
    let mut no_thread = None;
    std::thread::scope(|scope| {
        for _ in 0..plan.n_threads.clamp(1, n_chains.max(1)) {
            if let Err(error) = std::thread::Builder::new().stack_size(STACK_SIZE).spawn_scoped(scope, work) {
                no_thread = Some(error);
                break;
            }
        }
    });
    let n_columns = column_names(engine.model()).len();
    let outcomes = outcomes.into_iter().map(|outcome| {
        let outcome = outcome.into_inner().unwrap_or_else(PoisonError::into_inner);
        outcome.unwrap_or_else(|| {
            let failure = no_thread.take().map(ChainFailure::Thread);
            ChainOutcome { failure, ..ChainOutcome::empty(n_columns, 0) }
        })
    });
    outcomes.collect()
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl ChainOutcome {
    fn empty(n_columns: usize, n_draws: usize) -> Self {
        Self {
            draws: ChainDraws::with_capacity(n_columns, n_draws),
            trace: SamplerTrace::default(),
            n_leapfrog: 0,
            rejections: Rejections::default(),
            failure: None,
        }
    }
}

fn run_chain<L: Listener>(
    engine: &Prepared,
    plan: &Plan,
    number: usize,
    mut listener: L,
    is_stopped: &dyn Fn() -> bool,
) -> ChainOutcome {
    let mut outcome = ChainOutcome::empty(column_names(engine.model()).len(), plan.n_draws.div_ceil(plan.thin));
    outcome.failure = sample(engine, plan, number, &mut listener, is_stopped, &mut outcome).err();
    outcome
}

fn sample<L: Listener>(
    prepared: &Prepared,
    plan: &Plan,
    number: usize,
    listener: &mut L,
    is_stopped: &dyn Fn() -> bool,
    outcome: &mut ChainOutcome,
) -> Result<(), ChainFailure> {
    listener.started();
    let model = prepared.model();
    let (mut rng, generated_rng) = chain_rngs(plan.seed, number);
    let mut settings = plan.settings.clone();
    if let Some(inits) = &plan.inits {
        let base = random_position(model.dimension(), &settings.initial_position, &mut rng);
        let position = model.unconstrain(inits, &base).map_err(ChainFailure::Inits)?;
        settings.initial_position = InitialPosition::Position(position);
    }
    let heard = Rc::new(Heard::default());
    let density = Overheard { engine: prepared.engine(), heard: Rc::clone(&heard) };
    let started = Chain::new(density, &settings, rng);
    heard.pass_on(listener);
    let mut chain = started.map_err(|error| match (error, &settings.initial_position) {
        (SamplerError::GivenPosition { failure }, InitialPosition::Position(position)) => {
            ChainFailure::GivenPosition { position: position.clone(), failure }
        }
        (error, _) => heard.failure(error),
    })?;
    let mut writer = DrawWriter::new(model, generated_rng);
    if settings.n_warmup == 0 {
        listener.adapted(chain.step_size(), chain.inverse_metric()).map_err(ChainFailure::Write)?;
    }
    for iteration in 0..settings.n_warmup + plan.n_draws {
        if is_stopped() {
            break;
        }
        let advanced = chain.advance();
        heard.pass_on(listener);
        let draw = advanced.map_err(|error| heard.failure(error))?;
        outcome.n_leapfrog += draw.stats.n_leapfrog;
        if !draw.is_warmup {
            outcome.trace.push(draw.stats.divergent, draw.stats.tree_depth, settings.max_treedepth, draw.stats.energy);
            if (iteration - settings.n_warmup).is_multiple_of(plan.thin) {
                writer.write(&draw, listener, &mut outcome.draws)?;
            }
        }
        if iteration + 1 == settings.n_warmup {
            listener.adapted(chain.step_size(), chain.inverse_metric()).map_err(ChainFailure::Write)?;
        }
        listener.iteration(iteration + 1);
    }
    outcome.rejections = chain.rejections().clone();
    listener.finished().map_err(ChainFailure::Write)
}

fn random_position(dimension: usize, wanted: &InitialPosition, rng: &mut Xoshiro256PlusPlus) -> Vec<f64> {
    let radius = match wanted {
        InitialPosition::Uniform { radius } => *radius,
        InitialPosition::Position(position) => return position.clone(),
    };
    (0..dimension).map(|_| radius * (2.0 * rng.random::<f64>() - 1.0)).collect()
}

/// What the program said while a chain evaluated its density.
#[derive(Default)]
struct Heard {
    printed: RefCell<Vec<String>>,
    fatal: RefCell<Option<Failure>>,
}

impl Heard {
    fn pass_on<L: Listener>(&self, listener: &mut L) {
        for line in self.printed.borrow_mut().drain(..) {
            listener.printed(&line);
        }
    }

    /// The failure of the program behind an error of the sampler, if there is one: it knows its place.
    fn failure(&self, error: SamplerError) -> ChainFailure {
        match self.fatal.take() {
            Some(failure) => ChainFailure::Evaluation(Box::new(failure)),
            None => ChainFailure::Sampler(error),
        }
    }
}

/// An engine that is listened to.
struct Overheard {
    engine: Box<dyn Engine>,
    heard: Rc<Heard>,
}

impl LogDensity for Overheard {
    fn dimension(&self) -> usize {
        self.engine.dimension()
    }

    fn log_density_gradient(&mut self, position: &[f64], gradient: &mut [f64]) -> Result<f64, Rejection> {
        let result = self.engine.log_density_gradient(position, gradient);
        let lines = self.engine.take_printed();
        if !lines.is_empty() {
            self.heard.printed.borrow_mut().extend(lines);
        }
        if result.as_ref().is_err_and(|rejection| rejection.fatal) {
            *self.heard.fatal.borrow_mut() = self.engine.failure().cloned();
        }
        result
    }
}

/// Takes positions to draws of all variables.
struct DrawWriter {
    evaluator: Evaluator<f64>,
    rng: Xoshiro256PlusPlus,
    n_columns: usize,
    values: Vec<f64>,
}

impl DrawWriter {
    fn new(model: &BoundModel, rng: Xoshiro256PlusPlus) -> Self {
        let n_columns = column_names(model).len() - 1;
        Self { evaluator: Evaluator::new(model), rng, n_columns, values: Vec::with_capacity(n_columns + 1) }
    }

    fn write<L: Listener>(
        &mut self,
        draw: &Draw<'_>,
        listener: &mut L,
        draws: &mut ChainDraws,
    ) -> Result<(), ChainFailure> {
        self.values.clear();
        let result =
            self.evaluator.constrain(draw.position, Include::GeneratedQuantities, &mut self.rng, &mut self.values);
        for line in self.evaluator.take_printed() {
            listener.printed(&line);
        }
        match result {
            Ok(()) => {}
            // Like Stan: generated quantities that cannot be computed for this draw are missing in it, and only those.
            Err(failure) if failure.severity == Severity::Rejection => {
                listener.printed(&failure.message);
                let include = Include::TransformedParameters;
                // Where this fails too, nothing is known of the draw.
                let _ = self.evaluator.constrain(draw.position, include, &mut self.rng, &mut self.values);
                self.evaluator.take_printed();
            }
            Err(failure) => return Err(ChainFailure::Evaluation(Box::new(failure))),
        }
        self.values.resize(self.n_columns, f64::NAN);
        listener.draw(draw.log_density, &draw.stats, &self.values).map_err(ChainFailure::Write)?;
        self.values.push(draw.log_density);
        // There are as many values as columns.
        let _ = draws.push(&self.values);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_of_chains_are_jumps_of_one() {
        let first = |mut rng: Xoshiro256PlusPlus| rng.random::<u64>();
        let mut base = data_rng(7);
        assert_eq!(first(base.clone()), first(data_rng(7)));
        base.jump();
        assert_eq!(first(chain_rngs(7, 1).0), first(base.clone()));
        base.jump();
        assert_eq!(first(chain_rngs(7, 2).0), first(base.clone()));
        base.long_jump();
        assert_eq!(first(chain_rngs(7, 2).1), first(base));
        assert_ne!(first(chain_rngs(7, 1).0), first(chain_rngs(8, 1).0));
    }
}
