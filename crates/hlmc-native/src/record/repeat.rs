//! `while` loops.
//!
//! Where data alone decide how long a loop goes on, the part of its body that decides about the condition is run ahead,
//! which gives the number of turns; then it is a loop over so many turns as any other. Else it is run turn by turn, and what
//! parameters decide is a guard.

use hlmc_check::ir::{Expression, Place, Statement};
use hlmc_syntax::Span;

use super::Recorder;
use super::ahead::slice;
use super::branch::Truth;
use super::flow::{Flow, Going};
use super::loops::all_turns;
use super::stop::{Recorded, Stop, unsupported};
use super::together::Turns;

/// The turns of a loop are counted ahead up to so many.
const MAX_COUNTED_TURNS: usize = 1 << 20;

/// A loop that parameters may have ended goes on under masks for at most so many turns: it may be that nothing else ends it.
const MAX_MASKED_TURNS: usize = 64;

/// A `while` loop.
#[derive(Clone, Copy)]
struct Repeated<'a> {
    condition: &'a Expression,
    body: &'a [Statement],
}

impl Recorder<'_> {
    /// `while (condition) body`
    pub(super) fn repeat(&mut self, condition: &Expression, body: &[Statement], span: Span) -> Recorded<Flow> {
        let repeated = Repeated { condition, body };
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
        let mut n_masked = 0;
        while !going.lanes.is_empty() {
            let before = going.lanes.clone();
            let taking = self.on_lanes(&before, |recorder| recorder.lanes_that_go_on(repeated.condition))?;
            let mut taking: Vec<u32> = taking.into_iter().map(|lane| before[lane as usize]).collect();
            match self.going()? {
                Truth::Known(going) => taking.retain(|lane| of_lane(&going, *lane)),
                Truth::Mask(_) if n_masked == MAX_MASKED_TURNS => {
                    return Err(Stop::Dependent("a loop does not end where parameters say so"));
                }
                Truth::Mask(_) => n_masked += 1,
            }
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
        Ok((0..self.lanes() as u32).filter(|lane| of_lane(&truth, *lane)).collect())
    }
}

/// What a lane has of truths that are one for all lanes, or one a lane.
fn of_lane(truths: &[bool], lane: u32) -> bool {
    truths.get(lane as usize).or(truths.first()).is_some_and(|truth| *truth)
}
