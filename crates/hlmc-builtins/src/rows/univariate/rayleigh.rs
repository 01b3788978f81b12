//! The Rayleigh distribution (functions reference, "Rayleigh distribution").

use hlmc_math::Real;
use hlmc_math::special::{expm1, log1m_exp};
use rand_distr::{Distribution as _, Exp1};

use crate::fault::Fault;
use crate::rows::scalars::scalars;
use crate::table::{Argument, Case, Chapter, Cumulative, Density, Distribution, Domain, Generator, Outcome};

/// The row of `rayleigh`.
pub(super) fn rayleigh<A: Real>() -> Distribution<A> {
    Distribution {
        name: "rayleigh",
        outcome: Outcome::Continuous,
        arguments: const {
            &[
                Argument::reals("Random variable", Domain::Positive),
                Argument::reals("Scale parameter", Domain::Positive),
            ]
        },
        density: Density::Scalar(|x, terms| {
            let mut log_density = log_upper_tail(x)?;
            if terms.keep(&[1]) {
                log_density -= x[1].ln() * 2.0;
            }
            if terms.keep(&[0]) {
                log_density += x[0].ln();
            }
            Ok(log_density)
        }),
        cumulative: Some(Cumulative {
            outcome: Domain::NonNegative,
            cdf: |x| Ok(-expm1(log_upper_tail(x)?)),
            lcdf: |x| Ok(log1m_exp(log_upper_tail(x)?)),
            lccdf: log_upper_tail,
        }),
        generator: Some(Generator::Scalar(|x, rng| {
            let [sigma] = scalars(x)?;
            let unit: f64 = Exp1.sample(rng);
            Ok(sigma * (2.0 * unit).sqrt())
        })),
        chapter: Chapter::Univariate,
        doc: "The Rayleigh distribution with scale `sigma`.",
        cases: &[Case { at: &[1.5, 2.0], value: -1.262_079_253_011_726_2, source: "log(1.5 / 4) - 9/32" }],
    }
}

fn log_upper_tail<A: Real>(x: &[A]) -> Result<A, Fault> {
    let [y, sigma] = scalars(x)?;
    let z = y / sigma;
    Ok(z * z * -0.5)
}
