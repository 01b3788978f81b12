//! From a graph to instructions: what is needed, where it lives, what runs together.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Action, CheckedSlot, Instruction, Operand, Program, Slot, Step};
use crate::apply::Tables;
use crate::graph::{Graph, NodeId, Operation};

impl Program {
    /// Schedules what `result` (one lane) and the graph's checks need, for positions of this dimension.
    #[must_use]
    pub fn new(graph: &Graph, result: NodeId, dimension: usize, tables: Arc<Tables>) -> Self {
        let needed = needed(graph, result);
        let mut layout = Layout { graph, slots: HashMap::new(), length: 0 };
        let mut instructions = Vec::new();
        for (i, node) in graph.nodes().iter().enumerate().filter(|(i, _)| needed[*i]) {
            let id = NodeId(i as u32);
            if !graph.is_known(id) {
                let action = layout.action(&node.operation, node.lanes as usize);
                let result = layout.allocate(id, node.lanes as usize);
                instructions.push(Instruction { action, result });
            }
        }
        let slot_of = |id: &NodeId| layout.slots.get(id).copied();
        let checks = graph.checks.iter().filter_map(|check| {
            let slot = slot_of(&check.node)?;
            Some(CheckedSlot { slot, domain: check.domain, is_guard: check.is_guard })
        });
        Program {
            checks: checks.collect(),
            result: layout.operand(result),
            workspace_length: layout.length,
            steps: steps(&instructions),
            instructions,
            dimension,
            tables,
        }
    }
}

/// Which nodes the result and the checks depend on.
fn needed(graph: &Graph, result: NodeId) -> Vec<bool> {
    let mut needed = vec![false; graph.nodes().len()];
    needed[result.index()] = true;
    graph.checks.iter().for_each(|check| needed[check.node.index()] = true);
    for i in (0..needed.len()).rev() {
        if needed[i] {
            graph.nodes()[i].operation.for_each_operand(|operand| needed[operand.index()] = true);
        }
    }
    needed
}

struct Layout<'a> {
    graph: &'a Graph,
    slots: HashMap<NodeId, Slot>,
    length: usize,
}

impl Layout<'_> {
    fn allocate(&mut self, id: NodeId, lanes: usize) -> Slot {
        let slot = Slot { start: self.length, lanes };
        self.length += lanes;
        self.slots.insert(id, slot);
        slot
    }

    fn operand(&self, id: NodeId) -> Operand {
        match self.slots.get(&id) {
            Some(slot) => Operand::Slot(*slot),
            None => match &self.graph.node(id).operation {
                Operation::Known(column) => Operand::Known(Arc::clone(self.graph.columns.numbers(*column))),
                _ => Operand::Known(Arc::from([self.graph.constant_value(id).unwrap_or(f64::NAN)])),
            },
        }
    }

    /// The slot of an operand that is not known, as construction leaves none.
    fn slot(&self, id: NodeId) -> Slot {
        self.slots.get(&id).copied().unwrap_or(Slot { start: 0, lanes: 0 })
    }

    fn action(&mut self, operation: &Operation, lanes: usize) -> Action {
        match operation {
            Operation::Position(offset) => Action::Position(*offset as usize),
            Operation::Unary(unary, x) => Action::Unary(*unary, self.operand(*x)),
            Operation::Binary(binary, x, y) => Action::Binary(*binary, self.operand(*x), self.operand(*y)),
            Operation::Select(mask, x, y) => Action::Select(self.operand(*mask), self.operand(*x), self.operand(*y)),
            Operation::Elementwise(function, operands) => {
                let partials = self.length;
                self.length += operands.len() * lanes;
                Action::Elementwise(*function, operands.iter().map(|id| self.operand(*id)).collect(), partials)
            }
            Operation::Gather(x, index) => {
                Action::Gather(self.slot(*x), Arc::clone(self.graph.columns.positions(*index)))
            }
            Operation::Concatenate(parts) => Action::Concatenate(parts.iter().map(|id| self.operand(*id)).collect()),
            Operation::Sum(x) => Action::Sum(self.slot(*x)),
            Operation::ScatterSum(x, index) => {
                Action::ScatterSum(self.operand(*x), Arc::clone(self.graph.columns.positions(*index)))
            }
            Operation::KnownMatrixVector(matrix, x) => {
                Action::KnownMatrixVector(Arc::clone(self.graph.columns.numbers(*matrix)), self.slot(*x))
            }
            Operation::Whole(function, x) => {
                Action::Whole(Arc::clone(&self.graph.wholes[function.0 as usize]), self.slot(*x))
            }
            Operation::Constant(_) | Operation::Known(_) => Action::Concatenate(Box::new([])),
        }
    }
}

/// Joins neighbouring elementwise instructions of equal length.
fn steps(instructions: &[Instruction]) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for (i, instruction) in instructions.iter().enumerate() {
        let lanes = instruction.is_map().then_some(instruction.result.lanes);
        match steps.last_mut() {
            Some(last) if lanes.is_some() && last.lanes == lanes => last.instructions.end = i + 1,
            _ => steps.push(Step { instructions: i..i + 1, lanes }),
        }
    }
    steps
}

impl Instruction {
    /// True when lane `i` of the result depends on lane `i` of the operands of that length alone, so that blocks can be
    /// walked in any order. Gathers read columns that are complete before the map begins only if those are outside
    /// of it, which joining steps cannot see; they run at once.
    fn is_map(&self) -> bool {
        matches!(self.action, Action::Unary(..) | Action::Binary(..) | Action::Select(..) | Action::Elementwise(..))
    }
}
