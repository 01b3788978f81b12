//! The logistic distribution (functions reference, "Logistic distribution").

use hlmc_math::Real;
use hlmc_math::special::{inv_logit, log_inv_logit, log1p_exp};
use rand_distr::{Distribution as _, Open01};

use crate::fault::Fault;
use crate::rows::scalars::scalars;
use crate::table::{Argument, Case, Chapter, Cumulative, Density, Distribution, Domain, Generator, Outcome};

/// The row of `logistic`.
pub(super) fn logistic<A: Real>() -> Distribution<A> {
    Distribution {
        name: "logistic",
        outcome: Outcome::Continuous,
        arguments: const {
            &[
                Argument::reals("Random variable", Domain::Finite),
                Argument::reals("Location parameter", Domain::Finite),
                Argument::reals("Scale parameter", Domain::PositiveFinite),
            ]
        },
        density: Density::Scalar(|x, terms| {
            let z = standardise(x)?;
            let mut log_density = -z - log1p_exp(-z) * 2.0;
            if terms.keep(&[2]) {
                log_density -= x[2].ln();
            }
            Ok(log_density)
        }),
        cumulative: Some(Cumulative {
            outcome: Domain::NotNan,
            cdf: |x| Ok(inv_logit(standardise(x)?)),
            lcdf: |x| Ok(log_inv_logit(standardise(x)?)),
            lccdf: |x| Ok(log_inv_logit(-standardise(x)?)),
        }),
        generator: Some(Generator::Scalar(|x, rng| {
            let [mu, sigma] = scalars(x)?;
            let u: f64 = Open01.sample(rng);
            Ok(mu + sigma * (u.ln() - (-u).ln_1p()))
        })),
        chapter: Chapter::Univariate,
        doc: "The logistic distribution with location `mu` and scale `sigma`.",
        cases: &[Case { at: &[1.0, 0.0, 2.0], value: -2.141_301_148_920_158_7, source: "mpmath 1.3, 30 digits" }],
    }
}

fn standardise<A: Real>(x: &[A]) -> Result<A, Fault> {
    let [y, mu, sigma] = scalars(x)?;
    Ok((y - mu) / sigma)
}
