//! Sizes of containers.

use hlmc_math::Real;

use super::array_by_rule;
use crate::fault::Fault;
use crate::rows::gather::matrix_sizes;
use crate::signature::Fit;
use crate::table::Function;
use crate::types::Type;
use crate::value::{Kind, Value};

/// The signatures of the number of rows or columns.
macro_rules! matrix_size_signatures {
    ($name:literal) => {
        &[
            concat!("int ", $name, "(vector)"),
            concat!("int ", $name, "(row_vector)"),
            concat!("int ", $name, "(matrix)"),
            concat!("int ", $name, "(complex_vector)"),
            concat!("int ", $name, "(complex_row_vector)"),
            concat!("int ", $name, "(complex_matrix)"),
        ]
    };
}

/// The rows of this file.
pub(super) fn rows<A: Real>() -> Vec<Function<A>> {
    vec![
        array_by_rule(
            "size",
            |arguments| of_one(arguments, Type::Int, true),
            &["int size(T)"],
            |call| int(size(call.argument(0)?)),
            "The number of elements of an array (in its first dimension), of entries of a vector or matrix; 1 of a number.",
        ),
        array_by_rule(
            "num_elements",
            |arguments| of_one(arguments, Type::Int, false),
            &["int num_elements(T)"],
            |call| int(call.argument(0)?.n_entries()),
            "The number of all entries, over all dimensions.",
        ),
        array_by_rule(
            "dims",
            |arguments| of_one(arguments, Type::Int.in_array(1), true),
            &["array[] int dims(T)"],
            |call| Ok(Value::ints(dims(call.argument(0)?))),
            "The sizes: those of the array dimensions, then rows and columns; a vector has one column, a row vector one \
             row, and a number no sizes.",
        ),
        super::array(
            "rows",
            matrix_size_signatures!("rows"),
            |call| int(matrix_sizes(call.argument(0)?)?.0),
            "The number of rows; 1 of a row vector.",
        ),
        super::array(
            "cols",
            matrix_size_signatures!("cols"),
            |call| int(matrix_sizes(call.argument(0)?)?.1),
            "The number of columns; 1 of a vector.",
        ),
    ]
}

/// One argument of any type but void, unchanged; a number only if `scalars`.
fn of_one(arguments: &[Type], result: Type, scalars: bool) -> Option<Fit> {
    match arguments {
        [ty] if (scalars || !ty.is_scalar()) && !matches!(ty, Type::Void | Type::Tuple(_)) => {
            Some(Fit::new(vec![ty.clone()], result))
        }
        _ => None,
    }
}

fn int<A: Real>(n: usize) -> Result<Value<A>, Fault> {
    i32::try_from(n).map(|n| Value::Int(n.into())).map_err(|_| Fault::fatal("the size is no 32-bit integer"))
}

fn size<A: Real>(value: &Value<A>) -> usize {
    let dims = value.dims();
    if value.kind() == Kind::Matrix && dims.len() == 2 {
        return value.n_entries();
    }
    dims.first().copied().unwrap_or(1)
}

fn dims<A: Real>(value: &Value<A>) -> Vec<i64> {
    let mut dims = value.dims();
    match value.kind() {
        Kind::Vector => dims.push(1),
        Kind::RowVector => dims.insert(dims.len().saturating_sub(1), 1),
        Kind::Scalar | Kind::Matrix => {}
    }
    dims.into_iter().filter_map(|n| i64::try_from(n).ok()).collect()
}
