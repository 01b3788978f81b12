//! The categorical distribution, by probabilities and by log odds (functions reference, "Categorical distribution").

use hlmc_math::Real;
use hlmc_math::special::log_sum_exp;
use rand::Rng;
use rand_distr::{Distribution as _, StandardUniform};

use crate::fault::Fault;
use crate::rows::arguments::{argument, check, check_all, check_simplex, vectors};
use crate::table::{Argument, Call, Chapter, Density, Distribution, Domain, Generator, Outcome};
use crate::value::Value;

/// The row of `categorical`.
pub(super) fn categorical<A: Real>() -> Distribution<A> {
    Distribution {
        name: "categorical",
        outcome: Outcome::Discrete,
        arguments: const {
            &[Argument::whole("Number of categories", "ints"), Argument::whole("Probabilities parameter", "vector")]
        },
        density: Density::Whole(log_mass),
        cumulative: None,
        generator: Some(Generator::Whole(
            |call| {
                let theta = vectors(call, 0)?.entries.values().into_owned();
                check_simplex("Probabilities parameter", &theta)?;
                Ok(Value::Int(draw_category(&theta, source(call)?)))
            },
            &["int categorical_rng(vector)"],
        )),
        chapter: Chapter::Univariate,
        doc: "One of the categories 1, 2, ..., with the probabilities of the simplex `theta`.",
        cases: &[],
    }
}

/// The row of `categorical_logit`.
pub(super) fn categorical_logit<A: Real>() -> Distribution<A> {
    Distribution {
        name: "categorical_logit",
        outcome: Outcome::Discrete,
        arguments: const {
            &[Argument::whole("categorical outcome", "ints"), Argument::whole("log odds parameter", "vector")]
        },
        density: Density::Whole(log_mass_of_logits),
        cumulative: None,
        generator: Some(Generator::Whole(
            |call| {
                let beta = vectors(call, 0)?.entries.values();
                check_all("Log odds parameter", beta.iter().copied(), Domain::Finite)?;
                let log_total = log_sum_exp::<f64>(&beta);
                let theta: Vec<f64> = beta.iter().map(|x| (x - log_total).exp()).collect();
                Ok(Value::Int(draw_category(&theta, source(call)?)))
            },
            &["int categorical_logit_rng(vector)"],
        )),
        chapter: Chapter::Univariate,
        doc: "One of the categories 1, 2, ..., with probabilities softmax(`beta`).",
        cases: &[],
    }
}

/// The source of randomness of a call that needs one.
pub(in crate::rows) fn source<'c, A: Real>(call: &'c mut Call<'_, A>) -> Result<&'c mut dyn Rng, Fault> {
    match &mut call.rng {
        Some(rng) => Ok(&mut **rng),
        None => Err(Fault::fatal("needs a source of randomness")),
    }
}

/// A category, from 1, with these probabilities.
pub(in crate::rows) fn draw_category(theta: &[f64], rng: &mut dyn Rng) -> i64 {
    let u: f64 = StandardUniform.sample(rng);
    let (mut below, mut category, mut last_possible) = (0.0, 1, 1);
    for probability in theta {
        below += probability;
        if *probability > 0.0 {
            last_possible = category;
            if u < below {
                break;
            }
        }
        category += 1;
    }
    last_possible
}

fn log_mass<A: Real>(call: &mut Call<'_, A>) -> Result<A, Fault> {
    let (outcomes, theta) = (argument(call, 0)?, vectors(call, 1)?);
    let n = outcomes.n_entries();
    if n == 0 {
        return Ok(A::zero());
    }
    check_categories("Number of categories", outcomes, theta.size)?;
    check_simplex("Probabilities parameter", &theta.entries.values())?;
    if !call.terms.keep(&[1]) {
        return Ok(A::zero());
    }
    let logs: Vec<A> = theta.entries.iter().map(|probability| probability.ln()).collect();
    Ok(sum_at_outcomes(outcomes, &logs))
}

fn log_mass_of_logits<A: Real>(call: &mut Call<'_, A>) -> Result<A, Fault> {
    let (outcomes, beta) = (argument(call, 0)?, vectors(call, 1)?);
    let n = outcomes.n_entries();
    check_categories("categorical outcome", outcomes, beta.size)?;
    check_all("log odds parameter", beta.entries.values().iter().copied(), Domain::Finite)?;
    if n == 0 || !call.terms.keep(&[1]) {
        return Ok(A::zero());
    }
    let logits = beta.entries.to_auto();
    Ok(sum_at_outcomes(outcomes, &logits) - log_sum_exp(&logits) * n as f64)
}

/// Faults unless every outcome is one of the categories 1 to `n_categories`.
pub(in crate::rows) fn check_categories<A: Real>(
    name: &str,
    outcomes: &Value<A>,
    n_categories: usize,
) -> Result<(), Fault> {
    let domain = Domain::Between(1.0, n_categories as f64);
    for i in 0..outcomes.n_entries() {
        check(name, outcomes.int_at(i).map_or(f64::NAN, |outcome| outcome as f64), domain)?;
    }
    Ok(())
}

/// The sum of `terms` at the outcomes, which are already checked; few categories stand for many outcomes.
fn sum_at_outcomes<A: Real>(outcomes: &Value<A>, terms: &[A]) -> A {
    let mut counts = vec![0u32; terms.len()];
    for i in 0..outcomes.n_entries() {
        let category = outcomes.int_at(i).and_then(|outcome| usize::try_from(outcome - 1).ok());
        if let Some(count) = category.and_then(|category| counts.get_mut(category)) {
            *count += 1;
        }
    }
    let mut total = A::zero();
    for (term, count) in terms.iter().zip(counts).filter(|(_, count)| *count > 0) {
        total += *term * f64::from(count);
    }
    total
}
