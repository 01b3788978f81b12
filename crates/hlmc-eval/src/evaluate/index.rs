//! Reading parts of values.

use std::borrow::Cow;

use hlmc_builtins::Value;
use hlmc_builtins::value::{Dims, Kind, Tensor};
use hlmc_check::ir::{Expression, ExpressionKind, Index, Place};
use hlmc_math::Real;
use hlmc_syntax::Span;
use smallvec::SmallVec;

use super::select::{Dimension, Part, Storage, part};
use super::{Machine, Operand};
use crate::failure::{Eval, Failure};
use crate::frame::Frame;

/// Indices of one expression and of those that it is chained to.
pub(super) type Indices<'e> = SmallVec<[&'e Index; 4]>;

/// `x[i][j, k]` as `x` and `i, j, k`: as long as the inner indices are single positions both mean the same.
pub(super) fn chain<'e>(base: &'e Expression, indices: &'e [Index]) -> (&'e Expression, Indices<'e>) {
    let mut innermost = base;
    let mut levels: SmallVec<[&[Index]; 4]> = SmallVec::from_slice(&[indices]);
    while let ExpressionKind::Index(base, indices) = &innermost.kind
        && indices.iter().all(|index| matches!(index, Index::Single(_)))
    {
        levels.push(indices);
        innermost = base;
    }
    (innermost, levels.iter().rev().copied().flatten().collect())
}

impl<A: Real> Machine<'_, A> {
    /// The offset of one entry of a tensor; `None` where indices are not single positions for every dimension.
    #[inline]
    pub(super) fn entry_offset(
        &self,
        frame: &Frame<'_, A>,
        of: Option<Place>,
        (kind, dims): (Kind, &Dims),
        indices: &[&Index],
    ) -> Eval<Option<usize>> {
        if indices.len() != dims.len() {
            return Ok(None);
        }
        let mut positions: SmallVec<[usize; 6]> = SmallVec::new();
        for (d, (index, n)) in indices.iter().zip(dims).enumerate() {
            let Index::Single(at) = index else { return Ok(None) };
            positions.push(self.position(frame, Dimension { of, d, n: *n }, at)?);
        }
        let n_dims = dims.len();
        if kind == Kind::Matrix && n_dims >= 2 {
            positions.swap(n_dims - 1, n_dims - 2);
            let size = |d: usize| if d + 2 < n_dims { dims[d] } else { dims[2 * n_dims - 3 - d] };
            return Ok(Some(positions.iter().enumerate().fold(0, |at, (d, i)| at * size(d) + i)));
        }
        Ok(Some(positions.iter().zip(dims).fold(0, |at, (i, n)| at * n + i)))
    }

    /// A part of a value, borrowed where it is a whole element of a borrowed array of tuples.
    pub(super) fn index<'v>(
        &self,
        frame: &Frame<'_, A>,
        of: Option<Place>,
        operand: Operand<'v, A>,
        indices: &[&Index],
        span: Span,
    ) -> Eval<Operand<'v, A>> {
        match operand {
            Cow::Borrowed(value) => self.part_of(frame, of, value, indices, span),
            Cow::Owned(value) => Ok(Cow::Owned(self.part_of(frame, of, &value, indices, span)?.into_owned())),
        }
    }

    fn part_of<'v>(
        &self,
        frame: &Frame<'_, A>,
        of: Option<Place>,
        value: &'v Value<A>,
        indices: &[&Index],
        span: Span,
    ) -> Eval<Operand<'v, A>> {
        let Some((first, rest)) = indices.split_first() else { return Ok(Cow::Borrowed(value)) };
        let dims = match value {
            Value::Array(elements) => {
                let dimension = Dimension { of, d: 0, n: elements.len() };
                if let Index::Single(at) = first {
                    let element = &elements[self.position(frame, dimension, at)?];
                    return self.part_of(frame, of, element, rest, span);
                }
                let chosen = self.selection(frame, dimension, first)?;
                let parts: Eval<Vec<Value<A>>> = chosen
                    .positions()
                    .map(|i| Ok(self.part_of(frame, of, &elements[i], rest, span)?.into_owned()))
                    .collect();
                return Ok(Cow::Owned(Value::Array(parts?)));
            }
            Value::Ints(t) => &t.dims,
            Value::Reals(t) => &t.dims,
            Value::Complexes(t) => &t.dims,
            _ => return Err(Failure::defect("what is indexed has no dimensions", span)),
        };
        let selections = self.selections(frame, of, dims, indices)?;
        Ok(Cow::Owned(pick(value, &selections)))
    }
}

/// The part of a tensor that selections mean.
pub(super) fn pick<A: Real>(value: &Value<A>, selections: &[super::select::Selection]) -> Value<A> {
    fn tensor<S: Storage>(t: &Tensor<S>, part: Part) -> Tensor<S> {
        Tensor { kind: part.kind, entries: t.entries.pick(&part.offsets), dims: part.dims }
    }
    match value {
        Value::Ints(t) => {
            let part = part(t.kind, &t.dims, selections);
            if part.dims.is_empty() { Value::Int(t.entries[part.offsets.at(0)]) } else { Value::Ints(tensor(t, part)) }
        }
        Value::Reals(t) => {
            let part = part(t.kind, &t.dims, selections);
            if part.dims.is_empty() {
                let entry = t.entries.get(part.offsets.at(0));
                Value::Real(entry.unwrap_or_else(|| A::constant(f64::NAN)))
            } else {
                Value::Reals(tensor(t, part))
            }
        }
        Value::Complexes(t) => {
            let part = part(t.kind, &t.dims, selections);
            if part.dims.is_empty() {
                Value::Complex(t.entries[part.offsets.at(0)])
            } else {
                Value::Complexes(tensor(t, part))
            }
        }
        other => other.clone(),
    }
}

/// Element `i`, from 0, of a container as a loop over it walks: elements of arrays, entries of vectors and matrices.
pub(super) fn element<A: Real>(value: &Value<A>, i: usize) -> Option<Value<A>> {
    use super::select::Selection::One;
    match value {
        Value::Array(elements) => elements.get(i).cloned(),
        _ => {
            let (kind, dims) = super::select::extent(value)?;
            if dims.len() > kind.n_dims() || kind != Kind::Matrix {
                return (i < *dims.first()?).then(|| pick(value, &[One(i)]));
            }
            // Stan's loops walk matrices row by row, whatever the storage.
            let cols = *dims.get(1)?;
            let inside = cols > 0 && i < value.n_entries();
            inside.then(|| pick(value, &[One(i / cols), One(i % cols)]))
        }
    }
}

/// The number of elements that a loop over a container walks.
pub(super) fn n_elements<A: Real>(value: &Value<A>) -> usize {
    match value {
        Value::Array(elements) => elements.len(),
        _ => super::select::extent(value).map_or(0, |(kind, dims)| match dims.first() {
            Some(n) if dims.len() > kind.n_dims() || kind != Kind::Matrix => *n,
            _ => value.n_entries(),
        }),
    }
}
