//! The chi-square distribution, its inverse and the scaled inverse (functions reference, "Chi-square distribution",
//! "Inverse chi-square distribution", "Scaled inverse chi-square distribution").

use std::f64::consts::LN_2;

use hlmc_math::Real;
use hlmc_math::special::{gamma_p, gamma_q, lgamma, log_gamma_p, log_gamma_q};
use rand_distr::{ChiSquared, Distribution as _};

use crate::fault::Fault;
use crate::rows::scalars::{impossible, sampler, scalars};
use crate::table::{Argument, Case, Chapter, Cumulative, Density, Distribution, Domain, Generator, Outcome, Terms};

/// The row of `chi_square`.
pub(super) fn chi_square<A: Real>() -> Distribution<A> {
    Distribution {
        name: "chi_square",
        outcome: Outcome::Continuous,
        arguments: const {
            &[
                Argument::reals("Random variable", Domain::NonNegative),
                Argument::reals("Degrees of freedom parameter", Domain::PositiveFinite),
            ]
        },
        density: Density::Scalar(chi_square_log_density),
        cumulative: Some(Cumulative {
            outcome: Domain::NonNegative,
            cdf: |x| {
                let [y, nu] = scalars(x)?;
                Ok(gamma_p(nu * 0.5, y * 0.5))
            },
            lcdf: |x| {
                let [y, nu] = scalars(x)?;
                Ok(if y.value() == 0.0 { impossible() } else { log_gamma_p(nu * 0.5, y * 0.5) })
            },
            lccdf: |x| {
                let [y, nu] = scalars(x)?;
                Ok(log_gamma_q(nu * 0.5, y * 0.5))
            },
        }),
        generator: Some(Generator::Scalar(|x, rng| {
            let [nu] = scalars(x)?;
            Ok(sampler(ChiSquared::new(nu))?.sample(rng))
        })),
        chapter: Chapter::Univariate,
        doc: "The chi-square distribution with `nu` degrees of freedom.",
        cases: &[Case { at: &[2.0, 3.0], value: -1.572_364_942_924_700_1, source: "mpmath 1.3, 30 digits" }],
    }
}

/// The row of `inv_chi_square`.
pub(super) fn inv_chi_square<A: Real>() -> Distribution<A> {
    Distribution {
        name: "inv_chi_square",
        outcome: Outcome::Continuous,
        arguments: const {
            &[
                Argument::reals("Random variable", Domain::NotNan),
                Argument::reals("Degrees of freedom parameter", Domain::PositiveFinite),
            ]
        },
        density: Density::Scalar(inv_chi_square_log_density),
        cumulative: Some(Cumulative {
            outcome: Domain::NonNegative,
            cdf: |x| {
                let [y, nu] = scalars(x)?;
                Ok(if y.value() == 0.0 { A::zero() } else { gamma_q(nu * 0.5, y.recip() * 0.5) })
            },
            lcdf: |x| {
                let [y, nu] = scalars(x)?;
                Ok(if y.value() == 0.0 { impossible() } else { log_gamma_q(nu * 0.5, y.recip() * 0.5) })
            },
            lccdf: |x| {
                let [y, nu] = scalars(x)?;
                Ok(if y.value() == 0.0 { A::zero() } else { log_gamma_p(nu * 0.5, y.recip() * 0.5) })
            },
        }),
        generator: Some(Generator::Scalar(|x, rng| {
            let [nu] = scalars(x)?;
            Ok(sampler(ChiSquared::new(nu))?.sample(rng).recip())
        })),
        chapter: Chapter::Univariate,
        doc: "The distribution of the reciprocal of a chi-square variable with `nu` degrees of freedom.",
        cases: &[Case { at: &[2.0, 3.0], value: -2.901_806_484_604_536, source: "mpmath 1.3, 30 digits" }],
    }
}

/// The row of `scaled_inv_chi_square`.
pub(super) fn scaled_inv_chi_square<A: Real>() -> Distribution<A> {
    Distribution {
        name: "scaled_inv_chi_square",
        outcome: Outcome::Continuous,
        arguments: const {
            &[
                Argument::reals("Random variable", Domain::NotNan),
                Argument::reals("Degrees of freedom parameter", Domain::PositiveFinite),
                Argument::reals("Scale parameter", Domain::PositiveFinite),
            ]
        },
        density: Density::Scalar(scaled_log_density),
        cumulative: Some(Cumulative {
            outcome: Domain::NonNegative,
            cdf: |x| Ok(as_gamma(x)?.map_or_else(A::zero, |(shape, rate)| gamma_q(shape, rate))),
            lcdf: |x| Ok(as_gamma(x)?.map_or_else(impossible, |(shape, rate)| log_gamma_q(shape, rate))),
            lccdf: |x| Ok(as_gamma(x)?.map_or_else(A::zero, |(shape, rate)| log_gamma_p(shape, rate))),
        }),
        generator: Some(Generator::Scalar(|x, rng| {
            let [nu, sigma] = scalars(x)?;
            Ok(nu * sigma * sigma / sampler(ChiSquared::new(nu))?.sample(rng))
        })),
        chapter: Chapter::Univariate,
        doc: "The distribution of `nu` `sigma`^2 divided by a chi-square variable with `nu` degrees of freedom.",
        cases: &[Case { at: &[2.0, 3.0, 0.5], value: -3.270_829_593_282_207, source: "mpmath 1.3, 30 digits" }],
    }
}

fn chi_square_log_density<A: Real>(x: &[A], terms: Terms) -> Result<A, Fault> {
    let [y, nu] = scalars(x)?;
    let mut log_density = A::zero();
    if terms.keep(&[1]) {
        log_density -= nu * (0.5 * LN_2) + lgamma(nu * 0.5);
    }
    if terms.keep(&[0, 1]) {
        let power = nu * 0.5 - 1.0;
        log_density += if y.value() == 0.0 && power.value() == 0.0 { A::zero() } else { power * y.ln() };
    }
    if terms.keep(&[0]) {
        log_density -= y * 0.5;
    }
    Ok(log_density)
}

fn inv_chi_square_log_density<A: Real>(x: &[A], terms: Terms) -> Result<A, Fault> {
    let [y, nu] = scalars(x)?;
    if y.value() <= 0.0 {
        return Ok(impossible());
    }
    let mut log_density = A::zero();
    if terms.keep(&[1]) {
        log_density -= nu * (0.5 * LN_2) + lgamma(nu * 0.5);
    }
    if terms.keep(&[0, 1]) {
        log_density -= (nu * 0.5 + 1.0) * y.ln();
    }
    if terms.keep(&[0]) {
        log_density -= y.recip() * 0.5;
    }
    Ok(log_density)
}

fn scaled_log_density<A: Real>(x: &[A], terms: Terms) -> Result<A, Fault> {
    let [y, nu, sigma] = scalars(x)?;
    if y.value() <= 0.0 {
        return Ok(impossible());
    }
    let half_nu = nu * 0.5;
    let mut log_density = -half_nu * sigma * sigma / y;
    if terms.keep(&[1]) {
        log_density += half_nu * half_nu.ln() - lgamma(half_nu);
    }
    if terms.keep(&[1, 2]) {
        log_density += nu * sigma.ln();
    }
    if terms.keep(&[0, 1]) {
        log_density -= (half_nu + 1.0) * y.ln();
    }
    Ok(log_density)
}

/// Shape and argument of the gamma upper tail that is P(Y <= y); `None` at 0.
fn as_gamma<A: Real>(x: &[A]) -> Result<Option<(A, A)>, Fault> {
    let [y, nu, sigma] = scalars(x)?;
    let shape = nu * 0.5;
    Ok((y.value() > 0.0).then(|| (shape, shape * sigma * sigma / y)))
}
