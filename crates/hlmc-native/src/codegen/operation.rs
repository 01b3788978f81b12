//! The code of elementwise operations and of their adjoints: kernels inline where there is one, else a call a lane.

use std::sync::Arc;

use cranelift_codegen::ir::{AbiParam, InstBuilder, SigRef, Signature, Value, types};
use cranelift_codegen::isa::CallConv;
use cranelift_frontend::FunctionBuilder;

use super::machine::{Emitter, Width};
use crate::graph::{Binary, Unary};
use crate::kernel::{self, Machine};

/// Calls of scalar functions, for operations without a kernel.
pub(super) struct ScalarCalls {
    one: SigRef,
    two: SigRef,
    /// The operations called so far: the code holds their addresses, so that they live as long as it does.
    pub(super) unary: Vec<Arc<Unary>>,
    /// The same of two numbers.
    pub(super) binary: Vec<Arc<Binary>>,
}

impl ScalarCalls {
    /// Declares the calls in a function.
    pub(super) fn new(builder: &mut FunctionBuilder<'_>, convention: CallConv) -> Self {
        let mut declare = |n_numbers: usize| {
            let mut signature = Signature::new(convention);
            signature.params.push(AbiParam::new(types::I64));
            signature.params.extend(std::iter::repeat_n(AbiParam::new(types::F64), n_numbers));
            signature.returns.push(AbiParam::new(types::F64));
            builder.import_signature(signature)
        };
        ScalarCalls { one: declare(1), two: declare(2), unary: Vec::new(), binary: Vec::new() }
    }

    fn unary_address(&mut self, unary: Unary) -> i64 {
        let place = Arc::new(unary);
        let address = std::ptr::from_ref(&*place) as i64;
        self.unary.push(place);
        address
    }

    fn binary_address(&mut self, binary: Binary) -> i64 {
        let place = Arc::new(binary);
        let address = std::ptr::from_ref(&*place) as i64;
        self.binary.push(place);
        address
    }
}

extern "C" fn unary_value(unary: &Unary, x: f64) -> f64 {
    unary.value(x)
}

extern "C" fn unary_derivative(unary: &Unary, x: f64, y: f64) -> f64 {
    unary.derivative(x, y)
}

extern "C" fn binary_value(binary: &Binary, x: f64, y: f64) -> f64 {
    binary.value(x, y)
}

extern "C" fn binary_first_partial(binary: &Binary, x: f64, y: f64) -> f64 {
    binary.partials(x, y, binary.value(x, y)).0
}

extern "C" fn binary_second_partial(binary: &Binary, x: f64, y: f64) -> f64 {
    binary.partials(x, y, binary.value(x, y)).1
}

/// A value, and what its adjoint can use again.
#[derive(Clone, Copy)]
pub(super) struct Computed {
    /// The value.
    pub(super) value: Value,
    /// Derivatives that came with it, in the operands' order.
    pub(super) slopes: Option<(Value, Value)>,
}

impl Computed {
    fn plain(value: Value) -> Self {
        Computed { value, slopes: None }
    }
}

/// The value of an operation of one number; with its derivative where both come together and `with_slope` asks for it.
pub(super) fn unary(
    e: &mut Emitter<'_, '_>,
    calls: &mut ScalarCalls,
    unary: Unary,
    x: Value,
    with_slope: bool,
) -> Computed {
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
        other => {
            let operation = calls.unary_address(other);
            call(e, calls.one, unary_value as *const () as usize, operation, &[x])
        }
    })
}

/// The derivative of an operation of one number at `x`, where it is `y`.
pub(super) fn slope(e: &mut Emitter<'_, '_>, calls: &mut ScalarCalls, unary: Unary, x: Value, y: Value) -> Value {
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
        other => {
            let operation = calls.unary_address(other);
            call(e, calls.two, unary_derivative as *const () as usize, operation, &[x, y])
        }
    }
}

/// The value of an operation of two numbers; with its partial derivatives where they come with it and are asked for.
pub(super) fn binary(
    e: &mut Emitter<'_, '_>,
    calls: &mut ScalarCalls,
    binary: Binary,
    (x, y): (Value, Value),
    with_slopes: bool,
) -> Computed {
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
        other => {
            let operation = calls.binary_address(other);
            call(e, calls.two, binary_value as *const () as usize, operation, &[x, y])
        }
    })
}

/// 1 where a mask holds, else 0.
fn truth(e: &mut Emitter<'_, '_>, mask: Value) -> Value {
    let (one, zero) = (e.real(1.0), e.real(0.0));
    e.select(mask, one, zero)
}

/// `x` where `mask` is not 0, else `y`.
pub(super) fn select(e: &mut Emitter<'_, '_>, mask: Value, x: Value, y: Value) -> Value {
    let zero = e.real(0.0);
    let is_off = e.equal(mask, zero);
    e.select(is_off, y, x)
}

/// Lane by lane, a call of a function whose first argument is the address of the operation.
fn call(e: &mut Emitter<'_, '_>, signature: SigRef, function: usize, operation: i64, x: &[Value]) -> Value {
    let one_lane = |e: &mut Emitter<'_, '_>, x: &[Value]| {
        let function = e.builder.ins().iconst(types::I64, function as i64);
        let mut arguments = vec![e.builder.ins().iconst(types::I64, operation)];
        arguments.extend(x);
        let call = e.builder.ins().call_indirect(signature, function, &arguments);
        e.builder.inst_results(call)[0]
    };
    if e.width == Width::One {
        return one_lane(e, x);
    }
    let lanes: Vec<Value> = (0..2)
        .map(|lane| {
            let x: Vec<Value> = x.iter().map(|x| e.builder.ins().extractlane(*x, lane)).collect();
            one_lane(e, &x)
        })
        .collect();
    let first = e.builder.ins().scalar_to_vector(types::F64X2, lanes[0]);
    e.builder.ins().insertlane(first, lanes[1], 1)
}

/// What an operation of two numbers adds to the adjoints of both.
pub(super) fn binary_adjoints(
    e: &mut Emitter<'_, '_>,
    calls: &mut ScalarCalls,
    binary: Binary,
    (x, y): (Value, Value),
    own: Computed,
    adjoint: Value,
) -> (Value, Value) {
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
        (other, None) => {
            let operation = calls.binary_address(other);
            let first = call(e, calls.two, binary_first_partial as *const () as usize, operation, &[x, y]);
            (first, call(e, calls.two, binary_second_partial as *const () as usize, operation, &[x, y]))
        }
    };
    (e.multiply(adjoint, first), e.multiply(adjoint, second))
}
