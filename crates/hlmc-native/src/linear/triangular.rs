//! Systems of equations with a triangular matrix, which is stored as its lower triangle.

use faer::{MatMut, MatRef};
use hlmc_builtins::Fault;

use super::Operand;
use super::dense::{add_scaled, dot};
use super::large;
use crate::apply::Whole;

/// Multiplications from which on a solution goes through faer.
const MIN_LARGE_SOLUTION: usize = 24 * 24 * 24;

/// Right-hand sides that a large solution has at least.
const MIN_LARGE_COUNT: usize = 4;

/// On which side of the unknown the triangular matrix stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// `L X = B`
    Left,
    /// `X L = B`
    Right,
}

/// `X = L⁻¹ B` or `B L⁻¹`, with `L` or its transpose; entries above the diagonal of `L` are not read.
///
/// `B_bar += L'⁻¹ X_bar` and `L_bar -= tril(L'⁻¹ X_bar X')`, and alike on the other side.
#[derive(Debug)]
pub struct TriangularSolution {
    /// The size of the triangular matrix.
    pub size: usize,
    /// The number of right-hand sides.
    pub count: usize,
    /// Where the triangular matrix stands.
    pub side: Side,
    /// Whether the transpose of the lower triangle is meant.
    pub is_transposed: bool,
    /// The triangular matrix.
    pub matrix: Operand,
    /// What it divides.
    pub right_hand_side: Operand,
}

impl Whole for TriangularSolution {
    fn forward(&self, inputs: &[f64], outputs: &mut [f64]) -> Result<(), Fault> {
        let (matrix, rest) = self.matrix.split(inputs, self.size * self.size);
        let (right_hand_side, _) = self.right_hand_side.split(rest, self.size * self.count);
        outputs.copy_from_slice(right_hand_side);
        divide(self.side, self.is_transposed, matrix, outputs, self.size);
        Ok(())
    }

    fn reverse(
        &self,
        inputs: &[f64],
        outputs: &[f64],
        adjoint_outputs: &mut [f64],
        adjoint_inputs: &mut [f64],
    ) -> Result<(), Fault> {
        let (size, count) = (self.size, self.count);
        let (matrix, _) = self.matrix.split(inputs, size * size);
        divide(self.side, !self.is_transposed, matrix, adjoint_outputs, size);
        let (matrix_adjoint, rest) = self.matrix.split_adjoint(adjoint_inputs, size * size);
        if let (Some(sum), _) = self.right_hand_side.split_adjoint(rest, size * count) {
            add_scaled(sum, 1.0, adjoint_outputs);
        }
        let Some(sum) = matrix_adjoint else { return Ok(()) };
        // The adjoint of the matrix as it stands in the equation is `-B_bar X'` (left) or `-X' B_bar` (right).
        match (self.side, self.is_transposed) {
            (Side::Left, false) => subtract_lower_outer(sum, adjoint_outputs, outputs, size),
            (Side::Left, true) => subtract_lower_outer(sum, outputs, adjoint_outputs, size),
            (Side::Right, false) => subtract_lower_inner(sum, outputs, adjoint_outputs, size),
            (Side::Right, true) => subtract_lower_inner(sum, adjoint_outputs, outputs, size),
        }
        Ok(())
    }
}

/// Subtracts the lower triangle of `x y'`, where both have `size` rows.
fn subtract_lower_outer(sum: &mut [f64], x: &[f64], y: &[f64], size: usize) {
    let count = x.len() / size.max(1);
    if is_large(size, count) {
        let (x, y) = (MatRef::from_column_major_slice(x, size, count), MatRef::from_column_major_slice(y, size, count));
        return subtract_lower_product(sum, x, y.transpose(), size);
    }
    for (x, y) in x.chunks_exact(size.max(1)).zip(y.chunks_exact(size.max(1))) {
        for (j, column) in sum.chunks_exact_mut(size).enumerate() {
            add_scaled(&mut column[j..], -y[j], &x[j..]);
        }
    }
}

/// Subtracts the lower triangle of `x' y`, where both have `size` columns.
fn subtract_lower_inner(sum: &mut [f64], x: &[f64], y: &[f64], size: usize) {
    let count = x.len() / size.max(1);
    if is_large(size, count) {
        let (x, y) = (MatRef::from_column_major_slice(x, count, size), MatRef::from_column_major_slice(y, count, size));
        return subtract_lower_product(sum, x.transpose(), y, size);
    }
    for (j, column) in sum.chunks_exact_mut(size.max(1)).enumerate() {
        let y = &y[j * count..][..count];
        for (i, sum) in column.iter_mut().enumerate().skip(j) {
            *sum -= dot(&x[i * count..][..count], y);
        }
    }
}

fn subtract_lower_product(sum: &mut [f64], x: MatRef<'_, f64>, y: MatRef<'_, f64>, size: usize) {
    let sum = MatMut::from_column_major_slice_mut(sum, size, size);
    large::subtract_lower_product(sum, x, y);
}

fn is_large(size: usize, count: usize) -> bool {
    size * size * count >= MIN_LARGE_SOLUTION && count >= MIN_LARGE_COUNT
}

/// `x` becomes the solution of the system whose right-hand side it was.
pub fn divide(side: Side, is_transposed: bool, matrix: &[f64], x: &mut [f64], size: usize) {
    let count = x.len() / size.max(1);
    if is_large(size, count) {
        return divide_large(side, is_transposed, matrix, x, (size, count));
    }
    match (side, is_transposed) {
        (Side::Left, false) => x.chunks_exact_mut(size.max(1)).for_each(|x| divide_lower(matrix, x)),
        (Side::Left, true) => x.chunks_exact_mut(size.max(1)).for_each(|x| divide_lower_transposed(matrix, x)),
        (Side::Right, _) => divide_from_right(is_transposed, matrix, x, (size, count)),
    }
}

/// `L⁻¹ x`
fn divide_lower(matrix: &[f64], x: &mut [f64]) {
    let size = x.len();
    for (j, column) in matrix.chunks_exact(size).enumerate() {
        let (head, tail) = x.split_at_mut(j + 1);
        head[j] /= column[j];
        add_scaled(tail, -head[j], &column[j + 1..]);
    }
}

/// `L'⁻¹ x`
fn divide_lower_transposed(matrix: &[f64], x: &mut [f64]) {
    let size = x.len();
    for (j, column) in matrix.chunks_exact(size).enumerate().rev() {
        let known = dot(&column[j + 1..], &x[j + 1..]);
        x[j] = (x[j] - known) / column[j];
    }
}

/// `X L⁻¹` or `X L'⁻¹`, a column of X after the other.
fn divide_from_right(is_transposed: bool, matrix: &[f64], x: &mut [f64], (size, count): (usize, usize)) {
    for step in 0..size {
        let j = if is_transposed { step } else { size - 1 - step };
        let (before, rest) = x.split_at_mut(j * count);
        let (own, behind) = rest.split_at_mut(count);
        if is_transposed {
            before.chunks_exact(count.max(1)).enumerate().for_each(|(k, x)| add_scaled(own, -matrix[j + k * size], x));
        } else {
            let below = &matrix[j * size + j + 1..(j + 1) * size];
            behind.chunks_exact(count.max(1)).zip(below).for_each(|(x, factor)| add_scaled(own, -factor, x));
        }
        let diagonal = matrix[j + j * size];
        own.iter_mut().for_each(|x| *x /= diagonal);
    }
}

fn divide_large(side: Side, is_transposed: bool, matrix: &[f64], x: &mut [f64], (size, count): (usize, usize)) {
    let lower = MatRef::from_column_major_slice(matrix, size, size);
    // X L = B is L' X' = B'.
    let (x, is_transposed) = match side {
        Side::Left => (MatMut::from_column_major_slice_mut(x, size, count), is_transposed),
        Side::Right => (MatMut::from_column_major_slice_mut(x, count, size).transpose_mut(), !is_transposed),
    };
    large::divide_by_lower(lower, is_transposed, x);
}
