//! Vectors that sum to zero, and matrices whose rows and columns do: an orthonormal basis, so the volume factor
//! sqrt(|J'J|) of the embedding is 1 and its logarithm 0.
//!
//! The basis is that of pivot coordinates (Filzmoser, Hron and Templ 2018, chapter 3): column n has n entries
//! 1 / sqrt(n (n + 1)) and then -n / sqrt(n (n + 1)).

use super::{Constraint, Violation, check_length, check_lengths, check_near, plain};
use crate::Real;

/// A vector of sum 0.
#[derive(Clone, Copy, Debug)]
pub struct SumToZeroVector {
    /// The number of values.
    pub size: usize,
}

/// A matrix all of whose rows and columns sum to 0.
#[derive(Clone, Copy, Debug)]
pub struct SumToZeroMatrix {
    /// The number of rows.
    pub rows: usize,
    /// The number of columns.
    pub cols: usize,
}

impl<T: Real> Constraint<T> for SumToZeroVector {
    fn n_unconstrained(&self) -> usize {
        self.size.saturating_sub(1)
    }

    fn n_constrained(&self) -> usize {
        self.size
    }

    fn constrain(&self, unconstrained: &[T], constrained: &mut [T]) -> Result<T, Violation> {
        check_lengths((unconstrained.len(), constrained.len()), self.size.saturating_sub(1), self.size)?;
        write_sum_to_zero(unconstrained, constrained);
        Ok(T::constant(0.0))
    }

    fn unconstrain(&self, constrained: &[T], unconstrained: &mut [T]) -> Result<(), Violation> {
        check_lengths((unconstrained.len(), constrained.len()), self.size.saturating_sub(1), self.size)?;
        check_sum(&plain(constrained))?;
        write_coordinates(constrained, unconstrained);
        Ok(())
    }

    fn check(&self, constrained: &[f64]) -> Result<(), Violation> {
        check_length(constrained.len(), self.size)?;
        check_sum(constrained)
    }
}

impl SumToZeroMatrix {
    fn free_rows(&self) -> usize {
        self.rows.saturating_sub(1)
    }

    fn free_cols(&self) -> usize {
        self.cols.saturating_sub(1)
    }

    fn lengths(&self) -> (usize, usize) {
        (self.free_rows().saturating_mul(self.free_cols()), self.rows.saturating_mul(self.cols))
    }
}

impl<T: Real> Constraint<T> for SumToZeroMatrix {
    fn n_unconstrained(&self) -> usize {
        self.lengths().0
    }

    fn n_constrained(&self) -> usize {
        self.lengths().1
    }

    fn constrain(&self, unconstrained: &[T], constrained: &mut [T]) -> Result<T, Violation> {
        let (n_unconstrained, n_constrained) = self.lengths();
        check_lengths((unconstrained.len(), constrained.len()), n_unconstrained, n_constrained)?;
        constrained.fill(T::constant(0.0));
        if n_unconstrained == 0 {
            return Ok(T::constant(0.0));
        }
        for (free, column) in unconstrained.chunks_exact(self.free_rows()).zip(constrained.chunks_exact_mut(self.rows))
        {
            write_sum_to_zero(free, column);
        }
        let mut row = vec![T::constant(0.0); self.cols];
        for i in 0..self.rows {
            let free: Vec<T> = (0..self.free_cols()).map(|j| constrained[j * self.rows + i]).collect();
            write_sum_to_zero(&free, &mut row);
            for (j, &entry) in row.iter().enumerate() {
                constrained[j * self.rows + i] = entry;
            }
        }
        Ok(T::constant(0.0))
    }

    fn unconstrain(&self, constrained: &[T], unconstrained: &mut [T]) -> Result<(), Violation> {
        let (n_unconstrained, n_constrained) = self.lengths();
        check_lengths((unconstrained.len(), constrained.len()), n_unconstrained, n_constrained)?;
        check_matrix_sums(self, &plain(constrained))?;
        if n_unconstrained == 0 {
            return Ok(());
        }
        let mut by_row = vec![T::constant(0.0); self.rows * self.free_cols()];
        let mut free = vec![T::constant(0.0); self.free_cols()];
        for i in 0..self.rows {
            let row: Vec<T> = (0..self.cols).map(|j| constrained[j * self.rows + i]).collect();
            write_coordinates(&row, &mut free);
            for (j, &entry) in free.iter().enumerate() {
                by_row[j * self.rows + i] = entry;
            }
        }
        for (column, free) in by_row.chunks_exact(self.rows).zip(unconstrained.chunks_exact_mut(self.free_rows())) {
            write_coordinates(column, free);
        }
        Ok(())
    }

    fn check(&self, constrained: &[f64]) -> Result<(), Violation> {
        check_length(constrained.len(), self.lengths().1)?;
        check_matrix_sums(self, constrained)
    }
}

/// The vector of sum 0 that has these coordinates in the orthonormal basis; it is longer by 1.
pub(super) fn write_sum_to_zero<T: Real>(coordinates: &[T], values: &mut [T]) {
    values.fill(T::constant(0.0));
    let mut sum = T::constant(0.0);
    for (index, &y) in coordinates.iter().enumerate().rev() {
        let n = (index + 1) as f64;
        let weight = y / (n * (n + 1.0)).sqrt();
        sum += weight;
        values[index] += sum;
        values[index + 1] -= weight * n;
    }
}

/// The coordinates of a vector in the orthonormal basis; what it has of a constant vector is dropped.
pub(super) fn write_coordinates<T: Real>(values: &[T], coordinates: &mut [T]) {
    let mut sum = T::constant(0.0);
    for (index, y) in coordinates.iter_mut().enumerate() {
        let n = (index + 1) as f64;
        sum += values[index];
        *y = (sum - values[index + 1] * n) / (n * (n + 1.0)).sqrt();
    }
}

fn check_sum(values: &[f64]) -> Result<(), Violation> {
    check_near(values.iter().sum(), 0.0, "a vector with the sum")
}

fn check_matrix_sums(size: &SumToZeroMatrix, values: &[f64]) -> Result<(), Violation> {
    if values.is_empty() {
        return Ok(());
    }
    for column in values.chunks_exact(size.rows) {
        check_near(column.iter().sum(), 0.0, "a column with the sum")?;
    }
    for i in 0..size.rows {
        check_near(values.iter().skip(i).step_by(size.rows).sum(), 0.0, "a row with the sum")?;
    }
    Ok(())
}
