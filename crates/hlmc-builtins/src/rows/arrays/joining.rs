//! Arrays, vectors and matrices side by side or one below the other.

use hlmc_math::Real;

use super::{array, array_by_rule};
use crate::arguments::{check_equal, check_size};
use crate::fault::Fault;
use crate::rows::gather::{chained, gather, matrix_sizes};
use crate::signature::Fit;
use crate::table::{Call, Function};
use crate::types::Type;
use crate::value::{Kind, Value};

const APPEND_ROW: &[&str] = &[
    "vector append_row(real, vector)",
    "vector append_row(vector, real)",
    "vector append_row(vector, vector)",
    "matrix append_row(row_vector, row_vector)",
    "matrix append_row(row_vector, matrix)",
    "matrix append_row(matrix, row_vector)",
    "matrix append_row(matrix, matrix)",
    "complex_vector append_row(complex, complex_vector)",
    "complex_vector append_row(complex_vector, complex)",
    "complex_vector append_row(complex_vector, complex_vector)",
    "complex_matrix append_row(complex_row_vector, complex_row_vector)",
    "complex_matrix append_row(complex_row_vector, complex_matrix)",
    "complex_matrix append_row(complex_matrix, complex_row_vector)",
    "complex_matrix append_row(complex_matrix, complex_matrix)",
];

const APPEND_COL: &[&str] = &[
    "row_vector append_col(real, row_vector)",
    "row_vector append_col(row_vector, real)",
    "row_vector append_col(row_vector, row_vector)",
    "matrix append_col(vector, vector)",
    "matrix append_col(vector, matrix)",
    "matrix append_col(matrix, vector)",
    "matrix append_col(matrix, matrix)",
    "complex_row_vector append_col(complex, complex_row_vector)",
    "complex_row_vector append_col(complex_row_vector, complex)",
    "complex_row_vector append_col(complex_row_vector, complex_row_vector)",
    "complex_matrix append_col(complex_vector, complex_vector)",
    "complex_matrix append_col(complex_vector, complex_matrix)",
    "complex_matrix append_col(complex_matrix, complex_vector)",
    "complex_matrix append_col(complex_matrix, complex_matrix)",
];

/// The rows of this file.
pub(super) fn rows<A: Real>() -> Vec<Function<A>> {
    vec![
        array_by_rule(
            "append_array",
            append_array_fit,
            &["array[] T append_array(array[] T, array[] T)"],
            append_array,
            "The elements of the first array, then those of the second.",
        ),
        array("append_row", APPEND_ROW, append_row, "The second below the first; the numbers of columns must agree."),
        array(
            "append_col",
            APPEND_COL,
            append_col,
            "The second to the right of the first; the numbers of rows must agree.",
        ),
    ]
}

fn append_array_fit(arguments: &[Type]) -> Option<Fit> {
    let [first @ Type::Array(_), second @ Type::Array(_)] = arguments else { return None };
    let common = first.common(second)?;
    Some(Fit::new(vec![common.clone(), common.clone()], common))
}

fn append_array<A: Real>(call: &mut Call<'_, A>) -> Result<Value<A>, Fault> {
    let (first, second) = (call.argument(0)?, call.argument(1)?);
    if let (Value::Array(x), Value::Array(y)) = (first, second) {
        return Ok(Value::Array(x.iter().chain(y).cloned().collect()));
    }
    let (mut dims, other) = (first.dims(), second.dims());
    // An empty array has elements of any size.
    if other.first() == Some(&0) {
        return Ok(first.clone());
    }
    if dims.first() == Some(&0) {
        return Ok(second.clone());
    }
    if dims.get(1..) != other.get(1..) {
        let message = format!("the elements must have equal sizes, but the arrays have {dims:?} and {other:?}");
        return Err(Fault::fatal(message));
    }
    if let (Some(n), Some(m)) = (dims.first_mut(), other.first()) {
        *n = n.saturating_add(*m);
    }
    check_size(&dims)?;
    let all = chained(first, second)?;
    let n = all.n_entries();
    gather(&all, first.kind(), dims, 0..n)
}

/// Rows and columns; a number is one by one.
fn sizes<A: Real>(value: &Value<A>) -> Result<(usize, usize), Fault> {
    if value.is_scalar() { Ok((1, 1)) } else { matrix_sizes(value) }
}

fn append_row<A: Real>(call: &mut Call<'_, A>) -> Result<Value<A>, Fault> {
    let (first, second) = (call.argument(0)?, call.argument(1)?);
    let ((upper, cols), (lower, other)) = (sizes(first)?, sizes(second)?);
    check_equal("the number of columns of the first argument", cols, "that of the second", other)?;
    let rows = upper + lower;
    check_size(&[rows, cols])?;
    let n = upper * cols;
    let column = |j: usize| (j * upper..(j + 1) * upper).chain(n + j * lower..n + (j + 1) * lower);
    let all = chained(first, second)?;
    match (first.kind(), second.kind()) {
        (Kind::Vector, _) | (_, Kind::Vector) => gather(&all, Kind::Vector, [rows], column(0)),
        _ => gather(&all, Kind::Matrix, [rows, cols], (0..cols).flat_map(column)),
    }
}

fn append_col<A: Real>(call: &mut Call<'_, A>) -> Result<Value<A>, Fault> {
    let (first, second) = (call.argument(0)?, call.argument(1)?);
    let ((rows, left), (other, right)) = (sizes(first)?, sizes(second)?);
    check_equal("the number of rows of the first argument", rows, "that of the second", other)?;
    let n = check_size(&[rows, left + right])?;
    let all = chained(first, second)?;
    match (first.kind(), second.kind()) {
        (Kind::RowVector, _) | (_, Kind::RowVector) => gather(&all, Kind::RowVector, [n], 0..n),
        _ => gather(&all, Kind::Matrix, [rows, left + right], 0..n),
    }
}
