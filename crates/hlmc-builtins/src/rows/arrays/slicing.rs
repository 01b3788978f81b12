//! Parts of arrays and vectors: head, tail, segment; and their reversal.

use hlmc_math::Real;

use super::array_by_rule;
use crate::fault::Fault;
use crate::rows::gather::gather;
use crate::signature::Fit;
use crate::table::{Call, Function};
use crate::types::Type;
use crate::value::Value;

/// The rows of this file.
pub(super) fn rows<A: Real>() -> Vec<Function<A>> {
    vec![
        array_by_rule(
            "head",
            |arguments| sliceable(arguments, 1),
            &["T head(T, int)"],
            |call| {
                let n = count(call, 1)?;
                slice(call, 0, n)
            },
            "The first n elements of an array, or entries of a vector; an error if there are fewer.",
        ),
        array_by_rule(
            "tail",
            |arguments| sliceable(arguments, 1),
            &["T tail(T, int)"],
            |call| {
                let (n, size) = (count(call, 1)?, length(call.argument(0)?));
                let start = size.checked_sub(n).ok_or_else(|| past_end(0, n, size))?;
                slice(call, start, n)
            },
            "The last n elements of an array, or entries of a vector; an error if there are fewer.",
        ),
        array_by_rule(
            "segment",
            |arguments| sliceable(arguments, 2),
            &["T segment(T, int, int)"],
            segment,
            "The n elements from position i on, counted from 1, called as segment(x, i, n).",
        ),
        array_by_rule(
            "reverse",
            |arguments| sliceable(arguments, 0),
            &["T reverse(T)"],
            reverse,
            "The elements of an array, or entries of a vector, in reverse order.",
        ),
    ]
}

/// An array, vector or row vector, and `n_ints` integers; the result has the type of the first.
fn sliceable(arguments: &[Type], n_ints: usize) -> Option<Fit> {
    let (first, rest) = arguments.split_first()?;
    let is_list =
        matches!(first, Type::Array(_) | Type::Vector | Type::RowVector | Type::ComplexVector | Type::ComplexRowVector);
    let fits = is_list && rest.len() == n_ints && rest.iter().all(|ty| *ty == Type::Int);
    fits.then(|| Fit::new(arguments.to_vec(), first.clone()))
}

/// The number of elements in the first dimension.
fn length<A: Real>(value: &Value<A>) -> usize {
    value.dims().first().copied().unwrap_or(0)
}

fn count<A: Real>(call: &Call<'_, A>, i: usize) -> Result<usize, Fault> {
    call.size(i, "the number of elements")
}

fn past_end(start: usize, n: usize, size: usize) -> Fault {
    let first = start + 1;
    Fault::fatal(format!("{n} elements from position {first} on were asked for, but there are {size} in all"))
}

fn segment<A: Real>(call: &mut Call<'_, A>) -> Result<Value<A>, Fault> {
    let (i, n) = (call.int(1)?, count(call, 2)?);
    let start = usize::try_from(i).ok().and_then(|i| i.checked_sub(1));
    match start {
        Some(start) => slice(call, start, n),
        // An empty segment may start anywhere.
        None if n == 0 => slice(call, 0, 0),
        None => Err(Fault::fatal(format!("the position is {i}, but must be 1 or above"))),
    }
}

/// The `n` elements from `start` on, from 0.
fn slice<A: Real>(call: &Call<'_, A>, start: usize, n: usize) -> Result<Value<A>, Fault> {
    let value = call.argument(0)?;
    let size = length(value);
    let end = start.checked_add(n).filter(|end| n == 0 || *end <= size).ok_or_else(|| past_end(start, n, size))?;
    if let Value::Array(elements) = value {
        return Ok(Value::Array(elements.get(start..end).unwrap_or(&[]).to_vec()));
    }
    let mut dims = value.dims();
    if let Some(first) = dims.first_mut() {
        *first = n;
    }
    let stride: usize = dims.iter().skip(1).product();
    gather(value, value.kind(), dims, start * stride..(start + n) * stride)
}

fn reverse<A: Real>(call: &mut Call<'_, A>) -> Result<Value<A>, Fault> {
    let value = call.argument(0)?;
    if let Value::Array(elements) = value {
        return Ok(Value::Array(elements.iter().rev().cloned().collect()));
    }
    let dims = value.dims();
    let stride: usize = dims.iter().skip(1).product();
    let sources = (0..length(value)).rev().flat_map(|element| element * stride..(element + 1) * stride);
    gather(value, value.kind(), dims, sources)
}
