//! Ordered logistic regression.

use hlmc_math::Real;

use super::{OUTCOMES, Predictor, add_chain, check_instances};
use crate::fault::Fault;
use crate::rows::arguments::{argument, vectors};
use crate::rows::univariate::categorical::check_categories;
use crate::rows::univariate::ordered::{check_cutpoints, logistic_interval};
use crate::table::{Argument, Call, Chapter, Density, Distribution, Outcome};

/// The row of `ordered_logistic_glm`.
pub(super) fn ordered_logistic_glm<A: Real>() -> Distribution<A> {
    Distribution {
        name: "ordered_logistic_glm",
        outcome: Outcome::Discrete,
        arguments: const {
            &[
                Argument::whole(OUTCOMES, "int | array[] int"),
                Argument::whole("Matrix of independent variables", "matrix | row_vector"),
                Argument::whole("Weight vector", "vector"),
                Argument::whole("Cut-points", "vector"),
            ]
        },
        density: Density::Whole(log_mass),
        cumulative: None,
        generator: None,
        chapter: Chapter::Multivariate,
        doc: "Ordered logistic regression with location `x` * `beta` and cut points `c`.",
        cases: &[],
    }
}

fn log_mass<A: Real>(call: &mut Call<'_, A>) -> Result<A, Fault> {
    let predictor = Predictor::new(call, 1, None, 2)?;
    let (y, cuts) = (argument(call, 0)?, vectors(call, 3)?);
    check_instances(OUTCOMES, y, predictor.theta.len())?;
    check_categories(OUTCOMES, y, cuts.size + 1)?;
    check_cutpoints("Cut-points", &cuts.entries.values())?;
    if !call.terms.keep(&[1, 2, 3]) {
        return Ok(A::zero());
    }
    let mut along_cuts = A::zero();
    let total = predictor.total(|i, theta| {
        let category = y.int_at(i).and_then(|category| usize::try_from(category - 1).ok()).unwrap_or(0);
        let below = (category > 0).then(|| cuts.at(0, category - 1));
        let above = (category < cuts.size).then(|| cuts.at(0, category));
        let (value, along_below, along_above) =
            logistic_interval(theta, below.map(|cut| cut.lower()), above.map(|cut| cut.lower()));
        if let Some(cut) = below {
            add_chain(&mut along_cuts, cut, along_below);
        }
        if let Some(cut) = above {
            add_chain(&mut along_cuts, cut, along_above);
        }
        (value, -(along_below + along_above))
    });
    let total = total + along_cuts;
    if !total.value().is_finite() {
        predictor.check_finite()?;
    }
    Ok(total)
}
