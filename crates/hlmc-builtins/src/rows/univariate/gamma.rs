//! The gamma and inverse gamma distributions (functions reference, "Gamma distribution", "Inverse gamma distribution").

use hlmc_math::Real;
use hlmc_math::special::{gamma_p, gamma_q, lgamma, log_gamma_p, log_gamma_q};
use rand_distr::{Distribution as _, Gamma};

use crate::fault::Fault;
use crate::rows::scalars::{impossible, sampler, scalars};
use crate::table::{Argument, Case, Chapter, Cumulative, Density, Distribution, Domain, Generator, Outcome, Terms};

/// The row of `gamma`.
pub(super) fn gamma<A: Real>() -> Distribution<A> {
    Distribution {
        name: "gamma",
        outcome: Outcome::Continuous,
        arguments: const {
            &[
                Argument::reals("Random variable", Domain::PositiveFinite),
                Argument::reals("Shape parameter", Domain::PositiveFinite),
                Argument::reals("Inverse scale parameter", Domain::PositiveFinite),
            ]
        },
        density: Density::Scalar(gamma_log_density),
        cumulative: Some(Cumulative {
            outcome: Domain::NonNegative,
            cdf: |x| {
                let [y, alpha, beta] = scalars(x)?;
                Ok(gamma_p(alpha, beta * y))
            },
            lcdf: |x| {
                let [y, alpha, beta] = scalars(x)?;
                Ok(if y.value() == 0.0 { impossible() } else { log_gamma_p(alpha, beta * y) })
            },
            lccdf: |x| {
                let [y, alpha, beta] = scalars(x)?;
                Ok(log_gamma_q(alpha, beta * y))
            },
        }),
        generator: Some(Generator::Scalar(|x, rng| {
            let [alpha, beta] = scalars(x)?;
            Ok(sampler(Gamma::new(alpha, beta.recip()))?.sample(rng))
        })),
        chapter: Chapter::Univariate,
        doc: "The gamma distribution with shape `alpha` and rate (inverse scale) `beta`.",
        cases: &[Case { at: &[2.0, 3.0, 0.5], value: -2.386_294_361_119_891, source: "mpmath 1.3, 30 digits" }],
    }
}

/// The row of `inv_gamma`.
pub(super) fn inv_gamma<A: Real>() -> Distribution<A> {
    Distribution {
        name: "inv_gamma",
        outcome: Outcome::Continuous,
        arguments: const {
            &[
                Argument::reals("Random variable", Domain::NotNan),
                Argument::reals("Shape parameter", Domain::PositiveFinite),
                Argument::reals("Scale parameter", Domain::PositiveFinite),
            ]
        },
        density: Density::Scalar(inv_gamma_log_density),
        cumulative: Some(Cumulative {
            outcome: Domain::NonNegative,
            cdf: |x| {
                let [y, alpha, beta] = scalars(x)?;
                Ok(if y.value() == 0.0 { A::zero() } else { gamma_q(alpha, beta / y) })
            },
            lcdf: |x| {
                let [y, alpha, beta] = scalars(x)?;
                Ok(if y.value() == 0.0 { impossible() } else { log_gamma_q(alpha, beta / y) })
            },
            lccdf: |x| {
                let [y, alpha, beta] = scalars(x)?;
                Ok(if y.value() == 0.0 { A::zero() } else { log_gamma_p(alpha, beta / y) })
            },
        }),
        generator: Some(Generator::Scalar(|x, rng| {
            let [alpha, beta] = scalars(x)?;
            Ok(sampler(Gamma::new(alpha, beta.recip()))?.sample(rng).recip())
        })),
        chapter: Chapter::Univariate,
        doc: "The distribution of the reciprocal of a gamma variable with shape `alpha` and rate `beta`.",
        cases: &[Case { at: &[2.0, 3.0, 0.5], value: -5.795_177_444_479_562, source: "mpmath 1.3, 30 digits" }],
    }
}

fn gamma_log_density<A: Real>(x: &[A], terms: Terms) -> Result<A, Fault> {
    let [y, alpha, beta] = scalars(x)?;
    let mut log_density = A::zero();
    if terms.keep(&[1]) {
        log_density -= lgamma(alpha);
    }
    if terms.keep(&[1, 2]) {
        log_density += alpha * beta.ln();
    }
    if terms.keep(&[0, 1]) {
        log_density += (alpha - 1.0) * y.ln();
    }
    if terms.keep(&[0, 2]) {
        log_density -= beta * y;
    }
    Ok(log_density)
}

fn inv_gamma_log_density<A: Real>(x: &[A], terms: Terms) -> Result<A, Fault> {
    let [y, alpha, beta] = scalars(x)?;
    if y.value() <= 0.0 {
        return Ok(impossible());
    }
    let mut log_density = A::zero();
    if terms.keep(&[1]) {
        log_density -= lgamma(alpha);
    }
    if terms.keep(&[1, 2]) {
        log_density += alpha * beta.ln();
    }
    if terms.keep(&[0, 1]) {
        log_density -= (alpha + 1.0) * y.ln();
    }
    if terms.keep(&[0, 2]) {
        log_density -= beta / y;
    }
    Ok(log_density)
}
