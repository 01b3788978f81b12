//! Bessel functions and the Lambert W function.

use hlmc_math::{Real, special};

use super::checks::{int, not_nan, not_negative, positive, within};
use super::{MPMATH, checked, int_first};
use crate::fault::Fault;
use crate::table::{Case, Function};

/// -1/e, where the two real branches of the Lambert W function meet.
const LAMBERT_BRANCH_POINT: f64 = -0.367_879_441_171_442_33;

/// The rows of this file.
pub(super) fn rows<A: Real>() -> Vec<Function<A>> {
    vec![
        int_first(
            "bessel_first_kind",
            &["T<real> bessel_first_kind(T<int>, T<real>)"],
            |x| Ok(special::bessel_first_kind(int(x[0]), not_nan(x[1])?)),
            "The Bessel function of the first kind of order v. Rejects NaN.",
            &[Case { at: &[2.0, 1.7], value: 0.281_738_942_352_741_33, source: MPMATH }],
        ),
        int_first(
            "bessel_second_kind",
            &["T<real> bessel_second_kind(T<int>, T<real>)"],
            |x| Ok(special::bessel_second_kind(int(x[0]), positive(x[1])?)),
            "The Bessel function of the second kind of order v. Rejects z <= 0.",
            &[Case { at: &[2.0, 1.7], value: -0.786_999_053_198_185_6, source: MPMATH }],
        ),
        int_first(
            "modified_bessel_first_kind",
            &["T<real> modified_bessel_first_kind(T<int>, T<real>)"],
            |x| Ok(special::modified_bessel_first_kind(int(x[0]), not_nan(x[1])?)),
            "The modified Bessel function of the first kind of order v. Rejects NaN.",
            &[Case { at: &[2.0, 1.7], value: 0.456_498_414_268_566_4, source: MPMATH }],
        ),
        int_first(
            "modified_bessel_second_kind",
            &["T<real> modified_bessel_second_kind(T<int>, T<real>)"],
            |x| Ok(special::modified_bessel_second_kind(int(x[0]), positive(x[1])?)),
            "The modified Bessel function of the second kind of order v. Rejects z <= 0.",
            &[Case { at: &[2.0, 1.7], value: 0.411_805_127_708_858_3, source: MPMATH }],
        ),
        checked(
            "log_modified_bessel_first_kind",
            2,
            |x| log_modified_bessel_first_kind(x[0], x[1]),
            "The logarithm of the modified Bessel function of the first kind of real order v. Rejects v < -1 and z < 0.",
            &[Case { at: &[1.5, 1.7], value: -0.250_466_760_363_751_65, source: MPMATH }],
        ),
        checked(
            "lambert_w0",
            1,
            |x| Ok(special::lambert_w0(within(x[0], LAMBERT_BRANCH_POINT, f64::INFINITY)?)),
            "The principal branch of the Lambert W function. Rejects numbers below -1/e.",
            &[Case { at: &[0.7], value: 0.447_470_259_269_655, source: MPMATH }],
        ),
        checked(
            "lambert_wm1",
            1,
            |x| Ok(special::lambert_wm1(within(x[0], LAMBERT_BRANCH_POINT, 0.0)?)),
            "The branch -1 of the Lambert W function. Rejects numbers outside [-1/e, 0].",
            &[Case { at: &[-0.2], value: -2.542_641_357_773_526_5, source: MPMATH }],
        ),
    ]
}

fn log_modified_bessel_first_kind<A: Real>(v: A, z: A) -> Result<A, Fault> {
    if v.value().is_nan() || z.value().is_nan() {
        return Ok(A::constant(f64::NAN));
    }
    Ok(special::log_modified_bessel_first_kind(within(v, -1.0, f64::INFINITY)?, not_negative(z)?))
}
