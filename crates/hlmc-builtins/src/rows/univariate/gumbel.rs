//! The Gumbel distribution (functions reference, "Gumbel distribution").

use hlmc_math::Real;
use hlmc_math::special::log1m_exp;
use rand_distr::{Distribution as _, Exp1};

use crate::fault::Fault;
use crate::rows::scalars::scalars;
use crate::table::{Argument, Case, Chapter, Cumulative, Density, Distribution, Domain, Generator, Outcome};

/// The row of `gumbel`.
pub(super) fn gumbel<A: Real>() -> Distribution<A> {
    Distribution {
        name: "gumbel",
        outcome: Outcome::Continuous,
        arguments: const {
            &[
                Argument::reals("Random variable", Domain::NotNan),
                Argument::reals("Location parameter", Domain::Finite),
                Argument::reals("Scale parameter", Domain::Positive),
            ]
        },
        density: Density::Scalar(|x, terms| {
            let z = standardise(x)?;
            let log_density = -z - (-z).exp();
            Ok(if terms.keep(&[2]) { log_density - x[2].ln() } else { log_density })
        }),
        cumulative: Some(Cumulative {
            outcome: Domain::NotNan,
            cdf: |x| Ok((-(-standardise(x)?).exp()).exp()),
            lcdf: |x| Ok(-(-standardise(x)?).exp()),
            lccdf: |x| Ok(log1m_exp(-(-standardise(x)?).exp())),
        }),
        generator: Some(Generator::Scalar(|x, rng| {
            let [mu, beta] = scalars(x)?;
            let unit: f64 = Exp1.sample(rng);
            Ok(mu - beta * unit.ln())
        })),
        chapter: Chapter::Univariate,
        doc: "The Gumbel distribution with location `mu` and scale `beta`.",
        cases: &[Case { at: &[1.5, 0.5, 2.0], value: -1.799_677_840_272_578_8, source: "-log(2) - 1/2 - exp(-1/2)" }],
    }
}

fn standardise<A: Real>(x: &[A]) -> Result<A, Fault> {
    let [y, mu, beta] = scalars(x)?;
    Ok((y - mu) / beta)
}
