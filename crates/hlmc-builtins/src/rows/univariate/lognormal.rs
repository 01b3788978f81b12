//! The lognormal distribution (functions reference, "Lognormal distribution").

use hlmc_math::Real;
use hlmc_math::special::{phi, std_normal_lccdf, std_normal_lcdf};
use rand_distr::{Distribution as _, StandardNormal};

use super::normal::HALF_LOG_TWO_PI;
use crate::fault::Fault;
use crate::rows::scalars::{impossible, scalars};
use crate::table::{Argument, Case, Chapter, Cumulative, Density, Distribution, Domain, Generator, Outcome, Terms};

/// The row of `lognormal`.
pub(super) fn lognormal<A: Real>() -> Distribution<A> {
    Distribution {
        name: "lognormal",
        outcome: Outcome::Continuous,
        arguments: const {
            &[
                Argument::reals("Random variable", Domain::NonNegative),
                Argument::reals("Location parameter", Domain::Finite),
                Argument::reals("Scale parameter", Domain::PositiveFinite),
            ]
        },
        density: Density::Scalar(log_density),
        cumulative: Some(Cumulative {
            outcome: Domain::NonNegative,
            cdf: |x| Ok(standardise(x)?.map_or_else(A::zero, phi)),
            lcdf: |x| Ok(standardise(x)?.map_or_else(impossible, std_normal_lcdf)),
            lccdf: |x| Ok(standardise(x)?.map_or_else(A::zero, std_normal_lccdf)),
        }),
        generator: Some(Generator::Scalar(|x, rng| {
            let [mu, sigma] = scalars(x)?;
            let z: f64 = StandardNormal.sample(rng);
            Ok((mu + sigma * z).exp())
        })),
        chapter: Chapter::Univariate,
        doc: "The distribution of a number whose logarithm is normal with location `mu` and scale `sigma`.",
        cases: &[Case { at: &[2.0, 0.5, 1.5], value: -2.025_841_007_063_506, source: "mpmath 1.3, 30 digits" }],
    }
}

fn log_density<A: Real>(x: &[A], terms: Terms) -> Result<A, Fault> {
    let [y, mu, sigma] = scalars(x)?;
    if y.value() == 0.0 {
        return Ok(impossible());
    }
    let log_y = y.ln();
    let z = (log_y - mu) / sigma;
    // Stan keeps this constant even under `~`.
    let mut log_density = z * z * -0.5 - HALF_LOG_TWO_PI;
    if terms.keep(&[2]) {
        log_density -= sigma.ln();
    }
    if terms.keep(&[0]) {
        log_density -= log_y;
    }
    Ok(log_density)
}

/// The standardised logarithm; `None` at 0, below which there is no mass.
fn standardise<A: Real>(x: &[A]) -> Result<Option<A>, Fault> {
    let [y, mu, sigma] = scalars(x)?;
    Ok((y.value() > 0.0).then(|| (y.ln() - mu) / sigma))
}
