//! The search for a point at which a chain can start.

use hlmc_math::LogDensity;
use rand::{Rng, RngExt};

use crate::error::{PointFailure, SamplerError};
use crate::hamiltonian::Point;
use crate::settings::InitialPosition;
use crate::target::N_KEPT_REJECTIONS;

/// How many random points are tried. Stan's number.
pub const MAX_INIT_ATTEMPTS: usize = 100;

/// The first point with a finite log density and a finite gradient.
///
/// # Errors
/// The given point or all random points failed, or the density called a rejection fatal.
pub(crate) fn find_initial_position<D: LogDensity, R: Rng>(
    density: &mut D,
    wanted: &InitialPosition,
    rng: &mut R,
) -> Result<Point, SamplerError> {
    let mut point = Point::zero(density.dimension());
    match wanted {
        InitialPosition::Position(position) => {
            point.position.copy_from_slice(position);
            match evaluate(density, &mut point)? {
                None => Ok(point),
                Some(failure) => Err(SamplerError::GivenPosition { failure }),
            }
        }
        InitialPosition::Uniform { radius } => find_random(density, *radius, rng, point),
    }
}

fn find_random<D: LogDensity, R: Rng>(
    density: &mut D,
    radius: f64,
    rng: &mut R,
    mut point: Point,
) -> Result<Point, SamplerError> {
    let n_attempts = if radius == 0.0 { 1 } else { MAX_INIT_ATTEMPTS };
    let mut first = Vec::new();
    let mut attempt = 1;
    loop {
        for coordinate in &mut point.position {
            *coordinate = radius * (2.0 * rng.random::<f64>() - 1.0);
        }
        let Some(failure) = evaluate(density, &mut point)? else {
            return Ok(point);
        };
        if first.len() < N_KEPT_REJECTIONS {
            first.push(failure.clone());
        }
        if attempt == n_attempts {
            let last_position = point.position;
            return Err(SamplerError::NoInitialPosition { n_attempts, radius, last_position, last: failure, first });
        }
        attempt += 1;
    }
}

/// Completes a point of which the position is set; says what is wrong with it.
fn evaluate<D: LogDensity>(density: &mut D, point: &mut Point) -> Result<Option<PointFailure>, SamplerError> {
    let log_density = match density.log_density_gradient(&point.position, &mut point.gradient) {
        Ok(value) => value,
        Err(rejection) if rejection.fatal => return Err(SamplerError::Fatal(rejection)),
        Err(rejection) => return Ok(Some(PointFailure::Rejected(rejection))),
    };
    if !log_density.is_finite() {
        return Ok(Some(PointFailure::LogDensity { value: log_density }));
    }
    point.log_density = log_density;
    let bad = point.gradient.iter().copied().enumerate().find(|(_, value)| !value.is_finite());
    Ok(bad.map(|(coordinate, value)| PointFailure::Gradient { coordinate, value, log_density }))
}
