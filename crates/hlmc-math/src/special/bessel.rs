//! Bessel functions: J and Y of integer order, the modified I and K of integer order, and log I and log K of real order.
//!
//! I comes from its power series, whose terms are all positive, or from Hankel's expansion where the argument is large
//! against the order; K from the trapezoidal rule on its integral representation, which converges geometrically.

use num_dual::DualNum;

use std::f64::consts::{LN_2, PI};

use super::elementary::{exp, log};
use super::gamma::digamma;
use crate::Real;

/// From this argument, and from this multiple of the squared order, Hankel's expansion is exact to rounding.
const HANKEL_FROM: f64 = 40.0;
const HANKEL_ORDER_FACTOR: f64 = 2.0;
/// More terms than the power series needs for any argument below 1e6, and the rule for K for any; past it the result is NaN.
const MAX_TERMS: u32 = 1_000_000;
/// Spacing of the trapezoidal rule for K: the error is about exp(-π² / spacing).
const TRAPEZOIDAL_STEP: f64 = 0.2;

/// J_n(z), the Bessel function of the first kind.
pub fn bessel_first_kind<T: Real>(order: i64, z: T) -> T {
    if T::NDERIV == 0 {
        return T::constant(order_in_range(order, z.value()).map_or(0.0, |order| libm::jn(order, z.value())));
    }
    let l = z.lower();
    let slope = (bessel_first_kind(order.saturating_sub(1), l) - bessel_first_kind(order.saturating_add(1), l)) * 0.5;
    z.chain(bessel_first_kind(order, l), slope)
}

/// Y_n(z), the Bessel function of the second kind; -inf at 0, NaN below.
pub fn bessel_second_kind<T: Real>(order: i64, z: T) -> T {
    if T::NDERIV == 0 {
        let value = order_in_range(order, z.value()).map_or(f64::NEG_INFINITY, |order| libm::yn(order, z.value()));
        return T::constant(if z.value() < 0.0 { f64::NAN } else { value });
    }
    let l = z.lower();
    let slope = (bessel_second_kind(order.saturating_sub(1), l) - bessel_second_kind(order.saturating_add(1), l)) * 0.5;
    z.chain(bessel_second_kind(order, l), slope)
}

/// I_n(z), the modified Bessel function of the first kind.
pub fn modified_bessel_first_kind<T: Real>(order: i64, z: T) -> T {
    let order = order.saturating_abs();
    if T::NDERIV == 0 {
        let (size, odd) = (z.value().abs(), order % 2 == 1);
        let value = log_first_kind(order as f64, size).exp();
        return T::constant(if odd && z.value() < 0.0 { -value } else { value });
    }
    let l = z.lower();
    let slope = modified_bessel_first_kind(order - 1, l) + modified_bessel_first_kind(order.saturating_add(1), l);
    z.chain(modified_bessel_first_kind(order, l), slope * 0.5)
}

/// K_n(z), the modified Bessel function of the second kind; +inf at 0, NaN below.
pub fn modified_bessel_second_kind<T: Real>(order: i64, z: T) -> T {
    let order = order.saturating_abs();
    if T::NDERIV == 0 {
        return T::constant(log_second_kind(order as f64, z.value()).exp());
    }
    let l = z.lower();
    let slope = modified_bessel_second_kind(order - 1, l) + modified_bessel_second_kind(order.saturating_add(1), l);
    z.chain(modified_bessel_second_kind(order, l), slope * -0.5)
}

binary! {
    /// log I_v(z) of real order v >= 0 (or v > -1), z >= 0.
    log_modified_bessel_first_kind = log_first_kind;
    |v, z, f| d_log_first_kind_dv(v, z), exp(log_modified_bessel_first_kind(v + 1.0, z) - f) + v / z
}

/// log K_v(z) of real order `v` as data, z > 0.
pub fn log_modified_bessel_second_kind<T: Real>(v: f64, z: T) -> T {
    if T::NDERIV == 0 {
        return T::constant(log_second_kind(v, z.value()));
    }
    let l = z.lower();
    let value = log_modified_bessel_second_kind(v, l);
    z.chain(value, -exp(log_modified_bessel_second_kind(v + 1.0, l) - value) + l.recip() * v)
}

/// An order that the recurrences of libm can count to, or the limit of the function in the order.
///
/// From order 2000 and twice the argument on, J is below the least number; Y then is beyond the largest.
fn order_in_range(order: i64, z: f64) -> Option<i32> {
    const VANISHING_FROM: f64 = 2000.0;
    let size = order.unsigned_abs() as f64;
    if size > VANISHING_FROM && size > 2.0 * z.abs() { None } else { i32::try_from(order).ok() }
}

fn log_first_kind(v: f64, z: f64) -> f64 {
    if !(z >= 0.0 && v > -1.0) {
        return f64::NAN;
    }
    if z == 0.0 {
        return if v == 0.0 {
            0.0
        } else if v > 0.0 {
            f64::NEG_INFINITY
        } else {
            f64::INFINITY
        };
    }
    if z.is_infinite() {
        return z;
    }
    if in_hankel_region(v, z) {
        return z - 0.5 * (2.0 * PI * z).ln() + hankel_series(v, z).0.ln();
    }
    let (log_scale, sum, _) = power_series(v, z);
    v * (z.ln() - LN_2) - libm::lgamma(v + 1.0) + log_scale + sum.ln()
}

fn in_hankel_region(v: f64, z: f64) -> bool {
    z > HANKEL_FROM && z > HANKEL_ORDER_FACTOR * v * v
}

/// The sum of Hankel's expansion and its derivative in `v` (DLMF 10.40.1).
fn hankel_series<T: Real>(v: T, z: T) -> (T, T) {
    const N_TERMS: u32 = 60;
    let order = v * v * 4.0;
    let (mut term, mut sum) = (T::constant(1.0), T::constant(1.0));
    let (mut term_slope, mut slope) = (T::constant(0.0), T::constant(0.0));
    for k in 1..=N_TERMS {
        let odd = f64::from(2 * k - 1);
        let factor = -(order - odd * odd) / (z * (8.0 * f64::from(k)));
        let factor_slope = -v / z / f64::from(k);
        term_slope = term_slope * factor + term * factor_slope;
        term *= factor;
        // The series diverges in the end: it is cut at its smallest term.
        if factor.value().abs() > 1.0 {
            break;
        }
        sum += term;
        slope += term_slope;
        let size = term.value().abs() + term_slope.value().abs();
        if size <= f64::EPSILON / 4.0 {
            break;
        }
    }
    (sum, slope)
}

/// Σ (z/2)^2k / (k! (v + 1)_k) as (log scale, sum, derivative of the sum in v).
fn power_series<T: Real>(v: T, z: T) -> (f64, T, T) {
    const RESCALE_AT: f64 = 1e250;
    let quarter_square = z * z * 0.25;
    let (mut term, mut sum) = (T::constant(1.0), T::constant(1.0));
    let (mut harmonic, mut slope) = (T::constant(0.0), T::constant(0.0));
    let mut log_scale = 0.0;
    for k in 1..=MAX_TERMS {
        let count = f64::from(k);
        let factor = quarter_square / ((v + count) * count);
        term *= factor;
        harmonic += (v + count).recip();
        sum += term;
        slope -= term * harmonic;
        if factor.value() < 1.0 && term.value() * (1.0 + harmonic.value()) <= sum.value() * (f64::EPSILON / 8.0) {
            return (log_scale, sum, slope);
        }
        if sum.value() > RESCALE_AT {
            let shrink = RESCALE_AT.recip();
            log_scale += RESCALE_AT.ln();
            (term, sum, slope) = (term * shrink, sum * shrink, slope * shrink);
        }
    }
    (f64::NAN, sum, slope)
}

fn d_log_first_kind_dv<T: Real>(v: T, z: T) -> T {
    if in_hankel_region(v.value(), z.value()) {
        let (sum, slope) = hankel_series(v, z);
        return slope / sum;
    }
    let (_, sum, slope) = power_series(v, z);
    log(z * 0.5) - digamma(v + 1.0) + slope / sum
}

/// log ∫_0^∞ exp(-z cosh t) cosh(vt) dt (DLMF 10.32.9).
fn log_second_kind(v: f64, z: f64) -> f64 {
    if z < 0.0 || z.is_nan() || v.is_nan() {
        return f64::NAN;
    }
    if z == 0.0 {
        return f64::INFINITY;
    }
    if z.is_infinite() {
        return f64::NEG_INFINITY;
    }
    let v = v.abs();
    // The exponent is largest where z sinh t = v; beside it the integrand falls off at least as fast as a Gaussian.
    let peak = (v / z).asinh();
    let exponent = |t: f64| v * t - z * 2.0 * (0.5 * t).sinh().powi(2);
    let largest = exponent(peak);
    let integrand = |t: f64| (exponent(t) - largest).exp() * 0.5 * (1.0 + (-2.0 * v * t).exp());
    let width = v.hypot(z).sqrt().recip();
    let step = TRAPEZOIDAL_STEP.min(0.5 * width.max(f64::MIN_POSITIVE));
    let mut sum = 0.5 * integrand(0.0);
    let first = ((peak - 60.0 * width.max(step)) / step).max(1.0).floor();
    let mut t = first;
    for _ in 0..MAX_TERMS {
        let term = integrand(t * step);
        sum += term;
        if t * step > peak && term <= sum * (f64::EPSILON / 16.0) {
            return largest - z + (sum * step).ln();
        }
        t += 1.0;
    }
    f64::NAN
}
