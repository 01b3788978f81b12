//! Sorting, ranks and cumulative sums.

use hlmc_math::Real;
use num_complex::Complex;

use super::array;
use crate::fault::Fault;
use crate::rows::gather::gather;
use crate::table::{Call, Function};
use crate::value::{Complexes, Entries, Ints, Reals, Value};

/// The signatures of a function that gives the same entries in another order.
macro_rules! sort_signatures {
    ($name:literal) => {
        &[
            concat!("vector ", $name, "(vector)"),
            concat!("row_vector ", $name, "(row_vector)"),
            concat!("array[] int ", $name, "(array[] int)"),
            concat!("array[] real ", $name, "(array[] real)"),
        ]
    };
}

/// The signatures of a function that gives positions.
macro_rules! index_signatures {
    ($name:literal) => {
        &[
            concat!("array[] int ", $name, "(vector)"),
            concat!("array[] int ", $name, "(row_vector)"),
            concat!("array[] int ", $name, "(array[] int)"),
            concat!("array[] int ", $name, "(array[] real)"),
        ]
    };
}

const RANK: &[&str] = &[
    "int rank(vector, int)",
    "int rank(row_vector, int)",
    "int rank(array[] int, int)",
    "int rank(array[] real, int)",
];

const CUMULATIVE_SUM: &[&str] = &[
    "vector cumulative_sum(vector)",
    "row_vector cumulative_sum(row_vector)",
    "array[] int cumulative_sum(array[] int)",
    "array[] real cumulative_sum(array[] real)",
    "complex_vector cumulative_sum(complex_vector)",
    "complex_row_vector cumulative_sum(complex_row_vector)",
    "array[] complex cumulative_sum(array[] complex)",
];

/// The rows of this file.
pub(super) fn rows<A: Real>() -> Vec<Function<A>> {
    vec![
        array(
            "sort_asc",
            sort_signatures!("sort_asc"),
            |call| sorted(call, false),
            "The entries in ascending order. Rejects NaN.",
        ),
        array(
            "sort_desc",
            sort_signatures!("sort_desc"),
            |call| sorted(call, true),
            "The entries in descending order. Rejects NaN.",
        ),
        array(
            "sort_indices_asc",
            index_signatures!("sort_indices_asc"),
            |call| indices(call, false),
            "The positions, from 1, that put the entries in ascending order.",
        ),
        array(
            "sort_indices_desc",
            index_signatures!("sort_indices_desc"),
            |call| indices(call, true),
            "The positions, from 1, that put the entries in descending order.",
        ),
        array("rank", RANK, rank, "The number of entries less than the one at the given position."),
        array(
            "cumulative_sum",
            CUMULATIVE_SUM,
            cumulative_sum,
            "The sums of the first one, two, three and so on entries.",
        ),
    ]
}

/// The positions of the entries in order; equal ones keep theirs.
fn order<A: Real>(value: &Value<A>, descending: bool) -> Vec<usize> {
    let key = |i: &usize| value.real_at(*i).map_or(f64::NAN, |x| x.value());
    let mut positions: Vec<usize> = (0..value.n_entries()).collect();
    let compare = |i: &usize, j: &usize| key(i).partial_cmp(&key(j)).unwrap_or(std::cmp::Ordering::Equal);
    match descending {
        false => positions.sort_by(compare),
        true => positions.sort_by(|i, j| compare(j, i)),
    }
    positions
}

fn check_no_nan<A: Real>(value: &Value<A>) -> Result<(), Fault> {
    match value {
        Value::Reals(t) if t.entries.values().iter().any(|x| x.is_nan()) => {
            Err(Fault::rejection("an entry is nan, but must not be nan"))
        }
        _ => Ok(()),
    }
}

fn sorted<A: Real>(call: &Call<'_, A>, descending: bool) -> Result<Value<A>, Fault> {
    let value = call.argument(0)?;
    check_no_nan(value)?;
    gather(value, value.kind(), value.dims(), order(value, descending).into_iter())
}

fn indices<A: Real>(call: &Call<'_, A>, descending: bool) -> Result<Value<A>, Fault> {
    let value = call.argument(0)?;
    check_no_nan(value)?;
    Ok(Value::ints(order(value, descending).into_iter().filter_map(|i| i64::try_from(i + 1).ok()).collect()))
}

fn rank<A: Real>(call: &mut Call<'_, A>) -> Result<Value<A>, Fault> {
    let (value, position) = (call.argument(0)?, call.int(1)?);
    let n = value.n_entries();
    let chosen = usize::try_from(position).ok().and_then(|i| value.real_at(i.checked_sub(1)?));
    let chosen =
        chosen.ok_or_else(|| Fault::fatal(format!("the position is {position}, but must be from 1 to {n}")))?;
    let less = (0..n).filter_map(|i| value.real_at(i)).filter(|x| x.value() < chosen.value()).count();
    Ok(Value::Int(i64::try_from(less).unwrap_or(i64::MAX)))
}

fn cumulative_sum<A: Real>(call: &mut Call<'_, A>) -> Result<Value<A>, Fault> {
    Ok(match call.argument(0)? {
        Value::Ints(t) => {
            let fits = |sum: &i64| i32::try_from(*sum).is_ok();
            let sums = t.entries.iter().scan(Some(0i64), |sum, n| {
                *sum = sum.and_then(|sum| sum.checked_add(*n)).filter(fits);
                Some(*sum)
            });
            let entries = sums.collect::<Option<Vec<i64>>>();
            let entries = entries.ok_or_else(|| Fault::fatal("a sum is no 32-bit integer"))?;
            Value::Ints(Ints { kind: t.kind, dims: t.dims.clone(), entries })
        }
        Value::Complexes(t) => {
            let zero = Complex::new(A::constant(0.0), A::constant(0.0));
            Value::Complexes(Complexes { kind: t.kind, dims: t.dims.clone(), entries: sums(&t.entries, zero) })
        }
        _ => {
            let t = call.reals(0)?;
            let entries = match &t.entries {
                Entries::Data(entries) => Entries::Data(sums(entries, 0.0)),
                Entries::Auto(entries) => Entries::Auto(sums(entries, A::constant(0.0))),
            };
            Value::Reals(Reals { kind: t.kind, dims: t.dims.clone(), entries })
        }
    })
}

fn sums<T: Copy + std::ops::Add<Output = T>>(entries: &[T], zero: T) -> Vec<T> {
    let next = |sum: &mut T, x: &T| {
        *sum = *sum + *x;
        Some(*sum)
    };
    entries.iter().scan(zero, next).collect()
}
