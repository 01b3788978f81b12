//! Regressions with a known matrix of predictors.

use hlmc_builtins::Terms;
use hlmc_builtins::value::Kind;

use super::expand as expand_lanes;
use crate::graph::Binary;
use crate::record::stop::Recorded;
use crate::record::symbol::Symbol;
use crate::record::{Recorder, whole};

/// The linear predictor, then the density of each outcome.
pub(super) fn expand(
    recorder: &mut Recorder<'_>,
    name: &str,
    arguments: &[Symbol],
    terms: Terms,
) -> Recorded<Option<Symbol>> {
    let (family, scale) = match (name, arguments) {
        ("bernoulli_logit_glm", [_, _, _, _]) => ("bernoulli_logit", None),
        ("poisson_log_glm", [_, _, _, _]) => ("poisson_log", None),
        ("normal_id_glm", [_, _, _, _, scale]) => ("normal", Some(scale)),
        _ => return Ok(None),
    };
    let [y, predictors, intercept, slopes] = &arguments[..4] else { return Ok(None) };
    if predictors.shape().0 != Kind::Matrix
        || whole::known_reals(predictors).is_none()
        || arguments.iter().any(|x| !recorder.is_uniform(x))
    {
        return Ok(None);
    }
    let rows = predictors.shape().1[0];
    let matrix = recorder.pack(predictors)?;
    let Some(matrix) = recorder.graph.known_column(matrix) else { return Ok(None) };
    if rows == 0 || matrix.len() < 2 {
        return Ok(None);
    }
    let slopes = recorder.pack(slopes)?;
    let product = recorder.graph.known_matrix_vector(&matrix, rows, slopes);
    let intercept = recorder.pack(intercept)?;
    let predictor = recorder.graph.binary(Binary::Add, intercept, product);
    let mut x = vec![recorder.pack(y)?, predictor];
    let mut auto_arguments = 0b10;
    if let Some(scale) = scale {
        x.push(recorder.pack(scale)?);
        auto_arguments |= (terms.auto_arguments >> 4 & 1) << 2;
    }
    let tables = std::sync::Arc::clone(&recorder.tables);
    let Some(row) = tables.plain.distributions(family).next() else { return Ok(None) };
    let Some(each) = expand_lanes(recorder, row, Terms { auto_arguments, ..terms }, &x)? else { return Ok(None) };
    let total = recorder.graph.sum_over(each, rows);
    Ok(Some(recorder.scalar(total)))
}
