//! Distributions of integers without a real parameter: hypergeometric and discrete range (functions reference,
//! "Hypergeometric distribution", "Discrete range distribution").

use hlmc_math::Real;
use hlmc_math::special::lchoose;
use rand::RngExt;
use rand_distr::{Distribution as _, Hypergeometric};

use crate::fault::Fault;
use crate::rows::scalars::{impossible, sampler, scalars};
use crate::table::{Argument, Case, Chapter, Cumulative, Density, Distribution, Domain, Generator, Outcome, Terms};

/// The row of `hypergeometric`.
pub(super) fn hypergeometric<A: Real>() -> Distribution<A> {
    Distribution {
        name: "hypergeometric",
        outcome: Outcome::Discrete,
        arguments: const {
            &[
                Argument { name: "Successes variable", ty: "int", domain: Domain::NonNegative },
                Argument { name: "Draws parameter", ty: "int", domain: Domain::NonNegative },
                Argument { name: "Successes in population parameter", ty: "int", domain: Domain::NonNegative },
                Argument { name: "Failures in population parameter", ty: "int", domain: Domain::NonNegative },
            ]
        },
        density: Density::Scalar(hypergeometric_log_mass),
        cumulative: None,
        generator: Some(Generator::Scalar(|x, rng| {
            let [draws, successes, failures] = scalars(x)?;
            check("Draws parameter", draws, 0.0, successes + failures)?;
            let population = (successes + failures) as u64;
            let distribution = sampler(Hypergeometric::new(population, successes as u64, draws as u64))?;
            Ok(distribution.sample(rng) as f64)
        })),
        chapter: Chapter::Univariate,
        doc: "The number of successes among `N` draws without replacement from `a` successes and `b` failures.",
        cases: &[Case { at: &[3.0, 5.0, 7.0, 6.0], value: -0.896_670_945_004_503, source: "log(35 * 15 / 1287)" }],
    }
}

/// The row of `discrete_range`.
pub(super) fn discrete_range<A: Real>() -> Distribution<A> {
    Distribution {
        name: "discrete_range",
        outcome: Outcome::Discrete,
        arguments: const {
            &[
                Argument::ints("Random variable", Domain::NotNan),
                Argument::ints("Lower bound parameter", Domain::NotNan),
                Argument::ints("Upper bound parameter", Domain::NotNan),
            ]
        },
        density: Density::Scalar(|x, terms| {
            let [y, lower, upper] = bounds(x)?;
            Ok(match terms.keep(&[]) {
                false => A::zero(),
                true if y < lower || y > upper => impossible(),
                true => A::constant(-(upper - lower + 1.0).ln()),
            })
        }),
        cumulative: Some(Cumulative {
            outcome: Domain::NotNan,
            cdf: |x| Ok(A::constant(share_below(bounds(x)?))),
            lcdf: |x| Ok(A::constant(share_below(bounds(x)?).ln())),
            lccdf: |x| {
                let [y, lower, upper] = bounds(x)?;
                Ok(A::constant(share_below([lower + upper - y - 1.0, lower, upper]).ln()))
            },
        }),
        generator: Some(Generator::Scalar(|x, rng| {
            let [lower, upper] = scalars(x)?;
            bounds(&[lower, lower, upper])?;
            Ok(rng.random_range(lower as i64..=upper as i64) as f64)
        })),
        chapter: Chapter::Univariate,
        doc: "The uniform distribution on the integers from `l` to `u`.",
        cases: &[Case { at: &[3.0, 1.0, 6.0], value: -1.791_759_469_228_055, source: "-log(6)" }],
    }
}

fn hypergeometric_log_mass<A: Real>(x: &[A], terms: Terms) -> Result<A, Fault> {
    let [n, draws, successes, failures] = scalars(x)?.map(|x: A| x.value());
    check("Successes variable", n, 0.0, successes)?;
    check("Draws parameter minus successes variable", draws - n, 0.0, failures)?;
    check("Draws parameter", draws, 0.0, successes + failures)?;
    if !terms.keep(&[]) {
        return Ok(A::zero());
    }
    Ok(A::constant(lchoose(successes, n) + lchoose(failures, draws - n) - lchoose(successes + failures, draws)))
}

fn check(name: &str, x: f64, low: f64, high: f64) -> Result<(), Fault> {
    let domain = Domain::Between(low, high);
    if domain.contains(x) { Ok(()) } else { Err(domain.fault(name, x)) }
}

/// The plain arguments of a discrete range, in order.
fn bounds<A: Real>(x: &[A]) -> Result<[f64; 3], Fault> {
    let [y, lower, upper] = scalars(x)?.map(|x: A| x.value());
    if lower <= upper {
        return Ok([y, lower, upper]);
    }
    Err(Fault::rejection(format!("Upper bound parameter is {upper}, but must be greater than or equal to {lower}")))
}

fn share_below([y, lower, upper]: [f64; 3]) -> f64 {
    ((y - lower + 1.0) / (upper - lower + 1.0)).clamp(0.0, 1.0)
}
