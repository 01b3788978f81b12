//! Products of special form: quadratic forms, diagonal factors, traces.

use super::{Matrix, MatrixError, MatrixRef, dot, multiply};
use crate::Real;

/// B' A B.
///
/// # Errors
/// [`MatrixError::Size`] if A is not square or has not as many columns as B has rows.
pub fn quad_form<T: Real>(a: MatrixRef<'_, T>, b: MatrixRef<'_, T>) -> Result<Matrix<T>, MatrixError> {
    a.square_size()?;
    let right = multiply(a, b)?;
    multiply(b.transpose().view(), right.view())
}

/// B' A B made symmetric to the last bit, for a symmetric A.
///
/// # Errors
/// As [`quad_form`], or [`MatrixError::NotSymmetric`].
pub fn quad_form_sym<T: Real>(a: MatrixRef<'_, T>, b: MatrixRef<'_, T>) -> Result<Matrix<T>, MatrixError> {
    super::check_symmetric(a)?;
    let form = quad_form(a, b)?;
    Ok(Matrix::from_fn(form.rows(), form.cols(), |i, j| (form[(i, j)] + form[(j, i)]) * 0.5))
}

/// diag(d) A diag(d).
///
/// # Errors
/// [`MatrixError::Size`] if A is not square of the size of `d`.
pub fn quad_form_diag<T: Real>(a: MatrixRef<'_, T>, d: &[T]) -> Result<Matrix<T>, MatrixError> {
    check_diagonal(a.square_size()?, d)?;
    Ok(Matrix::from_fn(d.len(), d.len(), |i, j| a[(i, j)] * d[i] * d[j]))
}

/// tr(B' A B).
///
/// # Errors
/// As [`quad_form`].
pub fn trace_quad_form<T: Real>(a: MatrixRef<'_, T>, b: MatrixRef<'_, T>) -> Result<T, MatrixError> {
    a.square_size()?;
    let right = multiply(a, b)?;
    Ok(dot(b.as_slice(), right.as_slice()))
}

/// tr(D B' A B).
///
/// # Errors
/// As [`quad_form`], or if D is not square of as many columns as B.
pub fn trace_gen_quad_form<T: Real>(
    d: MatrixRef<'_, T>,
    a: MatrixRef<'_, T>,
    b: MatrixRef<'_, T>,
) -> Result<T, MatrixError> {
    d.square_size()?;
    let form = quad_form(a, b)?;
    Ok(trace(multiply(d, form.view())?.view()))
}

/// The sum of the diagonal entries.
pub fn trace<T: Real>(a: MatrixRef<'_, T>) -> T {
    (0..a.rows().min(a.cols())).map(|i| a[(i, i)]).sum()
}

/// diag(d) A.
///
/// # Errors
/// [`MatrixError::Size`] if `d` has not as many entries as A has rows.
pub fn diag_pre_multiply<T: Real>(d: &[T], a: MatrixRef<'_, T>) -> Result<Matrix<T>, MatrixError> {
    check_diagonal(a.rows(), d)?;
    Ok(Matrix::from_fn(a.rows(), a.cols(), |i, j| d[i] * a[(i, j)]))
}

/// A diag(d).
///
/// # Errors
/// [`MatrixError::Size`] if `d` has not as many entries as A has columns.
pub fn diag_post_multiply<T: Real>(a: MatrixRef<'_, T>, d: &[T]) -> Result<Matrix<T>, MatrixError> {
    check_diagonal(a.cols(), d)?;
    Ok(Matrix::from_fn(a.rows(), a.cols(), |i, j| a[(i, j)] * d[j]))
}

fn check_diagonal<T>(expected: usize, d: &[T]) -> Result<(), MatrixError> {
    if d.len() == expected {
        return Ok(());
    }
    Err(MatrixError::Size(format!("expected a diagonal of {expected} entries, found {}", d.len())))
}
