//! The multivariate normal distribution, by covariance, its Cholesky factor, and precision (functions reference,
//! "Multivariate normal distribution" and its two other parameterizations).

use hlmc_math::Real;
use hlmc_math::linear_algebra::{Matrix, cholesky, multiply};

use super::matrices::{
    dense, draw_around, factor_of, log_diagonal, matrix_fault, plain, residuals, squared_length, symmetric, whiten,
};
use crate::fault::Fault;
use crate::rows::arguments::{matrix, vectors};
use crate::rows::univariate::categorical::source;
use crate::rows::univariate::normal::HALF_LOG_TWO_PI;
use crate::table::{Argument, Call, Chapter, Density, Distribution, Generator, Outcome, Terms};
use crate::value::Value;

/// The arguments of a row with this name of its matrix.
macro_rules! arguments {
    ($matrix:literal) => {
        const {
            &[
                Argument::whole("Random variable", "vectors"),
                Argument::whole("Location parameter", "vectors"),
                Argument::whole($matrix, "matrix"),
            ]
        }
    };
}

/// The row of `multi_normal`.
pub(super) fn multi_normal<A: Real>() -> Distribution<A> {
    Distribution {
        name: "multi_normal",
        outcome: Outcome::Continuous,
        arguments: arguments!("Covariance matrix"),
        density: Density::Whole(|call| {
            let deviations = residuals(call, 0, 1, 2)?;
            let factor = factor_of(call, 2, "Covariance matrix")?;
            from_factor(&factor, &deviations, call.terms)
        }),
        cumulative: None,
        generator: Some(Generator::Whole(
            |call| {
                let view = matrix(call, 1)?;
                let factor = cholesky(plain(&view).view());
                draw(call, &factor.map_err(|error| matrix_fault("Covariance matrix", &error))?)
            },
            &[
                "vector multi_normal_rng(vector, matrix)",
                "vector multi_normal_rng(row_vector, matrix)",
                "array[] vector multi_normal_rng(array[] vector, matrix)",
                "array[] vector multi_normal_rng(array[] row_vector, matrix)",
            ],
        )),
        chapter: Chapter::Multivariate,
        doc: "The multivariate normal distribution with location `mu` and covariance matrix `Sigma`.",
        cases: &[],
    }
}

/// The row of `multi_normal_cholesky`.
pub(super) fn multi_normal_cholesky<A: Real>() -> Distribution<A> {
    Distribution {
        name: "multi_normal_cholesky",
        outcome: Outcome::Continuous,
        arguments: arguments!("Cholesky factor"),
        density: Density::Whole(|call| {
            let deviations = residuals(call, 0, 1, 2)?;
            from_factor(&dense(&matrix(call, 2)?), &deviations, call.terms)
        }),
        cumulative: None,
        generator: Some(Generator::Whole(
            |call| {
                let factor = plain(&matrix(call, 1)?);
                draw(call, &factor)
            },
            &[
                "vector multi_normal_cholesky_rng(vector, matrix)",
                "vector multi_normal_cholesky_rng(row_vector, matrix)",
                "array[] vector multi_normal_cholesky_rng(array[] vector, matrix)",
                "array[] vector multi_normal_cholesky_rng(array[] row_vector, matrix)",
            ],
        )),
        chapter: Chapter::Multivariate,
        doc: "The multivariate normal distribution with location `mu` and the Cholesky factor `L` of the covariance \
              matrix.",
        cases: &[],
    }
}

/// The row of `multi_normal_prec`.
pub(super) fn multi_normal_prec<A: Real>() -> Distribution<A> {
    Distribution {
        name: "multi_normal_prec",
        outcome: Outcome::Continuous,
        arguments: arguments!("Precision matrix"),
        density: Density::Whole(log_density_by_precision),
        cumulative: None,
        generator: None,
        chapter: Chapter::Multivariate,
        doc: "The multivariate normal distribution with location `mu` and precision matrix `Omega`.",
        cases: &[],
    }
}

fn from_factor<A: Real>(factor: &Matrix<A>, deviations: &Matrix<A>, terms: Terms) -> Result<A, Fault> {
    if !terms.keep(&[0, 1, 2]) || deviations.cols() == 0 {
        return Ok(A::zero());
    }
    let n = deviations.cols();
    let whitened = whiten(factor, deviations)?;
    let mut log_density = (0..n).fold(A::zero(), |sum, i| sum + squared_length(&whitened, i)) * -0.5;
    if terms.keep(&[2]) {
        log_density -= log_diagonal(factor) * n as f64;
    }
    Ok(log_density - constant(deviations, terms))
}

fn log_density_by_precision<A: Real>(call: &mut Call<'_, A>) -> Result<A, Fault> {
    let deviations = residuals(call, 0, 1, 2)?;
    let precision = symmetric(call, 2, "Precision matrix")?;
    let factor = factor_of(call, 2, "Precision matrix")?;
    let n = deviations.cols();
    if !call.terms.keep(&[0, 1, 2]) || n == 0 {
        return Ok(A::zero());
    }
    let products =
        multiply(precision.view(), deviations.view()).map_err(|error| matrix_fault("Precision matrix", &error))?;
    let mut sum = A::zero();
    for i in 0..n {
        sum += hlmc_math::linear_algebra::dot(deviations.col(i), products.col(i));
    }
    let mut log_density = sum * -0.5;
    if call.terms.keep(&[2]) {
        log_density += log_diagonal(&factor) * n as f64;
    }
    Ok(log_density - constant(&deviations, call.terms))
}

/// log(2 pi) / 2 for every number, where constants are kept.
fn constant<A: Real>(deviations: &Matrix<A>, terms: Terms) -> f64 {
    if terms.keep(&[]) { HALF_LOG_TWO_PI * deviations.as_slice().len() as f64 } else { 0.0 }
}

fn draw<A: Real>(call: &mut Call<'_, A>, factor: &Matrix<f64>) -> Result<Value<A>, Fault> {
    let locations = vectors(call, 0)?;
    draw_around(&locations, factor, source(call)?, |_| Ok(1.0))
}
