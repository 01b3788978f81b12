//! `log1p_exp`, `inv_logit` and `log_sum_exp`, and the derivatives that come with them.
//!
//! All rest on `z = exp(-|x|)`, which lies between 0 and 1: `log(1 + exp(x)) = max(x, 0) + log(1 + z)`, and the logistic
//! function is `1 / (1 + z)` above zero and `z / (1 + z)` below.

use super::Machine;
use super::exponential::exp_below_overflow;
use super::logarithm::log1p_unit;

/// `log(1 + exp(x))`
#[inline(always)]
pub fn log1p_exp<M: Machine>(m: &mut M, x: M::Real) -> M::Real {
    let z = exp_of_minus_size(m, x);
    let log = log1p_unit(m, z);
    let zero = m.real(0.0);
    let is_negative = m.less(x, zero);
    let larger = m.select(is_negative, zero, x);
    m.add(larger, log)
}

/// `log(1 + exp(x))` and its derivative `inv_logit(x)`.
#[inline(always)]
pub fn log1p_exp_with_slope<M: Machine>(m: &mut M, x: M::Real) -> (M::Real, M::Real) {
    let z = exp_of_minus_size(m, x);
    let log = log1p_unit(m, z);
    let (zero, one) = (m.real(0.0), m.real(1.0));
    let is_negative = m.less(x, zero);
    let larger = m.select(is_negative, zero, x);
    let value = m.add(larger, log);
    let numerator = m.select(is_negative, z, one);
    (value, over_one_plus(m, numerator, z))
}

/// `1 / (1 + exp(-x))`
#[inline(always)]
pub fn inv_logit<M: Machine>(m: &mut M, x: M::Real) -> M::Real {
    let z = exp_of_minus_size(m, x);
    let (zero, one) = (m.real(0.0), m.real(1.0));
    let is_negative = m.less(x, zero);
    let numerator = m.select(is_negative, z, one);
    over_one_plus(m, numerator, z)
}

/// `log(exp(x) + exp(y))`, the larger of `x` and `y` plus `log(1 + exp(-|x - y|))`. The error is at most 2 ulp of the
/// largest of the two parts and their sum, for they may cancel; and the rounding of `x - y` changes the logarithm by
/// `|x - y|` times half a unit of its last place.
#[inline(always)]
pub fn log_sum_exp<M: Machine>(m: &mut M, x: M::Real, y: M::Real) -> M::Real {
    let distance = distance(m, x, y);
    let z = exp_of_minus_size(m, distance);
    let log = log1p_unit(m, z);
    let is_less = m.less(x, y);
    let larger = m.select(is_less, y, x);
    m.add(larger, log)
}

/// `log(exp(x) + exp(y))` and its derivatives: the shares of `exp(x)` and `exp(y)` in the sum. Equal infinities have
/// equal shares. The error of a share is 3 ulp at most, and as many more as `x` and `y` are apart: their difference is
/// rounded.
#[inline(always)]
pub fn log_sum_exp_with_weights<M: Machine>(m: &mut M, x: M::Real, y: M::Real) -> (M::Real, M::Real, M::Real) {
    let distance = distance(m, x, y);
    let z = exp_of_minus_size(m, distance);
    let log = log1p_unit(m, z);
    let is_less = m.less(x, y);
    let larger = m.select(is_less, y, x);
    let value = m.add(larger, log);
    let one = m.real(1.0);
    let of_larger = over_one_plus(m, one, z);
    let of_smaller = m.multiply(z, of_larger);
    (value, m.select(is_less, of_smaller, of_larger), m.select(is_less, of_larger, of_smaller))
}

/// `x - y`, zero for equal infinities.
#[inline(always)]
fn distance<M: Machine>(m: &mut M, x: M::Real, y: M::Real) -> M::Real {
    let zero = m.real(0.0);
    let is_equal = m.equal(x, y);
    let difference = m.subtract(x, y);
    m.select(is_equal, zero, difference)
}

/// `numerator / (1 + z)`, where what the sum loses is made good to first order in `z`.
#[inline(always)]
fn over_one_plus<M: Machine>(m: &mut M, numerator: M::Real, z: M::Real) -> M::Real {
    let one = m.real(1.0);
    let denominator = m.add(one, z);
    let back = m.subtract(denominator, one);
    let excess = m.subtract(back, z);
    let quotient = m.divide(numerator, denominator);
    m.multiply_add(quotient, excess, quotient)
}

/// `exp(-|x|)`
#[inline(always)]
fn exp_of_minus_size<M: Machine>(m: &mut M, x: M::Real) -> M::Real {
    let size = m.abs(x);
    let minus = m.negate(size);
    exp_below_overflow(m, minus)
}
