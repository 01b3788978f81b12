//! Exponentials, logarithms, powers and roots.

use hlmc_math::{Real, special};

use super::checks::within;
use super::{DEFINITION, MPMATH, binary, checked, int_second, unary};
use crate::table::{Case, Function};

/// The rows of this file.
pub(super) fn rows<A: Real>() -> Vec<Function<A>> {
    vec![
        unary(
            "exp",
            special::exp,
            "The exponential function.",
            &[
                Case { at: &[1.0], value: std::f64::consts::E, source: MPMATH },
                Case { at: &[-0.5], value: 0.606_530_659_712_633_4, source: MPMATH },
            ],
        ),
        unary(
            "exp2",
            special::exp2,
            "2 to the power of x.",
            &[Case { at: &[0.5], value: std::f64::consts::SQRT_2, source: MPMATH }],
        ),
        unary(
            "expm1",
            special::expm1,
            "e^x - 1, accurate near 0.",
            &[Case { at: &[1.0e-5], value: 1.000_005_000_016_666_8e-5, source: MPMATH }],
        ),
        unary(
            "log",
            special::log,
            "The natural logarithm; NaN for negative numbers, -inf for 0.",
            &[Case { at: &[3.0], value: 1.098_612_288_668_109_8, source: MPMATH }],
        ),
        unary(
            "log2",
            special::log2,
            "The logarithm to base 2.",
            &[Case { at: &[3.0], value: 1.584_962_500_721_156, source: MPMATH }],
        ),
        unary(
            "log10",
            special::log10,
            "The logarithm to base 10.",
            &[Case { at: &[3.0], value: 0.477_121_254_719_662_44, source: MPMATH }],
        ),
        checked(
            "log1p",
            1,
            |x| Ok(special::log1p(within(x[0], -1.0, f64::INFINITY)?)),
            "log(1 + x), accurate near 0. Rejects numbers below -1.",
            &[
                Case { at: &[1.0e-5], value: 9.999_950_000_333_332e-6, source: MPMATH },
                Case { at: &[2.5], value: 1.252_762_968_495_368, source: MPMATH },
            ],
        ),
        checked(
            "log1m",
            1,
            |x| Ok(special::log1m(within(x[0], f64::NEG_INFINITY, 1.0)?)),
            "log(1 - x), accurate near 0. Rejects numbers above 1.",
            &[
                Case { at: &[1.0e-5], value: -1.000_005_000_033_333_7e-5, source: MPMATH },
                Case { at: &[0.75], value: -1.386_294_361_119_890_6, source: MPMATH },
            ],
        ),
        unary(
            "log1p_exp",
            special::log1p_exp,
            "log(1 + e^x), without overflow.",
            &[
                Case { at: &[0.3], value: 0.854_355_244_468_527_1, source: MPMATH },
                Case { at: &[-20.0], value: 2.061_153_620_314_381e-9, source: MPMATH },
            ],
        ),
        unary(
            "log1m_exp",
            special::log1m_exp,
            "log(1 - e^x) for x <= 0; NaN above.",
            &[
                Case { at: &[-0.3], value: -1.350_225_612_814_846_7, source: MPMATH },
                Case { at: &[-2.0], value: -0.145_413_457_868_859_06, source: MPMATH },
            ],
        ),
        unary(
            "sqrt",
            special::sqrt,
            "The square root; NaN for negative numbers.",
            &[Case { at: &[3.0], value: 1.732_050_807_568_877_2, source: MPMATH }],
        ),
        unary(
            "cbrt",
            special::cbrt,
            "The real cube root.",
            &[
                Case { at: &[3.0], value: 1.442_249_570_307_408_3, source: MPMATH },
                Case { at: &[-8.0], value: -2.0, source: DEFINITION },
            ],
        ),
        unary("square", special::square, "The square.", &[Case { at: &[-3.0], value: 9.0, source: DEFINITION }]),
        unary("inv", special::inv, "The reciprocal 1 / x.", &[Case { at: &[-4.0], value: -0.25, source: DEFINITION }]),
        unary("inv_sqrt", special::inv_sqrt, "1 / sqrt(x).", &[Case { at: &[16.0], value: 0.25, source: DEFINITION }]),
        unary("inv_square", special::inv_square, "1 / x^2.", &[Case { at: &[-2.0], value: 0.25, source: DEFINITION }]),
        binary(
            "pow",
            special::pow,
            "x to the power of y; 0 to the power of 0 is 1. The operators `^` and `.^` are the same.",
            &[
                Case { at: &[2.5, 1.5], value: 3.952_847_075_210_474, source: MPMATH },
                Case { at: &[3.0, -2.0], value: 0.111_111_111_111_111_1, source: DEFINITION },
            ],
        ),
        binary(
            "operator^",
            special::pow,
            "x to the power of y; 0 to the power of 0 is 1.",
            &[Case { at: &[2.5, 1.5], value: 3.952_847_075_210_474, source: MPMATH }],
        ),
        binary(
            "operator.^",
            special::pow,
            "x to the power of y, entry by entry; 0 to the power of 0 is 1.",
            &[Case { at: &[2.5, 1.5], value: 3.952_847_075_210_474, source: MPMATH }],
        ),
        int_second(
            "ldexp",
            &["T<real> ldexp(T<real>, T<int>)"],
            |x| Ok(x[0] * special::exp2(x[1])),
            "x times 2 to the power of the integer n.",
            &[Case { at: &[1.5, 3.0], value: 12.0, source: DEFINITION }],
        ),
        binary(
            "lmultiply",
            special::lmultiply,
            "x log(y), and 0 where both are 0.",
            &[
                Case { at: &[2.0, 3.0], value: 2.197_224_577_336_219_6, source: MPMATH },
                Case { at: &[0.0, 0.0], value: 0.0, source: DEFINITION },
            ],
        ),
    ]
}
