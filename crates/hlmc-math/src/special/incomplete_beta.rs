//! The regularised incomplete beta function I_x(a, b), its logarithm, and its inverse in x.
//!
//! On the side of the mean where the function is below about a half, it is a kernel times a continued fraction
//! (DLMF 8.17.22), and on the other side the complement of the mirrored function. The fraction's derivatives in `a` and
//! `b` are found by running it on dual numbers.

use num_dual::{DualNum, DualSVec};

use super::combinatorial::log_beta_kernel;
use super::elementary::{exp, log};
use super::gamma::{digamma, digamma_difference};
use super::log_exp::log1m_exp;
use crate::Real;

/// More levels of the fraction than are needed up to a = b = 1e9; past it the result is NaN.
const MAX_LEVELS: u32 = 200_000;
/// More steps than bisection needs to leave nothing between two doubles.
const MAX_ROOT_STEPS: u32 = 2_200;

/// I_x(a, b), Stan's `inc_beta`, for a, b > 0 and 0 <= x <= 1: the distribution function of a beta variable.
pub fn inc_beta<T: Real>(a: T, b: T, x: T) -> T {
    if T::NDERIV == 0 {
        return T::constant(log_inc_beta(a, b, x).value().exp());
    }
    let (la, lb, lx) = (a.lower(), b.lower(), x.lower());
    let (ly, zero) = (-lx + 1.0, T::Lower::constant(0.0));
    let value = inc_beta(la, lb, lx);
    let mut result = x.chain(value, if x.is_constant() { zero } else { density(la, lb, lx, ly, zero) });
    if !(a.is_constant() && b.is_constant()) {
        let (da, db) = d_log_dab(la, lb, lx, ly, log_inc_beta(la, lb, lx));
        result += a.chain(zero, da * value) + b.chain(zero, db * value);
    }
    result
}

/// log I_x(a, b).
pub fn log_inc_beta<T: Real>(a: T, b: T, x: T) -> T {
    log_inc_beta_of_pair(a, b, x, -x + 1.0)
}

/// log(1 - I_x(a, b)).
pub fn log_inc_beta_complement<T: Real>(a: T, b: T, x: T) -> T {
    log_inc_beta_of_pair(b, a, -x + 1.0, x)
}

/// log I_x(a, b) where both x and y = 1 - x are known to full relative accuracy; swapping `a` with `b` and `x` with `y`
/// gives the logarithm of the complement.
pub fn log_inc_beta_of_pair<T: Real>(a: T, b: T, x: T, y: T) -> T {
    if T::NDERIV == 0 {
        return T::constant(log_value(a.value(), b.value(), x.value(), y.value()));
    }
    let (la, lb, lx, ly) = (a.lower(), b.lower(), x.lower(), y.lower());
    let value = log_inc_beta_of_pair(la, lb, lx, ly);
    if a.is_constant() && b.is_constant() && x.is_constant() {
        return a.chain(value, value);
    }
    let zero = T::Lower::constant(0.0);
    let mut result = x.chain(value, if x.is_constant() { zero } else { d_log_dx(la, lb, lx, ly, value) });
    if !(a.is_constant() && b.is_constant()) {
        let (da, db) = d_log_dab(la, lb, lx, ly, value);
        result += a.chain(zero, da) + b.chain(zero, db);
    }
    result
}

/// The x at which I_x(a, b) = p, Stan's `inv_inc_beta`; NaN outside a, b > 0 and 0 <= p <= 1.
pub fn inv_inc_beta<T: Real>(a: T, b: T, p: T) -> T {
    if T::NDERIV == 0 {
        return T::constant(inverse_value(a.value(), b.value(), p.value()));
    }
    let (la, lb, lp) = (a.lower(), b.lower(), p.lower());
    let x = inv_inc_beta(la, lb, lp);
    let (y, zero) = (-x + 1.0, T::Lower::constant(0.0));
    let log_p = log(lp);
    let per_p = d_log_dx(la, lb, x, y, log_p).recip();
    let (da, db) = d_log_dab(la, lb, x, y, log_p);
    p.chain(x, per_p / lp) + a.chain(zero, -da * per_p) + b.chain(zero, -db * per_p)
}

fn log_value(a: f64, b: f64, x: f64, y: f64) -> f64 {
    if !(a > 0.0 && b > 0.0 && x >= 0.0 && y >= 0.0) || (a.is_infinite() && b.is_infinite()) {
        return f64::NAN;
    }
    if x == 0.0 || a.is_infinite() {
        return if y == 0.0 { 0.0 } else { f64::NEG_INFINITY };
    }
    if y == 0.0 || b.is_infinite() {
        return 0.0;
    }
    if in_lower_region(a, b, x) {
        log_beta_kernel(a, b, x, y) - a.ln() + fraction(a, b, x).ln()
    } else {
        log1m_exp(log_beta_kernel(b, a, y, x) - b.ln() + fraction(b, a, y).ln())
    }
}

fn in_lower_region(a: f64, b: f64, x: f64) -> bool {
    x < (a + 1.0) / (a + b + 2.0)
}

/// The continued fraction 1 / (1 + d_1 / (1 + d_2 / ...)) by Lentz's method.
fn fraction<D: Real>(a: D, b: D, x: D) -> D {
    let one = D::constant(1.0);
    let total = a + b;
    let mut d = (one - total * x / (a + 1.0)).recip();
    let (mut c, mut f) = (one, d);
    for level in 1..=MAX_LEVELS {
        let m = f64::from(level);
        let shifted = a + 2.0 * m;
        let even = (b - m) * x * m / ((shifted - 1.0) * shifted);
        d = (even * d + 1.0).recip();
        c = even / c + 1.0;
        f *= d * c;
        let odd = -(a + m) * (total + m) * x / (shifted * (shifted + 1.0));
        d = (odd * d + 1.0).recip();
        c = odd / c + 1.0;
        let ratio = d * c;
        f *= ratio;
        if (ratio.value() - 1.0).abs() <= f64::EPSILON && settled(ratio) {
            return f;
        }
    }
    D::constant(f64::NAN)
}

/// Whether the derivatives of a factor that has come to 1 are negligible too.
fn settled<D: Real>(ratio: D) -> bool {
    const N_DIRECTIONS: usize = 2;
    (0..N_DIRECTIONS).all(|direction| ratio.partial(direction).abs() <= f64::EPSILON)
}

/// The derivative of log I in x: the beta density over I.
fn d_log_dx<T: Real>(a: T, b: T, x: T, y: T, log_i: T) -> T {
    if in_lower_region(a.value(), b.value(), x.value()) && x.value() > 0.0 {
        return a / (x * y * fraction(a, b, x));
    }
    density(a, b, x, y, log_i)
}

/// x^(a - 1) y^(b - 1) / B(a, b), divided by e^`log_scale`.
fn density<T: Real>(a: T, b: T, x: T, y: T, log_scale: T) -> T {
    let (at_limit, exponent, other) = if x.value() == 0.0 { (true, a, b) } else { (y.value() == 0.0, b, a) };
    if !at_limit {
        return exp(beta_kernel(a, b, x, y) - log_scale) / (x * y);
    }
    if exponent.value() == 1.0 {
        return other / exp(log_scale);
    }
    T::constant(if exponent.value() < 1.0 { f64::INFINITY } else { 0.0 })
}

/// The derivatives of log I in a and b.
fn d_log_dab<T: Real>(a: T, b: T, x: T, y: T, log_i: T) -> (T, T) {
    if x.value() == 0.0 || y.value() == 0.0 {
        return (T::constant(0.0), T::constant(0.0));
    }
    if in_lower_region(a.value(), b.value(), x.value()) {
        return d_log_lower(a, b, x, y);
    }
    let (db, da) = d_log_lower(b, a, y, x);
    // I = 1 - J: dI / I = -(dJ / J) J / I.
    let odds = exp(log1m_exp(log_i) - log_i);
    (-da * odds, -db * odds)
}

fn d_log_lower<T: Real>(a: T, b: T, x: T, y: T) -> (T, T) {
    type Pair<T> = DualSVec<T, 2>;
    let (along_a, along_b) = (Pair::<T>::from_re(a).derivative(0), Pair::<T>::from_re(b).derivative(1));
    let f = fraction(along_a, along_b, Pair::<T>::from_re(x));
    let slope = |direction: usize| {
        let one_level_down = f.eps.0.as_ref().and_then(|eps| eps.get(direction)).copied();
        one_level_down.unwrap_or(T::constant(0.0)) / f.re
    };
    (log(x) + digamma_difference(a, b) - a.recip() + slope(0), log(y) + digamma_difference(b, a) + slope(1))
}

/// log(x^a y^b / B(a, b)), differentiable.
fn beta_kernel<T: Real>(a: T, b: T, x: T, y: T) -> T {
    if T::NDERIV == 0 {
        return T::constant(log_beta_kernel(a.value(), b.value(), x.value(), y.value()));
    }
    let (la, lb, lx, ly) = (a.lower(), b.lower(), x.lower(), y.lower());
    let zero = T::Lower::constant(0.0);
    a.chain(beta_kernel(la, lb, lx, ly), log(lx) + digamma(la + lb) - digamma(la))
        + b.chain(zero, log(ly) + digamma(la + lb) - digamma(lb))
        + x.chain(zero, la / lx - lb / ly)
}

/// Bisection on the exponent first and the value then, with secant-free Newton steps wherever they stay inside.
fn inverse_value(a: f64, b: f64, p: f64) -> f64 {
    if !(a > 0.0 && b > 0.0 && (0.0..=1.0).contains(&p)) {
        return f64::NAN;
    }
    if p == 0.0 || p == 1.0 {
        return p;
    }
    let log_p = p.ln();
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    let mut x = a / (a + b);
    for _ in 0..MAX_ROOT_STEPS {
        let log_i = log_value(a, b, x, 1.0 - x);
        if log_i < log_p {
            low = x;
        } else {
            high = x;
        }
        let slope = d_log_dx(a, b, x, 1.0 - x, log_i);
        let newton = x - (log_i - log_p) / slope;
        let next = if newton > low && newton < high {
            newton
        } else if low > 0.0 && high > 4.0 * low {
            (low * high).sqrt()
        } else {
            0.5 * (low + high)
        };
        if (next - x).abs() <= f64::EPSILON * x || next == low || next == high {
            return next;
        }
        x = next;
    }
    x
}
