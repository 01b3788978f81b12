//! Beta functions, binomial coefficients, factorial powers and the multivariate gamma function.

use std::f64::consts::PI;

use super::gamma::{digamma, digamma_difference, lgamma, lgamma_difference, log1pmx, stirling_correction};
use crate::Real;

/// log(2π) / 2.
const HALF_LOG_TWO_PI: f64 = 0.918_938_533_204_672_7;

/// From this argument on, Stirling's series is exact to rounding.
const LARGE: f64 = 10.0;

binary! {
    /// log B(a, b) = log Γ(a) + log Γ(b) - log Γ(a + b), for a, b >= 0.
    lbeta = lbeta_value; |a, b, _f| -digamma_difference(a, b), -digamma_difference(b, a)
}
binary! {
    /// log of the binomial coefficient, extended to real n and k by gamma functions: -1 <= k <= n + 1.
    lchoose = lchoose_value;
    |n, k, _f|
    digamma_difference(n - k + 1.0, k),
    digamma(n - k + 1.0) - digamma(k + 1.0)
}
binary! {
    /// log Γ(x + 1) - log Γ(x - n + 1).
    log_falling_factorial = |x, n| lgamma_difference_value(x - n + 1.0, n);
    |x, n, _f| digamma_difference(x - n + 1.0, n), digamma(x - n + 1.0)
}
binary! {
    /// log Γ(x + n) - log Γ(x).
    log_rising_factorial = lgamma_difference_value; |x, n, _f| digamma_difference(x, n), digamma(x + n)
}

/// Stan's other name of [`lchoose`].
#[inline]
pub fn binomial_coefficient_log<T: Real>(n: T, k: T) -> T {
    lchoose(n, k)
}

/// x (x - 1) ... (x - n + 1); 1 for n = 0, NaN for n < 0.
pub fn falling_factorial<T: Real>(x: T, n: i64) -> T {
    factorial_power(x, n, -1.0)
}

/// x (x + 1) ... (x + n - 1); 1 for n = 0, NaN for n < 0.
pub fn rising_factorial<T: Real>(x: T, n: i64) -> T {
    factorial_power(x, n, 1.0)
}

/// log Γ_k(x), the multivariate gamma function of dimension `k`.
pub fn lmgamma<T: Real>(k: i64, x: T) -> T {
    let dimension = k as f64;
    let mut sum = T::constant(dimension * (dimension - 1.0) / 4.0 * PI.ln());
    for j in 0..k {
        sum += lgamma(x - 0.5 * j as f64);
    }
    sum
}

/// The product of `n` factors from `x` on, in steps of `step`.
fn factorial_power<T: Real>(x: T, n: i64, step: f64) -> T {
    if n < 0 {
        return T::constant(f64::NAN);
    }
    let mut product = T::constant(1.0);
    for i in 0..n {
        product *= x + step * i as f64;
        // Factors grow without bound, so that a long product ends here and not after `n` steps: at an infinity, or at a
        // zero whose derivatives are zero or infinite too.
        let is_settled = |part: f64| part == 0.0 || !part.is_finite();
        if is_settled(product.value()) && (0..T::N_DIRECTIONS).all(|k| is_settled(product.partial(k))) {
            break;
        }
    }
    product
}

fn lgamma_difference_value(x: f64, n: f64) -> f64 {
    if x > 0.0 && x + n > 0.0 { lgamma_difference(x, n) } else { libm::lgamma(x + n) - libm::lgamma(x) }
}

fn lbeta_value(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() || a < 0.0 || b < 0.0 {
        return f64::NAN;
    }
    let (small, large) = if a < b { (a, b) } else { (b, a) };
    if small == 0.0 {
        return f64::INFINITY;
    }
    if large == f64::INFINITY {
        return f64::NEG_INFINITY;
    }
    if large < LARGE {
        return libm::lgamma(small) + libm::lgamma(large) - libm::lgamma(small + large);
    }
    if small < LARGE {
        return libm::lgamma(small) - lgamma_difference(large, small);
    }
    // The entropy form: the leading terms of the three series are combined before they can cancel.
    let total = small + large;
    let corrections = stirling_correction(small) + stirling_correction(large) - stirling_correction(total);
    (small - 0.5) * (small / total).ln() + large * (-small / total).ln_1p() - 0.5 * large.ln()
        + HALF_LOG_TWO_PI
        + corrections
}

fn lchoose_value(n: f64, k: f64) -> f64 {
    if k == 0.0 || k == n {
        return 0.0;
    }
    if k > n / 2.0 && n - k >= -1.0 {
        return lchoose_value(n, n - k);
    }
    if n - k + 1.0 < LARGE {
        return libm::lgamma(n + 1.0) - libm::lgamma(k + 1.0) - libm::lgamma(n - k + 1.0);
    }
    if k < LARGE {
        return lgamma_difference(n - k + 1.0, k) - libm::lgamma(k + 1.0);
    }
    -(n + 1.0).ln() - lbeta_value(n - k + 1.0, k + 1.0)
}

/// log(x^a e^-x / Γ(a + 1)): the log probability of `a` events where `x` are expected, `a` being any number >= 0.
///
/// For large `a` the difference from the mode is formed first (Loader 2000, "Fast and accurate computation of binomial
/// probabilities").
pub(crate) fn log_poisson_kernel(a: f64, x: f64) -> f64 {
    if a < LARGE {
        let power = if a == 0.0 { 0.0 } else { a * x.ln() };
        return power - x - super::gamma::lgamma1p(a);
    }
    if x == 0.0 || x == f64::INFINITY {
        return f64::NEG_INFINITY;
    }
    let deviation = (x - a) / a;
    a * log1pmx(deviation) - 0.5 * a.ln() - HALF_LOG_TWO_PI - stirling_correction(a)
}

/// log(x^a y^b / B(a, b)) with y = 1 - x, for a, b > 0, without cancellation for large `a` and `b`.
pub(crate) fn log_beta_kernel(a: f64, b: f64, x: f64, y: f64) -> f64 {
    if a < LARGE || b < LARGE {
        return a * x.ln() + b * y.ln() - lbeta_value(a, b);
    }
    let total = a + b;
    // a log(x / x0) + b log(y / y0) around the mode x0 = a / total: the linear terms cancel exactly.
    let excess = (b * x - a * y) / total;
    let (along_x, along_y) = (excess * total / a, -excess * total / b);
    let corrections = stirling_correction(total) - stirling_correction(a) - stirling_correction(b);
    a * log1pmx(along_x) + b * log1pmx(along_y) + 0.5 * (a * (b / total)).ln() - HALF_LOG_TWO_PI + corrections
}
