//! Cholesky factors.
//!
//! Forwards the columns are made from left to right, backwards their adjoints are taken apart from right to left: Murray
//! (2016), "Differentiation of the Cholesky decomposition", sections 3.1 and 3.2. Large matrices are worked off in panels
//! of columns, and what the columns before a panel contribute is one product.

use faer::{MatMut, MatRef};
use hlmc_builtins::Fault;
use hlmc_math::linear_algebra::SYMMETRY_TOLERANCE;
use pulp::Arch;

use super::dense::{add_scaled, dot};
use super::large;
use crate::apply::Whole;

/// The size from which on vector instructions are found at run time.
const MIN_VECTOR_SIZE: usize = 16;

/// Columns of a panel.
const PANEL: usize = 32;

/// The lower triangular `L` with positive diagonal and `L L' = A`.
///
/// The lower triangle of `A` alone is read, so that it alone has an adjoint.
#[derive(Debug)]
pub struct Cholesky {
    /// The size of the matrix.
    pub size: usize,
}

impl Whole for Cholesky {
    fn forward(&self, inputs: &[f64], outputs: &mut [f64]) -> Result<(), Fault> {
        let n = self.size;
        check_symmetric(inputs, n)?;
        if n < MIN_VECTOR_SIZE {
            return factorise(inputs, outputs, n);
        }
        Arch::new().dispatch(|| factorise(inputs, outputs, n))
    }

    fn reverse(
        &self,
        _inputs: &[f64],
        outputs: &[f64],
        adjoint_outputs: &mut [f64],
        adjoint_inputs: &mut [f64],
    ) -> Result<(), Fault> {
        let n = self.size;
        if n < MIN_VECTOR_SIZE {
            reverse_factorise(outputs, adjoint_outputs, n);
        } else {
            Arch::new().dispatch(|| reverse_factorise(outputs, adjoint_outputs, n));
        }
        add_scaled(adjoint_inputs, 1.0, adjoint_outputs);
        Ok(())
    }
}

#[inline(always)]
fn factorise(matrix: &[f64], factor: &mut [f64], n: usize) -> Result<(), Fault> {
    for j in 0..n {
        let column = &mut factor[j * n..][..n];
        column[..j].fill(0.0);
        column[j..].copy_from_slice(&matrix[j * n + j..(j + 1) * n]);
    }
    for start in (0..n).step_by(PANEL) {
        let end = (start + PANEL).min(n);
        subtract_product_of_columns(factor, n, start, end);
        make_panel(factor, n, start, end)?;
    }
    Ok(())
}

/// Turns the adjoint of the factor into that of the lower triangle of the matrix.
#[inline(always)]
fn reverse_factorise(factor: &[f64], adjoint: &mut [f64], n: usize) {
    (0..n).for_each(|j| adjoint[j * n..][..j].fill(0.0));
    for start in (0..n).step_by(PANEL).rev() {
        let end = (start + PANEL).min(n);
        reverse_panel(factor, adjoint, n, start, end);
        reverse_product_of_columns(factor, adjoint, n, start, end);
    }
}

/// Faults unless the matrix is symmetric, as far as Stan asks.
fn check_symmetric(a: &[f64], n: usize) -> Result<(), Fault> {
    for j in 0..n {
        for i in j + 1..n {
            let difference = (a[i + j * n] - a[j + i * n]).abs();
            if difference > SYMMETRY_TOLERANCE || difference.is_nan() {
                return Err(Fault::rejection("the matrix is not symmetric"));
            }
        }
    }
    Ok(())
}

/// Makes columns `start..end`, from which those before have been subtracted.
#[inline(always)]
fn make_panel(factor: &mut [f64], n: usize, start: usize, end: usize) -> Result<(), Fault> {
    for j in start..end {
        let (before, column) = factor.split_at_mut(j * n);
        let column = &mut column[j..n];
        for before in before[start * n..].chunks_exact(n) {
            add_scaled(column, -before[j], &before[j..]);
        }
        let pivot = column[0];
        if !(pivot > 0.0 && pivot.is_finite()) {
            return Err(Fault::rejection("the matrix is not positive definite"));
        }
        let root = pivot.sqrt();
        column[0] = root;
        let scale = 1.0 / root;
        column[1..].iter_mut().for_each(|x| *x *= scale);
    }
    Ok(())
}

/// Turns the adjoints of columns `start..end` of the factor into those of the columns that they were made from.
#[inline(always)]
fn reverse_panel(factor: &[f64], adjoint: &mut [f64], n: usize, start: usize, end: usize) {
    for j in (start..end).rev() {
        let (before_bar, column_bar) = adjoint.split_at_mut(j * n);
        let column_bar = &mut column_bar[j..n];
        let column = &factor[j * n + j..(j + 1) * n];
        let scale = 1.0 / column[0];
        column_bar[1..].iter_mut().for_each(|x| *x *= scale);
        let diagonal_bar = column_bar[0] - dot(&column[1..], &column_bar[1..]);
        // Twice what is taken from every square below: both factors of the square are one entry.
        column_bar[0] = diagonal_bar * scale;
        let before = factor[start * n..j * n].chunks_exact(n);
        for (before, before_bar) in before.zip(before_bar[start * n..].chunks_exact_mut(n)) {
            before_bar[j] -= dot(column_bar, &before[j..]);
            add_scaled(&mut before_bar[j + 1..], -before[j], &column_bar[1..]);
        }
        column_bar[0] *= 0.5;
    }
}

/// Subtracts from columns `start..end` what the columns before them explain.
fn subtract_product_of_columns(factor: &mut [f64], n: usize, start: usize, end: usize) {
    if start == 0 {
        return;
    }
    let (before, panel) = factor.split_at_mut(start * n);
    let before = MatRef::from_column_major_slice(before, n, start).subrows(start, n - start);
    let panel = &mut panel[..(end - start) * n];
    let mut panel_rows = MatMut::from_column_major_slice_mut(panel, n, end - start);
    let panel_rows = panel_rows.as_mut().subrows_mut(start, n - start);
    large::multiply_add(panel_rows, -1.0, before, before.subrows(0, end - start).transpose());
    for (j, column) in (start..end).zip(panel.chunks_exact_mut(n)) {
        column[start..j].fill(0.0);
    }
}

/// What the adjoints of columns `start..end` contribute to those of the columns before.
fn reverse_product_of_columns(factor: &[f64], adjoint: &mut [f64], n: usize, start: usize, end: usize) {
    if start == 0 {
        return;
    }
    let before = MatRef::from_column_major_slice(&factor[..start * n], n, start).subrows(start, n - start);
    let (before_bar, panel_bar) = adjoint.split_at_mut(start * n);
    let panel_bar = MatRef::from_column_major_slice(&panel_bar[..(end - start) * n], n, end - start);
    let panel_bar = panel_bar.subrows(start, n - start);
    let mut before_bar = MatMut::from_column_major_slice_mut(before_bar, n, start).subrows_mut(start, n - start);
    let head = before.subrows(0, end - start);
    large::multiply_add(before_bar.as_mut(), -1.0, panel_bar, head);
    let head_bar = before_bar.subrows_mut(0, end - start);
    large::multiply_add(head_bar, -1.0, panel_bar.transpose(), before);
}
