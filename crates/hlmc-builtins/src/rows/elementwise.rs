//! Functions of one or two real numbers, applied entry by entry.

use hlmc_math::Real;

use crate::signature::Signature;
use crate::table::{Case, Chapter, Function, Implementation};

/// The rows of this chapter.
pub(super) fn rows<A: Real>() -> Vec<Function<A>> {
    vec![unary(
        "exp",
        |x| x.exp(),
        "The exponential function.",
        &[Case { at: &[0.0], value: 1.0, source: "definition" }],
    )]
}

/// A total function of one number.
fn unary<A: Real>(name: &'static str, f: fn(A) -> A, doc: &'static str, cases: &'static [Case]) -> Function<A> {
    Function {
        name,
        signature: Signature::Elementwise(1),
        implementation: Implementation::Unary(f),
        chapter: Chapter::Elementwise,
        doc,
        cases,
    }
}
