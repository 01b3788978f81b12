//! Covariance matrices and Cholesky factors of covariance matrices: the lower triangle of the factor row by row, with the
//! logarithms of its diagonal.
//!
//! The Jacobian determinants are those of the entries on and below the diagonal.

use std::f64::consts::LN_2;

use super::{Constraint, Violation, check_length, check_lengths, plain};
use crate::Real;
use crate::linear_algebra::{Matrix, MatrixError, MatrixRef, cholesky, tcrossprod};
use crate::special::{exp, log};

/// A lower triangular matrix with positive diagonal and at least as many rows as columns.
#[derive(Clone, Copy, Debug)]
pub struct CholeskyFactorCov {
    /// The number of rows.
    pub rows: usize,
    /// The number of columns, not more than rows.
    pub cols: usize,
}

/// A symmetric positive definite matrix.
#[derive(Clone, Copy, Debug)]
pub struct CovMatrix {
    /// The number of rows and columns.
    pub size: usize,
}

fn n_lower(rows: usize, cols: usize) -> usize {
    let cols = cols.min(rows);
    cols.saturating_mul(cols.saturating_add(1)) / 2 + (rows - cols).saturating_mul(cols)
}

impl<T: Real> Constraint<T> for CholeskyFactorCov {
    fn n_unconstrained(&self) -> usize {
        n_lower(self.rows, self.cols)
    }

    fn n_constrained(&self) -> usize {
        self.rows.saturating_mul(self.cols)
    }

    fn constrain(&self, unconstrained: &[T], constrained: &mut [T]) -> Result<T, Violation> {
        let (rows, cols) = (self.rows, self.cols);
        check_shape(rows, cols)?;
        check_lengths((unconstrained.len(), constrained.len()), n_lower(rows, cols), rows.saturating_mul(cols))?;
        let factor = lower_factor(rows, cols, unconstrained);
        constrained.copy_from_slice(factor.as_slice());
        Ok((0..cols).map(|k| unconstrained[diagonal_position(k)]).sum())
    }

    fn unconstrain(&self, constrained: &[T], unconstrained: &mut [T]) -> Result<(), Violation> {
        let (rows, cols) = (self.rows, self.cols);
        check_shape(rows, cols)?;
        check_lengths((unconstrained.len(), constrained.len()), n_lower(rows, cols), rows.saturating_mul(cols))?;
        check_lower_triangular(rows, cols, &plain(constrained))?;
        write_lower(rows, cols, constrained, unconstrained);
        Ok(())
    }

    fn check(&self, constrained: &[f64]) -> Result<(), Violation> {
        check_shape(self.rows, self.cols)?;
        check_length(constrained.len(), self.rows.saturating_mul(self.cols))?;
        check_lower_triangular(self.rows, self.cols, constrained)
    }
}

impl<T: Real> Constraint<T> for CovMatrix {
    fn n_unconstrained(&self) -> usize {
        n_lower(self.size, self.size)
    }

    fn n_constrained(&self) -> usize {
        self.size.saturating_mul(self.size)
    }

    fn constrain(&self, unconstrained: &[T], constrained: &mut [T]) -> Result<T, Violation> {
        let n = self.size;
        check_lengths((unconstrained.len(), constrained.len()), n_lower(n, n), n.saturating_mul(n))?;
        let factor = lower_factor(n, n, unconstrained);
        constrained.copy_from_slice(tcrossprod(factor.view()).as_slice());
        let logs: T = (0..n).map(|k| unconstrained[diagonal_position(k)] * (n - k + 1) as f64).sum();
        Ok(logs + LN_2 * n as f64)
    }

    fn unconstrain(&self, constrained: &[T], unconstrained: &mut [T]) -> Result<(), Violation> {
        let n = self.size;
        check_lengths((unconstrained.len(), constrained.len()), n_lower(n, n), n.saturating_mul(n))?;
        let factor = factor_of(n, constrained)?;
        write_lower(n, n, factor.as_slice(), unconstrained);
        Ok(())
    }

    fn check(&self, constrained: &[f64]) -> Result<(), Violation> {
        check_length(constrained.len(), self.size.saturating_mul(self.size))?;
        check_positive_definite(self.size, constrained)
    }
}

/// The place of diagonal entry `k` when the lower triangle is read row by row.
fn diagonal_position(k: usize) -> usize {
    k * (k + 3) / 2
}

fn lower_factor<T: Real>(rows: usize, cols: usize, unconstrained: &[T]) -> Matrix<T> {
    let mut factor = Matrix::zeros(rows, cols);
    let mut next = unconstrained.iter();
    for i in 0..rows {
        for (j, &y) in (0..cols.min(i + 1)).zip(&mut next) {
            factor[(i, j)] = if i == j { exp(y) } else { y };
        }
    }
    factor
}

fn write_lower<T: Real>(rows: usize, cols: usize, factor: &[T], unconstrained: &mut [T]) {
    let mut slots = unconstrained.iter_mut();
    for i in 0..rows {
        for (j, slot) in (0..cols.min(i + 1)).zip(&mut slots) {
            let entry = factor[j * rows + i];
            *slot = if i == j { log(entry) } else { entry };
        }
    }
}

fn check_shape(rows: usize, cols: usize) -> Result<(), Violation> {
    if rows >= cols {
        return Ok(());
    }
    Err(Violation::of_all(rows as f64, format!("at least as many rows as the {cols} columns")))
}

/// Checks that a column-major matrix has zeros above its diagonal and positive values on it.
pub(super) fn check_lower_triangular(rows: usize, cols: usize, values: &[f64]) -> Result<(), Violation> {
    for j in 0..cols {
        for i in 0..=j.min(rows.saturating_sub(1)) {
            let (index, entry) = (j * rows + i, values[j * rows + i]);
            if i < j && entry != 0.0 {
                return Err(Violation::of(index, entry, "0, above the diagonal"));
            }
            if i == j && (entry <= 0.0 || entry.is_nan()) {
                return Err(Violation::of(index, entry, "positive, on the diagonal"));
            }
        }
    }
    if let Some(index) = values.iter().position(|entry| entry.is_nan()) {
        return Err(Violation::of(index, f64::NAN, "a number"));
    }
    Ok(())
}

/// Checks that a column-major square matrix is symmetric and positive definite.
pub(super) fn check_positive_definite(n: usize, values: &[f64]) -> Result<(), Violation> {
    factor_of(n, values).map(|_| ())
}

fn factor_of<T: Real>(n: usize, values: &[T]) -> Result<Matrix<T>, Violation> {
    MatrixRef::new(values, n, n).and_then(cholesky).map_err(|error| match error {
        MatrixError::NotSymmetric { row, col } => {
            let mirrored = values[row * n + col].value();
            Violation::of(col * n + row, values[col * n + row].value(), format!("equal to its mirror image {mirrored}"))
        }
        _ => Violation::of_all(f64::NAN, "positive definite"),
    })
}
