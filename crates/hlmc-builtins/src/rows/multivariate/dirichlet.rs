//! The Dirichlet distribution, and counts with its probabilities (functions reference, "Dirichlet distribution",
//! "Dirichlet-multinomial distribution").

use hlmc_math::Real;
use hlmc_math::special::{lbeta, lgamma};
use rand::Rng;
use rand_distr::{Distribution as _, Gamma, StandardUniform};

use super::multinomial::{check_counts, draw_counts};
use crate::fault::Fault;
use crate::rows::arguments::{check_all, check_simplex, check_sizes, int, vectors};
use crate::rows::scalars::sampler;
use crate::rows::univariate::categorical::source;
use crate::table::{Argument, Call, Chapter, Density, Distribution, Domain, Generator, Outcome};
use crate::value::Value;

/// The row of `dirichlet`.
pub(super) fn dirichlet<A: Real>() -> Distribution<A> {
    Distribution {
        name: "dirichlet",
        outcome: Outcome::Continuous,
        arguments: const { &[Argument::whole("probabilities", "vectors"), Argument::whole("prior sample sizes", "vectors")] },
        density: Density::Whole(log_density),
        cumulative: None,
        generator: Some(Generator::Whole(
            |call| {
                let alpha = vectors(call, 0)?.entries.values().into_owned();
                check_all("prior sample sizes", alpha.iter().copied(), Domain::PositiveFinite)?;
                let theta = draw(&alpha, source(call)?)?;
                Ok(Value::vector(theta.into_iter().map(A::constant).collect()))
            },
            &["vector dirichlet_rng(vector)"],
        )),
        chapter: Chapter::Multivariate,
        doc: "The Dirichlet distribution of a simplex, with concentrations `alpha`.",
        cases: &[],
    }
}

/// The row of `dirichlet_multinomial`.
pub(super) fn dirichlet_multinomial<A: Real>() -> Distribution<A> {
    Distribution {
        name: "dirichlet_multinomial",
        outcome: Outcome::Discrete,
        arguments: const {
            &[
                Argument::whole("Number of trials variable", "array[] int"),
                Argument::whole("Prior size parameter", "vector"),
            ]
        },
        density: Density::Whole(log_mass_of_counts),
        cumulative: None,
        generator: Some(Generator::Whole(
            |call| {
                let alpha = vectors(call, 0)?.entries.values().into_owned();
                let trials = int(call, 1)?;
                check_all("prior size variables", alpha.iter().copied(), Domain::PositiveFinite)?;
                let rng = source(call)?;
                let theta = draw(&alpha, rng)?;
                Ok(Value::ints(draw_counts(&theta, trials, rng)?))
            },
            &["array[] int dirichlet_multinomial_rng(vector, int)"],
        )),
        chapter: Chapter::Multivariate,
        doc: "Multinomial counts whose probabilities have a Dirichlet distribution with concentrations `alpha`.",
        cases: &[],
    }
}

fn log_density<A: Real>(call: &mut Call<'_, A>) -> Result<A, Fault> {
    let (theta, alpha) = (vectors(call, 0)?, vectors(call, 1)?);
    if theta.count == 0 || alpha.count == 0 {
        return Ok(A::zero());
    }
    check_sizes("probabilities", theta.size, "prior sample sizes", alpha.size)?;
    if theta.is_array && alpha.is_array {
        check_sizes("probabilities", theta.count, "prior sample sizes", alpha.count)?;
    }
    check_all("prior sample sizes", alpha.entries.values().iter().copied(), Domain::Positive)?;
    let (values, size) = (theta.entries.values(), theta.size);
    (0..theta.count).try_for_each(|i| check_simplex("probabilities", &values[i * size..(i + 1) * size]))?;
    let n = theta.count.max(alpha.count);
    let mut total = A::zero();
    if call.terms.keep(&[0, 1]) {
        for i in 0..n {
            for j in 0..size {
                let power = alpha.at(i, j) - 1.0;
                total += power * theta.at(i, j).ln();
            }
        }
    }
    if call.terms.keep(&[1]) {
        let mut constant = A::zero();
        for i in 0..alpha.count {
            let mut sum = A::zero();
            for j in 0..size {
                sum += alpha.at(i, j);
                constant -= lgamma(alpha.at(i, j));
            }
            constant += lgamma(sum);
        }
        // One set of concentrations may stand for all the simplices.
        total += constant * (n / alpha.count) as f64;
    }
    Ok(total)
}

fn log_mass_of_counts<A: Real>(call: &mut Call<'_, A>) -> Result<A, Fault> {
    let alpha = vectors(call, 1)?;
    let counts = check_counts(call, "rows of prior size parameter", alpha.size)?;
    check_all("Prior size parameter", alpha.entries.values().iter().copied(), Domain::PositiveFinite)?;
    let total_count = counts.iter().sum::<i64>() as f64;
    if total_count == 0.0 || !call.terms.keep(&[1]) {
        return Ok(A::zero());
    }
    let keep_constant = call.terms.keep(&[]);
    let concentration = alpha.entries.iter().fold(A::zero(), |sum, alpha| sum + alpha);
    let mut log_mass = lbeta(concentration, A::constant(total_count));
    if keep_constant {
        log_mass += total_count.ln();
    }
    for (count, alpha) in counts.iter().zip(alpha.entries.iter()).filter(|(count, _)| **count > 0) {
        log_mass -= lbeta(alpha, A::constant(*count as f64));
        if keep_constant {
            log_mass -= (*count as f64).ln();
        }
    }
    Ok(log_mass)
}

/// A simplex. Gamma variables of small shape underflow, so that their logarithms are drawn: log(g u^(1/a)) with `g` of
/// shape `a` + 1 (Marsaglia and Tsang 2000, section 6).
fn draw(alpha: &[f64], rng: &mut dyn Rng) -> Result<Vec<f64>, Fault> {
    let mut logs = Vec::with_capacity(alpha.len());
    for a in alpha {
        let u: f64 = StandardUniform.sample(rng);
        logs.push(sampler(Gamma::new(a + 1.0, 1.0))?.sample(rng).ln() + (1.0 - u).ln() / a);
    }
    let largest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = logs.iter().map(|log| (log - largest).exp()).sum();
    Ok(logs.into_iter().map(|log| (log - largest).exp() / sum).collect())
}
