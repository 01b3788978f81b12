//! Poisson regression.

use hlmc_math::Real;
use hlmc_math::special::{exp, lgamma};

use super::{OUTCOMES, Predictor, outcome, outcomes};
use crate::fault::Fault;
use crate::table::{Argument, Call, Chapter, Density, Distribution, Domain, Outcome};

/// The row of `poisson_log_glm`.
pub(super) fn poisson_log_glm<A: Real>() -> Distribution<A> {
    Distribution {
        name: "poisson_log_glm",
        outcome: Outcome::Discrete,
        arguments: const {
            &[
                Argument::whole(OUTCOMES, "int | array[] int"),
                Argument::whole("Matrix of independent variables", "matrix | row_vector"),
                Argument::whole("Intercept", "real | vector"),
                Argument::whole("Weight vector", "vector"),
            ]
        },
        density: Density::Whole(log_mass),
        cumulative: None,
        generator: None,
        chapter: Chapter::Multivariate,
        doc: "Poisson regression: `y` is Poisson with log rate `alpha` + `x` * `beta`.",
        cases: &[],
    }
}

fn log_mass<A: Real>(call: &mut Call<'_, A>) -> Result<A, Fault> {
    let predictor = Predictor::new(call, 1, Some(2), 3)?;
    let y = outcomes(call, 0, predictor.theta.len(), Domain::NonNegative)?;
    if !call.terms.keep(&[1, 2, 3]) {
        return Ok(A::zero());
    }
    let keep_constant = call.terms.keep(&[]);
    let total = predictor.total(|i, theta| {
        let (y, rate) = (outcome(y, i), exp(theta));
        let constant = if keep_constant { lgamma(y + 1.0) } else { 0.0 };
        (theta * y - rate - constant, -rate + y)
    });
    if !total.value().is_finite() {
        predictor.check_finite()?;
    }
    Ok(total)
}
