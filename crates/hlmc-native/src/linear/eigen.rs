//! Eigenvalues and eigenvectors of symmetric matrices.

use hlmc_builtins::Fault;
use hlmc_math::linear_algebra::{MatrixRef, eigen_symmetric};

use super::dense::{Factor, multiply_add};
use crate::apply::Whole;

/// The eigenvalues in increasing order, then the eigenvectors `V` as columns; the outputs behind them are room to work in
/// (twice size squared).
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
        self.size * (1 + 3 * self.size)
    }
}

impl Whole for SymmetricEigen {
    fn forward(&self, inputs: &[f64], outputs: &mut [f64]) -> Result<(), Fault> {
        let n = self.size;
        let rejected = |error: hlmc_math::linear_algebra::MatrixError| Fault::rejection(error.to_string());
        let matrix = MatrixRef::new(inputs, n, n).map_err(rejected)?;
        let eigen = eigen_symmetric(matrix).map_err(rejected)?;
        outputs[..n].copy_from_slice(&eigen.values);
        outputs[n..n + n * n].copy_from_slice(eigen.vectors.as_slice());
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
