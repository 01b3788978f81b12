//! The binomial distribution, by probability and by log odds (functions reference, "Binomial distribution", "Binomial
//! distribution, logit parameterization").

use hlmc_math::Real;
use hlmc_math::special::{inc_beta, lchoose, log_inc_beta, log_inc_beta_complement, log_inv_logit, log1m};
use rand_distr::{Binomial, Distribution as _};

use crate::fault::Fault;
use crate::rows::scalars::{impossible, sampler, scalars};
use crate::table::{Argument, Case, Chapter, Cumulative, Density, Distribution, Domain, Generator, Outcome, Terms};

/// The row of `binomial`.
pub(super) fn binomial<A: Real>() -> Distribution<A> {
    Distribution {
        name: "binomial",
        outcome: Outcome::Discrete,
        arguments: const {
            &[
                Argument::ints("Successes variable", Domain::NotNan),
                Argument::ints("Population size parameter", Domain::NonNegative),
                Argument::reals("Probability parameter", Domain::Probability),
            ]
        },
        density: Density::Scalar(log_mass),
        cumulative: Some(Cumulative {
            outcome: Domain::NotNan,
            cdf: |x| {
                let [n, trials, theta] = scalars(x)?;
                Ok(match beyond(n, trials) {
                    Some(is_above) => {
                        if is_above {
                            A::one()
                        } else {
                            A::zero()
                        }
                    }
                    None => inc_beta(trials - n, n + 1.0, -theta + 1.0),
                })
            },
            lcdf: |x| {
                let [n, trials, theta] = scalars(x)?;
                Ok(match beyond(n, trials) {
                    Some(is_above) => {
                        if is_above {
                            A::zero()
                        } else {
                            impossible()
                        }
                    }
                    None => log_inc_beta_complement(n + 1.0, trials - n, theta),
                })
            },
            lccdf: |x| {
                let [n, trials, theta] = scalars(x)?;
                Ok(match beyond(n, trials) {
                    Some(is_above) => {
                        if is_above {
                            impossible()
                        } else {
                            A::zero()
                        }
                    }
                    None => log_inc_beta(n + 1.0, trials - n, theta),
                })
            },
        }),
        generator: Some(Generator::Scalar(|x, rng| {
            let [trials, theta] = scalars(x)?;
            Ok(sampler(Binomial::new(trials as u64, theta))?.sample(rng) as f64)
        })),
        chapter: Chapter::Univariate,
        doc: "The number of successes among `N` trials, each with probability `theta`.",
        cases: &[Case { at: &[3.0, 10.0, 0.3], value: -1.321_151_277_766_888_6, source: "log(120 * 0.3^3 * 0.7^7)" }],
    }
}

/// The row of `binomial_logit`.
pub(super) fn binomial_logit<A: Real>() -> Distribution<A> {
    Distribution {
        name: "binomial_logit",
        outcome: Outcome::Discrete,
        arguments: const {
            &[
                Argument::ints("Successes variable", Domain::NotNan),
                Argument::ints("Population size parameter", Domain::NonNegative),
                Argument::reals("Probability parameter", Domain::Finite),
            ]
        },
        density: Density::Scalar(|x, terms| {
            let [n, trials, alpha] = scalars(x)?;
            check_successes(n, trials)?;
            let mut log_mass = log_inv_logit(alpha) * n + log_inv_logit(-alpha) * (trials - n);
            if terms.keep(&[]) {
                log_mass += lchoose(trials, n);
            }
            Ok(log_mass)
        }),
        cumulative: None,
        generator: None,
        chapter: Chapter::Univariate,
        doc: "The number of successes among `N` trials, each with log odds `alpha`.",
        cases: &[Case { at: &[3.0, 10.0, -0.5], value: -1.453_278_099_019_020_8, source: "mpmath 1.3, 30 digits" }],
    }
}

fn log_mass<A: Real>(x: &[A], terms: Terms) -> Result<A, Fault> {
    let [n, trials, theta] = scalars(x)?;
    check_successes(n, trials)?;
    let failures = trials - n;
    let mut log_mass = A::zero();
    if terms.keep(&[]) {
        log_mass += lchoose(trials, n);
    }
    if n.value() > 0.0 {
        log_mass += theta.ln() * n;
    }
    if failures.value() > 0.0 {
        log_mass += log1m(theta) * failures;
    }
    Ok(log_mass)
}

/// Where the outcome lies outside 0 to `trials` - 1: above or below.
fn beyond<A: Real>(n: A, trials: A) -> Option<bool> {
    (n.value() < 0.0 || n.value() >= trials.value()).then(|| n.value() >= trials.value())
}

fn check_successes<A: Real>(n: A, trials: A) -> Result<(), Fault> {
    let domain = Domain::Between(0.0, trials.value());
    if domain.contains(n.value()) { Ok(()) } else { Err(domain.fault("Successes variable", n.value())) }
}
