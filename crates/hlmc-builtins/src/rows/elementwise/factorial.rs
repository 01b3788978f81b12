//! Rising and falling factorial powers of real numbers.

use hlmc_math::{Real, special};

use super::checks::{int, not_nan, not_negative};
use super::{DEFINITION, MPMATH, checked, int_second};
use crate::table::{Case, Function};

/// The rows of this file.
pub(super) fn rows<A: Real>() -> Vec<Function<A>> {
    vec![
        checked(
            "log_falling_factorial",
            2,
            |x| Ok(special::log_falling_factorial(not_nan(x[0])?, not_nan(x[1])?)),
            "log Gamma(x + 1) - log Gamma(x - n + 1). Rejects NaN.",
            &[Case { at: &[7.5, 2.3], value: 4.416_968_469_463_703, source: MPMATH }],
        ),
        checked(
            "log_rising_factorial",
            2,
            |x| Ok(special::log_rising_factorial(not_nan(x[0])?, not_nan(x[1])?)),
            "log Gamma(x + n) - log Gamma(x). Rejects NaN.",
            &[Case { at: &[7.5, 2.3], value: 4.819_230_941_970_498, source: MPMATH }],
        ),
        int_second(
            "falling_factorial",
            &["T<real> falling_factorial(T<real>, T<int>)"],
            |x| Ok(special::falling_factorial(not_nan(x[0])?, int(not_negative(x[1])?))),
            "x (x - 1) ... (x - n + 1). Rejects NaN and a negative n.",
            &[Case { at: &[4.5, 3.0], value: 39.375, source: DEFINITION }],
        ),
        int_second(
            "rising_factorial",
            &["T<real> rising_factorial(T<real>, T<int>)"],
            |x| Ok(special::rising_factorial(not_nan(x[0])?, int(not_negative(x[1])?))),
            "x (x + 1) ... (x + n - 1). Rejects NaN and a negative n.",
            &[Case { at: &[4.5, 3.0], value: 160.875, source: DEFINITION }],
        ),
    ]
}
