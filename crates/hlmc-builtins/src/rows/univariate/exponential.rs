//! The exponential distribution (functions reference, "Exponential distribution").

use hlmc_math::Real;
use hlmc_math::special::{expm1, log1m_exp};
use rand_distr::{Distribution as _, Exp1};

use crate::fault::Fault;
use crate::rows::scalars::scalars;
use crate::table::{Argument, Case, Chapter, Cumulative, Density, Distribution, Domain, Generator, Outcome};

/// The row of `exponential`.
pub(super) fn exponential<A: Real>() -> Distribution<A> {
    Distribution {
        name: "exponential",
        outcome: Outcome::Continuous,
        arguments: const {
            &[
                Argument::reals("Random variable", Domain::NonNegative),
                Argument::reals("Inverse scale parameter", Domain::PositiveFinite),
            ]
        },
        density: Density::Scalar(|x, terms| {
            let [y, beta] = scalars(x)?;
            let log_density = -beta * y;
            Ok(if terms.keep(&[1]) { log_density + beta.ln() } else { log_density })
        }),
        cumulative: Some(Cumulative {
            outcome: Domain::NonNegative,
            cdf: |x| Ok(-expm1(log_upper_tail(x)?)),
            lcdf: |x| Ok(log1m_exp(log_upper_tail(x)?)),
            lccdf: log_upper_tail,
        }),
        generator: Some(Generator::Scalar(|x, rng| {
            let [beta] = scalars(x)?;
            let unit: f64 = Exp1.sample(rng);
            Ok(unit / beta)
        })),
        chapter: Chapter::Univariate,
        doc: "The exponential distribution with rate (inverse scale) `beta`.",
        cases: &[Case { at: &[2.0, 0.5], value: -1.693_147_180_559_945_3, source: "log(0.5) - 1" }],
    }
}

fn log_upper_tail<A: Real>(x: &[A]) -> Result<A, Fault> {
    let [y, beta] = scalars(x)?;
    Ok(-beta * y)
}
