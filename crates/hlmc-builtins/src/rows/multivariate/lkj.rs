//! The LKJ distribution of correlation matrices, of their Cholesky factors, and with lognormal scales (functions
//! reference, "LKJ correlation distribution", "Cholesky LKJ correlation distribution"; Lewandowski, Kurowicka and Joe
//! 2009, "Generating random correlation matrices based on vines and extended onion method").

use hlmc_math::Real;
use hlmc_math::linear_algebra::{Matrix, MatrixRef, tcrossprod};
use hlmc_math::special::lgamma;
use rand::Rng;
use rand_distr::{Beta, Distribution as _};

use super::matrices::{LOG_PI, factor_of, log_diagonal, matrix_fault, matrix_value};
use crate::fault::Fault;
use crate::rows::arguments::{
    CONSTRAINT_TOLERANCE, MatrixView, check, check_all, check_sizes, int, matrix, real, vectors,
};
use crate::rows::scalars::sampler;
use crate::rows::univariate::categorical::source;
use crate::rows::univariate::normal::HALF_LOG_TWO_PI;
use crate::table::{Argument, Call, Chapter, Density, Distribution, Domain, Generator, Outcome};
use crate::value::Value;

/// The row of `lkj_corr_cholesky`.
pub(super) fn lkj_corr_cholesky<A: Real>() -> Distribution<A> {
    Distribution {
        name: "lkj_corr_cholesky",
        outcome: Outcome::Continuous,
        arguments: const { &[Argument::whole("Random variable", "matrix"), Argument::whole("Shape parameter", "real")] },
        density: Density::Whole(log_density),
        cumulative: None,
        generator: Some(Generator::Whole(
            |call| {
                let (size, eta) = check_generator(call)?;
                let factor = draw_factor(size, eta, source(call)?)?;
                Ok(Value::matrix(size, size, factor.into_iter().map(A::constant).collect()))
            },
            &["matrix lkj_corr_cholesky_rng(int, real)"],
        )),
        chapter: Chapter::Multivariate,
        doc: "The distribution of the Cholesky factor of a correlation matrix that has the LKJ distribution with shape \
              `eta`.",
        cases: &[],
    }
}

/// The row of `lkj_corr`.
pub(super) fn lkj_corr<A: Real>() -> Distribution<A> {
    Distribution {
        name: "lkj_corr",
        outcome: Outcome::Continuous,
        arguments: const { &[Argument::whole("Correlation matrix", "matrix"), Argument::whole("Shape parameter", "real")] },
        density: Density::Whole(|call| {
            let (correlation, eta) = (matrix(call, 0)?, real(call, 1)?);
            check("Shape parameter", eta.value(), Domain::Positive)?;
            check_unit_diagonal(&correlation)?;
            let factor = factor_of(call, 0, "Correlation matrix")?;
            Ok(correlation_log_density(&factor, eta, call.terms.keep(&[1]), call.terms.keep(&[0, 1])))
        }),
        cumulative: None,
        generator: Some(Generator::Whole(
            |call| {
                let (size, eta) = check_generator(call)?;
                let factor = draw_factor(size, eta, source(call)?)?;
                let view = MatrixRef::new(&factor, size, size).map_err(|error| matrix_fault("draw", &error))?;
                Ok(matrix_value(&tcrossprod(view)))
            },
            &["matrix lkj_corr_rng(int, real)"],
        )),
        chapter: Chapter::Multivariate,
        doc: "The LKJ distribution of a correlation matrix with shape `eta`: its density is proportional to the \
              determinant to the power `eta` - 1.",
        cases: &[],
    }
}

/// The row of `lkj_cov`.
pub(super) fn lkj_cov<A: Real>() -> Distribution<A> {
    Distribution {
        name: "lkj_cov",
        outcome: Outcome::Continuous,
        arguments: const {
            &[
                Argument::whole("Covariance matrix", "matrix"),
                Argument::whole("Location parameter", "vector"),
                Argument::whole("Scale parameter", "vector"),
                Argument::whole("Shape parameter", "real"),
            ]
        },
        density: Density::Whole(covariance_log_density),
        cumulative: None,
        generator: None,
        chapter: Chapter::Multivariate,
        doc: "Scales that are lognormal with `mu` and `sigma`, and correlations with the LKJ distribution of shape `eta`.",
        cases: &[],
    }
}

fn covariance_log_density<A: Real>(call: &mut Call<'_, A>) -> Result<A, Fault> {
    let (covariance, mu, sigma, eta) = (matrix(call, 0)?, vectors(call, 1)?, vectors(call, 2)?, real(call, 3)?);
    check_sizes("Rows of location parameter", mu.size, "columns of scale parameter", sigma.size)?;
    check_sizes("Rows of random variable", covariance.rows, "rows of location parameter", mu.size)?;
    check("Shape parameter", eta.value(), Domain::Positive)?;
    check_all("Location parameter", mu.entries.values().iter().copied(), Domain::Finite)?;
    check_all("Scale parameter", sigma.entries.values().iter().copied(), Domain::PositiveFinite)?;
    let mut factor = factor_of(call, 0, "Covariance matrix")?;
    let terms = call.terms;
    let mut log_density = A::zero();
    for i in 0..covariance.rows {
        let scale = covariance.at(i, i).sqrt();
        let z = (scale.ln() - mu.at(0, i)) / sigma.at(0, i);
        if terms.keep(&[0, 1, 2]) {
            log_density -= z * z * 0.5;
        }
        if terms.keep(&[]) {
            log_density -= HALF_LOG_TWO_PI;
        }
        if terms.keep(&[2]) {
            log_density -= sigma.at(0, i).ln();
        }
        if terms.keep(&[0]) {
            log_density -= scale.ln();
        }
        // What is left is the factor of the correlation matrix.
        for j in 0..=i {
            factor[(i, j)] /= scale;
        }
    }
    Ok(log_density + correlation_log_density(&factor, eta, terms.keep(&[3]), terms.keep(&[0, 3])))
}

fn correlation_log_density<A: Real>(factor: &Matrix<A>, eta: A, keep_constant: bool, keep_kernel: bool) -> A {
    let mut log_density = A::zero();
    if keep_constant {
        log_density += log_constant(eta, factor.rows());
    }
    let power = eta - 1.0;
    if keep_kernel && !(power.value() == 0.0 && power.is_constant()) {
        log_density += power * log_diagonal(factor) * 2.0;
    }
    log_density
}

fn check_unit_diagonal<A: Real>(correlation: &MatrixView<'_, A>) -> Result<(), Fault> {
    let is_off = |x: f64| x.is_nan() || (x - 1.0).abs() > CONSTRAINT_TOLERANCE;
    match (0..correlation.rows).find(|i| is_off(correlation.at(*i, *i).value())) {
        Some(i) => Err(Fault::rejection(format!(
            "Correlation matrix is not a valid correlation matrix: element [{0}, {0}] is {1}, but should be near 1",
            i + 1,
            correlation.at(i, i).value()
        ))),
        None => Ok(()),
    }
}

fn log_density<A: Real>(call: &mut Call<'_, A>) -> Result<A, Fault> {
    let (factor, eta) = (matrix(call, 0)?, real(call, 1)?);
    check("Shape parameter", eta.value(), Domain::Positive)?;
    check_cholesky_factor("Random variable", &factor)?;
    let size = factor.rows;
    let mut log_density = A::zero();
    if call.terms.keep(&[1]) {
        log_density += log_constant(eta, size);
    }
    if call.terms.keep(&[0, 1]) {
        for k in 1..size {
            let power = eta * 2.0 - 2.0 + (size - k - 1) as f64;
            if !(power.value() == 0.0 && power.is_constant()) {
                log_density += power * factor.at(k, k).ln();
            }
        }
    }
    Ok(log_density)
}

/// The logarithm of the normalising constant of the LKJ distribution of size `size`.
fn log_constant<A: Real>(eta: A, size: usize) -> A {
    let n = size.saturating_sub(1);
    let mut log_constant = lgamma(eta + 0.5 * n as f64) * n as f64;
    for k in 1..=n {
        log_constant -= lgamma(eta + 0.5 * (n - k) as f64) + 0.5 * k as f64 * LOG_PI;
    }
    log_constant
}

/// Faults unless the matrix is lower triangular with a positive diagonal.
pub(super) fn check_cholesky_factor<A: Real>(name: &str, factor: &MatrixView<'_, A>) -> Result<(), Fault> {
    if factor.cols > factor.rows {
        return Err(Fault::fatal(format!("{name} has {} columns but only {} rows", factor.cols, factor.rows)));
    }
    for j in 0..factor.cols {
        let diagonal = factor.at(j, j).value();
        if diagonal.is_nan() || diagonal <= 0.0 {
            return Err(Fault::rejection(format!(
                "{name} is not a valid Cholesky factor: element [{0}, {0}] is {diagonal}, but should be positive",
                j + 1
            )));
        }
        if let Some(i) = (0..j).find(|i| factor.at(*i, j).value() != 0.0) {
            return Err(Fault::rejection(format!(
                "{name} is not lower triangular: element [{}, {}] is {}",
                i + 1,
                j + 1,
                factor.at(i, j).value()
            )));
        }
    }
    Ok(())
}

/// Size and shape of a generator's call.
fn check_generator<A: Real>(call: &Call<'_, A>) -> Result<(usize, f64), Fault> {
    let (size, eta) = (int(call, 0)?, real(call, 1)?.value());
    check("Shape parameter", eta, Domain::Positive)?;
    let size = usize::try_from(size).ok().filter(|size| *size > 0);
    let size = size.ok_or_else(|| Fault::rejection("the number of rows must be positive"))?;
    Ok((size, eta))
}

/// A factor, column by column: the canonical partial correlations of column k are independent beta variables on (-1, 1)
/// with both shapes eta + (size - k - 1) / 2, k from 1 (the vine method of the paper, section 2.4).
fn draw_factor(size: usize, eta: f64, rng: &mut dyn Rng) -> Result<Vec<f64>, Fault> {
    let mut factor = vec![0.0; size * size];
    // What is left of the unit length of each row.
    let mut left = vec![1.0_f64; size];
    for k in 0..size {
        let shape = eta + 0.5 * (size - k).saturating_sub(2) as f64;
        factor[k + k * size] = left[k].sqrt();
        for i in k + 1..size {
            let partial = 2.0 * sampler(Beta::new(shape, shape))?.sample(rng) - 1.0;
            factor[i + k * size] = partial * left[i].sqrt();
            left[i] *= (1.0 - partial) * (1.0 + partial);
        }
    }
    Ok(factor)
}
