//! The Weibull and Fréchet distributions (functions reference, "Weibull distribution", "Frechet distribution").

use hlmc_math::Real;
use hlmc_math::special::{expm1, log1m_exp, pow};
use rand_distr::{Distribution as _, Exp1};

use crate::fault::Fault;
use crate::rows::scalars::{impossible, scalars};
use crate::table::{Argument, Case, Chapter, Cumulative, Density, Distribution, Domain, Generator, Outcome, Terms};

/// The row of `weibull`.
pub(super) fn weibull<A: Real>() -> Distribution<A> {
    Distribution {
        name: "weibull",
        outcome: Outcome::Continuous,
        arguments: const {
            &[
                Argument::reals("Random variable", Domain::Finite),
                Argument::reals("Shape parameter", Domain::PositiveFinite),
                Argument::reals("Scale parameter", Domain::PositiveFinite),
            ]
        },
        density: Density::Scalar(weibull_log_density),
        cumulative: Some(Cumulative {
            outcome: Domain::NonNegative,
            cdf: |x| Ok(-expm1(-scaled_power(x, 1.0)?)),
            lcdf: |x| Ok(log1m_exp(-scaled_power(x, 1.0)?)),
            lccdf: |x| Ok(-scaled_power(x, 1.0)?),
        }),
        generator: Some(Generator::Scalar(|x, rng| {
            let [alpha, sigma] = scalars(x)?;
            let unit: f64 = Exp1.sample(rng);
            Ok(sigma * unit.powf(alpha.recip()))
        })),
        chapter: Chapter::Univariate,
        doc: "The Weibull distribution with shape `alpha` and scale `sigma`.",
        cases: &[Case { at: &[2.0, 1.5, 3.0], value: -1.440_210_788_565_844_9, source: "mpmath 1.3, 30 digits" }],
    }
}

/// The row of `frechet`.
pub(super) fn frechet<A: Real>() -> Distribution<A> {
    Distribution {
        name: "frechet",
        outcome: Outcome::Continuous,
        arguments: const {
            &[
                Argument::reals("Random variable", Domain::Positive),
                Argument::reals("Shape parameter", Domain::PositiveFinite),
                Argument::reals("Scale parameter", Domain::PositiveFinite),
            ]
        },
        density: Density::Scalar(frechet_log_density),
        cumulative: Some(Cumulative {
            outcome: Domain::Positive,
            cdf: |x| Ok((-scaled_power(x, -1.0)?).exp()),
            lcdf: |x| Ok(-scaled_power(x, -1.0)?),
            lccdf: |x| Ok(log1m_exp(-scaled_power(x, -1.0)?)),
        }),
        generator: Some(Generator::Scalar(|x, rng| {
            let [alpha, sigma] = scalars(x)?;
            let unit: f64 = Exp1.sample(rng);
            Ok(sigma * unit.powf(-alpha.recip()))
        })),
        chapter: Chapter::Univariate,
        doc: "The Fréchet distribution with shape `alpha` and scale `sigma`.",
        cases: &[Case { at: &[2.0, 1.5, 3.0], value: -1.516_601_717_376_918, source: "mpmath 1.3, 30 digits" }],
    }
}

fn weibull_log_density<A: Real>(x: &[A], terms: Terms) -> Result<A, Fault> {
    let [y, alpha, sigma] = scalars(x)?;
    if y.value() < 0.0 {
        return Ok(impossible());
    }
    let mut log_density = -scaled_power(x, 1.0)?;
    if terms.keep(&[1]) {
        log_density += alpha.ln();
    }
    if terms.keep(&[0, 1]) {
        let power = alpha - 1.0;
        log_density += if y.value() == 0.0 && power.value() == 0.0 { A::zero() } else { power * y.ln() };
    }
    if terms.keep(&[1, 2]) {
        log_density -= alpha * sigma.ln();
    }
    Ok(log_density)
}

fn frechet_log_density<A: Real>(x: &[A], terms: Terms) -> Result<A, Fault> {
    let [y, alpha, sigma] = scalars(x)?;
    let mut log_density = -scaled_power(x, -1.0)?;
    if terms.keep(&[1]) {
        log_density += alpha.ln();
    }
    if terms.keep(&[0, 1]) {
        log_density -= (alpha + 1.0) * y.ln();
    }
    if terms.keep(&[1, 2]) {
        log_density += alpha * sigma.ln();
    }
    Ok(log_density)
}

/// (y / sigma)^(sign alpha).
fn scaled_power<A: Real>(x: &[A], sign: f64) -> Result<A, Fault> {
    let [y, alpha, sigma] = scalars(x)?;
    Ok(pow(y / sigma, alpha * sign))
}
