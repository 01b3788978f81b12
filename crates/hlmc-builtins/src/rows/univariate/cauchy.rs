//! The Cauchy distribution (functions reference, "Cauchy distribution").

use std::f64::consts::PI;

use hlmc_math::Real;
use hlmc_math::special::{atan2, inv, log, log1m, log1p};
use rand_distr::{Cauchy, Distribution as _};

use crate::fault::Fault;
use crate::rows::scalars::{from_partials, sampler, scalars};
use crate::table::{Argument, Case, Chapter, Cumulative, Density, Distribution, Domain, Generator, Outcome, Terms};

/// log(pi).
const LOG_PI: f64 = 1.144_729_885_849_400_2;

/// The row of `cauchy`.
pub(super) fn cauchy<A: Real>() -> Distribution<A> {
    Distribution {
        name: "cauchy",
        outcome: Outcome::Continuous,
        arguments: const {
            &[
                Argument::reals("Random variable", Domain::NotNan),
                Argument::reals("Location parameter", Domain::Finite),
                Argument::reals("Scale parameter", Domain::PositiveFinite),
            ]
        },
        density: Density::Scalar(log_density),
        cumulative: Some(Cumulative {
            outcome: Domain::NotNan,
            cdf: |x| Ok(lower_tail(standardise(x)?)),
            lcdf: |x| Ok(log_lower_tail(standardise(x)?)),
            lccdf: |x| Ok(log_lower_tail(-standardise(x)?)),
        }),
        generator: Some(Generator::Scalar(|x, rng| {
            let [mu, sigma] = scalars(x)?;
            Ok(sampler(Cauchy::new(mu, sigma))?.sample(rng))
        })),
        chapter: Chapter::Univariate,
        doc: "The Cauchy distribution with location `mu` and scale `sigma`.",
        cases: &[Case { at: &[1.0, 0.0, 2.0], value: -2.061_020_617_723_555, source: "-log(pi) - log(2) - log(5/4)" }],
    }
}

fn log_density<A: Real>(x: &[A], terms: Terms) -> Result<A, Fault> {
    let [y, mu, sigma] = scalars(x)?;
    let inverse = inv(sigma.lower());
    let z = (y.lower() - mu.lower()) * inverse;
    let square = z * z;
    let mut value = -log1p(square);
    if terms.keep(&[]) {
        value -= LOG_PI;
    }
    if terms.keep(&[2]) {
        value -= log(sigma.lower());
    }
    let slope = z * inverse * 2.0 / (square + 1.0);
    Ok(from_partials(value, [(y, -slope), (mu, slope), (sigma, slope * z - inverse)]))
}

fn standardise<A: Real>(x: &[A]) -> Result<A, Fault> {
    let [y, mu, sigma] = scalars(x)?;
    Ok((y - mu) / sigma)
}

/// P(Z <= z): the angle of (-z, 1) as a part of the half circle, which keeps its digits as z falls.
fn lower_tail<A: Real>(z: A) -> A {
    if z.value().is_infinite() {
        return A::constant(if z.value() > 0.0 { 1.0 } else { 0.0 });
    }
    atan2(A::one(), -z) / PI
}

fn log_lower_tail<A: Real>(z: A) -> A {
    if z.value() < 0.0 { lower_tail(z).ln() } else { log1m(lower_tail(-z)) }
}
