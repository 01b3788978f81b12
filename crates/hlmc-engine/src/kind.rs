//! The engines by name.

use std::fmt;
use std::str::FromStr;

use hlmc_eval::{BoundModel, Failure};
use hlmc_math::LogDensity;
use hlmc_native::rewrite::Rewrites;

use crate::dual::Dual;
use crate::native::{Native, Recorded};

/// Which engine computes log densities and gradients.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum EngineKind {
    /// The one that is taken to be the fastest for the model.
    #[default]
    Auto,
    /// Forward mode.
    Dual,
    /// The recorded graph.
    Native,
}

/// All engines that can be built, without `auto`, which picks one of them.
#[must_use]
pub fn engines() -> &'static [EngineKind] {
    &[EngineKind::Dual, EngineKind::Native]
}

/// What every engine is: a log density that also says what went on in the program.
pub trait Engine: LogDensity + Send {
    /// What went wrong at the last point, with its place in the program; `None` if nothing did.
    fn failure(&self) -> Option<&Failure>;

    /// The statement at which the log density or its gradient stops being finite, or goes wrong; `None` where all is
    /// well. Slow: meant for the one point that a person asks about.
    fn explain(&mut self, position: &[f64]) -> Option<Failure>;

    /// What `print` has said since this was asked last, line by line.
    fn take_printed(&mut self) -> Vec<String>;
}

/// An engine made ready for a model, shared by all chains.
#[derive(Clone)]
pub struct Prepared {
    model: BoundModel,
    recorded: Option<Recorded>,
    why_not_native: Option<String>,
}

impl Prepared {
    /// Makes an engine of this kind ready. `auto` and `native` record the program; where the graph cannot express it,
    /// forward mode runs it, and [`Prepared::why_not_native`] says why.
    #[must_use]
    pub fn new(kind: EngineKind, model: &BoundModel) -> Self {
        Self::with_rewrites(kind, model, Rewrites::ALL)
    }

    /// The same, with these rewrites of the recorded graph alone.
    #[must_use]
    pub fn with_rewrites(kind: EngineKind, model: &BoundModel, rewrites: Rewrites) -> Self {
        let recorded = match kind {
            EngineKind::Dual => None,
            EngineKind::Auto | EngineKind::Native => Some(Recorded::new(model, rewrites)),
        };
        let (recorded, why_not_native) = match recorded {
            None => (None, None),
            Some(Ok(recorded)) => (Some(recorded), None),
            Some(Err(stop)) => (None, Some(stop.to_string())),
        };
        Prepared { model: model.clone(), recorded, why_not_native }
    }

    /// The kind of engine that runs.
    #[must_use]
    pub fn kind(&self) -> EngineKind {
        if self.recorded.is_some() { EngineKind::Native } else { EngineKind::Dual }
    }

    /// What the graph cannot express, if that is why forward mode runs.
    #[must_use]
    pub fn why_not_native(&self) -> Option<&str> {
        self.why_not_native.as_deref()
    }

    /// True when machine code runs: not in forward mode, and not where the machine refuses code or the graph is too large.
    #[must_use]
    pub fn is_compiled(&self) -> bool {
        self.recorded.as_ref().is_some_and(Recorded::is_compiled)
    }

    /// The names of the rewrites that found something to do.
    #[must_use]
    pub fn applied(&self) -> &[&'static str] {
        self.recorded.as_ref().map_or(&[], Recorded::applied)
    }

    /// The number of conditions on parameters that the native engine assumes the outcome of: at points where it is
    /// another, the program is recorded anew, and past some number of times forward mode runs.
    #[must_use]
    pub fn n_guards(&self) -> usize {
        self.recorded.as_ref().map_or(0, Recorded::n_guards)
    }

    /// The model.
    #[must_use]
    pub fn model(&self) -> &BoundModel {
        &self.model
    }

    /// The engine of one chain.
    #[must_use]
    pub fn engine(&self) -> Box<dyn Engine> {
        match &self.recorded {
            Some(recorded) => Box::new(Native::new(recorded, &self.model)),
            None => Box::new(Dual::new(&self.model)),
        }
    }
}

impl fmt::Display for EngineKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            EngineKind::Auto => "auto",
            EngineKind::Dual => "dual",
            EngineKind::Native => "native",
        })
    }
}

/// A name of no engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownEngine(pub String);

impl fmt::Display for UnknownEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no engine `{}`; there are auto", self.0)?;
        engines().iter().try_for_each(|kind| write!(f, ", {kind}"))
    }
}

impl std::error::Error for UnknownEngine {}

impl FromStr for EngineKind {
    type Err = UnknownEngine;

    fn from_str(name: &str) -> Result<Self, UnknownEngine> {
        let all = std::iter::once(&EngineKind::Auto).chain(engines());
        all.copied().find(|kind| kind.to_string() == name).ok_or_else(|| UnknownEngine(name.to_owned()))
    }
}
