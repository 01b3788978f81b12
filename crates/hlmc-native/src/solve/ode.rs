//! Differential equations with their forward sensitivities.
//!
//! The state y and its derivatives S by initial state, initial time and parameters are one system, dS/dt = (df/dy) S +
//! df/dp (Hairer, Norsett and Wanner, "Solving Ordinary Differential Equations I", I.14), whose steps are chosen for
//! the errors of all of it, as in Stan and as in forward mode.

use hlmc_builtins::Fault;
use hlmc_math::ode::{OdeControl, OdeError, RK45_SCRATCH_STATES, solve_rk45_into};

use super::tape::{Tape, width};
use super::{Given, seed};
use crate::apply::Whole;
use crate::codegen::SlopeCode;

/// What an input of a solution is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OdeInput {
    /// An unknown of initial state, initial time or parameters: the solution is differentiated by it on the way.
    Direction,
    /// An unknown time: the derivative by it is the slope there.
    Time,
    /// A number that is known, but another one in each lane: nothing is differentiated by it, since errors of derivatives
    /// take part in the choice of steps.
    Constant,
}

/// The states at given times of a solution of dy/dt = f(t, y, p).
///
/// The inputs are initial state, initial time and parameters, and behind these the times, as far as they are not the same
/// known numbers in all solutions. The outputs begin with the states, each a *row* of value and derivatives; see
/// [`OdeSolution::position`].
#[derive(Debug)]
pub struct OdeSolution {
    tape: Tape,
    code: Option<SlopeCode>,
    initial: Box<[Given]>,
    start: Given,
    times: Box<[Given]>,
    control: OdeControl,
    inputs: Box<[OdeInput]>,
    /// The input that each direction belongs to.
    directions: Box<[usize]>,
    /// The input that is the first parameter of the right-hand side; the others follow.
    first_parameter: usize,
    width: usize,
}

impl OdeSolution {
    /// A solution of the right-hand side `tape`, whose inputs are the time, the state, and the inputs of the solution from
    /// `first_parameter` on.
    #[must_use]
    pub fn new(
        tape: Tape,
        (start, initial): (Given, Box<[Given]>),
        times: Box<[Given]>,
        control: OdeControl,
        (inputs, first_parameter): (Box<[OdeInput]>, usize),
    ) -> Self {
        let is_direction = |input: &usize| inputs[*input] == OdeInput::Direction;
        let directions: Box<[usize]> = (0..inputs.len()).filter(is_direction).collect();
        let width = width(directions.len());
        let code = SlopeCode::compile(&tape, initial.len(), width);
        OdeSolution { tape, code, initial, start, times, control, inputs, directions, first_parameter, width }
    }

    /// The direction of an input, if it has one.
    fn direction(&self, input: usize) -> Option<usize> {
        self.directions.binary_search(&input).ok()
    }

    /// A row that depends on an input.
    fn set(&self, row: &mut [f64], inputs: &[f64], input: usize) {
        match self.direction(input) {
            Some(direction) => seed(row, inputs[input], direction),
            None => row[0] = inputs[input],
        }
    }

    /// Where among the outputs entry `k` of the state at time `i` is.
    #[must_use]
    pub fn position(&self, i: usize, k: usize) -> usize {
        (i * self.initial.len() + k) * self.width
    }

    /// The number of outputs: the rows of the states, their slopes if times are unknown, and what is needed on the way.
    #[must_use]
    pub fn n_outputs(&self) -> usize {
        let state = self.initial.len() * self.width;
        let n_states = self.times.len() + 1 + RK45_SCRATCH_STATES;
        n_states * state + self.n_slopes() + self.times.len() + self.tape.workspace(self.width)
    }

    /// The number of slopes at unknown times.
    fn n_slopes(&self) -> usize {
        if self.inputs.contains(&OdeInput::Time) { self.times.len() * self.initial.len() } else { 0 }
    }

    /// The right-hand side of the whole system.
    #[inline]
    fn slope(&self, workspace: &mut [f64], time: f64, state: &[f64], slope: &mut [f64]) -> Result<(), Fault> {
        if let Some(code) = &self.code
            && code.run(workspace, time, state, slope)
        {
            return Ok(());
        }
        let w = self.width;
        workspace[0] = time;
        workspace[w..w + state.len()].copy_from_slice(state);
        self.tape.run(w, workspace)?;
        for (slope, slot) in slope.chunks_exact_mut(w).zip(self.tape.results()) {
            slope.copy_from_slice(&workspace[*slot as usize * w..][..w]);
        }
        Ok(())
    }

    /// The rows of the initial state.
    fn set_initial(&self, workspace: &mut [f64], inputs: &[f64], state: &mut [f64]) -> Result<(), Fault> {
        state.fill(0.0);
        for (row, given) in state.chunks_exact_mut(self.width).zip(&self.initial) {
            match given {
                Given::Known(value) => row[0] = *value,
                Given::Input(i) => self.set(row, inputs, *i),
            }
        }
        if let Given::Input(i) = self.start
            && let Some(direction) = self.direction(i)
        {
            // A later start leaves the solution behind by its slope.
            let w = self.width;
            workspace[0] = inputs[i];
            workspace[w..w + state.len()].copy_from_slice(state);
            self.tape.run(w, workspace)?;
            for (row, slot) in state.chunks_exact_mut(w).zip(self.tape.results()) {
                row[1 + direction] = -workspace[*slot as usize * w];
            }
        }
        Ok(())
    }
}

impl Whole for OdeSolution {
    fn forward(&self, inputs: &[f64], outputs: &mut [f64]) -> Result<(), Fault> {
        let (n, w) = (self.initial.len(), self.width);
        let (solution, rest) = outputs.split_at_mut(self.times.len() * n * w);
        let (slopes, rest) = rest.split_at_mut(self.n_slopes());
        let (times, rest) = rest.split_at_mut(self.times.len());
        let (initial, rest) = rest.split_at_mut(n * w);
        let (scratch, workspace) = rest.split_at_mut(RK45_SCRATCH_STATES * n * w);
        times.iter_mut().zip(&self.times).for_each(|(time, given)| *time = given.value(inputs));
        let first_slot = 1 + n;
        let n_parameters = self.tape.n_inputs() - first_slot;
        self.tape.start(w, workspace, |rows| {
            for k in 0..n_parameters {
                self.set(&mut rows[(first_slot + k) * w..][..w], inputs, self.first_parameter + k);
            }
        })?;
        self.set_initial(workspace, inputs, initial)?;
        let start = self.start.value(inputs);
        let rhs = |t: f64, y: &[f64], dy: &mut [f64]| self.slope(workspace, t, y, dy);
        // With the widest vector instructions that the machine has.
        let solved = pulp::Arch::new().dispatch(
            #[inline(always)]
            || solve_rk45_into(rhs, initial, start, times, self.control, scratch, solution),
        );
        solved.map_err(|error| match error {
            OdeError::RightHandSide(fault) => fault,
            other => Fault::rejection(other.to_string()),
        })?;
        if !slopes.is_empty() {
            for (i, slopes) in slopes.chunks_exact_mut(n).enumerate() {
                let rows = &mut scratch[..n * w];
                self.slope(workspace, times[i], &solution[i * n * w..(i + 1) * n * w], rows)?;
                slopes.iter_mut().zip(rows.iter().step_by(w)).for_each(|(slope, row)| *slope = *row);
            }
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
        let (n, w) = (self.initial.len(), self.width);
        let n_states = self.times.len() * n;
        let rows = outputs[..n_states * w].chunks_exact(w);
        for (row, adjoint) in rows.zip(adjoint_outputs.iter().step_by(w)).filter(|(_, adjoint)| **adjoint != 0.0) {
            let partials = self.directions.iter().zip(&row[1..]);
            partials.for_each(|(input, partial)| adjoint_inputs[*input] += adjoint * partial);
        }
        if self.n_slopes() > 0 {
            let slopes = &outputs[n_states * w..][..n_states];
            for (i, given) in self.times.iter().enumerate() {
                if let Given::Input(input) = given
                    && self.inputs[*input] == OdeInput::Time
                {
                    let adjoints = adjoint_outputs[i * n * w..].iter().step_by(w);
                    let total: f64 = slopes[i * n..][..n].iter().zip(adjoints).map(|(x, adjoint)| x * adjoint).sum();
                    adjoint_inputs[*input] += total;
                }
            }
        }
        Ok(())
    }
}
