//! Products of scalars, vectors and matrices.
//!
//! A data matrix stays plain numbers in the innermost loop, so that `X * beta` costs one multiplication per entry and
//! direction of differentiation.

use std::ops::AddAssign;

use hlmc_math::Real;
use num_complex::Complex;

use super::arithmetic::Multiply;
use super::entrywise::entrywise;
use crate::arguments::{MatrixRef, check_size};
use crate::fault::Fault;
use crate::rows::row::whole;
use crate::table::{Call, Chapter, Function};
use crate::value::{Complexes, Dims, Entries, Kind, Reals, Value};

/// Rows of the left factor that are accumulated together: few enough for the first-level cache, with derivatives.
const ROW_BLOCK: usize = 64;

/// The signatures of the product.
macro_rules! product_signatures {
    ($name:literal) => {
        &[
            concat!("int ", $name, "(int, int)"),
            concat!("real ", $name, "(real, real)"),
            concat!("complex ", $name, "(complex, complex)"),
            concat!("real ", $name, "(row_vector, vector)"),
            concat!("vector ", $name, "(real, vector)"),
            concat!("vector ", $name, "(vector, real)"),
            concat!("vector ", $name, "(matrix, vector)"),
            concat!("row_vector ", $name, "(real, row_vector)"),
            concat!("row_vector ", $name, "(row_vector, real)"),
            concat!("row_vector ", $name, "(row_vector, matrix)"),
            concat!("matrix ", $name, "(real, matrix)"),
            concat!("matrix ", $name, "(matrix, real)"),
            concat!("matrix ", $name, "(vector, row_vector)"),
            concat!("matrix ", $name, "(matrix, matrix)"),
            concat!("complex ", $name, "(complex_row_vector, complex_vector)"),
            concat!("complex_vector ", $name, "(complex, complex_vector)"),
            concat!("complex_vector ", $name, "(complex_vector, complex)"),
            concat!("complex_vector ", $name, "(complex_matrix, complex_vector)"),
            concat!("complex_row_vector ", $name, "(complex, complex_row_vector)"),
            concat!("complex_row_vector ", $name, "(complex_row_vector, complex)"),
            concat!("complex_row_vector ", $name, "(complex_row_vector, complex_matrix)"),
            concat!("complex_matrix ", $name, "(complex, complex_matrix)"),
            concat!("complex_matrix ", $name, "(complex_matrix, complex)"),
            concat!("complex_matrix ", $name, "(complex_vector, complex_row_vector)"),
            concat!("complex_matrix ", $name, "(complex_matrix, complex_matrix)"),
        ]
    };
}

const DOC: &str = "The product: of numbers, of a number with each entry, of a row vector and a column vector (the dot \
                   product), and of matrices; the inner sizes must agree.";

/// The rows of this file.
pub(super) fn rows<A: Real>() -> Vec<Function<A>> {
    vec![
        whole(Chapter::Operators, "operator*", product_signatures!("operator*"), multiply, DOC),
        whole(Chapter::Operators, "multiply", product_signatures!("multiply"), multiply, DOC),
    ]
}

fn multiply<A: Real>(call: &mut Call<'_, A>) -> Result<Value<A>, Fault> {
    let (x, y) = (call.argument(0)?, call.argument(1)?);
    if x.is_scalar() || y.is_scalar() {
        return entrywise::<A, Multiply>(x, y);
    }
    if let (Value::Complexes(x), Value::Complexes(y)) = (x, y) {
        return complex_product(x, y);
    }
    let (left, right) = (call.matrix(0)?, call.matrix(1)?);
    let entries = matrix_product(left, right)?;
    Ok(shaped(left.rows, right.cols, x.kind(), y.kind(), entries))
}

/// The product's kind: a row vector leaves no rows, a column vector no columns.
fn result_kind(left: Kind, right: Kind) -> Kind {
    match (left, right) {
        (Kind::RowVector, Kind::Vector) => Kind::Scalar,
        (Kind::RowVector, _) => Kind::RowVector,
        (Kind::Matrix, Kind::Vector) => Kind::Vector,
        _ => Kind::Matrix,
    }
}

fn result_dims(kind: Kind, rows: usize, cols: usize) -> Dims {
    match kind {
        Kind::Scalar => Dims::new(),
        Kind::Vector => Dims::from_elem(rows, 1),
        Kind::RowVector => Dims::from_elem(cols, 1),
        Kind::Matrix => Dims::from_slice(&[rows, cols]),
    }
}

fn shaped<A: Real>(rows: usize, cols: usize, left: Kind, right: Kind, entries: Entries<A>) -> Value<A> {
    match (result_kind(left, right), entries.get(0)) {
        (Kind::Scalar, Some(x)) => Value::Real(x),
        (kind, _) => Value::Reals(Reals { kind, dims: result_dims(kind, rows, cols), entries }),
    }
}

fn complex_product<A: Real>(x: &Complexes<A>, y: &Complexes<A>) -> Result<Value<A>, Fault> {
    let as_matrix = |t: &Complexes<A>| match (t.kind, t.dims.as_slice()) {
        (Kind::Vector, [n]) => Some((*n, 1)),
        (Kind::RowVector, [n]) => Some((1, *n)),
        (Kind::Matrix, [rows, cols]) => Some((*rows, *cols)),
        _ => None,
    };
    let (Some(left), Some(right)) = (as_matrix(x), as_matrix(y)) else {
        return Err(Fault::fatal("takes vectors and matrices"));
    };
    let sizes = product_sizes(left, right)?;
    let zero = Complex::new(A::constant(0.0), A::constant(0.0));
    // Stan computes a row vector times a vector as the dot product, which conjugates its left side (recorded from Stan
    // 2.35); no other product does.
    let is_dot_product = result_kind(x.kind, y.kind) == Kind::Scalar;
    let times = |x: Complex<A>, y: Complex<A>| if is_dot_product { x.conj() * y } else { x * y };
    let entries = product(&x.entries, &y.entries, sizes, zero, times);
    Ok(match (result_kind(x.kind, y.kind), entries.first()) {
        (Kind::Scalar, Some(z)) => Value::Complex(*z),
        (kind, _) => Value::Complexes(Complexes { kind, dims: result_dims(kind, left.0, right.1), entries }),
    })
}

/// The entries of the product of two matrices, column by column; plain numbers if both factors are.
///
/// # Errors
/// Fatal when the inner sizes differ, or the result would be too large.
pub(in crate::rows) fn matrix_product<A: Real>(x: MatrixRef<'_, A>, y: MatrixRef<'_, A>) -> Result<Entries<A>, Fault> {
    let sizes = product_sizes((x.rows, x.cols), (y.rows, y.cols))?;
    let zero = A::constant(0.0);
    Ok(match (x.entries, y.entries) {
        (Entries::Data(x), Entries::Data(y)) => Entries::Data(product(x, y, sizes, 0.0, |x, y| x * y)),
        (Entries::Data(x), Entries::Auto(y)) => Entries::Auto(product(x, y, sizes, zero, |x, y| y * x)),
        (Entries::Auto(x), Entries::Data(y)) => Entries::Auto(product(x, y, sizes, zero, |x, y| x * y)),
        (Entries::Auto(x), Entries::Auto(y)) => Entries::Auto(product(x, y, sizes, zero, |x, y| x * y)),
    })
}

/// Rows of the left factor, the common size, columns of the right factor.
type Sizes = (usize, usize, usize);

fn product_sizes(left: (usize, usize), right: (usize, usize)) -> Result<Sizes, Fault> {
    if left.1 != right.0 {
        let message = format!(
            "the columns of the first factor ({} by {}) must be as many as the rows of the second ({} by {})",
            left.0, left.1, right.0, right.1
        );
        return Err(Fault::fatal(message));
    }
    check_size(&[left.0, right.1])?;
    Ok((left.0, left.1, right.1))
}

fn product<X: Copy, Y: Copy, Z: Copy + AddAssign>(
    x: &[X],
    y: &[Y],
    (rows, inner, cols): Sizes,
    zero: Z,
    times: impl Fn(X, Y) -> Z,
) -> Vec<Z> {
    let mut result = vec![zero; rows * cols];
    for (column, ys) in result.chunks_exact_mut(rows.max(1)).zip(y.chunks_exact(inner.max(1))) {
        if let [total] = column {
            x.iter().zip(ys).for_each(|(x, y)| *total += times(*x, *y));
            continue;
        }
        for (block, start) in column.chunks_mut(ROW_BLOCK).zip((0..).step_by(ROW_BLOCK)) {
            for (k, y) in ys.iter().enumerate() {
                let xs = &x[k * rows + start..];
                block.iter_mut().zip(xs).for_each(|(z, x)| *z += times(*x, *y));
            }
        }
    }
    result
}
