//! The same numbers in another container.

use hlmc_math::Real;

use super::{array, array_by_rule};
use crate::arguments::{check_equal, check_size};
use crate::fault::Fault;
use crate::rows::gather::{gather, reshaped};
use crate::signature::Fit;
use crate::table::{Call, Function};
use crate::types::Type;
use crate::value::{Entries, Kind, Reals, Value};

/// The signatures of a conversion to a vector.
macro_rules! vector_signatures {
    ($result:literal, $name:literal) => {
        &[
            concat!($result, " ", $name, "(vector)"),
            concat!($result, " ", $name, "(row_vector)"),
            concat!($result, " ", $name, "(matrix)"),
            concat!($result, " ", $name, "(array[] real)"),
            concat!("complex_", $result, " ", $name, "(complex_vector)"),
            concat!("complex_", $result, " ", $name, "(complex_row_vector)"),
            concat!("complex_", $result, " ", $name, "(complex_matrix)"),
            concat!("complex_", $result, " ", $name, "(array[] complex)"),
        ]
    };
}

/// The signatures of one way to give sizes, for each container of numbers.
macro_rules! to_matrix_signatures {
    ($($tail:literal),*) => {
        &[
            "matrix to_matrix(vector)",
            "matrix to_matrix(row_vector)",
            "matrix to_matrix(matrix)",
            "matrix to_matrix(array[] row_vector)",
            "matrix to_matrix(array[,] real)",
            "complex_matrix to_matrix(complex_vector)",
            "complex_matrix to_matrix(complex_row_vector)",
            "complex_matrix to_matrix(complex_matrix)",
            "complex_matrix to_matrix(array[] complex_row_vector)",
            "complex_matrix to_matrix(array[,] complex)",
            $(
                concat!("matrix to_matrix(vector", $tail),
                concat!("matrix to_matrix(row_vector", $tail),
                concat!("matrix to_matrix(matrix", $tail),
                concat!("matrix to_matrix(array[] real", $tail),
                concat!("complex_matrix to_matrix(complex_vector", $tail),
                concat!("complex_matrix to_matrix(complex_row_vector", $tail),
                concat!("complex_matrix to_matrix(complex_matrix", $tail),
                concat!("complex_matrix to_matrix(array[] complex", $tail),
            )*
        ]
    };
}

/// The rows of this file.
pub(super) fn rows<A: Real>() -> Vec<Function<A>> {
    vec![
        array(
            "to_vector",
            vector_signatures!("vector", "to_vector"),
            |call| flat(call.argument(0)?, Kind::Vector),
            "The entries as a vector; those of a matrix column by column.",
        ),
        array(
            "to_row_vector",
            vector_signatures!("row_vector", "to_row_vector"),
            |call| flat(call.argument(0)?, Kind::RowVector),
            "The entries as a row vector; those of a matrix column by column.",
        ),
        array(
            "to_matrix",
            to_matrix_signatures!(", int, int)", ", int, int, int)"),
            to_matrix,
            "The entries as a matrix: a vector as one column, a row vector as one row, an array row by row; or, with \
             sizes, filled column by column, or row by row if the last argument is 0.",
        ),
        array_by_rule(
            "to_array_1d",
            to_array_1d_fit,
            TO_ARRAY_1D,
            |call| flat(call.argument(0)?, Kind::Scalar),
            "All entries as an array of one dimension: those of a matrix column by column, those of an array with the \
             last index fastest.",
        ),
        array(
            "to_array_2d",
            &["array[,] real to_array_2d(matrix)", "array[,] complex to_array_2d(complex_matrix)"],
            to_array_2d,
            "The entries of a matrix as an array of its rows.",
        ),
    ]
}

const TO_ARRAY_1D: &[&str] = &[
    "array[] real to_array_1d(vector)",
    "array[] real to_array_1d(row_vector)",
    "array[] real to_array_1d(matrix)",
    "array[] T to_array_1d(array[,...] T)",
];

fn to_array_1d_fit(arguments: &[Type]) -> Option<Fit> {
    let [ty] = arguments else { return None };
    let (inner, depth) = ty.unwind_array();
    // Vectors and matrices inside arrays are not taken apart.
    let fits = matches!(ty.scalar(), Type::Int | Type::Real | Type::Complex) && inner.is_scalar() == (depth > 0);
    fits.then(|| Fit::new(vec![ty.clone()], ty.scalar().in_array(1)))
}

fn flat<A: Real>(value: &Value<A>, kind: Kind) -> Result<Value<A>, Fault> {
    if let (Value::Ints(t), Kind::Vector | Kind::RowVector) = (value, kind) {
        let entries = Entries::Data(t.entries.iter().map(|n| *n as f64).collect());
        return Ok(Value::Reals(Reals { kind, dims: [t.entries.len()].into_iter().collect(), entries }));
    }
    reshaped(value, kind, [value.n_entries()])
}

/// The positions, row by row in a matrix of `rows` by `cols`, of its entries column by column.
fn by_rows(rows: usize, cols: usize) -> impl Iterator<Item = usize> {
    (0..cols).flat_map(move |j| (0..rows).map(move |i| i * cols + j))
}

fn to_matrix<A: Real>(call: &mut Call<'_, A>) -> Result<Value<A>, Fault> {
    let value = match call.argument(0)? {
        Value::Ints(_) => &Value::Reals(call.reals(0)?.into_owned()),
        other => other,
    };
    if call.arguments.len() == 1 {
        return match (value.kind(), value.dims().as_slice()) {
            (Kind::Vector, [n]) => reshaped(value, Kind::Matrix, [*n, 1]),
            (Kind::RowVector, [n]) => reshaped(value, Kind::Matrix, [1, *n]),
            (Kind::Matrix, [_, _]) => Ok(value.clone()),
            // No elements: no columns either, whatever their declared number.
            (_, [0, _]) => reshaped(value, Kind::Matrix, [0, 0]),
            (_, [rows, cols]) => gather(value, Kind::Matrix, [*rows, *cols], by_rows(*rows, *cols)),
            _ => Err(Fault::fatal("takes vectors, matrices and arrays")),
        };
    }
    let (rows, cols) = (call.size(1, "the number of rows")?, call.size(2, "the number of columns")?);
    let n = check_size(&[rows, cols])?;
    check_equal("the product of rows and columns", n, "the number of entries", value.n_entries())?;
    match call.arguments.get(3) {
        Some(Value::Int(0)) => gather(value, Kind::Matrix, [rows, cols], by_rows(rows, cols)),
        _ => reshaped(value, Kind::Matrix, [rows, cols]),
    }
}

fn to_array_2d<A: Real>(call: &mut Call<'_, A>) -> Result<Value<A>, Fault> {
    let value = call.argument(0)?;
    let (rows, cols) = crate::rows::gather::matrix_sizes(value)?;
    gather(value, Kind::Scalar, [rows, cols], by_rows(cols, rows))
}
