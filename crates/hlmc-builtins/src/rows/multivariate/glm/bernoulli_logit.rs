//! Logistic regression.

use hlmc_math::Real;
use hlmc_math::special::{inv_logit, log_inv_logit};
use rand_distr::{Distribution as _, StandardUniform};

use super::{OUTCOMES, Predictor, outcome, outcomes};
use crate::fault::Fault;
use crate::rows::arguments::{argument, matrix};
use crate::rows::univariate::categorical::source;
use crate::table::{Argument, Call, Chapter, Density, Distribution, Domain, Generator, Outcome};
use crate::value::Value;

/// The row of `bernoulli_logit_glm`.
pub(super) fn bernoulli_logit_glm<A: Real>() -> Distribution<A> {
    Distribution {
        name: "bernoulli_logit_glm",
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
        generator: Some(Generator::Whole(
            draw,
            &[
                "array[] int bernoulli_logit_glm_rng(matrix, vector, vector)",
                "array[] int bernoulli_logit_glm_rng(row_vector, vector, vector)",
            ],
        )),
        chapter: Chapter::Multivariate,
        doc: "Logistic regression: `y` is Bernoulli with log odds `alpha` + `x` * `beta`.",
        cases: &[],
    }
}

fn log_mass<A: Real>(call: &mut Call<'_, A>) -> Result<A, Fault> {
    let predictor = Predictor::new(call, 1, Some(2), 3)?;
    let y = outcomes(call, 0, predictor.theta.len(), Domain::Between(0.0, 1.0))?;
    if !call.terms.keep(&[1, 2, 3]) {
        return Ok(A::zero());
    }
    let total = predictor.total(|i, theta| {
        let sign = if outcome(y, i) == 1.0 { 1.0 } else { -1.0 };
        let signed = theta * sign;
        (log_inv_logit(signed), inv_logit(-signed) * sign)
    });
    if !total.value().is_finite() {
        predictor.check_finite()?;
    }
    Ok(total)
}

fn draw<A: Real>(call: &mut Call<'_, A>) -> Result<Value<A>, Fault> {
    let (x, alpha, beta) = (matrix(call, 0)?, argument(call, 1)?, argument(call, 2)?);
    let is_one_row = x.rows == 1;
    let n = if is_one_row { alpha.n_entries() } else { x.rows };
    super::check_instances("Vector of intercepts", alpha, n)?;
    crate::rows::arguments::check_sizes("Weight vector", beta.n_entries(), "columns of x", x.cols)?;
    let at = |value: &Value<A>, i: usize| value.real_at(i).map_or(f64::NAN, |number| number.value());
    let predictor = |i: usize| {
        let row = if is_one_row { 0 } else { i };
        (0..x.cols).fold(at(alpha, i), |sum, j| sum + x.at(row, j).value() * at(beta, j))
    };
    let rng = source(call)?;
    let mut draws = Vec::with_capacity(n);
    for i in 0..n {
        let probability = inv_logit(predictor(i));
        if probability.is_nan() {
            return Err(Fault::rejection("the linear predictor is nan, but must be a number"));
        }
        let u: f64 = StandardUniform.sample(rng);
        draws.push(i64::from(u < probability));
    }
    Ok(Value::ints(draws))
}
