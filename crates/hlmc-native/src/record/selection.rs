//! Which entries of a container are taken, in every lane.

use std::rc::Rc;

use hlmc_builtins::value::{Dims, Kind};
use smallvec::SmallVec;

use super::stop::{Recorded, unsupported};

/// The entries that an indexed expression takes from a container.
pub(super) struct Selection {
    /// Offsets of the entries, from 0, in the result's order, to which each lane adds its own `base`.
    offsets: Vec<u32>,
    /// What a lane adds: one number when all lanes take the same.
    base: Vec<u32>,
    /// What each lane adds to each entry besides; empty where the entries lie alike in all lanes.
    scattered: Vec<Vec<u32>>,
    /// The result's kind.
    pub(super) kind: Kind,
    /// The result's sizes; empty for a scalar.
    pub(super) dims: Dims,
}

/// The positions that one dimension contributes.
pub(super) enum Along {
    /// All positions; the dimension stays.
    All,
    /// One position, perhaps different from lane to lane; the dimension goes.
    One(Rc<[i64]>),
    /// These positions; the dimension stays.
    Several(Vec<i64>),
    /// As many positions in every lane, each of them lane by lane; the dimension stays.
    SeveralByLane(Vec<Vec<i64>>),
    /// As many neighbours in every lane, from a position on that may differ; the dimension stays.
    Window(Rc<[i64]>, i64),
}

impl Selection {
    /// All entries of a container of this shape, in the order of values.
    pub(super) fn all(kind: Kind, dims: Dims) -> Selection {
        let n: usize = dims.iter().product();
        Selection { offsets: (0..n as u32).collect(), base: vec![0], scattered: Vec::new(), kind, dims }
    }

    /// The entries of a container of this shape at these positions; dimensions behind them are taken whole.
    pub(super) fn at(kind: Kind, dims: &Dims, along: &[Along]) -> Recorded<Selection> {
        let strides = strides(kind, dims);
        let mut selection =
            Selection { offsets: vec![0], base: vec![0], scattered: Vec::new(), kind: Kind::Scalar, dims: Dims::new() };
        let mut kept: SmallVec<[usize; 4]> = SmallVec::new();
        let mut parts: Vec<Part> = Vec::new();
        for (d, size) in dims.iter().enumerate() {
            let along = along.get(d).unwrap_or(&Along::All);
            along.check_range(*size)?;
            selection.add_base(along, strides[d]);
            if let Some(part) = Part::new(along, *size, strides[d]) {
                selection.dims.push(part.offsets.len());
                kept.push(d);
                parts.push(part);
            }
        }
        selection.kind = kept_kind(kind, dims.len(), &kept);
        for part in strides_order(selection.kind, parts.len()) {
            selection.repeat_along(&parts[part]);
        }
        Ok(selection)
    }

    /// The number of entries that a lane takes.
    pub(super) fn len(&self) -> usize {
        self.offsets.len()
    }

    /// True when lanes take different entries.
    pub(super) fn differs(&self) -> bool {
        self.base.len() > 1 || !self.scattered.is_empty()
    }

    /// The number of lanes that take entries of their own; 1 when all take the same.
    fn n_lanes(&self) -> usize {
        self.scattered.first().map_or(self.base.len(), Vec::len)
    }

    /// The position of entry `i` in a lane; any lane stands for all that take the same.
    pub(super) fn position(&self, i: usize, lane: usize) -> u32 {
        let base = self.base[if self.base.len() > 1 { lane } else { 0 }];
        self.offsets[i] + base + self.scattered.get(i).map_or(0, |lanes| lanes[lane])
    }

    /// The positions of entry `i` in each lane, or the one where all take the same.
    pub(super) fn positions(&self, i: usize) -> Vec<u32> {
        (0..self.n_lanes()).map(|lane| self.position(i, lane)).collect()
    }

    /// The positions of all entries, where all lanes take the same.
    pub(super) fn positions_in_all(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.len()).map(|i| self.position(i, 0) as usize)
    }

    /// The same entries with entry `order[i]` at place `i`.
    pub(super) fn in_order(mut self, order: impl Iterator<Item = usize> + Clone) -> Selection {
        self.offsets = order.clone().map(|i| self.offsets[i]).collect();
        if !self.scattered.is_empty() {
            self.scattered = order.map(|i| self.scattered[i].clone()).collect();
        }
        self
    }

    /// What `inner` takes of the entries that this selection takes.
    pub(super) fn then(&self, inner: &Selection) -> Selection {
        let at = |i: usize, lane: usize| self.position(inner.position(i, lane) as usize, lane);
        let (n, n_lanes) = (inner.len(), self.n_lanes().max(inner.n_lanes()));
        let (kind, dims) = (inner.kind, inner.dims.clone());
        let offsets: Vec<u32> = (0..n).map(|i| at(i, 0)).collect();
        // Mostly each lane's entries lie as those of the first lane do, moved by what its first entry is moved.
        let moved = |i: usize, lane: usize| i64::from(at(i, lane)) - i64::from(offsets[i]);
        let lies_alike = |lane: usize| (1..n).all(|i| moved(i, lane) == moved(0, lane));
        if n > 0 && !(0..n_lanes).all(lies_alike) {
            let scattered = (0..n).map(|i| (0..n_lanes).map(|lane| at(i, lane)).collect()).collect();
            return Selection { offsets: vec![0; n], base: vec![0], scattered, kind, dims };
        }
        let base: Vec<i64> = if n == 0 { vec![0] } else { (0..n_lanes).map(|lane| moved(0, lane)).collect() };
        // A lane before the first one has its negative move in the offsets of all.
        let least = base.iter().copied().min().unwrap_or(0);
        Selection {
            offsets: offsets.iter().map(|offset| (i64::from(*offset) + least) as u32).collect(),
            base: base.iter().map(|base| (base - least) as u32).collect(),
            scattered: Vec::new(),
            kind,
            dims,
        }
    }

    /// Adds what a dimension moves all entries of a lane by.
    fn add_base(&mut self, along: &Along, stride: usize) {
        let (Along::One(positions) | Along::Window(positions, _)) = along else { return };
        let of = |numbers: usize, lane: usize| if numbers == 1 { 0 } else { lane };
        let lanes = self.base.len().max(positions.len());
        let at = |lane: usize| offset(positions[of(positions.len(), lane)], stride);
        self.base = (0..lanes).map(|lane| self.base[of(self.base.len(), lane)] + at(lane)).collect();
    }

    /// Takes what was taken so far at each position of another dimension, which varies more slowly.
    fn repeat_along(&mut self, part: &Part) {
        let n = self.offsets.len();
        let inner = std::mem::take(&mut self.offsets);
        self.offsets = part.offsets.iter().flat_map(|outer| inner.iter().map(move |inner| inner + outer)).collect();
        if self.scattered.is_empty() && part.scattered.is_empty() {
            return;
        }
        let before = std::mem::take(&mut self.scattered);
        let entry = |outer: usize, inner: usize| match (part.scattered.get(outer), before.get(inner)) {
            (Some(outer), Some(inner)) => outer.iter().zip(inner).map(|(outer, inner)| outer + inner).collect(),
            (Some(one), None) | (None, Some(one)) => one.clone(),
            (None, None) => Vec::new(),
        };
        self.scattered = (0..part.offsets.len())
            .flat_map(|outer| (0..n).map(move |inner| (outer, inner)))
            .map(|(o, i)| entry(o, i))
            .collect();
    }
}

/// What a dimension that stays adds to offsets, position by position.
struct Part {
    offsets: Vec<u32>,
    /// What each lane adds to each of them besides; empty where all lanes take the same.
    scattered: Vec<Vec<u32>>,
}

impl Part {
    fn new(along: &Along, size: usize, stride: usize) -> Option<Part> {
        let neighbours = |n: i64| (1..=n).map(|position| offset(position, stride)).collect();
        let (offsets, scattered) = match along {
            Along::One(_) => return None,
            Along::All => (neighbours(size as i64), Vec::new()),
            Along::Several(positions) => (in_stride(positions, stride), Vec::new()),
            Along::SeveralByLane(entries) => {
                (vec![0; entries.len()], entries.iter().map(|lanes| in_stride(lanes, stride)).collect())
            }
            Along::Window(_, length) => (neighbours(*length), Vec::new()),
        };
        Some(Part { offsets, scattered })
    }
}

impl Along {
    fn check_range(&self, size: usize) -> Recorded<()> {
        let is_inside = |positions: &[i64]| positions.iter().all(|i| (1..=size as i64).contains(i));
        let is_valid = match self {
            Along::All => true,
            Along::One(positions) => is_inside(positions),
            Along::Several(positions) => is_inside(positions),
            Along::SeveralByLane(entries) => entries.iter().all(|lanes| is_inside(lanes)),
            Along::Window(first, length) => {
                is_inside(first) && first.iter().all(|first| first + length - 1 <= size as i64)
            }
        };
        if is_valid { Ok(()) } else { unsupported("an index out of range") }
    }
}

/// How far from the first position another lies.
fn offset(position: i64, stride: usize) -> u32 {
    (position as u32 - 1) * stride as u32
}

fn in_stride(positions: &[i64], stride: usize) -> Vec<u32> {
    positions.iter().map(|position| offset(*position, stride)).collect()
}

/// How far apart neighbours along each dimension lie: arrays with the outermost slowest, matrices column by column.
pub(super) fn strides(kind: Kind, dims: &Dims) -> SmallVec<[usize; 4]> {
    let mut strides: SmallVec<[usize; 4]> = SmallVec::from_elem(1, dims.len());
    let mut stride = 1;
    let n = dims.len();
    for d in (0..n).rev() {
        strides[d] = stride;
        stride *= dims[d];
    }
    if kind == Kind::Matrix && n >= 2 {
        strides[n - 2] = 1;
        strides[n - 1] = dims[n - 2];
    }
    strides
}

/// The order in which the dimensions of a result of this kind vary, the fastest first.
fn strides_order(kind: Kind, n: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).rev().collect();
    if kind == Kind::Matrix && n >= 2 {
        order.swap(0, 1);
    }
    order
}

/// What remains of a kind when only some of its dimensions are kept.
fn kept_kind(kind: Kind, n: usize, kept: &[usize]) -> Kind {
    let inner = |d: usize| kept.contains(&d);
    match kind {
        Kind::Matrix => match (inner(n - 2), inner(n - 1)) {
            (true, true) => Kind::Matrix,
            (true, false) => Kind::Vector,
            (false, true) => Kind::RowVector,
            (false, false) => Kind::Scalar,
        },
        Kind::Vector | Kind::RowVector if inner(n - 1) => kind,
        _ => Kind::Scalar,
    }
}
