//! The native engine: the recorded graph, with the evaluator behind it for the points that the graph has no value at.

use std::sync::Arc;

use hlmc_eval::{BoundModel, Evaluator, Failure, Options};
use hlmc_math::{LogDensity, Rejection};
use hlmc_native::apply::Tables;
use hlmc_native::execute::{Program, Runner};
use hlmc_native::record::{self, Stop};
use hlmc_native::rewrite::{self, REWRITES, Rewrites};

use crate::dual::{Dual, rejection};
use crate::kind::Engine;

/// Recordings of one chain beyond which points with other outcomes are left to forward mode.
const MAX_RECORDINGS: usize = 24;

/// A recorded and scheduled program, shared by all chains.
#[derive(Clone)]
pub struct Recorded {
    program: Arc<Program>,
    applied: Vec<&'static str>,
    n_guards: usize,
    rewrites: Rewrites,
    tables: Arc<Tables>,
}

impl Recorded {
    /// Records the density that is sampled from (constants dropped, Jacobians included) and rewrites it.
    ///
    /// # Errors
    /// Why the graph cannot express the program.
    pub fn new(model: &BoundModel, rewrites: Rewrites) -> Result<Self, Stop> {
        let tables = Arc::new(Tables::new());
        Self::at(model, rewrites, &tables, None)
    }

    /// The same, with the conditions on parameters as they are at a position.
    fn at(
        model: &BoundModel,
        rewrites: Rewrites,
        tables: &Arc<Tables>,
        position: Option<&[f64]>,
    ) -> Result<Self, Stop> {
        let recording = record::record(model.program(), model.data(), tables, position)?;
        let n_guards = recording.n_guards;
        let mut recording = rewrite::run(recording, rewrites);
        recording.graph.share_prefixes(recording.result);
        let program = Program::new(&recording.graph, recording.result, recording.dimension, tables);
        let is_applied = |name: &str| recording.applied.iter().any(|applied| applied.rewrite == name);
        let applied = REWRITES.iter().map(|rewrite| rewrite.name).filter(|name| is_applied(name)).collect();
        Ok(Recorded { program: Arc::new(program), applied, n_guards, rewrites, tables: Arc::clone(tables) })
    }

    /// True when machine code runs, false when the graph is interpreted.
    #[must_use]
    pub fn is_compiled(&self) -> bool {
        self.program.is_compiled()
    }

    /// The names of the rewrites that found something to do.
    #[must_use]
    pub fn applied(&self) -> &[&'static str] {
        &self.applied
    }

    /// The number of conditions on parameters whose outcome was assumed: where it is another, the program is recorded
    /// anew.
    #[must_use]
    pub fn n_guards(&self) -> usize {
        self.n_guards
    }
}

/// The native engine of one chain.
///
/// Of a program with guards it keeps a recording for every combination of outcomes that it has met. These are the
/// chain's own, so that no chain depends on where others have been.
pub struct Native {
    runners: Vec<Runner>,
    /// The runner whose guards held last.
    current: usize,
    n_recordings: usize,
    recorded: Recorded,
    model: BoundModel,
    /// At plain numbers, for values and reasons. Like forward mode it is made when a point first needs it.
    plain: Option<Evaluator<f64>>,
    forward_mode: Option<Dual>,
    failure: Option<Failure>,
}

impl Native {
    /// An engine over a recorded program.
    #[must_use]
    pub fn new(recorded: &Recorded, model: &BoundModel) -> Self {
        Native {
            runners: vec![Runner::new(Arc::clone(&recorded.program))],
            current: 0,
            n_recordings: 1,
            recorded: recorded.clone(),
            model: model.clone(),
            plain: None,
            forward_mode: None,
            failure: None,
        }
    }

    fn forward_mode(&mut self) -> &mut Dual {
        self.forward_mode.get_or_insert_with(|| Dual::new(&self.model))
    }

    /// The value by the graph; `None` where that has no finite one.
    #[inline]
    fn by_graph(&mut self, position: &[f64], gradient: &mut [f64]) -> Option<f64> {
        if self.recorded.n_guards > 0 {
            return self.by_guards(position, gradient);
        }
        self.runners[0].evaluate(position, gradient).filter(|_| is_finite(gradient))
    }

    /// The value by one of the recordings.
    #[inline(never)]
    fn by_guards(&mut self, position: &[f64], gradient: &mut [f64]) -> Option<f64> {
        let first = self.current;
        let others = (0..self.runners.len()).filter(|i| *i != first);
        for i in std::iter::once(first).chain(others) {
            match self.run(i, position, gradient) {
                Ok(value) => {
                    self.current = i;
                    return Some(value);
                }
                Err(is_other_outcome) if !is_other_outcome => return None,
                Err(_) => {}
            }
        }
        if self.n_recordings == MAX_RECORDINGS {
            return None;
        }
        self.n_recordings += 1;
        let Recorded { rewrites, tables, .. } = &self.recorded;
        let program = Recorded::at(&self.model, *rewrites, tables, Some(position)).ok()?.program;
        self.runners.push(Runner::new(program));
        self.current = self.runners.len() - 1;
        self.run(self.current, position, gradient).ok()
    }

    /// The value where the graph has no finite one. Plain numbers say what the program gives, or in which words it rejects:
    /// they need a tenth of the memory of dual numbers. A value that is not finite has no gradient that anybody could
    /// use; only for a finite one does forward mode run.
    #[cold]
    fn by_evaluator(&mut self, position: &[f64], gradient: &mut [f64]) -> Result<f64, Rejection> {
        let plain = self.plain.get_or_insert_with(|| Evaluator::new(&self.model));
        let value = plain.log_density(position, Options::SAMPLER).map_err(|failure| {
            let rejection = rejection(&failure);
            self.failure = Some(failure);
            rejection
        })?;
        if !value.is_finite() {
            gradient.fill(f64::NAN);
            return Ok(value);
        }
        // Forward mode prints the same.
        plain.take_printed();
        let result = self.forward_mode().log_density_gradient(position, gradient);
        self.failure = self.forward_mode().failure().cloned();
        result
    }

    /// A finite value and gradient by one recording, or whether its guards fail at the point.
    fn run(&mut self, i: usize, position: &[f64], gradient: &mut [f64]) -> Result<f64, bool> {
        let runner = &mut self.runners[i];
        let value = runner.evaluate(position, gradient).filter(|_| is_finite(gradient));
        value.ok_or_else(|| !runner.guards_hold())
    }
}

/// Gradients from this length on are looked at as a whole, which needs no branch for each number. A short one was written
/// number by number a moment ago, and reading it otherwise would have to wait for that.
const LONG_GRADIENT: usize = 64;

#[inline]
fn is_finite(gradient: &[f64]) -> bool {
    if gradient.len() < LONG_GRADIENT {
        // What is not finite has no zeroth part. These are the fewest instructions, and nobody waits for the sum.
        return gradient.iter().fold(0.0, |sum, partial| sum + 0.0 * partial) == 0.0;
    }
    gradient.iter().fold(true, |all, partial| all & partial.is_finite())
}

impl Engine for Native {
    fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }

    fn explain(&mut self, position: &[f64]) -> Option<Failure> {
        self.forward_mode().explain(position)
    }

    fn take_printed(&mut self) -> Vec<String> {
        // What prints is not recorded.
        let mut printed = self.plain.as_mut().map(Evaluator::take_printed).unwrap_or_default();
        printed.extend(self.forward_mode.as_mut().map(Dual::take_printed).unwrap_or_default());
        printed
    }
}

impl LogDensity for Native {
    fn dimension(&self) -> usize {
        self.model.dimension()
    }

    fn log_density_gradient(&mut self, position: &[f64], gradient: &mut [f64]) -> Result<f64, Rejection> {
        if self.failure.is_some() {
            self.failure = None;
        }
        match self.by_graph(position, gradient) {
            Some(value) => Ok(value),
            None => self.by_evaluator(position, gradient),
        }
    }
}
