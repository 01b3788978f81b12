//! Systems of equations with general square matrices, by an LU decomposition with the largest pivots of the columns.

use hlmc_builtins::Fault;

use super::Operand;
use super::dense::{Factor, add_scaled, dot, multiply_add};
use crate::apply::Whole;

/// `X = A⁻¹ B`; the outputs behind `X` are the decomposition (size squared) and the order of the rows (size).
///
/// `B_bar += A'⁻¹ X_bar` and `A_bar -= A'⁻¹ X_bar X'`.
#[derive(Debug)]
pub struct Solution {
    /// The size of the matrix.
    pub size: usize,
    /// The number of right-hand sides.
    pub count: usize,
    /// The matrix.
    pub matrix: Operand,
    /// The right-hand sides.
    pub right_hand_side: Operand,
}

impl Solution {
    /// The number of outputs, with those that nobody reads.
    #[must_use]
    pub fn n_outputs(&self) -> usize {
        self.size * (self.count + self.size + 1)
    }
}

impl Whole for Solution {
    fn forward(&self, inputs: &[f64], outputs: &mut [f64]) -> Result<(), Fault> {
        let n = self.size;
        let (matrix, rest) = self.matrix.split(inputs, n * n);
        let (right_hand_side, _) = self.right_hand_side.split(rest, n * self.count);
        let (x, decomposition) = outputs.split_at_mut(n * self.count);
        let (lu, order) = decomposition.split_at_mut(n * n);
        lu.copy_from_slice(matrix);
        decompose(lu, order);
        for (x, b) in x.chunks_exact_mut(n.max(1)).zip(right_hand_side.chunks_exact(n.max(1))) {
            x.iter_mut().zip(&*order).for_each(|(x, row)| *x = b[*row as usize]);
            divide(lu, x);
        }
        Ok(())
    }

    fn reverse(
        &self,
        _inputs: &[f64],
        outputs: &[f64],
        adjoint_outputs: &mut [f64],
        adjoint_inputs: &mut [f64],
    ) -> Result<(), Fault> {
        let n = self.size;
        let (x, decomposition) = outputs.split_at(n * self.count);
        let (lu, order) = decomposition.split_at(n * n);
        let (x_bar, spare) = adjoint_outputs.split_at_mut(n * self.count);
        let spare = &mut spare[n * n..];
        for x_bar in x_bar.chunks_exact_mut(n.max(1)) {
            divide_transposed(lu, x_bar);
            spare.copy_from_slice(x_bar);
            order.iter().zip(&*spare).for_each(|(row, b)| x_bar[*row as usize] = *b);
        }
        let (matrix_bar, rest) = self.matrix.split_adjoint(adjoint_inputs, n * n);
        if let Some(sum) = matrix_bar {
            multiply_add(sum, -1.0, Factor::plain(x_bar), Factor::transposed(x), (n, self.count, n));
        }
        if let (Some(sum), _) = self.right_hand_side.split_adjoint(rest, n * self.count) {
            add_scaled(sum, 1.0, x_bar);
        }
        Ok(())
    }
}

/// The inverse; the outputs behind it are room to work in (size squared, then size).
///
/// `A_bar -= X' X_bar X'` for the inverse `X`.
#[derive(Debug)]
pub struct Inverse {
    /// The size of the matrix.
    pub size: usize,
}

impl Inverse {
    /// The number of outputs, with those that nobody reads.
    #[must_use]
    pub fn n_outputs(&self) -> usize {
        self.size * (2 * self.size + 1)
    }
}

impl Whole for Inverse {
    fn forward(&self, inputs: &[f64], outputs: &mut [f64]) -> Result<(), Fault> {
        let n = self.size;
        let (x, decomposition) = outputs.split_at_mut(n * n);
        let (lu, order) = decomposition.split_at_mut(n * n);
        lu.copy_from_slice(inputs);
        invert(lu, order, x);
        Ok(())
    }

    fn reverse(
        &self,
        _inputs: &[f64],
        outputs: &[f64],
        adjoint_outputs: &mut [f64],
        adjoint_inputs: &mut [f64],
    ) -> Result<(), Fault> {
        let n = self.size;
        let x = Factor::transposed(&outputs[..n * n]);
        let (x_bar, spare) = adjoint_outputs.split_at_mut(n * n);
        let product = &mut spare[..n * n];
        product.fill(0.0);
        multiply_add(product, 1.0, x, Factor::plain(x_bar), (n, n, n));
        multiply_add(adjoint_inputs, -1.0, Factor::plain(product), x, (n, n, n));
        Ok(())
    }
}

/// `log |det A|`; the outputs behind it are the decomposition (size squared) and the order of the rows (size).
///
/// `A_bar += A'⁻¹` times the adjoint.
#[derive(Debug)]
pub struct LogDeterminant {
    /// The size of the matrix.
    pub size: usize,
}

impl LogDeterminant {
    /// The number of outputs, with those that nobody reads.
    #[must_use]
    pub fn n_outputs(&self) -> usize {
        1 + self.size * (self.size + 1)
    }
}

impl Whole for LogDeterminant {
    fn forward(&self, inputs: &[f64], outputs: &mut [f64]) -> Result<(), Fault> {
        let n = self.size;
        let (value, decomposition) = outputs.split_at_mut(1);
        let (lu, order) = decomposition.split_at_mut(n * n);
        lu.copy_from_slice(inputs);
        decompose(lu, order);
        value[0] = lu.iter().step_by(n + 1).map(|x| x.abs().ln()).sum();
        Ok(())
    }

    fn reverse(
        &self,
        _inputs: &[f64],
        outputs: &[f64],
        adjoint_outputs: &mut [f64],
        adjoint_inputs: &mut [f64],
    ) -> Result<(), Fault> {
        let n = self.size;
        let (lu, order) = outputs[1..].split_at(n * n);
        let (adjoint, spare) = adjoint_outputs.split_at_mut(1);
        let column = &mut spare[..n];
        // Column j of the transposed inverse solves A' x = e_j.
        for (j, sum) in adjoint_inputs.chunks_exact_mut(n.max(1)).enumerate() {
            column.fill(0.0);
            column[j] = adjoint[0];
            divide_transposed(lu, column);
            order.iter().zip(&*column).for_each(|(row, x)| sum[*row as usize] += x);
        }
        Ok(())
    }
}

/// The inverse of a matrix, which its factors overwrite; `order` is room for the order of its rows.
pub fn invert(matrix: &mut [f64], order: &mut [f64], inverse: &mut [f64]) {
    let n = order.len();
    decompose(matrix, order);
    inverse.fill(0.0);
    order.iter().enumerate().for_each(|(i, column)| inverse[i + *column as usize * n] = 1.0);
    inverse.chunks_exact_mut(n.max(1)).for_each(|column| divide(matrix, column));
}

/// Turns a matrix into its factors: below the diagonal those of the lower one, whose diagonal is 1; `order[i]` is the row
/// of the matrix that row `i` of the factors belongs to. A singular matrix gives numbers that are not finite.
fn decompose(lu: &mut [f64], order: &mut [f64]) {
    let n = order.len();
    order.iter_mut().enumerate().for_each(|(i, row)| *row = i as f64);
    for j in 0..n {
        let column = &lu[j * n..][..n];
        let pivot = (j + 1..n).fold(j, |best, i| if column[i].abs() > column[best].abs() { i } else { best });
        if pivot != j {
            order.swap(j, pivot);
            lu.chunks_exact_mut(n).for_each(|column| column.swap(j, pivot));
        }
        let (before, behind) = lu.split_at_mut((j + 1) * n);
        let column = &mut before[j * n..];
        let scale = 1.0 / column[j];
        column[j + 1..].iter_mut().for_each(|x| *x *= scale);
        for other in behind.chunks_exact_mut(n) {
            let (head, tail) = other.split_at_mut(j + 1);
            add_scaled(tail, -head[j], &column[j + 1..]);
        }
    }
}

/// `U⁻¹ L⁻¹ x`
fn divide(lu: &[f64], x: &mut [f64]) {
    let n = x.len();
    for (j, column) in lu.chunks_exact(n).enumerate() {
        let (head, tail) = x.split_at_mut(j + 1);
        add_scaled(tail, -head[j], &column[j + 1..]);
    }
    for (j, column) in lu.chunks_exact(n).enumerate().rev() {
        let (head, tail) = x.split_at_mut(j);
        tail[0] /= column[j];
        add_scaled(head, -tail[0], &column[..j]);
    }
}

/// `L'⁻¹ U'⁻¹ x`
fn divide_transposed(lu: &[f64], x: &mut [f64]) {
    let n = x.len();
    for (j, column) in lu.chunks_exact(n).enumerate() {
        x[j] = (x[j] - dot(&column[..j], &x[..j])) / column[j];
    }
    for (j, column) in lu.chunks_exact(n).enumerate().rev() {
        x[j] -= dot(&column[j + 1..], &x[j + 1..]);
    }
}
