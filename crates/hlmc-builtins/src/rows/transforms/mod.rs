//! Constraint transforms as functions: `_constrain`, `_jacobian` and `_unconstrain` of every constrained type.
//!
//! The transforms themselves are those of declarations ([`hlmc_math::constraints`]).

mod elementwise;
mod structured;

use hlmc_math::Real;
use hlmc_math::constraints::Violation;

use crate::fault::Fault;
use crate::table::Function;

/// What `_constrain` functions do, for the reference page.
macro_rules! constrain_doc {
    ($what:literal) => {
        concat!("From unconstrained values to ", $what, ".")
    };
}
/// What `_jacobian` functions do.
macro_rules! jacobian_doc {
    ($what:literal) => {
        concat!("From unconstrained values to ", $what, "; adds the log Jacobian determinant to `jacobian`.")
    };
}
/// What `_unconstrain` functions do.
macro_rules! unconstrain_doc {
    ($what:literal) => {
        concat!("From ", $what, " back to unconstrained values.")
    };
}
use {constrain_doc, jacobian_doc, unconstrain_doc};

/// The rows of this chapter.
pub(super) fn rows<A: Real>() -> Vec<Function<A>> {
    let mut rows = elementwise::rows();
    rows.extend(structured::rows());
    rows
}

/// A value outside of its set rejects the point.
fn of_violation(violation: &Violation) -> Fault {
    Fault::rejection(violation.to_string())
}
