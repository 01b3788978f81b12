//! Eigenvalues, singular values, QR factors, the matrix exponential, and what follows from them.

use hlmc_math::Real;
use hlmc_math::linear_algebra as la;
use hlmc_math::linear_algebra::{Matrix, MatrixRef as View};

use super::calls::{fault, of_matrices, tuple_of_matrices};
use super::matrix;
use crate::fault::Fault;
use crate::table::{Call, Function};
use crate::value::{Kind, Value};

/// The rows of this file.
pub(super) fn rows<A: Real>() -> Vec<Function<A>> {
    let mut rows = eigenvalues();
    rows.extend(singular_values());
    rows.extend(qr_factors());
    rows.extend(exponentials());
    rows
}

fn column<T: Real>(entries: Vec<T>) -> Matrix<T> {
    Matrix::from_fn(entries.len(), 1, |i, _| entries[i])
}

fn eigenvalues<A: Real>() -> Vec<Function<A>> {
    vec![
        matrix(
            "eigenvalues_sym",
            &["vector eigenvalues_sym(matrix)"],
            |call| of_matrices!(call, Kind::Vector, |m| Ok(column(la::eigen_symmetric(m[0])?.values))),
            "The eigenvalues of a symmetric matrix, in ascending order. Rejects others.",
        ),
        matrix(
            "eigenvectors_sym",
            &["matrix eigenvectors_sym(matrix)"],
            |call| of_matrices!(call, Kind::Matrix, |m| Ok(la::eigen_symmetric(m[0])?.vectors)),
            "The eigenvectors of a symmetric matrix as columns, in the order of the eigenvalues. Rejects others.",
        ),
        matrix(
            "eigendecompose_sym",
            &["tuple(matrix, vector) eigendecompose_sym(matrix)"],
            |call| {
                tuple_of_matrices!(call, [Kind::Matrix, Kind::Vector], |m| {
                    let found = la::eigen_symmetric(m[0])?;
                    Ok([found.vectors, column(found.values)])
                })
            },
            "The eigenvectors and eigenvalues of a symmetric matrix. Rejects others.",
        ),
    ]
}

fn singular_values<A: Real>() -> Vec<Function<A>> {
    vec![
        matrix(
            "singular_values",
            &["vector singular_values(matrix)"],
            |call| of_matrices!(call, Kind::Vector, |m| Ok(column(la::singular_values(m[0])?))),
            "The singular values in descending order.",
        ),
        matrix(
            "svd_U",
            &["matrix svd_U(matrix)"],
            |call| of_matrices!(call, Kind::Matrix, |m| Ok(la::svd(m[0])?.u)),
            "The left singular vectors as columns, in the order of the singular values.",
        ),
        matrix(
            "svd_V",
            &["matrix svd_V(matrix)"],
            |call| of_matrices!(call, Kind::Matrix, |m| Ok(la::svd(m[0])?.v)),
            "The right singular vectors as columns, in the order of the singular values.",
        ),
        matrix(
            "svd",
            &["tuple(matrix, vector, matrix) svd(matrix)"],
            |call| {
                tuple_of_matrices!(call, [Kind::Matrix, Kind::Vector, Kind::Matrix], |m| {
                    let found = la::svd(m[0])?;
                    Ok([found.u, column(found.values), found.v])
                })
            },
            "Left singular vectors, singular values and right singular vectors: m = u * diag_matrix(d) * v'.",
        ),
    ]
}

fn qr_factors<A: Real>() -> Vec<Function<A>> {
    const BOTH: [Kind; 2] = [Kind::Matrix, Kind::Matrix];
    vec![
        matrix(
            "qr_Q",
            &["matrix qr_Q(matrix)"],
            |call| of_matrices!(call, Kind::Matrix, |m| Ok(la::qr_full(m[0]).q)),
            "The square orthogonal factor q of m = q * r, where r has a nonnegative diagonal.",
        ),
        matrix(
            "qr_R",
            &["matrix qr_R(matrix)"],
            |call| of_matrices!(call, Kind::Matrix, |m| Ok(la::qr_full(m[0]).r)),
            "The upper triangular factor r of m = q * r, of the size of m.",
        ),
        matrix(
            "qr",
            &["tuple(matrix, matrix) qr(matrix)"],
            |call| {
                tuple_of_matrices!(call, BOTH, |m| {
                    let found = la::qr_full(m[0]);
                    Ok([found.q, found.r])
                })
            },
            "The factors q, orthogonal and square, and r, upper triangular, of m = q * r.",
        ),
        matrix(
            "qr_thin_Q",
            &["matrix qr_thin_Q(matrix)"],
            |call| of_matrices!(call, Kind::Matrix, |m| Ok(la::qr_thin(m[0]).q)),
            "The factor q of m = q * r with orthonormal columns, as many as m has columns or, if fewer, rows.",
        ),
        matrix(
            "qr_thin_R",
            &["matrix qr_thin_R(matrix)"],
            |call| of_matrices!(call, Kind::Matrix, |m| Ok(la::qr_thin(m[0]).r)),
            "The upper triangular factor r of m = q * r, with a nonnegative diagonal.",
        ),
        matrix(
            "qr_thin",
            &["tuple(matrix, matrix) qr_thin(matrix)"],
            |call| {
                tuple_of_matrices!(call, BOTH, |m| {
                    let found = la::qr_thin(m[0]);
                    Ok([found.q, found.r])
                })
            },
            "The thin factors q and r of m = q * r.",
        ),
    ]
}

fn exponentials<A: Real>() -> Vec<Function<A>> {
    vec![
        matrix(
            "matrix_exp",
            &["matrix matrix_exp(matrix)"],
            |call| of_matrices!(call, Kind::Matrix, |m| la::matrix_exp(m[0])),
            "The exponential of a square matrix.",
        ),
        matrix(
            "matrix_exp_multiply",
            &["matrix matrix_exp_multiply(matrix, matrix)"],
            |call| of_matrices!(call, Kind::Matrix, |m| la::multiply(la::matrix_exp(m[0])?.view(), m[1])),
            "matrix_exp(a) * b.",
        ),
        matrix(
            "scale_matrix_exp_multiply",
            &["matrix scale_matrix_exp_multiply(real, matrix, matrix)"],
            scale_matrix_exp_multiply,
            "matrix_exp(t * a) * b, called as scale_matrix_exp_multiply(t, a, b).",
        ),
        matrix(
            "generalized_inverse",
            &["matrix generalized_inverse(matrix)"],
            |call| of_matrices!(call, Kind::Matrix, |m| la::generalized_inverse(m[0])),
            "The Moore-Penrose inverse.",
        ),
    ]
}

fn scale_matrix_exp_multiply<A: Real>(call: &mut Call<'_, A>) -> Result<Value<A>, Fault> {
    let (t, a, b) = (call.real(0)?, call.matrix(1)?, call.matrix(2)?);
    let scaled: Vec<A> = a.entries.iter().map(|x| t * x).collect();
    let exponential = la::matrix_exp(View::new(&scaled, a.rows, a.cols).map_err(fault)?).map_err(fault)?;
    let entries = b.entries.to_auto();
    let product =
        la::multiply(exponential.view(), View::new(&entries, b.rows, b.cols).map_err(fault)?).map_err(fault)?;
    Ok(Value::matrix(product.rows(), product.cols(), product.into_entries()))
}
