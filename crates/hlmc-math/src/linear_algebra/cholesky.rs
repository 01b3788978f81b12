//! Cholesky factors and triangular solves.

use super::{Matrix, MatrixError, MatrixRef, tcrossprod};
use crate::Real;

/// How far an entry may be from its mirror image, absolutely: Stan's `CONSTRAINT_TOLERANCE`.
pub const SYMMETRY_TOLERANCE: f64 = 1e-8;

/// Checks that a matrix is square and equal to its transpose up to [`SYMMETRY_TOLERANCE`].
///
/// # Errors
/// [`MatrixError::Size`] or [`MatrixError::NotSymmetric`], which names the first entry that differs.
pub fn check_symmetric<T: Real>(a: MatrixRef<'_, T>) -> Result<(), MatrixError> {
    let n = a.square_size()?;
    for col in 0..n {
        for row in col + 1..n {
            let difference = (a[(row, col)].value() - a[(col, row)].value()).abs();
            if difference > SYMMETRY_TOLERANCE || difference.is_nan() {
                return Err(MatrixError::NotSymmetric { row, col });
            }
        }
    }
    Ok(())
}

/// The lower triangular L with positive diagonal and L L' = A; reads the lower triangle of A alone.
///
/// # Errors
/// [`MatrixError::NotPositiveDefinite`], [`MatrixError::Size`], or [`MatrixError::NotSymmetric`].
pub fn cholesky<T: Real>(a: MatrixRef<'_, T>) -> Result<Matrix<T>, MatrixError> {
    check_symmetric(a)?;
    cholesky_of_lower(a)
}

/// [`cholesky`] without the test for symmetry.
///
/// # Errors
/// [`MatrixError::NotPositiveDefinite`] or [`MatrixError::Size`].
pub fn cholesky_of_lower<T: Real>(a: MatrixRef<'_, T>) -> Result<Matrix<T>, MatrixError> {
    let n = a.square_size()?;
    let zero = T::constant(0.0);
    let mut factor = Matrix::from_fn(n, n, |i, j| if i < j { zero } else { a[(i, j)] });
    for j in 0..n {
        // Column j less what the columns before it explain.
        for k in 0..j {
            let weight = factor[(j, k)];
            for i in j..n {
                let explained = factor[(i, k)] * weight;
                factor[(i, j)] -= explained;
            }
        }
        let pivot = factor[(j, j)];
        if !(pivot.value() > 0.0 && pivot.value().is_finite()) {
            return Err(MatrixError::NotPositiveDefinite);
        }
        let root = pivot.sqrt();
        factor[(j, j)] = root;
        let scale = root.recip();
        for entry in factor.col_mut(j).iter_mut().skip(j + 1) {
            *entry *= scale;
        }
    }
    Ok(factor)
}

/// L⁻¹ B for a lower triangular L; entries above the diagonal are not read. A zero on the diagonal gives infinities.
///
/// # Errors
/// [`MatrixError::Size`] if L is not square or has not as many rows as B.
pub fn solve_lower<T: Real>(lower: MatrixRef<'_, T>, b: MatrixRef<'_, T>) -> Result<Matrix<T>, MatrixError> {
    let n = check_divisor(lower, b)?;
    let mut solution = b.to_matrix();
    for col in 0..solution.cols() {
        let x = solution.col_mut(col);
        for j in 0..n {
            x[j] /= lower[(j, j)];
            let known = x[j];
            for i in j + 1..n {
                x[i] -= lower[(i, j)] * known;
            }
        }
    }
    Ok(solution)
}

/// U⁻¹ B for an upper triangular U; entries below the diagonal are not read.
///
/// # Errors
/// [`MatrixError::Size`] if U is not square or has not as many rows as B.
pub fn solve_upper<T: Real>(upper: MatrixRef<'_, T>, b: MatrixRef<'_, T>) -> Result<Matrix<T>, MatrixError> {
    let n = check_divisor(upper, b)?;
    let mut solution = b.to_matrix();
    for col in 0..solution.cols() {
        let x = solution.col_mut(col);
        for j in (0..n).rev() {
            x[j] /= upper[(j, j)];
            let known = x[j];
            for i in 0..j {
                x[i] -= upper[(i, j)] * known;
            }
        }
    }
    Ok(solution)
}

/// L'⁻¹ B for a lower triangular L; entries above the diagonal are not read.
///
/// # Errors
/// [`MatrixError::Size`] if L is not square or has not as many rows as B.
pub fn solve_lower_transposed<T: Real>(lower: MatrixRef<'_, T>, b: MatrixRef<'_, T>) -> Result<Matrix<T>, MatrixError> {
    let n = check_divisor(lower, b)?;
    let mut solution = b.to_matrix();
    for col in 0..solution.cols() {
        let x = solution.col_mut(col);
        for j in (0..n).rev() {
            for i in j + 1..n {
                let known = x[i];
                x[j] -= lower[(i, j)] * known;
            }
            x[j] /= lower[(j, j)];
        }
    }
    Ok(solution)
}

/// A⁻¹ B for a symmetric positive definite A.
///
/// # Errors
/// As [`cholesky`], or [`MatrixError::Size`].
pub fn solve_spd<T: Real>(a: MatrixRef<'_, T>, b: MatrixRef<'_, T>) -> Result<Matrix<T>, MatrixError> {
    let factor = cholesky(a)?;
    let half = solve_lower(factor.view(), b)?;
    solve_lower_transposed(factor.view(), half.view())
}

/// The inverse of a symmetric positive definite matrix, symmetric to the last bit.
///
/// # Errors
/// As [`cholesky`].
pub fn inverse_spd<T: Real>(a: MatrixRef<'_, T>) -> Result<Matrix<T>, MatrixError> {
    inverse_from_cholesky(cholesky(a)?.view())
}

/// (L L')⁻¹ for a lower triangular L, Stan's `chol2inv`.
///
/// # Errors
/// [`MatrixError::Size`] if L is not square.
pub fn inverse_from_cholesky<T: Real>(lower: MatrixRef<'_, T>) -> Result<Matrix<T>, MatrixError> {
    let n = lower.square_size()?;
    let inverse_factor = solve_lower(lower, Matrix::identity(n).view())?;
    Ok(super::crossprod(inverse_factor.view()))
}

/// log |A| of a symmetric positive definite matrix.
///
/// # Errors
/// As [`cholesky`].
pub fn log_determinant_spd<T: Real>(a: MatrixRef<'_, T>) -> Result<T, MatrixError> {
    let factor = cholesky(a)?;
    let half = (0..factor.rows()).map(|i| factor[(i, i)].ln()).sum::<T>();
    Ok(half * 2.0)
}

/// L L' of the lower triangle of a square or tall matrix, Stan's `multiply_lower_tri_self_transpose`.
pub fn multiply_lower_tri_self_transpose<T: Real>(a: MatrixRef<'_, T>) -> Matrix<T> {
    let lower = Matrix::from_fn(a.rows(), a.cols(), |i, j| if i < j { T::constant(0.0) } else { a[(i, j)] });
    tcrossprod(lower.view())
}

/// The size of a square divisor that fits `b`.
pub(super) fn check_divisor<T: Real>(a: MatrixRef<'_, T>, b: MatrixRef<'_, T>) -> Result<usize, MatrixError> {
    let n = a.square_size()?;
    if b.rows() == n {
        return Ok(n);
    }
    Err(MatrixError::Size(format!("cannot solve a system of {n} equations for {} rows", b.rows())))
}
