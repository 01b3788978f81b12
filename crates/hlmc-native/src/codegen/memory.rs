//! Where lanes are in memory, and which adjoints are nothing yet.
//!
//! Where nothing but the code itself looks at them, coordinates are read where the caller has the position, and their
//! adjoints are added up where the caller wants the gradient. And an adjoint that nothing was added to needs no zero: the
//! first contribution is written, not added. So a short program neither copies nor clears, and reads nothing in a register
//! that was written in pieces a moment before, for which a processor has to wait.

use std::ops::Range;

use super::plan::{Plan, Stage};
use super::turn::Workspace;
use crate::execute::layout::Layout;
use crate::graph::NodeId;

/// Longer workspaces are cleared as a whole, which costs little beside what they are used for.
const MAX_TRACKED: usize = 4_096;

/// What an address counts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Base {
    /// The workspace of values.
    Values,
    /// The workspace of adjoints.
    Adjoints,
    /// The position, as the caller has it.
    Position,
    /// The gradient, as the caller wants it.
    Gradient,
}

/// Lanes of adjoints to which nothing was added so far.
#[derive(Clone, Debug)]
pub(super) struct Fresh(Vec<bool>);

/// What is known of the memory at the point of the code that is being emitted.
#[derive(Debug)]
pub(super) struct Memory {
    dimension: usize,
    is_direct: bool,
    fresh: Fresh,
    /// Lanes of adjoints that have to be zero from the start.
    cleared: Vec<bool>,
}

impl Memory {
    /// The memory at the start of code in so many functions.
    pub(super) fn new((plan, layout): (&Plan, &Layout), result: NodeId, dimension: usize, n_parts: usize) -> Self {
        let length = layout.length();
        let is_direct = n_parts == 1 && length <= MAX_TRACKED && is_alone(plan, layout, result, dimension);
        let n_tracked = if is_direct { length } else { 0 };
        Memory { dimension, is_direct, fresh: Fresh(vec![true; n_tracked]), cleared: vec![false; n_tracked] }
    }

    /// True where the code reads the position and writes the gradient, and clears what it has to.
    pub(super) fn is_direct(&self) -> bool {
        self.is_direct
    }

    /// Where the lanes of a workspace are from this one on.
    pub(super) fn base(&self, workspace: Workspace, lane: usize) -> Base {
        match workspace {
            Workspace::Values if self.is_direct && lane < self.dimension => Base::Position,
            Workspace::Values => Base::Values,
            Workspace::Adjoints if self.is_direct && lane < self.dimension => Base::Gradient,
            Workspace::Adjoints => Base::Adjoints,
        }
    }

    /// True when the first contribution to these adjoints, which comes now, is to be written and not added.
    pub(super) fn take_fresh(&mut self, lanes: Range<usize>) -> bool {
        let is_fresh = self.is_direct && self.fresh.0[lanes.clone()].iter().all(|is_fresh| *is_fresh);
        if is_fresh {
            self.fresh.0[lanes].fill(false);
        } else {
            self.touch(Workspace::Adjoints, lanes);
        }
        is_fresh
    }

    /// Lanes of a workspace that are read or added to now: adjoints among them have to be numbers by then.
    pub(super) fn touch(&mut self, workspace: Workspace, lanes: Range<usize>) {
        if !self.is_direct || workspace == Workspace::Values {
            return;
        }
        for lane in lanes {
            self.cleared[lane] |= std::mem::replace(&mut self.fresh.0[lane], false);
        }
    }

    /// What was not added to so far, for code that is emitted twice.
    pub(super) fn fresh(&self) -> Fresh {
        self.fresh.clone()
    }

    /// Back to an earlier point.
    pub(super) fn go_back(&mut self, fresh: Fresh) {
        self.fresh = fresh;
    }

    /// The adjoints that have to be zero from the start, when all code is there: those, and coordinates on which nothing
    /// depends.
    pub(super) fn to_clear(&self) -> Vec<usize> {
        let is_left = |lane: usize| lane < self.dimension && self.fresh.0[lane];
        (0..self.cleared.len()).filter(|lane| self.cleared[*lane] || is_left(*lane)).collect()
    }
}

/// True when nobody but the code looks at coordinates and adjoints: neither calls back, nor scans, nor checks.
fn is_alone(plan: &Plan, layout: &Layout, result: NodeId, dimension: usize) -> bool {
    let has_calls = plan.stages.iter().any(|stage| matches!(stage, Stage::Callout(_) | Stage::Scan(_)));
    let seen = plan.graph.checks.iter().map(|check| check.node).chain([result]);
    let is_coordinate = |id: NodeId| layout.slot(id).is_none_or(|slot| slot.start < dimension);
    !has_calls && !seen.into_iter().any(is_coordinate)
}
