//! `while` loops.
//!
//! Where data alone decide how long a loop goes on, the part of its body that decides about the condition is run ahead,
//! which gives the number of turns; then it is a loop over so many turns as any other. Else it is run turn by turn, and what
//! parameters decide is a guard.

use hlmc_check::ir::{Expression, Place, Statement};
use hlmc_syntax::Span;

use super::Recorder;
use super::ahead::slice;
use super::flow::{Flow, Going};
use super::loops::all_turns;
use super::stop::{Recorded, unsupported};
use super::together::Turns;

/// The turns of a loop are counted ahead up to so many.
const MAX_COUNTED_TURNS: usize = 1 << 20;

/// A `while` loop.
#[derive(Clone, Copy)]
struct Repeated<'a> {
    condition: &'a Expression,
    body: &'a [Statement],
}

impl Recorder<'_> {
    /// `while (condition) body`
    pub(super) fn repeat(&mut self, condition: &Expression, body: &[Statement], span: Span) -> Recorded<Flow> {
        // No parameter ends a loop whose turns are not counted: there is nothing that masks would come to an end by.
        let around = self.frame.going.take();
        let flow = self.counted_or_by_turn(Repeated { condition, body }, span)?;
        self.frame.going = around;
        Ok(flow)
    }

    fn counted_or_by_turn(&mut self, repeated: Repeated<'_>, span: Span) -> Recorded<Flow> {
        let by_turn = |recorder: &mut Self| recorder.repeat_turns(repeated, |_| Ok(()));
        if !self.may_be_together(span) {
            return by_turn(self);
        }
        let Some(numbers) = self.numbers_of_turns(repeated) else { return by_turn(self) };
        if !self.is_tried_together(numbers.iter().copied().max().unwrap_or(0), span) {
            return by_turn(self);
        }
        let ranges: Vec<_> = numbers.iter().map(|n| 1..=*n as i64).collect();
        let (values, parent) = all_turns(&ranges);
        // A variable that no statement reads.
        let variable = Place::Local(self.frame.slots.len() as u32);
        self.together_or_by_turn(
            Turns { variable, values: &values, parent: &parent, body: repeated.body },
            span,
            by_turn,
        )
    }

    /// The number of turns in each lane, where data decide about it.
    fn numbers_of_turns(&mut self, repeated: Repeated<'_>) -> Option<Vec<usize>> {
        let mut places = Vec::new();
        repeated.condition.for_each_variable(&mut |place| places.push(place));
        let body = slice(repeated.body, places)?;
        let mut numbers = vec![0; self.lanes()];
        let count = |taking: &[u32]| {
            taking.iter().for_each(|lane| numbers[*lane as usize] += 1);
            let is_too_long = taking.iter().any(|lane| numbers[*lane as usize] > MAX_COUNTED_TURNS);
            if is_too_long { unsupported("a loop that is too long to be counted ahead") } else { Ok(()) }
        };
        self.ahead(|recorder| recorder.repeat_turns(Repeated { body: &body, ..repeated }, count))?;
        Some(numbers)
    }

    /// A loop turn by turn. At the start of each turn, `note` is told the lanes that take part in it.
    fn repeat_turns(&mut self, repeated: Repeated<'_>, mut note: impl FnMut(&[u32]) -> Recorded<()>) -> Recorded<Flow> {
        let mut going = Going::all(self.lanes());
        while !going.lanes.is_empty() {
            let before = going.lanes.clone();
            let taking = self.on_lanes(&before, |recorder| recorder.lanes_that_go_on(repeated.condition))?;
            let taking: Vec<u32> = taking.into_iter().map(|lane| before[lane as usize]).collect();
            going.lanes.clone_from(&taking);
            if taking.is_empty() {
                break;
            }
            note(&taking)?;
            let flow = self.on_lanes(&taking, |recorder| recorder.turn_of(repeated.body))?;
            going.after(&taking, flow);
        }
        Ok(going.flow(self.lanes()))
    }

    /// The lanes in which a condition holds.
    fn lanes_that_go_on(&mut self, condition: &Expression) -> Recorded<Vec<u32>> {
        let condition = self.expression(condition)?;
        let truth = self.truth(&condition)?;
        let truth = self.decided(truth)?;
        let holds = |lane: &u32| truth[if truth.len() > 1 { *lane as usize } else { 0 }];
        Ok((0..self.lanes() as u32).filter(holds).collect())
    }
}
