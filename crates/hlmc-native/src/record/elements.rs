//! The elements of a container that a loop goes through: turn by turn, or for all turns of all lanes at once.

use hlmc_builtins::Value;
use hlmc_builtins::value::{Dims, Kind};
use hlmc_check::ir::Expression;

use super::Recorder;
use super::loops::int_lanes;
use super::selection::Selection;
use super::stop::{Recorded, unsupported};
use super::symbol::{Cells, Entries, Symbol};
use crate::graph::NodeId;

/// A container as a loop walks it.
pub(super) struct Elements {
    /// Where its entries are.
    container: Symbol,
    /// Which they are, in the order of the walk.
    entries: Selection,
    /// How many elements there are.
    pub(super) number: usize,
    /// What an element is.
    kind: Kind,
    /// An element's sizes; empty for scalars.
    dims: Dims,
}

/// The entries of a container, one after the other; where they differ between lanes, each in all lanes.
enum Column {
    Ints(Vec<i64>),
    Reals(NodeId),
}

impl Recorder<'_> {
    /// The elements of a container: of an array those that it was declared with, else its entries, of a matrix row by
    /// row.
    pub(super) fn elements(&mut self, container: &Expression) -> Recorded<Elements> {
        let (container, mut entries) = self.selected(container)?;
        let (kind, dims) = (entries.kind, entries.dims.clone());
        let Some((first, inner)) = dims.split_first() else {
            return unsupported("a loop over what is no container");
        };
        if dims.len() > kind.n_dims().max(1) {
            return Ok(Elements { number: *first, kind, dims: Dims::from_slice(inner), container, entries });
        }
        if let (Kind::Matrix, [rows, cols]) = (kind, &dims[..]) {
            let by_rows = (0..*rows).flat_map(|row| (0..*cols).map(move |col| row + col * rows));
            entries = entries.in_order(by_rows);
        }
        Ok(Elements { number: entries.len(), kind: Kind::Scalar, dims: Dims::new(), container, entries })
    }

    /// A container and the entries of it that an expression stands for. Rows and windows of a variable, which may be others
    /// in every lane, are not made vectors of their own.
    fn selected(&mut self, expression: &Expression) -> Recorded<(Symbol, Selection)> {
        if let Some(selected) = self.selected_before(expression)? {
            return Ok(selected);
        }
        let container = self.expression(expression)?;
        let (kind, dims) = container.shape();
        Ok((container, Selection::all(kind, dims)))
    }

    /// The loop's variable turn by turn.
    pub(super) fn values_by_turn(&mut self, elements: &Elements) -> Recorded<Vec<Symbol>> {
        let taken = self.take(&elements.container, &elements.entries)?;
        let each = self.each(&taken)?;
        let size = elements.dims.iter().product();
        let turn = |turn: usize| self.element(elements, each[turn * size..][..size].to_vec());
        Ok((0..elements.number).map(turn).collect())
    }

    /// The loop's variable in all turns of all lanes, those of a lane side by side.
    pub(super) fn values_of_all_turns(&mut self, elements: &Elements) -> Recorded<Symbol> {
        let (lanes, size) = (self.lanes(), elements.dims.iter().product());
        let (column, differs) = self.column(&elements.container)?;
        let place = |lane: usize, entry: usize| {
            let at = elements.entries.position(entry, lane) as usize;
            if differs { at * lanes + lane } else { at }
        };
        let mut entries = Vec::with_capacity(size);
        for i in 0..size {
            let turns = |lane: usize| (0..elements.number).map(move |turn| place(lane, turn * size + i));
            let places = (0..lanes).flat_map(turns);
            entries.push(match &column {
                Column::Ints(ints) => Symbol::LaneInt(places.map(|at| ints[at]).collect()),
                Column::Reals(node) => {
                    let index: Vec<u32> = places.map(|at| at as u32).collect();
                    let taken = self.graph.gather(*node, &index);
                    self.scalar(taken)
                }
            });
        }
        Ok(self.element(elements, entries))
    }

    /// The entries of a container in a column, and whether they differ between lanes.
    fn column(&mut self, container: &Symbol) -> Recorded<(Column, bool)> {
        if let Symbol::Known(value) = container
            && let Value::Ints(tensor) = &**value
        {
            return Ok((Column::Ints(tensor.entries.clone()), false));
        }
        if self.is_uniform(container) {
            return Ok((Column::Reals(self.pack(container)?), false));
        }
        if let Symbol::Cells(Cells { entries: Entries::Each(each), .. }) = container
            && let Some(ints) = each.iter().map(|entry| int_lanes(entry, self.lanes())).collect::<Option<Vec<_>>>()
        {
            return Ok((Column::Ints(ints.concat()), true));
        }
        Ok((Column::Reals(self.interleave(container)?.0), true))
    }

    /// An element from its entries.
    fn element(&self, elements: &Elements, mut entries: Vec<Symbol>) -> Symbol {
        match entries.pop() {
            Some(only) if elements.dims.is_empty() => only,
            last => {
                entries.extend(last);
                self.container(elements.kind, elements.dims.clone(), entries)
            }
        }
    }
}
