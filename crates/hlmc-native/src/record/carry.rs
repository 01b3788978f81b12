//! Variables that a loop carries from turn to turn: what their reads and writes leave in the loop's trace.

use std::rc::Rc;

use hlmc_builtins::Value;
use hlmc_check::ir::Place;

use super::Recorder;
use super::selection::Selection;
use super::stop::{Recorded, Stop};
use super::symbol::Symbol;
use super::trace::{Access, Trace};
use crate::graph::NodeId;

/// A carried container is read at no more than so many positions at once; what reads more is unrolled.
const MAX_POSITIONS: usize = 256;

impl Recorder<'_> {
    /// The context whose loop carries the variable.
    pub(super) fn carrying(&self, place: Place) -> Option<usize> {
        let carries = |i: &usize| self.contexts[*i].trace.as_ref().is_some_and(|trace| trace.places.contains(&place));
        (self.depth(place)..self.contexts.len()).find(carries)
    }

    /// True while the body of a loop that carries values is recorded.
    pub(super) fn is_scanning(&self) -> bool {
        self.contexts.iter().any(|context| context.trace.is_some())
    }

    /// The iterations depend on one another through this variable.
    pub(super) fn dependent<T>(&mut self, place: Place, reason: &'static str) -> Recorded<T> {
        self.conflict = Some((place, self.depth(place)));
        Err(Stop::Dependent(reason))
    }

    /// Notes through which variable iterations depend on one another, if that is what stops the recording.
    pub(super) fn blame<T>(&mut self, place: Place, result: Recorded<T>) -> Recorded<T> {
        if let Err(Stop::Dependent(_)) = result {
            self.conflict = Some((place, self.depth(place)));
        }
        result
    }

    /// Reads entries of a variable that the loop of context `carrying` carries.
    pub(super) fn read_carried(
        &mut self,
        carrying: usize,
        place: Place,
        container: &Symbol,
        selection: &Selection,
    ) -> Recorded<Symbol> {
        is_of_reals(container)?;
        if selection.len() > MAX_POSITIONS {
            return Err(Stop::Dependent("a long container is carried from turn to turn as a whole"));
        }
        let mut each = Vec::with_capacity(selection.len());
        for i in 0..selection.len() {
            let positions = self.lane_positions(selection, i);
            let node = self.read_positions(carrying, place, positions)?;
            each.push(self.scalar(node));
        }
        Ok(self.build(selection, each))
    }

    fn read_positions(&mut self, carrying: usize, place: Place, positions: Rc<[u32]>) -> Recorded<NodeId> {
        let (lanes, turns) = (self.loop_lanes(), self.lanes_of_context(carrying));
        if let Some(node) = self.trace_mut(carrying)?.current_value(place, &positions, &lanes) {
            return Ok(node);
        }
        let node = self.graph.pending(positions.len());
        self.trace_mut(carrying)?.read(Access { place, positions, lanes, turns, node });
        Ok(node)
    }

    /// Writes entries of a variable that the loop of context `carrying` carries.
    pub(super) fn write_carried(
        &mut self,
        carrying: usize,
        place: Place,
        container: &Symbol,
        selection: &Selection,
        value: &Symbol,
    ) -> Recorded<()> {
        is_of_reals(container)?;
        let each = self.each(value)?;
        if each.len() != selection.len() {
            return super::stop::unsupported("an assignment of another size");
        }
        let (lanes, turns) = (self.loop_lanes(), self.lanes_of_context(carrying));
        for (i, entry) in each.iter().enumerate() {
            let positions = self.lane_positions(selection, i);
            let node = self.node(entry)?;
            let node = self.graph.broadcast(node, positions.len());
            let (lanes, turns) = (Rc::clone(&lanes), Rc::clone(&turns));
            self.trace_mut(carrying)?.write(Access { place, positions, lanes, turns, node });
        }
        Ok(())
    }

    /// All entries of a container, or the one of a scalar.
    pub(super) fn all_of(container: &Symbol) -> Selection {
        let (kind, dims) = container.shape();
        Selection::all(kind, dims)
    }

    fn trace_mut(&mut self, carrying: usize) -> Recorded<&mut Trace> {
        let trace = self.contexts.get_mut(carrying).and_then(|context| context.trace.as_mut());
        trace.ok_or(Stop::Dependent("contexts of lanes out of order"))
    }

    /// The positions of entry `i` of a selection, one for each lane.
    fn lane_positions(&self, selection: &Selection, i: usize) -> Rc<[u32]> {
        let mut positions = selection.positions(i);
        positions.resize(self.lanes().max(positions.len()), positions[0]);
        positions.into()
    }

    /// For each lane, that of context `i`.
    pub(super) fn lanes_of_context(&self, i: usize) -> Rc<[u32]> {
        let mut lanes: Vec<u32> = (0..self.lanes() as u32).collect();
        for context in self.contexts[i + 1..].iter().rev() {
            lanes.iter_mut().for_each(|lane| *lane = context.parent[*lane as usize]);
        }
        lanes.into()
    }

    /// For each lane, that of the innermost loop around.
    pub(super) fn loop_lanes(&self) -> Rc<[u32]> {
        let innermost = self.contexts.iter().rposition(|context| context.effects.is_some());
        self.lanes_of_context(innermost.unwrap_or(0))
    }
}

/// Integers decide what is recorded: a loop that carries them is unrolled.
fn is_of_reals(container: &Symbol) -> Recorded<()> {
    let is_of_ints = match container {
        Symbol::Int(_) | Symbol::LaneInt(_) | Symbol::Tuple(_) => true,
        Symbol::Known(value) => !matches!(**value, Value::Reals(_)),
        _ => false,
    };
    if is_of_ints { Err(Stop::Dependent("an integer is carried from turn to turn")) } else { Ok(()) }
}
