//! The beta distribution, by its two shapes and by mean and precision (functions reference, "Beta distribution", "Beta
//! proportion distribution").

use hlmc_math::Real;
use hlmc_math::special::{inc_beta, lgamma, log_inc_beta, log_inc_beta_complement, log1m};
use rand_distr::{Beta, Distribution as _};

use crate::fault::Fault;
use crate::rows::scalars::{sampler, scalars};
use crate::table::{Argument, Case, Chapter, Cumulative, Density, Distribution, Domain, Generator, Outcome, Terms};

/// The row of `beta`.
pub(super) fn beta<A: Real>() -> Distribution<A> {
    Distribution {
        name: "beta",
        outcome: Outcome::Continuous,
        arguments: const {
            &[
                Argument::reals("Random variable", Domain::Probability),
                Argument::reals("First shape parameter", Domain::PositiveFinite),
                Argument::reals("Second shape parameter", Domain::PositiveFinite),
            ]
        },
        density: Density::Scalar(log_density),
        cumulative: Some(Cumulative {
            outcome: Domain::Probability,
            cdf: |x| {
                let [y, alpha, beta] = scalars(x)?;
                Ok(inc_beta(alpha, beta, y))
            },
            lcdf: |x| {
                let [y, alpha, beta] = scalars(x)?;
                Ok(log_inc_beta(alpha, beta, y))
            },
            lccdf: |x| {
                let [y, alpha, beta] = scalars(x)?;
                Ok(log_inc_beta_complement(alpha, beta, y))
            },
        }),
        generator: Some(Generator::Scalar(|x, rng| {
            let [alpha, beta] = scalars(x)?;
            Ok(sampler(Beta::new(alpha, beta))?.sample(rng))
        })),
        chapter: Chapter::Univariate,
        doc: "The beta distribution with shapes `alpha` and `beta`.",
        cases: &[Case { at: &[0.3, 2.0, 5.0], value: 0.770_524_801_581_289_9, source: "log(30 * 0.3 * 0.7^4)" }],
    }
}

/// The row of `beta_proportion`.
pub(super) fn beta_proportion<A: Real>() -> Distribution<A> {
    Distribution {
        name: "beta_proportion",
        outcome: Outcome::Continuous,
        arguments: const {
            &[
                Argument::reals("Random variable", Domain::Probability),
                Argument::reals("Location parameter", Domain::Probability),
                Argument::reals("Precision parameter", Domain::PositiveFinite),
            ]
        },
        density: Density::Scalar(proportion_log_density),
        cumulative: Some(Cumulative {
            outcome: Domain::Probability,
            cdf: |x| {
                let [y, alpha, beta] = shapes(x)?;
                Ok(inc_beta(alpha, beta, y))
            },
            lcdf: |x| {
                let [y, alpha, beta] = shapes(x)?;
                Ok(log_inc_beta(alpha, beta, y))
            },
            lccdf: |x| {
                let [y, alpha, beta] = shapes(x)?;
                Ok(log_inc_beta_complement(alpha, beta, y))
            },
        }),
        generator: Some(Generator::Scalar(|x, rng| {
            let [mu, kappa] = scalars(x)?;
            check_location(mu)?;
            Ok(sampler(Beta::new(mu * kappa, (1.0 - mu) * kappa))?.sample(rng))
        })),
        chapter: Chapter::Univariate,
        doc: "The beta distribution with mean `mu` and shapes that sum to `kappa`.",
        cases: &[Case { at: &[0.3, 0.4, 5.0], value: 0.567_583_957_584_599_6, source: "log(12 * 0.3 * 0.7^2)" }],
    }
}

fn log_density<A: Real>(x: &[A], terms: Terms) -> Result<A, Fault> {
    let [y, alpha, beta] = scalars(x)?;
    let mut log_density = A::zero();
    if terms.keep(&[1]) {
        log_density -= lgamma(alpha);
    }
    if terms.keep(&[2]) {
        log_density -= lgamma(beta);
    }
    if terms.keep(&[0, 1]) {
        log_density += times_log(alpha - 1.0, y, y.ln());
    }
    if terms.keep(&[0, 2]) {
        log_density += times_log(beta - 1.0, -y + 1.0, log1m(y));
    }
    if terms.keep(&[1, 2]) {
        log_density += lgamma(alpha + beta);
    }
    Ok(log_density)
}

fn proportion_log_density<A: Real>(x: &[A], terms: Terms) -> Result<A, Fault> {
    let [y, alpha, beta] = shapes(x)?;
    let mut log_density = times_log(alpha - 1.0, y, y.ln()) + times_log(beta - 1.0, -y + 1.0, log1m(y));
    if terms.keep(&[2]) {
        log_density += lgamma(x[2]);
    }
    if terms.keep(&[1, 2]) {
        log_density -= lgamma(alpha) + lgamma(beta);
    }
    Ok(log_density)
}

/// The outcome and the shapes that mean and precision stand for.
fn shapes<A: Real>(x: &[A]) -> Result<[A; 3], Fault> {
    let [y, mu, kappa] = scalars(x)?;
    check_location(mu.value())?;
    Ok([y, mu * kappa, (-mu + 1.0) * kappa])
}

fn check_location(mu: f64) -> Result<(), Fault> {
    if mu > 0.0 && mu < 1.0 {
        return Ok(());
    }
    Err(Fault::rejection(format!("Location parameter is {mu}, but must be between 0 and 1, both excluded")))
}

/// power log(y), and 0 where both are 0, so that a uniform density is finite up to its ends.
fn times_log<A: Real>(power: A, y: A, log_y: A) -> A {
    if power.value() == 0.0 && y.value() == 0.0 { A::zero() } else { power * log_y }
}
