//! Elementary functions: powers, roots, exponentials, logarithms, trigonometry, rounding, minima and maxima.
//!
//! The number's own methods (`x.exp()`, `x.powf(2.0)`) follow num-dual, whose derivatives are NaN at some points where
//! they exist or are infinite (`sqrt` at 0, `tanh` far out); the functions here are right there too.

use num_dual::DualNum;

use std::f64::consts::{LN_2, LN_10};

use crate::Real;

unary! {
    /// e^x.
    exp = f64::exp; |_x, y| y
}
unary! {
    /// 2^x.
    exp2 = f64::exp2; |_x, y| y * LN_2
}
unary! {
    /// e^x - 1, accurate near 0.
    expm1 = f64::exp_m1; |_x, y| y + 1.0
}
unary! {
    /// The natural logarithm; NaN below 0.
    log = f64::ln; |x, _y| x.recip()
}
unary! {
    /// The logarithm to base 2.
    log2 = f64::log2; |x, _y| (x * LN_2).recip()
}
unary! {
    /// The logarithm to base 10.
    log10 = f64::log10; |x, _y| (x * LN_10).recip()
}
unary! {
    /// log(1 + x), accurate near 0.
    log1p = f64::ln_1p; |x, _y| (x + 1.0).recip()
}
unary! {
    /// log(1 - x), accurate near 0.
    log1m = |x| (-x).ln_1p(); |x, _y| (x - 1.0).recip()
}
unary! {
    /// The square root; its derivative at 0 is taken as 0, as Stan does.
    sqrt = f64::sqrt; |_x, y| if y == 0.0 { y } else { y.recip() * 0.5 }
}
unary! {
    /// The real cube root.
    cbrt = f64::cbrt; |_x, y| (y * y * 3.0).recip()
}
unary! {
    /// x².
    square = |x| x * x; |x, _y| x * 2.0
}
unary! {
    /// 1 / x.
    inv = |x| 1.0 / x; |_x, y| -y * y
}
unary! {
    /// 1 / x².
    inv_square = |x| 1.0 / (x * x); |x, y| y / x * -2.0
}
unary! {
    /// 1 / sqrt(x).
    inv_sqrt = |x| 1.0 / x.sqrt(); |x, y| y / x * -0.5
}
unary! {
    /// Sine of an angle in radians.
    sin = f64::sin; |x, _y| cos(x)
}
unary! {
    /// Cosine of an angle in radians.
    cos = f64::cos; |x, _y| -sin(x)
}
unary! {
    /// Tangent of an angle in radians.
    tan = f64::tan; |_x, y| y * y + 1.0
}
unary! {
    /// The arc sine, in radians.
    asin = f64::asin; |x, _y| inv_sqrt((-x + 1.0) * (x + 1.0))
}
unary! {
    /// The arc cosine, in radians.
    acos = f64::acos; |x, _y| -inv_sqrt((-x + 1.0) * (x + 1.0))
}
unary! {
    /// The arc tangent, in radians.
    atan = f64::atan; |x, _y| (x * x + 1.0).recip()
}
unary! {
    /// Hyperbolic sine.
    sinh = f64::sinh; |x, _y| cosh(x)
}
unary! {
    /// Hyperbolic cosine.
    cosh = f64::cosh; |x, _y| sinh(x)
}
unary! {
    /// Hyperbolic tangent.
    tanh = f64::tanh; |x, _y| square(cosh(x)).recip()
}
unary! {
    /// Inverse hyperbolic sine.
    asinh = stable_asinh; |x, _y| hypot(x, T::Lower::constant(1.0)).recip()
}
unary! {
    /// Inverse hyperbolic cosine; NaN below 1.
    acosh = stable_acosh; |x, _y| inv_sqrt(x - 1.0) * inv_sqrt(x + 1.0)
}
unary! {
    /// Inverse hyperbolic tangent; NaN outside [-1, 1].
    atanh = |x| 0.5 * (x.ln_1p() - (-x).ln_1p()); |x, _y| ((-x + 1.0) * (x + 1.0)).recip()
}
unary! {
    /// The absolute value; its derivative at 0 is taken as 0, as Stan does.
    abs = f64::abs; |x, _y| T::Lower::constant(sign(x.value()))
}
unary! {
    /// The largest integer not above x; derivative 0.
    floor = f64::floor; |_x, _y| T::Lower::constant(0.0)
}
unary! {
    /// The smallest integer not below x; derivative 0.
    ceil = f64::ceil; |_x, _y| T::Lower::constant(0.0)
}
unary! {
    /// The nearest integer, halves away from zero; derivative 0.
    round = f64::round; |_x, _y| T::Lower::constant(0.0)
}
unary! {
    /// The integer part, towards zero; derivative 0.
    trunc = f64::trunc; |_x, _y| T::Lower::constant(0.0)
}
unary! {
    /// 0 below 0, otherwise 1; derivative 0.
    step = |x| if x < 0.0 { 0.0 } else { 1.0 }; |_x, _y| T::Lower::constant(0.0)
}

binary! {
    /// x^y, with 0^0 = 1.
    ///
    /// At x = 0 the derivative in x is taken as 0 where it is infinite (y < 1), and that in y as 0, as Stan does; for
    /// x < 0 the derivative in y is NaN.
    pow = f64::powf;
    |x, y, f|
    if y == 0.0 || (x == 0.0 && y < 1.0) { T::Lower::constant(0.0) } else { y * pow(x, y - 1.0) },
    if x == 0.0 { T::Lower::constant(0.0) } else { f * log(x) }
}
binary! {
    /// sqrt(x² + y²) without overflow; the gradient at (0, 0) is NaN.
    hypot = f64::hypot; |x, y, f| x / f, y / f
}
binary! {
    /// The angle of the point (y, x): the first argument is the ordinate; the gradient at (0, 0) is NaN.
    atan2 = f64::atan2; |x, y, _f| y / (x * x + y * y), -x / (x * x + y * y)
}
binary! {
    /// The remainder of x / y with the sign of x.
    fmod = |x, y| x % y; |x, y, _f| T::Lower::constant(1.0), -trunc(x / y)
}

/// x y + z.
#[inline]
pub fn fma<T: Real>(x: T, y: T, z: T) -> T {
    x * y + z
}

/// The positive difference: x - y where x > y, otherwise 0; NaN if an argument is.
#[inline]
pub fn fdim<T: Real>(x: T, y: T) -> T {
    if x.value() <= y.value() { T::constant(0.0) } else { x - y }
}

/// The larger argument, the second of equal ones; a NaN is ignored beside a number.
#[inline]
pub fn fmax<T: Real>(x: T, y: T) -> T {
    if x.value() > y.value() || y.value().is_nan() { x } else { y }
}

/// The smaller argument, the second of equal ones; a NaN is ignored beside a number.
#[inline]
pub fn fmin<T: Real>(x: T, y: T) -> T {
    if x.value() < y.value() || y.value().is_nan() { x } else { y }
}

/// -1, 0 or 1; NaN of NaN.
fn sign(x: f64) -> f64 {
    if x == 0.0 || x.is_nan() { x } else { x.signum() }
}

fn stable_asinh(x: f64) -> f64 {
    let a = x.abs();
    // For large arguments the square overflows, and 1 is negligible beside it.
    let value = if a > 1e8 { a.ln() + LN_2 } else { (a + a * a / (1.0 + a.hypot(1.0))).ln_1p() };
    value.copysign(x)
}

fn stable_acosh(x: f64) -> f64 {
    let t = x - 1.0;
    if x > 1e8 { x.ln() + LN_2 } else { (t + (t * (x + 1.0)).sqrt()).ln_1p() }
}
