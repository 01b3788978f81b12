//! Negative binomial regression.

use hlmc_math::Real;
use hlmc_math::special::{digamma_difference, inv_logit, lgamma, lgamma_difference, log, log1p_exp};

use super::{Predictor, add_chain, check_instances, outcome, outcomes};
use crate::fault::Fault;
use crate::rows::arguments::{argument, check_all};
use crate::table::{Argument, Call, Chapter, Density, Distribution, Domain, Outcome};

/// The row of `neg_binomial_2_log_glm`.
pub(super) fn neg_binomial_2_log_glm<A: Real>() -> Distribution<A> {
    Distribution {
        name: "neg_binomial_2_log_glm",
        outcome: Outcome::Discrete,
        arguments: const {
            &[
                Argument::whole("Failures variables", "int | array[] int"),
                Argument::whole("Matrix of independent variables", "matrix | row_vector"),
                Argument::whole("Intercept", "real | vector"),
                Argument::whole("Weight vector", "vector"),
                Argument::whole("Precision parameter", "real | vector"),
            ]
        },
        density: Density::Whole(log_mass),
        cumulative: None,
        generator: None,
        chapter: Chapter::Multivariate,
        doc: "Negative binomial regression: `y` has log mean `alpha` + `x` * `beta` and precision `phi`.",
        cases: &[],
    }
}

fn log_mass<A: Real>(call: &mut Call<'_, A>) -> Result<A, Fault> {
    let predictor = Predictor::new(call, 1, Some(2), 3)?;
    let n = predictor.theta.len();
    let y = outcomes(call, 0, n, Domain::NonNegative)?;
    let phi = argument(call, 4)?;
    check_instances("Vector of precision parameters", phi, n)?;
    let precisions = (0..phi.n_entries()).map(|i| phi.real_at(i).map_or(f64::NAN, |phi| phi.value()));
    check_all("Precision parameter", precisions, Domain::PositiveFinite)?;
    predictor.check_finite()?;
    let terms = call.terms;
    if !terms.keep(&[1, 2, 3, 4]) {
        return Ok(A::zero());
    }
    let (keep_constant, keep_phi, keep_theta) = (terms.keep(&[]), terms.keep(&[4]), terms.keep(&[1, 2, 3]));
    let mut along_phi = A::zero();
    let total = predictor.total(|i, theta| {
        let (count, phi) = (outcome(y, i), phi.real_at(i).unwrap_or_else(A::one));
        let precision = phi.lower();
        let log_precision = log(precision);
        let (total, excess) = (precision + count, theta - log_precision);
        let log_sum = log_precision + log1p_exp(excess);
        let mut value = -total * log_sum;
        if keep_constant {
            value -= lgamma(count + 1.0);
        }
        if keep_phi {
            value += precision * log_precision + lgamma_difference(precision, A::Lower::constant(count));
        }
        if keep_theta {
            value += theta * count;
        }
        let (share, rest) = (inv_logit(excess), inv_logit(-excess));
        if !phi.is_constant() {
            let slope = digamma_difference(precision, A::Lower::constant(count)) - log1p_exp(excess) + 1.0
                - total / precision * rest;
            add_chain(&mut along_phi, phi, slope);
        }
        (value, -total * share + count)
    });
    Ok(total + along_phi)
}
