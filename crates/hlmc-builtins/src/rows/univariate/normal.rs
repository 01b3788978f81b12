//! The normal distribution and its standard form (functions reference, "Normal distribution").

use hlmc_math::Real;
use hlmc_math::special::{inv, log, phi, std_normal_lccdf, std_normal_lcdf};
use rand_distr::{Distribution as _, StandardNormal};

use crate::fault::Fault;
use crate::rows::scalars::{from_partials, scalars};
use crate::table::{Argument, Case, Chapter, Cumulative, Density, Distribution, Domain, Generator, Outcome, Terms};

/// log(2 pi) / 2.
pub(in crate::rows) const HALF_LOG_TWO_PI: f64 = 0.918_938_533_204_672_7;

/// The row of `normal`.
pub(super) fn normal<A: Real>() -> Distribution<A> {
    Distribution {
        name: "normal",
        outcome: Outcome::Continuous,
        arguments: const {
            &[
                Argument::reals("Random variable", Domain::NotNan),
                Argument::reals("Location parameter", Domain::Finite),
                Argument::reals("Scale parameter", Domain::Positive),
            ]
        },
        density: Density::Scalar(log_density),
        cumulative: Some(Cumulative {
            outcome: Domain::NotNan,
            cdf: |x| Ok(phi(standardise(x)?)),
            lcdf: |x| Ok(std_normal_lcdf(standardise(x)?)),
            lccdf: |x| Ok(std_normal_lccdf(standardise(x)?)),
        }),
        generator: Some(Generator::Scalar(|x, rng| {
            let [mu, sigma] = scalars(x)?;
            let z: f64 = StandardNormal.sample(rng);
            Ok(mu + sigma * z)
        })),
        chapter: Chapter::Univariate,
        doc: "The normal distribution with location `mu` and scale `sigma`.",
        cases: &[
            Case { at: &[1.0, 0.0, 2.0], value: -1.737_085_713_764_618, source: "-log(2) - log(2 pi)/2 - 1/8" },
            Case { at: &[1.5, 0.0, 1.0], value: -2.043_938_533_204_672_7, source: "-log(2 pi)/2 - 9/8" },
        ],
    }
}

/// The row of `std_normal`.
pub(super) fn std_normal<A: Real>() -> Distribution<A> {
    Distribution {
        name: "std_normal",
        outcome: Outcome::Continuous,
        arguments: const { &[Argument::reals("Random variable", Domain::NotNan)] },
        density: Density::Scalar(|x, terms| {
            let [y] = scalars(x)?;
            let constant = if terms.keep(&[]) { HALF_LOG_TWO_PI } else { 0.0 };
            Ok(y * y * -0.5 - constant)
        }),
        cumulative: Some(Cumulative {
            outcome: Domain::NotNan,
            cdf: |x| Ok(phi(scalars::<A, 1>(x)?[0])),
            lcdf: |x| Ok(std_normal_lcdf(scalars::<A, 1>(x)?[0])),
            lccdf: |x| Ok(std_normal_lccdf(scalars::<A, 1>(x)?[0])),
        }),
        generator: Some(Generator::Scalar(|_, rng| Ok(StandardNormal.sample(rng)))),
        chapter: Chapter::Univariate,
        doc: "The normal distribution with location 0 and scale 1.",
        cases: &[Case { at: &[1.5], value: -2.043_938_533_204_672_7, source: "-log(2 pi)/2 - 9/8" }],
    }
}

fn log_density<A: Real>(x: &[A], terms: Terms) -> Result<A, Fault> {
    let [y, mu, sigma] = scalars(x)?;
    let inverse = inv(sigma.lower());
    let z = (y.lower() - mu.lower()) * inverse;
    let mut value = z * z * -0.5;
    if terms.keep(&[2]) {
        value -= log(sigma.lower());
    }
    if terms.keep(&[]) {
        value -= HALF_LOG_TWO_PI;
    }
    let slope = z * inverse;
    Ok(from_partials(value, [(y, -slope), (mu, slope), (sigma, z * slope - inverse)]))
}

fn standardise<A: Real>(x: &[A]) -> Result<A, Fault> {
    let [y, mu, sigma] = scalars(x)?;
    Ok((y - mu) / sigma)
}
