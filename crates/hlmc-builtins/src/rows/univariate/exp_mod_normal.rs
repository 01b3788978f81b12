//! The exponentially modified normal distribution (functions reference, "Exponentially modified normal distribution").

use std::f64::consts::LN_2;

use hlmc_math::Real;
use hlmc_math::special::{log_diff_exp, log_sum_exp2, std_normal_lcdf};
use rand_distr::{Distribution as _, Exp1, StandardNormal};

use crate::fault::Fault;
use crate::rows::scalars::{impossible, scalars};
use crate::table::{Argument, Case, Chapter, Cumulative, Density, Distribution, Domain, Generator, Outcome};

/// The row of `exp_mod_normal`.
pub(super) fn exp_mod_normal<A: Real>() -> Distribution<A> {
    Distribution {
        name: "exp_mod_normal",
        outcome: Outcome::Continuous,
        arguments: const {
            &[
                Argument::reals("Random variable", Domain::NotNan),
                Argument::reals("Location parameter", Domain::Finite),
                Argument::reals("Scale parameter", Domain::PositiveFinite),
                Argument::reals("Inv_scale parameter", Domain::PositiveFinite),
            ]
        },
        density: Density::Scalar(|x, terms| {
            // Stan counts log(2) as part of the error function, and not as a constant.
            let mut log_density = log_shifted(x)? + if terms.keep(&[]) { 0.0 } else { LN_2 };
            if terms.keep(&[3]) {
                log_density += x[3].ln();
            }
            Ok(log_density)
        }),
        cumulative: Some(Cumulative {
            outcome: Domain::NotNan,
            cdf: |x| Ok(log_lower_tail(x)?.exp()),
            lcdf: log_lower_tail,
            lccdf: |x| {
                let z = standardise(x)?;
                if z.value().is_infinite() {
                    return Ok(if z.value() > 0.0 { impossible() } else { A::zero() });
                }
                Ok(log_sum_exp2(std_normal_lcdf(-z), log_shifted(x)?))
            },
        }),
        generator: Some(Generator::Scalar(|x, rng| {
            let [mu, sigma, lambda] = scalars(x)?;
            let (z, unit): (f64, f64) = (StandardNormal.sample(rng), Exp1.sample(rng));
            Ok(mu + sigma * z + unit / lambda)
        })),
        chapter: Chapter::Univariate,
        doc: "The sum of a normal variable with location `mu` and scale `sigma` and an exponential one with rate \
              `lambda`.",
        cases: &[Case { at: &[1.5, 0.5, 2.0, 0.7], value: -1.769_167_750_500_070_5, source: "mpmath 1.3, 30 digits" }],
    }
}

fn standardise<A: Real>(x: &[A]) -> Result<A, Fault> {
    let [y, mu, sigma, _] = scalars(x)?;
    Ok((y - mu) / sigma)
}

/// log of exp(lambda (mu - y) + (lambda sigma)^2 / 2) Phi(z - lambda sigma): the density divided by lambda, and what the
/// exponential part takes from the normal distribution function.
fn log_shifted<A: Real>(x: &[A]) -> Result<A, Fault> {
    let [y, mu, sigma, lambda] = scalars(x)?;
    let shift = lambda * sigma;
    Ok(lambda * (mu - y) + shift * shift * 0.5 + std_normal_lcdf((y - mu) / sigma - shift))
}

fn log_lower_tail<A: Real>(x: &[A]) -> Result<A, Fault> {
    let z = standardise(x)?;
    if z.value().is_infinite() {
        return Ok(if z.value() > 0.0 { A::zero() } else { impossible() });
    }
    Ok(log_diff_exp(std_normal_lcdf(z), log_shifted(x)?))
}
