//! The search for a step size of the right order, before dual averaging refines it.
//!
//! Hoffman and Gelman (2014), algorithm 4, with Stan's acceptance of 0.8 for one step: the step size is doubled, or
//! halved, until the acceptance of a single step crosses that bound.

use hlmc_math::LogDensity;
use rand::Rng;

use crate::error::SamplerError;
use crate::hamiltonian::{PhasePoint, Point};
use crate::metric::Metric;
use crate::target::Target;

/// The acceptance probability of one step that the search crosses.
const CROSSED_ACCEPTANCE: f64 = 0.8;

/// A step size beyond which the density is taken to be improper. Stan's number.
const LARGEST_STEP_SIZE: f64 = 1e7;

/// A step size of the right order at `current`, starting from `step_size`; `scratch` is overwritten.
///
/// # Errors
/// Every step size, or none, is accepted; or a fatal rejection.
pub(crate) fn find_step_size<D: LogDensity, R: Rng>(
    target: &mut Target<D>,
    metric: &Metric,
    current: &Point,
    mut step_size: f64,
    scratch: &mut PhasePoint,
    rng: &mut R,
) -> Result<f64, SamplerError> {
    // Without a dimension there is nothing to step over.
    if current.position.is_empty() || !(step_size > 0.0 && step_size <= LARGEST_STEP_SIZE) {
        return Ok(step_size);
    }
    let mut is_acceptable = |step_size: f64| -> Result<bool, SamplerError> {
        scratch.start(current, metric, rng);
        let energy = scratch.energy();
        scratch.leapfrog_step(target, metric, step_size)?;
        Ok(energy - scratch.energy() > CROSSED_ACCEPTANCE.ln())
    };
    let grows = is_acceptable(step_size)?;
    // Like Stan, the first step size is judged a second time, with another momentum.
    while is_acceptable(step_size)? == grows {
        step_size *= if grows { 2.0 } else { 0.5 };
        if step_size > LARGEST_STEP_SIZE {
            return Err(SamplerError::Improper { step_size });
        }
        if step_size == 0.0 {
            return Err(SamplerError::NoStepSize);
        }
    }
    Ok(step_size)
}
