//! The LKJ distribution of a Cholesky factor (functions reference, "Cholesky LKJ correlation distribution"), and its
//! normalising constant (Lewandowski, Kurowicka and Joe 2009, theorem 5).

use hlmc_math::Real;
use hlmc_math::special::lgamma;
use rand::Rng;
use rand_distr::{Beta, Distribution as _};

use crate::fault::Fault;
use crate::rows::arguments::{MatrixView, check, int, matrix, real};
use crate::rows::scalars::sampler;
use crate::rows::univariate::categorical::source;
use crate::table::{Argument, Call, Chapter, Density, Distribution, Domain, Generator, Outcome};
use crate::value::Value;

/// log(pi).
const LOG_PI: f64 = 1.144_729_885_849_400_2;

/// The row of `lkj_corr_cholesky`.
pub(super) fn lkj_corr_cholesky<A: Real>() -> Distribution<A> {
    Distribution {
        name: "lkj_corr_cholesky",
        outcome: Outcome::Continuous,
        arguments: const {
            &[Argument::whole("Random variable", "matrix"), Argument::whole("Shape parameter", "real")]
        },
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
pub(super) fn log_constant<A: Real>(eta: A, size: usize) -> A {
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
pub(super) fn check_generator<A: Real>(call: &Call<'_, A>) -> Result<(usize, f64), Fault> {
    let (size, eta) = (int(call, 0)?, real(call, 1)?.value());
    check("Shape parameter", eta, Domain::Positive)?;
    let size = usize::try_from(size).ok().filter(|size| *size > 0);
    let size = size.ok_or_else(|| Fault::rejection("the number of rows must be positive"))?;
    Ok((size, eta))
}

/// A factor, column by column: the canonical partial correlations of column k are independent beta variables on (-1, 1)
/// with both shapes eta + (size - k - 1) / 2, k from 1 (the vine method of the paper, section 2.4).
pub(super) fn draw_factor(size: usize, eta: f64, rng: &mut dyn Rng) -> Result<Vec<f64>, Fault> {
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
