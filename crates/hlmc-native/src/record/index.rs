//! Indexing: which entries an index takes, and reading them.

use std::rc::Rc;
use std::sync::Arc;

use hlmc_builtins::Value;
use hlmc_builtins::value::{Dims, Kind};
use hlmc_check::ir::{Expression, ExpressionKind, Index, Place};
use smallvec::SmallVec;

use super::Recorder;
use super::lanes::Source;
use super::stop::{Recorded, Stop, unsupported};
use super::symbol::{Cells, Entries, Symbol};
use crate::graph::NodeId;

/// The entries that an indexed expression takes from a container.
pub(super) struct Selection {
    /// Offsets of the entries, from 0, in the result's order, to which each lane adds its own `base`.
    pub(super) offsets: Vec<u32>,
    /// What a lane adds: one number when all lanes take the same.
    pub(super) base: Vec<u32>,
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
    /// As many neighbours in every lane, from a position on that may differ; the dimension stays.
    Window(Rc<[i64]>, i64),
}

impl Selection {
    /// The positions of entry `i` in each lane.
    pub(super) fn positions(&self, i: usize) -> Vec<u32> {
        self.base.iter().map(|base| base + self.offsets[i]).collect()
    }

    /// What `inner` takes of the entries that this selection takes.
    pub(super) fn then(&self, inner: &Selection) -> Recorded<Selection> {
        let entry = |base: u32, offset: u32| self.offsets[(base + offset) as usize];
        let Some(first) = inner.offsets.first().copied() else {
            return Ok(Selection { offsets: Vec::new(), base: vec![0], kind: inner.kind, dims: inner.dims.clone() });
        };
        // Each lane's entries lie as those of the first lane do, moved by what its first entry is moved.
        let [reference, ..] = inner.base[..] else { return unsupported("a selection without lanes") };
        let offsets: Vec<u32> = inner.offsets.iter().map(|offset| entry(reference, *offset)).collect();
        let n_lanes = self.base.len().max(inner.base.len());
        let mut base = Vec::with_capacity(n_lanes);
        for lane in 0..n_lanes {
            let mine = inner.base[if inner.differs() { lane } else { 0 }];
            let moved = |at: u32, from: u32| i64::from(at) - i64::from(from);
            let by = moved(entry(mine, first), offsets[0]);
            if inner.offsets.iter().zip(&offsets).any(|(offset, from)| moved(entry(mine, *offset), *from) != by) {
                return Err(Stop::Dependent("a multiple index differs between iterations"));
            }
            base.push(i64::from(self.base[if self.differs() { lane } else { 0 }]) + by);
        }
        // A lane before the first one has its negative move in the offsets of all.
        let least = base.iter().copied().min().unwrap_or(0).min(0);
        Ok(Selection {
            offsets: offsets.iter().map(|offset| (i64::from(*offset) + least) as u32).collect(),
            base: base.iter().map(|base| (base - least) as u32).collect(),
            kind: inner.kind,
            dims: inner.dims.clone(),
        })
    }

    /// True when lanes take different entries.
    pub(super) fn differs(&self) -> bool {
        self.base.len() > 1
    }
}

/// The expression that is indexed, and its indices of indices: `v[i][j]` reads no more of a variable than `v[i, j]` does.
pub(super) fn path_of(expression: &Expression) -> (&Expression, Vec<&[Index]>) {
    let (mut innermost, mut path) = (expression, Vec::new());
    while let ExpressionKind::Index(base, indices) = &innermost.kind {
        innermost = base;
        path.insert(0, &indices[..]);
    }
    (innermost, path)
}

impl Recorder<'_> {
    /// `base[indices]`
    pub(super) fn index(&mut self, base: &Expression, indices: &[Index]) -> Recorded<Symbol> {
        let (innermost, mut path) = path_of(base);
        path.push(indices);
        if let ExpressionKind::Variable(place) = innermost.kind {
            return self.index_variable(place, &path);
        }
        let container = self.expression(innermost)?;
        let (kind, dims) = container.shape();
        let selection = self.select_along(kind, &dims, &path)?;
        self.take(&container, &selection)
    }

    /// Entries of a variable.
    pub(super) fn index_variable(&mut self, place: Place, path: &[&[Index]]) -> Recorded<Symbol> {
        let (kind, dims) = self.variable(place)?.shape();
        let selection = self.select_along(kind, &dims, path)?;
        self.read_selection(place, &selection)
    }

    /// Selected entries of a variable.
    pub(super) fn read_selection(&mut self, place: Place, selection: &Selection) -> Recorded<Symbol> {
        let depth = self.depth(place);
        let container = self.variable(place)?.clone();
        if let Some(carrying) = self.carrying(place) {
            return self.read_carried(carrying, place, &container, selection);
        }
        let is_watched = self.touched(place, depth).is_some();
        if is_watched && !matches!(container, Symbol::Tuple(_)) {
            return self.read_watched(place, depth, &container, selection);
        }
        self.take(&container, selection)
    }

    /// Which entries of a container of this shape indices of indices take.
    pub(super) fn select_along(&mut self, kind: Kind, dims: &Dims, path: &[&[Index]]) -> Recorded<Selection> {
        let mut selection = self.select(kind, dims, path.first().copied().unwrap_or(&[]))?;
        for indices in path.iter().skip(1) {
            let inner = self.select(selection.kind, &selection.dims, indices)?;
            selection = selection.then(&inner)?;
        }
        Ok(selection)
    }

    /// Which entries of a container of this shape the indices take.
    fn select(&mut self, kind: Kind, dims: &Dims, indices: &[Index]) -> Recorded<Selection> {
        if indices.len() > dims.len() {
            return unsupported("an index into a tuple");
        }
        let along = indices.iter().zip(dims).map(|(index, size)| self.along(index, *size));
        let along = along.collect::<Recorded<Vec<Along>>>()?;
        self.select_by(kind, dims, &along)
    }

    /// Which entries of a container of this shape lie at these positions; dimensions behind them are taken whole.
    pub(super) fn select_by(&mut self, kind: Kind, dims: &Dims, along: &[Along]) -> Recorded<Selection> {
        let strides = strides(kind, dims);
        let mut selection = Selection { offsets: vec![0], base: vec![0], kind: Kind::Scalar, dims: Dims::new() };
        let mut kept: SmallVec<[usize; 4]> = SmallVec::new();
        // Column by column inside a matrix: the last dimension is the slowest of the two.
        let mut parts: Vec<(usize, Vec<i64>)> = Vec::new();
        for (d, size) in dims.iter().enumerate() {
            match along.get(d).unwrap_or(&Along::All) {
                Along::One(positions) => {
                    check_range(positions, *size)?;
                    add_base(&mut selection.base, positions, strides[d]);
                }
                Along::All => {
                    selection.dims.push(*size);
                    kept.push(d);
                    parts.push((strides[d], (1..=*size as i64).collect()));
                }
                Along::Several(positions) => {
                    check_range(positions, *size)?;
                    selection.dims.push(positions.len());
                    kept.push(d);
                    parts.push((strides[d], positions.clone()));
                }
                Along::Window(first, length) => {
                    check_range(first, *size)?;
                    let last: Vec<i64> = first.iter().map(|first| first + length - 1).collect();
                    check_range(&last, *size)?;
                    add_base(&mut selection.base, first, strides[d]);
                    selection.dims.push(*length as usize);
                    kept.push(d);
                    parts.push((strides[d], (1..=*length).collect()));
                }
            }
        }
        selection.kind = kept_kind(kind, dims.len(), &kept);
        let result_strides = strides_order(selection.kind, parts.len());
        for part in result_strides {
            let (stride, positions) = &parts[part];
            selection.offsets = positions
                .iter()
                .flat_map(|position| {
                    let offset = (*position as u32 - 1) * *stride as u32;
                    selection.offsets.iter().map(move |inner| inner + offset)
                })
                .collect();
        }
        Ok(selection)
    }

    fn along(&mut self, index: &Index, size: usize) -> Recorded<Along> {
        let size = size as i64;
        Ok(match index {
            Index::All => Along::All,
            Index::Single(e) => {
                let position = self.expression(e)?;
                match self.settled(&position)? {
                    Symbol::Int(i) => Along::One(Rc::from([i])),
                    Symbol::LaneInt(lanes) => Along::One(lanes),
                    _ => return unsupported("an index that is no int"),
                }
            }
            Index::Multiple(e) => match self.expression(e)? {
                Symbol::Known(value) => match &*value {
                    Value::Ints(tensor) => Along::Several(tensor.entries.clone()),
                    Value::Reals(tensor) if tensor.entries.is_empty() => Along::Several(Vec::new()),
                    _ => return unsupported("an index that is no array of ints"),
                },
                _ => return Err(Stop::Dependent("a multiple index differs between iterations")),
            },
            Index::From(a) => {
                let first = self.expression(a)?;
                self.between(&first, &Symbol::Int(size))?
            }
            Index::To(b) => {
                let last = self.expression(b)?;
                self.between(&Symbol::Int(1), &last)?
            }
            Index::Between(a, b) => {
                let (first, last) = (self.expression(a)?, self.expression(b)?);
                self.between(&first, &last)?
            }
        })
    }

    /// An int expression that is the same in all lanes.
    pub(super) fn int(&mut self, expression: &Expression) -> Recorded<i64> {
        let value = self.expression(expression)?;
        self.uniform_int(&value)
    }

    /// Reads the selected entries of a container.
    pub(super) fn take(&mut self, container: &Symbol, selection: &Selection) -> Recorded<Symbol> {
        if !selection.differs() {
            return self.take_uniform(container, selection);
        }
        if let Symbol::Known(value) = container
            && let Value::Ints(tensor) = &**value
        {
            let entry = |i: usize| {
                Symbol::LaneInt(selection.positions(i).iter().map(|at| tensor.entries[*at as usize]).collect())
            };
            let each = (0..selection.offsets.len()).map(entry).collect();
            return Ok(self.build(selection, each));
        }
        if let Some(ints) = self.take_ints_by_lane(container, selection) {
            return Ok(ints);
        }
        let (column, length) =
            if self.is_uniform(container) { (self.pack(container)?, 0) } else { self.interleave(container)? };
        let each = (0..selection.offsets.len())
            .map(|i| {
                let positions = selection.positions(i);
                let index: Vec<u32> = match length {
                    0 => positions,
                    lanes => (0..).zip(positions).map(|(lane, at)| at * lanes + lane).collect(),
                };
                let node = self.graph.gather(column, &index);
                self.scalar(node)
            })
            .collect();
        Ok(self.build(selection, each))
    }

    /// The entries of a container that differs between lanes, each in every lane, one entry after the other.
    pub(super) fn interleave(&mut self, container: &Symbol) -> Recorded<(NodeId, u32)> {
        let lanes = self.lanes();
        let each = self.each(container)?;
        let mut columns = Vec::with_capacity(each.len());
        for entry in each.iter() {
            let node = self.node(entry)?;
            columns.push(self.graph.broadcast(node, lanes));
        }
        Ok((self.graph.concatenate(&columns), lanes as u32))
    }

    fn take_uniform(&mut self, container: &Symbol, selection: &Selection) -> Recorded<Symbol> {
        let base = selection.base[0];
        match container {
            Symbol::Known(value) => match &**value {
                Value::Ints(tensor) => {
                    let each = selection.positions_uniform(base).map(|at| Symbol::Int(tensor.entries[at])).collect();
                    Ok(self.build(selection, each))
                }
                Value::Reals(tensor) => {
                    let numbers = tensor.entries.values();
                    if selection.dims.is_empty() {
                        return Ok(Symbol::Real(numbers[(base + selection.offsets[0]) as usize]));
                    }
                    let picked = selection.positions_uniform(base).map(|at| numbers[at]).collect();
                    Ok(Symbol::Known(Arc::new(Value::tensor(selection.kind, selection.dims.clone(), picked))))
                }
                _ => unsupported("complex numbers and arrays of tuples"),
            },
            Symbol::Cells(Cells { entries: Entries::Packed(node), .. }) => {
                let index: Vec<u32> = selection.positions_uniform(base).map(|at| at as u32).collect();
                let taken = self.graph.gather(*node, &index);
                if selection.dims.is_empty() {
                    return Ok(self.scalar(taken));
                }
                Ok(self.packed(selection.kind, selection.dims.clone(), taken))
            }
            Symbol::Cells(Cells { entries: Entries::Each(each), .. }) => {
                let each = selection.positions_uniform(base).map(|at| each[at].clone()).collect();
                Ok(self.build(selection, each))
            }
            _ => unsupported("an index into what is no container"),
        }
    }

    pub(super) fn build(&self, selection: &Selection, mut each: Vec<Symbol>) -> Symbol {
        if selection.dims.is_empty()
            && let Some(only) = each.pop()
        {
            return only;
        }
        self.container(selection.kind, selection.dims.clone(), each)
    }

    /// Reads entries of a variable that the iterations of a loop may be writing.
    pub(super) fn read_watched(
        &mut self,
        place: Place,
        depth: usize,
        container: &Symbol,
        selection: &Selection,
    ) -> Recorded<Symbol> {
        let each = self.sources(place, depth, container, selection)?;
        if each.iter().all(|(source, _)| matches!(source, Source::Before)) {
            return self.take(container, selection);
        }
        let mut entries = Vec::with_capacity(each.len());
        for (i, (source, written)) in each.into_iter().enumerate() {
            entries.push(self.read_source(container, selection, i, source, &written)?);
        }
        Ok(self.build(selection, entries))
    }

    /// Where a watched variable's selected entries come from, and what had been written by then; that they are read is noted.
    fn sources(
        &mut self,
        place: Place,
        depth: usize,
        container: &Symbol,
        selection: &Selection,
    ) -> Recorded<Vec<(Source, Vec<NodeId>)>> {
        let origin = self.origin(depth);
        let length = match container {
            Symbol::Known(value) => value.n_entries(),
            Symbol::Cells(cells) => cells.len(),
            _ => return unsupported("an index into what is no container"),
        };
        let lanes = self.lanes();
        let mut each = Vec::with_capacity(selection.offsets.len());
        for i in 0..selection.offsets.len() {
            let mut positions = selection.positions(i);
            positions.resize(lanes.max(positions.len()), positions[0]);
            let written = self.touched(place, depth).map(|touched| touched.written.clone()).unwrap_or_default();
            let written_lanes: Vec<(NodeId, usize)> =
                written.iter().map(|node| (*node, self.graph.lanes(*node))).collect();
            let lanes_of = |node: NodeId| written_lanes.iter().find(|(n, _)| *n == node).map_or(0, |(_, lanes)| *lanes);
            let Some(touched) = self.touched(place, depth) else { return Ok(Vec::new()) };
            let source = touched.read(length, &positions, &origin, lanes_of);
            let source = self.blame(place, source)?;
            self.read_crossing(place, depth, length, &positions)?;
            each.push((source, written));
        }
        Ok(each)
    }

    /// The variable that an expression takes entries of, and which, if they are what they were before the loops around:
    /// what is read of it is noted.
    pub(super) fn selected_before(&mut self, expression: &Expression) -> Recorded<Option<(Symbol, Selection)>> {
        let (innermost, path) = path_of(expression);
        let ExpressionKind::Variable(place) = innermost.kind else { return Ok(None) };
        let container = self.variable(place)?.clone();
        if path.is_empty() || self.carrying(place).is_some() || matches!(container, Symbol::Tuple(_)) {
            return Ok(None);
        }
        let (kind, dims) = container.shape();
        let selection = self.select_along(kind, &dims, &path)?;
        let sources = self.sources(place, self.depth(place), &container, &selection)?;
        let is_before = sources.iter().all(|(source, _)| matches!(source, Source::Before));
        Ok(is_before.then_some((container, selection)))
    }

    fn read_source(
        &mut self,
        container: &Symbol,
        selection: &Selection,
        i: usize,
        source: Source,
        written: &[NodeId],
    ) -> Recorded<Symbol> {
        let node = match source {
            Source::Before => {
                let column = self.pack(container)?;
                self.graph.gather(column, &selection.positions(i))
            }
            Source::Written(index) => {
                let all = self.graph.concatenate(written);
                self.graph.gather(all, &index)
            }
            Source::Mixed(index) => {
                let mut parts = vec![self.pack(container)?];
                parts.extend(written);
                let all = self.graph.concatenate(&parts);
                self.graph.gather(all, &index)
            }
        };
        Ok(self.scalar(node))
    }
}

impl Selection {
    fn positions_uniform(&self, base: u32) -> impl Iterator<Item = usize> + '_ {
        self.offsets.iter().map(move |offset| (base + offset) as usize)
    }
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

fn check_range(positions: &[i64], size: usize) -> Recorded<()> {
    if positions.iter().all(|i| (1..=size as i64).contains(i)) {
        return Ok(());
    }
    unsupported("an index out of range")
}

fn add_base(base: &mut Vec<u32>, positions: &[i64], stride: usize) {
    let lanes = base.len().max(positions.len());
    let at = |i: usize| (positions[if positions.len() == 1 { 0 } else { i }] as u32 - 1) * stride as u32;
    *base = (0..lanes).map(|i| base[if base.len() == 1 { 0 } else { i }] + at(i)).collect();
}
