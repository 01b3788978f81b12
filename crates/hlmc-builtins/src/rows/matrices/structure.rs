//! Parts of matrices, and matrices with a given structure: no arithmetic but the trace.

use std::ops::Range;

use hlmc_math::Real;
use num_complex::Complex;

use super::matrix;
use crate::arguments::check_size;
use crate::fault::Fault;
use crate::rows::gather::{gather, matrix_sizes};
use crate::table::{Call, Function};
use crate::value::{Complexes, Dims, Entries, Kind, Reals, Value};

/// The rows of this file.
pub(super) fn rows<A: Real>() -> Vec<Function<A>> {
    vec![
        matrix(
            "row",
            &["row_vector row(matrix, int)", "complex_row_vector row(complex_matrix, int)"],
            |call| cut(call, Kind::RowVector, Some((1, Count::Of(1))), None),
            "The row at a position, counted from 1.",
        ),
        matrix(
            "col",
            &["vector col(matrix, int)", "complex_vector col(complex_matrix, int)"],
            |call| cut(call, Kind::Vector, None, Some((1, Count::Of(1)))),
            "The column at a position, counted from 1.",
        ),
        matrix(
            "block",
            &["matrix block(matrix, int, int, int, int)", "complex_matrix block(complex_matrix, int, int, int, int)"],
            |call| cut(call, Kind::Matrix, Some((1, Count::Argument(3))), Some((2, Count::Argument(4)))),
            "The rectangle called as block(m, i, j, n_rows, n_cols), whose upper left corner is at row i and column j.",
        ),
        matrix(
            "sub_row",
            &["row_vector sub_row(matrix, int, int, int)", "complex_row_vector sub_row(complex_matrix, int, int, int)"],
            |call| cut(call, Kind::RowVector, Some((1, Count::Of(1))), Some((2, Count::Argument(3)))),
            "The n entries of row i from column j on, called as sub_row(m, i, j, n).",
        ),
        matrix(
            "sub_col",
            &["vector sub_col(matrix, int, int, int)", "complex_vector sub_col(complex_matrix, int, int, int)"],
            |call| cut(call, Kind::Vector, Some((1, Count::Argument(3))), Some((2, Count::Of(1)))),
            "The n entries of column j from row i on, called as sub_col(m, i, j, n).",
        ),
        matrix(
            "diagonal",
            &["vector diagonal(matrix)", "complex_vector diagonal(complex_matrix)"],
            diagonal,
            "The diagonal of a matrix.",
        ),
        matrix(
            "trace",
            &["real trace(matrix)", "complex trace(complex_matrix)"],
            trace,
            "The sum of the diagonal; 0 of an empty matrix.",
        ),
        matrix(
            "diag_matrix",
            &["matrix diag_matrix(vector)", "complex_matrix diag_matrix(complex_vector)"],
            diag_matrix,
            "The diagonal matrix with the given diagonal.",
        ),
        matrix(
            "identity_matrix",
            &["matrix identity_matrix(int)"],
            |call| {
                let n = call.size(0, "the size")?;
                let size = check_size(&[n, n])?;
                let mut entries = vec![0.0; size];
                entries.iter_mut().step_by(n + 1).for_each(|entry| *entry = 1.0);
                let dims = Dims::from_slice(&[n, n]);
                Ok(Value::Reals(Reals { kind: Kind::Matrix, dims, entries: Entries::Data(entries) }))
            },
            "The identity matrix of the given size.",
        ),
        matrix(
            "symmetrize_from_lower_tri",
            &["matrix symmetrize_from_lower_tri(matrix)", "complex_matrix symmetrize_from_lower_tri(complex_matrix)"],
            symmetrised,
            "The symmetric matrix with the same lower triangle.",
        ),
    ]
}

/// How many rows or columns to cut out.
#[derive(Clone, Copy)]
enum Count {
    /// This many.
    Of(usize),
    /// As many as the argument at this position says.
    Argument(usize),
}

/// Where to start (the position of the argument that says so, from 1) and how many to take.
type Cut = Option<(usize, Count)>;

/// The positions that a cut leaves of `size`; all of them if there is no cut.
fn range<A: Real>(call: &Call<'_, A>, cut: Cut, size: usize, what: &str) -> Result<Range<usize>, Fault> {
    let Some((start, count)) = cut else { return Ok(0..size) };
    let first = call.int(start)?;
    let n = match count {
        Count::Of(n) => n,
        Count::Argument(i) => call.size(i, what)?,
    };
    let start = usize::try_from(first).ok().and_then(|first| first.checked_sub(1)).filter(|start| *start < size);
    let start = start.ok_or_else(|| Fault::fatal(format!("the {what} is {first}, but must be from 1 to {size}")))?;
    let end = start.checked_add(n).filter(|end| *end <= size);
    let message = || format!("{n} from {what} {first} on were asked for, but there are {size} in all");
    Ok(start..end.ok_or_else(|| Fault::fatal(message()))?)
}

fn cut<A: Real>(call: &Call<'_, A>, kind: Kind, row_cut: Cut, col_cut: Cut) -> Result<Value<A>, Fault> {
    let value = call.argument(0)?;
    let (rows, cols) = matrix_sizes(value)?;
    let row_range = range(call, row_cut, rows, "row")?;
    let col_range = range(call, col_cut, cols, "column")?;
    let dims = match kind {
        Kind::Matrix => Dims::from_slice(&[row_range.len(), col_range.len()]),
        Kind::RowVector => Dims::from_slice(&[col_range.len()]),
        Kind::Vector | Kind::Scalar => Dims::from_slice(&[row_range.len()]),
    };
    gather(value, kind, dims, col_range.flat_map(|j| row_range.clone().map(move |i| j * rows + i)))
}

fn diagonal<A: Real>(call: &mut Call<'_, A>) -> Result<Value<A>, Fault> {
    let value = call.argument(0)?;
    let (rows, cols) = matrix_sizes(value)?;
    let n = rows.min(cols);
    gather(value, Kind::Vector, [n], (0..n).map(|i| i * rows + i))
}

fn trace<A: Real>(call: &mut Call<'_, A>) -> Result<Value<A>, Fault> {
    let (rows, cols) = matrix_sizes(call.argument(0)?)?;
    if rows != cols {
        return Err(Fault::fatal(format!("the matrix must be square, but is {rows} by {cols}")));
    }
    Ok(match diagonal(call)? {
        Value::Complexes(t) => {
            let zero = Complex::new(A::constant(0.0), A::constant(0.0));
            Value::Complex(t.entries.into_iter().fold(zero, |sum, z| sum + z))
        }
        Value::Reals(t) => Value::Real(t.entries.iter().sum()),
        _ => return Err(Fault::fatal("takes matrices")),
    })
}

fn diag_matrix<A: Real>(call: &mut Call<'_, A>) -> Result<Value<A>, Fault> {
    let dims = |n: usize| Dims::from_slice(&[n, n]);
    match call.argument(0)? {
        Value::Complexes(t) => {
            let zero = Complex::new(A::constant(0.0), A::constant(0.0));
            let entries = spread(&t.entries, zero)?;
            Ok(Value::Complexes(Complexes { kind: Kind::Matrix, dims: dims(t.entries.len()), entries }))
        }
        _ => {
            let t = call.reals(0)?;
            let entries = match &t.entries {
                Entries::Data(entries) => Entries::Data(spread(entries, 0.0)?),
                Entries::Auto(entries) => Entries::Auto(spread(entries, A::constant(0.0))?),
            };
            Ok(Value::Reals(Reals { kind: Kind::Matrix, dims: dims(t.entries.len()), entries }))
        }
    }
}

fn spread<T: Copy>(diagonal: &[T], zero: T) -> Result<Vec<T>, Fault> {
    let n = diagonal.len();
    let mut entries = vec![zero; check_size(&[n, n])?];
    entries.iter_mut().step_by(n + 1).zip(diagonal).for_each(|(entry, x)| *entry = *x);
    Ok(entries)
}

fn symmetrised<A: Real>(call: &mut Call<'_, A>) -> Result<Value<A>, Fault> {
    let value = call.argument(0)?;
    let (rows, cols) = matrix_sizes(value)?;
    if rows != cols {
        return Err(Fault::fatal(format!("the matrix must be square, but is {rows} by {cols}")));
    }
    let source = |i: usize, j: usize| i.min(j) * rows + i.max(j);
    gather(value, Kind::Matrix, [rows, rows], (0..rows).flat_map(|j| (0..rows).map(move |i| source(i, j))))
}
