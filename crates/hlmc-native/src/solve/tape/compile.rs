//! From a graph to a tape: columns fall apart into scalars, and what is fixed during a solution goes first.

use std::collections::HashMap;
use std::sync::Arc;

use smallvec::SmallVec;

use super::{Action, Applied, Input, Instruction, Slot, Tabled, Tape, WholeApplied};
use crate::apply::Tables;
use crate::graph::{Binary, Graph, NodeId, Operation, Unary};

/// Instructions beyond which a tape is not worth it.
const MAX_INSTRUCTIONS: usize = 200_000;

/// What a scalar is while the tape is written.
#[derive(Clone, Copy, Debug)]
struct Scalar {
    /// It changes from call to call.
    varies: bool,
    /// It has tangents.
    is_active: bool,
}

/// A tape being written: scalars are numbered as they come; rows are given out at the end.
struct Writer<'g> {
    graph: &'g Graph,
    scalars: Vec<Scalar>,
    constants: HashMap<u64, u32>,
    constant_list: Vec<(u32, f64)>,
    instructions: Vec<Instruction>,
    columns: HashMap<NodeId, Vec<u32>>,
    n_scratch: usize,
}

impl Tape {
    /// The tape of a graph whose positions are the inputs. `None` if it has an operation that does not fall apart into
    /// scalars, or too many.
    #[must_use]
    pub fn compile(graph: &Graph, result: NodeId, inputs: &[Input], tables: &Arc<Tables>) -> Option<Tape> {
        let mut writer = Writer {
            graph,
            scalars: inputs.iter().map(|input| Scalar::of(*input)).collect(),
            constants: HashMap::new(),
            constant_list: Vec::new(),
            instructions: Vec::new(),
            columns: HashMap::new(),
            n_scratch: 0,
        };
        let needed = needed(graph, result);
        for (i, node) in graph.nodes().iter().enumerate().filter(|(i, _)| needed[*i]) {
            let column = writer.column(&node.operation, node.lanes as usize)?;
            writer.columns.insert(NodeId(i as u32), column);
            if writer.instructions.len() > MAX_INSTRUCTIONS {
                return None;
            }
        }
        Some(writer.finish(result, inputs, tables))
    }
}

impl Scalar {
    fn of(input: Input) -> Self {
        Scalar { varies: input != Input::Parameter, is_active: input != Input::Place }
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

impl Writer<'_> {
    /// The scalars of a node.
    fn column(&mut self, operation: &Operation, lanes: usize) -> Option<Vec<u32>> {
        let graph = self.graph;
        Some(match operation {
            Operation::Position(offset) => (*offset..*offset + lanes as u32).collect(),
            Operation::Constant(value) => vec![self.constant(*value)],
            Operation::Known(column) => {
                graph.columns.numbers(*column).iter().map(|value| self.constant(*value)).collect()
            }
            Operation::Unary(unary, x) => {
                let x = self.operand(*x)?;
                x.iter().map(|x| self.unary(*unary, *x)).collect()
            }
            Operation::Binary(binary, x, y) => {
                let (x, y) = (self.operand(*x)?, self.operand(*y)?);
                (0..lanes).map(|i| self.binary(*binary, at(&x, i), at(&y, i))).collect()
            }
            Operation::Select(mask, x, y) => {
                let (mask, x, y) = (self.operand(*mask)?, self.operand(*x)?, self.operand(*y)?);
                (0..lanes).map(|i| self.select(at(&mask, i), at(&x, i), at(&y, i))).collect()
            }
            Operation::Elementwise(function, operands) => {
                let operands = operands.iter().map(|id| self.operand(*id)).collect::<Option<Vec<_>>>()?;
                let apply = |i: usize| {
                    let arguments: Box<[Slot]> = operands.iter().map(|column| at(column, i)).collect();
                    let scalar = self.joined(&arguments);
                    let applied = Box::new(Applied { function: *function, arguments });
                    let is_active = scalar.is_active;
                    self.push(
                        if is_active { Action::Elementwise(applied) } else { Action::ElementwiseValue(applied) },
                        scalar,
                    )
                };
                (0..lanes).map(apply).collect()
            }
            Operation::Gather(x, index) => {
                let x = self.operand(*x)?;
                graph.columns.positions(*index).iter().map(|i| x[*i as usize]).collect()
            }
            Operation::Concatenate(parts) => {
                let parts = parts.iter().map(|id| self.operand(*id)).collect::<Option<Vec<_>>>()?;
                parts.concat()
            }
            Operation::Sum(x) => {
                let x = self.operand(*x)?;
                vec![self.sum(&x)]
            }
            Operation::ScatterSum(x, index) => {
                let x = self.operand(*x)?;
                let mut groups: Vec<SmallVec<[u32; 4]>> = vec![SmallVec::new(); lanes];
                for (j, i) in graph.columns.positions(*index).iter().enumerate() {
                    groups[*i as usize].push(at(&x, j));
                }
                groups.iter().map(|group| self.sum(group)).collect()
            }
            Operation::KnownMatrixVector(matrix, x) => {
                let x = self.operand(*x)?;
                let matrix = Arc::clone(graph.columns.numbers(*matrix));
                (0..lanes).map(|row| self.product(&matrix, lanes, row, &x)).collect()
            }
            Operation::Whole(function, x) => {
                let arguments = self.operand(*x)?;
                self.whole(&graph.wholes[function.0 as usize], &arguments, lanes)
            }
            // Loops that carry values, and choices, are left to the sweeps over the graph.
            Operation::Scan(..) | Operation::Pending(_) => return None,
        })
    }

    fn operand(&self, id: NodeId) -> Option<Vec<u32>> {
        self.columns.get(&id).cloned()
    }

    fn constant(&mut self, value: f64) -> u32 {
        if let Some(scalar) = self.constants.get(&value.to_bits()) {
            return *scalar;
        }
        let scalar = self.scalars.len() as u32;
        self.scalars.push(Scalar { varies: false, is_active: false });
        self.constants.insert(value.to_bits(), scalar);
        self.constant_list.push((scalar, value));
        scalar
    }

    /// What a result of these arguments is.
    fn joined(&self, arguments: &[u32]) -> Scalar {
        let is = |f: fn(&Scalar) -> bool| arguments.iter().any(|x| f(&self.scalars[*x as usize]));
        Scalar { varies: is(|x| x.varies), is_active: is(|x| x.is_active) }
    }

    fn push(&mut self, action: Action, scalar: Scalar) -> u32 {
        let result = self.scalars.len() as u32;
        self.scalars.push(scalar);
        self.instructions.push(Instruction { action, result });
        result
    }

    fn unary(&mut self, unary: Unary, x: u32) -> u32 {
        let scalar = self.joined(&[x]);
        let action = match (unary, scalar.is_active) {
            (_, false) => Action::UnaryValue(unary, x),
            (Unary::Negate, _) => Action::Negate(x),
            (Unary::Square, _) => Action::Multiply(x, x),
            _ => Action::Unary(unary, x),
        };
        self.push(action, scalar)
    }

    fn binary(&mut self, binary: Binary, x: u32, y: u32) -> u32 {
        let mut scalar = self.joined(&[x, y]);
        // Truth values have no tangents.
        scalar.is_active &= !matches!(binary, Binary::Less | Binary::LessEqual | Binary::Equal);
        let is_active = |x: u32| self.scalars[x as usize].is_active;
        let action = match binary {
            _ if !scalar.is_active => Action::BinaryValue(binary, x, y),
            Binary::Add => Action::Add(x, y),
            Binary::Subtract => Action::Subtract(x, y),
            Binary::Multiply if !is_active(y) => Action::Scale(x, y),
            Binary::Multiply if !is_active(x) => Action::Scale(y, x),
            Binary::Multiply => Action::Multiply(x, y),
            Binary::Divide => Action::Divide(x, y),
            _ => Action::Binary(binary, x, y),
        };
        self.push(action, scalar)
    }

    fn select(&mut self, mask: u32, x: u32, y: u32) -> u32 {
        let varies = self.joined(&[mask, x, y]).varies;
        let is_active = self.joined(&[x, y]).is_active;
        let action = if is_active { Action::Select(mask, x, y) } else { Action::SelectValue(mask, x, y) };
        self.push(action, Scalar { varies, is_active })
    }

    fn sum(&mut self, terms: &[u32]) -> u32 {
        let Some((first, rest)) = terms.split_first() else { return self.constant(0.0) };
        rest.iter().fold(*first, |sum, term| self.binary(Binary::Add, sum, *term))
    }

    /// A row of a known matrix, which lies column by column, times a vector; entries that are 0 are left out.
    fn product(&mut self, matrix: &[f64], rows: usize, row: usize, x: &[u32]) -> u32 {
        let mut terms: SmallVec<[u32; 8]> = SmallVec::new();
        for (j, x) in x.iter().enumerate() {
            let factor = matrix[j * rows + row];
            if factor != 0.0 {
                let factor = self.constant(factor);
                terms.push(self.binary(Binary::Multiply, factor, *x));
            }
        }
        self.sum(&terms)
    }

    fn whole(&mut self, function: &Arc<dyn crate::apply::Whole>, arguments: &[u32], n_results: usize) -> Vec<u32> {
        let scalar = self.joined(arguments);
        // Arguments, results, and the adjoints of both.
        self.n_scratch = self.n_scratch.max(2 * (arguments.len() + n_results));
        let applied = WholeApplied { function: Arc::clone(function), arguments: arguments.into(), n_results };
        let first = self.push(Action::Whole(Box::new(applied)), scalar);
        // The rows behind the first, which the instruction fills too.
        self.scalars.extend(std::iter::repeat_n(scalar, n_results.saturating_sub(1)));
        (first..first + n_results as u32).collect()
    }

    /// Gives out the rows: inputs, constants, what is fixed, the rest.
    fn finish(self, result: NodeId, inputs: &[Input], tables: &Arc<Tables>) -> Tape {
        let n_inputs = inputs.len();
        let mut rows = vec![0u32; self.scalars.len()];
        (0..n_inputs).for_each(|i| rows[i] = i as u32);
        let mut n_slots = n_inputs as u32;
        let mut constants = Vec::with_capacity(self.constant_list.len());
        for (scalar, value) in &self.constant_list {
            rows[*scalar as usize] = n_slots;
            constants.push((n_slots, *value));
            n_slots += 1;
        }
        let scalars = &self.scalars;
        let varies = |instruction: &Instruction| scalars[instruction.result as usize].varies;
        let (varying, fixed): (Vec<Instruction>, Vec<Instruction>) = self.instructions.into_iter().partition(varies);
        let n_fixed = fixed.len();
        let mut instructions = fixed;
        instructions.extend(varying);
        for instruction in &mut instructions {
            let scalar = instruction.result as usize;
            instruction.action.for_each_slot(|slot| *slot = rows[*slot as usize]);
            let n_results = match &instruction.action {
                Action::Whole(applied) => applied.n_results,
                _ => 1,
            };
            (0..n_results).for_each(|k| rows[scalar + k] = n_slots + k as u32);
            instruction.result = n_slots;
            n_slots += n_results as u32;
        }
        let scalars_of = |id: NodeId| self.columns.get(&id).map_or(&[][..], Vec::as_slice);
        let checks = self.graph.checks.iter();
        let checks = checks.flat_map(|check| scalars_of(check.node).iter().map(|scalar| (*scalar, check.domain)));
        let (varying, fixed): (Vec<_>, Vec<_>) = checks.partition(|(scalar, _)| scalars[*scalar as usize].varies);
        let n_fixed_checks = fixed.len();
        let checks = fixed.into_iter().chain(varying).map(|(scalar, domain)| (rows[scalar as usize], domain)).collect();
        Tape {
            tables: Tabled(Arc::clone(tables)),
            inputs: inputs.into(),
            constants,
            instructions,
            n_fixed,
            n_slots: n_slots as usize,
            results: scalars_of(result).iter().map(|scalar| rows[*scalar as usize]).collect(),
            checks,
            n_fixed_checks,
            n_scratch: self.n_scratch,
        }
    }
}

/// Lane `i` of a column, of which one lane stands for all.
fn at(column: &[u32], i: usize) -> u32 {
    column[if column.len() == 1 { 0 } else { i }]
}

impl Action {
    fn for_each_slot(&mut self, mut f: impl FnMut(&mut Slot)) {
        match self {
            Action::UnaryValue(_, x) | Action::Unary(_, x) | Action::Negate(x) => f(x),
            Action::BinaryValue(_, x, y)
            | Action::Binary(_, x, y)
            | Action::Add(x, y)
            | Action::Subtract(x, y)
            | Action::Multiply(x, y)
            | Action::Scale(x, y)
            | Action::Divide(x, y) => {
                f(x);
                f(y);
            }
            Action::SelectValue(mask, x, y) | Action::Select(mask, x, y) => {
                f(mask);
                f(x);
                f(y);
            }
            Action::ElementwiseValue(applied) | Action::Elementwise(applied) => {
                applied.arguments.iter_mut().for_each(f)
            }
            Action::Whole(applied) => applied.arguments.iter_mut().for_each(f),
        }
    }
}
