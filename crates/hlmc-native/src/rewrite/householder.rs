//! Triangular factors by Householder reflections: backward stable, unlike the normal equations, which square the condition
//! number (Golub and Van Loan, Matrix Computations, 4th edition, section 5.2).
//!
//! Written out rather than taken from a library because the matrices here are of two kinds that libraries are not made
//! for: thousands of tiny ones, and a tall one that arrives row by row.

/// Reflects a matrix, row by row, so that its first `n_pivots` columns become upper echelon: each pivot that is not zero
/// takes one row, and has zeros below. Gives the number of rows that pivots took; the sums of squares of the columns, and
/// of all their combinations, stay what they were.
pub(super) fn echelon(matrix: &mut [f64], n_columns: usize, n_pivots: usize) -> usize {
    let n_rows = matrix.len() / n_columns.max(1);
    let mut projections = vec![0.0; n_columns];
    let mut rank = 0;
    for pivot in 0..n_pivots {
        if rank == n_rows {
            break;
        }
        rank += usize::from(reflect(&mut matrix[rank * n_columns..], n_columns, pivot, &mut projections));
    }
    rank
}

/// Reflects all rows so that the pivot column is zero but for its first entry. False if it is zero, or so small that its
/// squares are: of columns that depend on one another the last ones leave no more than roundings of roundings.
fn reflect(matrix: &mut [f64], n_columns: usize, pivot: usize, projections: &mut [f64]) -> bool {
    let largest = matrix.chunks_exact(n_columns).fold(0.0, |largest: f64, row| largest.max(row[pivot].abs()));
    if !(largest * largest).is_normal() {
        matrix.chunks_exact_mut(n_columns).for_each(|row| row[pivot] = 0.0);
        return false;
    }
    // Scaled, so that squares neither overflow nor vanish.
    let sum_of_squares: f64 = matrix.chunks_exact(n_columns).map(|row| (row[pivot] / largest).powi(2)).sum();
    let first = matrix[pivot];
    let image = -first.signum() * largest * sum_of_squares.sqrt();
    // With v = x - image e1 the reflection is I - beta v v', beta = 2 / v'v = 1 / (image (image - x1)).
    let beta = 1.0 / (image * (image - first));
    matrix[pivot] = first - image;
    projections.fill(0.0);
    for row in matrix.chunks_exact(n_columns) {
        let v = row[pivot];
        let columns = projections[pivot + 1..].iter_mut().zip(&row[pivot + 1..]);
        columns.for_each(|(projection, x)| *projection += v * x);
    }
    projections.iter_mut().for_each(|projection| *projection *= beta);
    for row in matrix.chunks_exact_mut(n_columns) {
        let v = std::mem::take(&mut row[pivot]);
        row[pivot + 1..].iter_mut().zip(&projections[pivot + 1..]).for_each(|(x, projection)| *x -= v * projection);
    }
    matrix[pivot] = image;
    true
}

/// A tall matrix that arrives row by row, of which the triangular factor is kept.
pub(super) struct Triangle {
    n_columns: usize,
    rows: Vec<f64>,
    /// Rows that are gathered before they are folded in.
    capacity: usize,
}

/// Rows are folded in when at least so many have come, and at least [`COLUMNS_OF_ROWS`] times as many as columns.
const MIN_ROWS: usize = 128;
const COLUMNS_OF_ROWS: usize = 4;

impl Triangle {
    pub(super) fn new(n_columns: usize) -> Self {
        let capacity = n_columns + MIN_ROWS.max(COLUMNS_OF_ROWS * n_columns);
        Triangle { n_columns, rows: Vec::new(), capacity: capacity * n_columns }
    }

    pub(super) fn push(&mut self, row: &[f64]) {
        self.rows.extend_from_slice(row);
        if self.rows.len() >= self.capacity {
            self.fold();
        }
    }

    fn fold(&mut self) {
        let rank = echelon(&mut self.rows, self.n_columns, self.n_columns);
        self.rows.truncate(rank * self.n_columns);
    }

    /// The rows of the triangular factor, at most one a column, and forgets them.
    pub(super) fn take(&mut self) -> Vec<f64> {
        self.fold();
        std::mem::take(&mut self.rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gram(matrix: &[f64], n: usize) -> Vec<f64> {
        let mut gram = vec![0.0; n * n];
        for row in matrix.chunks_exact(n) {
            (0..n * n).for_each(|k| gram[k] += row[k / n] * row[k % n]);
        }
        gram
    }

    #[test]
    fn the_factor_has_the_matrixs_inner_products_and_zeros_below() {
        let n = 4;
        let matrix: Vec<f64> = (0..n * 1000).map(|i| ((i * i) as f64 * 0.37).sin()).collect();
        let mut triangle = Triangle::new(n);
        matrix.chunks_exact(n).for_each(|row| triangle.push(row));
        let factor = triangle.take();
        assert_eq!(factor.len(), n * n);
        assert!((0..n).all(|i| (0..i).all(|j| factor[i * n + j] == 0.0)));
        for (a, b) in gram(&matrix, n).iter().zip(gram(&factor, n)) {
            assert!((a - b).abs() < 1e-11 * 1000.0, "{a} {b}");
        }
    }

    #[test]
    fn columns_that_depend_on_one_another_leave_finite_numbers() {
        let n = 40;
        let row = |i: usize| (0..n).map(move |k| (i as f64 * (0.7 + (k % 3) as f64)).sin());
        let matrix: Vec<f64> = (0..500).flat_map(row).collect();
        let mut triangle = Triangle::new(n);
        matrix.chunks_exact(n).for_each(|row| triangle.push(row));
        let factor = triangle.take();
        assert!(factor.len() < n * n && factor.iter().all(|x| x.is_finite()));
        for (a, b) in gram(&matrix, n).iter().zip(gram(&factor, n)) {
            assert!((a - b).abs() < 1e-11 * 500.0, "{a} {b}");
        }
    }

    #[test]
    fn a_column_of_zeros_takes_no_row() {
        let mut matrix = [0.0, 3.0, 1.0, 0.0, 4.0, 2.0];
        assert_eq!(echelon(&mut matrix, 3, 2), 1);
        assert!((matrix[1] + 5.0).abs() < 1e-15 && matrix[4] == 0.0);
    }
}
