//! The gamma function, its logarithm, and the polygamma functions.
//!
//! Large arguments go through Stirling's series (DLMF 5.11.1), also for differences of log gammas, where subtracting
//! two large values would lose the digits.

use std::f64::consts::PI;

use crate::Real;

/// From this argument on the truncated asymptotic series are exact to rounding.
const ASYMPTOTIC_FROM: f64 = 10.0;

/// B_2k / (2k (2k - 1)), k = 1, ...: the coefficients of Stirling's series in x^-(2k - 1).
const STIRLING: [f64; 8] = [
    1.0 / 12.0,
    -1.0 / 360.0,
    1.0 / 1260.0,
    -1.0 / 1680.0,
    1.0 / 1188.0,
    -691.0 / 360_360.0,
    1.0 / 156.0,
    -3617.0 / 122_400.0,
];

/// The Bernoulli numbers B_2, B_4, ...
const BERNOULLI: [f64; 10] = [
    1.0 / 6.0,
    -1.0 / 30.0,
    1.0 / 42.0,
    -1.0 / 30.0,
    5.0 / 66.0,
    -691.0 / 2730.0,
    7.0 / 6.0,
    -3617.0 / 510.0,
    43867.0 / 798.0,
    -174_611.0 / 330.0,
];

/// (-1)^k ζ(k) / k, k = 2, ...: the Taylor coefficients of log Γ(1 + x) after the linear one.
const LGAMMA1P: [f64; 24] = [
    0.8224670334241132,
    -0.40068563438653143,
    0.27058080842778454,
    -0.20738555102867398,
    0.1695571769974082,
    -0.1440498967688461,
    0.12550966952474304,
    -0.11133426586956469,
    0.1000994575127818,
    -0.09095401714582904,
    0.083353840546109,
    -0.0769325164113522,
    0.07143294629536133,
    -0.06666870588242046,
    0.06250095514121304,
    -0.058823978658684585,
    0.055555767627403614,
    -0.05263167937961666,
    0.05000004769810169,
    -0.047619070330142226,
    0.04545455629320467,
    -0.04347826605304026,
    0.04166666915034121,
    -0.04000000119214014,
];

/// Euler's constant.
const EULER_GAMMA: f64 = 0.577_215_664_901_532_9;

unary! {
    /// log |Γ(x)|; +inf at 0 and the negative integers.
    lgamma = libm::lgamma; |x, _y| digamma(x)
}
unary! {
    /// Γ(x); NaN at the negative integers.
    tgamma = libm::tgamma; |x, y| y * digamma(x)
}
unary! {
    /// ψ(x), the derivative of log Γ; NaN at 0 and the negative integers.
    digamma = digamma_value; |x, _y| trigamma(x)
}
unary! {
    /// ψ'(x); +inf at 0 and the negative integers, where its derivative is taken as 0, as Stan does.
    trigamma = |x| polygamma_value(1, x);
    |x, y| if y.value() == f64::INFINITY { T::Lower::constant(0.0) } else { polygamma(2, x) }
}
unary! {
    /// log Γ(1 + x), with full relative accuracy near x = 0.
    lgamma1p = lgamma1p_value; |x, _y| digamma(x + 1.0)
}

/// The `n`-th derivative of the digamma function. For n > 2 and x <= 0 it is NaN.
pub fn polygamma<T: Real>(n: u32, x: T) -> T {
    if T::NDERIV == 0 {
        return T::constant(polygamma_value(n, x.value()));
    }
    // Orders of differentiation never nest so deep that `n` overflows.
    x.chain(polygamma(n, x.lower()), polygamma(n.saturating_add(1), x.lower()))
}

binary! {
    /// log Γ(x + d) - log Γ(x) for positive x and x + d, without cancellation when x is large.
    lgamma_difference = lgamma_difference_value;
    |x, d, _f| digamma_difference(x, d), digamma(x + d)
}
binary! {
    /// ψ(x + d) - ψ(x) for positive x and x + d, without cancellation when x is large.
    digamma_difference = digamma_difference_value;
    |x, d, _f| trigamma(x + d) - trigamma(x), trigamma(x + d)
}

/// log Γ(x) - [(x - 1/2) log x - x + log(2π) / 2], for x >= 10.
pub(crate) fn stirling_correction(x: f64) -> f64 {
    let (inverse, mut sum) = (1.0 / x, 0.0);
    for coefficient in STIRLING.iter().rev() {
        sum = sum * inverse * inverse + coefficient;
    }
    sum * inverse
}

/// log(1 + x) - x without cancellation, for x > -1.
pub(crate) fn log1pmx(x: f64) -> f64 {
    if !(-0.4..=0.6).contains(&x) {
        return x.ln_1p() - x;
    }
    // log(1 + x) = 2 atanh(r), r = x / (2 + x); x = 2 r / (1 - r); so that 2 atanh(r) - x = r (2 Σ r^2k / (2k + 1) - x).
    let r = x / (2.0 + x);
    let (mut power, mut sum, mut k) = (r * r, 0.0, 3.0);
    loop {
        let term = power / k;
        sum += term;
        if term <= sum * (f64::EPSILON / 8.0) || k > 200.0 {
            return r * (2.0 * sum - x);
        }
        power *= r * r;
        k += 2.0;
    }
}

fn digamma_value(x: f64) -> f64 {
    if x <= 0.0 {
        if x == x.floor() {
            return f64::NAN;
        }
        // Reflection, DLMF 5.5.4; the period is removed first, for the sake of the tangent's digits.
        let fraction = x - x.round();
        return digamma_value(1.0 - x) - PI / (PI * fraction).tan();
    }
    if x == f64::INFINITY {
        return x;
    }
    let (mut shifted, mut below) = (x, 0.0);
    while shifted < ASYMPTOTIC_FROM {
        below += 1.0 / shifted;
        shifted += 1.0;
    }
    shifted.ln() - 0.5 / shifted - digamma_tail(shifted) - below
}

/// log x - 1 / (2 x) - ψ(x) = Σ B_2k / (2k x^2k), for x >= 10 (DLMF 5.11.2).
fn digamma_tail(x: f64) -> f64 {
    let (inverse, mut sum) = (1.0 / (x * x), 0.0);
    for (index, bernoulli) in BERNOULLI.iter().enumerate().rev() {
        sum = sum * inverse + bernoulli / (2.0 * index as f64 + 2.0);
    }
    sum * inverse
}

fn polygamma_value(n: u32, x: f64) -> f64 {
    match n {
        0 => return digamma_value(x),
        1 if x <= 0.0 => {
            let s = (PI * (x - x.round())).sin();
            return if s == 0.0 { f64::INFINITY } else { PI * PI / (s * s) - polygamma_value(1, 1.0 - x) };
        }
        2 if x <= 0.0 => {
            let (s, c) = (PI * (x - x.round())).sin_cos();
            return if s == 0.0 { f64::NAN } else { polygamma_value(2, 1.0 - x) - 2.0 * PI.powi(3) * c / (s * s * s) };
        }
        _ if x <= 0.0 => return f64::NAN,
        _ => {}
    }
    let sign = if n % 2 == 1 { 1.0 } else { -1.0 };
    sign * libm::tgamma(f64::from(n) + 1.0) * hurwitz_zeta(n + 1, x)
}

/// Σ_k (x + k)^-s for s > 1 and x > 0, by Euler and Maclaurin's formula (DLMF 25.11.5).
fn hurwitz_zeta(exponent: u32, x: f64) -> f64 {
    let s = f64::from(exponent);
    let power_of = |x: f64| 1.0 / x.powi(exponent.cast_signed());
    let (mut shifted, mut sum) = (x, 0.0);
    while shifted < ASYMPTOTIC_FROM + s {
        sum += power_of(shifted);
        shifted += 1.0;
    }
    let power = power_of(shifted);
    let (mut tail, mut factor) = (0.0, 0.5 * power * s / shifted);
    for (index, bernoulli) in BERNOULLI.iter().enumerate() {
        tail += bernoulli * factor;
        let j = 2.0 * index as f64 + 2.0;
        factor *= (s + j - 1.0) * (s + j) / ((j + 1.0) * (j + 2.0) * shifted * shifted);
    }
    sum + power * shifted / (s - 1.0) + 0.5 * power + tail
}

fn lgamma_difference_value(x: f64, d: f64) -> f64 {
    if x < ASYMPTOTIC_FROM || x + d < ASYMPTOTIC_FROM {
        if d == 0.0 && x > 0.0 {
            return 0.0;
        }
        if d.abs() < 1e-2 && x > 0.0 {
            return lgamma_taylor(x, d);
        }
        return libm::lgamma(x + d) - libm::lgamma(x);
    }
    (x - 0.5) * (d / x).ln_1p() + d * ((x + d).ln() - 1.0) + stirling_correction(x + d) - stirling_correction(x)
}

/// log Γ(x + d) - log Γ(x) for small d.
fn lgamma_taylor(x: f64, d: f64) -> f64 {
    if x < 1.0 {
        return lgamma_taylor(x + 1.0, d) - (d / x).ln_1p();
    }
    let (mut sum, mut factor) = (0.0, d);
    for order in 0..8_u32 {
        sum += factor * polygamma_value(order, x);
        factor *= d / (f64::from(order) + 2.0);
    }
    sum
}

fn digamma_difference_value(x: f64, d: f64) -> f64 {
    if x <= 0.0 || x + d <= 0.0 {
        return digamma_value(x + d) - digamma_value(x);
    }
    let (mut low, mut sum) = (x, 0.0);
    while low < ASYMPTOTIC_FROM || low + d < ASYMPTOTIC_FROM {
        sum += d / (low * (low + d));
        low += 1.0;
    }
    let high = low + d;
    sum + (d / low).ln_1p() + 0.5 * d / (low * high) + digamma_tail(low) - digamma_tail(high)
}

fn lgamma1p_value(x: f64) -> f64 {
    if x.abs() > 0.2 {
        return libm::lgamma(1.0 + x);
    }
    let sum = LGAMMA1P.iter().rev().fold(0.0, |sum, coefficient| sum * x + coefficient);
    x * (sum * x - EULER_GAMMA)
}
