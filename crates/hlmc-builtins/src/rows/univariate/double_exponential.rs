//! The Laplace distribution, which Stan calls double exponential, and its skew form (functions reference, "Double
//! exponential (Laplace) distribution", "Skew double exponential distribution").

use std::f64::consts::LN_2;

use hlmc_math::Real;
use hlmc_math::special::{abs, expm1, inv, log, log1m, log1m_exp};
use rand_distr::{Distribution as _, Exp1, StandardUniform};

use crate::fault::Fault;
use crate::rows::scalars::{from_partials, scalars};
use crate::table::{Argument, Case, Chapter, Cumulative, Density, Distribution, Domain, Generator, Outcome, Terms};

/// The row of `double_exponential`.
pub(super) fn double_exponential<A: Real>() -> Distribution<A> {
    Distribution {
        name: "double_exponential",
        outcome: Outcome::Continuous,
        arguments: const {
            &[
                Argument::reals("Random variable", Domain::Finite),
                Argument::reals("Location parameter", Domain::Finite),
                Argument::reals("Scale parameter", Domain::PositiveFinite),
            ]
        },
        density: Density::Scalar(log_density),
        cumulative: Some(Cumulative {
            outcome: Domain::NotNan,
            cdf: |x| {
                let z = standardise(x)?;
                Ok(if z.value() < 0.0 { z.exp() * 0.5 } else { (expm1(-z) * -0.5) + 0.5 })
            },
            lcdf: |x| Ok(log_lower_tail(standardise(x)?)),
            lccdf: |x| Ok(log_lower_tail(-standardise(x)?)),
        }),
        generator: Some(Generator::Scalar(|x, rng| {
            let [mu, sigma] = scalars(x)?;
            let (size, is_below): (f64, bool) = (Exp1.sample(rng), StandardUniform.sample(rng));
            Ok(if is_below { mu - sigma * size } else { mu + sigma * size })
        })),
        chapter: Chapter::Univariate,
        doc: "The double exponential (Laplace) distribution with location `mu` and scale `sigma`.",
        cases: &[Case { at: &[1.0, 0.5, 2.0], value: -1.636_294_361_119_890_6, source: "-log(4) - 1/4" }],
    }
}

/// The row of `skew_double_exponential`.
pub(super) fn skew_double_exponential<A: Real>() -> Distribution<A> {
    Distribution {
        name: "skew_double_exponential",
        outcome: Outcome::Continuous,
        arguments: const {
            &[
                Argument::reals("Random variable", Domain::NotNan),
                Argument::reals("Location parameter", Domain::Finite),
                Argument::reals("Scale parameter", Domain::PositiveFinite),
                Argument::reals("Skewness parameter", Domain::Probability),
            ]
        },
        density: Density::Scalar(skew_log_density),
        cumulative: Some(Cumulative {
            outcome: Domain::NotNan,
            cdf: |x| Ok(skew_log_lower_tail(x, false)?.exp()),
            lcdf: |x| skew_log_lower_tail(x, false),
            lccdf: |x| skew_log_lower_tail(x, true),
        }),
        generator: Some(Generator::Scalar(|x, rng| {
            let [mu, sigma, tau] = scalars(x)?;
            let (size, u): (f64, f64) = (Exp1.sample(rng), StandardUniform.sample(rng));
            Ok(if u < tau { mu - sigma * size / (2.0 * (1.0 - tau)) } else { mu + sigma * size / (2.0 * tau) })
        })),
        chapter: Chapter::Univariate,
        doc: "The double exponential distribution with location `mu`, scale `sigma` and the share `tau` of the mass \
              below `mu`.",
        cases: &[
            Case { at: &[1.0, 0.5, 2.0, 0.3], value: -1.710_647_748_264_668_5, source: "log(0.3 * 0.7) - 0.15" },
            Case { at: &[-1.0, 0.5, 2.0, 0.3], value: -2.610_647_748_264_668, source: "log(0.3 * 0.7) - 1.05" },
        ],
    }
}

fn log_density<A: Real>(x: &[A], terms: Terms) -> Result<A, Fault> {
    let [y, mu, sigma] = scalars(x)?;
    let inverse = inv(sigma.lower());
    let z = (y.lower() - mu.lower()) * inverse;
    let distance = abs(z);
    let mut value = -distance;
    if terms.keep(&[]) {
        value -= LN_2;
    }
    if terms.keep(&[2]) {
        value -= log(sigma.lower());
    }
    // At the mode, where the density has a corner, the derivative is taken as 0, as Stan does.
    let sign = if z.value() == 0.0 { 0.0 } else { z.value().signum() };
    let slope = inverse * sign;
    Ok(from_partials(value, [(y, -slope), (mu, slope), (sigma, (distance - 1.0) * inverse)]))
}

fn standardise<A: Real>(x: &[A]) -> Result<A, Fault> {
    let [y, mu, sigma] = scalars(x)?;
    Ok((y - mu) / sigma)
}

fn log_lower_tail<A: Real>(z: A) -> A {
    if z.value() < 0.0 { z - LN_2 } else { log1m((-z).exp() * 0.5) }
}

fn skew_log_density<A: Real>(x: &[A], terms: Terms) -> Result<A, Fault> {
    let [_, _, sigma, tau] = scalars(x)?;
    let mut log_density = -skew_exponent(x)?;
    if terms.keep(&[]) {
        log_density += LN_2;
    }
    if terms.keep(&[2]) {
        log_density -= sigma.ln();
    }
    if terms.keep(&[3]) {
        log_density += tau.ln() + log1m(tau);
    }
    Ok(log_density)
}

/// Twice the standardised distance from the location, weighted by the side's share.
fn skew_exponent<A: Real>(x: &[A]) -> Result<A, Fault> {
    let [y, mu, sigma, tau] = scalars(x)?;
    let z = (y - mu) / sigma;
    Ok(if z.value() < 0.0 { z * (tau - 1.0) * 2.0 } else { z * tau * 2.0 })
}

/// log P(Y <= y), or of the complement.
fn skew_log_lower_tail<A: Real>(x: &[A], is_complement: bool) -> Result<A, Fault> {
    let [y, mu, _, tau] = scalars(x)?;
    let is_below = y.value() <= mu.value();
    let log_outer = if is_below { tau.ln() } else { log1m(tau) } - skew_exponent(x)?;
    Ok(if is_below == is_complement { log1m_exp(log_outer) } else { log_outer })
}
