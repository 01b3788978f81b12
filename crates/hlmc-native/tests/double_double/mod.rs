//! Numbers of about 106 bits as sums of two, and the reference values that the kernels are compared with.
//!
//! The sums and products are those of Dekker, "A floating-point technique for extending the available precision" (1971).

use std::ops::{Add, Div, Mul, Neg, Sub};

/// `high + low`, where `low` is at most half a unit in the last place of `high`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DoubleDouble {
    pub(crate) high: f64,
    pub(crate) low: f64,
}

const LN_2: DoubleDouble = DoubleDouble { high: std::f64::consts::LN_2, low: 2.319_046_813_846_299_6e-17 };

const PI: DoubleDouble = DoubleDouble { high: std::f64::consts::PI, low: 1.2246467991473532e-16 };
/// Euler's constant.
const EULER: DoubleDouble = DoubleDouble { high: 0.5772156649015329, low: -4.942915152430645e-18 };
/// Riemann's zeta function at 3.
const ZETA_3: f64 = 1.2020569031595942;
/// The positive zero of `digamma`.
const DIGAMMA_ZERO: DoubleDouble = DoubleDouble { high: 1.4616321449683622, low: 9.549995429965697e-17 };
/// What the zero lacks yet.
const DIGAMMA_ZERO_REST: f64 = 2.89392992820415e-33;
/// The derivatives of `digamma` at its zero, the n-th one divided by n factorial.
const DIGAMMA_SERIES: [DoubleDouble; 3] = [
    DoubleDouble { high: 0.9676722454476212, low: -3.387874303038943e-17 },
    DoubleDouble { high: -0.4427631689835921, low: -2.4685968258808798e-17 },
    DoubleDouble { high: 0.258499760955651, low: -1.50046082237735e-17 },
];
/// `pi / 2` in parts.
const HALF_PI: [f64; 4] =
    [std::f64::consts::FRAC_PI_2, 6.123233995736766e-17, -1.4973849048591698e-33, 5.562271104316826e-50];
/// Bernoulli's numbers from the second on, every other one: numerators and denominators.
const BERNOULLI: [(f64, f64); 13] = [
    (1.0, 6.0),
    (-1.0, 30.0),
    (1.0, 42.0),
    (-1.0, 30.0),
    (5.0, 66.0),
    (-691.0, 2730.0),
    (7.0, 6.0),
    (-3617.0, 510.0),
    (43867.0, 798.0),
    (-174611.0, 330.0),
    (854513.0, 138.0),
    (-236364091.0, 2730.0),
    (8553103.0, 6.0),
];

/// Beyond this the terms of Stirling's series vanish in `x`.
const LARGE: f64 = 1e40;
/// Below this `exp` is zero.
const LOWEST: f64 = -750.0;
/// Below this size `expm1` and `log1p` give back their argument to 106 bits.
const TINY: f64 = 1e-33;

impl From<f64> for DoubleDouble {
    fn from(x: f64) -> Self {
        DoubleDouble { high: x, low: 0.0 }
    }
}

fn two_sum(x: f64, y: f64) -> DoubleDouble {
    let high = x + y;
    let back = high - x;
    DoubleDouble { high, low: (x - (high - back)) + (y - back) }
}

fn two_product(x: f64, y: f64) -> DoubleDouble {
    let high = x * y;
    DoubleDouble { high, low: x.mul_add(y, -high) }
}

impl Add for DoubleDouble {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        let sum = two_sum(self.high, other.high);
        let low = two_sum(self.low, other.low);
        let sum = two_sum(sum.high, sum.low + low.high);
        two_sum(sum.high, sum.low + low.low)
    }
}

impl Neg for DoubleDouble {
    type Output = Self;
    fn neg(self) -> Self {
        DoubleDouble { high: -self.high, low: -self.low }
    }
}

impl Sub for DoubleDouble {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Mul for DoubleDouble {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        let product = two_product(self.high, other.high);
        two_sum(product.high, product.low + (self.high * other.low + self.low * other.high))
    }
}

impl Div for DoubleDouble {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        let first = self.high / other.high;
        let rest = self - other * first.into();
        let second = rest.high / other.high;
        let rest = rest - other * second.into();
        two_sum(first, second) + (rest.high / other.high).into()
    }
}

impl DoubleDouble {
    /// Times a power of two, in steps that do not overflow on the way.
    fn times_power_of_two(self, exponent: i32) -> Self {
        let (first, second) = (exponent / 2, exponent - exponent / 2);
        let times = |x: f64| x * 2_f64.powi(first) * 2_f64.powi(second);
        DoubleDouble { high: times(self.high), low: times(self.low) }
    }

    pub(crate) fn min(self, bound: f64) -> Self {
        if self.high > bound { bound.into() } else { self }
    }

    pub(crate) fn abs(self) -> Self {
        if self.high < 0.0 { -self } else { self }
    }

    /// `exp(x) - 1`
    pub(crate) fn expm1(self) -> Self {
        if self.high.abs() > 0.4 {
            return self.exp() - 1.0.into();
        }
        if self.high.abs() < TINY {
            return self;
        }
        const HALVINGS: i32 = 8;
        let x = self.times_power_of_two(-HALVINGS);
        let mut y = DoubleDouble::from(0.0);
        for n in (1..=12).rev() {
            y = (x + x * y) / f64::from(n).into();
        }
        // exp(2 x) - 1 = 2 y + y^2
        (0..HALVINGS).fold(y, |y, _| y + y + y * y)
    }

    pub(crate) fn exp(self) -> Self {
        if self.high < LOWEST {
            return 0.0.into();
        }
        let exponent = (self.high / LN_2.high).round();
        let rest = self - LN_2 * exponent.into();
        (rest.expm1() + 1.0.into()).times_power_of_two(exponent as i32)
    }

    /// `log(1 + x)`
    pub(crate) fn log1p(self) -> Self {
        if !(-0.5..1.0).contains(&self.high) {
            return (self + 1.0.into()).log();
        }
        if self.high.abs() < TINY {
            return self;
        }
        let start = DoubleDouble::from(self.high.ln_1p());
        let back = start.expm1();
        let relative = (self - back) / (back + 1.0.into());
        start + relative - relative * relative * 0.5.into()
    }

    pub(crate) fn log(self) -> Self {
        let exponent = self.high.log2().round() as i32;
        let significand = self.times_power_of_two(-exponent);
        LN_2 * f64::from(exponent).into() + (significand - 1.0.into()).log1p()
    }

    /// `log(gamma(x))` for positive `x`.
    pub(crate) fn log_gamma(self) -> Self {
        // Near the zeros the other formula cancels: the series in zeta functions, NIST DLMF 5.7.3.
        for (zero, of_two) in [(1.0, 0.0), (2.0, 1.0)] {
            let t = self - zero.into();
            if t.high.abs() < 1e-8 {
                let series = t * (EULER - t * (PI * PI / 12.0.into() - t * (ZETA_3 / 3.0).into()));
                return t.log1p() * of_two.into() - series;
            }
        }
        let (shifted, product, _) = self.above_forty();
        let shifted_or_large = shifted.min(LARGE);
        let square = shifted_or_large * shifted_or_large;
        let mut series = DoubleDouble::from(0.0);
        for (k, (numerator, denominator)) in BERNOULLI.into_iter().enumerate().rev() {
            let n = 2.0 * k as f64 + 2.0;
            series = series / square + DoubleDouble::from(numerator) / (denominator * n * (n - 1.0)).into();
        }
        let log = shifted.log();
        let half_log = (PI + PI).log() * 0.5.into();
        let stirling = (shifted - 0.5.into()) * (log - 1.0.into()) + (half_log - 0.5.into());
        stirling + series / shifted_or_large - product.log()
    }

    /// The derivative of [`DoubleDouble::log_gamma`].
    pub(crate) fn digamma(self) -> Self {
        // Near the zero the other formula cancels.
        let t = self - DIGAMMA_ZERO - DIGAMMA_ZERO_REST.into();
        if t.high.abs() < 1e-7 {
            return DIGAMMA_SERIES.into_iter().rev().fold(0.0.into(), |sum, term| (sum + term) * t);
        }
        let (shifted, _, inverses) = self.above_forty();
        let shifted_or_large = shifted.min(LARGE);
        let square = shifted_or_large * shifted_or_large;
        let mut series = DoubleDouble::from(0.0);
        for (k, (numerator, denominator)) in BERNOULLI.into_iter().enumerate().rev() {
            let n = 2.0 * k as f64 + 2.0;
            series = (series + DoubleDouble::from(numerator) / (denominator * n).into()) / square;
        }
        shifted.log() - DoubleDouble::from(0.5) / shifted_or_large - series - inverses
    }

    /// `x + n` above 40, the product of `x`, `x + 1`, ... below it, and the sum of their inverses.
    fn above_forty(self) -> (Self, Self, Self) {
        let (mut x, mut product, mut inverses) = (self, DoubleDouble::from(1.0), DoubleDouble::from(0.0));
        while x.high < 40.0 {
            product = product * x;
            inverses = inverses + DoubleDouble::from(1.0) / x;
            x = x + 1.0.into();
        }
        (x, product, inverses)
    }

    /// The sine and the cosine of a number below 1e7 in size.
    pub(crate) fn sin_cos(self) -> (Self, Self) {
        let count = (self.high * std::f64::consts::FRAC_2_PI).round();
        let parts = HALF_PI.map(|part| two_product(part, count));
        let rest = parts.into_iter().fold(self, |rest, part| rest - part);
        let square = rest * rest;
        let (mut sin, mut cos) = (DoubleDouble::from(0.0), DoubleDouble::from(0.0));
        for n in (1..=14).rev() {
            let n = 2.0 * f64::from(n);
            cos = -(square + square * cos) / (n * (n - 1.0)).into();
            sin = -(square + square * sin) / (n * (n + 1.0)).into();
        }
        let (sin, cos) = (rest + rest * sin, cos + 1.0.into());
        match count.rem_euclid(4.0) as i32 {
            0 => (sin, cos),
            1 => (cos, -sin),
            2 => (-sin, -cos),
            _ => (-cos, sin),
        }
    }

    /// The distance of a number from this one, in units of this one's last place.
    pub(crate) fn ulps_to(self, x: f64) -> f64 {
        if x == self.high || (x.is_nan() && self.high.is_nan()) {
            return (self.low / ulp(self.high)).abs();
        }
        ((DoubleDouble::from(x) - self).high / ulp(self.high)).abs()
    }
}

/// The distance between neighbouring numbers of the size of `x`.
pub(crate) fn ulp(x: f64) -> f64 {
    let x = x.abs().min(f64::MAX);
    let bits = x.to_bits();
    let below = if x == f64::MAX { f64::from_bits(bits - 1) } else { x };
    f64::from_bits(below.to_bits() + 1) - below
}
