//! `log` and `log1p`.
//!
//! `x = 2^k (1 + f)` with `1 + f` between `sqrt(1/2)` and `sqrt(2)`. With `s = f / (2 + f)` the logarithm of `1 + f` is
//! `2 atanh(s) = 2 s + s R(s^2)`, which is summed as `f - (f^2/2 - s (f^2/2 + R))` so that the rounding of `s` hardly
//! matters (Muller, Elementary Functions, 3rd ed., section 11.4; the scheme of FDLIBM).

use super::Machine;
use super::arithmetic::polynomial;
use super::exponential::{LN_2_HIGH, LN_2_LOW, SIGNIFICAND_BITS};

/// The bits of `sqrt(1/2)`.
const SQRT_HALF: u64 = 0x3fe6_a09e_667f_3bcd;
/// The bits of one.
const ONE: u64 = 0x3ff0_0000_0000_0000;
/// The bits of a number's significand.
const SIGNIFICAND: u64 = (1 << SIGNIFICAND_BITS) - 1;
/// `2^52`: whole numbers below it, put into its low bits, are added to it.
const WHOLE: f64 = 4_503_599_627_370_496.0;
/// What is added to exponents.
const BIAS: f64 = 1023.0;
/// `2^54`, which makes every subnormal number normal.
const SUBNORMAL_FACTOR: f64 = 18_014_398_509_481_984.0;
/// The exponent of [`SUBNORMAL_FACTOR`].
const SUBNORMAL_EXPONENT: f64 = 54.0;

/// `R(z) / z` on `0 <= z <= 0.0295`; the relative error of the logarithm is 1.3e-18.
const LOG: [f64; 7] = [
    0.666_666_666_666_673_4,
    0.399_999_999_994_143_04,
    0.285_714_287_424_780_5,
    0.222_221_985_631_971_76,
    0.181_835_648_795_635_16,
    0.153_140_355_555_980_27,
    0.147_961_077_930_189_92,
];

/// `-R(z) / z` on `0 <= z <= 1/9`; the relative error of the logarithm is 1.3e-18.
const MINUS_LOG_UNIT: [f64; 10] = [
    -0.666_666_666_666_663_1,
    -0.400_000_000_001_572_4,
    -0.285_714_285_478_545_55,
    -0.222_222_239_696_873_52,
    -0.181_817_439_265_102_13,
    -0.153_865_598_887_557_21,
    -0.133_009_740_415_366_26,
    -0.121_060_826_257_803_28,
    -0.083_401_174_245_523_3,
    -0.170_185_457_776_879_74,
];

/// `log(x)`: minus infinity at zero, no number below.
#[inline(always)]
pub fn log<M: Machine>(m: &mut M, x: M::Real) -> M::Real {
    let parts = parts_of_positive(m, x);
    let y = parts.sum(m);
    let infinity = m.real(f64::INFINITY);
    let is_finite = m.less(x, infinity);
    let y = m.select(is_finite, y, x);
    let zero = m.real(0.0);
    above_pole(m, x, (zero, f64::NEG_INFINITY), y)
}

/// `log(1 + x)`: minus infinity at -1, no number below.
#[inline(always)]
pub fn log1p<M: Machine>(m: &mut M, x: M::Real) -> M::Real {
    let one = m.real(1.0);
    let u = m.add(one, x);
    // 1 + x = u + lost, but for the largest x, where what is lost does not matter.
    let back = m.subtract(u, one);
    let lost = m.subtract(x, back);

    let split = split(m, u);
    let zero_exponent = m.real(WHOLE + BIAS);
    let exponent = m.subtract(split.exponent, zero_exponent);
    // What is lost, divided by the power of two. Where that is 2^0 the sum gives back x itself. 2^(1-k) is zero for the
    // largest k, where the bits of 2^-k would be those of another number.
    let mask = m.bits(!SIGNIFICAND);
    let power = m.and_bits(split.bits, mask);
    let largest = m.bits(2047 << SIGNIFICAND_BITS);
    let inverse = m.subtract_bits(largest, power);
    let inverse = m.as_real(inverse);
    let half = m.real(0.5);
    let lost = m.multiply(lost, half);
    let fraction = m.multiply_add(lost, inverse, split.fraction);
    let y = parts_of_split(m, fraction, exponent).sum(m);

    let is_tiny = m.equal(u, one);
    let y = m.select(is_tiny, x, y);
    let infinity = m.real(f64::INFINITY);
    let is_finite = m.less(x, infinity);
    let y = m.select(is_finite, y, x);
    let pole = m.real(-1.0);
    above_pole(m, x, (pole, f64::NEG_INFINITY), y)
}

/// `y + log(1 + x)` for `x` from 0 to 1. What `log(1 + x)` lacks to `x` goes to `y` first: the logarithm itself is never
/// rounded.
#[inline(always)]
pub(super) fn plus_log1p_unit<M: Machine>(m: &mut M, y: M::Real, x: M::Real) -> M::Real {
    let minus_two = m.real(-2.0);
    let denominator = m.subtract(minus_two, x);
    let minus_s = m.divide(x, denominator);
    plus_log1p_by_s(m, y, x, minus_s)
}

/// The same for `x = smaller / larger`: that division is not waited for.
#[inline(always)]
pub(super) fn plus_log1p_ratio<M: Machine>(
    m: &mut M,
    y: M::Real,
    (smaller, larger): (M::Real, M::Real),
    x: M::Real,
) -> M::Real {
    let minus_two = m.real(-2.0);
    let minus_twice = m.multiply(minus_two, larger);
    let denominator = m.subtract(minus_twice, smaller);
    let minus_s = m.divide(smaller, denominator);
    plus_log1p_by_s(m, y, x, minus_s)
}

/// `y + log(1 + x)` by `s = x / (2 + x)`.
#[inline(always)]
fn plus_log1p_by_s<M: Machine>(m: &mut M, y: M::Real, x: M::Real, minus_s: M::Real) -> M::Real {
    let z = m.multiply(minus_s, minus_s);
    let p = polynomial(m, z, &MINUS_LOG_UNIT);
    let minus_r = m.multiply(z, p);
    // 2 s + s R = x - s x + s R.
    let rest = m.multiply_add(minus_s, minus_r, y);
    let rest = m.multiply_add(minus_s, x, rest);
    m.add(x, rest)
}

/// The logarithm of `2^k (1 + f)` in two parts.
pub(super) struct LogParts<M: Machine> {
    /// `k`
    exponent: M::Real,
    /// `f`
    fraction: M::Real,
    /// `f` minus its logarithm, and minus what the product of `k` and the leading bits of `log(2)` lacks.
    correction: M::Real,
}

impl<M: Machine> LogParts<M> {
    /// The logarithm.
    #[inline(always)]
    pub(super) fn sum(&self, m: &mut M) -> M::Real {
        let high = m.real(LN_2_HIGH);
        let rest = m.subtract(self.fraction, self.correction);
        m.multiply_add(self.exponent, high, rest)
    }

    /// The logarithm minus one, rounded, and what rounding took from it; no digits are lost near `x = e`. The first term
    /// is a multiple of the last place of `f`, so that the error of their sum is a number (Dekker's sum of two).
    #[inline(always)]
    pub(super) fn minus_one(&self, m: &mut M) -> (M::Real, M::Real) {
        let (high, minus_one) = (m.real(LN_2_HIGH), m.real(-1.0));
        let first = m.multiply_add(self.exponent, high, minus_one);
        let leading = m.add(first, self.fraction);
        let back = m.subtract(leading, first);
        let lost = m.subtract(self.fraction, back);
        let correction = m.subtract(self.correction, lost);
        let sum = m.subtract(leading, correction);
        let back = m.subtract(leading, sum);
        (sum, m.subtract(back, correction))
    }

    /// The logarithm minus a small number.
    #[inline(always)]
    pub(super) fn minus(&self, m: &mut M, x: M::Real) -> M::Real {
        let high = m.real(LN_2_HIGH);
        let small = m.add(self.correction, x);
        let rest = m.subtract(self.fraction, small);
        m.multiply_add(self.exponent, high, rest)
    }

    /// A small number minus the logarithm.
    #[inline(always)]
    pub(super) fn subtracted_from(&self, m: &mut M, x: M::Real) -> M::Real {
        let minus_high = m.real(-LN_2_HIGH);
        let small = m.add(x, self.correction);
        let rest = m.subtract(small, self.fraction);
        m.multiply_add(self.exponent, minus_high, rest)
    }
}

/// The logarithm of a positive finite number, of any size.
#[inline(always)]
pub(super) fn parts_of_positive<M: Machine>(m: &mut M, x: M::Real) -> LogParts<M> {
    let smallest = m.real(f64::MIN_POSITIVE);
    let is_subnormal = m.less(x, smallest);
    let factor = m.real(SUBNORMAL_FACTOR);
    let larger = m.multiply(x, factor);
    let normal = m.select(is_subnormal, larger, x);
    let (zero_exponent, lower) = (m.real(WHOLE + BIAS), m.real(WHOLE + BIAS + SUBNORMAL_EXPONENT));
    let zero_exponent = m.select(is_subnormal, lower, zero_exponent);

    let split = split(m, normal);
    let exponent = m.subtract(split.exponent, zero_exponent);
    parts_of_split(m, split.fraction, exponent)
}

/// A positive normal number as `2^k (1 + f)`.
struct Split<M: Machine> {
    /// `f`
    fraction: M::Real,
    /// `2^52 + 1023 + k`
    exponent: M::Real,
    /// `1023 + k` in the bits of the exponent, and others below.
    bits: M::Bits,
}

#[inline(always)]
fn split<M: Machine>(m: &mut M, x: M::Real) -> Split<M> {
    let bits = m.to_bits(x);
    let to_one = m.bits(ONE - SQRT_HALF);
    let bits = m.add_bits(bits, to_one);

    let whole = m.bits(WHOLE.to_bits());
    let exponent = m.shift_right(bits, SIGNIFICAND_BITS);
    let exponent = m.or_bits(exponent, whole);
    let exponent = m.as_real(exponent);

    let (mask, sqrt_half) = (m.bits(SIGNIFICAND), m.bits(SQRT_HALF));
    let significand = m.and_bits(bits, mask);
    let significand = m.add_bits(significand, sqrt_half);
    let significand = m.as_real(significand);
    let one = m.real(1.0);
    let fraction = m.subtract(significand, one);
    Split { fraction, exponent, bits }
}

/// The logarithm of `2^k (1 + f)`.
#[inline(always)]
fn parts_of_split<M: Machine>(m: &mut M, f: M::Real, k: M::Real) -> LogParts<M> {
    let (two, half) = (m.real(2.0), m.real(0.5));
    let denominator = m.add(two, f);
    let s = m.divide(f, denominator);
    let z = m.multiply(s, s);
    let p = polynomial(m, z, &LOG);
    let half_f = m.multiply(half, f);
    let half_square = m.multiply(half_f, f);
    let r = m.multiply_add(z, p, half_square);
    let low = m.real(LN_2_LOW);
    let k_low = m.multiply(k, low);
    let correction = m.multiply_add(s, r, k_low);
    let correction = m.subtract(half_square, correction);
    LogParts { exponent: k, fraction: f, correction }
}

/// `y` where `x` lies above a pole, the value that belongs to the pole there, no number below.
#[inline(always)]
pub(super) fn above_pole<M: Machine>(m: &mut M, x: M::Real, (pole, there): (M::Real, f64), y: M::Real) -> M::Real {
    let is_above = m.less(pole, x);
    let is_pole = m.equal(x, pole);
    let (there, nan) = (m.real(there), m.real(f64::NAN));
    let outside = m.select(is_pole, there, nan);
    m.select(is_above, y, outside)
}
