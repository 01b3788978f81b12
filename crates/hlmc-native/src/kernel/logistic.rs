//! `log1p_exp`, `inv_logit` and `log_sum_exp`, and the derivatives that come with them.
//!
//! All rest on `z = exp(-|x|)`, which lies between 0 and 1: `log(1 + exp(x)) = max(x, 0) + log(1 + z)`, and the logistic
//! function is `1 / (1 + z)` above zero and `z / (1 + z)` below.

use super::Machine;
use super::arithmetic::{at_most, remainder};
use super::exponential::{LOWEST, exp_below_overflow, exp_of_sum};
use super::logarithm::{plus_log1p_ratio, plus_log1p_unit};

/// `log(1 + exp(x))`
#[inline(always)]
pub fn log1p_exp<M: Machine>(m: &mut M, x: M::Real) -> M::Real {
    let z = exp_of_minus_size(m, x);
    let (_, positive_part) = sign_and_positive_part(m, x);
    plus_log1p_unit(m, positive_part, z)
}

/// `log(1 + exp(x))` and its derivative `inv_logit(x)`.
#[inline(always)]
pub fn log1p_exp_with_slope<M: Machine>(m: &mut M, x: M::Real) -> (M::Real, M::Real) {
    let z = exp_of_minus_size(m, x);
    let (is_negative, positive_part) = sign_and_positive_part(m, x);
    let value = plus_log1p_unit(m, positive_part, z);
    (value, logistic(m, is_negative, z))
}

/// The same where `exp(x)` or `exp(-x)` is there already, by [`super::exp`]: divisions take the place of another exponential.
/// What the quotient lacks is made good, so that the error is at most 2 ulp together with that of the exponential.
#[inline(always)]
pub fn log1p_exp_by_exponential<M: Machine>(m: &mut M, x: M::Real, exponential: M::Real) -> (M::Real, M::Real) {
    let one = m.real(1.0);
    let is_below = m.less(exponential, one);
    let (smaller, larger) = (m.select(is_below, exponential, one), m.select(is_below, one, exponential));
    let z = m.divide(smaller, larger);
    // One of the two is one, so that what the quotient lacks is z times the remainder.
    let finite = at_most(m, larger, f64::MAX);
    let remainder = remainder(m, smaller, finite, z);
    let lost = m.multiply(remainder, z);
    let (is_negative, positive_part) = sign_and_positive_part(m, x);
    let rest = m.add(positive_part, lost);
    let value = plus_log1p_ratio(m, rest, (smaller, larger), z);
    // The derivative of z / (1 + z) is 1 / (1 + z)^2; above zero the slope hardly depends on the last digits of z.
    let numerator = m.select(is_negative, z, one);
    let (slope, excess) = by_one_plus(m, numerator, z);
    let correction = m.multiply(slope, excess);
    let other = m.subtract(one, slope);
    let square = m.multiply(other, other);
    let zero = m.real(0.0);
    let lost = m.select(is_negative, lost, zero);
    let correction = m.multiply_add(lost, square, correction);
    (value, m.add(slope, correction))
}

/// Whether `x` is negative, and `x` or zero, whichever is larger.
#[inline(always)]
fn sign_and_positive_part<M: Machine>(m: &mut M, x: M::Real) -> (M::Mask, M::Real) {
    let zero = m.real(0.0);
    let is_negative = m.less(x, zero);
    (is_negative, m.select(is_negative, zero, x))
}

/// The logistic function at a number whose sign is known, by `z = exp(-|x|)`.
#[inline(always)]
fn logistic<M: Machine>(m: &mut M, is_negative: M::Mask, z: M::Real) -> M::Real {
    let one = m.real(1.0);
    let numerator = m.select(is_negative, z, one);
    over_one_plus(m, numerator, z)
}

/// `1 / (1 + exp(-x))`
#[inline(always)]
pub fn inv_logit<M: Machine>(m: &mut M, x: M::Real) -> M::Real {
    let z = exp_of_minus_size(m, x);
    let zero = m.real(0.0);
    let is_negative = m.less(x, zero);
    logistic(m, is_negative, z)
}

/// `log(exp(x) + exp(y))`, the larger of `x` and `y` plus `log(1 + exp(-|x - y|))`. The error is at most 2 ulp of the sum
/// of the sizes of these two parts. That is the result itself where `x` or `y` is positive; below, the parts cancel, and
/// the result is as good as they are.
#[inline(always)]
pub fn log_sum_exp<M: Machine>(m: &mut M, x: M::Real, y: M::Real) -> M::Real {
    let parts = Parts::of(m, x, y);
    plus_log1p_unit(m, parts.larger, parts.z)
}

/// `log(exp(x) + exp(y))` and its derivatives: the shares of `exp(x)` and `exp(y)` in the sum. Equal infinities have
/// equal shares.
#[inline(always)]
pub fn log_sum_exp_with_weights<M: Machine>(m: &mut M, x: M::Real, y: M::Real) -> (M::Real, M::Real, M::Real) {
    let parts = Parts::of(m, x, y);
    let value = plus_log1p_unit(m, parts.larger, parts.z);
    // The larger share is at least 1/2, so that it is as accurate as the smaller one.
    let of_smaller = over_one_plus(m, parts.z, parts.z);
    let one = m.real(1.0);
    let of_larger = m.subtract(one, of_smaller);
    let of_x = m.select(parts.is_less, of_smaller, of_larger);
    let of_y = m.select(parts.is_less, of_larger, of_smaller);
    (value, of_x, of_y)
}

/// What `exp(x) + exp(y)` is made of.
struct Parts<M: Machine> {
    /// `x < y`
    is_less: M::Mask,
    /// The larger of `x` and `y`.
    larger: M::Real,
    /// `exp(-|x - y|)`, one for equal infinities.
    z: M::Real,
}

impl<M: Machine> Parts<M> {
    #[inline(always)]
    fn of(m: &mut M, x: M::Real, y: M::Real) -> Self {
        let is_less = m.less(x, y);
        let (smaller, larger) = (m.select(is_less, x, y), m.select(is_less, y, x));
        let (difference, lost) = difference(m, smaller, larger);
        let (zero, lowest) = (m.real(0.0), m.real(LOWEST));
        // Where the difference is infinite or no number, so is what was lost.
        let is_close = m.less(lowest, difference);
        let lost = m.select(is_close, lost, zero);
        let is_equal = m.equal(x, y);
        let difference = m.select(is_equal, zero, difference);
        Parts { is_less, larger, z: exp_of_sum(m, difference, lost) }
    }
}

/// `x - y`, rounded, and what rounding took from it (Knuth, The Art of Computer Programming, volume 2, section 4.2.2).
#[inline(always)]
fn difference<M: Machine>(m: &mut M, x: M::Real, y: M::Real) -> (M::Real, M::Real) {
    let difference = m.subtract(x, y);
    let minus_y = m.subtract(difference, x);
    let back = m.subtract(difference, minus_y);
    let lost_of_x = m.subtract(x, back);
    let lost_of_y = m.add(y, minus_y);
    (difference, m.subtract(lost_of_x, lost_of_y))
}

/// `numerator / (1 + z)`, where what the sum loses is made good to first order in `z`.
#[inline(always)]
fn over_one_plus<M: Machine>(m: &mut M, numerator: M::Real, z: M::Real) -> M::Real {
    let (quotient, excess) = by_one_plus(m, numerator, z);
    m.multiply_add(quotient, excess, quotient)
}

/// `numerator` divided by `1 + z`, rounded, and how much rounding made the sum too large.
#[inline(always)]
fn by_one_plus<M: Machine>(m: &mut M, numerator: M::Real, z: M::Real) -> (M::Real, M::Real) {
    let one = m.real(1.0);
    let denominator = m.add(one, z);
    let back = m.subtract(denominator, one);
    let excess = m.subtract(back, z);
    (m.divide(numerator, denominator), excess)
}

/// `exp(-|x|)`
#[inline(always)]
fn exp_of_minus_size<M: Machine>(m: &mut M, x: M::Real) -> M::Real {
    let size = m.abs(x);
    let minus = m.negate(size);
    exp_below_overflow(m, minus)
}
