//! The engines by name.

use std::fmt;
use std::str::FromStr;

use hlmc_eval::{BoundModel, Failure};
use hlmc_math::LogDensity;

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

/// The engine of a kind for one chain, and the kind that it is: `auto` has made its choice.
#[must_use]
pub fn build(kind: EngineKind, model: &BoundModel) -> (EngineKind, Box<dyn Engine>) {
    match kind {
        EngineKind::Dual => (EngineKind::Dual, Box::new(Dual::new(model))),
        EngineKind::Auto | EngineKind::Native => match Recorded::new(model) {
            Ok(recorded) => (EngineKind::Native, Box::new(Native::new(&recorded, model))),
            Err(_) => (EngineKind::Dual, Box::new(Dual::new(model))),
        },
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
