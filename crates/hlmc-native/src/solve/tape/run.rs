//! Running a tape on rows.

use hlmc_builtins::Fault;
use smallvec::SmallVec;

use super::{Action, Applied, Instruction, Tape, WholeApplied};
use crate::apply::DIRECTIONS;

impl Tape {
    /// Prepares a workspace of [`Tape::workspace`] numbers for a solution: constants, parameters, and what depends on
    /// these alone. The parameters' rows are set by `set_parameters`.
    ///
    /// # Errors
    /// What a function of the tape faults with, and a parameter out of its domain.
    pub fn start(
        &self,
        width: usize,
        workspace: &mut [f64],
        set_parameters: impl FnOnce(&mut [f64]),
    ) -> Result<(), Fault> {
        workspace.fill(0.0);
        for (slot, value) in &self.constants {
            workspace[*slot as usize * width] = *value;
        }
        set_parameters(workspace);
        self.run_instructions(width, &self.instructions[..self.n_fixed], workspace)?;
        self.check(width, workspace, 0..self.n_fixed_checks)
    }

    /// Computes the results from the rows of places and states.
    ///
    /// # Errors
    /// What a function of the tape faults with, and a number out of the domain that is asked of it.
    #[inline]
    pub fn run(&self, width: usize, workspace: &mut [f64]) -> Result<(), Fault> {
        self.run_instructions(width, &self.instructions[self.n_fixed..], workspace)?;
        self.check(width, workspace, self.n_fixed_checks..self.checks.len())
    }

    fn check(&self, width: usize, workspace: &[f64], range: std::ops::Range<usize>) -> Result<(), Fault> {
        for (slot, domain) in &self.checks[range] {
            let value = workspace[*slot as usize * width];
            if !domain.contains(value) {
                return Err(domain.fault("a number", value));
            }
        }
        Ok(())
    }

    /// Widths that are usual have code of their own, in which the loops over a row are unrolled.
    fn run_instructions(&self, width: usize, instructions: &[Instruction], rows: &mut [f64]) -> Result<(), Fault> {
        match width {
            1 => self.run_rows(Fixed::<1>, instructions, rows),
            2 => self.run_rows(Fixed::<2>, instructions, rows),
            4 => self.run_rows(Fixed::<4>, instructions, rows),
            6 => self.run_rows(Fixed::<6>, instructions, rows),
            8 => self.run_rows(Fixed::<8>, instructions, rows),
            10 => self.run_rows(Fixed::<10>, instructions, rows),
            12 => self.run_rows(Fixed::<12>, instructions, rows),
            _ => self.run_rows(Dynamic(width), instructions, rows),
        }
    }

    #[inline]
    fn run_rows<W: Width>(&self, width: W, instructions: &[Instruction], rows: &mut [f64]) -> Result<(), Fault> {
        let w = width.get();
        for instruction in instructions {
            // Results lie behind all operands.
            let (before, out) = rows.split_at_mut(instruction.result as usize * w);
            let row = |slot: u32| &before[slot as usize * w..][..w];
            let value = |slot: u32| before[slot as usize * w];
            match &instruction.action {
                Action::UnaryValue(unary, x) => out[0] = unary.value(value(*x)),
                Action::BinaryValue(binary, x, y) => out[0] = binary.value(value(*x), value(*y)),
                Action::SelectValue(mask, x, y) => out[0] = value(if value(*mask) == 0.0 { *y } else { *x }),
                Action::Select(mask, x, y) => {
                    let chosen = if value(*mask) == 0.0 { *y } else { *x };
                    out[..w].copy_from_slice(row(chosen));
                }
                Action::ElementwiseValue(applied) => {
                    let x: SmallVec<[f64; DIRECTIONS]> = applied.arguments.iter().map(|slot| value(*slot)).collect();
                    out[0] = applied.function.call(&self.tables.0.plain, &x)?;
                }
                Action::Negate(x) => map(&mut out[..w], row(*x), |x| -x),
                Action::Add(x, y) => zip(&mut out[..w], row(*x), row(*y), |x, y| x + y),
                Action::Subtract(x, y) => zip(&mut out[..w], row(*x), row(*y), |x, y| x - y),
                Action::Multiply(x, y) => {
                    let (a, b) = (value(*x), value(*y));
                    zip(&mut out[..w], row(*x), row(*y), |x, y| b * x + a * y);
                    out[0] = a * b;
                }
                Action::Scale(x, factor) => {
                    let factor = value(*factor);
                    map(&mut out[..w], row(*x), |x| factor * x);
                }
                Action::Divide(x, y) => {
                    let (b, quotient) = (value(*y), value(*x) / value(*y));
                    let reciprocal = 1.0 / b;
                    zip(&mut out[..w], row(*x), row(*y), |x, y| (x - quotient * y) * reciprocal);
                    out[0] = quotient;
                }
                Action::Unary(unary, x) => {
                    let result = unary.value(value(*x));
                    let slope = unary.derivative(value(*x), result);
                    map(&mut out[..w], row(*x), |x| slope * x);
                    out[0] = result;
                }
                Action::Binary(binary, x, y) => {
                    let (a, b) = (value(*x), value(*y));
                    let result = binary.value(a, b);
                    let (by_x, by_y) = binary.partials(a, b, result);
                    zip(&mut out[..w], row(*x), row(*y), |x, y| by_x * x + by_y * y);
                    out[0] = result;
                }
                Action::Elementwise(applied) => self.elementwise(applied, w, before, &mut out[..w])?,
                Action::Whole(applied) => {
                    let (out, behind) = out.split_at_mut(applied.n_results * w);
                    let n_behind = behind.len();
                    applied.run(w, before, out, &mut behind[n_behind - self.n_scratch..])?;
                }
            }
        }
        Ok(())
    }

    fn elementwise(&self, applied: &Applied, w: usize, before: &[f64], out: &mut [f64]) -> Result<(), Fault> {
        let row = |slot: u32| &before[slot as usize * w..][..w];
        let x: SmallVec<[f64; DIRECTIONS]> = applied.arguments.iter().map(|slot| row(*slot)[0]).collect();
        let mut partials = [0.0; DIRECTIONS];
        let partials = &mut partials[..x.len().min(DIRECTIONS)];
        let value = applied.function.partials(&self.tables.0, &x, partials)?;
        out.fill(0.0);
        for (partial, argument) in partials.iter().zip(&applied.arguments) {
            out.iter_mut().zip(row(*argument)).for_each(|(out, x)| *out += partial * x);
        }
        out[0] = value;
        Ok(())
    }
}

impl WholeApplied {
    /// Values forwards, then a row of the Jacobian matrix for each result backwards.
    fn run(&self, w: usize, before: &[f64], out: &mut [f64], scratch: &mut [f64]) -> Result<(), Fault> {
        let (n, m) = (self.arguments.len(), self.n_results);
        let row = |slot: u32| &before[slot as usize * w..][..w];
        let (inputs, rest) = scratch.split_at_mut(n);
        let (outputs, rest) = rest.split_at_mut(m);
        let (adjoint_inputs, rest) = rest.split_at_mut(n);
        let adjoint_outputs = &mut rest[..m];
        inputs.iter_mut().zip(&self.arguments).for_each(|(x, slot)| *x = row(*slot)[0]);
        self.function.forward(inputs, outputs)?;
        adjoint_outputs.fill(0.0);
        for k in 0..m {
            let result = &mut out[k * w..(k + 1) * w];
            result.fill(0.0);
            if w > 1 {
                adjoint_inputs.fill(0.0);
                adjoint_outputs[k] = 1.0;
                self.function.reverse(inputs, outputs, adjoint_outputs, adjoint_inputs)?;
                adjoint_outputs[k] = 0.0;
                for (partial, argument) in adjoint_inputs.iter().zip(&self.arguments).filter(|(x, _)| **x != 0.0) {
                    result.iter_mut().zip(row(*argument)).for_each(|(out, x)| *out += partial * x);
                }
            }
            result[0] = outputs[k];
        }
        Ok(())
    }
}

/// The length of a row.
trait Width: Copy {
    fn get(self) -> usize;
}

/// Known when this is compiled.
#[derive(Clone, Copy)]
struct Fixed<const W: usize>;

impl<const W: usize> Width for Fixed<W> {
    #[inline(always)]
    fn get(self) -> usize {
        W
    }
}

/// Known when it runs.
#[derive(Clone, Copy)]
struct Dynamic(usize);

impl Width for Dynamic {
    #[inline(always)]
    fn get(self) -> usize {
        self.0
    }
}

#[inline(always)]
fn map(out: &mut [f64], x: &[f64], f: impl Fn(f64) -> f64) {
    out.iter_mut().zip(x).for_each(|(out, x)| *out = f(*x));
}

#[inline(always)]
fn zip(out: &mut [f64], x: &[f64], y: &[f64], f: impl Fn(f64, f64) -> f64) {
    out.iter_mut().zip(x.iter().zip(y)).for_each(|(out, (x, y))| *out = f(*x, *y));
}
