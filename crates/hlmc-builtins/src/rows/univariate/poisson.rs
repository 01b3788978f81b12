//! The Poisson distribution, by rate and by log rate (functions reference, "Poisson distribution", "Poisson
//! distribution, log parameterization").

use hlmc_math::Real;
use hlmc_math::special::{gamma_q, lgamma, log_gamma_p, log_gamma_q};
use rand::Rng;
use rand_distr::{Distribution as _, Poisson};

use crate::fault::Fault;
use crate::rows::scalars::{impossible, sampler, scalars};
use crate::table::{Argument, Case, Chapter, Cumulative, Density, Distribution, Domain, Generator, Outcome, Terms};

/// Draws with a larger rate might not fit an integer (Stan's bound).
const MAX_RATE: f64 = 1_073_741_824.0;

/// The row of `poisson`.
pub(super) fn poisson<A: Real>() -> Distribution<A> {
    Distribution {
        name: "poisson",
        outcome: Outcome::Discrete,
        arguments: const {
            &[
                Argument::ints("Random variable", Domain::NonNegative),
                Argument::reals("Rate parameter", Domain::NonNegative),
            ]
        },
        density: Density::Scalar(log_mass),
        cumulative: Some(Cumulative {
            outcome: Domain::NotNan,
            cdf: |x| {
                let [n, lambda] = scalars(x)?;
                Ok(if n.value() < 0.0 { A::zero() } else { gamma_q(n + 1.0, lambda) })
            },
            lcdf: |x| {
                let [n, lambda] = scalars(x)?;
                Ok(if n.value() < 0.0 { impossible() } else { log_gamma_q(n + 1.0, lambda) })
            },
            lccdf: |x| {
                let [n, lambda] = scalars(x)?;
                Ok(if n.value() < 0.0 { A::zero() } else { log_gamma_p(n + 1.0, lambda) })
            },
        }),
        generator: Some(Generator::Scalar(|x, rng| {
            let [lambda] = scalars(x)?;
            draw_poisson("Rate parameter", lambda, rng)
        })),
        chapter: Chapter::Univariate,
        doc: "The number of events where `lambda` are expected.",
        cases: &[Case { at: &[3.0, 2.5], value: -1.542_887_273_605_589_8, source: "3 log(2.5) - 2.5 - log(6)" }],
    }
}

/// The row of `poisson_log`.
pub(super) fn poisson_log<A: Real>() -> Distribution<A> {
    Distribution {
        name: "poisson_log",
        outcome: Outcome::Discrete,
        arguments: const {
            &[
                Argument::ints("Random variable", Domain::NonNegative),
                Argument::reals("Log rate parameter", Domain::NotNan),
            ]
        },
        density: Density::Scalar(log_mass_of_log_rate),
        cumulative: None,
        generator: Some(Generator::Scalar(|x, rng| {
            let [alpha] = scalars(x)?;
            draw_poisson("exp of log rate parameter", alpha.exp(), rng)
        })),
        chapter: Chapter::Univariate,
        doc: "The number of events where exp(`alpha`) are expected.",
        cases: &[Case { at: &[3.0, 0.5], value: -1.940_480_739_928_183_1, source: "1.5 - exp(0.5) - log(6)" }],
    }
}

/// A draw at the given rate, as a whole number.
pub(super) fn draw_poisson(argument: &str, rate: f64, rng: &mut dyn Rng) -> Result<f64, Fault> {
    if rate == 0.0 {
        return Ok(0.0);
    }
    if rate.is_nan() || rate >= MAX_RATE {
        return Err(Fault::rejection(format!("{argument} is {rate}, but must be less than {MAX_RATE}")));
    }
    Ok(sampler(Poisson::new(rate))?.sample(rng))
}

fn log_mass<A: Real>(x: &[A], terms: Terms) -> Result<A, Fault> {
    let [n, lambda] = scalars(x)?;
    if lambda.value().is_infinite() || (lambda.value() == 0.0 && n.value() > 0.0) {
        return Ok(impossible());
    }
    let mut log_mass = -lambda;
    if n.value() > 0.0 {
        log_mass += lambda.ln() * n;
    }
    if terms.keep(&[]) {
        log_mass -= lgamma(n + 1.0);
    }
    Ok(log_mass)
}

fn log_mass_of_log_rate<A: Real>(x: &[A], terms: Terms) -> Result<A, Fault> {
    let [n, alpha] = scalars(x)?;
    if alpha.value() == f64::INFINITY || (alpha.value() == f64::NEG_INFINITY && n.value() > 0.0) {
        return Ok(impossible());
    }
    let mut log_mass = -alpha.exp();
    if n.value() > 0.0 {
        log_mass += alpha * n;
    }
    if terms.keep(&[]) {
        log_mass -= lgamma(n + 1.0);
    }
    Ok(log_mass)
}
