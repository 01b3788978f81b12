//! Sized types whose sizes are known.

use hlmc_builtins::Value;
use hlmc_builtins::value::{Dims, Entries, Kind, Tensor};
use hlmc_math::Real;
use num_complex::Complex;

/// What a variable holds before it is assigned to: the least integer of 32 bits.
pub(crate) const UNASSIGNED_INT: i64 = i32::MIN as i64;

/// The type of one entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scalar {
    Int,
    Real,
    Complex,
}

/// A type with its sizes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Shape {
    /// Numbers: all dimensions, array dimensions first, then those of the vector or matrix.
    Numbers { scalar: Scalar, kind: Kind, dims: Dims },
    /// Tuples in arrays.
    Tuples { array: Dims, slots: Vec<Shape> },
}

/// Every index of an array of these dimensions, counted from 1, the first running fastest.
pub(crate) fn column_major(dims: &[usize]) -> impl Iterator<Item = Dims> + '_ {
    let total: usize = dims.iter().product();
    (0..total).map(move |mut at| {
        dims.iter()
            .map(|&n| {
                let i = at % n;
                at /= n;
                i + 1
            })
            .collect()
    })
}

/// The offset, in a value's order of entries, of an index that counts from 1.
pub(crate) fn offset(kind: Kind, dims: &[usize], index: &[usize]) -> usize {
    let n_array = dims.len() - kind.n_dims().min(dims.len());
    let row_major = |at: usize, (&n, &i): (&usize, &usize)| at * n + (i - 1);
    let outer = dims[..n_array].iter().zip(index).fold(0, row_major);
    let inner = dims[n_array..].iter().zip(&index[n_array..]).rev();
    inner.fold(outer, row_major)
}

/// The index, counting from 1, of the entry at an offset: the inverse of [`offset`].
pub(crate) fn index_at(kind: Kind, dims: &[usize], mut at: usize) -> Vec<usize> {
    let n_array = dims.len() - kind.n_dims().min(dims.len());
    let mut index = vec![0; dims.len()];
    let slowest_last = (n_array..dims.len()).chain((0..n_array).rev());
    for d in slowest_last {
        let n = dims[d].max(1);
        index[d] = at % n + 1;
        at /= n;
    }
    index
}

impl Shape {
    /// A value of this shape of which nothing is assigned yet: NaN, or the least integer.
    pub(crate) fn unassigned<A: Real>(&self) -> Value<A> {
        match self {
            Shape::Numbers { scalar, kind, dims } => {
                if dims.is_empty() {
                    return match scalar {
                        Scalar::Int => Value::Int(UNASSIGNED_INT),
                        Scalar::Real => Value::Real(A::constant(f64::NAN)),
                        Scalar::Complex => Value::Complex(unassigned_complex()),
                    };
                }
                let (kind, dims, n) = (*kind, dims.clone(), dims.iter().product());
                match scalar {
                    Scalar::Int => Value::Ints(Tensor { kind, dims, entries: vec![UNASSIGNED_INT; n] }),
                    Scalar::Real => Value::Reals(Tensor { kind, dims, entries: Entries::Data(vec![f64::NAN; n]) }),
                    Scalar::Complex => Value::Complexes(Tensor { kind, dims, entries: vec![unassigned_complex(); n] }),
                }
            }
            Shape::Tuples { array, slots } => {
                nested(array, &|| Value::Tuple(slots.iter().map(Shape::unassigned).collect()))
            }
        }
    }

    /// Makes `value` unassigned again if it has this shape, without giving up its storage; false if it has not.
    pub(crate) fn reset<A: Real>(&self, value: &mut Value<A>) -> bool {
        let Shape::Numbers { scalar, kind, dims } = self else { return false };
        match (value, scalar) {
            (Value::Reals(t), Scalar::Real) if t.kind == *kind && t.dims == *dims => match &mut t.entries {
                Entries::Data(entries) => entries.fill(f64::NAN),
                Entries::Auto(entries) => entries.fill(A::constant(f64::NAN)),
            },
            (Value::Ints(t), Scalar::Int) if t.dims == *dims => t.entries.fill(UNASSIGNED_INT),
            _ => return false,
        }
        true
    }

    /// In words, where `value` has other sizes than this.
    pub(crate) fn mismatch<A: Real>(&self, value: &Value<A>) -> Option<String> {
        match (self, value) {
            (Shape::Numbers { dims, .. }, _) => {
                let found = value.dims();
                (found != *dims).then(|| format!("it has {}, but the value has {}", sizes(dims), sizes(&found)))
            }
            (Shape::Tuples { array, slots }, _) => {
                let found = value.dims();
                if found[..] != array[..] {
                    return Some(format!("it has {}, but the value has {}", sizes(array), sizes(&found)));
                }
                let mut mismatch = None;
                each_tuple(value, &mut |parts| {
                    if mismatch.is_none() {
                        mismatch = slots.iter().zip(parts).find_map(|(slot, part)| slot.mismatch(part));
                    }
                });
                mismatch
            }
        }
    }

    /// The array dimensions alone.
    pub(crate) fn array_dims(&self) -> &[usize] {
        match self {
            Shape::Numbers { kind, dims, .. } => &dims[..dims.len() - kind.n_dims().min(dims.len())],
            Shape::Tuples { array, .. } => array,
        }
    }
}

fn unassigned_complex<A: Real>() -> Complex<A> {
    Complex::new(A::constant(f64::NAN), A::constant(f64::NAN))
}

/// Arrays of these dimensions, whose elements `make` makes.
pub(crate) fn nested<A: Real>(dims: &[usize], make: &dyn Fn() -> Value<A>) -> Value<A> {
    match dims.split_first() {
        None => make(),
        Some((n, rest)) => Value::Array((0..*n).map(|_| nested(rest, make)).collect()),
    }
}

/// Hands the slots of every tuple in (arrays of) tuples to `f`, in order.
pub(crate) fn each_tuple<'v, A: Real>(value: &'v Value<A>, f: &mut dyn FnMut(&'v [Value<A>])) {
    match value {
        Value::Tuple(parts) => f(parts),
        Value::Array(elements) => elements.iter().for_each(|element| each_tuple(element, f)),
        _ => {}
    }
}

/// Sizes in words.
pub(crate) fn sizes(dims: &[usize]) -> String {
    match dims {
        [] => "no dimensions".into(),
        [n] => format!("size {n}"),
        _ => format!("sizes [{}]", dims.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
    }
}
