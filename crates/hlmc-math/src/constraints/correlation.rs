//! Correlation matrices and their Cholesky factors, by canonical partial correlations z = tanh(y)
//! (Lewandowski, Kurowicka and Joe 2009).
//!
//! The Jacobian determinants are those of the entries below the diagonal. The coordinates of a Cholesky factor go row by
//! row through its lower triangle, those of a correlation matrix column by column.

use super::covariance::{check_lower_triangular, check_positive_definite};
use super::{CONSTRAINT_TOLERANCE, Constraint, Violation, check_length, check_lengths, check_near, plain};
use crate::Real;
use crate::linear_algebra::{Matrix, MatrixRef, cholesky_of_lower, tcrossprod};
use crate::special::{atanh, log1p_exp, sqrt, tanh};

/// The Cholesky factor of a correlation matrix: lower triangular, positive diagonal, rows of length 1.
#[derive(Clone, Copy, Debug)]
pub struct CholeskyFactorCorr {
    /// The number of rows and columns.
    pub size: usize,
}

/// A correlation matrix.
#[derive(Clone, Copy, Debug)]
pub struct CorrMatrix {
    /// The number of rows and columns.
    pub size: usize,
}

fn n_pairs(size: usize) -> usize {
    size.saturating_mul(size.saturating_sub(1)) / 2
}

impl<T: Real> Constraint<T> for CholeskyFactorCorr {
    fn n_unconstrained(&self) -> usize {
        n_pairs(self.size)
    }

    fn n_constrained(&self) -> usize {
        self.size.saturating_mul(self.size)
    }

    fn constrain(&self, unconstrained: &[T], constrained: &mut [T]) -> Result<T, Violation> {
        let n = self.size;
        check_lengths((unconstrained.len(), constrained.len()), n_pairs(n), n.saturating_mul(n))?;
        let mut next = unconstrained.iter();
        Ok(write_factor(n, constrained, |_, _| next.next().copied().unwrap_or(T::constant(0.0))).0)
    }

    fn unconstrain(&self, constrained: &[T], unconstrained: &mut [T]) -> Result<(), Violation> {
        let n = self.size;
        check_lengths((unconstrained.len(), constrained.len()), n_pairs(n), n.saturating_mul(n))?;
        check_factor(n, &plain(constrained))?;
        let mut slots = unconstrained.iter_mut();
        for_each_coordinate(n, constrained, |_, _, y| {
            if let Some(slot) = slots.next() {
                *slot = y;
            }
        });
        Ok(())
    }

    fn check(&self, constrained: &[f64]) -> Result<(), Violation> {
        check_length(constrained.len(), self.size.saturating_mul(self.size))?;
        check_factor(self.size, constrained)
    }
}

impl<T: Real> Constraint<T> for CorrMatrix {
    fn n_unconstrained(&self) -> usize {
        n_pairs(self.size)
    }

    fn n_constrained(&self) -> usize {
        self.size.saturating_mul(self.size)
    }

    fn constrain(&self, unconstrained: &[T], constrained: &mut [T]) -> Result<T, Violation> {
        let n = self.size;
        check_lengths((unconstrained.len(), constrained.len()), n_pairs(n), n.saturating_mul(n))?;
        let mut factor = Matrix::zeros(n, n);
        let mut entries = vec![T::constant(0.0); n.saturating_mul(n)];
        let (_, log_jacobian) = write_factor(n, &mut entries, |i, j| unconstrained[position_by_column(n, i, j)]);
        for j in 0..n {
            factor.col_mut(j).copy_from_slice(&entries[j * n..(j + 1) * n]);
        }
        constrained.copy_from_slice(tcrossprod(factor.view()).as_slice());
        Ok(log_jacobian)
    }

    fn unconstrain(&self, constrained: &[T], unconstrained: &mut [T]) -> Result<(), Violation> {
        let n = self.size;
        check_lengths((unconstrained.len(), constrained.len()), n_pairs(n), n.saturating_mul(n))?;
        check_correlations(n, &plain(constrained))?;
        let factor = MatrixRef::new(constrained, n, n)
            .and_then(cholesky_of_lower)
            .map_err(|_| Violation::of_all(f64::NAN, "positive definite"))?;
        for_each_coordinate(n, factor.as_slice(), |i, j, y| unconstrained[position_by_column(n, i, j)] = y);
        Ok(())
    }

    fn check(&self, constrained: &[f64]) -> Result<(), Violation> {
        check_length(constrained.len(), self.size.saturating_mul(self.size))?;
        check_correlations(self.size, constrained)
    }
}

/// The place of entry (i, j), i > j, when the strictly lower triangle is read column by column.
fn position_by_column(n: usize, i: usize, j: usize) -> usize {
    j * (2 * n - j - 1) / 2 + (i - j - 1)
}

/// Writes the Cholesky factor whose partial correlation (i, j) is tanh(y(i, j)), asked for row by row, and returns the log
/// Jacobians of the factor and of the correlation matrix in y.
fn write_factor<T: Real>(n: usize, factor: &mut [T], mut y: impl FnMut(usize, usize) -> T) -> (T, T) {
    let (mut of_factor, mut of_matrix) = (T::constant(0.0), T::constant(0.0));
    factor.fill(T::constant(0.0));
    for i in 0..n {
        // log of the squared length that is left of row i.
        let (mut left, mut log_left) = (T::constant(1.0), T::constant(0.0));
        for j in 0..i {
            let coordinate = y(i, j);
            let z = tanh(coordinate);
            let log_share = log_sech_squared(coordinate);
            factor[j * n + i] = z * left;
            of_factor += log_share + log_left * 0.5;
            of_matrix += log_share * (0.5 * (n - j) as f64);
            log_left += log_share;
            left = (log_left * 0.5).exp();
        }
        factor[i * n + i] = left;
    }
    (of_factor, of_matrix)
}

/// log(1 - tanh(y)²).
fn log_sech_squared<T: Real>(y: T) -> T {
    const TWO_LOG_TWO: f64 = 2.0 * std::f64::consts::LN_2;
    let twice = if y.value() < 0.0 { y * -2.0 } else { y * 2.0 };
    (log1p_exp(-twice) * 2.0 + twice) * -1.0 + TWO_LOG_TWO
}

/// Calls `visit(i, j, y)` for each coordinate of a Cholesky factor, row by row.
fn for_each_coordinate<T: Real>(n: usize, factor: &[T], mut visit: impl FnMut(usize, usize, T)) {
    for i in 0..n {
        let mut left = T::constant(1.0);
        for j in 0..i {
            let entry = factor[j * n + i];
            visit(i, j, atanh(entry / sqrt(left)));
            left -= entry * entry;
        }
    }
}

fn check_factor(n: usize, values: &[f64]) -> Result<(), Violation> {
    check_lower_triangular(n, n, values)?;
    for i in 0..n {
        let squared_length = (0..=i).map(|j| values[j * n + i].powi(2)).sum();
        check_near(squared_length, 1.0, "a row of the squared length")?;
    }
    Ok(())
}

fn check_correlations(n: usize, values: &[f64]) -> Result<(), Violation> {
    for i in 0..n {
        let diagonal = values[i * n + i];
        if (diagonal - 1.0).abs() > CONSTRAINT_TOLERANCE || diagonal.is_nan() {
            return Err(Violation::of(i * n + i, diagonal, "1, on the diagonal of a correlation matrix"));
        }
    }
    check_positive_definite(n, values)
}
