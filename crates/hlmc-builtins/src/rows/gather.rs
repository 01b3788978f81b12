//! Structural functions: results whose entries are entries of an argument, in another shape or order.

use hlmc_math::Real;

use crate::fault::Fault;
use crate::value::{Complexes, Dims, Entries, Ints, Kind, Reals, Value};

/// A value of shape `kind`, `dims` whose entries are those of `value` (any scalars or containers of them) at `sources`.
///
/// # Errors
/// Fatal when a source is past the end, or `value` is a tuple.
pub(super) fn gather<A: Real>(
    value: &Value<A>,
    kind: Kind,
    dims: impl IntoIterator<Item = usize>,
    sources: impl Iterator<Item = usize>,
) -> Result<Value<A>, Fault> {
    let dims: Dims = dims.into_iter().collect();
    Ok(match value {
        Value::Int(n) => Value::Ints(Ints { kind, dims, entries: pick(&[*n], sources)? }),
        Value::Ints(t) => Value::Ints(Ints { kind, dims, entries: pick(&t.entries, sources)? }),
        Value::Real(x) if x.is_constant() => {
            Value::Reals(Reals { kind, dims, entries: Entries::Data(pick(&[x.value()], sources)?) })
        }
        Value::Real(x) => Value::Reals(Reals { kind, dims, entries: Entries::Auto(pick(&[*x], sources)?) }),
        Value::Reals(t) => Value::Reals(Reals { kind, dims, entries: t.entries.pick(sources)? }),
        Value::Complex(z) => Value::Complexes(Complexes { kind, dims, entries: pick(&[*z], sources)? }),
        Value::Complexes(t) => Value::Complexes(Complexes { kind, dims, entries: pick(&t.entries, sources)? }),
        Value::Tuple(_) | Value::Array(_) => return Err(Fault::fatal("takes numbers and containers of them")),
    })
}

/// The same entries in another shape of equally many.
pub(super) fn reshaped<A: Real>(
    value: &Value<A>,
    kind: Kind,
    dims: impl IntoIterator<Item = usize>,
) -> Result<Value<A>, Fault> {
    gather(value, kind, dims, 0..value.n_entries())
}

/// Two values of one type, one entry after the other: first all of `first`, then all of `second`.
pub(super) fn chained<A: Real>(first: &Value<A>, second: &Value<A>) -> Result<Value<A>, Fault> {
    let (n, m) = (first.n_entries(), second.n_entries());
    let dims = Dims::from_elem(n + m, 1);
    let complex = |value: &Value<A>, i: usize| match value {
        Value::Complex(z) => Some(*z),
        Value::Complexes(t) => t.entries.get(i).copied(),
        _ => None,
    };
    if let (Value::Int(_) | Value::Ints(_), Value::Int(_) | Value::Ints(_)) = (first, second) {
        let entries = (0..n).filter_map(|i| first.int_at(i)).chain((0..m).filter_map(|i| second.int_at(i)));
        return Ok(Value::Ints(Ints { kind: Kind::Scalar, dims, entries: entries.collect() }));
    }
    let entries: Vec<A> =
        (0..n).filter_map(|i| first.real_at(i)).chain((0..m).filter_map(|i| second.real_at(i))).collect();
    if entries.len() == n + m {
        return Ok(Value::Reals(Reals { kind: Kind::Scalar, dims, entries: Entries::Auto(entries).simplified() }));
    }
    let entries: Vec<_> =
        (0..n).filter_map(|i| complex(first, i)).chain((0..m).filter_map(|i| complex(second, i))).collect();
    if entries.len() == n + m {
        return Ok(Value::Complexes(Complexes { kind: Kind::Scalar, dims, entries }));
    }
    Err(Fault::fatal("takes two values of one type"))
}

/// Rows and columns of a vector, row vector or matrix, real or complex.
pub(super) fn matrix_sizes<A: Real>(value: &Value<A>) -> Result<(usize, usize), Fault> {
    match (value.kind(), value.dims().as_slice()) {
        (Kind::Vector, [n]) => Ok((*n, 1)),
        (Kind::RowVector, [n]) => Ok((1, *n)),
        (Kind::Matrix, [rows, cols]) => Ok((*rows, *cols)),
        _ => Err(Fault::fatal("takes vectors and matrices")),
    }
}

impl<A: Real> Entries<A> {
    fn pick(&self, sources: impl Iterator<Item = usize>) -> Result<Self, Fault> {
        Ok(match self {
            Entries::Data(entries) => Entries::Data(pick(entries, sources)?),
            Entries::Auto(entries) => Entries::Auto(pick(entries, sources)?),
        })
    }
}

fn pick<T: Copy>(entries: &[T], sources: impl Iterator<Item = usize>) -> Result<Vec<T>, Fault> {
    let missing = || Fault::fatal("an entry is missing");
    sources.map(|i| entries.get(i).copied().ok_or_else(missing)).collect()
}
