//! The reverse sweep: what every instruction's result contributes to the gradient.

use hlmc_builtins::Fault;

use super::forward::Lanes;
use super::{Action, BLOCK, Instruction, Operand, Program, Slot};
use crate::graph::{Binary, Unary};

/// Turns the adjoint of the result, set in `adjoints`, into those of the position, with which `adjoints` begin.
pub(super) fn run(program: &Program, values: &[f64], adjoints: &mut [f64]) -> Result<(), Fault> {
    for step in program.steps.iter().rev() {
        let instructions = &program.instructions[step.instructions.clone()];
        match step.lanes {
            None => {
                for instruction in instructions.iter().rev() {
                    instruction.reverse_whole(values, adjoints)?;
                }
            }
            Some(lanes) => {
                for start in (0..lanes).step_by(BLOCK) {
                    let end = (start + BLOCK).min(lanes);
                    for instruction in instructions.iter().rev() {
                        instruction.reverse_block(values, adjoints, start, end);
                    }
                }
            }
        }
    }
    Ok(())
}

impl Program {
    /// Runs one instruction of the reverse sweep for all lanes.
    pub(crate) fn reverse_one(&self, instruction: usize, values: &[f64], adjoints: &mut [f64]) -> Result<(), Fault> {
        let Some(instruction) = self.instructions.get(instruction) else { return Ok(()) };
        if instruction.is_map() {
            instruction.reverse_block(values, adjoints, 0, instruction.result.lanes);
            Ok(())
        } else {
            instruction.reverse_whole(values, adjoints)
        }
    }
}

/// Adds `f(i)` to the adjoint of lane `start + i` of an operand; to its one lane if it has just one.
fn add(operand: &Operand, adjoints: &mut [f64], start: usize, n: usize, f: impl Fn(usize) -> f64) {
    let Operand::Slot(slot) = operand else { return };
    if slot.lanes == 1 {
        adjoints[slot.start] += (0..n).map(f).sum::<f64>();
    } else {
        let lanes = &mut adjoints[slot.start + start..][..n];
        lanes.iter_mut().enumerate().for_each(|(i, adjoint)| *adjoint += f(i));
    }
}

impl Instruction {
    fn reverse_block(&self, values: &[f64], adjoints: &mut [f64], start: usize, end: usize) {
        let n = end - start;
        let (operands, own) = adjoints.split_at_mut(self.result.start);
        let adjoint = &own[start..end];
        let result = &values[self.result.start + start..][..n];
        match &self.action {
            Action::Unary(unary, x) => {
                let lanes = x.lanes(values, start, end);
                match unary {
                    Unary::Negate => add(x, operands, start, n, |i| -adjoint[i]),
                    Unary::Exp => add(x, operands, start, n, |i| adjoint[i] * result[i]),
                    Unary::Square => add(x, operands, start, n, |i| adjoint[i] * 2.0 * lanes.at(i)),
                    _ => add(x, operands, start, n, |i| adjoint[i] * unary.derivative(lanes.at(i), result[i])),
                }
            }
            Action::Binary(binary, x, y) => {
                let (a, b) = (x.lanes(values, start, end), y.lanes(values, start, end));
                reverse_binary(*binary, (x, &a), (y, &b), result, adjoint, operands, start);
            }
            Action::Select(mask, x, y) => {
                // Chosen, not multiplied: the adjoint of what is not taken is 0 even where its value is no number.
                let mask = mask.lanes(values, start, end);
                add(x, operands, start, n, |i| if mask.at(i) != 0.0 { adjoint[i] } else { 0.0 });
                add(y, operands, start, n, |i| if mask.at(i) != 0.0 { 0.0 } else { adjoint[i] });
            }
            Action::Elementwise(_, arguments, partials) => {
                for (k, argument) in arguments.iter().enumerate() {
                    let partial = &values[partials + k * self.result.lanes + start..][..n];
                    add(argument, operands, start, n, |i| adjoint[i] * partial[i]);
                }
            }
            _ => {}
        }
    }

    fn reverse_whole(&self, values: &[f64], adjoints: &mut [f64]) -> Result<(), Fault> {
        if let Action::Scan(recurrence) = &self.action {
            return recurrence.reverse(values, adjoints, self.result);
        }
        let (operands, own) = adjoints.split_at_mut(self.result.start);
        let adjoint = &mut own[..self.result.lanes];
        let of = |slot: Slot| slot.start..slot.start + slot.lanes;
        match &self.action {
            Action::Gather(x, index) => {
                let x = &mut operands[of(*x)];
                index.iter().zip(&*adjoint).for_each(|(i, adjoint)| x[*i as usize] += adjoint);
            }
            Action::Concatenate(parts) => {
                let mut at = 0;
                for part in parts {
                    let lanes = part.len();
                    // A part of one lane is one entry here and not broadcast.
                    add(part, operands, 0, lanes, |i| adjoint[at + i]);
                    at += lanes;
                }
            }
            Action::Sum(x) => operands[of(*x)].iter_mut().for_each(|sum| *sum += adjoint[0]),
            Action::ScatterSum(x, index) => add(x, operands, 0, index.len(), |j| adjoint[index[j] as usize]),
            Action::KnownMatrixVector(matrix, x) => {
                matrix.add_transposed_product(adjoint, &mut operands[of(*x)]);
            }
            Action::Whole(function, x) => {
                let outputs = &values[of(self.result)];
                function.reverse(&values[of(*x)], outputs, adjoint, &mut operands[of(*x)])?;
            }
            Action::Unary(..) | Action::Binary(..) | Action::Select(..) | Action::Elementwise(..) | Action::Scan(_) => {
            }
        }
        Ok(())
    }
}

/// Adds the contributions of a binary operation to the adjoints of its operands.
fn reverse_binary(
    binary: Binary,
    (x, a): (&Operand, &Lanes<'_>),
    (y, b): (&Operand, &Lanes<'_>),
    result: &[f64],
    adjoint: &[f64],
    operands: &mut [f64],
    start: usize,
) {
    let n = adjoint.len();
    match binary {
        Binary::Add => {
            add(x, operands, start, n, |i| adjoint[i]);
            add(y, operands, start, n, |i| adjoint[i]);
        }
        Binary::Subtract => {
            add(x, operands, start, n, |i| adjoint[i]);
            add(y, operands, start, n, |i| -adjoint[i]);
        }
        Binary::Multiply => {
            add(x, operands, start, n, |i| adjoint[i] * b.at(i));
            add(y, operands, start, n, |i| adjoint[i] * a.at(i));
        }
        Binary::Less | Binary::LessEqual | Binary::Equal => {}
        Binary::Divide | Binary::LogSumExp | Binary::Power | Binary::LgammaDifference => {
            add(x, operands, start, n, |i| adjoint[i] * binary.partials(a.at(i), b.at(i), result[i]).0);
            add(y, operands, start, n, |i| adjoint[i] * binary.partials(a.at(i), b.at(i), result[i]).1);
        }
    }
}
