//! The multinomial distribution, by probabilities and by log odds (functions reference, "Multinomial distribution").

use hlmc_math::Real;
use hlmc_math::special::{lgamma, log_sum_exp};
use rand::Rng;
use rand_distr::{Binomial, Distribution as _};

use crate::fault::Fault;
use crate::rows::arguments::{argument, check, check_all, check_simplex, check_sizes, int, vectors};
use crate::rows::scalars::sampler;
use crate::rows::univariate::categorical::source;
use crate::table::{Argument, Call, Chapter, Density, Distribution, Domain, Generator, Outcome, Terms};
use crate::value::Value;

/// The row of `multinomial`.
pub(super) fn multinomial<A: Real>() -> Distribution<A> {
    Distribution {
        name: "multinomial",
        outcome: Outcome::Discrete,
        arguments: const {
            &[
                Argument::whole("Number of trials variable", "array[] int"),
                Argument::whole("Probabilities parameter", "vector"),
            ]
        },
        density: Density::Whole(log_mass),
        cumulative: None,
        generator: Some(Generator::Whole(
            |call| {
                let (theta, trials) = (vectors(call, 0)?.entries.values().into_owned(), int(call, 1)?);
                check_simplex("Probabilities parameter", &theta)?;
                Ok(Value::ints(draw_counts(&theta, trials, source(call)?)?))
            },
            &["array[] int multinomial_rng(vector, int)"],
        )),
        chapter: Chapter::Multivariate,
        doc: "Counts of independent trials in categories with probabilities `theta`.",
        cases: &[],
    }
}

/// The row of `multinomial_logit`.
pub(super) fn multinomial_logit<A: Real>() -> Distribution<A> {
    Distribution {
        name: "multinomial_logit",
        outcome: Outcome::Discrete,
        arguments: const {
            &[
                Argument::whole("Number of trials variable", "array[] int"),
                Argument::whole("log-probabilities parameter", "vector"),
            ]
        },
        density: Density::Whole(log_mass_of_logits),
        cumulative: None,
        generator: Some(Generator::Whole(
            |call| {
                let (beta, trials) = (vectors(call, 0)?.entries.values().into_owned(), int(call, 1)?);
                check_all("log-probabilities parameter", beta.iter().copied(), Domain::Finite)?;
                let log_total = log_sum_exp(&beta);
                let theta: Vec<f64> = beta.iter().map(|beta| (beta - log_total).exp()).collect();
                Ok(Value::ints(draw_counts(&theta, trials, source(call)?)?))
            },
            &["array[] int multinomial_logit_rng(vector, int)"],
        )),
        chapter: Chapter::Multivariate,
        doc: "Counts of independent trials in categories with probabilities softmax(`gamma`).",
        cases: &[],
    }
}

fn log_mass<A: Real>(call: &mut Call<'_, A>) -> Result<A, Fault> {
    let theta = vectors(call, 1)?;
    let counts = check_counts(call, "rows of probabilities parameter", theta.size)?;
    check_simplex("Probabilities parameter", &theta.entries.values())?;
    let mut log_mass = A::constant(log_arrangements(counts, call.terms));
    if call.terms.keep(&[1]) {
        for (count, theta) in counts.iter().zip(theta.entries.iter()).filter(|(count, _)| **count > 0) {
            log_mass += theta.ln() * *count as f64;
        }
    }
    Ok(log_mass)
}

fn log_mass_of_logits<A: Real>(call: &mut Call<'_, A>) -> Result<A, Fault> {
    let beta = vectors(call, 1)?;
    let counts = check_counts(call, "rows of log-probabilities parameter", beta.size)?;
    check_all("log-probabilities parameter", beta.entries.values().iter().copied(), Domain::Finite)?;
    let mut log_mass = A::constant(log_arrangements(counts, call.terms));
    if call.terms.keep(&[1]) {
        let logits = beta.entries.to_auto();
        log_mass -= log_sum_exp(&logits) * counts.iter().sum::<i64>() as f64;
        for (count, logit) in counts.iter().zip(logits.iter()).filter(|(count, _)| **count > 0) {
            log_mass += *logit * *count as f64;
        }
    }
    Ok(log_mass)
}

/// The counts that come first in a call, one for each of `size` categories.
pub(super) fn check_counts<'a, A: Real>(call: &Call<'a, A>, other_name: &str, size: usize) -> Result<&'a [i64], Fault> {
    let Value::Ints(counts) = argument(call, 0)? else {
        return Err(Fault::fatal("argument 1 must be an array of integers"));
    };
    check_sizes("Size of number of trials variable", counts.entries.len(), other_name, size)?;
    check_all("Number of trials variable", counts.entries.iter().map(|n| *n as f64), Domain::NonNegative)?;
    Ok(&counts.entries)
}

/// Counts of `trials` trials with these probabilities, by one binomial draw after the other.
pub(super) fn draw_counts(theta: &[f64], trials: i64, rng: &mut dyn Rng) -> Result<Vec<i64>, Fault> {
    check("number of trials variable", trials as f64, Domain::NonNegative)?;
    let (mut left, mut probability_left) = (trials.unsigned_abs(), 1.0);
    let mut counts = Vec::with_capacity(theta.len());
    for (i, probability) in theta.iter().enumerate() {
        let is_last = i + 1 == theta.len();
        let share = if is_last { 1.0 } else { (probability / probability_left).clamp(0.0, 1.0) };
        let share = if share.is_nan() { 0.0 } else { share };
        let count = sampler(Binomial::new(left, share))?.sample(rng);
        counts.push(count as i64);
        left -= count;
        probability_left -= probability;
    }
    Ok(counts)
}

/// log of the multinomial coefficient; 0 where constants are dropped.
fn log_arrangements(counts: &[i64], terms: Terms) -> f64 {
    if !terms.keep(&[]) {
        return 0.0;
    }
    let total: f64 = counts.iter().map(|count| *count as f64).sum();
    lgamma(total + 1.0) - counts.iter().map(|count| lgamma(*count as f64 + 1.0)).sum::<f64>()
}
