//! Integrals over an interval.

use hlmc_math::Real;
use hlmc_math::quadrature::{QuadratureError, integrate};

use super::inputs::Inputs;
use super::{Handed, higher_order};
use crate::fault::Fault;
use crate::higher_order::{N_INTEGRAL_OWN, N_LIMITS};
use crate::signature::HigherOrder;
use crate::table::{Call, Function};
use crate::value::Value;

/// The shape of the function, with and without a tolerance.
macro_rules! shape {
    ($tail:literal) => {
        &HigherOrder {
            callback: "real f(real, real, array[] real, data array[] real, data array[] int)",
            call: concat!("real integrate_1d(real, real, array[] real, data array[] real, data array[] int", $tail),
            callback_data: &[3, 4],
            takes_densities: false,
        }
    };
}

const DOC: &str = "The integral of f(x, xc, theta, x_r, x_i) over x from one limit to the other, which may be infinite; xc is \
                   the distance to the nearer limit, negative in the lower half, NaN where a limit is infinite. Rejects \
                   integrals that do not converge to the tolerance relative to the integral of the absolute value.";

/// The rows of this file.
pub(super) fn rows<A: Real>() -> Vec<Function<A>> {
    vec![
        higher_order("integrate_1d", shape!(")"), integrate_1d, DOC),
        higher_order("integrate_1d", shape!(", data real)"), integrate_1d, DOC),
    ]
}

fn integrate_1d<A: Real>(call: &mut Call<'_, A>) -> Result<Value<A>, Fault> {
    let (low, high) = (call.real(0)?, call.real(1)?);
    let tolerance =
        if call.arguments.len() > N_INTEGRAL_OWN { call.real(N_INTEGRAL_OWN)?.value() } else { f64::EPSILON.sqrt() };
    let handed = Handed::of(call, N_LIMITS)?;
    let extra = handed.extra.get(..N_INTEGRAL_OWN - N_LIMITS).unwrap_or(handed.extra);
    let mut inputs = Inputs::default();
    let seeded: Vec<Value<A>> = extra.iter().map(|value| inputs.seed_value(value)).collect();
    let seeded: Vec<&Value<A>> = seeded.iter().collect();
    let is_seeded = inputs.can_be_directions();
    let mut handed = Handed { callback: handed.callback, extra: if is_seeded { &seeded } else { extra } };
    let mut integrand =
        |x: f64, distance: f64| handed.real(&[&Value::Real(A::constant(x)), &Value::Real(A::constant(distance))]);
    let found = integrate(&mut integrand, low.value(), high.value(), tolerance).map_err(|error| match error {
        QuadratureError::Integrand(fault) => fault,
        other => Fault::rejection(other.to_string()),
    })?;
    let (error, allowed) = (found.error, tolerance * found.l1_norm);
    if error.is_nan() || error > allowed {
        return Err(Fault::rejection(format!("the error estimate of the integral is {error}, above {allowed}")));
    }
    let mut integral = if is_seeded { inputs.along_their_directions(&found.value) } else { found.value };
    // The derivative in a limit is the integrand there.
    if !high.is_constant() {
        integral += along(high, integrand(high.value(), 0.0)?);
    }
    if !low.is_constant() {
        integral -= along(low, integrand(low.value(), 0.0)?);
    }
    Ok(Value::Real(integral))
}

/// 0 with the derivatives of a limit, times the value of the integrand there.
fn along<A: Real>(limit: A, integrand: A) -> A {
    (limit - limit.value()) * integrand.value()
}
