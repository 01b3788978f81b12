//! The forward sweep: the value of every instruction.

use hlmc_builtins::Fault;
use smallvec::SmallVec;

use super::{Action, BLOCK, Instruction, Operand, Program};
use crate::apply::DIRECTIONS;
use crate::graph::{Binary, Unary};
use crate::kernel::block;

/// Fills `values`, which begin with the position.
pub(super) fn run(program: &Program, values: &mut [f64]) -> Result<(), Fault> {
    for step in &program.steps {
        let instructions = &program.instructions[step.instructions.clone()];
        match step.lanes {
            None => {
                for instruction in instructions {
                    instruction.forward_whole(program, values)?;
                }
            }
            Some(lanes) => {
                for start in (0..lanes).step_by(BLOCK) {
                    let end = (start + BLOCK).min(lanes);
                    for instruction in instructions {
                        instruction.forward_block(program, values, start, end)?;
                    }
                }
            }
        }
    }
    Ok(())
}

impl Program {
    /// Runs one instruction of the forward sweep for all lanes.
    pub(crate) fn forward_one(&self, instruction: usize, values: &mut [f64]) -> Result<(), Fault> {
        let Some(instruction) = self.instructions.get(instruction) else { return Ok(()) };
        if instruction.is_map() {
            instruction.forward_block(self, values, 0, instruction.result.lanes)
        } else {
            instruction.forward_whole(self, values)
        }
    }
}

/// The lanes `start..end` of an operand; one lane stands for all.
pub(super) enum Lanes<'a> {
    /// The same in every lane.
    One(f64),
    /// One number a lane.
    Many(&'a [f64]),
}

impl Operand {
    pub(super) fn lanes<'a>(&'a self, values: &'a [f64], start: usize, end: usize) -> Lanes<'a> {
        let column = self.column(values);
        if column.len() == 1 { Lanes::One(column[0]) } else { Lanes::Many(&column[start..end]) }
    }

    /// The number of lanes.
    pub(super) fn len(&self) -> usize {
        match self {
            Operand::Slot(slot) => slot.lanes,
            Operand::Known(column) => column.len(),
        }
    }

    fn column<'a>(&'a self, values: &'a [f64]) -> &'a [f64] {
        match self {
            Operand::Slot(slot) => &values[slot.start..slot.start + slot.lanes],
            Operand::Known(column) => column,
        }
    }
}

impl Lanes<'_> {
    #[inline]
    pub(super) fn at(&self, i: usize) -> f64 {
        match self {
            Lanes::One(x) => *x,
            Lanes::Many(column) => column[i],
        }
    }
}

impl Instruction {
    fn forward_block(&self, program: &Program, values: &mut [f64], start: usize, end: usize) -> Result<(), Fault> {
        // Results lie behind all operands: nodes are laid out in their order.
        let first = match &self.action {
            Action::Elementwise(_, _, partials) => *partials,
            _ => self.result.start,
        };
        let (operands, results) = values.split_at_mut(first);
        match &self.action {
            Action::Unary(unary, x) => {
                unary_block(*unary, &x.lanes(operands, start, end), &mut results[start..end]);
            }
            Action::Binary(binary, x, y) => {
                let (x, y) = (x.lanes(operands, start, end), y.lanes(operands, start, end));
                binary_block(*binary, &x, &y, &mut results[start..end]);
            }
            Action::Select(mask, x, y) => {
                let [mask, x, y] = [mask, x, y].map(|operand| operand.lanes(operands, start, end));
                let lanes = results[start..end].iter_mut().enumerate();
                lanes.for_each(|(i, out)| *out = if mask.at(i) != 0.0 { x.at(i) } else { y.at(i) });
            }
            Action::Elementwise(function, arguments, _) => {
                let lanes = self.result.lanes;
                let columns: SmallVec<[Lanes<'_>; DIRECTIONS]> =
                    arguments.iter().map(|argument| argument.lanes(operands, start, end)).collect();
                let mut x: SmallVec<[f64; DIRECTIONS]> = SmallVec::new();
                let mut partials = [0.0; DIRECTIONS];
                for i in 0..end - start {
                    x.clear();
                    x.extend(columns.iter().map(|column| column.at(i)));
                    let partials = &mut partials[..x.len().min(DIRECTIONS)];
                    let value = function.partials(&program.tables, &x, partials)?;
                    results[arguments.len() * lanes + start + i] = value;
                    partials.iter().enumerate().for_each(|(k, partial)| results[k * lanes + start + i] = *partial);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn forward_whole(&self, program: &Program, values: &mut [f64]) -> Result<(), Fault> {
        if let Action::Scan(recurrence) = &self.action {
            return recurrence.forward(&program.tables, values, self.result);
        }
        let (operands, results) = values.split_at_mut(self.result.start);
        let result = &mut results[..self.result.lanes];
        match &self.action {
            Action::Gather(x, index) => {
                let x = &operands[x.start..][..x.lanes];
                result.iter_mut().zip(index.iter()).for_each(|(out, i)| *out = x[*i as usize]);
            }
            Action::Concatenate(parts) => {
                let mut at = 0;
                for part in parts {
                    let part = part.column(operands);
                    result[at..at + part.len()].copy_from_slice(part);
                    at += part.len();
                }
            }
            Action::Sum(x) => result[0] = operands[x.start..][..x.lanes].iter().sum(),
            Action::ScatterSum(x, index) => {
                result.fill(0.0);
                let x = x.lanes(operands, 0, index.len());
                index.iter().enumerate().for_each(|(j, i)| result[*i as usize] += x.at(j));
            }
            Action::KnownMatrixVector(matrix, x) => {
                matrix.multiply(&operands[x.start..][..x.lanes], result);
            }
            Action::Whole(function, x) => function.forward(&operands[x.start..][..x.lanes], result)?,
            Action::Unary(..) | Action::Binary(..) | Action::Select(..) | Action::Elementwise(..) | Action::Scan(_) => {
            }
        }
        Ok(())
    }
}

fn unary_block(unary: Unary, x: &Lanes<'_>, out: &mut [f64]) {
    match x {
        Lanes::One(x) => out.fill(unary.value(*x)),
        Lanes::Many(x) => block::unary_block(unary, x, out),
    }
}

fn binary_block(binary: Binary, x: &Lanes<'_>, y: &Lanes<'_>, out: &mut [f64]) {
    match binary {
        Binary::Add => zip(x, y, out, |x, y| x + y),
        Binary::Subtract => zip(x, y, out, |x, y| x - y),
        Binary::Multiply => zip(x, y, out, |x, y| x * y),
        Binary::Divide => zip(x, y, out, |x, y| x / y),
        _ => zip(x, y, out, |x, y| binary.value(x, y)),
    }
}

#[inline]
fn zip(x: &Lanes<'_>, y: &Lanes<'_>, out: &mut [f64], f: impl Fn(f64, f64) -> f64) {
    match (x, y) {
        (Lanes::One(x), Lanes::One(y)) => out.fill(f(*x, *y)),
        (Lanes::One(x), Lanes::Many(y)) => out.iter_mut().zip(*y).for_each(|(out, y)| *out = f(*x, *y)),
        (Lanes::Many(x), Lanes::One(y)) => out.iter_mut().zip(*x).for_each(|(out, x)| *out = f(*x, *y)),
        (Lanes::Many(x), Lanes::Many(y)) => {
            out.iter_mut().zip(x.iter().zip(*y)).for_each(|(out, (x, y))| *out = f(*x, *y));
        }
    }
}
