//! Roots of systems of equations; derivatives by the implicit function theorem.

use hlmc_builtins::Fault;
use hlmc_math::root::{RootControl, RootError, RootRoom, find_root_in_place};

use super::tape::{Tape, width};
use super::{Given, seed};
use crate::apply::Whole;
use crate::linear::general::invert;

/// The vector y near a guess with f(y, p) = 0.
///
/// The inputs are the unknown parameters, and behind these what is unknown of the guess. The outputs begin with a *row*
/// of value and derivatives for each entry; see [`RootSolution::position`].
#[derive(Debug)]
pub struct RootSolution {
    tape: Tape,
    guess: Box<[Given]>,
    control: RootControl,
    n_directions: usize,
    width: usize,
}

impl RootSolution {
    /// A root of the function `tape`, whose inputs are the unknowns and the parameters.
    #[must_use]
    pub fn new(tape: Tape, guess: Box<[Given]>, control: RootControl) -> Self {
        let n_directions = tape.n_inputs() - guess.len();
        RootSolution { tape, guess, control, n_directions, width: width(n_directions) }
    }

    /// Where among the outputs entry `k` of the root is.
    #[must_use]
    pub fn position(&self, k: usize) -> usize {
        k * self.width
    }

    /// The number of outputs: the rows of the root, and what is needed on the way.
    #[must_use]
    pub fn n_outputs(&self) -> usize {
        let n = self.guess.len();
        n * self.width + RootRoom::length(n) + n + self.tape.workspace(self.width)
    }

    fn start(&self, w: usize, workspace: &mut [f64], inputs: &[f64]) -> Result<(), Fault> {
        let n = self.guess.len();
        self.tape.start(w, workspace, |rows| {
            for input in 0..self.n_directions {
                seed(&mut rows[(n + input) * w..][..w], inputs[input], input);
            }
        })
    }

    fn residual(&self, w: usize, workspace: &mut [f64], position: &[f64]) -> Result<(), Fault> {
        position.iter().enumerate().for_each(|(k, y)| workspace[k * w] = *y);
        self.tape.run(w, workspace)
    }
}

impl Whole for RootSolution {
    fn forward(&self, inputs: &[f64], outputs: &mut [f64]) -> Result<(), Fault> {
        let (n, w) = (self.guess.len(), self.width);
        let (rows, rest) = outputs.split_at_mut(n * w);
        let (room, rest) = rest.split_at_mut(RootRoom::length(n));
        let (order, workspace) = rest.split_at_mut(n);
        let mut room = RootRoom::new(room, n);
        room.position.iter_mut().zip(&self.guess).for_each(|(y, given)| *y = given.value(inputs));
        self.start(1, workspace, inputs)?;
        let mut equations = |position: &[f64], values: &mut [f64]| {
            self.residual(1, workspace, position).map_err(RootError::Equations)?;
            values.iter_mut().zip(self.tape.results()).for_each(|(value, slot)| *value = workspace[*slot as usize]);
            Ok(())
        };
        find_root_in_place(&mut equations, &mut room, self.control).map_err(|error| match error {
            RootError::Equations(fault) => fault,
            RootError::Size(..) => Fault::fatal(error.to_string()),
            other => Fault::rejection(other.to_string()),
        })?;
        invert(room.jacobian, order, room.spare);
        let inverse = room.spare;
        self.start(w, workspace, inputs)?;
        self.residual(w, workspace, room.position)?;
        // One more step of Newton's method on values and derivatives.
        for (i, row) in rows.chunks_exact_mut(w).enumerate() {
            row.fill(0.0);
            for (j, slot) in self.tape.results().iter().enumerate() {
                let residual = &workspace[*slot as usize * w..][..w];
                row.iter_mut().zip(residual).for_each(|(y, r)| *y -= inverse[i + j * n] * r);
            }
            row[0] += room.position[i];
        }
        Ok(())
    }

    fn reverse(
        &self,
        _inputs: &[f64],
        outputs: &[f64],
        adjoint_outputs: &mut [f64],
        adjoint_inputs: &mut [f64],
    ) -> Result<(), Fault> {
        let w = self.width;
        let rows = outputs[..self.guess.len() * w].chunks_exact(w);
        for (row, adjoint) in rows.zip(adjoint_outputs.iter().step_by(w)) {
            let directions = adjoint_inputs.iter_mut().take(self.n_directions);
            directions.zip(&row[1..]).for_each(|(sum, partial)| *sum += adjoint * partial);
        }
        Ok(())
    }
}
