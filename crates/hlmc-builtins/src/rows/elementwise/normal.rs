//! The standard normal distribution function, the error function and their inverses.

use hlmc_math::{Real, special};

use super::checks::{not_nan, within};
use super::{MPMATH, binary, checked, unary};
use crate::table::{Case, Function};

/// The rows of this file.
pub(super) fn rows<A: Real>() -> Vec<Function<A>> {
    vec![
        checked(
            "Phi",
            1,
            |x| Ok(special::phi(not_nan(x[0])?)),
            "The distribution function of the standard normal. Rejects NaN.",
            &[
                Case { at: &[0.7], value: 0.758_036_347_776_927, source: MPMATH },
                Case { at: &[-10.0], value: 7.619_853_024_160_525e-24, source: MPMATH },
            ],
        ),
        unary(
            "Phi_approx",
            special::phi_approx,
            "A fast approximation of Phi: inv_logit(0.07056 x^3 + 1.5976 x).",
            &[Case { at: &[0.7], value: 0.758_142_394_942_255_1, source: MPMATH }],
        ),
        checked(
            "inv_Phi",
            1,
            |x| Ok(special::inv_phi(within(x[0], 0.0, 1.0)?)),
            "The quantile function of the standard normal. Rejects numbers outside [0, 1].",
            &[Case { at: &[0.3], value: -0.524_400_512_708_040_8, source: MPMATH }],
        ),
        checked(
            "std_normal_qf",
            1,
            |x| Ok(special::inv_phi(within(x[0], 0.0, 1.0)?)),
            "The quantile function of the standard normal. Rejects numbers outside [0, 1].",
            &[Case { at: &[0.3], value: -0.524_400_512_708_040_8, source: MPMATH }],
        ),
        checked(
            "std_normal_log_qf",
            1,
            |x| Ok(special::std_normal_log_qf(within(not_nan(x[0])?, f64::NEG_INFINITY, 0.0)?)),
            "The quantile of the standard normal at probability e^x. Rejects positive numbers.",
            &[Case { at: &[-1.2], value: -0.520_968_918_194_780_1, source: MPMATH }],
        ),
        unary(
            "erf",
            special::erf,
            "The error function.",
            &[Case { at: &[0.7], value: 0.677_801_193_837_418_4, source: MPMATH }],
        ),
        unary(
            "erfc",
            special::erfc,
            "The complementary error function 1 - erf(x).",
            &[
                Case { at: &[0.7], value: 0.322_198_806_162_581_56, source: MPMATH },
                Case { at: &[5.0], value: 1.537_459_794_428_035e-12, source: MPMATH },
            ],
        ),
        checked(
            "inv_erfc",
            1,
            |x| Ok(special::inv_erfc(within(x[0], 0.0, 2.0)?)),
            "The inverse of erfc. Rejects numbers outside [0, 2].",
            &[Case { at: &[0.3], value: 0.732_869_077_959_216_9, source: MPMATH }],
        ),
        binary(
            "owens_t",
            special::owens_t,
            "Owen's T function.",
            &[Case { at: &[0.7, 1.3], value: 0.103_435_253_678_987_29, source: MPMATH }],
        ),
    ]
}
