//! The normal distribution (functions reference, "Normal distribution").

use std::f64::consts::TAU;

use hlmc_math::Real;
use rand_distr::{Distribution as _, StandardNormal};

use crate::table::{Argument, Case, Chapter, Density, Distribution, Domain, Generator, Outcome};

/// The row of `normal`.
pub(super) fn normal<A: Real>() -> Distribution<A> {
    Distribution {
        name: "normal",
        outcome: Outcome::Continuous,
        arguments: &[
            Argument { name: "Random variable", ty: "reals", domain: Domain::NotNan },
            Argument { name: "Location parameter", ty: "reals", domain: Domain::Finite },
            Argument { name: "Scale parameter", ty: "reals", domain: Domain::Positive },
        ],
        density: Density::Scalar(|x, terms| {
            let [y, mu, sigma] = *x else { unreachable!("the row has three arguments") };
            let z = (y - mu) / sigma;
            let mut log_density = z * z * -0.5;
            if terms.keep(&[2]) {
                log_density -= sigma.ln();
            }
            if terms.keep(&[]) {
                log_density -= 0.5 * TAU.ln();
            }
            Ok(log_density)
        }),
        cumulative: None,
        generator: Some(Generator::Scalar(|x, rng| {
            let z: f64 = StandardNormal.sample(rng);
            Ok(x[0] + x[1] * z)
        })),
        chapter: Chapter::Univariate,
        doc: "The normal distribution with location `mu` and scale `sigma`.",
        cases: &[Case { at: &[1.0, 0.0, 2.0], value: -1.737_085_713_764_618, source: "-log(2) - log(2 pi)/2 - 1/8" }],
    }
}
