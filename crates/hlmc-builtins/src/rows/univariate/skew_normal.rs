//! The skew normal distribution (functions reference, "Skew normal distribution").

use std::f64::consts::LN_2;

use hlmc_math::Real;
use hlmc_math::special::{log1m_exp, owens_t, phi, std_normal_lcdf};
use rand_distr::{Distribution as _, StandardNormal};

use super::normal::HALF_LOG_TWO_PI;
use super::quadrature::{NEGLIGIBLE_EXPONENT, integrate};
use crate::fault::Fault;
use crate::rows::scalars::{impossible, scalars};
use crate::table::{Argument, Case, Chapter, Cumulative, Density, Distribution, Domain, Generator, Outcome, Terms};

/// Below this probability the difference of normal distribution function and Owen's T loses digits.
const SMALL_PROBABILITY: f64 = 0.05;

/// The row of `skew_normal`.
pub(super) fn skew_normal<A: Real>() -> Distribution<A> {
    Distribution {
        name: "skew_normal",
        outcome: Outcome::Continuous,
        arguments: const {
            &[
                Argument::reals("Random variable", Domain::NotNan),
                Argument::reals("Location parameter", Domain::Finite),
                Argument::reals("Scale parameter", Domain::Positive),
                Argument::reals("Shape parameter", Domain::Finite),
            ]
        },
        density: Density::Scalar(log_density),
        cumulative: Some(Cumulative {
            outcome: Domain::NotNan,
            cdf: |x| {
                let [z, alpha] = standardise(x)?;
                Ok(log_lower_tail(z, alpha).exp())
            },
            lcdf: |x| {
                let [z, alpha] = standardise(x)?;
                Ok(log_lower_tail(z, alpha))
            },
            lccdf: |x| {
                let [z, alpha] = standardise(x)?;
                Ok(log_lower_tail(-z, -alpha))
            },
        }),
        generator: Some(Generator::Scalar(|x, rng| {
            let [xi, omega, alpha] = scalars(x)?;
            let (hidden, rest): (f64, f64) = (StandardNormal.sample(rng), StandardNormal.sample(rng));
            Ok(xi + omega * (alpha * hidden.abs() + rest) / alpha.hypot(1.0))
        })),
        chapter: Chapter::Univariate,
        doc: "The skew normal distribution with location `xi`, scale `omega` and shape `alpha`.",
        cases: &[
            Case { at: &[1.5, 0.5, 2.0, 0.7], value: -1.495_190_045_687_455_8, source: "mpmath 1.3, 30 digits" },
            Case { at: &[-0.5, 0.5, 2.0, -3.0], value: -1.113_081_988_816_906_8, source: "mpmath 1.3, 30 digits" },
        ],
    }
}

fn log_density<A: Real>(x: &[A], terms: Terms) -> Result<A, Fault> {
    let [z, alpha] = standardise(x)?;
    // Stan counts log(2) as part of the error function, and not as a constant.
    let mut log_density = std_normal_lcdf(alpha * z) + LN_2;
    if terms.keep(&[]) {
        log_density -= HALF_LOG_TWO_PI;
    }
    if terms.keep(&[2]) {
        log_density -= x[2].ln();
    }
    if terms.keep(&[0, 1, 2]) {
        log_density -= z * z * 0.5;
    }
    Ok(log_density)
}

/// The standardised outcome and the shape.
fn standardise<A: Real>(x: &[A]) -> Result<[A; 2], Fault> {
    let [y, xi, omega, alpha] = scalars(x)?;
    Ok([(y - xi) / omega, alpha])
}

/// log(Phi(z) - 2 T(z, alpha)), with T Owen's function; in a tail, where these cancel, the integral of the density.
fn log_lower_tail<A: Real>(z: A, alpha: A) -> A {
    if z.value().is_infinite() {
        return if z.value() > 0.0 { A::zero() } else { impossible() };
    }
    let lower = phi(z) - owens_t(z, alpha) * 2.0;
    if lower.value() > 1.0 - SMALL_PROBABILITY {
        return log1m_exp(log_tail_integral(-z, -alpha));
    }
    if lower.value() > SMALL_PROBABILITY { lower.ln() } else { log_tail_integral(z, alpha) }
}

/// The logarithm of the integral of the density from minus infinity to `z`, which lies below the mode.
fn log_tail_integral<A: Real>(z: A, alpha: A) -> A {
    let exponent = |t: A| t * t * -0.5 + std_normal_lcdf(alpha * t);
    let plain = |t: f64| t * t * -0.5 + std_normal_lcdf(alpha.value() * t);
    let (at_z, drop) = (exponent(z), NEGLIGIBLE_EXPONENT);
    // The distance at which the density has become negligible, between two powers of 2.
    let mut reach = 1e-3;
    while plain(z.value() - reach) > at_z.value() - drop && reach < f64::MAX {
        reach *= 2.0;
    }
    let integral = integrate(A::zero(), A::constant(reach), |s| (exponent(z - s) - at_z).exp());
    at_z + integral.ln() + (LN_2 - HALF_LOG_TWO_PI)
}
