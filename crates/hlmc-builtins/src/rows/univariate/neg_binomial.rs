//! The negative binomial distribution: by shape and rate, by mean and precision, by log mean and precision (functions
//! reference, "Negative binomial distribution" and its two other parameterizations).

use hlmc_math::Real;
use hlmc_math::special::{lchoose, log_inc_beta_of_pair, log1p, log1p_exp};
use rand::Rng;
use rand_distr::{Distribution as _, Gamma};

use super::poisson::draw_poisson;
use crate::fault::Fault;
use crate::rows::scalars::{impossible, sampler, scalars};
use crate::table::{Argument, Case, Chapter, Cumulative, Density, Distribution, Domain, Generator, Outcome, Terms};

/// The row of `neg_binomial`.
pub(super) fn neg_binomial<A: Real>() -> Distribution<A> {
    Distribution {
        name: "neg_binomial",
        outcome: Outcome::Discrete,
        arguments: const {
            &[
                Argument::ints("Failures variable", Domain::NonNegative),
                Argument::reals("Shape parameter", Domain::PositiveFinite),
                Argument::reals("Inverse scale parameter", Domain::PositiveFinite),
            ]
        },
        density: Density::Scalar(log_mass),
        cumulative: Some(Cumulative {
            outcome: Domain::NotNan,
            cdf: |x| Ok(log_lower_tail(x, by_rate)?.exp()),
            lcdf: |x| log_lower_tail(x, by_rate),
            lccdf: |x| log_upper_tail(x, by_rate),
        }),
        generator: Some(Generator::Scalar(|x, rng| {
            let [alpha, beta] = scalars(x)?;
            draw(alpha, alpha / beta, rng)
        })),
        chapter: Chapter::Univariate,
        doc: "A Poisson variable whose rate is a gamma variable with shape `alpha` and rate `beta`.",
        cases: &[Case { at: &[3.0, 2.5, 1.5], value: -2.144_564_627_119_7, source: "mpmath 1.3, 30 digits" }],
    }
}

/// The row of `neg_binomial_2`.
pub(super) fn neg_binomial_2<A: Real>() -> Distribution<A> {
    Distribution {
        name: "neg_binomial_2",
        outcome: Outcome::Discrete,
        arguments: const {
            &[
                Argument::ints("Failures variable", Domain::NonNegative),
                Argument::reals("Location parameter", Domain::PositiveFinite),
                Argument::reals("Precision parameter", Domain::PositiveFinite),
            ]
        },
        density: Density::Scalar(log_mass_of_mean),
        cumulative: Some(Cumulative {
            outcome: Domain::NotNan,
            cdf: |x| Ok(log_lower_tail(x, by_mean)?.exp()),
            lcdf: |x| log_lower_tail(x, by_mean),
            lccdf: |x| log_upper_tail(x, by_mean),
        }),
        generator: Some(Generator::Scalar(|x, rng| {
            let [mu, phi] = scalars(x)?;
            draw(phi, mu, rng)
        })),
        chapter: Chapter::Univariate,
        doc: "The negative binomial distribution with mean `mu` and variance `mu` + `mu`^2 / `phi`.",
        cases: &[Case { at: &[3.0, 2.5, 1.5], value: -2.098_495_428_005_163_6, source: "mpmath 1.3, 30 digits" }],
    }
}

/// The row of `neg_binomial_2_log`.
pub(super) fn neg_binomial_2_log<A: Real>() -> Distribution<A> {
    Distribution {
        name: "neg_binomial_2_log",
        outcome: Outcome::Discrete,
        arguments: const {
            &[
                Argument::ints("Failures variable", Domain::NonNegative),
                Argument::reals("Log location parameter", Domain::Finite),
                Argument::reals("Precision parameter", Domain::PositiveFinite),
            ]
        },
        density: Density::Scalar(|x, terms| {
            let [n, eta, phi] = scalars(x)?;
            let log_phi = phi.ln();
            let log_mean_share = log1p_exp(eta - log_phi);
            let mut log_mass = -phi * log_mean_share - (log_phi + log_mean_share) * n;
            if terms.keep(&[2]) {
                log_mass += log_arrangements(n, phi);
            }
            if terms.keep(&[1]) {
                log_mass += eta * n;
            }
            Ok(log_mass)
        }),
        cumulative: None,
        generator: Some(Generator::Scalar(|x, rng| {
            let [eta, phi] = scalars(x)?;
            draw(phi, eta.exp(), rng)
        })),
        chapter: Chapter::Univariate,
        doc: "The negative binomial distribution with mean exp(`eta`) and precision `phi`.",
        cases: &[Case { at: &[3.0, 0.5, 1.5], value: -2.270_526_909_332_008_5, source: "mpmath 1.3, 30 digits" }],
    }
}

/// log of the binomial coefficient (n + shape - 1 over n).
pub(super) fn log_arrangements<A: Real>(n: A, shape: A) -> A {
    if n.value() == 0.0 { A::zero() } else { lchoose(n + shape - 1.0, n) }
}

/// A Poisson draw whose rate is a gamma variable of this shape and mean.
fn draw(shape: f64, mean: f64, rng: &mut dyn Rng) -> Result<f64, Fault> {
    let rate = sampler(Gamma::new(shape, mean / shape))?.sample(rng);
    draw_poisson("Random number that came from gamma distribution", rate, rng)
}

fn log_mass<A: Real>(x: &[A], terms: Terms) -> Result<A, Fault> {
    let [n, alpha, beta] = scalars(x)?;
    let mut log_mass = -alpha * log1p(beta.recip()) - log1p(beta) * n;
    if terms.keep(&[1]) {
        log_mass += log_arrangements(n, alpha);
    }
    Ok(log_mass)
}

fn log_mass_of_mean<A: Real>(x: &[A], terms: Terms) -> Result<A, Fault> {
    let [n, mu, phi] = scalars(x)?;
    let mut log_mass = -phi * log1p(mu / phi);
    if n.value() > 0.0 {
        log_mass -= (mu + phi).ln() * n;
        if terms.keep(&[1]) {
            log_mass += mu.ln() * n;
        }
    }
    if terms.keep(&[2]) {
        log_mass += log_arrangements(n, phi);
    }
    Ok(log_mass)
}

/// The count, the shape, and the mean divided by the shape.
type ShapeAndOdds<A> = fn(&[A]) -> Result<[A; 3], Fault>;

fn by_rate<A: Real>(x: &[A]) -> Result<[A; 3], Fault> {
    let [n, alpha, beta] = scalars(x)?;
    Ok([n, alpha, beta.recip()])
}

fn by_mean<A: Real>(x: &[A]) -> Result<[A; 3], Fault> {
    let [n, mu, phi] = scalars(x)?;
    Ok([n, phi, mu / phi])
}

/// log P(N <= n) = log I_p(shape, n + 1) with p = 1 / (1 + odds).
fn log_lower_tail<A: Real>(x: &[A], parts: ShapeAndOdds<A>) -> Result<A, Fault> {
    let [n, shape, odds] = parts(x)?;
    if n.value() < 0.0 {
        return Ok(impossible());
    }
    let p = (odds + 1.0).recip();
    Ok(log_inc_beta_of_pair(shape, n + 1.0, p, odds * p))
}

fn log_upper_tail<A: Real>(x: &[A], parts: ShapeAndOdds<A>) -> Result<A, Fault> {
    let [n, shape, odds] = parts(x)?;
    if n.value() < 0.0 {
        return Ok(A::zero());
    }
    let p = (odds + 1.0).recip();
    Ok(log_inc_beta_of_pair(n + 1.0, shape, odds * p, p))
}
