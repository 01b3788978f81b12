//! Expressions of any type. Variables and their slots are borrowed; everything else is built.

use std::borrow::Cow;

use hlmc_builtins::value::{Entries, Kind, Tensor};
use hlmc_builtins::{Type, Value};
use hlmc_check::ir::{Expression, ExpressionKind};
use hlmc_math::Real;
use num_complex::Complex;

use super::index::chain;
use super::promote::promote;
use super::{Machine, Operand};
use crate::failure::{Eval, Failure};
use crate::frame::Frame;
use crate::layout::sizes;

impl<A: Real> Machine<'_, A> {
    /// The value of an expression.
    pub(crate) fn value<'v>(&self, frame: &'v Frame<'_, A>, e: &Expression) -> Eval<Operand<'v, A>> {
        Ok(match &e.kind {
            ExpressionKind::Variable(place) => {
                let value = frame.get(*place);
                Cow::Borrowed(value.ok_or_else(|| Failure::defect("a variable has no place", e.span))?)
            }
            ExpressionKind::Int(i) => Cow::Owned(Value::Int(*i)),
            ExpressionKind::Real(x) => Cow::Owned(Value::Real(A::constant(*x))),
            ExpressionKind::Imaginary(x) => Cow::Owned(Value::Complex(Complex::new(A::constant(0.0), A::constant(*x)))),
            ExpressionKind::Promote(operand) => Cow::Owned(promote(self.value(frame, operand)?, &e.ty)),
            ExpressionKind::Index(base, indices) => {
                let (innermost, indices) = chain(base, indices);
                let of = match &innermost.kind {
                    ExpressionKind::Variable(place) => Some(*place),
                    _ => None,
                };
                let operand = self.value(frame, innermost)?;
                self.index(frame, of, operand, &indices, e.span)?
            }
            ExpressionKind::Project(tuple, i) => project(self.value(frame, tuple)?, *i)
                .ok_or_else(|| Failure::defect("a tuple has too few slots", e.span))?,
            ExpressionKind::Call(call) => Cow::Owned(self.call(frame, call, e.span)?),
            ExpressionKind::Conditional(condition, then, otherwise) => {
                let arm = if self.int(frame, condition)? != 0 { then } else { otherwise };
                self.value(frame, arm)?
            }
            ExpressionKind::Array(elements) => Cow::Owned(self.array(frame, e, elements)?),
            ExpressionKind::RowVector(elements) => Cow::Owned(self.row_vector(frame, e, elements)?),
            ExpressionKind::Rows(rows) => Cow::Owned(self.rows(frame, e, rows)?),
            ExpressionKind::Tuple(slots) => {
                let slots = slots.iter().map(|slot| Ok(self.value(frame, slot)?.into_owned()));
                Cow::Owned(Value::Tuple(slots.collect::<Eval<_>>()?))
            }
            ExpressionKind::Target => Cow::Owned(Value::Real(*self.target.borrow())),
            ExpressionKind::Negate(_) | ExpressionKind::Scalar(..) if e.ty == Type::Real => {
                Cow::Owned(Value::Real(self.real(frame, e)?))
            }
            _ => Cow::Owned(Value::Int(self.int(frame, e)?)),
        })
    }

    /// `{a, b}`; all elements have the same sizes.
    fn array(&self, frame: &Frame<'_, A>, e: &Expression, elements: &[Expression]) -> Eval<Value<A>> {
        let Type::Array(element) = &e.ty else { return Err(Failure::defect("an array of no array type", e.span)) };
        match (&**element, element.unwind_array().0) {
            (Type::Int, _) => {
                let entries = elements.iter().map(|element| self.int(frame, element)).collect::<Eval<_>>()?;
                return Ok(Value::ints(entries));
            }
            (Type::Real, _) => {
                let entries = self.entries(frame, e, elements)?;
                return Ok(reals(Kind::Scalar, &[elements.len()], entries));
            }
            _ => {}
        }
        let values: Vec<Operand<'_, A>> =
            elements.iter().map(|element| self.value(frame, element)).collect::<Eval<_>>()?;
        if let Some(first) = values.first() {
            let expected = first.dims();
            for (value, element) in values.iter().zip(elements) {
                let found = value.dims();
                if found != expected {
                    let message =
                        format!("elements of an array have {}, but this one has {}", sizes(&expected), sizes(&found));
                    return Err(Failure::fatal(message, element.span));
                }
            }
        }
        Ok(stack(&values))
    }

    fn entries(&self, frame: &Frame<'_, A>, e: &Expression, elements: &[Expression]) -> Eval<Entries<A>> {
        if e.level.is_data() {
            let entries = elements.iter().map(|element| Ok(self.real(frame, element)?.value()));
            return Ok(Entries::Data(entries.collect::<Eval<_>>()?));
        }
        Ok(Entries::Auto(elements.iter().map(|element| self.real(frame, element)).collect::<Eval<_>>()?))
    }

    fn row_vector(&self, frame: &Frame<'_, A>, e: &Expression, elements: &[Expression]) -> Eval<Value<A>> {
        let dims = &[elements.len()];
        if e.ty == Type::ComplexRowVector {
            let entry = |element| match *self.value(frame, element)? {
                Value::Complex(z) => Ok(z),
                ref other => Ok(Complex::new(other.to_real().unwrap_or_else(A::zero), A::zero())),
            };
            let entries = elements.iter().map(entry).collect::<Eval<_>>()?;
            let dims = dims.iter().copied().collect();
            return Ok(Value::Complexes(Tensor { kind: Kind::RowVector, dims, entries }));
        }
        Ok(reals(Kind::RowVector, dims, self.entries(frame, e, elements)?))
    }

    /// `[a, b]` of row vectors.
    fn rows(&self, frame: &Frame<'_, A>, e: &Expression, rows: &[Expression]) -> Eval<Value<A>> {
        let values: Vec<Operand<'_, A>> = rows.iter().map(|row| self.value(frame, row)).collect::<Eval<_>>()?;
        let n_cols = values.first().map_or(0, |row| row.n_entries());
        for (value, row) in values.iter().zip(rows) {
            if value.n_entries() != n_cols {
                let message = format!("rows of a matrix have size {n_cols}, but this one has {}", value.n_entries());
                return Err(Failure::fatal(message, row.span));
            }
        }
        let dims = [values.len(), n_cols];
        if e.ty == Type::ComplexMatrix {
            let entry = |j: usize, row: &Operand<'_, A>| match &**row {
                Value::Complexes(t) => t.entries.get(j).copied(),
                other => other.real_at(j).map(|x| Complex::new(x, A::zero())),
            };
            let entries = (0..n_cols).flat_map(|j| values.iter().filter_map(move |row| entry(j, row))).collect();
            return Ok(Value::Complexes(Tensor { kind: Kind::Matrix, dims: dims.into_iter().collect(), entries }));
        }
        let entries = (0..n_cols).flat_map(|j| values.iter().filter_map(move |row| row.real_at(j)));
        let entries = if e.level.is_data() {
            Entries::Data(entries.map(|x| x.value()).collect())
        } else {
            Entries::Auto(entries.collect())
        };
        Ok(reals(Kind::Matrix, &dims, entries))
    }
}

pub(super) fn reals<A: Real>(kind: Kind, dims: &[usize], entries: Entries<A>) -> Value<A> {
    Value::Reals(Tensor { kind, dims: dims.iter().copied().collect(), entries })
}

/// Slot `i` of a tuple.
fn project<A: Real>(tuple: Operand<'_, A>, i: usize) -> Option<Operand<'_, A>> {
    match tuple {
        Cow::Borrowed(Value::Tuple(slots)) => slots.get(i).map(Cow::Borrowed),
        Cow::Owned(Value::Tuple(mut slots)) if i < slots.len() => Some(Cow::Owned(slots.swap_remove(i))),
        _ => None,
    }
}

/// An array of these elements, which have equal types and sizes.
pub(super) fn stack<A: Real>(elements: &[Operand<'_, A>]) -> Value<A> {
    let dims_around = |inner: &[usize]| std::iter::once(elements.len()).chain(inner.iter().copied()).collect();
    match elements.first().map(|element| &**element) {
        Some(Value::Int(_)) => Value::ints(elements.iter().filter_map(|e| e.int_at(0)).collect()),
        Some(Value::Real(_)) => Value::array(elements.iter().filter_map(|e| e.to_real()).collect()),
        Some(Value::Complex(_)) => {
            let entry = |e: &Operand<'_, A>| if let Value::Complex(z) = **e { Some(z) } else { None };
            let entries = elements.iter().filter_map(entry).collect();
            Value::Complexes(Tensor { kind: Kind::Scalar, dims: dims_around(&[]), entries })
        }
        Some(Value::Ints(first)) => {
            let part = |e: &Operand<'_, A>| if let Value::Ints(t) = &**e { t.entries.clone() } else { Vec::new() };
            let entries = elements.iter().flat_map(part).collect();
            Value::Ints(Tensor { kind: first.kind, dims: dims_around(&first.dims), entries })
        }
        Some(Value::Reals(first)) => {
            let parts =
                elements.iter().filter_map(|e| if let Value::Reals(t) = &**e { Some(&t.entries) } else { None });
            let is_data = parts.clone().all(|entries| matches!(entries, Entries::Data(_)));
            let entries = if is_data {
                Entries::Data(parts.flat_map(|entries| entries.values().into_owned()).collect())
            } else {
                Entries::Auto(parts.flat_map(Entries::iter).collect())
            };
            Value::Reals(Tensor { kind: first.kind, dims: dims_around(&first.dims), entries })
        }
        Some(Value::Complexes(first)) => {
            let part = |e: &Operand<'_, A>| if let Value::Complexes(t) = &**e { t.entries.clone() } else { Vec::new() };
            let entries = elements.iter().flat_map(part).collect();
            Value::Complexes(Tensor { kind: first.kind, dims: dims_around(&first.dims), entries })
        }
        Some(Value::Tuple(_) | Value::Array(_)) | None => {
            Value::Array(elements.iter().map(|e| (**e).clone()).collect())
        }
    }
}
