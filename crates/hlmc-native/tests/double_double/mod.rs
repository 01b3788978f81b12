//! Numbers of about 106 bits as sums of two, and the reference values that the kernels are compared with.
//!
//! The sums and products are those of Dekker, "A floating-point technique for extending the available precision" (1971).

use std::ops::{Add, Div, Mul, Neg, Sub};

/// `high + low`, where `low` is at most half a unit in the last place of `high`.
#[derive(Clone, Copy, Debug)]
pub struct DoubleDouble {
    pub high: f64,
    pub low: f64,
}

const LN_2: DoubleDouble = DoubleDouble { high: std::f64::consts::LN_2, low: 2.319_046_813_846_299_6e-17 };

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

    pub fn abs(self) -> Self {
        if self.high < 0.0 { -self } else { self }
    }

    /// `exp(x) - 1`
    pub fn expm1(self) -> Self {
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

    pub fn exp(self) -> Self {
        if self.high < LOWEST {
            return 0.0.into();
        }
        let exponent = (self.high / LN_2.high).round();
        let rest = self - LN_2 * exponent.into();
        (rest.expm1() + 1.0.into()).times_power_of_two(exponent as i32)
    }

    /// `log(1 + x)`
    pub fn log1p(self) -> Self {
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

    pub fn log(self) -> Self {
        let exponent = self.high.log2().round() as i32;
        let significand = self.times_power_of_two(-exponent);
        LN_2 * f64::from(exponent).into() + (significand - 1.0.into()).log1p()
    }

    /// The distance of a number from this one, in units of this one's last place.
    pub fn ulps_to(self, x: f64) -> f64 {
        if x == self.high || (x.is_nan() && self.high.is_nan()) {
            return (self.low / ulp(self.high)).abs();
        }
        ((DoubleDouble::from(x) - self).high / ulp(self.high)).abs()
    }
}

/// The distance between neighbouring numbers of the size of `x`.
pub fn ulp(x: f64) -> f64 {
    let x = x.abs().min(f64::MAX);
    let bits = x.to_bits();
    let below = if x == f64::MAX { f64::from_bits(bits - 1) } else { x };
    f64::from_bits(below.to_bits() + 1) - below
}
