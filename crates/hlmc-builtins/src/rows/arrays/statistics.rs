//! Means, variances, norms, distances and quantiles.

use hlmc_math::{Real, special};

use super::{array, on_entries};
use crate::arguments::check_equal;
use crate::fault::Fault;
use crate::table::{Call, Function};
use crate::value::{Reals, Value};

/// The signatures of a statistic of any real container.
macro_rules! statistic_signatures {
    ($name:literal) => {
        &[
            concat!("real ", $name, "(array[] real)"),
            concat!("real ", $name, "(vector)"),
            concat!("real ", $name, "(row_vector)"),
            concat!("real ", $name, "(matrix)"),
        ]
    };
}

/// The signatures of a norm.
macro_rules! norm_signatures {
    ($name:literal) => {
        &[
            concat!("real ", $name, "(array[] real)"),
            concat!("real ", $name, "(vector)"),
            concat!("real ", $name, "(row_vector)"),
        ]
    };
}

/// The rows of this file.
pub(super) fn rows<A: Real>() -> Vec<Function<A>> {
    vec![
        array(
            "mean",
            statistic_signatures!("mean"),
            |call| statistic(call, mean, mean),
            "The arithmetic mean; an error if there are no entries.",
        ),
        array(
            "variance",
            statistic_signatures!("variance"),
            |call| statistic(call, variance, variance),
            "The sample variance, with n - 1 in the denominator; 0 of a single entry, an error of none.",
        ),
        array(
            "sd",
            statistic_signatures!("sd"),
            |call| statistic(call, sd, sd),
            "The sample standard deviation; 0 of a single entry, an error of none. Where all n entries are equal, the \
             derivative in each is taken as 1 / sqrt(n), as Stan does.",
        ),
        array(
            "norm1",
            norm_signatures!("norm1"),
            |call| Ok(Value::Real(on_entries!(&call.reals(0)?.entries, norm1, norm1))),
            "The sum of absolute values.",
        ),
        array(
            "norm2",
            norm_signatures!("norm2"),
            |call| Ok(Value::Real(on_entries!(&call.reals(0)?.entries, norm2, norm2))),
            "The Euclidean norm; its gradient at 0 is NaN, as in Stan.",
        ),
        array("distance", DISTANCE, distance, "The Euclidean distance; the sizes must agree."),
        array(
            "squared_distance",
            SQUARED_DISTANCE,
            |call| squared_distance(call).map(Value::Real),
            "The squared Euclidean distance; the sizes must agree.",
        ),
        array("quantile", QUANTILE, quantile, QUANTILE_DOC),
    ]
}

const DISTANCE: &[&str] = &[
    "real distance(vector, vector)",
    "real distance(vector, row_vector)",
    "real distance(row_vector, vector)",
    "real distance(row_vector, row_vector)",
];

const SQUARED_DISTANCE: &[&str] = &[
    "real squared_distance(real, real)",
    "real squared_distance(vector, vector)",
    "real squared_distance(vector, row_vector)",
    "real squared_distance(row_vector, vector)",
    "real squared_distance(row_vector, row_vector)",
];

const QUANTILE: &[&str] = &[
    "real quantile(data vector, data real)",
    "real quantile(data row_vector, data real)",
    "real quantile(data array[] real, data real)",
    "array[] real quantile(data vector, data array[] real)",
    "array[] real quantile(data row_vector, data array[] real)",
    "array[] real quantile(data array[] real, data array[] real)",
];

const QUANTILE_DOC: &str = "The quantiles of a sample at the given probabilities, interpolated linearly between order \
                            statistics (type 7 of Hyndman and Fan). Rejects NaN and probabilities outside [0, 1].";

fn statistic<A: Real>(
    call: &Call<'_, A>,
    on_data: fn(&[f64]) -> f64,
    on_auto: fn(&[A]) -> A,
) -> Result<Value<A>, Fault> {
    let x = call.reals(0)?;
    if x.entries.is_empty() {
        return Err(Fault::fatal("needs at least one entry, but there is none"));
    }
    Ok(Value::Real(on_entries!(&x.entries, on_data, on_auto)))
}

fn mean<T: Real>(x: &[T]) -> T {
    x.iter().copied().sum::<T>() / x.len() as f64
}

fn variance<T: Real>(x: &[T]) -> T {
    if x.len() < 2 {
        return T::constant(0.0);
    }
    let centre = mean(x);
    x.iter().map(|x| special::square(*x - centre)).sum::<T>() / (x.len() - 1) as f64
}

fn sd<T: Real>(x: &[T]) -> T {
    if x.len() < 2 {
        return T::constant(0.0);
    }
    let variance = variance(x);
    if variance.value() == 0.0 {
        // The square root has no derivative here; each entry minus its own value is 0 with the entry's derivative.
        return x.iter().map(|x| *x - x.value()).sum::<T>() / (x.len() as f64).sqrt();
    }
    special::sqrt(variance)
}

fn norm1<T: Real>(x: &[T]) -> T {
    x.iter().map(|x| special::abs(*x)).sum()
}

fn norm2<T: Real>(x: &[T]) -> T {
    let squares: T = x.iter().map(|x| *x * *x).sum();
    if squares.value() == 0.0 {
        // Other than the square root's derivative at 0, which Stan takes as 0.
        return squares.chain(squares.lower(), T::Lower::constant(f64::NAN));
    }
    special::sqrt(squares)
}

fn squared_distance<A: Real>(call: &Call<'_, A>) -> Result<A, Fault> {
    if let (Some(x), Some(y)) = (call.argument(0)?.to_real(), call.argument(1)?.to_real()) {
        return Ok(special::square(x - y));
    }
    let (x, y) = (call.reals(0)?, call.reals(1)?);
    check_equal("the size of the first argument", x.entries.len(), "that of the second", y.entries.len())?;
    Ok(x.entries.iter().zip(y.entries.iter()).map(|(x, y)| special::square(x - y)).sum())
}

fn distance<A: Real>(call: &mut Call<'_, A>) -> Result<Value<A>, Fault> {
    let squared = squared_distance(call)?;
    // At equal points Stan takes the gradient as 0.
    let is_zero = squared.value() == 0.0;
    Ok(Value::Real(if is_zero { A::constant(0.0) } else { special::sqrt(squared) }))
}

fn quantile<A: Real>(call: &mut Call<'_, A>) -> Result<Value<A>, Fault> {
    let sample = call.reals(0)?;
    let mut sorted: Vec<A> = sample.entries.iter().collect();
    if sorted.is_empty() || sorted.iter().any(|x| x.value().is_nan()) {
        return Err(Fault::rejection("the sample must have entries, none of them nan"));
    }
    sorted.sort_by(|x, y| x.value().total_cmp(&y.value()));
    let at = |p: f64| {
        if !(0.0..=1.0).contains(&p) {
            return Err(Fault::rejection(format!("p is {p}, but must be in the interval [0, 1]")));
        }
        let position = (sorted.len() - 1) as f64 * p;
        let (low, high) = (position.floor() as usize, position.ceil() as usize);
        let share = position - position.floor();
        match (sorted.get(low), sorted.get(high)) {
            (Some(a), Some(b)) if low != high => Ok(*a * (1.0 - share) + *b * share),
            (Some(a), _) => Ok(*a),
            _ => Err(Fault::fatal("the sample has too few entries")),
        }
    };
    if let Some(p) = call.argument(1)?.to_real() {
        return at(p.value()).map(Value::Real);
    }
    let probabilities = call.reals(1)?;
    let quantiles: Vec<A> = probabilities.entries.values().iter().map(|p| at(*p)).collect::<Result<_, _>>()?;
    let entries = crate::value::Entries::Auto(quantiles).simplified();
    Ok(Value::Reals(Reals { kind: probabilities.kind, dims: probabilities.dims.clone(), entries }))
}
