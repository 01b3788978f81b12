//! The regularised incomplete gamma functions P(a, x) and Q(a, x) = 1 - P(a, x), and their logarithms.
//!
//! Below x = a + 1 the series of P is summed (DLMF 8.7.1), above it the continued fraction of Q (DLMF 8.9.2); each is
//! multiplied by a kernel whose logarithm keeps its digits for large `a`, so the smaller of the two functions always has
//! its full relative accuracy, and so have both logarithms. Derivatives in `a` come from differentiating series and
//! fraction term by term: in either region all terms have one sign.

use super::combinatorial::log_poisson_kernel;
use super::elementary::{exp, expm1, log};
use super::gamma::{digamma, lgamma1p};
use super::log_exp::log1m_exp;
use crate::Real;

/// More terms than any series or fraction here needs up to a = 1e9; past it the result is NaN, but only where x is within
/// a few parts in 10 000 of a.
const MAX_TERMS: u32 = 400_000;

binary! {
    /// P(a, x), Stan's `gamma_p`, for a > 0, x >= 0: the distribution function of a gamma variable of shape `a`.
    gamma_p = |a, x| log_gamma_p_value(a, x).exp();
    |a, x, f| d_log_gamma_p_da(a, x) * f, density(a, x, T::Lower::constant(0.0))
}
binary! {
    /// Q(a, x) = 1 - P(a, x), Stan's `gamma_q`.
    gamma_q = |a, x| log_gamma_q_value(a, x).exp();
    |a, x, f| d_log_gamma_q_da(a, x) * f, -density(a, x, T::Lower::constant(0.0))
}
binary! {
    /// log P(a, x).
    log_gamma_p = log_gamma_p_value; |a, x, f| d_log_gamma_p_da(a, x), d_log_gamma_p_dx(a, x, f)
}
binary! {
    /// log Q(a, x).
    log_gamma_q = log_gamma_q_value; |a, x, f| d_log_gamma_q_da(a, x), d_log_gamma_q_dx(a, x, f)
}

fn log_gamma_p_value(a: f64, x: f64) -> f64 {
    match degenerate(a, x) {
        Some(p) => p.ln(),
        None if in_lower_region(a, x) => log_poisson_kernel(a, x) + lower_series(a, x).0.ln(),
        None => log1m_exp(log_gamma_q_value(a, x)),
    }
}

fn log_gamma_q_value(a: f64, x: f64) -> f64 {
    match degenerate(a, x) {
        Some(p) => (-p).ln_1p(),
        None if !in_lower_region(a, x) => log_poisson_kernel(a, x) + a.ln() + upper_fraction(a, x).0.ln(),
        None if a < 1.0 => small_shape_upper(a, x).ln(),
        None => log1m_exp(log_gamma_p_value(a, x)),
    }
}

/// P at the edges of its domain, where no series is needed; NaN outside.
fn degenerate(a: f64, x: f64) -> Option<f64> {
    if !(a > 0.0 && x >= 0.0) || (a == f64::INFINITY && x == f64::INFINITY) {
        Some(f64::NAN)
    } else if x == 0.0 || a == f64::INFINITY {
        Some(0.0)
    } else if x == f64::INFINITY {
        Some(1.0)
    } else {
        None
    }
}

fn in_lower_region(a: f64, x: f64) -> bool {
    x < a + 1.0
}

/// Q(a, x) for a < 1 and x < a + 1, where 1 - P would cancel: 1 - x^a / Γ(1 + a) (1 + a Σ (-x)^n / ((a + n) n!)).
fn small_shape_upper(a: f64, x: f64) -> f64 {
    let (mut power, mut sum, mut n) = (1.0, 0.0, 1.0);
    loop {
        power *= -x / n;
        let term = power / (a + n);
        sum += term;
        if term.abs() <= sum.abs() * (f64::EPSILON / 4.0) {
            break;
        }
        n += 1.0;
    }
    let exponent = a * x.ln() - lgamma1p(a);
    -expm1(exponent) - exponent.exp() * a * sum
}

/// S and dS/da of P(a, x) = x^a e^-x / Γ(a + 1) S, S = Σ x^n / ((a + 1) ... (a + n)).
fn lower_series<T: Real>(a: T, x: T) -> (T, T) {
    let (mut term, mut sum) = (T::constant(1.0), T::constant(1.0));
    let (mut harmonic, mut slope) = (T::constant(0.0), T::constant(0.0));
    for n in 1..=MAX_TERMS {
        let shifted = a + f64::from(n);
        term *= x / shifted;
        harmonic += shifted.recip();
        sum += term;
        slope -= term * harmonic;
        if term.value() * (1.0 + harmonic.value()) <= sum.value() * (f64::EPSILON / 8.0) {
            return (sum, slope);
        }
    }
    (T::constant(f64::NAN), T::constant(f64::NAN))
}

/// F and dF/da of Q(a, x) = x^a e^-x / Γ(a) F, by Lentz's method with the derivatives carried along.
fn upper_fraction<T: Real>(a: T, x: T) -> (T, T) {
    let one = T::constant(1.0);
    // b_0 = x + 1 - a; numerators -n (n - a); denominators b_0 + 2n.
    let mut b = x - a + 1.0;
    let (mut d, mut d_slope) = (b.recip(), b.recip() * b.recip());
    let (mut f, mut f_slope) = (d, d_slope);
    // c_n = b_n + numerator / c_(n-1); the first is infinite.
    let (mut c_inverse, mut c_inverse_slope) = (T::constant(0.0), T::constant(0.0));
    for n in 1..=MAX_TERMS {
        let count = f64::from(n);
        let (numerator, numerator_slope) = ((a - count) * count, count);
        b += 2.0;
        let below = numerator * d + b;
        let below_slope = d * numerator_slope + numerator * d_slope - one;
        d = below.recip();
        d_slope = -below_slope * d * d;
        let c = numerator * c_inverse + b;
        let c_slope = c_inverse * numerator_slope + numerator * c_inverse_slope - one;
        c_inverse = c.recip();
        c_inverse_slope = -c_slope * c_inverse * c_inverse;
        let ratio = c * d;
        let ratio_slope = c_slope * d + c * d_slope;
        f_slope = f_slope * ratio + f * ratio_slope;
        f *= ratio;
        let change = (ratio.value() - 1.0).abs().max((f.value() * ratio_slope.value() / f_slope.value()).abs());
        if change <= f64::EPSILON {
            return (f, f_slope);
        }
    }
    (T::constant(f64::NAN), T::constant(f64::NAN))
}

fn d_log_gamma_p_da<T: Real>(a: T, x: T) -> T {
    if x.value() == 0.0 {
        return T::constant(0.0);
    }
    if in_lower_region(a.value(), x.value()) {
        let (sum, slope) = lower_series(a, x);
        return log(x) - digamma(a + 1.0) + slope / sum;
    }
    let log_odds = log_gamma_q(a, x) - log_gamma_p(a, x);
    -d_log_gamma_q_da(a, x) * exp(log_odds)
}

fn d_log_gamma_q_da<T: Real>(a: T, x: T) -> T {
    if x.value() == 0.0 {
        return T::constant(0.0);
    }
    if !in_lower_region(a.value(), x.value()) {
        let (fraction, slope) = upper_fraction(a, x);
        return log(x) - digamma(a) + slope / fraction;
    }
    let log_odds = log_gamma_p(a, x) - log_gamma_q(a, x);
    -d_log_gamma_p_da(a, x) * exp(log_odds)
}

/// The density of the gamma distribution over e^`log_p`.
fn d_log_gamma_p_dx<T: Real>(a: T, x: T, log_p: T) -> T {
    if x.value() > 0.0 && in_lower_region(a.value(), x.value()) {
        return a / (x * lower_series(a, x).0);
    }
    density(a, x, log_p)
}

fn d_log_gamma_q_dx<T: Real>(a: T, x: T, log_q: T) -> T {
    if x.value() > 0.0 && !in_lower_region(a.value(), x.value()) {
        return -(x * upper_fraction(a, x).0).recip();
    }
    -density(a, x, log_q)
}

/// x^(a - 1) e^-x / Γ(a), divided by e^`log_scale`.
fn density<T: Real>(a: T, x: T, log_scale: T) -> T {
    if x.value() == 0.0 {
        let at_zero = if a.value() < 1.0 {
            f64::INFINITY
        } else if a.value() == 1.0 {
            1.0
        } else {
            0.0
        };
        return T::constant(at_zero);
    }
    exp(poisson_kernel(a, x) - log_scale) * a / x
}

/// log(x^a e^-x / Γ(a + 1)), differentiable.
fn poisson_kernel<T: Real>(a: T, x: T) -> T {
    if T::NDERIV == 0 {
        return T::constant(log_poisson_kernel(a.value(), x.value()));
    }
    let (la, lx) = (a.lower(), x.lower());
    let value = poisson_kernel(la, lx);
    a.chain(value, log(lx) - digamma(la + 1.0)) + x.chain(T::Lower::constant(0.0), la / lx - 1.0)
}
