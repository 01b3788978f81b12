//! Which entries of a tensor indices mean, for reading and for writing alike.

use hlmc_builtins::Value;
use hlmc_builtins::value::{Complexes, Dims, Entries, Ints, Kind, Reals};
use hlmc_check::ir::{Expression, Index, Place};
use hlmc_math::Real;
use hlmc_syntax::Span;
use smallvec::SmallVec;

use super::Machine;
use crate::failure::{Eval, Failure};
use crate::frame::Frame;

/// The positions that one index means, from 0.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Selection {
    /// One position: the dimension goes.
    One(usize),
    /// `n` positions from `start`.
    Range { start: usize, n: usize },
    /// These positions.
    Many(Vec<usize>),
}

/// One selection a dimension.
pub(crate) type Selections = SmallVec<[Selection; 3]>;

/// Entries of a tensor, as offsets into its storage.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Offsets {
    /// `n` entries from `start`.
    Contiguous { start: usize, n: usize },
    /// These, in order.
    Listed(Vec<usize>),
}

/// A part of a tensor that is itself a tensor, or a scalar where there are no dimensions left.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Part {
    pub(crate) kind: Kind,
    pub(crate) dims: Dims,
    pub(crate) offsets: Offsets,
}

impl Selection {
    fn len(&self) -> usize {
        match self {
            Selection::One(_) => 1,
            Selection::Range { n, .. } => *n,
            Selection::Many(positions) => positions.len(),
        }
    }

    /// All positions in order.
    pub(crate) fn positions(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.len()).map(|i| self.position(i))
    }

    fn position(&self, i: usize) -> usize {
        match self {
            Selection::One(position) => *position,
            Selection::Range { start, .. } => start + i,
            Selection::Many(positions) => positions[i],
        }
    }
}

impl Offsets {
    /// Offset `i` of the part.
    pub(crate) fn at(&self, i: usize) -> usize {
        match self {
            Offsets::Contiguous { start, .. } => start + i,
            Offsets::Listed(offsets) => offsets[i],
        }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Offsets::Contiguous { n, .. } => *n,
            Offsets::Listed(offsets) => offsets.len(),
        }
    }

    /// The offsets that `inner`, offsets into this part, mean in the whole.
    pub(crate) fn compose(&self, inner: &Offsets) -> Offsets {
        match (self, inner) {
            (Offsets::Contiguous { start, .. }, Offsets::Contiguous { start: inner, n }) => {
                Offsets::Contiguous { start: start + inner, n: *n }
            }
            _ => Offsets::Listed((0..inner.len()).map(|i| self.at(inner.at(i))).collect()),
        }
    }
}

/// Entries that can be picked out.
pub(crate) trait Storage: Sized {
    /// The entries at these offsets.
    fn pick(&self, offsets: &Offsets) -> Self;
}

impl<S: Copy> Storage for Vec<S> {
    fn pick(&self, offsets: &Offsets) -> Self {
        match offsets {
            Offsets::Contiguous { start, n } => self[*start..start + n].to_vec(),
            Offsets::Listed(offsets) => offsets.iter().map(|&i| self[i]).collect(),
        }
    }
}

impl<A: Real> Storage for Entries<A> {
    fn pick(&self, offsets: &Offsets) -> Self {
        match self {
            Entries::Data(entries) => Entries::Data(entries.pick(offsets)),
            Entries::Auto(entries) => Entries::Auto(entries.pick(offsets)),
        }
    }
}

/// Kind and dimensions of the three tensors alike.
pub(crate) fn extent<A: Real>(value: &Value<A>) -> Option<(Kind, &Dims)> {
    match value {
        Value::Ints(Ints { kind, dims, .. }) => Some((*kind, dims)),
        Value::Reals(Reals::<A> { kind, dims, .. }) => Some((*kind, dims)),
        Value::Complexes(Complexes::<A> { kind, dims, .. }) => Some((*kind, dims)),
        _ => None,
    }
}

/// The part of a tensor that selections mean, those missing at the end meaning everything.
pub(crate) fn part(kind: Kind, dims: &[usize], selections: &[Selection]) -> Part {
    let all: Selections = selections
        .iter()
        .cloned()
        .chain(dims.iter().skip(selections.len()).map(|&n| Selection::Range { start: 0, n }))
        .collect();
    let n_array = dims.len() - kind.n_dims().min(dims.len());
    let kept: Dims =
        all.iter().filter(|selection| !matches!(selection, Selection::One(_))).map(Selection::len).collect();
    // Entries lie in row-major order of the array dimensions followed by columns and then rows.
    let in_storage_order = (0..n_array).chain((n_array..dims.len()).rev());
    let ordered: SmallVec<[(usize, &Selection); 4]> = in_storage_order.map(|d| (dims[d], &all[d])).collect();
    Part { kind: kind_of_part(kind, &all[n_array..]), dims: kept, offsets: offsets(&ordered) }
}

fn kind_of_part(kind: Kind, inner: &[Selection]) -> Kind {
    let is_one = |i: usize| matches!(inner.get(i), Some(Selection::One(_)));
    match kind {
        Kind::Scalar => Kind::Scalar,
        Kind::Vector | Kind::RowVector => {
            if is_one(0) {
                Kind::Scalar
            } else {
                kind
            }
        }
        Kind::Matrix => match (is_one(0), is_one(1)) {
            (true, true) => Kind::Scalar,
            (true, false) => Kind::RowVector,
            (false, true) => Kind::Vector,
            (false, false) => Kind::Matrix,
        },
    }
}

/// Offsets of a selection whose dimensions come with the slowest first.
fn offsets(ordered: &[(usize, &Selection)]) -> Offsets {
    let n: usize = ordered.iter().map(|(_, selection)| selection.len()).product();
    if let Some(start) = contiguous_start(ordered) {
        return Offsets::Contiguous { start, n };
    }
    let mut listed = vec![0usize];
    for (size, selection) in ordered {
        listed = listed
            .iter()
            .flat_map(|outer| (0..selection.len()).map(move |i| outer * size + selection.position(i)))
            .collect();
    }
    Offsets::Listed(listed)
}

/// Where the selection starts, if its entries lie one after the other: single positions, then at most one range, then
/// everything.
fn contiguous_start(ordered: &[(usize, &Selection)]) -> Option<usize> {
    let mut start = 0;
    let mut in_range = false;
    for (size, selection) in ordered {
        match selection {
            Selection::One(position) if !in_range => start = start * size + position,
            Selection::Range { start: from, .. } if !in_range => {
                start = start * size + from;
                in_range = true;
            }
            Selection::Range { n, .. } if n == size => start *= size,
            _ => return None,
        }
    }
    Some(start)
}

/// A dimension that is being indexed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dimension {
    /// The variable, where it is one.
    pub(super) of: Option<Place>,
    /// Which dimension, from 0.
    pub(super) d: usize,
    /// Its size.
    pub(super) n: usize,
}

impl<A: Real> Machine<'_, A> {
    /// What indices mean in a tensor of these dimensions.
    pub(super) fn selections(
        &self,
        frame: &Frame<'_, A>,
        of: Option<Place>,
        dims: &[usize],
        indices: &[&Index],
    ) -> Eval<Selections> {
        let one = |(d, index): (usize, &&Index)| {
            let n = dims.get(d).copied().unwrap_or(0);
            self.selection(frame, Dimension { of, d, n }, index)
        };
        indices.iter().enumerate().map(one).collect()
    }

    /// What one index means.
    pub(super) fn selection(&self, frame: &Frame<'_, A>, dimension: Dimension, index: &Index) -> Eval<Selection> {
        let n = dimension.n;
        Ok(match index {
            Index::All => Selection::Range { start: 0, n },
            Index::Single(at) => Selection::One(self.position(frame, dimension, at)?),
            Index::Multiple(positions) => {
                let value = self.value(frame, positions)?;
                let Value::Ints(ints) = &*value else {
                    return Err(Failure::defect("an index is no array of integers", positions.span));
                };
                let checked = |i: &i64| self.checked(*i, dimension, positions.span);
                Selection::Many(ints.entries.iter().map(checked).collect::<Eval<_>>()?)
            }
            Index::From(from) => self.range(self.int(frame, from)?, n as i64, dimension, from.span)?,
            Index::To(to) => self.range(1, self.int(frame, to)?, dimension, to.span)?,
            Index::Between(from, to) => {
                let (first, last) = (self.int(frame, from)?, self.int(frame, to)?);
                self.range(first, last, dimension, from.span.to(to.span))?
            }
        })
    }

    /// A single position, from 0.
    #[inline]
    pub(super) fn position(&self, frame: &Frame<'_, A>, dimension: Dimension, at: &Expression) -> Eval<usize> {
        self.checked(self.int(frame, at)?, dimension, at.span)
    }

    /// A range; empty when the end lies before the start, wherever they are.
    fn range(&self, from: i64, to: i64, dimension: Dimension, span: Span) -> Eval<Selection> {
        if to < from {
            return Ok(Selection::Range { start: 0, n: 0 });
        }
        let start = self.checked(from, dimension, span)?;
        let last = self.checked(to, dimension, span)?;
        Ok(Selection::Range { start, n: last - start + 1 })
    }

    #[inline]
    fn checked(&self, i: i64, dimension: Dimension, span: Span) -> Eval<usize> {
        if i >= 1 && i as usize <= dimension.n {
            return Ok(i as usize - 1);
        }
        Err(self.out_of_range(i, dimension, span))
    }

    #[cold]
    fn out_of_range(&self, i: i64, dimension: Dimension, span: Span) -> Box<Failure> {
        let Dimension { of, d, n } = dimension;
        let of = of.and_then(|place| self.variable_name(place)).map_or(String::new(), |name| format!(" of `{name}`"));
        let which = if d == 0 { String::new() } else { format!(" of dimension {}", d + 1) };
        let expected = match n {
            0 => "there is nothing to index".into(),
            _ => format!("expecting index to be between 1 and {n}"),
        };
        let message = format!("accessing element{of} out of range: index {i}{which} out of range; {expected}");
        Failure::fatal(message, span)
    }
}
