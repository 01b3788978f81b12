//! Two operands entry by entry, with a scalar broadcast: the common core of `+`, `-`, `.*`, `./` and `/`.

use std::ops::{Add, Div, Mul, Sub};

use hlmc_math::Real;
use num_complex::Complex;

use crate::fault::Fault;
use crate::value::{Complexes, Dims, Entries, Kind, Reals, Value};

/// What `+ - * /` are defined for: plain numbers, numbers of the engine, complex numbers.
pub(super) trait Arithmetic:
    Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self>
{
}

impl<T> Arithmetic for T where T: Copy + Add<Output = T> + Sub<Output = T> + Mul<Output = T> + Div<Output = T> {}

/// An operation on two numbers of one kind.
pub(super) trait Operation {
    /// Its result.
    fn apply<T: Arithmetic>(x: T, y: T) -> T;
    /// The same for integers; `None` when it has no value.
    fn apply_int(x: i64, y: i64) -> Option<i64>;
}

/// Applies `O` to two operands, entry by entry; a scalar goes with every entry of the other.
pub(super) fn entrywise<A: Real, O: Operation>(x: &Value<A>, y: &Value<A>) -> Result<Value<A>, Fault> {
    if let (Value::Int(x), Value::Int(y)) = (x, y) {
        let z = O::apply_int(*x, *y).filter(|z| i32::try_from(*z).is_ok());
        return z.map(Value::Int).ok_or_else(|| no_int(*x, *y));
    }
    if let (Some(x), Some(y)) = (x.to_real(), y.to_real()) {
        return Ok(Value::Real(O::apply(x, y)));
    }
    if let (Some(x), Some(y)) = (to_complex(x), to_complex(y)) {
        return Ok(Value::Complex(O::apply(x, y)));
    }
    let (kind, dims) = common_shape(x, y)?;
    let n = dims.iter().product();
    if let (Some(x), Some(y)) = (Operand::of(x), Operand::of(y)) {
        let entries = match (x.data(), y.data()) {
            (Some(x), Some(y)) => Entries::Data((0..n).map(|i| O::apply(x.at(i), y.at(i))).collect()),
            _ => Entries::Auto((0..n).map(|i| O::apply(x.at(i), y.at(i))).collect()),
        };
        return Ok(Value::Reals(Reals { kind, dims, entries }));
    }
    let pairs = (0..n).map(|i| Some(O::apply(complex_at(x, i)?, complex_at(y, i)?)));
    let entries = pairs.collect::<Option<Vec<Complex<A>>>>().ok_or_else(|| Fault::fatal("takes numbers"))?;
    Ok(Value::Complexes(Complexes { kind, dims, entries }))
}

/// The fault of an integer operation without a value.
pub(super) fn no_int(x: i64, y: i64) -> Fault {
    let why = if y == 0 { "division by zero" } else { "the result is no 32-bit integer" };
    Fault::fatal(format!("of {x} and {y}: {why}"))
}

/// A real operand, broadcast; plain numbers stay plain.
enum Operand<'a, A> {
    One(A),
    Data(&'a [f64]),
    Auto(&'a [A]),
}

/// An operand without derivatives.
enum DataOperand<'a> {
    One(f64),
    Many(&'a [f64]),
}

impl<'a, A: Real> Operand<'a, A> {
    fn of(value: &'a Value<A>) -> Option<Self> {
        match value {
            Value::Reals(Reals { entries: Entries::Data(entries), .. }) => Some(Operand::Data(entries)),
            Value::Reals(Reals { entries: Entries::Auto(entries), .. }) => Some(Operand::Auto(entries)),
            _ => value.to_real().map(Operand::One),
        }
    }

    #[inline]
    fn at(&self, i: usize) -> A {
        match self {
            Operand::One(x) => *x,
            Operand::Data(entries) => A::constant(entries[i]),
            Operand::Auto(entries) => entries[i],
        }
    }

    fn data(&self) -> Option<DataOperand<'a>> {
        match self {
            Operand::One(x) => x.is_constant().then(|| DataOperand::One(x.value())),
            Operand::Data(entries) => Some(DataOperand::Many(entries)),
            Operand::Auto(_) => None,
        }
    }
}

impl DataOperand<'_> {
    #[inline]
    fn at(&self, i: usize) -> f64 {
        match self {
            DataOperand::One(x) => *x,
            DataOperand::Many(entries) => entries[i],
        }
    }
}

fn to_complex<A: Real>(value: &Value<A>) -> Option<Complex<A>> {
    match value {
        Value::Complex(z) => Some(*z),
        _ => value.to_real().map(|x| Complex::new(x, A::constant(0.0))),
    }
}

fn complex_at<A: Real>(value: &Value<A>, i: usize) -> Option<Complex<A>> {
    match value {
        Value::Complex(z) => Some(*z),
        Value::Complexes(t) => t.entries.get(i).copied(),
        _ => value.real_at(i).map(|x| Complex::new(x, A::constant(0.0))),
    }
}

/// The shape of the result: that of the operand that is no scalar, or of both.
fn common_shape<A: Real>(x: &Value<A>, y: &Value<A>) -> Result<(Kind, Dims), Fault> {
    let shape = |value: &Value<A>| match value {
        Value::Reals(t) => Some((t.kind, t.dims.clone())),
        Value::Complexes(t) => Some((t.kind, t.dims.clone())),
        _ => None,
    };
    match (shape(x), shape(y)) {
        (Some(x), Some(y)) if x != y => {
            Err(Fault::fatal(format!("sizes must match, but are {} and {}", in_words(&x.1), in_words(&y.1))))
        }
        (Some(shape), _) | (None, Some(shape)) => Ok(shape),
        (None, None) => Err(Fault::fatal("takes numbers, vectors and matrices")),
    }
}

/// Sizes as people write them: `3 by 4`.
pub(super) fn in_words(dims: &[usize]) -> String {
    dims.iter().map(usize::to_string).collect::<Vec<_>>().join(" by ")
}
