//! Linear regression.

use hlmc_math::Real;
use hlmc_math::special::{inv, log};

use super::{OUTCOMES, Predictor, add_chain, check_instances};
use crate::fault::Fault;
use crate::rows::arguments::{argument, check_all};
use crate::rows::univariate::normal::HALF_LOG_TWO_PI;
use crate::table::{Argument, Call, Chapter, Density, Distribution, Domain, Outcome};

/// The row of `normal_id_glm`.
pub(super) fn normal_id_glm<A: Real>() -> Distribution<A> {
    Distribution {
        name: "normal_id_glm",
        outcome: Outcome::Continuous,
        arguments: const {
            &[
                Argument::whole(OUTCOMES, "real | vector"),
                Argument::whole("Matrix of independent variables", "matrix | row_vector"),
                Argument::whole("Intercept", "real | vector"),
                Argument::whole("Weight vector", "vector"),
                Argument::whole("Scale vector", "real | vector"),
            ]
        },
        density: Density::Whole(log_density),
        cumulative: None,
        generator: None,
        chapter: Chapter::Multivariate,
        doc: "Linear regression: `y` is normal with location `alpha` + `x` * `beta` and scale `sigma`.",
        cases: &[],
    }
}

fn log_density<A: Real>(call: &mut Call<'_, A>) -> Result<A, Fault> {
    let predictor = Predictor::new(call, 1, Some(2), 3)?;
    let (y, sigma, n) = (argument(call, 0)?, argument(call, 4)?, predictor.theta.len());
    check_instances(OUTCOMES, y, n)?;
    check_instances("Vector of scale parameters", sigma, n)?;
    let scales = (0..sigma.n_entries()).map(|i| sigma.real_at(i).map_or(f64::NAN, |sigma| sigma.value()));
    check_all("Scale vector", scales, Domain::PositiveFinite)?;
    if !call.terms.keep(&[0, 1, 2, 3, 4]) {
        return Ok(A::zero());
    }
    let at = |value: &crate::value::Value<A>, i: usize| value.real_at(i).unwrap_or_else(A::zero);
    let (keep_scale, constant) = (call.terms.keep(&[4]), if call.terms.keep(&[]) { HALF_LOG_TWO_PI } else { 0.0 });
    // What depends on the scale alone is found once where one scale serves all.
    let precision =
        |sigma: A| (inv(sigma.lower()), if keep_scale { log(sigma.lower()) } else { inv(sigma.lower()) * 0.0 });
    let common = sigma.is_scalar().then(|| precision(at(sigma, 0)));
    let mut others = A::zero();
    let mut along_scale = A::Lower::constant(0.0);
    let mut total = predictor.total(|i, theta| {
        let y = at(y, i);
        let (inverse, log_scale) = common.unwrap_or_else(|| precision(at(sigma, i)));
        let z = (y.lower() - theta) * inverse;
        let slope = z * inverse;
        add_chain(&mut others, y, -slope);
        match common {
            Some(_) => along_scale += z * slope,
            None => add_chain(&mut others, at(sigma, i), z * slope - inverse),
        }
        (z * z * -0.5 - log_scale - constant, slope)
    });
    if let Some((inverse, _)) = common {
        add_chain(&mut others, at(sigma, 0), along_scale - inverse * n as f64);
    }
    total += others;
    if !total.value().is_finite() {
        let outcomes = (0..y.n_entries()).map(|i| at(y, i).value());
        check_all(OUTCOMES, outcomes, Domain::Finite)?;
        predictor.check_finite()?;
    }
    Ok(total)
}
