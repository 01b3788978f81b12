//! Loops that may be recorded in two forms: once for all turns, or turn by turn. The form with fewer nodes stays.
//!
//! Inside of lanes every entry of a vector has nodes of its own, so that few turns over long vectors are better seen as
//! vectors, turn by turn, than as lanes, entry by entry. Neither form is recorded further than the other is long.

use hlmc_check::ir::Place;

use super::Recorder;
use super::flow::Flow;
use super::leave::Exit;
use super::loops::MAX_REPEATED_TURNS;
use super::stop::{Recorded, Stop};
use super::together::{Snapshot, Turns};
use crate::execute::lanes_at;
use crate::graph::Operation;

/// Longer loops are recorded once, in any case.
const MAX_COMPARED_TURNS: usize = 256;

/// A loop with no more nodes than so many a turn has no statements about long vectors.
const MIN_NODES_A_TURN: usize = 4;

/// A body of so many nodes is recorded for all turns before the other form is tried: most are shorter.
const MAX_FIRST_NODES: usize = 512;

impl Recorder<'_> {
    /// Records a loop in the form that has fewer nodes. `None`, and nothing has happened, when its turns cannot be recorded
    /// together.
    pub(super) fn in_shorter_form(
        &mut self,
        all: Turns<'_>,
        by_turn: impl Fn(&mut Self) -> Recorded<Flow>,
    ) -> Recorded<Option<Flow>> {
        let turns = all.parent.len();
        if let Exit::Masked(going) = self.frame.exit
            && self.contexts.is_empty()
            && let Some(flow) = self.as_scan_or_in_few_turns(going, all, &by_turn)?
        {
            return Ok(Some(flow));
        }
        if !self.contexts.is_empty() || turns > MAX_COMPARED_TURNS {
            return Ok(self.try_together(all)?.then_some(Flow::Next));
        }
        let few = MIN_NODES_A_TURN * turns;
        let before = self.snapshot();
        let first = self.graph.nodes().len();
        match self.within(few.max(MAX_FIRST_NODES), |recorder| recorder.try_together(all)) {
            Ok(false) => Ok(None),
            Ok(true) if self.is_better_straight(first, turns) => {
                self.restore(before);
                by_turn(self).map(Some)
            }
            Ok(true) if self.graph.nodes().len() - first <= few => Ok(Some(Flow::Next)),
            Ok(true) => self.or_turn_by_turn(by_turn, before).map(Some),
            Err(Stop::Longer) => {
                self.restore(before.clone());
                self.turn_by_turn_or_together(all, by_turn, before).map(Some)
            }
            Err(stop) => Err(stop),
        }
    }

    /// A loop that parameters leave early: all of its turns are run under masks, unless it ends after a few turns at the
    /// present point, a search for a root, say, of which the rest would be computed in vain. `None`, and nothing has happened,
    /// where that cannot be, or no parameter ends the loop.
    fn as_scan_or_in_few_turns(
        &mut self,
        going: Place,
        all: Turns<'_>,
        by_turn: impl Fn(&mut Self) -> Recorded<Flow>,
    ) -> Recorded<Option<Flow>> {
        let before = self.snapshot();
        if !self.try_together(all)? {
            return Ok(None);
        }
        let going = self.variable(going)?.clone();
        let going = self.node(&going)?;
        if self.graph.is_known(going) {
            self.restore(before);
            return Ok(None);
        }
        let at_present = lanes_at(&self.graph, going, &self.position, &self.tables);
        if at_present.is_ok_and(|going| going == [1.0]) {
            return Ok(Some(Flow::Next));
        }
        let together = self.take_since(&before);
        let few = self.in_few_turns(by_turn);
        if few.is_none() {
            self.put_back(together);
        }
        Ok(few.or(Some(Flow::Next)))
    }

    /// A loop turn by turn, with guards where parameters end it. `None`, and nothing has happened, if that is not after a few
    /// turns at the present point.
    pub(super) fn in_few_turns(&mut self, by_turn: impl Fn(&mut Self) -> Recorded<Flow>) -> Option<Flow> {
        let (Exit::Masked(_), true) = (self.frame.exit, self.contexts.is_empty()) else { return None };
        let (before, n_checks) = (self.snapshot(), self.graph.checks.len());
        let exit = std::mem::replace(&mut self.frame.exit, Exit::Guarded);
        self.most_turns = MAX_REPEATED_TURNS;
        let flow = by_turn(self);
        self.most_turns = usize::MAX;
        self.frame.exit = exit;
        match flow {
            Ok(flow) if self.graph.checks[n_checks..].iter().any(|check| check.is_guard) => Some(flow),
            _ => {
                self.restore(before);
                None
            }
        }
    }

    /// A loop that is recorded for all turns, or turn by turn if that is no longer.
    fn or_turn_by_turn(&mut self, by_turn: impl Fn(&mut Self) -> Recorded<Flow>, before: Snapshot) -> Recorded<Flow> {
        let n_before = self.graph.nodes().len();
        let together = self.take_since(&before);
        let n_nodes = n_before - self.graph.nodes().len();
        match self.within(n_nodes, by_turn) {
            Err(Stop::Longer) => {
                self.restore(before);
                self.put_back(together);
                Ok(Flow::Next)
            }
            other => other,
        }
    }

    /// A loop turn by turn, or for all turns if that is shorter.
    fn turn_by_turn_or_together(
        &mut self,
        all: Turns<'_>,
        by_turn: impl Fn(&mut Self) -> Recorded<Flow>,
        before: Snapshot,
    ) -> Recorded<Flow> {
        let first = self.graph.nodes().len();
        let flow = by_turn(self)?;
        let n_nodes = self.graph.nodes().len() - first;
        let straight = self.take_since(&before);
        match self.within(n_nodes.saturating_sub(1), |recorder| recorder.try_together(all)) {
            Ok(true) if !self.is_better_straight(first, all.parent.len()) => Ok(Flow::Next),
            Ok(_) | Err(Stop::Longer) => {
                self.restore(before);
                self.put_back(straight);
                Ok(flow)
            }
            Err(stop) => Err(stop),
        }
    }

    /// What `f` records, if it has no more than so many nodes.
    fn within<T>(&mut self, n_nodes: usize, f: impl FnOnce(&mut Self) -> Recorded<T>) -> Recorded<T> {
        let most = self.graph.nodes().len().saturating_add(n_nodes).min(self.most_nodes);
        let around = std::mem::replace(&mut self.most_nodes, most);
        let result = f(self);
        let is_longer = result.is_ok() && self.graph.nodes().len() > most;
        self.most_nodes = around;
        if is_longer { Err(Stop::Longer) } else { result }
    }

    /// True for few turns of which nodes from this one on call a function lane by lane: straight code with a call of each
    /// takes less time, since nothing is copied from and to lanes.
    fn is_better_straight(&self, first: usize, turns: usize) -> bool {
        let is_of_lanes = |operation: &Operation| match operation {
            Operation::Whole(function, _) => {
                self.graph.wholes[function.0 as usize].each_lane().is_some_and(|each| each.lanes() > 1)
            }
            _ => false,
        };
        turns <= MAX_REPEATED_TURNS && self.graph.nodes()[first..].iter().any(|node| is_of_lanes(&node.operation))
    }
}
