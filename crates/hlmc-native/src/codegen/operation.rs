//! The code of elementwise operations and of their adjoints: kernels inline where there is one, else a call a lane.

use crate::graph::{Binary, Unary};
use crate::kernel::{self, Machine};

/// A machine that also calls what has no kernel.
pub(super) trait Operations: Machine {
    /// What a function gives in every lane; as many operands as it takes.
    fn call(&mut self, function: Called, x: &[Self::Real]) -> Self::Real;
}

/// A function without a kernel.
#[derive(Clone, Copy, Debug)]
pub(super) enum Called {
    /// The value of an operation at its operand.
    Unary(Unary),
    /// Its derivative at its operand, where its value is the second.
    Slope(Unary),
    /// The value of an operation at its two operands.
    Binary(Binary),
    /// Its derivative by the first of them.
    FirstPartial(Binary),
    /// Its derivative by the second of them.
    SecondPartial(Binary),
}

impl Called {
    /// The function at a point; the second number is that of functions of two.
    pub(super) fn at(self, x: f64, y: f64) -> f64 {
        match self {
            Called::Unary(unary) => unary.value(x),
            Called::Slope(unary) => unary.derivative(x, y),
            Called::Binary(binary) => binary.value(x, y),
            Called::FirstPartial(binary) => binary.partials(x, y, binary.value(x, y)).0,
            Called::SecondPartial(binary) => binary.partials(x, y, binary.value(x, y)).1,
        }
    }
}

/// A value, and what its adjoint can use again.
#[derive(Clone, Copy)]
pub(super) struct Computed<R> {
    /// The value.
    pub(super) value: R,
    /// Derivatives that came with it, in the operands' order.
    pub(super) slopes: Option<(R, R)>,
}

impl<R> Computed<R> {
    /// A value alone.
    pub(super) fn plain(value: R) -> Self {
        Computed { value, slopes: None }
    }
}

/// The value of an operation of one number; with its derivative where both come together and `with_slope` asks for it.
pub(super) fn unary<M: Operations>(e: &mut M, unary: Unary, x: M::Real, with_slope: bool) -> Computed<M::Real> {
    Computed::plain(match unary {
        Unary::Negate => e.negate(x),
        Unary::Exp => kernel::exp(e, x),
        Unary::Log => kernel::log(e, x),
        Unary::Sqrt => e.sqrt(x),
        Unary::Square => e.multiply(x, x),
        Unary::Reciprocal => {
            let one = e.real(1.0);
            e.divide(one, x)
        }
        Unary::Abs => e.abs(x),
        Unary::Log1p => kernel::log1p(e, x),
        Unary::Expm1 => kernel::expm1(e, x),
        Unary::Log1pExp if with_slope => {
            let (value, slope) = kernel::log1p_exp_with_slope(e, x);
            return Computed { value, slopes: Some((slope, slope)) };
        }
        Unary::Log1pExp => kernel::log1p_exp(e, x),
        Unary::InvLogit => kernel::inv_logit(e, x),
        Unary::Tanh => kernel::tanh(e, x),
        other => e.call(Called::Unary(other), &[x]),
    })
}

/// `log(1 + exp(x))` with its derivative, where the exponential of `x` or `-x` is there.
pub(super) fn softplus_by_exponential<M: Machine>(e: &mut M, x: M::Real, exponential: M::Real) -> Computed<M::Real> {
    let (value, slope) = kernel::log1p_exp_by_exponential(e, x, exponential);
    Computed { value, slopes: Some((slope, slope)) }
}

/// The derivative of an operation of one number at `x`, where it is `y`.
pub(super) fn slope<M: Operations>(e: &mut M, unary: Unary, x: M::Real, y: M::Real) -> M::Real {
    match unary {
        Unary::Negate => e.real(-1.0),
        Unary::Exp => y,
        Unary::Log => {
            let one = e.real(1.0);
            e.divide(one, x)
        }
        Unary::Sqrt => {
            let half = e.real(0.5);
            e.divide(half, y)
        }
        Unary::Square => e.add(x, x),
        Unary::Reciprocal => {
            let square = e.multiply(y, y);
            e.negate(square)
        }
        Unary::Log1p => {
            let one = e.real(1.0);
            let sum = e.add(one, x);
            e.divide(one, sum)
        }
        Unary::Expm1 => {
            let one = e.real(1.0);
            e.add(y, one)
        }
        Unary::Log1pExp => kernel::inv_logit(e, x),
        Unary::InvLogit => {
            let one = e.real(1.0);
            let rest = e.subtract(one, y);
            e.multiply(y, rest)
        }
        Unary::Tanh => {
            let one = e.real(1.0);
            let square = e.multiply(y, y);
            e.subtract(one, square)
        }
        other => e.call(Called::Slope(other), &[x, y]),
    }
}

/// Which numbers [`slope`] and [`binary_adjoints`] make a derivative of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reads {
    /// The operand, or both.
    pub(super) operands: [bool; 2],
    /// The operation's value.
    pub(super) own: bool,
}

impl Reads {
    const NOTHING: Reads = Reads { operands: [false, false], own: false };
    const OWN: Reads = Reads { operands: [false, false], own: true };
    const OPERANDS: Reads = Reads { operands: [true, true], own: false };

    /// Of an operation of one number.
    pub(super) fn of_unary(unary: Unary) -> Reads {
        match unary {
            Unary::Negate => Reads::NOTHING,
            Unary::Exp | Unary::Sqrt | Unary::Reciprocal | Unary::Expm1 | Unary::InvLogit | Unary::Tanh => Reads::OWN,
            Unary::Log | Unary::Square | Unary::Log1p | Unary::Log1pExp => Reads::OPERANDS,
            _ => Reads { own: true, ..Reads::OPERANDS },
        }
    }

    /// Of an operation of two numbers.
    pub(super) fn of_binary(binary: Binary) -> Reads {
        match binary {
            Binary::Add | Binary::Subtract | Binary::Less | Binary::LessEqual | Binary::Equal => Reads::NOTHING,
            Binary::Divide => Reads { operands: [false, true], own: true },
            _ => Reads::OPERANDS,
        }
    }
}

/// The value of an operation of two numbers; with its partial derivatives where they come with it and are asked for.
pub(super) fn binary<M: Operations>(
    e: &mut M,
    binary: Binary,
    (x, y): (M::Real, M::Real),
    with_slopes: bool,
) -> Computed<M::Real> {
    Computed::plain(match binary {
        Binary::Add => e.add(x, y),
        Binary::Subtract => e.subtract(x, y),
        Binary::Multiply => e.multiply(x, y),
        Binary::Divide => e.divide(x, y),
        Binary::LogSumExp if with_slopes => {
            let (value, first, second) = kernel::log_sum_exp_with_weights(e, x, y);
            return Computed { value, slopes: Some((first, second)) };
        }
        Binary::LogSumExp => kernel::log_sum_exp(e, x, y),
        Binary::Less => {
            let holds = e.less(x, y);
            truth(e, holds)
        }
        Binary::LessEqual => {
            let (is_less, is_equal) = (e.less(x, y), e.equal(x, y));
            let (one, below) = (e.real(1.0), truth(e, is_less));
            e.select(is_equal, one, below)
        }
        Binary::Equal => {
            let holds = e.equal(x, y);
            truth(e, holds)
        }
        other => e.call(Called::Binary(other), &[x, y]),
    })
}

/// 1 where a mask holds, else 0.
fn truth<M: Machine>(e: &mut M, mask: M::Mask) -> M::Real {
    let (one, zero) = (e.real(1.0), e.real(0.0));
    e.select(mask, one, zero)
}

/// `x` where `mask` is not 0, else `y`.
pub(super) fn select<M: Machine>(e: &mut M, mask: M::Real, x: M::Real, y: M::Real) -> M::Real {
    let zero = e.real(0.0);
    let is_off = e.equal(mask, zero);
    e.select(is_off, y, x)
}

/// What an operation of two numbers adds to the adjoints of both.
pub(super) fn binary_adjoints<M: Operations>(
    e: &mut M,
    binary: Binary,
    (x, y): (M::Real, M::Real),
    own: Computed<M::Real>,
    adjoint: M::Real,
) -> (M::Real, M::Real) {
    if matches!(binary, Binary::Less | Binary::LessEqual | Binary::Equal) {
        let zero = e.real(0.0);
        return (zero, zero);
    }
    let (first, second) = match (binary, own.slopes) {
        (_, Some(slopes)) => slopes,
        (Binary::Divide, None) => {
            let first = e.divide(adjoint, y);
            let product = e.multiply(first, own.value);
            return (first, e.negate(product));
        }
        (Binary::LogSumExp, None) => {
            let (_, first, second) = kernel::log_sum_exp_with_weights(e, x, y);
            (first, second)
        }
        (other, None) => (e.call(Called::FirstPartial(other), &[x, y]), e.call(Called::SecondPartial(other), &[x, y])),
    };
    (e.multiply(adjoint, first), e.multiply(adjoint, second))
}
