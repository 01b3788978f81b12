//! What the rows of scalar distributions share: taking arguments apart, stating partial derivatives, samplers.

use std::fmt::Display;

use hlmc_math::Real;

use crate::fault::Fault;
use crate::table::{Argument, Domain};

impl Argument {
    /// A vectorised argument of real type.
    pub(super) const fn reals(name: &'static str, domain: Domain) -> Argument {
        Argument { name, ty: "reals", domain }
    }

    /// A vectorised argument of integer type.
    pub(super) const fn ints(name: &'static str, domain: Domain) -> Argument {
        Argument { name, ty: "ints", domain }
    }

    /// An argument that its row's functions see whole and check themselves.
    pub(super) const fn whole(name: &'static str, ty: &'static str) -> Argument {
        Argument { name, ty, domain: Domain::Unchecked }
    }
}

/// The scalar arguments of a kernel by name.
#[inline]
pub(super) fn scalars<A: Copy, const N: usize>(arguments: &[A]) -> Result<[A; N], Fault> {
    arguments.try_into().map_err(|_| Fault::fatal(format!("takes {N} scalars, but got {}", arguments.len())))
}

/// A number with this value and these partial derivatives: for kernels that are called once for each observation,
/// where dual arithmetic on every intermediate result is what costs.
#[inline]
pub(super) fn from_partials<A: Real, const N: usize>(value: A::Lower, partials: [(A, A::Lower); N]) -> A {
    let zero = A::Lower::constant(0.0);
    let mut total = A::zero().chain(value, zero);
    for (argument, partial) in partials {
        if !argument.is_constant() {
            total += argument.chain(zero, partial);
        }
    }
    total
}

/// A sampler, or the fault of parameters that it does not take.
pub(super) fn sampler<S, E: Display>(made: Result<S, E>) -> Result<S, Fault> {
    made.map_err(|error| Fault::rejection(format!("cannot draw: {error}")))
}

/// Negative infinity: the log density where there is none.
#[inline]
pub(super) fn impossible<A: Real>() -> A {
    A::constant(f64::NEG_INFINITY)
}
