//! Typed program and data to a bound model: one evaluator, generic over the number.

mod constraint;
mod data;
mod evaluate;
mod failure;
mod frame;
mod layout;

pub use data::{DataDiagnostic, JsonPlace};
pub use failure::Failure;
pub use hlmc_builtins::Severity;
