//! The multivariate Student t distribution, by scale matrix and by its Cholesky factor (functions reference,
//! "Multivariate Student-t distribution" and its Cholesky parameterization).

use hlmc_math::Real;
use hlmc_math::linear_algebra::{Matrix, cholesky};
use hlmc_math::special::{lgamma_difference, log1p};
use rand_distr::{ChiSquared, Distribution as _};

use super::lkj::check_cholesky_factor;
use super::matrices::{
    LOG_PI, dense, draw_around, factor_of, log_diagonal, matrix_fault, plain, residuals, squared_length, whiten,
};
use crate::fault::Fault;
use crate::rows::arguments::{check, matrix, real, vectors};
use crate::rows::scalars::sampler;
use crate::rows::univariate::categorical::source;
use crate::rows::univariate::normal::HALF_LOG_TWO_PI;
use crate::table::{Argument, Call, Chapter, Density, Distribution, Domain, Generator, Outcome, Terms};
use crate::value::Value;

/// The row of `multi_student_t`.
pub(super) fn multi_student_t<A: Real>() -> Distribution<A> {
    Distribution {
        name: "multi_student_t",
        outcome: Outcome::Continuous,
        arguments: const {
            &[
                Argument::whole("Random variable", "vectors"),
                Argument::whole("Degrees of freedom parameter", "real"),
                Argument::whole("Location parameter", "vectors"),
                Argument::whole("Scale parameter", "matrix"),
            ]
        },
        density: Density::Whole(|call| {
            let nu = real(call, 1)?;
            check("Degrees of freedom parameter", nu.value(), Domain::Positive)?;
            let deviations = residuals(call, 0, 2, 3)?;
            log_density(nu, &factor_of(call, 3, "Scale parameter")?, &deviations, call.terms)
        }),
        cumulative: None,
        generator: Some(Generator::Whole(
            |call| {
                let view = matrix(call, 2)?;
                let factor = cholesky(plain(&view).view());
                draw(call, &factor.map_err(|error| matrix_fault("Scale parameter", &error))?)
            },
            &[
                "vector multi_student_t_rng(real, vector, matrix)",
                "vector multi_student_t_rng(real, row_vector, matrix)",
                "array[] vector multi_student_t_rng(real, array[] vector, matrix)",
                "array[] vector multi_student_t_rng(real, array[] row_vector, matrix)",
            ],
        )),
        chapter: Chapter::Multivariate,
        doc: "The multivariate Student t distribution with `nu` degrees of freedom, location `mu` and scale matrix \
              `Sigma`.",
        cases: &[],
    }
}

/// The row of `multi_student_t_cholesky`.
pub(super) fn multi_student_t_cholesky<A: Real>() -> Distribution<A> {
    Distribution {
        name: "multi_student_t_cholesky",
        outcome: Outcome::Continuous,
        arguments: const {
            &[
                Argument::whole("Random variable", "vectors"),
                Argument::whole("Degrees of freedom parameter", "real"),
                Argument::whole("Location parameter", "vectors"),
                Argument::whole("Cholesky factor of the scale parameter", "matrix"),
            ]
        },
        density: Density::Whole(|call| {
            let nu = real(call, 1)?;
            check("Degrees of freedom parameter", nu.value(), Domain::PositiveFinite)?;
            let deviations = residuals(call, 0, 2, 3)?;
            let factor = matrix(call, 3)?;
            check_cholesky_factor("scale parameter", &factor)?;
            log_density(nu, &dense(&factor), &deviations, call.terms)
        }),
        cumulative: None,
        generator: Some(Generator::Whole(
            |call| {
                let factor = plain(&matrix(call, 2)?);
                draw(call, &factor)
            },
            &[
                "vector multi_student_t_cholesky_rng(real, vector, matrix)",
                "vector multi_student_t_cholesky_rng(real, row_vector, matrix)",
                "array[] vector multi_student_t_cholesky_rng(real, array[] vector, matrix)",
                "array[] vector multi_student_t_cholesky_rng(real, array[] row_vector, matrix)",
            ],
        )),
        chapter: Chapter::Multivariate,
        doc: "The multivariate Student t distribution with `nu` degrees of freedom, location `mu` and the Cholesky \
              factor `L` of the scale matrix.",
        cases: &[],
    }
}

fn log_density<A: Real>(nu: A, factor: &Matrix<A>, deviations: &Matrix<A>, terms: Terms) -> Result<A, Fault> {
    let (size, n) = (deviations.rows() as f64, deviations.cols());
    if !terms.keep(&[0, 1, 2, 3]) || n == 0 || deviations.rows() == 0 {
        return Ok(A::zero());
    }
    let whitened = whiten(factor, deviations)?;
    let is_normal = nu.value().is_infinite();
    let mut sum = A::zero();
    for i in 0..n {
        let square = squared_length(&whitened, i);
        sum += if is_normal { square } else { log1p(square / nu) };
    }
    let power = if is_normal { A::one() } else { nu + size };
    let mut each = A::zero();
    if terms.keep(&[]) {
        each -= size * if is_normal { HALF_LOG_TWO_PI } else { 0.5 * LOG_PI };
    }
    if terms.keep(&[1]) && !is_normal {
        each += lgamma_difference(nu * 0.5, A::constant(0.5 * size)) - nu.ln() * (0.5 * size);
    }
    if terms.keep(&[3]) {
        each -= log_diagonal(factor);
    }
    Ok(power * sum * -0.5 + each * n as f64)
}

fn draw<A: Real>(call: &mut Call<'_, A>, factor: &Matrix<f64>) -> Result<Value<A>, Fault> {
    let nu = real(call, 0)?.value();
    check("Degrees of freedom parameter", nu, Domain::Positive)?;
    let locations = vectors(call, 1)?;
    let chi_square = if nu.is_infinite() { None } else { Some(sampler(ChiSquared::new(nu))?) };
    draw_around(&locations, factor, source(call)?, |rng| {
        Ok(chi_square.as_ref().map_or(1.0, |chi_square| (nu / chi_square.sample(rng)).sqrt()))
    })
}
