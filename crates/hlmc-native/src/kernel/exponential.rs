//! `exp`, `expm1` and `tanh`.
//!
//! `x = k log(2) + r` with `k` a whole number and `|r| <= log(2) / 2`, so that `exp(x) = 2^k exp(r)` (Muller, Elementary
//! Functions, 3rd ed., section 11.1; the product with `log(2)` in two parts is Cody and Waite's). `exp(r)` is
//! `1 + r + r^2 q(r)` with a minimax polynomial `q`.

use super::Machine;
use super::arithmetic::{at_least, at_most, polynomial};

/// `1 / log(2)`
const LOG2_E: f64 = std::f64::consts::LOG2_E;
/// The leading 32 bits of `log(2)`: its products with exponents are exact.
pub(super) const LN_2_HIGH: f64 = 0.693_147_180_369_123_8;
/// The rest of `log(2)`.
pub(super) const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
/// `1.5 * 2^52`: added to a number below 2^51 it leaves the nearest whole number in the low bits.
pub(super) const SHIFT: f64 = 6_755_399_441_055_744.0;
/// Bits of the significand without the leading one.
pub(super) const SIGNIFICAND_BITS: u32 = 52;
/// Below this `exp` rounds to zero.
pub(super) const LOWEST: f64 = -746.0;
/// Above this `exp` overflows.
const HIGHEST: f64 = 710.0;
/// Below this `expm1` rounds to -1.
const EXPM1_LOWEST: f64 = -40.0;
/// Above this `tanh` rounds to 1.
const TANH_HIGHEST: f64 = 20.0;
/// From here on `tanh` is computed from its distance to 1.
const TANH_MIDDLE: f64 = 0.632;
/// Below this (2^-54) `expm1(x)` rounds to `x`.
const TINY: f64 = 5.551_115_123_125_783e-17;

/// `(exp(r) - 1 - r) / r^2` on `|r| <= log(2) / 2`; the relative error of `exp` is 3.5e-18.
const EXP: [f64; 10] = [
    0.500_000_000_000_001_3,
    0.166_666_666_666_667,
    0.041_666_666_666_515_126,
    0.008_333_333_333_306_913,
    0.001_388_888_894_710_713_5,
    0.000_198_412_699_180_428_9,
    2.480_148_983_250_706_4e-5,
    2.755_721_569_969_775e-6,
    2.763_132_462_928_261e-7,
    2.511_805_342_619_659e-8,
];

/// `P` of `tanh(x) = x + x P(x^2) / Q(x^2)`, divided by `x^2`, for `x^2 <= 0.4`; the relative error is 6.6e-19.
const TANH_NUMERATOR: [f64; 3] = [-0.333_333_333_333_333_2, -0.020_496_474_867_405_76, -0.000_199_075_128_706_871_8];
/// `Q` of `tanh`.
const TANH_DENOMINATOR: [f64; 4] =
    [1.0, 0.461_489_424_602_200_9, 0.023_288_233_322_516_984, 0.000_206_423_523_502_683_81];

/// `exp(x)`
#[inline(always)]
pub fn exp<M: Machine>(m: &mut M, x: M::Real) -> M::Real {
    let x = at_most(m, x, HIGHEST);
    exp_below_overflow(m, x)
}

/// `exp(x)` for `x < 710`.
#[inline(always)]
pub(super) fn exp_below_overflow<M: Machine>(m: &mut M, x: M::Real) -> M::Real {
    let x = at_least(m, x, LOWEST);
    let reduced = reduce(m, x);
    let y = exp_of_rest(m, &reduced);
    scale(m, y, &reduced)
}

/// `exp(x + low)` for `x < 710`, where `low` is what rounding took from `x`.
#[inline(always)]
pub(super) fn exp_of_sum<M: Machine>(m: &mut M, x: M::Real, low: M::Real) -> M::Real {
    let x = at_least(m, x, LOWEST);
    let mut reduced = reduce(m, x);
    reduced.rest = m.add(reduced.rest, low);
    let (first, second) = terms_of_rest(m, &reduced);
    let second = m.add(second, low);
    let y = m.add(first, second);
    scale(m, y, &reduced)
}

/// `exp(x) - 1`
#[inline(always)]
pub fn expm1<M: Machine>(m: &mut M, x: M::Real) -> M::Real {
    let clamped = at_most(m, x, HIGHEST);
    let clamped = at_least(m, clamped, EXPM1_LOWEST);
    let reduced = reduce(m, clamped);
    // Half of the result, which does not overflow on the way: 2^(k-1) (exp(r) - 1) + (2^(k-1) - 1/2).
    let half = m.real(0.5);
    let power = times_power_of_two(m, half, &reduced);
    let y = scaled_expm1(m, power, half, &reduced);
    let y = m.add(y, y);
    let size = m.abs(x);
    let tiny = m.real(TINY);
    let is_tiny = m.less(size, tiny);
    m.select(is_tiny, x, y)
}

/// The hyperbolic tangent.
#[inline(always)]
pub fn tanh<M: Machine>(m: &mut M, x: M::Real) -> M::Real {
    let size = m.abs(x);
    let size = at_most(m, size, TANH_HIGHEST);
    let minus_two = m.real(-2.0);
    let argument = m.multiply(minus_two, size);
    let reduced = reduce(m, argument);
    let (one, two) = (m.real(1.0), m.real(2.0));
    // Far from zero 1 - 2 z / (1 + z) with z = exp(-2 |x|), else |x| + |x| P / Q.
    let z = exp_of_rest(m, &reduced);
    let z = times_power_of_two(m, z, &reduced);
    let far_numerator = m.multiply(two, z);
    let far_denominator = m.add(one, z);
    let square = m.multiply(size, size);
    let near_numerator = polynomial(m, square, &TANH_NUMERATOR);
    let near_numerator = m.multiply(square, near_numerator);
    let near_denominator = polynomial(m, square, &TANH_DENOMINATOR);

    let middle = m.real(TANH_MIDDLE);
    let is_far = m.less(middle, size);
    let numerator = m.select(is_far, far_numerator, near_numerator);
    let denominator = m.select(is_far, far_denominator, near_denominator);
    let quotient = m.divide(numerator, denominator);
    let far = m.subtract(one, quotient);
    let near = m.multiply_add(size, quotient, size);
    let y = m.select(is_far, far, near);
    copy_sign(m, y, x)
}

/// A number split at the powers of two.
struct Reduced<M: Machine> {
    /// The power of two `k`.
    count: M::Real,
    /// `k` in the low bits.
    count_bits: M::Bits,
    /// `x - k log(2)`
    rest: M::Real,
    /// `x - k log(2)` but for the low part of `log(2)`: exact.
    rest_high: M::Real,
}

#[inline(always)]
fn reduce<M: Machine>(m: &mut M, x: M::Real) -> Reduced<M> {
    let (log2_e, shift) = (m.real(LOG2_E), m.real(SHIFT));
    let shifted = m.multiply_add(x, log2_e, shift);
    let count = m.subtract(shifted, shift);
    let (high, low) = (m.real(-LN_2_HIGH), m.real(-LN_2_LOW));
    let rest_high = m.multiply_add(count, high, x);
    let rest = m.multiply_add(count, low, rest_high);
    let count_bits = m.to_bits(shifted);
    Reduced { count, count_bits, rest, rest_high }
}

/// `exp(r)`
#[inline(always)]
fn exp_of_rest<M: Machine>(m: &mut M, reduced: &Reduced<M>) -> M::Real {
    let (first, second) = terms_of_rest(m, reduced);
    m.add(first, second)
}

/// Two terms whose sum is `exp(r)`, the larger one first.
#[inline(always)]
fn terms_of_rest<M: Machine>(m: &mut M, reduced: &Reduced<M>) -> (M::Real, M::Real) {
    // 1 + r in the part of r that is exact; what the sum loses, and the other part, go to the smaller terms.
    let one = m.real(1.0);
    let first = m.add(one, reduced.rest_high);
    let back = m.subtract(first, one);
    let lost = m.subtract(reduced.rest_high, back);
    let low = m.real(-LN_2_LOW);
    let lost = m.multiply_add(reduced.count, low, lost);
    let second = second_order(m, reduced.rest);
    (first, m.add(lost, second))
}

/// `exp(r) - 1 - r`
#[inline(always)]
fn second_order<M: Machine>(m: &mut M, r: M::Real) -> M::Real {
    let q = polynomial(m, r, &EXP);
    let square = m.multiply(r, r);
    m.multiply(square, q)
}

/// `power * (exp(r) - 1) + (power - unit)`, where `power` is `2^k unit`.
#[inline(always)]
fn scaled_expm1<M: Machine>(m: &mut M, power: M::Real, unit: M::Real, reduced: &Reduced<M>) -> M::Real {
    let second = second_order(m, reduced.rest);
    let low = m.real(-LN_2_LOW);
    let second = m.multiply_add(reduced.count, low, second);
    let whole = m.subtract(power, unit);
    let first = m.multiply_add(power, reduced.rest_high, whole);
    m.multiply_add(power, second, first)
}

/// `2^k y` for results that are neither subnormal nor too large.
#[inline(always)]
fn times_power_of_two<M: Machine>(m: &mut M, y: M::Real, reduced: &Reduced<M>) -> M::Real {
    let exponent = m.shift_left(reduced.count_bits, SIGNIFICAND_BITS);
    let bits = m.to_bits(y);
    let bits = m.add_bits(bits, exponent);
    m.as_real(bits)
}

/// `2^k y` in two steps, each of about `k / 2`, so that the second one rounds to a subnormal or overflows.
#[inline(always)]
fn scale<M: Machine>(m: &mut M, y: M::Real, reduced: &Reduced<M>) -> M::Real {
    let (half, shift) = (m.real(0.5), m.real(SHIFT));
    let first = m.multiply_add(reduced.count, half, shift);
    let first = m.to_bits(first);
    let second = m.subtract_bits(reduced.count_bits, first);
    let (first, second) = (m.shift_left(first, SIGNIFICAND_BITS), m.shift_left(second, SIGNIFICAND_BITS));
    let y = m.to_bits(y);
    let y = m.add_bits(y, first);
    let y = m.as_real(y);
    let one = m.bits(1.0_f64.to_bits());
    let power = m.add_bits(one, second);
    let power = m.as_real(power);
    m.multiply(y, power)
}

/// The size of `y` with the sign of `x`.
#[inline(always)]
fn copy_sign<M: Machine>(m: &mut M, y: M::Real, x: M::Real) -> M::Real {
    let sign = m.bits(1 << 63);
    let x = m.to_bits(x);
    let sign = m.and_bits(x, sign);
    let y = m.abs(y);
    let y = m.to_bits(y);
    let y = m.or_bits(y, sign);
    m.as_real(y)
}
