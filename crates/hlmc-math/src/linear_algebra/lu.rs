//! General square systems, determinants and inverses, by elimination with row exchanges.
//!
//! A singular matrix is no error, as in Stan: its inverse and solutions have infinite or NaN entries, its log determinant
//! is -inf.

use super::cholesky::check_divisor;
use super::{Matrix, MatrixError, MatrixRef};
use crate::Real;

/// P A = L U: the factors packed into one matrix, and the exchanges.
struct LuFactors<T> {
    /// U on and above the diagonal, L without its unit diagonal below.
    packed: Matrix<T>,
    /// Row `order[i]` of A is row i of L U.
    order: Vec<usize>,
    /// 1 or -1, the determinant of P.
    sign: f64,
}

/// The determinant; 1 of the empty matrix.
///
/// # Errors
/// [`MatrixError::Size`] if the matrix is not square.
pub fn determinant<T: Real>(a: MatrixRef<'_, T>) -> Result<T, MatrixError> {
    let n = a.square_size()?;
    let factors = factorise(a);
    Ok((0..n).fold(T::constant(factors.sign), |product, i| product * factors.packed[(i, i)]))
}

/// The logarithm of the absolute value of the determinant.
///
/// # Errors
/// [`MatrixError::Size`] if the matrix is not square.
pub fn log_determinant<T: Real>(a: MatrixRef<'_, T>) -> Result<T, MatrixError> {
    let n = a.square_size()?;
    let factors = factorise(a);
    Ok((0..n).map(|i| factors.packed[(i, i)].abs().ln()).sum())
}

/// A⁻¹.
///
/// # Errors
/// [`MatrixError::Size`] if the matrix is not square.
pub fn inverse<T: Real>(a: MatrixRef<'_, T>) -> Result<Matrix<T>, MatrixError> {
    solve(a, Matrix::identity(a.square_size()?).view())
}

/// A⁻¹ B, the language's `A \ B`.
///
/// # Errors
/// [`MatrixError::Size`] if A is not square or has not as many rows as B.
pub fn solve<T: Real>(a: MatrixRef<'_, T>, b: MatrixRef<'_, T>) -> Result<Matrix<T>, MatrixError> {
    let n = check_divisor(a, b)?;
    let factors = factorise(a);
    let packed = &factors.packed;
    let mut solution = Matrix::from_fn(n, b.cols(), |i, j| b[(factors.order[i], j)]);
    for col in 0..b.cols() {
        let x = solution.col_mut(col);
        for j in 0..n {
            let known = x[j];
            for i in j + 1..n {
                x[i] -= packed[(i, j)] * known;
            }
        }
        for j in (0..n).rev() {
            x[j] /= packed[(j, j)];
            let known = x[j];
            for i in 0..j {
                x[i] -= packed[(i, j)] * known;
            }
        }
    }
    Ok(solution)
}

/// `x` becomes A⁻¹ x for plain numbers; A, column by column and as many rows as `x`, is overwritten.
pub fn solve_in_place(a: &mut [f64], x: &mut [f64]) {
    let n = x.len();
    for k in 0..n {
        let (before, behind) = a.split_at_mut((k + 1) * n);
        let column = &mut before[k * n..];
        let pivot = (k + 1..n).fold(k, |best, i| if column[i].abs() > column[best].abs() { i } else { best });
        column.swap(k, pivot);
        x.swap(k, pivot);
        let scale = 1.0 / column[k];
        for other in behind.chunks_exact_mut(n) {
            other.swap(k, pivot);
            let top = other[k] * scale;
            (k + 1..n).for_each(|i| other[i] -= column[i] * top);
        }
        let top = x[k] * scale;
        (k + 1..n).for_each(|i| x[i] -= column[i] * top);
    }
    for (j, column) in a.chunks_exact(n.max(1)).enumerate().rev() {
        x[j] /= column[j];
        let known = x[j];
        (0..j).for_each(|i| x[i] -= column[i] * known);
    }
}

/// B A⁻¹, the language's `B / A`.
///
/// # Errors
/// [`MatrixError::Size`] if A is not square or has not as many columns as B.
pub fn solve_right<T: Real>(b: MatrixRef<'_, T>, a: MatrixRef<'_, T>) -> Result<Matrix<T>, MatrixError> {
    let transposed = solve(a.transpose().view(), b.transpose().view())?;
    Ok(transposed.view().transpose())
}

/// The caller has made sure that the matrix is square.
fn factorise<T: Real>(a: MatrixRef<'_, T>) -> LuFactors<T> {
    let n = a.rows();
    let mut factors = LuFactors { packed: a.to_matrix(), order: (0..n).collect(), sign: 1.0 };
    let packed = &mut factors.packed;
    for k in 0..n {
        let mut pivot_row = k;
        for i in k + 1..n {
            if packed[(i, k)].value().abs() > packed[(pivot_row, k)].value().abs() {
                pivot_row = i;
            }
        }
        if pivot_row != k {
            for j in 0..n {
                packed.col_mut(j).swap(k, pivot_row);
            }
            factors.order.swap(k, pivot_row);
            factors.sign = -factors.sign;
        }
        let pivot = packed[(k, k)];
        if pivot.value() == 0.0 {
            continue;
        }
        let scale = pivot.recip();
        for i in k + 1..n {
            packed[(i, k)] *= scale;
        }
        for j in k + 1..n {
            let top = packed[(k, j)];
            for i in k + 1..n {
                let eliminated = packed[(i, k)] * top;
                packed[(i, j)] -= eliminated;
            }
        }
    }
    factors
}
