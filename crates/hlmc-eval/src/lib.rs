//! Typed program and data to a bound model: one evaluator, generic over the number.

mod constraint;
mod data;
mod evaluate;
mod evaluator;
mod failure;
mod frame;
mod layout;
mod model;
mod names;
mod parameters;

pub use data::{DataDiagnostic, JsonPlace};
pub use evaluator::{Evaluator, Options};
pub use failure::Failure;
pub use hlmc_builtins::Severity;
pub use model::{BoundModel, Include};
