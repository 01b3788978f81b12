//! Trigonometric and hyperbolic functions and their inverses.

use hlmc_math::{Real, special};

use super::checks::within;
use super::{DEFINITION, MPMATH, binary, checked, unary};
use crate::table::{Case, Function};

/// The rows of this file.
pub(super) fn rows<A: Real>() -> Vec<Function<A>> {
    vec![
        unary(
            "sin",
            special::sin,
            "The sine of an angle in radians.",
            &[Case { at: &[0.7], value: 0.644_217_687_237_691, source: MPMATH }],
        ),
        unary(
            "cos",
            special::cos,
            "The cosine of an angle in radians.",
            &[Case { at: &[0.7], value: 0.764_842_187_284_488_5, source: MPMATH }],
        ),
        unary(
            "tan",
            special::tan,
            "The tangent of an angle in radians.",
            &[Case { at: &[0.7], value: 0.842_288_380_463_079_4, source: MPMATH }],
        ),
        unary(
            "asin",
            special::asin,
            "The arc sine, in radians; NaN outside [-1, 1].",
            &[Case { at: &[0.3], value: 0.304_692_654_015_397_5, source: MPMATH }],
        ),
        unary(
            "acos",
            special::acos,
            "The arc cosine, in radians; NaN outside [-1, 1].",
            &[Case { at: &[0.3], value: 1.266_103_672_779_499_2, source: MPMATH }],
        ),
        unary(
            "atan",
            special::atan,
            "The arc tangent, in radians.",
            &[Case { at: &[0.7], value: 0.610_725_964_389_208_6, source: MPMATH }],
        ),
        unary(
            "sinh",
            special::sinh,
            "The hyperbolic sine.",
            &[Case { at: &[0.7], value: 0.758_583_701_839_533_5, source: MPMATH }],
        ),
        unary(
            "cosh",
            special::cosh,
            "The hyperbolic cosine.",
            &[Case { at: &[0.7], value: 1.255_169_005_630_943, source: MPMATH }],
        ),
        unary(
            "tanh",
            special::tanh,
            "The hyperbolic tangent.",
            &[Case { at: &[0.7], value: 0.604_367_777_117_163_5, source: MPMATH }],
        ),
        unary(
            "asinh",
            special::asinh,
            "The inverse hyperbolic sine.",
            &[Case { at: &[0.7], value: 0.652_666_566_082_355_7, source: MPMATH }],
        ),
        checked(
            "acosh",
            1,
            |x| Ok(special::acosh(within(x[0], 1.0, f64::INFINITY)?)),
            "The inverse hyperbolic cosine. Rejects numbers below 1.",
            &[Case { at: &[1.7], value: 1.123_230_982_587_296, source: MPMATH }],
        ),
        checked(
            "atanh",
            1,
            |x| Ok(special::atanh(within(x[0], -1.0, 1.0)?)),
            "The inverse hyperbolic tangent. Rejects numbers outside [-1, 1].",
            &[Case { at: &[0.3], value: 0.309_519_604_203_111_7, source: MPMATH }],
        ),
        binary(
            "atan2",
            special::atan2,
            "The angle of the point (x, y), given as atan2(y, x), in (-pi, pi].",
            &[Case { at: &[1.5, -0.7], value: 2.007_423_486_608_437_7, source: MPMATH }],
        ),
        binary(
            "hypot",
            special::hypot,
            "sqrt(x^2 + y^2), without overflow.",
            &[Case { at: &[3.0, 4.0], value: 5.0, source: DEFINITION }],
        ),
    ]
}
