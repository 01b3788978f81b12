//! From a graph to instructions: what is needed and what runs together.

use std::sync::Arc;

use super::layout::Layout;
use super::scan::Recurrence;
use super::{Action, CheckedSlot, Instruction, Operand, Program, Slot, Step};
use crate::apply::Tables;
use crate::graph::{Check, Graph, NodeId, Operation};
use crate::linear::known_matrix::KnownMatrix;

impl Program {
    /// Schedules what `result` (one lane) and the graph's checks need for the interpreter.
    #[must_use]
    pub fn interpreted(graph: &Graph, result: NodeId, dimension: usize, tables: &Arc<Tables>) -> Self {
        let needed = graph.needed(result);
        let layout = Layout::new(graph, &needed, |_| true, dimension);
        let is_run = |id: NodeId| needed[id.index()] && !graph.is_known(id) && !layout.is_alias(id);
        let nodes = (0..graph.nodes().len() as u32).map(NodeId).filter(|id| is_run(*id));
        let instructions: Vec<Instruction> = nodes.map(|id| instruction(graph, &layout, id)).collect();
        Program {
            checks: checks(graph, &layout),
            result: layout.operand(graph, result),
            workspace_length: layout.length(),
            steps: steps(&instructions),
            instructions,
            dimension,
            tables: Arc::clone(tables),
            code: None,
        }
    }
}

/// What is checked of the results of a graph.
pub(crate) fn checks(graph: &Graph, layout: &Layout) -> Vec<CheckedSlot> {
    let checked = graph.checks.iter();
    let slot = |check: &Check| {
        let slot = layout.slot(check.node)?;
        Some(CheckedSlot { slot, domain: check.domain, is_guard: check.is_guard })
    };
    checked.filter_map(slot).collect()
}

/// The instruction of a node whose operands are laid out.
pub(crate) fn instruction(graph: &Graph, layout: &Layout, id: NodeId) -> Instruction {
    // Construction leaves no known operand where a slot is asked for.
    let slot = |id: NodeId| layout.slot(id).unwrap_or(Slot { start: 0, lanes: 0 });
    let operand = |id: NodeId| layout.operand(graph, id);
    let operands = |ids: &[NodeId]| -> Box<[Operand]> { ids.iter().map(|id| operand(*id)).collect() };
    let action = match &graph.node(id).operation {
        Operation::Unary(unary, x) => Action::Unary(*unary, operand(*x)),
        Operation::Binary(binary, x, y) => Action::Binary(*binary, operand(*x), operand(*y)),
        Operation::Select(mask, x, y) => Action::Select(operand(*mask), operand(*x), operand(*y)),
        Operation::Elementwise(function, arguments) => {
            Action::Elementwise(*function, operands(arguments), layout.scratch(id))
        }
        Operation::Gather(x, index) => Action::Gather(slot(*x), Arc::clone(graph.columns.positions(*index))),
        Operation::Concatenate(parts) => Action::Concatenate(operands(parts)),
        Operation::Sum(x) => Action::Sum(slot(*x)),
        Operation::ScatterSum(x, index) => Action::ScatterSum(operand(*x), Arc::clone(graph.columns.positions(*index))),
        Operation::KnownMatrixVector(matrix, x) => {
            let matrix = KnownMatrix::new(graph.columns.numbers(*matrix), graph.lanes(id));
            Action::KnownMatrixVector(Arc::new(matrix), slot(*x))
        }
        Operation::Whole(function, x) => Action::Whole(Arc::clone(&graph.wholes[function.0 as usize]), slot(*x)),
        Operation::Scan(scan, inputs) => {
            let scan = Arc::clone(&graph.scans[scan.0 as usize]);
            Action::Scan(Box::new(Recurrence::new(scan, operands(inputs), layout.scratch(id))))
        }
        // Known nodes are operands and no instructions; no result depends on what is pending.
        Operation::Position(_) | Operation::Constant(_) | Operation::Known(_) | Operation::Pending(_) => {
            Action::Concatenate(Box::new([]))
        }
    };
    Instruction { action, result: slot(id) }
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
    pub(super) fn is_map(&self) -> bool {
        matches!(self.action, Action::Unary(..) | Action::Binary(..) | Action::Select(..) | Action::Elementwise(..))
    }
}
