//! The Yule-Simon distribution (functions reference, "Yule-Simon distribution").

use hlmc_math::Real;
use hlmc_math::special::{lbeta, lgamma, lgamma_difference, log1m_exp};
use rand_distr::{Distribution as _, Exp1};

use crate::fault::Fault;
use crate::rows::scalars::scalars;
use crate::table::{Argument, Case, Chapter, Cumulative, Density, Distribution, Domain, Generator, Outcome, Terms};

/// Draws above this do not fit an integer of the language.
const MAX_DRAW: f64 = i32::MAX as f64;

/// The row of `yule_simon`.
pub(super) fn yule_simon<A: Real>() -> Distribution<A> {
    Distribution {
        name: "yule_simon",
        outcome: Outcome::Discrete,
        arguments: const {
            &[
                Argument::ints("Outcome variable", Domain::NotNan),
                Argument::reals("Shape parameter", Domain::PositiveFinite),
            ]
        },
        density: Density::Scalar(log_mass),
        cumulative: Some(Cumulative {
            outcome: Domain::NotNan,
            cdf: |x| Ok(log1m_exp(log_upper_tail(x)?).exp()),
            lcdf: |x| Ok(log1m_exp(log_upper_tail(x)?)),
            lccdf: log_upper_tail,
        }),
        generator: Some(Generator::Scalar(|x, rng| {
            let [alpha] = scalars(x)?;
            let (waiting, unit): (f64, f64) = (Exp1.sample(rng), Exp1.sample(rng));
            // A geometric variable whose probability of success is exp(-waiting / alpha).
            let failure = -(-waiting / alpha).exp_m1();
            let draw = 1.0 + (unit / -failure.ln()).floor();
            if draw <= MAX_DRAW {
                return Ok(draw);
            }
            Err(Fault::rejection(format!("cannot draw: {draw} is too large for an integer")))
        })),
        chapter: Chapter::Univariate,
        doc: "The Yule-Simon distribution with shape `alpha`: from 1 on, with a tail that falls as a power.",
        cases: &[Case { at: &[3.0, 2.5], value: -2.852_150_545_075_967, source: "log(2.5 * 2 / 3.5 / 4.5 / 5.5)" }],
    }
}

fn log_mass<A: Real>(x: &[A], terms: Terms) -> Result<A, Fault> {
    let [n, alpha] = scalars(x)?;
    if n.value() < 1.0 {
        let n = n.value();
        return Err(Fault::rejection(format!("Outcome variable is {n}, but must be greater than or equal to 1")));
    }
    let log_mass = alpha.ln() - lgamma_difference(alpha + 1.0, n);
    Ok(if terms.keep(&[]) { log_mass + lgamma(n) } else { log_mass })
}

/// log P(N > n) = log(n B(n, alpha + 1)).
fn log_upper_tail<A: Real>(x: &[A]) -> Result<A, Fault> {
    let [n, alpha] = scalars(x)?;
    Ok(if n.value() < 1.0 { A::zero() } else { lbeta(n, alpha + 1.0) + n.ln() })
}
