//! Products and sums with a diagonal matrix, given as its diagonal.

use std::ops::Add;

use hlmc_math::Real;
use num_complex::Complex;

use super::matrix;
use crate::arguments::{MatrixRef, check_equal};
use crate::fault::Fault;
use crate::rows::gather::matrix_sizes;
use crate::table::{Call, Function};
use crate::value::{Complexes, Dims, Entries, Kind, Reals, Value};

const PRE: &[&str] = &[
    "matrix diag_pre_multiply(vector, matrix)",
    "matrix diag_pre_multiply(row_vector, matrix)",
    "complex_matrix diag_pre_multiply(complex_vector, complex_matrix)",
    "complex_matrix diag_pre_multiply(complex_row_vector, complex_matrix)",
];

const POST: &[&str] = &[
    "matrix diag_post_multiply(matrix, vector)",
    "matrix diag_post_multiply(matrix, row_vector)",
    "complex_matrix diag_post_multiply(complex_matrix, complex_vector)",
    "complex_matrix diag_post_multiply(complex_matrix, complex_row_vector)",
];

const BOTH: &[&str] = &["matrix quad_form_diag(matrix, vector)", "matrix quad_form_diag(matrix, row_vector)"];

const SUM: &[&str] = &[
    "matrix add_diag(matrix, real)",
    "matrix add_diag(matrix, vector)",
    "matrix add_diag(matrix, row_vector)",
    "complex_matrix add_diag(complex_matrix, complex)",
    "complex_matrix add_diag(complex_matrix, complex_vector)",
    "complex_matrix add_diag(complex_matrix, complex_row_vector)",
];

/// The rows of this file.
pub(super) fn rows<A: Real>() -> Vec<Function<A>> {
    vec![
        matrix(
            "diag_pre_multiply",
            PRE,
            |call| scaled(call, 1, 0, Sides::Rows),
            "diag_matrix(v) * m: each row of m times the entry of v.",
        ),
        matrix(
            "diag_post_multiply",
            POST,
            |call| scaled(call, 0, 1, Sides::Columns),
            "m * diag_matrix(v): each column of m times the entry of v.",
        ),
        matrix(
            "quad_form_diag",
            BOTH,
            |call| {
                call.square_matrix(0)?;
                scaled(call, 0, 1, Sides::Both)
            },
            "diag_matrix(v) * m * diag_matrix(v), called as quad_form_diag(m, v); m must be square.",
        ),
        matrix("add_diag", SUM, add_diag, "m with v (or the same number everywhere) added to its diagonal."),
    ]
}

/// What a diagonal scales.
#[derive(Clone, Copy, PartialEq)]
enum Sides {
    Rows,
    Columns,
    Both,
}

/// The matrix at position `m`, scaled by the vector at position `v`.
fn scaled<A: Real>(call: &Call<'_, A>, m: usize, v: usize, sides: Sides) -> Result<Value<A>, Fault> {
    let (rows, cols) = matrix_sizes(call.argument(m)?)?;
    let n = call.argument(v)?.n_entries();
    if sides != Sides::Columns {
        check_equal("the number of rows", rows, "the size of the diagonal", n)?;
    }
    if sides != Sides::Rows {
        check_equal("the number of columns", cols, "the size of the diagonal", n)?;
    }
    if let (Value::Complexes(m), Value::Complexes(v)) = (call.argument(m)?, call.argument(v)?) {
        let entries = scale(&m.entries, &v.entries, rows, sides, |x, d| x * d);
        return Ok(Value::Complexes(Complexes { kind: Kind::Matrix, dims: m.dims.clone(), entries }));
    }
    let (m, v) = (call.matrix(m)?, call.matrix(v)?);
    let entries = match (m.entries, v.entries) {
        (Entries::Data(m), Entries::Data(v)) => Entries::Data(scale(m, v, rows, sides, |x, d| x * d)),
        (Entries::Auto(m), Entries::Data(v)) => Entries::Auto(scale(m, v, rows, sides, |x, d| x * d)),
        (m, Entries::Auto(v)) => Entries::Auto(scale(&m.to_auto(), v, rows, sides, |x, d| x * d)),
    };
    Ok(matrix_of(MatrixRef { rows, cols, entries: m.entries }, entries))
}

fn matrix_of<A: Real>(shape: MatrixRef<'_, A>, entries: Entries<A>) -> Value<A> {
    Value::Reals(Reals { kind: Kind::Matrix, dims: Dims::from_slice(&[shape.rows, shape.cols]), entries })
}

fn scale<X: Copy, D: Copy>(m: &[X], v: &[D], rows: usize, sides: Sides, times: impl Fn(X, D) -> X) -> Vec<X> {
    let entry = |(at, x): (usize, &X)| {
        let (i, j) = (at % rows, at / rows);
        match sides {
            Sides::Rows => times(*x, v[i]),
            Sides::Columns => times(*x, v[j]),
            Sides::Both => times(times(*x, v[i]), v[j]),
        }
    };
    m.iter().enumerate().map(entry).collect()
}

fn add_diag<A: Real>(call: &mut Call<'_, A>) -> Result<Value<A>, Fault> {
    let (value, diagonal) = (call.argument(0)?, call.argument(1)?);
    let (rows, cols) = matrix_sizes(value)?;
    let n = rows.min(cols);
    if !diagonal.is_scalar() {
        check_equal("the length of the diagonal", n, "the number of summands", diagonal.n_entries())?;
    }
    if let Value::Complexes(t) = value {
        let mut entries = t.entries.clone();
        let summand = |i: usize| match diagonal {
            Value::Complexes(d) => d.entries.get(i).copied(),
            Value::Complex(z) => Some(*z),
            other => other.real_at(i).map(|x| Complex::new(x, A::constant(0.0))),
        };
        add_to_diagonal(&mut entries, rows, (0..n).filter_map(summand));
        return Ok(Value::Complexes(Complexes { entries, ..t.clone() }));
    }
    let m = call.matrix(0)?;
    let mut entries = m.entries.to_auto().into_owned();
    add_to_diagonal(&mut entries, rows, (0..n).filter_map(|i| diagonal.real_at(i)));
    Ok(matrix_of(m, Entries::Auto(entries).simplified()))
}

fn add_to_diagonal<T: Copy + Add<Output = T>>(entries: &mut [T], rows: usize, summands: impl Iterator<Item = T>) {
    entries.iter_mut().step_by(rows + 1).zip(summands).for_each(|(entry, x)| *entry = *entry + x);
}
