//! Gaussian processes with one kernel for several outputs, by kernel matrix and by its Cholesky factor (functions
//! reference, "Multivariate Gaussian process distribution" and its Cholesky parameterization).

use hlmc_math::Real;
use hlmc_math::linear_algebra::Matrix;

use super::matrices::{dense, factor_of, log_diagonal, squared_length, whiten};
use crate::fault::Fault;
use crate::rows::arguments::{check_all, check_sizes, matrix, vectors};
use crate::rows::univariate::normal::HALF_LOG_TWO_PI;
use crate::table::{Argument, Call, Chapter, Density, Distribution, Domain, Outcome};

/// The row of `multi_gp`.
pub(super) fn multi_gp<A: Real>() -> Distribution<A> {
    Distribution {
        name: "multi_gp",
        outcome: Outcome::Continuous,
        arguments: const {
            &[
                Argument::whole("Random variable", "matrix"),
                Argument::whole("Kernel", "matrix"),
                Argument::whole("Kernel scales", "vector"),
            ]
        },
        density: Density::Whole(|call| {
            let factor = factor_of(call, 1, "Kernel")?;
            log_density(call, &factor)
        }),
        cumulative: None,
        generator: None,
        chapter: Chapter::Multivariate,
        doc: "Row i of `y` is multivariate normal with location 0 and covariance `Sigma` / `w`[i].",
        cases: &[],
    }
}

/// The row of `multi_gp_cholesky`.
pub(super) fn multi_gp_cholesky<A: Real>() -> Distribution<A> {
    Distribution {
        name: "multi_gp_cholesky",
        outcome: Outcome::Continuous,
        arguments: const {
            &[
                Argument::whole("Random variable", "matrix"),
                Argument::whole("Cholesky factor of the kernel", "matrix"),
                Argument::whole("Kernel scales", "vector"),
            ]
        },
        density: Density::Whole(|call| {
            let factor = dense(&matrix(call, 1)?);
            log_density(call, &factor)
        }),
        cumulative: None,
        generator: None,
        chapter: Chapter::Multivariate,
        doc: "Row i of `y` is multivariate normal with location 0 and covariance `L` `L`' / `w`[i].",
        cases: &[],
    }
}

fn log_density<A: Real>(call: &mut Call<'_, A>, factor: &Matrix<A>) -> Result<A, Fault> {
    let (y, weights, terms) = (matrix(call, 0)?, vectors(call, 2)?, call.terms);
    check_sizes("Size of random variable (rows y)", y.rows, "Size of kernel scales (w)", weights.size)?;
    check_sizes("Size of random variable", y.cols, "rows of covariance parameter", factor.rows())?;
    check_all("Kernel scales", weights.entries.values().iter().copied(), Domain::PositiveFinite)?;
    check_all("Random variable", y.entries.values().iter().copied(), Domain::Finite)?;
    if y.rows == 0 || !terms.keep(&[0, 1, 2]) {
        return Ok(A::zero());
    }
    let whitened = whiten(factor, &Matrix::from_fn(y.cols, y.rows, |i, j| y.at(j, i)))?;
    let mut log_density = A::zero();
    for i in 0..y.rows {
        let weight = weights.at(0, i);
        log_density -= weight * squared_length(&whitened, i) * 0.5;
        if terms.keep(&[2]) {
            log_density += weight.ln() * (0.5 * y.cols as f64);
        }
    }
    if terms.keep(&[]) {
        log_density -= HALF_LOG_TWO_PI * (y.rows * y.cols) as f64;
    }
    if terms.keep(&[1]) {
        log_density -= log_diagonal(factor) * y.rows as f64;
    }
    Ok(log_density)
}
