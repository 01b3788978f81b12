//! Dot products of vectors, and of the rows and columns of matrices.

use std::iter::Sum;
use std::ops::Mul;

use hlmc_math::Real;
use num_complex::Complex;

use super::array;
use crate::arguments::{MatrixRef, check_equal};
use crate::fault::Fault;
use crate::rows::gather::matrix_sizes;
use crate::rows::operators::products::matrix_product;
use crate::table::{Call, Function};
use crate::value::{Complexes, Dims, Entries, Kind, Reals, Value};

const DOT_PRODUCT: &[&str] = &[
    "real dot_product(array[] real, array[] real)",
    "real dot_product(vector, vector)",
    "real dot_product(vector, row_vector)",
    "real dot_product(row_vector, vector)",
    "real dot_product(row_vector, row_vector)",
    "complex dot_product(array[] complex, array[] complex)",
    "complex dot_product(complex_vector, complex_vector)",
    "complex dot_product(complex_vector, complex_row_vector)",
    "complex dot_product(complex_row_vector, complex_vector)",
    "complex dot_product(complex_row_vector, complex_row_vector)",
];

const DOT_SELF: &[&str] = &[
    "real dot_self(vector)",
    "real dot_self(row_vector)",
    "complex dot_self(complex_vector)",
    "complex dot_self(complex_row_vector)",
];

/// The signatures of dot products of columns or rows.
macro_rules! sliced_signatures {
    ($result:literal, $name:literal, $tail:literal) => {
        &[
            concat!($result, " ", $name, "(vector", $tail, "vector)"),
            concat!($result, " ", $name, "(row_vector", $tail, "row_vector)"),
            concat!($result, " ", $name, "(matrix", $tail, "matrix)"),
            concat!("complex_", $result, " ", $name, "(complex_vector", $tail, "complex_vector)"),
            concat!("complex_", $result, " ", $name, "(complex_row_vector", $tail, "complex_row_vector)"),
            concat!("complex_", $result, " ", $name, "(complex_matrix", $tail, "complex_matrix)"),
        ]
    };
}

/// The signatures of the same with one argument.
macro_rules! sliced_self_signatures {
    ($result:literal, $name:literal) => {
        &[
            concat!($result, " ", $name, "(vector)"),
            concat!($result, " ", $name, "(row_vector)"),
            concat!($result, " ", $name, "(matrix)"),
            concat!("complex_", $result, " ", $name, "(complex_vector)"),
            concat!("complex_", $result, " ", $name, "(complex_row_vector)"),
            concat!("complex_", $result, " ", $name, "(complex_matrix)"),
        ]
    };
}

/// The rows of this file.
pub(super) fn rows<A: Real>() -> Vec<Function<A>> {
    vec![
        array(
            "dot_product",
            DOT_PRODUCT,
            |call| dot(call, 0, 1),
            "The sum of the products of corresponding entries; the sizes must agree. Complex numbers are conjugated on \
             the left.",
        ),
        array("dot_self", DOT_SELF, |call| dot(call, 0, 0), "The dot product of a vector with itself."),
        array(
            "columns_dot_product",
            sliced_signatures!("row_vector", "columns_dot_product", ", "),
            |call| sliced(call, 0, 1, Slices::Columns),
            "The dot product of each column of the first with the same column of the second.",
        ),
        array(
            "columns_dot_self",
            sliced_self_signatures!("row_vector", "columns_dot_self"),
            |call| sliced(call, 0, 0, Slices::Columns),
            "The dot product of each column with itself.",
        ),
        array(
            "rows_dot_product",
            sliced_signatures!("vector", "rows_dot_product", ", "),
            |call| sliced(call, 0, 1, Slices::Rows),
            "The dot product of each row of the first with the same row of the second.",
        ),
        array(
            "rows_dot_self",
            sliced_self_signatures!("vector", "rows_dot_self"),
            |call| sliced(call, 0, 0, Slices::Rows),
            "The dot product of each row with itself.",
        ),
    ]
}

fn dot<A: Real>(call: &Call<'_, A>, first: usize, second: usize) -> Result<Value<A>, Fault> {
    let (n, m) = (call.argument(first)?.n_entries(), call.argument(second)?.n_entries());
    check_equal("the size of the first argument", n, "that of the second", m)?;
    if let (Value::Complexes(x), Value::Complexes(y)) = (call.argument(first)?, call.argument(second)?) {
        return Ok(Value::Complex(complex_dot(x.entries.iter().zip(&y.entries), true)));
    }
    let (x, y) = (call.reals(first)?, call.reals(second)?);
    let row = MatrixRef { rows: 1, cols: n, entries: &x.entries };
    let column = MatrixRef { rows: n, cols: 1, entries: &y.entries };
    let product = matrix_product(row, column)?;
    Ok(Value::Real(product.get(0).unwrap_or_else(|| A::constant(0.0))))
}

/// What is multiplied with what.
#[derive(Clone, Copy)]
enum Slices {
    Rows,
    Columns,
}

fn sliced<A: Real>(call: &Call<'_, A>, first: usize, second: usize, slices: Slices) -> Result<Value<A>, Fault> {
    let (rows, cols) = matrix_sizes(call.argument(first)?)?;
    let (other_rows, other_cols) = matrix_sizes(call.argument(second)?)?;
    check_equal("the rows of the first argument", rows, "those of the second", other_rows)?;
    check_equal("the columns of the first argument", cols, "those of the second", other_cols)?;
    let (kind, n_slices) = match slices {
        Slices::Rows => (Kind::Vector, rows),
        Slices::Columns => (Kind::RowVector, cols),
    };
    let dims = Dims::from_elem(n_slices, 1);
    // The positions of the entries of one slice.
    let positions = |slice: usize| match slices {
        Slices::Rows => (slice..rows * cols).step_by(rows.max(1)),
        Slices::Columns => (slice * rows..(slice + 1) * rows).step_by(1),
    };
    if let (Value::Complexes(x), Value::Complexes(y)) = (call.argument(first)?, call.argument(second)?) {
        // As Stan: the products of entries of two matrices are plain, the squares of one are squared moduli.
        let conjugate = first == second;
        let pairs = |slice| positions(slice).map(|i| (&x.entries[i], &y.entries[i]));
        let entries = (0..n_slices).map(|slice| complex_dot(pairs(slice), conjugate));
        return Ok(Value::Complexes(Complexes { kind, dims, entries: entries.collect() }));
    }
    let (x, y) = (call.reals(first)?, call.reals(second)?);
    let entries = match (&x.entries, &y.entries) {
        (Entries::Data(x), Entries::Data(y)) => {
            Entries::Data((0..n_slices).map(|slice| dot_at(x, y, positions(slice))).collect())
        }
        (x, y) => {
            let (x, y) = (x.to_auto(), y.to_auto());
            Entries::Auto((0..n_slices).map(|slice| dot_at(&x, &y, positions(slice))).collect())
        }
    };
    Ok(Value::Reals(Reals { kind, dims, entries }))
}

fn dot_at<T: Copy + Mul<Output = T> + Sum>(x: &[T], y: &[T], positions: impl Iterator<Item = usize>) -> T {
    positions.map(|i| x[i] * y[i]).sum()
}

fn complex_dot<'a, A: Real>(
    pairs: impl Iterator<Item = (&'a Complex<A>, &'a Complex<A>)>,
    conjugate: bool,
) -> Complex<A> {
    let zero = Complex::new(A::constant(0.0), A::constant(0.0));
    pairs.fold(zero, |sum, (x, y)| sum + if conjugate { x.conj() * *y } else { *x * *y })
}
