//! Student's t distribution (functions reference, "Student-t distribution").

use std::f64::consts::LN_2;

use hlmc_math::Real;
use hlmc_math::special::{digamma_difference, inv, lgamma_difference, log, log_inc_beta_of_pair, log1m_exp, log1p};
use rand_distr::{Distribution as _, StudentT};

use crate::fault::Fault;
use crate::rows::scalars::{from_partials, sampler, scalars};
use crate::table::{Argument, Case, Chapter, Cumulative, Density, Distribution, Domain, Generator, Outcome, Terms};

/// log(pi) / 2.
const HALF_LOG_PI: f64 = 0.572_364_942_924_700_1;

/// The row of `student_t`.
pub(super) fn student_t<A: Real>() -> Distribution<A> {
    Distribution {
        name: "student_t",
        outcome: Outcome::Continuous,
        arguments: const {
            &[
                Argument::reals("Random variable", Domain::NotNan),
                Argument::reals("Degrees of freedom parameter", Domain::PositiveFinite),
                Argument::reals("Location parameter", Domain::Finite),
                Argument::reals("Scale parameter", Domain::PositiveFinite),
            ]
        },
        density: Density::Scalar(log_density),
        cumulative: Some(Cumulative {
            outcome: Domain::NotNan,
            cdf: |x| Ok(log_lower_tail(x, 1.0)?.exp()),
            lcdf: |x| log_lower_tail(x, 1.0),
            lccdf: |x| log_lower_tail(x, -1.0),
        }),
        generator: Some(Generator::Scalar(|x, rng| {
            let [nu, mu, sigma] = scalars(x)?;
            Ok(mu + sigma * sampler(StudentT::new(nu))?.sample(rng))
        })),
        chapter: Chapter::Univariate,
        doc: "Student's t distribution with `nu` degrees of freedom, location `mu` and scale `sigma`.",
        cases: &[
            Case { at: &[1.0, 3.0, 0.5, 2.0], value: -1.735_274_604_588_926_4, source: "mpmath 1.3, 30 digits" },
            Case { at: &[-2.0, 30.0, 0.0, 1.0], value: -2.867_299_041_165_939, source: "mpmath 1.3, 30 digits" },
        ],
    }
}

fn log_density<A: Real>(x: &[A], terms: Terms) -> Result<A, Fault> {
    let [y, nu, mu, sigma] = scalars(x)?;
    let (dof, inverse) = (nu.lower(), inv(sigma.lower()));
    let half = A::Lower::constant(0.5);
    let z = (y.lower() - mu.lower()) * inverse;
    let inverse_dof = inv(dof);
    let square_per_dof = z * z * inverse_dof;
    let log_kernel = log1p(square_per_dof);
    let half_power = (dof + 1.0) * 0.5;
    let mut value = -half_power * log_kernel;
    if terms.keep(&[]) {
        value -= HALF_LOG_PI;
    }
    if terms.keep(&[1]) {
        value += lgamma_difference(dof * 0.5, half) - log(dof) * 0.5;
    }
    if terms.keep(&[3]) {
        value -= log(sigma.lower());
    }
    let weight = (dof + 1.0) * inverse_dof / (square_per_dof + 1.0);
    let slope = weight * z * inverse;
    let d_dof = if nu.is_constant() {
        A::Lower::constant(0.0)
    } else {
        (digamma_difference(dof * 0.5, half) - inverse_dof - log_kernel + weight * square_per_dof) * 0.5
    };
    Ok(from_partials(value, [(y, -slope), (nu, d_dof), (mu, slope), (sigma, slope * z - inverse)]))
}

/// log P(side (Y - mu) <= side (y - mu)): the lower tail for side 1, the upper for -1, by the incomplete beta function
/// of nu / (nu + z^2) (DLMF 8.17.10 ff.), which is small far out on either side.
fn log_lower_tail<A: Real>(x: &[A], side: f64) -> Result<A, Fault> {
    let [y, nu, mu, sigma] = scalars(x)?;
    let z = (y - mu) / sigma * side;
    if z.value() == 0.0 {
        // Half of the mass, where the incomplete beta function has a square-root singularity in z.
        let at_mode = (lgamma_difference(nu * 0.5, A::constant(0.5)) - nu.ln() * 0.5 - HALF_LOG_PI).exp();
        return Ok((z * at_mode + 0.5).ln());
    }
    if z.value().is_infinite() {
        return Ok(A::constant(if z.value() > 0.0 { 0.0 } else { f64::NEG_INFINITY }));
    }
    // Divided through by the larger of z^2 and nu, so that neither part overflows.
    let (square, half) = (z * z, A::constant(0.5));
    let outside = (square / nu + 1.0).recip();
    let inside = (nu / square + 1.0).recip();
    let log_tail = log_inc_beta_of_pair(nu * 0.5, half, outside, inside) - LN_2;
    Ok(if z.value() < 0.0 { log_tail } else { log1m_exp(log_tail) })
}
