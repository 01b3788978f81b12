//! The elementwise operations of the graph: each with its value and its derivative.

use std::f64::consts::FRAC_2_SQRT_PI;

use hlmc_builtins::table::Domain;
use hlmc_math::special;

/// Operations of one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unary {
    /// `-x`
    Negate,
    /// `exp(x)`
    Exp,
    /// `log(x)`
    Log,
    /// `sqrt(x)`
    Sqrt,
    /// `x * x`
    Square,
    /// `1 / x`
    Reciprocal,
    /// `|x|`
    Abs,
    /// `log(1 + x)`
    Log1p,
    /// `exp(x) - 1`
    Expm1,
    /// `log(1 + exp(x))`
    Log1pExp,
    /// `1 / (1 + exp(-x))`
    InvLogit,
    /// `tanh(x)`
    Tanh,
    /// `sin(x)`
    Sin,
    /// `cos(x)`
    Cos,
    /// `log(gamma(x))`
    Lgamma,
    /// The derivative of `log(gamma(x))`
    Digamma,
    /// `log(1 - exp(x))`
    Log1mExp,
    /// The distribution function of the standard normal
    Phi,
    /// `log(Phi(x))`, accurate in both tails
    LogPhi,
    /// The quantile function of the standard normal
    InvPhi,
    /// The error function
    Erf,
    /// `1 - erf(x)`
    Erfc,
    /// The real cube root
    Cbrt,
    /// `tan(x)`
    Tan,
    /// The arc sine
    Asin,
    /// The arc cosine
    Acos,
    /// The arc tangent
    Atan,
    /// `sinh(x)`
    Sinh,
    /// `cosh(x)`
    Cosh,
    /// The inverse of `sinh`
    Asinh,
    /// The inverse of `cosh`
    Acosh,
    /// The inverse of `tanh`
    Atanh,
    /// The largest integer not above `x`
    Floor,
    /// The smallest integer not below `x`
    Ceil,
    /// The nearest integer, halves away from 0
    Round,
    /// The integer part, towards 0
    Trunc,
}

impl Unary {
    /// The value at `x`.
    #[inline]
    #[must_use]
    pub fn value(self, x: f64) -> f64 {
        match self {
            Unary::Negate => -x,
            Unary::Exp => x.exp(),
            Unary::Log => x.ln(),
            Unary::Sqrt => x.sqrt(),
            Unary::Square => x * x,
            Unary::Reciprocal => 1.0 / x,
            Unary::Abs => x.abs(),
            Unary::Log1p => x.ln_1p(),
            Unary::Expm1 => x.exp_m1(),
            Unary::Log1pExp => special::log1p_exp(x),
            Unary::InvLogit => special::inv_logit(x),
            Unary::Tanh => x.tanh(),
            Unary::Sin => x.sin(),
            Unary::Cos => x.cos(),
            Unary::Lgamma => special::lgamma(x),
            Unary::Digamma => special::digamma(x),
            Unary::Log1mExp => special::log1m_exp(x),
            Unary::Phi => special::phi(x),
            Unary::LogPhi => special::std_normal_lcdf(x),
            Unary::InvPhi => special::inv_phi(x),
            Unary::Erf => special::erf(x),
            Unary::Erfc => special::erfc(x),
            Unary::Cbrt => x.cbrt(),
            Unary::Tan => x.tan(),
            Unary::Asin => x.asin(),
            Unary::Acos => x.acos(),
            Unary::Atan => x.atan(),
            Unary::Sinh => x.sinh(),
            Unary::Cosh => x.cosh(),
            Unary::Asinh => special::asinh(x),
            Unary::Acosh => special::acosh(x),
            Unary::Atanh => special::atanh(x),
            Unary::Floor => x.floor(),
            Unary::Ceil => x.ceil(),
            Unary::Round => x.round(),
            Unary::Trunc => x.trunc(),
        }
    }

    /// The derivative at `x`, where the value is `y`.
    #[inline]
    #[must_use]
    pub fn derivative(self, x: f64, y: f64) -> f64 {
        match self {
            Unary::Negate => -1.0,
            Unary::Exp => y,
            Unary::Log => 1.0 / x,
            Unary::Sqrt => 0.5 / y,
            Unary::Square => 2.0 * x,
            Unary::Reciprocal => -y * y,
            Unary::Abs => {
                if x == 0.0 {
                    0.0
                } else {
                    x.signum()
                }
            }
            Unary::Log1p => 1.0 / (1.0 + x),
            Unary::Expm1 => y + 1.0,
            Unary::Log1pExp => special::inv_logit(x),
            Unary::InvLogit => y * (1.0 - y),
            Unary::Tanh => 1.0 - y * y,
            Unary::Sin => x.cos(),
            Unary::Cos => -x.sin(),
            Unary::Lgamma => special::digamma(x),
            Unary::Digamma => special::trigamma(x),
            Unary::Log1mExp => -1.0 / (-x).exp_m1(),
            Unary::Phi => special::std_normal_density(x),
            Unary::LogPhi => special::std_normal_hazard(-x),
            Unary::InvPhi => 1.0 / special::std_normal_density(y),
            Unary::Erf => FRAC_2_SQRT_PI * (-x * x).exp(),
            Unary::Erfc => -FRAC_2_SQRT_PI * (-x * x).exp(),
            Unary::Cbrt => 1.0 / (3.0 * y * y),
            Unary::Tan => 1.0 + y * y,
            Unary::Asin => 1.0 / ((1.0 - x) * (1.0 + x)).sqrt(),
            Unary::Acos => -1.0 / ((1.0 - x) * (1.0 + x)).sqrt(),
            Unary::Atan => 1.0 / (1.0 + x * x),
            Unary::Sinh => x.cosh(),
            Unary::Cosh => x.sinh(),
            Unary::Asinh => 1.0 / x.hypot(1.0),
            Unary::Acosh => 1.0 / ((x - 1.0).sqrt() * (x + 1.0).sqrt()),
            Unary::Atanh => 1.0 / ((1.0 - x) * (1.0 + x)),
            Unary::Floor | Unary::Ceil | Unary::Round | Unary::Trunc => 0.0,
        }
    }
}

impl Unary {
    /// Where value and derivative are finite, and a number in it, for operations that are not defined everywhere.
    #[must_use]
    pub fn interior(self) -> Option<(Domain, f64)> {
        match self {
            Unary::Log | Unary::Sqrt | Unary::Reciprocal | Unary::Lgamma | Unary::Digamma | Unary::Cbrt => {
                Some((Domain::Positive, 1.0))
            }
            Unary::Log1p => Some((Domain::NonNegative, 1.0)),
            Unary::Log1mExp => Some((Domain::Between(f64::NEG_INFINITY, -f64::MIN_POSITIVE), -1.0)),
            Unary::InvPhi | Unary::Asin | Unary::Acos | Unary::Atanh => Some((Domain::Between(0.1, 0.9), 0.5)),
            Unary::Acosh => Some((Domain::Between(2.0, f64::MAX), 2.0)),
            _ => None,
        }
    }
}

/// Operations of two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Binary {
    /// `x + y`
    Add,
    /// `x - y`
    Subtract,
    /// `x * y`
    Multiply,
    /// `x / y`
    Divide,
    /// `log(exp(x) + exp(y))`
    LogSumExp,
    /// `x` to the power of `y`, of any sign
    Power,
    /// `log(gamma(x + y)) - log(gamma(x))`, without cancellation for large `x`
    LgammaDifference,
    /// 1 where `x < y`, else 0
    Less,
    /// 1 where `x <= y`, else 0
    LessEqual,
    /// 1 where `x == y`, else 0
    Equal,
}

impl Binary {
    /// Where value and derivatives are finite, operand by operand, and a number in both domains, for operations that
    /// are not defined everywhere.
    #[must_use]
    pub fn interior(self) -> Option<((Domain, Domain), f64)> {
        match self {
            Binary::Divide => Some(((Domain::Unchecked, Domain::Positive), 1.0)),
            Binary::Power => Some(((Domain::Positive, Domain::Unchecked), 1.0)),
            Binary::LgammaDifference => Some(((Domain::Positive, Domain::NonNegative), 1.0)),
            _ => None,
        }
    }

    /// The value at `x`, `y`.
    #[inline]
    #[must_use]
    pub fn value(self, x: f64, y: f64) -> f64 {
        match self {
            Binary::Add => x + y,
            Binary::Subtract => x - y,
            Binary::Multiply => x * y,
            Binary::Divide => x / y,
            Binary::LogSumExp => special::log_sum_exp2(x, y),
            Binary::Power => x.powf(y),
            Binary::LgammaDifference => special::lgamma_difference(x, y),
            Binary::Less => f64::from(x < y),
            Binary::LessEqual => f64::from(x <= y),
            Binary::Equal => f64::from(x == y),
        }
    }

    /// The partial derivatives at `x`, `y`, where the value is `z`.
    #[inline]
    #[must_use]
    pub fn partials(self, x: f64, y: f64, z: f64) -> (f64, f64) {
        match self {
            Binary::Add => (1.0, 1.0),
            Binary::Subtract => (1.0, -1.0),
            Binary::Multiply => (y, x),
            Binary::Divide => (1.0 / y, -z / y),
            Binary::LogSumExp => (special::inv_logit(x - y), special::inv_logit(y - x)),
            Binary::Power => power_partials(x, y, z),
            Binary::LgammaDifference => (special::digamma_difference(x, y), special::digamma(x + y)),
            Binary::Less | Binary::LessEqual | Binary::Equal => (0.0, 0.0),
        }
    }
}

/// The partial derivatives of `z = x^y`, 0 at the points where the table says so (see `special::pow`).
fn power_partials(x: f64, y: f64, z: f64) -> (f64, f64) {
    let in_base = if y == 0.0 || (x == 0.0 && y < 1.0) { 0.0 } else { y * x.powf(y - 1.0) };
    (in_base, if x == 0.0 { 0.0 } else { z * x.ln() })
}
