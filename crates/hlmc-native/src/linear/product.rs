//! Products of matrices.

use hlmc_builtins::Fault;

use super::Operand;
use super::dense::{Factor, multiply_add};
use crate::apply::Whole;

/// `C = A B`, either factor transposed or not, either one known.
///
/// `A_bar += C_bar B'` and `B_bar += A' C_bar`.
#[derive(Debug)]
pub struct Product {
    /// Rows of the result.
    pub rows: usize,
    /// Columns of the first factor.
    pub inner: usize,
    /// Columns of the result.
    pub cols: usize,
    /// The first factor.
    pub left: Operand,
    /// Whether the first factor is stored transposed.
    pub is_left_transposed: bool,
    /// The second factor.
    pub right: Operand,
    /// Whether the second factor is stored transposed.
    pub is_right_transposed: bool,
}

impl Product {
    fn factors<'a>(&'a self, inputs: &'a [f64]) -> (Factor<'a>, Factor<'a>) {
        let (left, rest) = self.left.split(inputs, self.rows * self.inner);
        let (right, _) = self.right.split(rest, self.inner * self.cols);
        (
            Factor { entries: left, is_transposed: self.is_left_transposed },
            Factor { entries: right, is_transposed: self.is_right_transposed },
        )
    }
}

impl Whole for Product {
    fn forward(&self, inputs: &[f64], outputs: &mut [f64]) -> Result<(), Fault> {
        let (left, right) = self.factors(inputs);
        outputs.fill(0.0);
        multiply_add(outputs, 1.0, left, right, (self.rows, self.inner, self.cols));
        Ok(())
    }

    fn reverse(
        &self,
        inputs: &[f64],
        _outputs: &[f64],
        adjoint_outputs: &mut [f64],
        adjoint_inputs: &mut [f64],
    ) -> Result<(), Fault> {
        let (left, right) = self.factors(inputs);
        let (rows, inner, cols) = (self.rows, self.inner, self.cols);
        let adjoint = Factor::plain(adjoint_outputs);
        let (left_adjoint, rest) = self.left.split_adjoint(adjoint_inputs, rows * inner);
        let (right_adjoint, _) = self.right.split_adjoint(rest, inner * cols);
        // The adjoint of a factor that is stored transposed is the transposed adjoint.
        if let Some(left_adjoint) = left_adjoint {
            if self.is_left_transposed {
                multiply_add(left_adjoint, 1.0, right, adjoint.transpose(), (inner, cols, rows));
            } else {
                multiply_add(left_adjoint, 1.0, adjoint, right.transpose(), (rows, cols, inner));
            }
        }
        if let Some(right_adjoint) = right_adjoint {
            if self.is_right_transposed {
                multiply_add(right_adjoint, 1.0, adjoint.transpose(), left, (cols, rows, inner));
            } else {
                multiply_add(right_adjoint, 1.0, left.transpose(), adjoint, (inner, rows, cols));
            }
        }
        Ok(())
    }
}
