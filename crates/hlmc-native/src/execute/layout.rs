//! Where the lanes of nodes lie in the workspace.
//!
//! The position comes first; nodes that keep their lanes follow in the graph's order, so that a result lies behind its
//! operands. Coordinates of the position, and gathers of neighbouring lanes, are stretches of what is there already.
//! Adjoints have a workspace of the same layout.

use std::sync::Arc;

use super::scan::Places;
use super::{Operand, Slot};
use crate::graph::{Graph, NodeId, Operation};

/// The stretch of the workspace that each node has, if it has one.
pub(crate) struct Layout {
    slots: Vec<Option<Slot>>,
    is_alias: Vec<bool>,
    /// Where the numbers begin that a node keeps for itself, right before its lanes.
    scratch: Vec<usize>,
    length: usize,
}

impl Layout {
    /// Lays out the needed nodes that are not known and that `keeps` picks.
    pub(crate) fn new(graph: &Graph, needed: &[bool], keeps: impl Fn(NodeId) -> bool, dimension: usize) -> Self {
        let n = graph.nodes().len();
        let mut layout =
            Layout { slots: vec![None; n], is_alias: vec![false; n], scratch: vec![0; n], length: dimension };
        for (i, node) in graph.nodes().iter().enumerate().filter(|(i, _)| needed[*i]) {
            let (id, lanes) = (NodeId(i as u32), node.lanes as usize);
            if let Some(start) = layout.start_of_alias(graph, &node.operation) {
                layout.slots[i] = Some(Slot { start, lanes });
                layout.is_alias[i] = true;
            } else if !graph.is_known(id) && keeps(id) {
                layout.scratch[i] = layout.length;
                layout.length += scratch_length(graph, &node.operation, lanes);
                layout.slots[i] = Some(Slot { start: layout.length, lanes });
                layout.length += lanes;
            }
        }
        layout
    }

    fn start_of_alias(&self, graph: &Graph, operation: &Operation) -> Option<usize> {
        match operation {
            Operation::Position(offset) => Some(*offset as usize),
            Operation::Gather(x, index) => {
                let first = graph.contiguous_from(*index)?;
                // One lane that is spread over several is no stretch.
                self.slot(*x).map(|slot| slot.start + first)
            }
            _ => None,
        }
    }

    /// The number of lanes of the workspace.
    pub(crate) fn length(&self) -> usize {
        self.length
    }

    /// The node's stretch.
    pub(crate) fn slot(&self, id: NodeId) -> Option<Slot> {
        self.slots.get(id.index()).copied().flatten()
    }

    /// True when the node's lanes are a stretch of the lanes of another node.
    pub(crate) fn is_alias(&self, id: NodeId) -> bool {
        self.is_alias[id.index()]
    }

    /// Where the numbers begin that the node keeps for itself, right before its lanes: the partial derivatives of an
    /// elementwise function of the table, argument after argument, and the history of a scan.
    pub(crate) fn scratch(&self, id: NodeId) -> usize {
        self.scratch[id.index()]
    }

    /// Where the lanes of an operand are.
    pub(crate) fn operand(&self, graph: &Graph, id: NodeId) -> Operand {
        match (self.slot(id), &graph.node(id).operation) {
            (Some(slot), _) => Operand::Slot(slot),
            (None, Operation::Known(column)) => Operand::Known(Arc::clone(graph.columns.numbers(*column))),
            (None, _) => Operand::Known(Arc::from([graph.constant_value(id).unwrap_or(f64::NAN)])),
        }
    }
}

/// How many numbers a node keeps beside its lanes.
fn scratch_length(graph: &Graph, operation: &Operation, lanes: usize) -> usize {
    match operation {
        Operation::Elementwise(_, operands) => operands.len() * lanes,
        Operation::Scan(scan, _) => {
            let scan = &graph.scans[scan.0 as usize];
            Places::new(scan).width * scan.turns
        }
        _ => 0,
    }
}
