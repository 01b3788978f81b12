//! Checks of scalar arguments: where Stan throws, the call is rejected; NaN passes unless a check says otherwise.

use hlmc_math::Real;

use crate::fault::Fault;

/// The argument itself, unless it lies below `low` or above `high`.
#[inline]
pub(super) fn within<A: Real>(x: A, low: f64, high: f64) -> Result<A, Fault> {
    let value = x.value();
    if value < low || value > high {
        return Err(Fault::rejection(format!("an argument is {value}, but must be in the interval [{low}, {high}]")));
    }
    Ok(x)
}

/// The argument itself, unless it is NaN.
#[inline]
pub(super) fn not_nan<A: Real>(x: A) -> Result<A, Fault> {
    if x.value().is_nan() {
        return Err(Fault::rejection("an argument is nan, but must not be nan"));
    }
    Ok(x)
}

/// The argument itself, unless it is 0 or below.
#[inline]
pub(super) fn positive<A: Real>(x: A) -> Result<A, Fault> {
    if x.value() <= 0.0 {
        return Err(Fault::rejection(format!("an argument is {}, but must be positive", x.value())));
    }
    Ok(x)
}

/// The argument itself, unless it is below 0.
#[inline]
pub(super) fn not_negative<A: Real>(x: A) -> Result<A, Fault> {
    within(x, 0.0, f64::INFINITY)
}

/// An argument that the signature says is an integer.
#[inline]
pub(super) fn int<A: Real>(x: A) -> i64 {
    x.value() as i64
}
