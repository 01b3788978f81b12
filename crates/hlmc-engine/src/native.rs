//! The native engine: the recorded graph, with forward mode behind it for the points that the graph has no value at.

use std::sync::Arc;

use hlmc_eval::{BoundModel, Failure};
use hlmc_math::{LogDensity, Rejection};
use hlmc_native::apply::Tables;
use hlmc_native::execute::{Program, Runner};
use hlmc_native::record::{self, Stop};
use hlmc_native::rewrite::{self, REWRITES, Rewrites};

use crate::dual::Dual;
use crate::kind::Engine;

/// A recorded and scheduled program, shared by all chains.
#[derive(Clone)]
pub struct Recorded {
    program: Arc<Program>,
    applied: Vec<&'static str>,
}

impl Recorded {
    /// Records the density that is sampled from (constants dropped, Jacobians included) and rewrites it.
    ///
    /// # Errors
    /// Why the graph cannot express the program.
    pub fn new(model: &BoundModel, rewrites: Rewrites) -> Result<Self, Stop> {
        let tables = Arc::new(Tables::new());
        let recording = record::record(model.program(), model.data(), &tables)?;
        let recording = rewrite::run(recording, rewrites);
        let program = Program::new(&recording.graph, recording.result, recording.dimension, &tables);
        let is_applied = |name: &str| recording.applied.iter().any(|applied| applied.rewrite == name);
        let applied = REWRITES.iter().map(|rewrite| rewrite.name).filter(|name| is_applied(name)).collect();
        Ok(Recorded { program: Arc::new(program), applied })
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
}

/// The native engine of one chain.
pub struct Native {
    runner: Runner,
    forward_mode: Dual,
}

impl Native {
    /// An engine over a recorded program.
    #[must_use]
    pub fn new(recorded: &Recorded, model: &BoundModel) -> Self {
        Native { runner: Runner::new(Arc::clone(&recorded.program)), forward_mode: Dual::new(model) }
    }
}

impl Engine for Native {
    fn failure(&self) -> Option<&Failure> {
        self.forward_mode.failure()
    }

    fn explain(&mut self, position: &[f64]) -> Option<Failure> {
        self.forward_mode.explain(position)
    }

    fn take_printed(&mut self) -> Vec<String> {
        // What prints is not recorded.
        self.forward_mode.take_printed()
    }
}

impl LogDensity for Native {
    fn dimension(&self) -> usize {
        self.runner.dimension()
    }

    fn log_density_gradient(&mut self, position: &[f64], gradient: &mut [f64]) -> Result<f64, Rejection> {
        match self.runner.log_density_gradient(position, gradient) {
            Ok(value) if gradient.iter().all(|partial| partial.is_finite()) => Ok(value),
            // Where the graph has no finite value, forward mode says what the program gives, and in which words it
            // rejects.
            _ => self.forward_mode.log_density_gradient(position, gradient),
        }
    }
}
