//! The elementwise operations of the graph: each with its value and its derivative.

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
}

impl Binary {
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
        }
    }
}
