//! The Bernoulli distribution, by probability and by log odds (functions reference, "Bernoulli distribution",
//! "Bernoulli distribution, logit parameterization").

use hlmc_math::Real;
use hlmc_math::special::{inv_logit, log_inv_logit, log1m};
use rand_distr::{Distribution as _, StandardUniform};

use crate::rows::scalars::{impossible, scalars};
use crate::table::{Argument, Case, Chapter, Cumulative, Density, Distribution, Domain, Generator, Outcome};

/// The row of `bernoulli`.
pub(super) fn bernoulli<A: Real>() -> Distribution<A> {
    Distribution {
        name: "bernoulli",
        outcome: Outcome::Discrete,
        arguments: const {
            &[
                Argument::ints("n", Domain::Between(0.0, 1.0)),
                Argument::reals("Probability parameter", Domain::Probability),
            ]
        },
        density: Density::Scalar(|x, terms| {
            let [n, theta] = scalars(x)?;
            Ok(match (terms.keep(&[1]), n.value() == 1.0) {
                (false, _) => A::zero(),
                (true, true) => theta.ln(),
                (true, false) => log1m(theta),
            })
        }),
        cumulative: Some(Cumulative {
            outcome: Domain::NotNan,
            cdf: |x| {
                let [n, theta] = scalars(x)?;
                Ok(match n.value() {
                    n if n < 0.0 => A::zero(),
                    n if n < 1.0 => -theta + 1.0,
                    _ => A::one(),
                })
            },
            lcdf: |x| {
                let [n, theta] = scalars(x)?;
                Ok(match n.value() {
                    n if n < 0.0 => impossible(),
                    n if n < 1.0 => log1m(theta),
                    _ => A::zero(),
                })
            },
            lccdf: |x| {
                let [n, theta] = scalars(x)?;
                Ok(match n.value() {
                    n if n < 0.0 => A::zero(),
                    n if n < 1.0 => theta.ln(),
                    _ => impossible(),
                })
            },
        }),
        generator: Some(Generator::Scalar(|x, rng| {
            let [theta] = scalars(x)?;
            let u: f64 = StandardUniform.sample(rng);
            Ok(f64::from(u < theta))
        })),
        chapter: Chapter::Univariate,
        doc: "One trial, 0 or 1, with probability `theta` of 1.",
        cases: &[Case { at: &[1.0, 0.3], value: -1.203_972_804_325_936, source: "log(0.3)" }],
    }
}

/// The row of `bernoulli_logit`.
pub(super) fn bernoulli_logit<A: Real>() -> Distribution<A> {
    Distribution {
        name: "bernoulli_logit",
        outcome: Outcome::Discrete,
        arguments: const {
            &[
                Argument::ints("n", Domain::Between(0.0, 1.0)),
                Argument::reals("Logit transformed probability parameter", Domain::NotNan),
            ]
        },
        density: Density::Scalar(|x, terms| {
            let [n, alpha] = scalars(x)?;
            Ok(match (terms.keep(&[1]), n.value() == 1.0) {
                (false, _) => A::zero(),
                (true, true) => log_inv_logit(alpha),
                (true, false) => log_inv_logit(-alpha),
            })
        }),
        cumulative: None,
        generator: Some(Generator::Scalar(|x, rng| {
            let [alpha] = scalars(x)?;
            let u: f64 = StandardUniform.sample(rng);
            Ok(f64::from(u < inv_logit(alpha)))
        })),
        chapter: Chapter::Univariate,
        doc: "One trial, 0 or 1, with log odds `alpha` of 1.",
        cases: &[Case { at: &[1.0, 0.5], value: -0.474_076_984_180_106_7, source: "-log(1 + exp(-0.5))" }],
    }
}
