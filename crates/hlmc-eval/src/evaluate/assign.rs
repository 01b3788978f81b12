//! Assignment: to a variable, to one entry of it in place, or to a part of it.

use hlmc_builtins::value::{Dims, Entries, Kind};
use hlmc_builtins::{Type, Value};
use hlmc_check::ir::{Expression, ExpressionKind, Index, LValue, LValueStep, Place};
use hlmc_math::Real;
use smallvec::SmallVec;

use super::Machine;
use super::index::Indices;
use super::select::{Dimension, Offsets, Part, Selection, extent, part};
use crate::failure::{Eval, Failure};
use crate::frame::Frame;
use crate::layout::sizes;

/// Where an assignment goes: first into nested tuples and arrays of them, then to entries.
struct Destination {
    /// Slots and elements to step into.
    path: SmallVec<[usize; 4]>,
    /// What to overwrite there.
    extent: Extent,
}

enum Extent {
    /// All of it.
    Whole,
    /// One number.
    Entry(usize),
    /// A tensor within the tensor.
    Part(Part),
    /// Elements of an array of tuples.
    Elements(Vec<usize>),
}

impl<A: Real> Machine<'_, A> {
    /// `target = value`
    #[inline]
    pub(super) fn assign(&self, frame: &mut Frame<'_, A>, target: &LValue, value: &Expression) -> Eval<()> {
        match (&target.ty, target.steps.as_slice()) {
            (Type::Real, [LValueStep::Index(indices)]) => {
                // One entry in place, without a value in between.
                let x = self.real(frame, value)?;
                let indices: Indices<'_> = indices.iter().collect();
                if let Some(Value::Reals(t)) = frame.get(target.place)
                    && let Some(i) = self.entry_offset(frame, Some(target.place), (t.kind, &t.dims), &indices)?
                    && let Some(Value::Reals(t)) = frame.get_mut(target.place)
                {
                    return set_entry(&mut t.entries, i, x).ok_or_else(|| too_few(target));
                }
                self.store(frame, target, Value::Real(x))
            }
            (Type::Real, []) => {
                let x = self.real(frame, value)?;
                if let Some(Value::Real(slot)) = frame.get_mut(target.place) {
                    *slot = x;
                    return Ok(());
                }
                self.store(frame, target, Value::Real(x))
            }
            (_, []) if is_variable(value, target.place) => Ok(()),
            _ => {
                let value = self.value(frame, value)?.into_owned();
                self.store(frame, target, value)
            }
        }
    }

    /// Stores a value that has the target's type.
    pub(super) fn store(&self, frame: &mut Frame<'_, A>, target: &LValue, value: Value<A>) -> Eval<()> {
        let destination = self.destination(frame, target)?;
        let mut slot = frame.get_mut(target.place).ok_or_else(|| too_few(target))?;
        for step in &destination.path {
            let (Value::Tuple(parts) | Value::Array(parts)) = slot else { return Err(too_few(target)) };
            slot = parts.get_mut(*step).ok_or_else(|| too_few(target))?;
        }
        match destination.extent {
            Extent::Whole => {
                let (have, new) = (slot.dims(), value.dims());
                // As in Stan, what has no entries yet takes any size.
                if have != new && slot.n_entries() > 0 {
                    return Err(size_mismatch(target, &have, &new));
                }
                *slot = value;
                Ok(())
            }
            Extent::Entry(i) => set_scalar(slot, i, &value).ok_or_else(|| too_few(target)),
            Extent::Part(part) => {
                let new = value.dims();
                if part.dims != new {
                    return Err(size_mismatch(target, &part.dims, &new));
                }
                set_part(slot, &part.offsets, value).ok_or_else(|| too_few(target))
            }
            Extent::Elements(positions) => {
                let (Value::Array(elements), Value::Array(new)) = (slot, value) else { return Err(too_few(target)) };
                if positions.len() != new.len() {
                    return Err(size_mismatch(target, &[positions.len()], &[new.len()]));
                }
                for (position, element) in positions.into_iter().zip(new) {
                    *elements.get_mut(position).ok_or_else(|| too_few(target))? = element;
                }
                Ok(())
            }
        }
    }

    /// Finds where the steps of a target lead, without touching it.
    fn destination(&self, frame: &Frame<'_, A>, target: &LValue) -> Eval<Destination> {
        let of = Some(target.place);
        let mut at = frame.get(target.place).ok_or_else(|| too_few(target))?;
        let mut path = SmallVec::new();
        let mut steps = target.steps.iter();
        while let Some(step) = steps.next() {
            let indices = match step {
                LValueStep::Project(i) => {
                    let Value::Tuple(slots) = at else { return Err(too_few(target)) };
                    at = slots.get(*i).ok_or_else(|| too_few(target))?;
                    path.push(*i);
                    continue;
                }
                LValueStep::Index(indices) => indices,
            };
            let mut indices: Indices<'_> = indices.iter().collect();
            while let (Value::Array(elements), Some(first)) = (at, indices.first().copied()) {
                let dimension = Dimension { of, d: 0, n: elements.len() };
                match self.selection(frame, dimension, first)? {
                    Selection::One(i) => {
                        at = &elements[i];
                        path.push(i);
                        indices.remove(0);
                    }
                    many => {
                        if indices.len() > 1 || steps.len() > 0 {
                            let message = "only whole elements of an array of tuples can be assigned at several places";
                            return Err(Failure::fatal(message, target.span));
                        }
                        return Ok(Destination { path, extent: Extent::Elements(many.positions().collect()) });
                    }
                }
            }
            if indices.is_empty() {
                continue;
            }
            let (kind, dims) = extent(at).ok_or_else(|| too_few(target))?;
            let further = steps.filter_map(|step| match step {
                LValueStep::Index(indices) => Some(indices.as_slice()),
                LValueStep::Project(_) => None,
            });
            let extent = self.entries_of(frame, of, (kind, dims), &indices, further)?;
            return Ok(Destination { path, extent });
        }
        Ok(Destination { path, extent: Extent::Whole })
    }

    /// The entries that indices, and indices of what those give, mean in a tensor.
    fn entries_of<'i>(
        &self,
        frame: &Frame<'_, A>,
        of: Option<Place>,
        (kind, dims): (Kind, &Dims),
        indices: &[&'i Index],
        further: impl Iterator<Item = &'i [Index]>,
    ) -> Eval<Extent> {
        let mut reached = part(kind, dims, &self.selections(frame, of, dims, indices)?);
        for indices in further {
            let indices: Indices<'_> = indices.iter().collect();
            let inner = part(reached.kind, &reached.dims, &self.selections(frame, of, &reached.dims, &indices)?);
            reached = Part { offsets: reached.offsets.compose(&inner.offsets), ..inner };
        }
        Ok(if reached.dims.is_empty() { Extent::Entry(reached.offsets.at(0)) } else { Extent::Part(reached) })
    }
}

fn is_variable(e: &Expression, place: Place) -> bool {
    matches!(e.kind, ExpressionKind::Variable(other) if other == place)
}

fn too_few(target: &LValue) -> Box<Failure> {
    Failure::defect("an assignment leads nowhere", target.span)
}

fn size_mismatch(target: &LValue, have: &[usize], new: &[usize]) -> Box<Failure> {
    let message =
        format!("`{}` cannot be assigned: it has {}, but the value has {}", target.name, sizes(have), sizes(new));
    Failure::fatal(message, target.span)
}

/// Sets one real entry. Entries stay plain numbers until the first one comes that depends on a parameter.
#[inline]
fn set_entry<A: Real>(entries: &mut Entries<A>, i: usize, x: A) -> Option<()> {
    match entries {
        Entries::Auto(entries) => *entries.get_mut(i)? = x,
        Entries::Data(entries) if x.is_constant() => *entries.get_mut(i)? = x.value(),
        Entries::Data(_) => *entries.make_auto().get_mut(i)? = x,
    }
    Some(())
}

fn set_scalar<A: Real>(slot: &mut Value<A>, i: usize, value: &Value<A>) -> Option<()> {
    match (slot, value) {
        (Value::Reals(t), value) => set_entry(&mut t.entries, i, value.to_real()?)?,
        (Value::Ints(t), Value::Int(n)) => *t.entries.get_mut(i)? = *n,
        (Value::Complexes(t), Value::Complex(z)) => *t.entries.get_mut(i)? = *z,
        _ => return None,
    }
    Some(())
}

fn set_part<A: Real>(slot: &mut Value<A>, offsets: &Offsets, value: Value<A>) -> Option<()> {
    fn copy<S: Copy>(to: &mut [S], offsets: &Offsets, from: &[S]) -> Option<()> {
        match offsets {
            Offsets::Contiguous { start, n } => to.get_mut(*start..start + n)?.copy_from_slice(from.get(..*n)?),
            Offsets::Listed(offsets) => {
                for (offset, x) in offsets.iter().zip(from) {
                    *to.get_mut(*offset)? = *x;
                }
            }
        }
        Some(())
    }
    match (slot, value) {
        (Value::Ints(to), Value::Ints(from)) => copy(&mut to.entries, offsets, &from.entries),
        (Value::Complexes(to), Value::Complexes(from)) => copy(&mut to.entries, offsets, &from.entries),
        (Value::Reals(to), Value::Reals(from)) => match (&mut to.entries, &from.entries) {
            (Entries::Data(to), Entries::Data(from)) => copy(to, offsets, from),
            (to, from) => copy(to.make_auto(), offsets, &from.to_auto()),
        },
        _ => None,
    }
}
