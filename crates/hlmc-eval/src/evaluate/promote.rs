//! Promotion: int to real to complex, inside arrays, vectors, matrices and tuples too.

use hlmc_builtins::value::{Entries, Tensor};
use hlmc_builtins::{Type, Value};
use hlmc_math::Real;
use num_complex::Complex;

use super::Operand;

/// The value as one of type `ty`; a value that is of that type already stays as it is.
pub(super) fn promote<A: Real>(value: Operand<'_, A>, ty: &Type) -> Value<A> {
    let scalar = ty.scalar();
    match (&*value, &scalar) {
        (Value::Int(i), Type::Real) => Value::Real(A::constant(*i as f64)),
        (Value::Int(i), Type::Complex) => Value::Complex(complex(A::constant(*i as f64))),
        (Value::Real(x), Type::Complex) => Value::Complex(complex(*x)),
        (Value::Ints(t), Type::Real) => {
            let entries = Entries::Data(t.entries.iter().map(|i| *i as f64).collect());
            Value::Reals(Tensor { kind: t.kind, dims: t.dims.clone(), entries })
        }
        (Value::Ints(t), Type::Complex) => {
            let entries = t.entries.iter().map(|i| complex(A::constant(*i as f64))).collect();
            Value::Complexes(Tensor { kind: t.kind, dims: t.dims.clone(), entries })
        }
        (Value::Reals(t), Type::Complex) => {
            let entries = t.entries.iter().map(complex).collect();
            Value::Complexes(Tensor { kind: t.kind, dims: t.dims.clone(), entries })
        }
        (Value::Tuple(slots), Type::Tuple(types)) => {
            Value::Tuple(slots.iter().zip(types).map(|(slot, ty)| promote(Operand::Borrowed(slot), ty)).collect())
        }
        (Value::Array(elements), Type::Tuple(_)) => {
            let inner = match ty {
                Type::Array(element) => element,
                other => other,
            };
            Value::Array(elements.iter().map(|element| promote(Operand::Borrowed(element), inner)).collect())
        }
        _ => value.into_owned(),
    }
}

fn complex<A: Real>(x: A) -> Complex<A> {
    Complex::new(x, A::constant(0.0))
}
