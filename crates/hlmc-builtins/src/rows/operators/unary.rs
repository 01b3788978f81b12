//! Operators with one operand: sign and transposition.

use hlmc_math::Real;

use crate::fault::Fault;
use crate::rows::row::{whole, with_signature};
use crate::signature::{Fit, Signature};
use crate::table::{Call, Chapter, Function};
use crate::types::Type;
use crate::value::{Complexes, Dims, Entries, Ints, Kind, Reals, Value};

/// The signatures of the transpose.
macro_rules! transpose_signatures {
    ($name:literal) => {
        &[
            concat!("row_vector ", $name, "(vector)"),
            concat!("vector ", $name, "(row_vector)"),
            concat!("matrix ", $name, "(matrix)"),
            concat!("complex_row_vector ", $name, "(complex_vector)"),
            concat!("complex_vector ", $name, "(complex_row_vector)"),
            concat!("complex_matrix ", $name, "(complex_matrix)"),
        ]
    };
}

const MINUS: &str = "The negative of each number.";
const PLUS: &str = "The operand itself.";
const TRANSPOSE: &str = "The transpose: rows become columns. Complex entries are not conjugated.";

/// The rows of this file.
pub(super) fn rows<A: Real>() -> Vec<Function<A>> {
    let sign = |name, words, f, doc| {
        with_signature(Chapter::Operators, name, Signature::Rule { resolve: same_numeric_type, words }, f, doc)
    };
    vec![
        sign("operator-", &["T operator-(T)"], |call| negative(call.argument(0)?), MINUS),
        sign("minus", &["T minus(T)"], |call| negative(call.argument(0)?), MINUS),
        sign("operator+", &["T operator+(T)"], |call| Ok(call.argument(0)?.clone()), PLUS),
        sign("plus", &["T plus(T)"], |call| Ok(call.argument(0)?.clone()), PLUS),
        whole(Chapter::Operators, "operator'", transpose_signatures!("operator'"), transpose, TRANSPOSE),
        whole(Chapter::Operators, "transpose", transpose_signatures!("transpose"), transpose, TRANSPOSE),
    ]
}

/// One argument made of numbers; the result has its type.
fn same_numeric_type(arguments: &[Type]) -> Option<Fit> {
    match arguments {
        [ty] if !matches!(ty.scalar(), Type::Tuple(_) | Type::Void) => Some(Fit::new(vec![ty.clone()], ty.clone())),
        _ => None,
    }
}

fn negative<A: Real>(value: &Value<A>) -> Result<Value<A>, Fault> {
    let int = |n: &i64| n.checked_neg().ok_or_else(|| Fault::fatal(format!("of {n}: no 32-bit integer")));
    Ok(match value {
        Value::Int(n) => Value::Int(int(n)?),
        Value::Real(x) => Value::Real(-*x),
        Value::Complex(z) => Value::Complex(-*z),
        Value::Ints(t) => Value::Ints(Ints {
            kind: t.kind,
            dims: t.dims.clone(),
            entries: t.entries.iter().map(int).collect::<Result<_, _>>()?,
        }),
        Value::Reals(t) => {
            let entries = match &t.entries {
                Entries::Data(entries) => Entries::Data(entries.iter().map(|x| -x).collect()),
                Entries::Auto(entries) => Entries::Auto(entries.iter().map(|x| -*x).collect()),
            };
            Value::Reals(Reals { kind: t.kind, dims: t.dims.clone(), entries })
        }
        Value::Complexes(t) => Value::Complexes(Complexes {
            kind: t.kind,
            dims: t.dims.clone(),
            entries: t.entries.iter().map(|z| -*z).collect(),
        }),
        Value::Tuple(_) | Value::Array(_) => return Err(Fault::fatal("takes numbers")),
    })
}

fn transpose<A: Real>(call: &mut Call<'_, A>) -> Result<Value<A>, Fault> {
    let value = call.argument(0)?;
    match value {
        Value::Reals(t) => {
            let (kind, dims) = transposed_shape(t.kind, &t.dims)?;
            let entries = match &t.entries {
                Entries::Data(entries) => Entries::Data(transposed(t.kind, &t.dims, entries)),
                Entries::Auto(entries) => Entries::Auto(transposed(t.kind, &t.dims, entries)),
            };
            Ok(Value::Reals(Reals { kind, dims, entries }))
        }
        Value::Complexes(t) => {
            let (kind, dims) = transposed_shape(t.kind, &t.dims)?;
            Ok(Value::Complexes(Complexes { kind, dims, entries: transposed(t.kind, &t.dims, &t.entries) }))
        }
        _ => Err(Fault::fatal("takes vectors and matrices")),
    }
}

fn transposed_shape(kind: Kind, dims: &[usize]) -> Result<(Kind, Dims), Fault> {
    match (kind, dims) {
        (Kind::Vector, [n]) => Ok((Kind::RowVector, Dims::from_slice(&[*n]))),
        (Kind::RowVector, [n]) => Ok((Kind::Vector, Dims::from_slice(&[*n]))),
        (Kind::Matrix, [rows, cols]) => Ok((Kind::Matrix, Dims::from_slice(&[*cols, *rows]))),
        _ => Err(Fault::fatal("takes vectors and matrices")),
    }
}

fn transposed<T: Copy>(kind: Kind, dims: &[usize], entries: &[T]) -> Vec<T> {
    match (kind, dims) {
        (Kind::Matrix, [rows, _]) => {
            (0..*rows).flat_map(|i| entries.iter().skip(i).step_by((*rows).max(1)).copied()).collect()
        }
        _ => entries.to_vec(),
    }
}
