//! The Wishart and inverse Wishart distributions, of matrices and of their Cholesky factors (functions reference,
//! "Wishart distribution", "Inverse Wishart distribution" and their Cholesky parameterizations).

use std::f64::consts::LN_2;

use hlmc_math::Real;
use hlmc_math::linear_algebra::{Matrix, cholesky, multiply, solve_lower, tcrossprod};
use hlmc_math::special::lmgamma;
use rand::Rng;
use rand_distr::{ChiSquared, Distribution as _, StandardNormal};

use super::lkj::check_cholesky_factor;
use super::matrices::{dense, factor_of, log_diagonal, matrix_fault, matrix_value, plain, squared_length, whiten};
use crate::fault::Fault;
use crate::rows::arguments::{check_sizes, matrix, real};
use crate::rows::scalars::sampler;
use crate::rows::univariate::categorical::source;
use crate::table::{Argument, Call, Chapter, Density, Distribution, Generator, Outcome};
use crate::value::Value;

/// The rows of this family.
pub(super) fn rows<A: Real>() -> Vec<Distribution<A>> {
    let row = |name, density, generator, doc| Distribution {
        name,
        outcome: Outcome::Continuous,
        arguments: const {
            &[
                Argument::whole("random variable", "matrix"),
                Argument::whole("Degrees of freedom parameter", "real"),
                Argument::whole("scale parameter", "matrix"),
            ]
        },
        density: Density::Whole(density),
        cumulative: None,
        generator: Some(generator),
        chapter: Chapter::Multivariate,
        doc,
        cases: &[],
    };
    vec![
        row(
            "wishart",
            wishart_log_density,
            Generator::Whole(draw_wishart, &["matrix wishart_rng(real, matrix)"]),
            "The Wishart distribution with `nu` degrees of freedom and scale matrix `Sigma`.",
        ),
        row(
            "wishart_cholesky",
            wishart_cholesky_log_density,
            Generator::Whole(draw_wishart_factor, &["matrix wishart_cholesky_rng(real, matrix)"]),
            "The distribution of the Cholesky factor of a Wishart matrix, given that of the scale matrix.",
        ),
        row(
            "inv_wishart",
            inv_wishart_log_density,
            Generator::Whole(draw_inv_wishart, &["matrix inv_wishart_rng(real, matrix)"]),
            "The distribution of the inverse of a Wishart matrix with scale `Sigma`⁻¹.",
        ),
        row(
            "inv_wishart_cholesky",
            inv_wishart_cholesky_log_density,
            Generator::Whole(draw_inv_wishart_factor, &["matrix inv_wishart_cholesky_rng(real, matrix)"]),
            "The distribution of the Cholesky factor of an inverse Wishart matrix, given that of the scale matrix.",
        ),
    ]
}

fn wishart_log_density<A: Real>(call: &mut Call<'_, A>) -> Result<A, Fault> {
    let (factor, nu, scale) = factors(call)?;
    let (size, terms) = (factor.rows(), call.terms);
    let mut log_density = A::zero();
    if terms.keep(&[1]) {
        log_density -= nu * (0.5 * LN_2 * size as f64) + lmgamma(size as i64, nu * 0.5);
    }
    if terms.keep(&[1, 2]) {
        log_density -= nu * log_diagonal(&scale);
    }
    if terms.keep(&[0, 2]) {
        log_density -= squared_norm(&whiten(&scale, &factor)?) * 0.5;
    }
    if terms.keep(&[0, 1]) {
        log_density += (nu - (size as f64 + 1.0)) * log_diagonal(&factor);
    }
    Ok(log_density)
}

fn inv_wishart_log_density<A: Real>(call: &mut Call<'_, A>) -> Result<A, Fault> {
    let (factor, nu, scale) = factors(call)?;
    let (size, terms) = (factor.rows(), call.terms);
    if !terms.keep(&[0, 1, 2]) {
        return Ok(A::zero());
    }
    let mut log_density = -(nu + (size as f64 + 1.0)) * log_diagonal(&factor);
    if terms.keep(&[1]) {
        log_density -= lmgamma(size as i64, nu * 0.5);
    }
    if terms.keep(&[1, 2]) {
        log_density += nu * (log_diagonal(&scale) - 0.5 * LN_2 * size as f64);
    }
    if terms.keep(&[0, 2]) {
        log_density -= squared_norm(&whiten(&factor, &scale)?) * 0.5;
    }
    Ok(log_density)
}

fn wishart_cholesky_log_density<A: Real>(call: &mut Call<'_, A>) -> Result<A, Fault> {
    let (factor, nu, scale) = given_factors(call)?;
    let (size, terms) = (factor.rows(), call.terms);
    if !terms.keep(&[0, 1, 2]) {
        return Ok(A::zero());
    }
    let mut log_density = squared_norm(&whiten(&scale, &factor)?) * -0.5 - nu * log_diagonal(&scale);
    for i in 0..size {
        log_density += (nu - (i as f64 + 1.0)) * factor[(i, i)].ln();
    }
    if terms.keep(&[1]) {
        log_density += factor_constant(nu, size);
    }
    Ok(log_density)
}

fn inv_wishart_cholesky_log_density<A: Real>(call: &mut Call<'_, A>) -> Result<A, Fault> {
    let (factor, nu, scale) = given_factors(call)?;
    let (size, terms) = (factor.rows(), call.terms);
    if !terms.keep(&[0, 1, 2]) {
        return Ok(A::zero());
    }
    let mut log_density = squared_norm(&whiten(&factor, &scale)?) * -0.5 + nu * log_diagonal(&scale);
    for i in 0..size {
        log_density -= (nu + (i as f64 + 1.0)) * factor[(i, i)].ln();
    }
    if terms.keep(&[1]) {
        log_density += factor_constant(nu, size);
    }
    Ok(log_density)
}

/// The constant of the density of a factor: that of the matrix, and the powers of 2 of the change of variables
/// (Muirhead 2005, theorem 2.1.9).
fn factor_constant<A: Real>(nu: A, size: usize) -> A {
    (nu * -0.5 + 1.0) * (LN_2 * size as f64) - lmgamma(size as i64, nu * 0.5)
}

fn squared_norm<A: Real>(matrix: &Matrix<A>) -> A {
    (0..matrix.cols()).fold(A::zero(), |sum, j| sum + squared_length(matrix, j))
}

/// The factors of outcome and scale, and the degrees of freedom.
fn factors<A: Real>(call: &Call<'_, A>) -> Result<(Matrix<A>, A, Matrix<A>), Fault> {
    let (outcome, nu, scale) = (matrix(call, 0)?, real(call, 1)?, matrix(call, 2)?);
    check_sizes("Rows of random variable", outcome.rows, "columns of scale parameter", scale.rows)?;
    check_degrees_of_freedom(nu.value(), outcome.rows)?;
    Ok((factor_of(call, 0, "random variable")?, nu, factor_of(call, 2, "scale parameter")?))
}

/// The same where the arguments are factors already.
fn given_factors<A: Real>(call: &Call<'_, A>) -> Result<(Matrix<A>, A, Matrix<A>), Fault> {
    let (outcome, nu, scale) = (matrix(call, 0)?, real(call, 1)?, matrix(call, 2)?);
    check_sizes("Rows of random variable", outcome.rows, "columns of scale parameter", scale.rows)?;
    check_sizes("Rows of random variable", outcome.rows, "its columns", outcome.cols)?;
    check_sizes("Rows of scale parameter", scale.rows, "its columns", scale.cols)?;
    check_degrees_of_freedom(nu.value(), outcome.rows)?;
    check_cholesky_factor("random variable", &outcome)?;
    check_cholesky_factor("scale parameter", &scale)?;
    Ok((dense(&outcome), nu, dense(&scale)))
}

fn check_degrees_of_freedom(nu: f64, size: usize) -> Result<(), Fault> {
    let least = size as f64 - 1.0;
    if nu > least && nu.is_finite() {
        return Ok(());
    }
    Err(Fault::rejection(format!("Degrees of freedom parameter is {nu}, but must be greater than {least}")))
}

fn draw_wishart<A: Real>(call: &mut Call<'_, A>) -> Result<Value<A>, Fault> {
    let (nu, scale) = scale_of_generator(call, true)?;
    let factor = draw_factor(nu, &scale, source(call)?)?;
    Ok(matrix_value(&tcrossprod(factor.view())))
}

fn draw_wishart_factor<A: Real>(call: &mut Call<'_, A>) -> Result<Value<A>, Fault> {
    let (nu, scale) = scale_of_generator(call, false)?;
    Ok(matrix_value(&draw_factor(nu, &scale, source(call)?)?))
}

fn draw_inv_wishart<A: Real>(call: &mut Call<'_, A>) -> Result<Value<A>, Fault> {
    let (nu, scale) = scale_of_generator(call, true)?;
    Ok(matrix_value(&draw_inverse(nu, &scale, source(call)?)?))
}

fn draw_inv_wishart_factor<A: Real>(call: &mut Call<'_, A>) -> Result<Value<A>, Fault> {
    let (nu, scale) = scale_of_generator(call, false)?;
    let inverse = draw_inverse(nu, &scale, source(call)?)?;
    Ok(matrix_value(&cholesky(inverse.view()).map_err(|error| matrix_fault("draw", &error))?))
}

/// The degrees of freedom and the factor of the scale matrix, which is given as such or not.
fn scale_of_generator<A: Real>(call: &Call<'_, A>, is_matrix: bool) -> Result<(f64, Matrix<f64>), Fault> {
    let (nu, view) = (real(call, 0)?.value(), matrix(call, 1)?);
    check_degrees_of_freedom(nu, view.rows)?;
    if is_matrix {
        let factor = cholesky(plain(&view).view()).map_err(|error| matrix_fault("scale parameter", &error))?;
        return Ok((nu, factor));
    }
    check_cholesky_factor("scale parameter", &view)?;
    check_sizes("Rows of scale parameter", view.rows, "its columns", view.cols)?;
    Ok((nu, plain(&view)))
}

/// The factor of a standard Wishart matrix (Bartlett's decomposition).
fn draw_standard_factor(nu: f64, size: usize, rng: &mut dyn Rng) -> Result<Matrix<f64>, Fault> {
    let mut factor = Matrix::zeros(size, size);
    for i in 0..size {
        factor[(i, i)] = sampler(ChiSquared::new(nu - i as f64))?.sample(rng).sqrt();
        for j in 0..i {
            factor[(i, j)] = StandardNormal.sample(rng);
        }
    }
    Ok(factor)
}

fn draw_factor(nu: f64, scale: &Matrix<f64>, rng: &mut dyn Rng) -> Result<Matrix<f64>, Fault> {
    let standard = draw_standard_factor(nu, scale.rows(), rng)?;
    multiply(scale.view(), standard.view()).map_err(|error| matrix_fault("scale parameter", &error))
}

/// The inverse of a Wishart matrix with the inverse scale: L B'⁻¹ B⁻¹ L' with B the standard factor.
fn draw_inverse(nu: f64, scale: &Matrix<f64>, rng: &mut dyn Rng) -> Result<Matrix<f64>, Fault> {
    let standard = draw_standard_factor(nu, scale.rows(), rng)?;
    let root = solve_lower(standard.view(), scale.view().transpose().view());
    let root = root.map_err(|error| matrix_fault("scale parameter", &error))?;
    Ok(tcrossprod(root.view().transpose().view()))
}
