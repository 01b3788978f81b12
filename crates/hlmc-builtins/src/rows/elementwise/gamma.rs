//! Gamma and beta functions, complete and incomplete, and binomial coefficients.

use hlmc_math::{Real, special};

use super::checks::{int, not_nan, not_negative, positive, within};
use super::{MPMATH, binary, checked, int_first, scalars, unary};
use crate::fault::Fault;
use crate::table::{Case, Function};

/// The rows of this file.
pub(super) fn rows<A: Real>() -> Vec<Function<A>> {
    vec![
        unary(
            "lgamma",
            special::lgamma,
            "The logarithm of the absolute value of the gamma function; inf at 0 and negative integers.",
            &[
                Case { at: &[3.7], value: 1.428_072_326_665_388, source: MPMATH },
                Case { at: &[0.2], value: 1.524_063_822_430_784_5, source: MPMATH },
            ],
        ),
        checked(
            "tgamma",
            1,
            |x| tgamma(x[0]),
            "The gamma function. Rejects 0 and negative integers.",
            &[Case { at: &[3.7], value: 4.170_651_783_796_604, source: MPMATH }],
        ),
        unary(
            "digamma",
            special::digamma,
            "The derivative of lgamma.",
            &[Case { at: &[3.7], value: 1.167_153_539_361_511_3, source: MPMATH }],
        ),
        unary(
            "trigamma",
            special::trigamma,
            "The derivative of digamma.",
            &[Case { at: &[3.7], value: 0.310_037_857_670_038_3, source: MPMATH }],
        ),
        binary(
            "lbeta",
            special::lbeta,
            "The logarithm of the beta function.",
            &[Case { at: &[2.5, 1.2], value: -1.228_763_546_195_784_7, source: MPMATH }],
        ),
        binary(
            "beta",
            beta,
            "The beta function.",
            &[Case { at: &[2.5, 1.2], value: 0.292_654_207_473_671_16, source: MPMATH }],
        ),
        checked(
            "lchoose",
            2,
            |x| lchoose(x[0], x[1]),
            "The logarithm of the binomial coefficient of n over k, extended to real numbers by gamma functions. Rejects n or k below -1, and k above n + 1.",
            &[Case { at: &[7.5, 2.3], value: 3.429_869_891_568_969, source: MPMATH }],
        ),
        int_first(
            "lmgamma",
            &["T<real> lmgamma(T<int>, T<real>)"],
            |x| Ok(special::lmgamma(int(x[0]), x[1])),
            "The logarithm of the multivariate gamma function of dimension n.",
            &[Case { at: &[3.0, 4.5], value: 7.163_564_471_191_671_5, source: MPMATH }],
        ),
        checked(
            "gamma_p",
            2,
            |x| incomplete_gamma(special::gamma_p, x),
            "The regularised lower incomplete gamma function P(a, z). Rejects a <= 0 and z < 0.",
            &[Case { at: &[2.5, 1.2], value: 0.208_525_879_405_675_32, source: MPMATH }],
        ),
        checked(
            "gamma_q",
            2,
            |x| incomplete_gamma(special::gamma_q, x),
            "The regularised upper incomplete gamma function Q(a, z). Rejects a <= 0 and z < 0.",
            &[Case { at: &[2.5, 1.2], value: 0.791_474_120_594_324_6, source: MPMATH }],
        ),
        scalars(
            "inc_beta",
            &["real inc_beta(real, real, real)"],
            |x| incomplete_beta(special::inc_beta, x),
            "The regularised incomplete beta function I_x(a, b), called as inc_beta(a, b, x). Rejects negative a or b, and x outside [0, 1].",
            &[Case { at: &[2.5, 1.2, 0.3], value: 0.064_170_898_309_479_52, source: MPMATH }],
        ),
        scalars(
            "inv_inc_beta",
            &["real inv_inc_beta(real, real, real)"],
            |x| incomplete_beta(special::inv_inc_beta, x),
            "The inverse of the regularised incomplete beta function in x. Rejects negative a or b, and p outside [0, 1].",
            &[Case { at: &[2.0, 1.0, 0.25], value: 0.5, source: MPMATH }],
        ),
    ]
}

fn tgamma<A: Real>(x: A) -> Result<A, Fault> {
    let value = x.value();
    if value <= 0.0 && value.floor() == value {
        return Err(Fault::rejection(format!("x is {value}, but must not be 0 or a negative integer")));
    }
    Ok(special::tgamma(x))
}

fn beta<A: Real>(a: A, b: A) -> A {
    special::exp(special::lbeta(a, b))
}

fn lchoose<A: Real>(n: A, k: A) -> Result<A, Fault> {
    within(k, -1.0, f64::INFINITY)?;
    within(n, -1.0, f64::INFINITY)?;
    within(n - k, -1.0, f64::INFINITY)?;
    Ok(special::lchoose(n, k))
}

fn incomplete_gamma<A: Real>(f: fn(A, A) -> A, x: &[A]) -> Result<A, Fault> {
    if x.iter().any(|x| x.value().is_nan()) {
        return Ok(A::constant(f64::NAN));
    }
    Ok(f(positive(x[0])?, not_negative(x[1])?))
}

fn incomplete_beta<A: Real>(f: fn(A, A, A) -> A, x: &[A]) -> Result<A, Fault> {
    let (a, b) = (not_negative(not_nan(x[0])?)?, not_negative(not_nan(x[1])?)?);
    Ok(f(a, b, within(not_nan(x[2])?, 0.0, 1.0)?))
}
