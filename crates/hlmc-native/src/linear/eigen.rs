//! Eigenvalues and eigenvectors of symmetric matrices.

use hlmc_builtins::Fault;
use hlmc_math::linear_algebra::{
    MatrixError, MatrixRef, check_symmetric, eigen_symmetric_in_place, eigen_symmetric_room,
};
use pulp::Arch;

use super::dense::{Factor, multiply_add};
use crate::apply::Whole;

/// The eigenvalues in increasing order, then the eigenvectors `V` as columns; the outputs behind them are room for two
/// matrices to work in.
///
/// `A_bar += V M V'`, where `M` has the adjoints of the eigenvalues on its diagonal, and elsewhere those of `V' V_bar`
/// divided by the differences of the eigenvalues of column and row (Giles 2008, section 3.1).
#[derive(Debug)]
pub struct SymmetricEigen {
    /// The size of the matrix.
    pub size: usize,
}

impl SymmetricEigen {
    /// The number of outputs, with those that nobody reads.
    #[must_use]
    pub fn n_outputs(&self) -> usize {
        self.size + 2 * self.size * self.size + (self.size * self.size).max(eigen_symmetric_room(self.size))
    }
}

impl Whole for SymmetricEigen {
    fn forward(&self, inputs: &[f64], outputs: &mut [f64]) -> Result<(), Fault> {
        let n = self.size;
        let rejected = |error: MatrixError| Fault::rejection(error.to_string());
        check_symmetric(MatrixRef::new(inputs, n, n).map_err(rejected)?).map_err(rejected)?;
        let (values, rest) = outputs.split_at_mut(n);
        let (vectors, rest) = rest.split_at_mut(n * n);
        let (matrix, room) = rest.split_at_mut(n * n);
        matrix.copy_from_slice(inputs);
        Arch::new().dispatch(|| eigen_symmetric_in_place(matrix, values, vectors, room)).map_err(rejected)?;
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
        let (values, vectors) = (&outputs[..n], &outputs[n..n + n * n]);
        let (values_bar, rest) = adjoint_outputs.split_at_mut(n);
        let (vectors_bar, rest) = rest.split_at_mut(n * n);
        let (middle, product) = rest.split_at_mut(n * n);
        let product = &mut product[..n * n];
        middle.fill(0.0);
        product.fill(0.0);
        // Eigenvalues alone have derivatives also where some of them are equal.
        if vectors_bar.iter().any(|adjoint| *adjoint != 0.0) {
            multiply_add(middle, 1.0, Factor::transposed(vectors), Factor::plain(vectors_bar), (n, n, n));
            for (j, column) in middle.chunks_exact_mut(n.max(1)).enumerate() {
                column.iter_mut().zip(values).for_each(|(entry, value)| *entry /= values[j] - value);
            }
        }
        (0..n).for_each(|k| middle[k * (n + 1)] = values_bar[k]);
        multiply_add(product, 1.0, Factor::plain(vectors), Factor::plain(middle), (n, n, n));
        multiply_add(adjoint_inputs, 1.0, Factor::plain(product), Factor::transposed(vectors), (n, n, n));
        Ok(())
    }
}
