//! Special functions at the edges of their domains: values and derivatives as recorded from Stan 2.35 (Math 4.9.0), but
//! for the derivatives marked as right where Stan is not.
#![allow(clippy::panic, clippy::expect_used, reason = "clippy exempts test functions, but not what they call")]

use hlmc_math::Real;
use hlmc_math::special::*;
use num_dual::{DualSVec, DualSVec64};

type Dual = DualSVec64<1>;
const INF: f64 = f64::INFINITY;
const NAN: f64 = f64::NAN;

fn agrees(found: f64, expected: f64) -> bool {
    found == expected
        || (found.is_nan() && expected.is_nan())
        || (found - expected).abs() < 1e-13 * expected.abs().max(1.0)
}

/// Checks value and derivative of an expression in `x` at a point.
macro_rules! at {
    ($at:expr, |$x:ident| $f:expr, $value:expr, $derivative:expr) => {{
        let $x = Dual::from_re($at).derivative(0);
        let found = $f;
        let (value, derivative): (f64, f64) = ($value, $derivative);
        assert!(agrees(found.value(), value), "{}: {} instead of {value}", stringify!($f), found.value());
        let slope = found.partial(0);
        assert!(agrees(slope, derivative), "derivative of {}: {slope} instead of {derivative}", stringify!($f));
    }};
}

fn constant(x: f64) -> Dual {
    Dual::constant(x)
}

#[test]
fn elementary_functions_have_the_edges_of_stan() {
    at!(0.0, |x| log(x), -INF, INF);
    at!(0.0, |x| log10(x), -INF, INF);
    at!(0.0, |x| log2(x), -INF, INF);
    at!(-1.0, |x| log(x), NAN, -1.0);
    at!(0.0, |x| sqrt(x), 0.0, 0.0);
    at!(-1.0, |x| sqrt(x), NAN, NAN);
    at!(0.0, |x| inv(x), INF, -INF);
    at!(0.0, |x| inv_square(x), INF, -INF);
    at!(0.0, |x| inv_sqrt(x), INF, -INF);
    at!(0.0, |x| pow(x, constant(0.0)), 1.0, 0.0);
    at!(0.0, |x| pow(x, constant(1.0)), 0.0, 1.0);
    at!(0.0, |x| pow(x, constant(2.0)), 0.0, 0.0);
    at!(0.0, |x| pow(x, constant(-1.5)), INF, 0.0);
    at!(-2.0, |x| pow(x, constant(3.0)), -8.0, 12.0);
    at!(-2.0, |x| pow(x, constant(0.5)), NAN, NAN);
    at!(0.0, |x| pow(x, x), 1.0, 0.0);
    at!(1.0, |x| log1m(x), -INF, INF);
    at!(-1.0, |x| log1p(x), -INF, INF);
    at!(1.0, |x| acos(x), 0.0, -INF);
    at!(1.0, |x| acosh(x), 0.0, INF);
    at!(1.0, |x| atanh(x), INF, INF);
    at!(-8.0, |x| cbrt(x), -2.0, 1.0 / 12.0);
    at!(2.5, |x| round(x), 3.0, 0.0);
    at!(-0.5, |x| round(x), -1.0, 0.0);
    at!(-2.5, |x| round(x), -3.0, 0.0);
    at!(0.0, |x| fmax(x, constant(NAN)), 0.0, 1.0);
    at!(0.0, |x| fmin(constant(NAN), x), 0.0, 1.0);
    at!(0.0, |x| fdim(x, constant(3.0)), 0.0, 0.0);
    at!(0.0, |x| step(x), 1.0, 0.0);
    at!(0.0, |x| hypot(x, x), 0.0, NAN);
    at!(0.0, |x| atan2(x, x), 0.0, NAN);
    at!(0.0, |x| atan2(x, constant(-1.0)), std::f64::consts::PI, -1.0);
    at!(0.0, |x| abs(x), 0.0, 0.0);
    at!(NAN, |x| abs(x), NAN, NAN);
    at!(700.0, |x| tanh(x), 1.0, 0.0);
    at!(1e200, |x| asinh(x), 461.2101657793691, 1e-200);
}

#[test]
fn logarithms_of_exponentials_have_the_edges_of_stan() {
    at!(0.0, |x| logit(x), -INF, INF);
    at!(1.0, |x| logit(x), INF, INF);
    at!(0.0, |x| log1m_exp(x), -INF, INF);
    at!(0.0, |x| log_diff_exp(x, x), -INF, -INF);
    at!(0.0, |x| log_diff_exp(x, constant(-INF)), 0.0, 1.0);
    assert!(log_diff_exp(0.0, 1.0).is_nan());
    at!(-INF, |x| log_sum_exp2(x, constant(-INF)), -INF, 0.0);
    at!(1.0, |x| log_sum_exp2(x, constant(-INF)), 1.0, 1.0);
    at!(1.0, |x| log_sum_exp2(x, constant(INF)), INF, 0.0);
    at!(-800.0, |x| inv_logit(x), 0.0, 0.0);
    at!(800.0, |x| inv_logit(x), 1.0, 0.0);
    at!(800.0, |x| log1p_exp(x), 800.0, 1.0);
    at!(-800.0, |x| log_inv_logit(x), -800.0, 1.0);
    at!(800.0, |x| inv_cloglog(x), 1.0, 0.0);
    at!(0.0, |x| lmultiply(x, x), 0.0, NAN);
    at!(0.0, |x| lmultiply(x, constant(2.0)), 0.0, std::f64::consts::LN_2);
    at!(1.0, |x| binary_log_loss(1, x), 0.0, -1.0);
    at!(0.0, |x| log_mix(x, constant(-1.0), constant(-2.0)), -2.0, 1.0_f64.exp_m1());
    at!(1.0, |x| log_mix(constant(0.0), x, constant(-INF)), -INF, 0.0);
}

#[test]
fn reductions_of_nothing_and_of_infinities_have_values() {
    assert_eq!(log_sum_exp::<f64>(&[]), -INF);
    assert_eq!(log_sum_exp(&[-INF, -INF]), -INF);
    assert_eq!(log_sum_exp(&[INF, 1.0]), INF);
    assert!(log_sum_exp(&[NAN, INF]).is_nan());
    assert!(agrees(log_sum_exp(&[1000.0, 1000.0]), 1000.0 + std::f64::consts::LN_2));
}

#[test]
fn gamma_functions_have_the_edges_of_stan() {
    at!(0.0, |x| lgamma(x), INF, NAN);
    at!(-1.0, |x| lgamma(x), INF, NAN);
    at!(0.0, |x| digamma(x), NAN, INF);
    at!(0.0, |x| lbeta(x, constant(1.0)), INF, NAN);
    at!(0.0, |x| lchoose(constant(5.0), x), 0.0, 137.0 / 60.0);
    at!(0.0, |x| log_falling_factorial(constant(3.0), x), 0.0, 1.2561176684318003);
    at!(0.0, |x| gamma_p(constant(2.0), x), 0.0, 0.0);
    at!(0.0, |x| gamma_p(constant(1.0), x), 0.0, 1.0);
    at!(0.0, |x| gamma_p(constant(0.5), x), 0.0, INF);
    at!(0.0, |x| gamma_q(constant(1.0), x), 1.0, -1.0);
    at!(0.0, |x| inc_beta(constant(1.0), constant(1.0), x), 0.0, 1.0);
    at!(1.0, |x| inc_beta(constant(2.0), constant(3.0), x), 1.0, 0.0);
    at!(2.0, |x| inc_beta(x, constant(3.0), constant(1.0)), 1.0, 0.0);
    assert!(gamma_p(-1.0, 2.0).is_nan() && gamma_p(1.0, -2.0).is_nan() && inc_beta(1.0, 1.0, 1.5).is_nan());
    assert_eq!((gamma_p(2.0, INF), gamma_q(2.0, INF)), (1.0, 0.0));
    at!(5.0, |x| falling_factorial(x, 1_000_000_000), 0.0, INF);
    assert_eq!((falling_factorial(5.0, 1_000_000_000), rising_factorial(0.5, 1_000_000_000)), (0.0, INF));
}

#[test]
fn normal_functions_have_the_edges_of_stan() {
    at!(-40.0, |x| phi(x), 0.0, 0.0);
    at!(9.0, |x| phi(x), 1.0, 0.0);
    at!(30.0, |x| erfc(x), 0.0, 0.0);
    at!(0.0, |x| inv_phi(x), -INF, INF);
    at!(1.0, |x| inv_phi(x), INF, INF);
    at!(0.0, |x| std_normal_log_qf(x), INF, INF);
    at!(0.0, |x| phi_approx(x), 0.5, 0.3994);
    at!(0.0, |x| owens_t(x, constant(1.0)), 0.125, 0.0);
    at!(0.0, |x| owens_t(constant(1.0), x), 0.0, 0.09653235263005391);
    assert!(inv_phi(1.1).is_nan() && std_normal_log_qf(0.1).is_nan());
    assert_eq!((std_normal_lcdf(-INF), std_normal_lcdf(INF)), (-INF, 0.0));
    assert_eq!((owens_t(INF, 1.0), owens_t(0.0, INF), owens_t(0.0, -INF)), (0.0, 0.25, -0.25));
}

#[test]
fn bessel_and_lambert_functions_have_right_edges() {
    // Stan's derivatives of both at 0 are NaN.
    at!(0.0, |x| bessel_first_kind(0, x), 1.0, 0.0);
    at!(0.0, |x| modified_bessel_first_kind(0, x), 1.0, 0.0);
    at!(1e-300, |x| log_modified_bessel_first_kind(constant(1.0), x), -691.4686750787736, 1e300);
    at!(0.0, |x| lambert_w0(x), 0.0, 1.0);
    assert_eq!(modified_bessel_second_kind(0, 0.0), INF);
    assert_eq!(bessel_second_kind(1, 0.0), -INF);
    assert!(lambert_w0(-1.0).is_nan() && lambert_wm1(0.5).is_nan());
    assert!(bessel_first_kind(i64::MAX, 1.0).abs() < 1e-300);
    assert!(modified_bessel_first_kind(i64::MIN, 1.0) == 0.0);
    assert!((log_modified_bessel_second_kind(0.5, 1e300) + 1e300).abs() < 1e290);
}

#[test]
fn numbers_may_nest_for_second_derivatives() {
    type Second = DualSVec<Dual, 1>;
    let x = |value| Second::from_re(Dual::from_re(value).derivative(0)).derivative(0);
    let second = |found: Second| found.eps.0.map_or(0.0, |eps| eps[0].partial(0));
    assert!(agrees(second(lgamma(x(2.5))), trigamma(2.5)));
    assert!(agrees(second(std_normal_lcdf(x(-3.0))), -std_normal_hazard(3.0) * (std_normal_hazard(3.0) - 3.0)));
    assert!(agrees(second(square(x(2.5))), 2.0));
    assert!(agrees(second(pow(x(2.0), x(2.0))), 4.0 * ((2.0_f64.ln() + 1.0).powi(2) + 0.5)));
    let density_slope = (2.0_f64 - 1.0) / 3.0 - 1.0;
    let density = 3.0 * (-3.0_f64).exp();
    assert!(agrees(second(gamma_p(Second::constant(2.0), x(3.0))), density * density_slope));
    // The density of beta(2, 3) is 12 x (1 - x)².
    assert!(agrees(second(inc_beta(Second::constant(2.0), Second::constant(3.0), x(0.2))), 12.0 * 0.8 * (0.8 - 0.4)));
}
