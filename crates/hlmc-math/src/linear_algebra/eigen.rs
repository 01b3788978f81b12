//! Eigenvalues and eigenvectors of symmetric matrices, and the matrix functions that rest on them.
//!
//! The plain numbers are those of [`eigen_symmetric_in_place`]. Derivatives are those of perturbation theory; those of
//! eigenvectors do not exist at repeated eigenvalues, and are infinite or NaN there.

use super::{
    Matrix, MatrixError, MatrixRef, check_symmetric, eigen_symmetric_in_place, eigen_symmetric_room, multiply,
};
use crate::Real;

/// Eigenvalues in increasing order, and their eigenvectors of length 1 as columns.
#[derive(Clone, Debug, PartialEq)]
pub struct SymmetricEigen<T> {
    /// The eigenvalues, increasing.
    pub values: Vec<T>,
    /// Column k belongs to eigenvalue k.
    pub vectors: Matrix<T>,
}

/// The eigenvalues and eigenvectors of a symmetric matrix.
///
/// # Errors
/// [`MatrixError::Size`], [`MatrixError::NotSymmetric`], or [`MatrixError::NoConvergence`].
pub fn eigen_symmetric<T: Real>(a: MatrixRef<'_, T>) -> Result<SymmetricEigen<T>, MatrixError> {
    check_symmetric(a)?;
    decompose(a)
}

/// [`eigen_symmetric`] of a matrix that is known to be symmetric.
fn decompose<T: Real>(a: MatrixRef<'_, T>) -> Result<SymmetricEigen<T>, MatrixError> {
    let n = a.rows();
    if T::NDERIV == 0 {
        let plain = Matrix::from_fn(n, n, |i, j| a[(i, j)].value());
        let (values, vectors) = decompose_values(plain)?;
        return Ok(SymmetricEigen {
            values: values.into_iter().map(T::constant).collect(),
            vectors: Matrix::from_fn(n, n, |i, j| T::constant(vectors[(i, j)])),
        });
    }
    let below = Matrix::from_fn(n, n, |i, j| a[(i, j)].lower());
    let SymmetricEigen { values, vectors } = decompose(below.view())?;
    let vectors = lift(&vectors);
    // In the basis of the eigenvectors the matrix is diagonal but for its derivatives: first-order perturbation theory
    // is exact. What stands beside the diagonal for rounding's sake is replaced by 0.
    let transposed = vectors.view().transpose();
    let rotated: Matrix<T> = multiply(multiply(transposed.view(), a)?.view(), vectors.view())?;
    let (zero, one) = (T::Lower::constant(0.0), T::Lower::constant(1.0));
    let turn = Matrix::from_fn(n, n, |i, j| match i == j {
        true => T::constant(1.0),
        false => rotated[(i, j)].chain(zero, one / (values[j] - values[i])),
    });
    Ok(SymmetricEigen {
        values: (0..n).map(|k| rotated[(k, k)].chain(values[k], one)).collect(),
        vectors: multiply(vectors.view(), turn.view())?,
    })
}

/// The same numbers without derivatives of the outermost order.
pub(super) fn lift<T: Real>(lower: &Matrix<T::Lower>) -> Matrix<T> {
    let nothing = T::constant(0.0);
    Matrix::from_fn(lower.rows(), lower.cols(), |i, j| nothing.chain(lower[(i, j)], lower[(i, j)]))
}

fn decompose_values(mut a: Matrix<f64>) -> Result<(Vec<f64>, Matrix<f64>), MatrixError> {
    let n = a.rows();
    let (mut values, mut vectors) = (vec![0.0; n], Matrix::zeros(n, n));
    let mut room = vec![0.0; eigen_symmetric_room(n)];
    eigen_symmetric_in_place(a.as_mut_slice(), &mut values, vectors.as_mut_slice(), &mut room)?;
    Ok((values, vectors))
}
