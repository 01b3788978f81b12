//! Multinomial logistic regression.

use hlmc_math::Real;
use hlmc_math::special::log_sum_exp;

use super::n_instances;
use crate::fault::Fault;
use crate::rows::arguments::{argument, check_all, check_sizes, matrix, vectors};
use crate::rows::univariate::categorical::check_categories;
use crate::table::{Argument, Call, Chapter, Density, Distribution, Domain, Outcome};

/// The row of `categorical_logit_glm`.
pub(super) fn categorical_logit_glm<A: Real>() -> Distribution<A> {
    Distribution {
        name: "categorical_logit_glm",
        outcome: Outcome::Discrete,
        arguments: const {
            &[
                Argument::whole("categorical outcome", "int | array[] int"),
                Argument::whole("Matrix of independent variables", "matrix | row_vector"),
                Argument::whole("Intercept vector", "vector"),
                Argument::whole("Weight matrix", "matrix"),
            ]
        },
        density: Density::Whole(log_mass),
        cumulative: None,
        generator: None,
        chapter: Chapter::Multivariate,
        doc: "Multinomial logistic regression: the log odds of the categories are `alpha` + `x` * `beta`.",
        cases: &[],
    }
}

fn log_mass<A: Real>(call: &mut Call<'_, A>) -> Result<A, Fault> {
    let y = argument(call, 0)?;
    let n = n_instances(call, 1)?;
    let (x, alpha, beta) = (matrix(call, 1)?, vectors(call, 2)?, matrix(call, 3)?);
    let n_categories = beta.cols;
    super::check_instances("Vector of dependent variables", y, n)?;
    check_sizes("Intercept vector", alpha.size, "columns of the weight matrix", n_categories)?;
    check_sizes("x.cols()", x.cols, "beta.rows()", beta.rows)?;
    if n == 0 || n_categories == 0 {
        return Ok(A::zero());
    }
    check_categories("categorical outcome out of support", y, n_categories)?;
    if !call.terms.keep(&[1, 2, 3]) {
        return Ok(A::zero());
    }
    let mut total = A::zero();
    let mut logits = vec![A::zero(); n_categories];
    for i in 0..n {
        let row = if x.rows == 1 { 0 } else { i };
        for (k, logit) in logits.iter_mut().enumerate() {
            *logit = (0..x.cols).fold(alpha.at(0, k), |sum, j| sum + beta.at(j, k) * x.at(row, j));
        }
        let category = y.int_at(i).and_then(|category| usize::try_from(category - 1).ok()).unwrap_or(0);
        total += logits[category] - log_sum_exp(&logits);
    }
    if !total.value().is_finite() {
        check_all("Weight Matrix", beta.entries.values().iter().copied(), Domain::Finite)?;
        check_all("Intercept", alpha.entries.values().iter().copied(), Domain::Finite)?;
        check_all("Matrix of independent variables", x.entries.values().iter().copied(), Domain::Finite)?;
    }
    Ok(total)
}
