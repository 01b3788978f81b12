//! What the distributions of vectors and matrices share: matrices taken from arguments and checked, residuals, and
//! draws from a multivariate normal distribution.

use hlmc_math::Real;
use hlmc_math::linear_algebra::{Matrix, MatrixError, check_symmetric, cholesky, dot, solve_lower};
use rand::Rng;
use rand_distr::{Distribution as _, StandardNormal};

use crate::fault::Fault;
use crate::rows::arguments::{MatrixView, Vectors, check_all, check_sizes, matrix, vectors};
use crate::table::{Call, Domain};
use crate::value::{Kind, Value};

/// log(pi).
pub(super) const LOG_PI: f64 = 1.144_729_885_849_400_2;

/// A copy of a matrix argument.
pub(super) fn dense<A: Real>(view: &MatrixView<'_, A>) -> Matrix<A> {
    Matrix::from_fn(view.rows, view.cols, |i, j| view.at(i, j))
}

/// The fault of a matrix called `name`.
pub(super) fn matrix_fault(name: &str, error: &MatrixError) -> Fault {
    match error {
        MatrixError::Size(_) => Fault::fatal(format!("{name}: {error}")),
        _ => Fault::rejection(format!("{name}: {error}")),
    }
}

/// The Cholesky factor of matrix argument `i`, which must be symmetric and positive definite.
pub(super) fn factor_of<A: Real>(call: &Call<'_, A>, i: usize, name: &str) -> Result<Matrix<A>, Fault> {
    let view = matrix(call, i)?;
    cholesky(dense(&view).view()).map_err(|error| matrix_fault(name, &error))
}

/// Matrix argument `i`, which must be symmetric.
pub(super) fn symmetric<A: Real>(call: &Call<'_, A>, i: usize, name: &str) -> Result<Matrix<A>, Fault> {
    let view = dense(&matrix(call, i)?);
    check_symmetric(view.view()).map_err(|error| matrix_fault(name, &error))?;
    Ok(view)
}

/// The sum of the logarithms of the diagonal: half the log determinant of the matrix whose factor this is.
pub(super) fn log_diagonal<A: Real>(factor: &Matrix<A>) -> A {
    (0..factor.rows()).fold(A::zero(), |sum, i| sum + factor[(i, i)].ln())
}

/// L⁻¹ B for a lower triangular L.
pub(super) fn whiten<A: Real>(factor: &Matrix<A>, b: &Matrix<A>) -> Result<Matrix<A>, Fault> {
    solve_lower(factor.view(), b.view()).map_err(|error| matrix_fault("Scale parameter", &error))
}

/// The squared length of column `j`.
pub(super) fn squared_length<A: Real>(matrix: &Matrix<A>, j: usize) -> A {
    dot(matrix.col(j), matrix.col(j))
}

/// The deviations of the outcomes at position `y` from the locations at `mu`, one a column; no columns when either is
/// an empty array. All have the size `size` of the scale matrix.
pub(super) fn residuals<A: Real>(call: &Call<'_, A>, y: usize, mu: usize, scale: usize) -> Result<Matrix<A>, Fault> {
    let (y, mu, scale) = (vectors(call, y)?, vectors(call, mu)?, matrix(call, scale)?);
    if y.count == 0 || mu.count == 0 {
        return Ok(Matrix::zeros(scale.rows, 0));
    }
    if y.is_array && mu.is_array {
        check_sizes("Size of y", y.count, "mu", mu.count)?;
    }
    check_sizes("Size of random variable", y.size, "size of location parameter", mu.size)?;
    check_sizes("Size of random variable", y.size, "rows of covariance parameter", scale.rows)?;
    check_sizes("Size of random variable", y.size, "columns of covariance parameter", scale.cols)?;
    check_all("Location parameter", mu.entries.values().iter().copied(), Domain::Finite)?;
    check_all("Random variable", y.entries.values().iter().copied(), Domain::NotNan)?;
    Ok(Matrix::from_fn(y.size, y.count.max(mu.count), |j, i| y.at(i, j) - mu.at(i, j)))
}

/// Draws `location + scale(L z)` for every location, as a vector or an array of vectors.
pub(super) fn draw_around<A: Real>(
    locations: &Vectors<'_, A>,
    factor: &Matrix<f64>,
    rng: &mut dyn Rng,
    mut scale: impl FnMut(&mut dyn Rng) -> Result<f64, Fault>,
) -> Result<Value<A>, Fault> {
    check_sizes("Size of location parameter", locations.size, "rows of covariance parameter", factor.rows())?;
    check_all("Location parameter", locations.entries.values().iter().copied(), Domain::Finite)?;
    let size = locations.size;
    let mut entries = Vec::with_capacity(size * locations.count);
    for i in 0..locations.count {
        let z: Vec<f64> = (0..size).map(|_| StandardNormal.sample(rng)).collect();
        let scale = scale(rng)?;
        for row in 0..size {
            let deviation: f64 = (0..=row).map(|col| factor[(row, col)] * z[col]).sum();
            entries.push(A::constant(locations.at(i, row).value() + scale * deviation));
        }
    }
    Ok(if locations.is_array {
        Value::tensor(Kind::Vector, [locations.count, size], entries)
    } else {
        Value::vector(entries)
    })
}

/// A matrix argument's plain values.
pub(super) fn plain<A: Real>(view: &MatrixView<'_, A>) -> Matrix<f64> {
    Matrix::from_fn(view.rows, view.cols, |i, j| view.at(i, j).value())
}

/// A matrix of plain values as a value of the language.
pub(super) fn matrix_value<A: Real>(matrix: &Matrix<f64>) -> Value<A> {
    let entries = matrix.as_slice().iter().map(|x| A::constant(*x)).collect();
    Value::matrix(matrix.rows(), matrix.cols(), entries)
}
