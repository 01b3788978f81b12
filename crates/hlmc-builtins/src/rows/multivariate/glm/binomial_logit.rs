//! Logistic regression of counts.

use hlmc_math::Real;
use hlmc_math::special::{inv_logit, lchoose, log_inv_logit};

use super::{Predictor, check_instances, outcome};
use crate::fault::Fault;
use crate::rows::arguments::{argument, check};
use crate::table::{Argument, Call, Chapter, Density, Distribution, Domain, Outcome};

/// The row of `binomial_logit_glm`.
pub(super) fn binomial_logit_glm<A: Real>() -> Distribution<A> {
    Distribution {
        name: "binomial_logit_glm",
        outcome: Outcome::Discrete,
        arguments: const {
            &[
                Argument::whole("Successes variable", "int | array[] int"),
                Argument::whole("Population size parameter", "int | array[] int"),
                Argument::whole("Matrix of independent variables", "matrix | row_vector"),
                Argument::whole("Intercept", "real | vector"),
                Argument::whole("Weight vector", "vector"),
            ]
        },
        density: Density::Whole(log_mass),
        cumulative: None,
        generator: None,
        chapter: Chapter::Multivariate,
        doc: "Logistic regression of counts: `n` of `N` trials succeed, with log odds `alpha` + `x` * `beta`.",
        cases: &[],
    }
}

fn log_mass<A: Real>(call: &mut Call<'_, A>) -> Result<A, Fault> {
    let predictor = Predictor::new(call, 2, Some(3), 4)?;
    let n = predictor.theta.len();
    let (successes, trials) = (argument(call, 0)?, argument(call, 1)?);
    check_instances("Successes variable", successes, n)?;
    check_instances("Population size parameter", trials, n)?;
    for i in 0..n {
        check("Population size parameter", outcome(trials, i), Domain::NonNegative)?;
        check("Successes variable", outcome(successes, i), Domain::Between(0.0, outcome(trials, i)))?;
    }
    if !call.terms.keep(&[2, 3, 4]) {
        return Ok(A::zero());
    }
    let keep_constant = call.terms.keep(&[]);
    let total = predictor.total(|i, theta| {
        let (k, n) = (outcome(successes, i), outcome(trials, i));
        let constant = if keep_constant { lchoose(n, k) } else { 0.0 };
        let value = log_inv_logit(theta) * k + log_inv_logit(-theta) * (n - k) + constant;
        (value, inv_logit(-theta) * k - inv_logit(theta) * (n - k))
    });
    if !total.value().is_finite() {
        predictor.check_finite()?;
    }
    Ok(total)
}
