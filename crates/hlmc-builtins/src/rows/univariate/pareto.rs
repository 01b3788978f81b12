//! The Pareto distributions of type 1 and 2 (functions reference, "Pareto distribution", "Pareto type 2 distribution").

use hlmc_math::Real;
use hlmc_math::special::{expm1, log1m_exp, log1p};
use rand_distr::{Distribution as _, Exp1};

use crate::fault::Fault;
use crate::rows::scalars::{impossible, scalars};
use crate::table::{Argument, Case, Chapter, Cumulative, Density, Distribution, Domain, Generator, Outcome, Terms};

/// The row of `pareto`.
pub(super) fn pareto<A: Real>() -> Distribution<A> {
    Distribution {
        name: "pareto",
        outcome: Outcome::Continuous,
        arguments: const {
            &[
                Argument::reals("Random variable", Domain::NotNan),
                Argument::reals("Scale parameter", Domain::PositiveFinite),
                Argument::reals("Shape parameter", Domain::PositiveFinite),
            ]
        },
        density: Density::Scalar(pareto_log_density),
        cumulative: Some(Cumulative {
            outcome: Domain::NonNegative,
            cdf: |x| Ok(-expm1(pareto_log_upper_tail(x)?)),
            lcdf: |x| Ok(log1m_exp(pareto_log_upper_tail(x)?)),
            lccdf: pareto_log_upper_tail,
        }),
        generator: Some(Generator::Scalar(|x, rng| {
            let [y_min, alpha] = scalars(x)?;
            let unit: f64 = Exp1.sample(rng);
            Ok(y_min * (unit / alpha).exp())
        })),
        chapter: Chapter::Univariate,
        doc: "The Pareto distribution with minimum `y_min` and shape `alpha`.",
        cases: &[Case { at: &[2.0, 0.5, 1.5], value: -2.367_123_614_131_617, source: "log(1.5 * 0.5^1.5 / 2^2.5)" }],
    }
}

/// The row of `pareto_type_2`.
pub(super) fn pareto_type_2<A: Real>() -> Distribution<A> {
    Distribution {
        name: "pareto_type_2",
        outcome: Outcome::Continuous,
        arguments: const {
            &[
                Argument::reals("Random variable", Domain::NotNan),
                Argument::reals("Location parameter", Domain::Finite),
                Argument::reals("Scale parameter", Domain::PositiveFinite),
                Argument::reals("Shape parameter", Domain::PositiveFinite),
            ]
        },
        density: Density::Scalar(|x, terms| {
            let [_, _, lambda, alpha] = scalars(x)?;
            let mut log_density = -(alpha + 1.0) * log_excess(x)?;
            if terms.keep(&[2]) {
                log_density -= lambda.ln();
            }
            if terms.keep(&[3]) {
                log_density += alpha.ln();
            }
            Ok(log_density)
        }),
        cumulative: Some(Cumulative {
            outcome: Domain::NotNan,
            cdf: |x| Ok(-expm1(-x[3] * log_excess(x)?)),
            lcdf: |x| Ok(log1m_exp(-x[3] * log_excess(x)?)),
            lccdf: |x| Ok(-x[3] * log_excess(x)?),
        }),
        generator: Some(Generator::Scalar(|x, rng| {
            let [mu, lambda, alpha] = scalars(x)?;
            let unit: f64 = Exp1.sample(rng);
            Ok(mu + lambda * (unit / alpha).exp_m1())
        })),
        chapter: Chapter::Univariate,
        doc: "The Pareto distribution of type 2 (Lomax) with location `mu`, scale `lambda` and shape `alpha`.",
        cases: &[Case { at: &[2.0, 0.5, 1.5, 2.5], value: -1.915_189_508_193_818, source: "log(2.5 / 1.5 / 2^3.5)" }],
    }
}

fn pareto_log_density<A: Real>(x: &[A], terms: Terms) -> Result<A, Fault> {
    let [y, y_min, alpha] = scalars(x)?;
    if y.value() < y_min.value() {
        return Ok(impossible());
    }
    let mut log_density = A::zero();
    if terms.keep(&[2]) {
        log_density += alpha.ln();
    }
    if terms.keep(&[1, 2]) {
        log_density += alpha * y_min.ln();
    }
    if terms.keep(&[0, 2]) {
        log_density -= (alpha + 1.0) * y.ln();
    }
    Ok(log_density)
}

fn pareto_log_upper_tail<A: Real>(x: &[A]) -> Result<A, Fault> {
    let [y, y_min, alpha] = scalars(x)?;
    Ok(if y.value() < y_min.value() { A::zero() } else { alpha * (y_min / y).ln() })
}

/// log(1 + (y - mu) / lambda).
fn log_excess<A: Real>(x: &[A]) -> Result<A, Fault> {
    let [y, mu, lambda, _] = scalars(x)?;
    if y.value() < mu.value() {
        let (y, mu) = (y.value(), mu.value());
        return Err(Fault::rejection(format!("Random variable is {y}, but must be greater than or equal to {mu}")));
    }
    Ok(log1p((y - mu) / lambda))
}
