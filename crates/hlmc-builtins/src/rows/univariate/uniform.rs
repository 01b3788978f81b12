//! The uniform distribution on an interval (functions reference, "Uniform distribution").

use hlmc_math::Real;
use rand_distr::{Distribution as _, StandardUniform};

use crate::fault::Fault;
use crate::rows::scalars::{impossible, scalars};
use crate::table::{Argument, Case, Chapter, Cumulative, Density, Distribution, Domain, Generator, Outcome, Terms};

/// The row of `uniform`.
pub(super) fn uniform<A: Real>() -> Distribution<A> {
    Distribution {
        name: "uniform",
        outcome: Outcome::Continuous,
        arguments: const {
            &[
                Argument::reals("Random variable", Domain::NotNan),
                Argument::reals("Lower bound parameter", Domain::Finite),
                Argument::reals("Upper bound parameter", Domain::Finite),
            ]
        },
        density: Density::Scalar(log_density),
        cumulative: Some(Cumulative {
            outcome: Domain::NotNan,
            cdf: |x| share_below(x),
            lcdf: |x| Ok(log_share(share_below(x)?)),
            lccdf: |x| {
                let [y, alpha, beta] = scalars(x)?;
                Ok(log_share(share_below(&[-y, -beta, -alpha])?))
            },
        }),
        generator: Some(Generator::Scalar(|x, rng| {
            let [alpha, beta] = scalars(x)?;
            check_order(alpha, beta)?;
            let u: f64 = StandardUniform.sample(rng);
            Ok(alpha + (beta - alpha) * u)
        })),
        chapter: Chapter::Univariate,
        doc: "The uniform distribution on the interval from `alpha` to `beta`.",
        cases: &[Case { at: &[1.0, 0.0, 4.0], value: -1.386_294_361_119_890_6, source: "-log(4)" }],
    }
}

fn log_density<A: Real>(x: &[A], terms: Terms) -> Result<A, Fault> {
    let [y, alpha, beta] = scalars(x)?;
    check_order(alpha.value(), beta.value())?;
    if y.value() < alpha.value() || y.value() > beta.value() {
        return Ok(impossible());
    }
    Ok(if terms.keep(&[1, 2]) { -(beta - alpha).ln() } else { A::zero() })
}

fn share_below<A: Real>(x: &[A]) -> Result<A, Fault> {
    let [y, alpha, beta] = scalars(x)?;
    check_order(alpha.value(), beta.value())?;
    Ok(if y.value() <= alpha.value() {
        A::zero()
    } else if y.value() >= beta.value() {
        A::one()
    } else {
        (y - alpha) / (beta - alpha)
    })
}

fn log_share<A: Real>(share: A) -> A {
    if share.value() == 0.0 { impossible() } else { share.ln() }
}

fn check_order(alpha: f64, beta: f64) -> Result<(), Fault> {
    if alpha < beta {
        return Ok(());
    }
    Err(Fault::rejection(format!("Upper bound parameter is {beta}, but must be greater than {alpha}")))
}
