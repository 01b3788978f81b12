//! The logistic distribution, and that of a number whose logarithm has it (functions reference, "Logistic
//! distribution", "Log-logistic distribution").

use hlmc_math::Real;
use hlmc_math::special::{inv_logit, log_inv_logit, log1p_exp};
use rand_distr::{Distribution as _, Open01};

use crate::fault::Fault;
use crate::rows::scalars::{impossible, scalars};
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

/// The row of `loglogistic`.
pub(super) fn loglogistic<A: Real>() -> Distribution<A> {
    Distribution {
        name: "loglogistic",
        outcome: Outcome::Continuous,
        arguments: const {
            &[
                Argument::reals("Random variable", Domain::PositiveFinite),
                Argument::reals("Scale parameter", Domain::PositiveFinite),
                Argument::reals("Shape parameter", Domain::PositiveFinite),
            ]
        },
        density: Density::Scalar(|x, terms| {
            let [y, alpha, beta] = scalars(x)?;
            let mut log_density = (beta - 1.0) * y.ln() - log1p_exp(log_odds(x)?) * 2.0;
            if terms.keep(&[1, 2]) {
                log_density += beta.ln() - beta * alpha.ln();
            }
            Ok(log_density)
        }),
        cumulative: Some(Cumulative {
            outcome: Domain::NonNegative,
            cdf: |x| Ok(if x[0].value() == 0.0 { A::zero() } else { inv_logit(log_odds(x)?) }),
            lcdf: |x| Ok(if x[0].value() == 0.0 { impossible() } else { log_inv_logit(log_odds(x)?) }),
            lccdf: |x| Ok(if x[0].value() == 0.0 { A::zero() } else { log_inv_logit(-log_odds(x)?) }),
        }),
        generator: Some(Generator::Scalar(|x, rng| {
            let [alpha, beta] = scalars(x)?;
            let u: f64 = Open01.sample(rng);
            Ok(alpha * (u / (1.0 - u)).powf(beta.recip()))
        })),
        chapter: Chapter::Univariate,
        doc: "The log-logistic distribution with scale `alpha` and shape `beta`.",
        cases: &[Case { at: &[2.0, 0.5, 1.5], value: -2.602_689_685_444_383_7, source: "mpmath 1.3, 30 digits" }],
    }
}

/// beta log(y / alpha).
fn log_odds<A: Real>(x: &[A]) -> Result<A, Fault> {
    let [y, alpha, beta] = scalars(x)?;
    Ok(beta * (y / alpha).ln())
}

fn standardise<A: Real>(x: &[A]) -> Result<A, Fault> {
    let [y, mu, sigma] = scalars(x)?;
    Ok((y - mu) / sigma)
}
