//! The von Mises distribution of an angle (functions reference, "Von Mises distribution").
//!
//! The density has the period 2 pi; the distribution functions count from -pi to pi, whatever the location.

use std::f64::consts::{PI, TAU};

use hlmc_math::Real;
use hlmc_math::special::{abs, acos, cos, log_modified_bessel_first_kind, log_sum_exp2};
use rand::Rng;
use rand_distr::{Distribution as _, StandardUniform};

use super::quadrature::{NEGLIGIBLE_EXPONENT, integrate};
use crate::fault::Fault;
use crate::rows::scalars::{impossible, scalars};
use crate::table::{Argument, Case, Chapter, Cumulative, Density, Distribution, Domain, Generator, Outcome};

/// log(2 pi).
const LOG_TWO_PI: f64 = 1.837_877_066_409_345_4;

/// Below this concentration draws are uniform to rounding.
const NO_CONCENTRATION: f64 = 1e-8;
/// From this concentration on draws are normal to rounding.
const HIGH_CONCENTRATION: f64 = 1e15;

/// The row of `von_mises`.
pub(super) fn von_mises<A: Real>() -> Distribution<A> {
    Distribution {
        name: "von_mises",
        outcome: Outcome::Continuous,
        arguments: const {
            &[
                Argument::reals("Random variable", Domain::Finite),
                Argument::reals("Location parameter", Domain::Finite),
                Argument::reals("Scale parameter", Domain::NonNegativeFinite),
            ]
        },
        density: Density::Scalar(|x, terms| {
            let [y, mu, kappa] = scalars(x)?;
            let mut log_density = kappa * cos(y - mu);
            if terms.keep(&[]) {
                log_density -= LOG_TWO_PI;
            }
            if terms.keep(&[2]) {
                log_density -= log_modified_bessel_first_kind(A::zero(), kappa);
            }
            Ok(log_density)
        }),
        cumulative: Some(Cumulative {
            outcome: Domain::Between(-PI, PI),
            cdf: |x| Ok(log_mass(A::constant(-PI), x[0], x)?.exp()),
            lcdf: |x| log_mass(A::constant(-PI), x[0], x),
            lccdf: |x| log_mass(x[0], A::constant(PI), x),
        }),
        generator: Some(Generator::Scalar(|x, rng| {
            let [mu, kappa] = scalars(x)?;
            Ok(draw(mu, kappa, rng))
        })),
        chapter: Chapter::Univariate,
        doc: "The von Mises distribution of an angle with location `mu` and concentration `kappa`.",
        cases: &[Case { at: &[1.5, 0.5, 2.0], value: -1.581_265_996_156_022_3, source: "mpmath 1.3, 30 digits" }],
    }
}

/// log P(low < Y <= high) for angles between -pi and pi.
fn log_mass<A: Real>(low: A, high: A, x: &[A]) -> Result<A, Fault> {
    let [_, mu, kappa] = scalars(x)?;
    let (mut from, to) = (low - mu, high - mu);
    let mut total: A = impossible();
    // Pieces end at the multiples of pi, between which the density rises or falls.
    let mut boundary = (from.value() / PI).floor() + 1.0;
    while from.value() < to.value() {
        let end = if boundary * PI < to.value() { A::constant(boundary * PI) } else { to };
        // Distances from the nearest peak, which are multiples of 2 pi.
        let peak = TAU * (0.5 * (from.value() + end.value()) / TAU).round();
        let (one, other) = (abs(from - peak), abs(end - peak));
        let (near, far) = if one.value() < other.value() { (one, other) } else { (other, one) };
        total = log_sum_exp2(total, log_piece(near, far, kappa));
        from = end;
        boundary += 1.0;
    }
    Ok(total - LOG_TWO_PI - log_modified_bessel_first_kind(A::zero(), kappa))
}

/// log of the integral of exp(kappa cos t) for t from `near` to `far`, both between 0 and pi.
fn log_piece<A: Real>(near: A, far: A, kappa: A) -> A {
    let at_near = cos(near);
    let negligible = at_near - kappa.recip() * NEGLIGIBLE_EXPONENT;
    let far = if negligible.value() > cos(far.value()) { acos(negligible) } else { far };
    integrate(near, far, |t| (kappa * (cos(t) - at_near)).exp()).ln() + kappa * at_near
}

/// Best and Fisher (1979), "Efficient simulation of the von Mises distribution", with the angle taken to (-pi, pi].
fn draw(mu: f64, kappa: f64, rng: &mut dyn Rng) -> f64 {
    let mut uniform = || -> f64 { StandardUniform.sample(rng) };
    let deviation = if kappa < NO_CONCENTRATION {
        PI * (2.0 * uniform() - 1.0)
    } else if kappa > HIGH_CONCENTRATION {
        let z: f64 = rand_distr::StandardNormal.sample(rng);
        z / kappa.sqrt()
    } else {
        let root = 1.0 + (1.0 + 4.0 * kappa * kappa).sqrt();
        let rho = (root - (2.0 * root).sqrt()) / (2.0 * kappa);
        let s = (1.0 + rho * rho) / (2.0 * rho);
        loop {
            let z = (PI * uniform()).cos();
            let w = (1.0 + s * z) / (s + z);
            let (y, u) = (kappa * (s - w), 1.0 - uniform());
            if y * (2.0 - y) > u || (y / u).ln() + 1.0 >= y {
                break w.clamp(-1.0, 1.0).acos() * if uniform() < 0.5 { -1.0 } else { 1.0 };
            }
        }
    };
    let angle = mu + deviation;
    angle - TAU * ((angle - PI) / TAU).ceil()
}
