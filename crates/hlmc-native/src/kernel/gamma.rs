//! `log_gamma` and `digamma` of positive arguments.
//!
//! Above 2.46 both are Stirling's series, summed as a minimax rational function of `1 / x^2` (NIST DLMF 5.11.1, 5.11.2).
//! Below they are rational functions of `t = x - 1` times the function's zeros, `t (t - 1)` for `log_gamma`. Below 0.8
//! the recurrence `gamma(1 + x) = x gamma(x)` comes before, with `t = x`.
//!
//! A rational function is wrong by some 2 ulp of itself. So it is only ever the small part of a sum, whose large part is
//! exact or in two parts.

use super::Machine;
use super::arithmetic::polynomial;
use super::logarithm::{LogParts, above_pole, parts_of_positive};

/// From here on the series in `1 / x^2` is used.
const FAR: f64 = 2.46;
/// Below this the recurrence is used.
const RECURRENCE: f64 = 0.8;
/// What is added to `t` so that it is not negative.
const SHIFT: f64 = 0.3;
/// `log(2 pi) / 2 - 1/2`
const STIRLING: f64 = 0.418_938_533_204_672_7;
/// The zero of `digamma`, less one.
const ROOT: f64 = 0.461_632_144_968_362_36;
/// What is taken from the rational function of `digamma` and is linear: 0.21 at most is left where it is used.
const SLOPE: f64 = 0.375;
/// `digamma(1 + ROOT)`, which is not quite zero.
const AT_ROOT: f64 = 1.5020545501373212e-17;

/// `P` of `log_gamma(1 + t) = t (t - 1) (1/2 + P(v) / Q(v))` with `v = t + 0.3` from 0 to 1.76; the relative
/// error is 7.3e-18.
const LOG_GAMMA_NEAR_NUMERATOR: [f64; 9] = [
    0.168_890_375_722_221_82,
    0.404_298_793_223_710_65,
    -0.002_539_405_825_331_566_8,
    -0.723_809_064_402_820_8,
    -0.716_238_321_519_063_3,
    -0.269_630_454_920_030_74,
    -0.040_160_078_977_126_83,
    -0.001_778_945_526_886_680_2,
    -6.884_031_753_182_039e-07,
];
/// `Q` of the same.
const LOG_GAMMA_NEAR_DENOMINATOR: [f64; 8] = [
    1.0,
    4.668_108_932_590_693,
    8.573_503_411_737_79,
    7.877_631_025_462_056,
    3.812_862_613_601_349_7,
    0.939_609_235_306_308_9,
    0.104_022_887_726_363_06,
    0.003_708_395_110_178_262_5,
];
/// `P` of `log_gamma(x) = (x - 1/2) (log(x) - 1) + log(2 pi) / 2 - 1/2 + P(w) / (x Q(w))` with `w = 1 / x^2`, for `x`
/// above 2.46; the error of `P / Q` is 2.0e-18.
const LOG_GAMMA_FAR_NUMERATOR: [f64; 6] = [
    0.083_333_333_333_333_33,
    1.096_164_556_052_713_1,
    4.155_120_971_701_602,
    5.216_010_724_579_044,
    1.841_454_291_503_132_4,
    0.089_133_186_643_094_08,
];
/// `Q` of the same.
const LOG_GAMMA_FAR_DENOMINATOR: [f64; 6] = [
    1.0,
    13.187_308_005_965_84,
    50.291_504_784_445_415,
    64.150_061_632_897_5,
    23.840_914_395_245_37,
    1.502_364_891_500_574,
];
/// `P` of `digamma(1 + t) = (t - t0) (1 - SLOPE (t - t0) + P(v) / Q(v))`, where `t0` is the zero and `v = t + 0.3` from
/// 0 to 1.76; the relative error is 8.2e-19.
const DIGAMMA_NEAR_NUMERATOR: [f64; 8] = [
    0.316_242_018_837_271_8,
    -0.354_893_116_469_488_23,
    -0.553_844_817_771_180_1,
    0.056_520_191_334_586_75,
    0.192_282_252_911_623_1,
    0.059_339_220_534_181_863,
    0.006_184_852_269_217_726_5,
    0.000_185_240_644_797_935_76,
];
/// `Q` of the same.
const DIGAMMA_NEAR_DENOMINATOR: [f64; 7] = [
    1.0,
    2.807_791_990_947_858,
    2.641_868_671_788_319_3,
    1.100_901_483_337_074_7,
    0.214_672_899_220_402_95,
    0.018_165_902_561_962_85,
    0.000_494_128_886_940_036_3,
];
/// `P` of `digamma(x) = log(x) - 1 / (2 x) - w P(w) / Q(w)` with `w = 1 / x^2`, for `x` above 2.46; the error of `P / Q`
/// is 2.3e-17.
const DIGAMMA_FAR_NUMERATOR: [f64; 6] = [
    0.083_333_333_333_333_31,
    1.245_368_173_037_954_7,
    5.458_887_763_632_42,
    8.105_447_467_904_97,
    3.471_699_292_710_087_4,
    0.200_565_451_106_052_28,
];
/// `Q` of the same.
const DIGAMMA_FAR_DENOMINATOR: [f64; 6] = [
    1.0,
    15.044_418_076_454_85,
    66.963_475_923_834_62,
    103.295_316_315_433_52,
    49.462_500_329_471_82,
    4.667_716_101_133_223,
];

/// `log(gamma(x))` for `x > 0`: infinity at zero. Below zero it gives no number, although the logarithm of the size of
/// `gamma(x)` exists: there a caller that cannot exclude such arguments takes another way.
#[inline(always)]
pub fn log_gamma<M: Machine>(m: &mut M, x: M::Real) -> M::Real {
    let parts = parts_of_positive(m, x);
    let place = Place::of(m, x);

    let far_numerator = polynomial(m, place.inverse_square, &LOG_GAMMA_FAR_NUMERATOR);
    let far_numerator = m.multiply(place.inverse, far_numerator);
    let far_denominator = polynomial(m, place.inverse_square, &LOG_GAMMA_FAR_DENOMINATOR);
    let near_numerator = polynomial(m, place.v, &LOG_GAMMA_NEAR_NUMERATOR);
    let near_denominator = polynomial(m, place.v, &LOG_GAMMA_NEAR_DENOMINATOR);
    let numerator = m.select(place.is_far, far_numerator, near_numerator);
    let denominator = m.select(place.is_far, far_denominator, near_denominator);
    let quotient = m.divide(numerator, denominator);

    let far = log_gamma_far(m, x, &parts, quotient);
    let near = log_gamma_near(m, place.t, quotient);
    let recurred = parts.subtracted_from(m, near);
    let y = place.choose(m, far, near, recurred);
    let pole = m.real(0.0);
    above_pole(m, x, (pole, f64::INFINITY), y)
}

/// `(x - 1/2) (log(x) - 1) + constant + quotient`. The logarithm comes in two parts, for the product multiplies its
/// error; the smallest terms are added first.
#[inline(always)]
fn log_gamma_far<M: Machine>(m: &mut M, x: M::Real, log: &LogParts<M>, quotient: M::Real) -> M::Real {
    let (half, constant) = (m.real(0.5), m.real(STIRLING));
    let (log, lost) = log.minus_one(m);
    let factor = m.subtract(x, half);
    let small = m.multiply_add(factor, lost, quotient);
    let small = m.add(constant, small);
    m.multiply_add(factor, log, small)
}

/// `t (t - 1) (1/2 + quotient)`, in `z = |t - 1/2| - 1/2`, which is `-t` or `t - 1`: the distance from the nearer zero
/// `z` times `(1 + z) (1/2 + quotient)`. That factor is split into a power of two next to it, whose product with `z` is
/// exact, and a small rest.
#[inline(always)]
fn log_gamma_near<M: Machine>(m: &mut M, t: M::Real, quotient: M::Real) -> M::Real {
    let (half, quarter) = (m.real(0.5), m.real(0.25));
    let from_middle = m.subtract(t, half);
    let from_middle = m.abs(from_middle);
    let z = m.subtract(from_middle, half);
    let one_plus_z = m.add(from_middle, half);

    let is_middle = m.less(from_middle, quarter);
    let power = m.select(is_middle, quarter, half);
    let rest = m.subtract(half, power);
    let rest = m.multiply_add(half, z, rest);
    let rest = m.multiply_add(one_plus_z, quotient, rest);
    let exact = m.multiply(power, z);
    m.multiply_add(z, rest, exact)
}

/// The derivative of `log(gamma(x))` for `x > 0`: minus infinity at zero. Below zero it gives no number, although the
/// derivative exists between the poles: there a caller that cannot exclude such arguments takes another way.
#[inline(always)]
pub fn digamma<M: Machine>(m: &mut M, x: M::Real) -> M::Real {
    let parts = parts_of_positive(m, x);
    let place = Place::of(m, x);

    let far_numerator = polynomial(m, place.inverse_square, &DIGAMMA_FAR_NUMERATOR);
    let far_numerator = m.multiply(place.inverse_square, far_numerator);
    let far_denominator = polynomial(m, place.inverse_square, &DIGAMMA_FAR_DENOMINATOR);
    let near_numerator = polynomial(m, place.v, &DIGAMMA_NEAR_NUMERATOR);
    let near_denominator = polynomial(m, place.v, &DIGAMMA_NEAR_DENOMINATOR);

    let numerator = m.select(place.is_far, far_numerator, near_numerator);
    let denominator = m.select(place.is_far, far_denominator, near_denominator);
    let quotient = m.divide(numerator, denominator);
    // Far: log(x) - (1 / (2 x) + w P / Q).
    let half = m.real(0.5);
    let far = m.multiply_add(half, place.inverse, quotient);
    let far = parts.minus(m, far);
    let near = digamma_near(m, place.t, quotient);
    let recurred = m.subtract(near, place.inverse);
    let y = place.choose(m, far, near, recurred);

    let infinity = m.real(f64::INFINITY);
    let is_finite = m.less(x, infinity);
    let y = m.select(is_finite, y, x);
    let pole = m.real(0.0);
    above_pole(m, x, (pole, f64::NEG_INFINITY), y)
}

/// `(t - t0) (1 - SLOPE (t - t0) + quotient)`
#[inline(always)]
fn digamma_near<M: Machine>(m: &mut M, t: M::Real, quotient: M::Real) -> M::Real {
    let (root, at_root, minus_slope) = (m.real(ROOT), m.real(AT_ROOT), m.real(-SLOPE));
    let zero = m.subtract(t, root);
    let rest = m.multiply_add(zero, minus_slope, quotient);
    let rest = m.multiply_add(zero, rest, at_root);
    m.add(zero, rest)
}

/// Which formula an argument needs, and what they are formulas of.
struct Place<M: Machine> {
    is_far: M::Mask,
    is_recurred: M::Mask,
    /// `x`, or `x - 1`
    t: M::Real,
    /// `t`, shifted so that it is not negative: then the polynomials lose no digits.
    v: M::Real,
    /// `1 / x`
    inverse: M::Real,
    /// `1 / x^2`
    inverse_square: M::Real,
}

impl<M: Machine> Place<M> {
    #[inline(always)]
    fn of(m: &mut M, x: M::Real) -> Self {
        let (far, recurrence, one) = (m.real(FAR), m.real(RECURRENCE), m.real(1.0));
        let is_far = m.less(far, x);
        let is_recurred = m.less(x, recurrence);
        let less = m.subtract(x, one);
        let t = m.select(is_recurred, x, less);
        let shift = m.real(SHIFT);
        let v = m.add(t, shift);
        let inverse = m.divide(one, x);
        let inverse_square = m.multiply(inverse, inverse);
        Place { is_far, is_recurred, t, v, inverse, inverse_square }
    }

    #[inline(always)]
    fn choose(&self, m: &mut M, far: M::Real, near: M::Real, recurred: M::Real) -> M::Real {
        let near = m.select(self.is_recurred, recurred, near);
        m.select(self.is_far, far, near)
    }
}
