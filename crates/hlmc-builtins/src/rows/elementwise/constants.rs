//! Constants, as functions without arguments.

use std::f64::consts;

use hlmc_math::Real;

use super::row;
use crate::signature::Signature;
use crate::table::{Case, Function, Implementation};

/// A constant's row.
macro_rules! constant {
    ($name:literal, $value:expr, $doc:literal) => {
        row(
            $name,
            Signature::Listed(&[concat!("real ", $name, "()")]),
            Implementation::Scalar(|_| Ok(A::constant($value))),
            $doc,
            &[Case { at: &[], value: $value, source: super::DEFINITION }],
        )
    };
}

/// The rows of this file.
pub(super) fn rows<A: Real>() -> Vec<Function<A>> {
    vec![
        constant!("pi", consts::PI, "The ratio of a circle's circumference to its diameter."),
        constant!("e", consts::E, "The base of the natural logarithm."),
        constant!("sqrt2", consts::SQRT_2, "The square root of 2."),
        constant!("log2", consts::LN_2, "The natural logarithm of 2."),
        constant!("log10", consts::LN_10, "The natural logarithm of 10."),
        constant!("not_a_number", f64::NAN, "Not a number."),
        constant!("positive_infinity", f64::INFINITY, "Positive infinity."),
        constant!("negative_infinity", f64::NEG_INFINITY, "Negative infinity."),
        constant!("machine_precision", f64::EPSILON, "The distance from 1 to the next larger number."),
    ]
}
