//! Straight code for the scalars of a small graph, values and tangents side by side.
//!
//! Solvers call the function of the program again and again with few numbers. Its graph becomes a list of scalar
//! instructions over *rows*: a number and its tangents (derivatives along the directions that the solver carries),
//! padded to an even length. What depends on the parameters of the function alone comes first and runs once a solution;
//! only the rest runs at every place where the function is asked for.

mod compile;
mod run;

use std::sync::Arc;

use hlmc_builtins::table::Domain;

use crate::apply::{Elementwise, Tables, Whole};
use crate::graph::{Binary, Unary};

/// What an input of a tape is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// A number that changes from call to call and has no tangents: the time, a place of integration.
    Place,
    /// A number that changes from call to call and has tangents.
    State,
    /// A number that stays as it is during a solution, and has tangents.
    Parameter,
}

/// A row of the workspace: its place in units of rows.
pub(crate) type Slot = u32;

/// Straight code.
#[derive(Debug)]
pub struct Tape {
    tables: Tabled,
    inputs: Box<[Input]>,
    constants: Vec<(Slot, f64)>,
    instructions: Vec<Instruction>,
    /// So many instructions in front depend on parameters alone.
    n_fixed: usize,
    n_slots: usize,
    results: Vec<Slot>,
    checks: Vec<(Slot, Domain)>,
    /// So many checks in front are of what depends on parameters alone.
    n_fixed_checks: usize,
    /// Numbers behind the rows, for functions of whole columns.
    n_scratch: usize,
}

/// The table, which has nothing to show.
struct Tabled(Arc<Tables>);

impl std::fmt::Debug for Tabled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tables")
    }
}

/// An operation and the row of its result.
#[derive(Debug)]
pub(crate) struct Instruction {
    pub(crate) action: Action,
    pub(crate) result: Slot,
}

/// What an instruction does. Those whose names say so compute a value alone: their tangents are 0.
#[derive(Debug)]
pub(crate) enum Action {
    UnaryValue(Unary, Slot),
    BinaryValue(Binary, Slot, Slot),
    /// The second row where the first is not 0, else the third.
    SelectValue(Slot, Slot, Slot),
    ElementwiseValue(Box<Applied>),
    Negate(Slot),
    Add(Slot, Slot),
    Subtract(Slot, Slot),
    Multiply(Slot, Slot),
    /// By a number without tangents, which comes second.
    Scale(Slot, Slot),
    Divide(Slot, Slot),
    Unary(Unary, Slot),
    Binary(Binary, Slot, Slot),
    /// The second row where the first is not 0, else the third.
    Select(Slot, Slot, Slot),
    Elementwise(Box<Applied>),
    /// Its results are this row and those behind it.
    Whole(Box<WholeApplied>),
}

/// A function of the table and its arguments.
#[derive(Debug)]
pub(crate) struct Applied {
    function: Elementwise,
    arguments: Box<[Slot]>,
}

/// A function of whole columns, its arguments, and the number of its results.
#[derive(Debug)]
pub(crate) struct WholeApplied {
    function: Arc<dyn Whole>,
    arguments: Box<[Slot]>,
    n_results: usize,
}

impl Tape {
    /// The number of inputs, which have the first rows.
    #[must_use]
    pub fn n_inputs(&self) -> usize {
        self.inputs.len()
    }

    /// The instructions that run at every place, if nothing is checked of their results.
    pub(crate) fn unchecked(&self) -> Option<&[Instruction]> {
        (self.n_fixed_checks == self.checks.len()).then(|| &self.instructions[self.n_fixed..])
    }

    /// For each row, whether it has tangents.
    pub(crate) fn active_rows(&self) -> Vec<bool> {
        let mut is_active = vec![false; self.n_slots];
        let inputs = self.inputs.iter().map(|input| *input != Input::Place);
        is_active.iter_mut().zip(inputs).for_each(|(slot, input)| *slot = input);
        for Instruction { action, result } in &self.instructions {
            let n_results = match action {
                Action::UnaryValue(..)
                | Action::BinaryValue(..)
                | Action::SelectValue(..)
                | Action::ElementwiseValue(..) => 0,
                Action::Whole(applied) => applied.n_results,
                _ => 1,
            };
            is_active[*result as usize..][..n_results].fill(true);
        }
        is_active
    }

    /// The rows of the results.
    #[must_use]
    pub fn results(&self) -> &[u32] {
        &self.results
    }

    /// The length of the workspace for rows of a value and `width - 1` tangents.
    #[must_use]
    pub fn workspace(&self, width: usize) -> usize {
        self.n_slots * width + self.n_scratch
    }
}

/// The width of rows for so many tangents: even, so that vector instructions come out without a rest.
#[must_use]
pub fn width(n_tangents: usize) -> usize {
    if n_tangents == 0 { 1 } else { (n_tangents + 1).next_multiple_of(2) }
}
