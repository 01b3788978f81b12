//! `sin` and `cos` of arguments below [`TRIGONOMETRIC_LIMIT`] in size.
//!
//! `x = k pi/2 + r` with `|r| <= pi/4`, where `pi/2` is subtracted in three parts (Cody and Waite); then polynomials in
//! `r^2`. Larger arguments need the reduction of Payne and Hanek, which is no straight code of a moderate length.

use super::Machine;
use super::arithmetic::polynomial;
use super::exponential::SHIFT;

/// The kernels give no number for arguments that are not below this in size (2^20): there a caller that cannot exclude
/// such arguments takes another way.
pub const TRIGONOMETRIC_LIMIT: f64 = 1_048_576.0;

/// `2 / pi`
const TWO_OVER_PI: f64 = std::f64::consts::FRAC_2_PI;
/// `pi / 2` in parts; the first two have 33 bits, so that their products with `k` are exact.
const HALF_PI: [f64; 3] = [1.570_796_326_734_125_6, 6.077_100_506_303_966e-11, 2.022_266_248_795_950_6e-21];

/// `(sin(r) - r) / r^3` as a polynomial in `r^2`; the relative error of the sine is 3.5e-18.
const SIN: [f64; 6] = [
    -0.166_666_666_666_666_32,
    0.008_333_333_333_322_413,
    -0.000_198_412_698_298_076_86,
    2.755_731_369_188_270_8e-6,
    -2.505_075_811_058_016_7e-8,
    1.589_679_541_831_147e-10,
];
/// `(cos(r) - 1 + r^2 / 2) / r^4` as a polynomial in `r^2`; the error of the cosine is 4.7e-20.
const COS: [f64; 6] = [
    0.041_666_666_666_666_6,
    -0.001_388_888_888_887_412_5,
    2.480_158_728_948_221_5e-5,
    -2.755_731_435_234_151_6e-7,
    2.087_572_327_440_723_8e-9,
    -1.135_964_786_337_664_3e-11,
];

/// The sine.
#[inline(always)]
pub fn sin<M: Machine>(m: &mut M, x: M::Real) -> M::Real {
    sin_cos(m, x).0
}

/// The cosine.
#[inline(always)]
pub fn cos<M: Machine>(m: &mut M, x: M::Real) -> M::Real {
    sin_cos(m, x).1
}

/// The sine and the cosine.
#[inline(always)]
pub fn sin_cos<M: Machine>(m: &mut M, x: M::Real) -> (M::Real, M::Real) {
    let (factor, shift) = (m.real(TWO_OVER_PI), m.real(SHIFT));
    let shifted = m.multiply_add(x, factor, shift);
    let count = m.subtract(shifted, shift);
    let mut rest = x;
    for part in HALF_PI {
        let part = m.real(-part);
        rest = m.multiply_add(count, part, rest);
    }
    let (sin, cos) = of_rest(m, rest);

    // No number where the parts are too coarse.
    let size = m.abs(x);
    let (limit, nan) = (m.real(TRIGONOMETRIC_LIMIT), m.real(f64::NAN));
    let is_within = m.less(size, limit);
    let (sin, cos) = (m.select(is_within, sin, nan), m.select(is_within, cos, nan));

    // In odd quadrants the functions change places; the sign is that of the second last bit of k, or of k + 1.
    let quadrant = m.to_bits(shifted);
    let parity = m.shift_left(quadrant, 63);
    let one = m.bits(1.0_f64.to_bits());
    let parity = m.or_bits(parity, one);
    let parity = m.as_real(parity);
    let zero = m.real(0.0);
    let is_odd = m.less(parity, zero);
    let (first, second) = (m.select(is_odd, cos, sin), m.select(is_odd, sin, cos));
    let one = m.bits(1);
    let next = m.add_bits(quadrant, one);
    (with_sign_of_quadrant(m, first, quadrant), with_sign_of_quadrant(m, second, next))
}

/// Both functions for `|r| <= pi/4`.
#[inline(always)]
fn of_rest<M: Machine>(m: &mut M, r: M::Real) -> (M::Real, M::Real) {
    let square = m.multiply(r, r);
    let p = polynomial(m, square, &SIN);
    // Adding a zero keeps the sign of a zero r: its product with -0 would have the other.
    let zero = m.real(0.0);
    let p = m.multiply_add(square, p, zero);
    let sin = m.multiply_add(r, p, r);

    let q = polynomial(m, square, &COS);
    let (one, minus_half) = (m.real(1.0), m.real(-0.5));
    let fourth = m.multiply(square, square);
    let second = m.multiply_add(square, minus_half, one);
    let cos = m.multiply_add(fourth, q, second);
    (sin, cos)
}

/// `y`, negated where the quadrant's second last bit is set.
#[inline(always)]
fn with_sign_of_quadrant<M: Machine>(m: &mut M, y: M::Real, quadrant: M::Bits) -> M::Real {
    let sign = m.shift_left(quadrant, 62);
    let mask = m.bits(1 << 63);
    let sign = m.and_bits(sign, mask);
    let bits = m.to_bits(y);
    let bits = m.add_bits(bits, sign);
    m.as_real(bits)
}
