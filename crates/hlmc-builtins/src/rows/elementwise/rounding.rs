//! Rounding, signs, minima and maxima: functions that are linear between jumps or kinks.

use hlmc_math::{Real, special};

use super::{DEFINITION, binary, checked, scalars, unary};
use crate::table::{Case, Function};

/// The rows of this file.
pub(super) fn rows<A: Real>() -> Vec<Function<A>> {
    vec![
        unary(
            "floor",
            special::floor,
            "The largest integer not above x.",
            &[Case { at: &[-1.5], value: -2.0, source: DEFINITION }],
        ),
        unary(
            "ceil",
            special::ceil,
            "The smallest integer not below x.",
            &[Case { at: &[-1.5], value: -1.0, source: DEFINITION }],
        ),
        unary(
            "round",
            special::round,
            "The nearest integer, halves away from 0.",
            &[
                Case { at: &[2.5], value: 3.0, source: DEFINITION },
                Case { at: &[-2.5], value: -3.0, source: DEFINITION },
            ],
        ),
        unary(
            "trunc",
            special::trunc,
            "The integer part, towards 0.",
            &[Case { at: &[-1.5], value: -1.0, source: DEFINITION }],
        ),
        unary("abs", special::abs, "The absolute value.", &[Case { at: &[-1.5], value: 1.5, source: DEFINITION }]),
        scalars(
            "step",
            &["real step(real)"],
            |x| Ok(special::step(x[0])),
            "0 for negative numbers, otherwise 1.",
            &[
                Case { at: &[-0.5], value: 0.0, source: DEFINITION },
                Case { at: &[0.0], value: 1.0, source: DEFINITION },
            ],
        ),
        binary(
            "fmax",
            special::fmax,
            "The larger argument; NaN is ignored beside a number.",
            &[Case { at: &[1.5, 2.5], value: 2.5, source: DEFINITION }],
        ),
        binary(
            "fmin",
            special::fmin,
            "The smaller argument; NaN is ignored beside a number.",
            &[Case { at: &[1.5, 2.5], value: 1.5, source: DEFINITION }],
        ),
        binary(
            "fdim",
            special::fdim,
            "x - y where x > y, otherwise 0.",
            &[
                Case { at: &[2.5, 1.0], value: 1.5, source: DEFINITION },
                Case { at: &[1.0, 2.5], value: 0.0, source: DEFINITION },
            ],
        ),
        binary(
            "fmod",
            special::fmod,
            "The remainder of x / y, with the sign of x.",
            &[
                Case { at: &[5.5, 2.0], value: 1.5, source: DEFINITION },
                Case { at: &[-5.5, 2.0], value: -1.5, source: DEFINITION },
            ],
        ),
        checked(
            "fma",
            3,
            |x| Ok(special::fma(x[0], x[1], x[2])),
            "x y + z.",
            &[Case { at: &[2.0, 3.0, 0.5], value: 6.5, source: DEFINITION }],
        ),
    ]
}
