//! Indexing: from expressions to the entries that they take, and reading those.

use std::rc::Rc;
use std::sync::Arc;

use hlmc_builtins::Value;
use hlmc_builtins::value::{Dims, Kind};
use hlmc_check::ir::{Expression, ExpressionKind, Index, Place};

use super::Recorder;
use super::lanes::Source;
use super::loops::int_lanes;
use super::selection::{Along, Selection};
use super::stop::{Recorded, Stop, unsupported};
use super::symbol::{Cells, Entries, Symbol};
use crate::graph::NodeId;

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
            selection = selection.then(&inner);
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
        Selection::at(kind, dims, &along)
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
            Index::Multiple(e) => {
                let positions = self.expression(e)?;
                self.several(&positions)?
            }
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

    /// The positions of a multiple index.
    fn several(&self, positions: &Symbol) -> Recorded<Along> {
        match positions {
            Symbol::Known(value) => match &**value {
                Value::Ints(tensor) => Ok(Along::Several(tensor.entries.clone())),
                Value::Reals(tensor) if tensor.entries.is_empty() => Ok(Along::Several(Vec::new())),
                _ => unsupported("an index that is no array of ints"),
            },
            Symbol::Cells(Cells { entries: Entries::Each(each), .. }) => {
                let lanes = each.iter().map(|entry| int_lanes(entry, self.lanes()));
                match lanes.collect::<Option<Vec<_>>>() {
                    Some(lanes) => Ok(Along::SeveralByLane(lanes)),
                    None => Err(Stop::Dependent("a multiple index is not known")),
                }
            }
            _ => Err(Stop::Dependent("a multiple index is not known")),
        }
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
            let each = (0..selection.len()).map(entry).collect();
            return Ok(self.build(selection, each));
        }
        if let Some(ints) = self.take_ints_by_lane(container, selection) {
            return Ok(ints);
        }
        let (column, length) =
            if self.is_uniform(container) { (self.pack(container)?, 0) } else { self.interleave(container)? };
        let each = (0..selection.len())
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
        match container {
            Symbol::Known(value) => match &**value {
                Value::Ints(tensor) => {
                    let each = selection.positions_in_all().map(|at| Symbol::Int(tensor.entries[at])).collect();
                    Ok(self.build(selection, each))
                }
                Value::Reals(tensor) => {
                    let numbers = tensor.entries.values();
                    if selection.dims.is_empty() {
                        return Ok(Symbol::Real(numbers[selection.position(0, 0) as usize]));
                    }
                    let picked = selection.positions_in_all().map(|at| numbers[at]).collect();
                    Ok(Symbol::Known(Arc::new(Value::tensor(selection.kind, selection.dims.clone(), picked))))
                }
                _ => unsupported("complex numbers and arrays of tuples"),
            },
            Symbol::Cells(Cells { entries: Entries::Packed(node), .. }) => {
                let index: Vec<u32> = selection.positions_in_all().map(|at| at as u32).collect();
                let taken = self.graph.gather(*node, &index);
                if selection.dims.is_empty() {
                    return Ok(self.scalar(taken));
                }
                Ok(self.packed(selection.kind, selection.dims.clone(), taken))
            }
            Symbol::Cells(Cells { entries: Entries::Each(each), .. }) => {
                let each = selection.positions_in_all().map(|at| each[at].clone()).collect();
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
        let mut each = Vec::with_capacity(selection.len());
        for i in 0..selection.len() {
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
