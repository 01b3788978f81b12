//! Simplexes and stochastic matrices: the softmax of a vector of sum 0 (Stan 2.37 and later).
//!
//! The Jacobian determinant is that of all values but the last in the unconstrained coordinates, sqrt(K) Π x.

use super::sum_to_zero::{write_coordinates, write_sum_to_zero};
use super::{Constraint, Violation, check_length, check_lengths, check_near, plain};
use crate::Real;
use crate::special::{exp, log, log_sum_exp};

/// A vector of values >= 0 with sum 1.
#[derive(Clone, Copy, Debug)]
pub struct Simplex {
    /// The number of values.
    pub size: usize,
}

/// A matrix whose columns are simplexes.
#[derive(Clone, Copy, Debug)]
pub struct ColumnStochasticMatrix {
    /// The number of rows.
    pub rows: usize,
    /// The number of columns.
    pub cols: usize,
}

/// A matrix whose rows are simplexes. Its unconstrained coordinates are a matrix of one column less, column-major.
#[derive(Clone, Copy, Debug)]
pub struct RowStochasticMatrix {
    /// The number of rows.
    pub rows: usize,
    /// The number of columns.
    pub cols: usize,
}

impl<T: Real> Constraint<T> for Simplex {
    fn n_unconstrained(&self) -> usize {
        self.size.saturating_sub(1)
    }

    fn n_constrained(&self) -> usize {
        self.size
    }

    fn constrain(&self, unconstrained: &[T], constrained: &mut [T]) -> Result<T, Violation> {
        check_lengths((unconstrained.len(), constrained.len()), self.size.saturating_sub(1), self.size)?;
        Ok(write_simplex(unconstrained, constrained))
    }

    fn unconstrain(&self, constrained: &[T], unconstrained: &mut [T]) -> Result<(), Violation> {
        check_lengths((unconstrained.len(), constrained.len()), self.size.saturating_sub(1), self.size)?;
        check_simplex(&plain(constrained))?;
        write_log_ratios(constrained, unconstrained);
        Ok(())
    }

    fn check(&self, constrained: &[f64]) -> Result<(), Violation> {
        check_length(constrained.len(), self.size)?;
        check_simplex(constrained)
    }
}

impl<T: Real> Constraint<T> for ColumnStochasticMatrix {
    fn n_unconstrained(&self) -> usize {
        self.rows.saturating_sub(1).saturating_mul(self.cols)
    }

    fn n_constrained(&self) -> usize {
        self.rows.saturating_mul(self.cols)
    }

    fn constrain(&self, unconstrained: &[T], constrained: &mut [T]) -> Result<T, Violation> {
        let lengths = (unconstrained.len(), constrained.len());
        check_lengths(lengths, Constraint::<T>::n_unconstrained(self), Constraint::<T>::n_constrained(self))?;
        let mut log_jacobian = T::constant(0.0);
        let free_rows = self.rows.saturating_sub(1);
        for j in 0..self.cols {
            let free = &unconstrained[j * free_rows..(j + 1) * free_rows];
            log_jacobian += write_simplex(free, &mut constrained[j * self.rows..(j + 1) * self.rows]);
        }
        Ok(log_jacobian)
    }

    fn unconstrain(&self, constrained: &[T], unconstrained: &mut [T]) -> Result<(), Violation> {
        let lengths = (unconstrained.len(), constrained.len());
        check_lengths(lengths, Constraint::<T>::n_unconstrained(self), Constraint::<T>::n_constrained(self))?;
        Constraint::<T>::check(self, &plain(constrained))?;
        let free_rows = self.rows.saturating_sub(1);
        for j in 0..self.cols {
            let free = &mut unconstrained[j * free_rows..(j + 1) * free_rows];
            write_log_ratios(&constrained[j * self.rows..(j + 1) * self.rows], free);
        }
        Ok(())
    }

    fn check(&self, constrained: &[f64]) -> Result<(), Violation> {
        check_length(constrained.len(), Constraint::<T>::n_constrained(self))?;
        (0..self.cols).try_for_each(|j| check_simplex(&constrained[j * self.rows..(j + 1) * self.rows]))
    }
}

impl<T: Real> Constraint<T> for RowStochasticMatrix {
    fn n_unconstrained(&self) -> usize {
        self.cols.saturating_sub(1).saturating_mul(self.rows)
    }

    fn n_constrained(&self) -> usize {
        self.rows.saturating_mul(self.cols)
    }

    fn constrain(&self, unconstrained: &[T], constrained: &mut [T]) -> Result<T, Violation> {
        let lengths = (unconstrained.len(), constrained.len());
        check_lengths(lengths, Constraint::<T>::n_unconstrained(self), Constraint::<T>::n_constrained(self))?;
        let (mut log_jacobian, mut row) = (T::constant(0.0), vec![T::constant(0.0); self.cols]);
        for i in 0..self.rows {
            let free: Vec<T> = unconstrained.iter().skip(i).step_by(self.rows).copied().collect();
            log_jacobian += write_simplex(&free, &mut row);
            for (j, &value) in row.iter().enumerate() {
                constrained[j * self.rows + i] = value;
            }
        }
        Ok(log_jacobian)
    }

    fn unconstrain(&self, constrained: &[T], unconstrained: &mut [T]) -> Result<(), Violation> {
        let lengths = (unconstrained.len(), constrained.len());
        check_lengths(lengths, Constraint::<T>::n_unconstrained(self), Constraint::<T>::n_constrained(self))?;
        Constraint::<T>::check(self, &plain(constrained))?;
        let mut free = vec![T::constant(0.0); self.cols.saturating_sub(1)];
        for i in 0..self.rows {
            let row: Vec<T> = constrained.iter().skip(i).step_by(self.rows).copied().collect();
            write_log_ratios(&row, &mut free);
            for (j, &value) in free.iter().enumerate() {
                unconstrained[j * self.rows + i] = value;
            }
        }
        Ok(())
    }

    fn check(&self, constrained: &[f64]) -> Result<(), Violation> {
        check_length(constrained.len(), Constraint::<T>::n_constrained(self))?;
        (0..self.rows).try_for_each(|i| {
            let row: Vec<f64> = constrained.iter().skip(i).step_by(self.rows).copied().collect();
            check_simplex(&row)
        })
    }
}

/// Writes the simplex and returns the log Jacobian; an empty one has none.
fn write_simplex<T: Real>(free: &[T], values: &mut [T]) -> T {
    let size = values.len() as f64;
    if values.is_empty() {
        return T::constant(0.0);
    }
    write_sum_to_zero(free, values);
    let log_total = log_sum_exp(values);
    for value in values.iter_mut() {
        *value = exp(*value - log_total);
    }
    // Σ log x = Σ (z - log total), and z sums to 0.
    log_total * -size + 0.5 * size.ln()
}

fn write_log_ratios<T: Real>(values: &[T], free: &mut [T]) {
    let logs: Vec<T> = values.iter().map(|x| log(*x)).collect();
    write_coordinates(&logs, free);
}

fn check_simplex(values: &[f64]) -> Result<(), Violation> {
    for (index, &x) in values.iter().enumerate() {
        if x < 0.0 || x.is_nan() {
            return Err(Violation::of(index, x, "greater than or equal to 0"));
        }
    }
    check_near(values.iter().sum(), 1.0, "a simplex, with the sum")
}
