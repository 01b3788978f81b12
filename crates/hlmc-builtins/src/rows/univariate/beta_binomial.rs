//! Binomial and negative binomial counts whose probability has a beta distribution (functions reference, "Beta-binomial
//! distribution", "Beta negative binomial distribution").

use hlmc_math::Real;
use hlmc_math::special::{lbeta, lchoose, lgamma, lgamma_difference, log1m_exp};
use rand_distr::{Beta, Binomial, Distribution as _, Gamma};

use super::poisson::draw_poisson;
use crate::fault::Fault;
use crate::rows::scalars::{impossible, sampler, scalars};
use crate::table::{Argument, Case, Chapter, Cumulative, Density, Distribution, Domain, Generator, Outcome, Terms};

/// A further term of a sum is dropped when it is this small beside the sum and the terms fall.
const NEGLIGIBLE: f64 = 1e-18;
/// A growing sum is scaled down here, before it overflows.
const LARGE: f64 = 1e250;

/// The row of `beta_binomial`.
pub(super) fn beta_binomial<A: Real>() -> Distribution<A> {
    Distribution {
        name: "beta_binomial",
        outcome: Outcome::Discrete,
        arguments: const {
            &[
                Argument::ints("Successes variable", Domain::NotNan),
                Argument::ints("Population size parameter", Domain::NonNegative),
                Argument::reals("First prior sample size parameter", Domain::PositiveFinite),
                Argument::reals("Second prior sample size parameter", Domain::PositiveFinite),
            ]
        },
        density: Density::Scalar(binomial_log_mass),
        cumulative: Some(Cumulative {
            outcome: Domain::NotNan,
            cdf: |x| Ok(binomial_log_lower_tail(x)?.exp()),
            lcdf: binomial_log_lower_tail,
            lccdf: |x| {
                // Successes and failures change places.
                let [n, trials, alpha, beta] = scalars(x)?;
                binomial_log_lower_tail(&[trials - n - 1.0, trials, beta, alpha])
            },
        }),
        generator: Some(Generator::Scalar(|x, rng| {
            let [trials, alpha, beta] = scalars(x)?;
            let theta = sampler(Beta::new(alpha, beta))?.sample(rng);
            Ok(sampler(Binomial::new(trials as u64, theta))?.sample(rng) as f64)
        })),
        chapter: Chapter::Univariate,
        doc: "The number of successes among `N` trials with a probability from the beta distribution with shapes `alpha` \
              and `beta`.",
        cases: &[Case { at: &[3.0, 10.0, 1.5, 2.5], value: -1.993_743_282_311_285, source: "mpmath 1.3, 30 digits" }],
    }
}

/// The row of `beta_neg_binomial`.
pub(super) fn beta_neg_binomial<A: Real>() -> Distribution<A> {
    Distribution {
        name: "beta_neg_binomial",
        outcome: Outcome::Discrete,
        arguments: const {
            &[
                Argument::ints("Failures variable", Domain::NonNegative),
                Argument::reals("Number of successes parameter", Domain::PositiveFinite),
                Argument::reals("Prior success parameter", Domain::PositiveFinite),
                Argument::reals("Prior failure parameter", Domain::PositiveFinite),
            ]
        },
        density: Density::Scalar(neg_binomial_log_mass),
        cumulative: Some(Cumulative {
            outcome: Domain::NotNan,
            cdf: |x| Ok(neg_binomial_log_lower_tail(x)?.exp()),
            lcdf: neg_binomial_log_lower_tail,
            // The upper tail falls as a power, so that the complement keeps digits for as long as a sum is feasible.
            lccdf: |x| Ok(log1m_exp(neg_binomial_log_lower_tail(x)?)),
        }),
        generator: Some(Generator::Scalar(|x, rng| {
            let [r, alpha, beta] = scalars(x)?;
            let p = sampler(Beta::new(alpha, beta))?.sample(rng);
            let rate = sampler(Gamma::new(r, (1.0 - p) / p))?.sample(rng);
            draw_poisson("Random number that came from gamma distribution", rate, rng)
        })),
        chapter: Chapter::Univariate,
        doc: "The number of failures before `r` successes, with a probability of success from the beta distribution with \
              shapes `alpha` and `beta`.",
        cases: &[Case { at: &[3.0, 2.5, 4.5, 1.5], value: -2.923_103_656_222_107, source: "mpmath 1.3, 30 digits" }],
    }
}

fn binomial_log_mass<A: Real>(x: &[A], terms: Terms) -> Result<A, Fault> {
    let [n, trials, alpha, beta] = scalars(x)?;
    if n.value() < 0.0 || n.value() > trials.value() {
        return Ok(impossible());
    }
    if !terms.keep(&[2, 3]) {
        return Ok(A::zero());
    }
    let log_ratio = lbeta(alpha + n, beta + trials - n) - lbeta(alpha, beta);
    Ok(if terms.keep(&[]) { log_ratio + lchoose(trials, n) } else { log_ratio })
}

fn neg_binomial_log_mass<A: Real>(x: &[A], terms: Terms) -> Result<A, Fault> {
    let [n, r, alpha, beta] = scalars(x)?;
    let log_ratio = lbeta(r + n, alpha + beta) - lbeta(r, alpha) + lgamma_difference(beta, n);
    Ok(if terms.keep(&[]) { log_ratio - lgamma(n + 1.0) } else { log_ratio })
}

fn binomial_log_lower_tail<A: Real>(x: &[A]) -> Result<A, Fault> {
    let [n, trials, alpha, beta] = scalars(x)?;
    if n.value() < 0.0 {
        return Ok(impossible());
    }
    if n.value() >= trials.value() {
        return Ok(A::zero());
    }
    let size = trials.value();
    let ratio = |k: f64| (beta + (size - k)) * k / ((alpha + (k - 1.0)) * (size - k + 1.0));
    Ok(binomial_log_mass(x, Terms::ALL)? + log_sum_downwards(n.value(), ratio))
}

fn neg_binomial_log_lower_tail<A: Real>(x: &[A]) -> Result<A, Fault> {
    let [n, r, alpha, beta] = scalars(x)?;
    if n.value() < 0.0 {
        return Ok(impossible());
    }
    let ratio = |k: f64| (r + alpha + beta + (k - 1.0)) * k / ((r + (k - 1.0)) * (beta + (k - 1.0)));
    Ok(neg_binomial_log_mass(x, Terms::ALL)? + log_sum_downwards(n.value(), ratio))
}

/// log(1 + m(n - 1) / m(n) + ... + m(0) / m(n)), where `ratio(k)` is m(k - 1) / m(k).
fn log_sum_downwards<A: Real>(n: f64, ratio: impl Fn(f64) -> A) -> A {
    let (mut sum, mut term, mut log_scale) = (A::one(), A::one(), 0.0);
    let mut k = n;
    while k >= 1.0 {
        let factor = ratio(k);
        term *= factor;
        sum += term;
        if sum.value() > LARGE {
            (sum, term) = (sum / LARGE, term / LARGE);
            log_scale += LARGE.ln();
        }
        if factor.value() < 1.0 && term.value() < NEGLIGIBLE * (1.0 - factor.value()) * sum.value() {
            break;
        }
        k -= 1.0;
    }
    sum.ln() + log_scale
}
