//! Sums and mixtures on the log scale over all entries of containers.

use hlmc_math::{Real, special};

use super::{array, array_by_rule, on_entries};
use crate::arguments::check_equal;
use crate::fault::Fault;
use crate::signature::Fit;
use crate::table::{Call, Function};
use crate::types::Type;
use crate::value::{Entries, Reals, Value};

const LOG_SUM_EXP: &[&str] = &[
    "real log_sum_exp(array[] real)",
    "real log_sum_exp(vector)",
    "real log_sum_exp(row_vector)",
    "real log_sum_exp(matrix)",
];

const LOG_MIX: &[&str] = &[
    "real log_mix(array[] real, array[] real)",
    "real log_mix(array[] real, vector)",
    "real log_mix(array[] real, row_vector)",
    "real log_mix(array[] real, array[] vector)",
    "real log_mix(array[] real, array[] row_vector)",
    "real log_mix(vector, array[] real)",
    "real log_mix(vector, vector)",
    "real log_mix(vector, row_vector)",
    "real log_mix(vector, array[] vector)",
    "real log_mix(vector, array[] row_vector)",
    "real log_mix(row_vector, array[] real)",
    "real log_mix(row_vector, vector)",
    "real log_mix(row_vector, row_vector)",
    "real log_mix(row_vector, array[] vector)",
    "real log_mix(row_vector, array[] row_vector)",
];

/// The rows of this file.
pub(super) fn rows<A: Real>() -> Vec<Function<A>> {
    vec![
        array(
            "log_sum_exp",
            LOG_SUM_EXP,
            |call| {
                Ok(Value::Real(on_entries!(&call.reals(0)?.entries, special::log_sum_exp::<f64>, special::log_sum_exp)))
            },
            "The logarithm of the sum of the exponentials of all entries, without overflow; -inf if there are none.",
        ),
        array_by_rule(
            "softmax",
            vectors,
            &["T<vector> softmax(T<vector>)", "T<row_vector> softmax(T<row_vector>)"],
            |call| normalised(call, softmax, softmax),
            "The exponentials of a vector's entries, divided by their sum; of each vector in an array.",
        ),
        array_by_rule(
            "log_softmax",
            vectors,
            &["T<vector> log_softmax(T<vector>)", "T<row_vector> log_softmax(T<row_vector>)"],
            |call| normalised(call, log_softmax, log_softmax),
            "The logarithm of the softmax; of each vector in an array.",
        ),
        array(
            "log_mix",
            LOG_MIX,
            log_mix,
            "The log density of a mixture: log(sum(theta .* exp(lp))). For an array of log densities, the sum over its \
             elements. Rejects weights outside [0, 1] and NaN.",
        ),
    ]
}

/// A vector or row vector, or an array of these; the result has the same type.
fn vectors(arguments: &[Type]) -> Option<Fit> {
    let [only] = arguments else { return None };
    let is_vector = matches!(only.unwind_array().0, Type::Vector | Type::RowVector);
    is_vector.then(|| Fit::new(vec![only.clone()], only.clone()))
}

/// The vectors of the argument, each normalised.
fn normalised<A: Real>(
    call: &Call<'_, A>,
    on_data: fn(&[f64]) -> Vec<f64>,
    on_auto: fn(&[A]) -> Vec<A>,
) -> Result<Value<A>, Fault> {
    let x = call.reals(0)?;
    let size = x.dims.last().copied().unwrap_or(0);
    if size == 0 {
        return Err(Fault::fatal("needs at least one entry, but there is none"));
    }
    let entries = match &x.entries {
        Entries::Data(entries) => Entries::Data(entries.chunks_exact(size).flat_map(on_data).collect()),
        Entries::Auto(entries) => Entries::Auto(entries.chunks_exact(size).flat_map(on_auto).collect()),
    };
    Ok(Value::Reals(Reals { kind: x.kind, dims: x.dims.clone(), entries }))
}

fn softmax<T: Real>(x: &[T]) -> Vec<T> {
    let largest = x.iter().map(Real::value).fold(f64::NEG_INFINITY, f64::max);
    let terms: Vec<T> = x.iter().map(|x| special::exp(*x - largest)).collect();
    let total: T = terms.iter().copied().sum();
    terms.into_iter().map(|term| term / total).collect()
}

fn log_softmax<T: Real>(x: &[T]) -> Vec<T> {
    let total = special::log_sum_exp(x);
    x.iter().map(|x| *x - total).collect()
}

fn log_mix<A: Real>(call: &mut Call<'_, A>) -> Result<Value<A>, Fault> {
    let (weights, densities) = (call.reals(0)?, call.reals(1)?);
    let n = weights.entries.len();
    let last = densities.dims.last().copied().unwrap_or(0);
    check_equal("the number of weights", n, "that of log densities", last)?;
    if let Some(bad) = weights.entries.values().iter().find(|theta| !(0.0..=1.0).contains(*theta)) {
        return Err(Fault::rejection(format!("a weight is {bad}, but must be in the interval [0, 1]")));
    }
    if densities.entries.values().iter().any(|x| x.is_nan()) {
        return Err(Fault::rejection("a log density is nan, but must not be nan"));
    }
    if n == 0 {
        return Ok(Value::Real(A::constant(f64::NEG_INFINITY)));
    }
    let log_weights: Vec<A> = weights.entries.iter().map(special::log).collect();
    let densities = densities.entries.to_auto();
    let mixtures = densities.chunks_exact(n).map(|densities| {
        let terms: Vec<A> = log_weights.iter().zip(densities).map(|(weight, x)| *weight + *x).collect();
        special::log_sum_exp(&terms)
    });
    Ok(Value::Real(mixtures.sum()))
}
