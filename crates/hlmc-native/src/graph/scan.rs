//! Scans: loops that carry values from turn to turn, as straight-line scalar steps that are run turn after turn.
//!
//! A [`Scan`] is the body of one [`Operation::Scan`](super::Operation::Scan). What does not depend on the carried values
//! is no part of it: it stays in columns of the graph, which are the scan's *inputs*, the operands of the operation.
//!
//! For turn `t` the steps are run in order. A step gives one number; its operands are numbers of this turn, see
//! [`Source`], and values of earlier turns enter only through the steps [`Action::Carried`] and [`Action::Recalled`].
//! A step with a guard is run in the turns of its guard alone, and only steps of those turns look at it.
//!
//! The operation's lanes are the outputs' columns, one after the other: lane `k * turns + t` is the value of step
//! `outputs[k]` at turn `t`. In turns that an output's guard leaves out it is 0, and nothing depends on it.
//!
//! In the reverse sweep the turns run backwards. The adjoint of a step is that of its output, if it is one, and what the
//! later steps of its turn and the `Carried` and `Recalled` steps of later turns contribute.

use std::sync::Arc;

use super::{Binary, Unary};
use crate::apply::Elementwise;
use crate::each_lane::EachLane;

/// A loop that carries values from turn to turn.
#[derive(Clone, Debug, PartialEq)]
pub struct Scan {
    /// The number of turns.
    pub turns: usize,
    /// The turns of one sequence, which divide `turns`. Sequences follow one another and are independent: no step
    /// reaches a turn of an earlier sequence. A loop inside of an independent loop gives one for each outer iteration.
    pub sequence: usize,
    /// For each guard, whether its steps are run in turn `t`.
    pub guards: Vec<Arc<[bool]>>,
    /// The steps of a turn in order: a step's operands of the same turn come before it.
    pub steps: Vec<Step>,
    /// The steps whose columns are results.
    pub outputs: Vec<u32>,
}

/// A step of a turn: one number.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// What it computes.
    pub action: Action,
    /// The guard of the turns in which it is run; `None` for all turns. Neighbours often share one.
    pub guard: Option<u32>,
}

/// What a step computes.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// An operation of one number.
    Unary(Unary, Source),
    /// An operation of two numbers.
    Binary(Binary, Source, Source),
    /// A scalar function or density of the table.
    Elementwise(Elementwise, Box<[Source]>),
    /// A function of whole columns, of the operands of lane `lanes[t]` in turn `t`. The number is its first result.
    Whole {
        /// The function.
        function: EachLane,
        /// The lane that each turn has, by which it chooses its function.
        lanes: Arc<[u32]>,
        /// The inputs of the lane.
        operands: Box<[Source]>,
    },
    /// Another result of a function of whole columns, which is an earlier step of the same turn.
    Part {
        /// The step of the function.
        step: u32,
        /// Which of its results.
        result: u32,
    },
    /// The sum of the operands.
    Sum(Box<[Source]>),
    /// The second operand where the first, the mask, is not 0; else the third.
    Where(Source, Source, Source),
    /// Operand `choice[t]` in turn `t`.
    Select(Arc<[u32]>, Box<[Source]>),
    /// The value of `step` (of any place in the order, this one's own included) `distance` turns before. Turn `t` of
    /// sequence `g` with `t < distance`, counted within the sequence, has lane `g * distance + t` of input `initial`.
    Carried {
        /// The step whose value is carried.
        step: u32,
        /// How many turns before; at least 1.
        distance: u32,
        /// The input that stands before the first turns: it has `distance` lanes for each sequence, or one that
        /// stands for all.
        initial: u32,
    },
    /// The value of `step` at turns without a pattern: turn `t` has lane `from[t]` of input `initial` where that is one
    /// of its lanes, else the value of the step at turn `from[t] - lanes of initial`, which is before `t`.
    Recalled {
        /// The step whose value is recalled.
        step: u32,
        /// The input of the values from before the loop.
        initial: u32,
        /// Which value each turn takes.
        from: Arc<[u32]>,
    },
}

/// An operand of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// The value of an earlier step of the same turn.
    Step(u32),
    /// Lane `t` of an input in turn `t`, or its one lane in all turns.
    Input(u32),
}

impl Action {
    /// Calls `f` on every operand of the same turn.
    pub fn for_each_source(&self, mut f: impl FnMut(Source)) {
        match self {
            Action::Unary(_, x) => f(*x),
            Action::Binary(_, x, y) => {
                f(*x);
                f(*y);
            }
            Action::Where(mask, x, y) => [mask, x, y].into_iter().for_each(|source| f(*source)),
            Action::Elementwise(_, operands)
            | Action::Sum(operands)
            | Action::Select(_, operands)
            | Action::Whole { operands, .. } => operands.iter().for_each(|source| f(*source)),
            Action::Part { step, .. } => f(Source::Step(*step)),
            Action::Carried { .. } | Action::Recalled { .. } => {}
        }
    }
}

impl Scan {
    /// True when the step is run in the turn.
    #[must_use]
    pub fn runs(&self, step: &Step, turn: usize) -> bool {
        step.guard.is_none_or(|guard| self.guards[guard as usize][turn])
    }

    /// The number of lanes of the operation.
    #[must_use]
    pub fn lanes(&self) -> usize {
        self.outputs.len() * self.turns
    }
}
