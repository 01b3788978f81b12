//! Variables from outside of a loop that each of its turns has for itself: temporaries, and integers that are known ahead.
//!
//! Turns hand integers on: positions that move along, counters, counts by group. Where these depend on data alone they are known before the
//! loop is recorded. The part of the body that decides about one is run turn by turn, which gives the value that each turn
//! begins with; then every turn has the integer for itself, as a known number of its lane.

mod slice;

use hlmc_builtins::Value;
use hlmc_check::ir::{Place, Statement};

use super::Recorder;
use super::flow::Going;
use super::loops::int_lanes;
use super::stop::{Recorded, unsupported};
use super::symbol::{Cells, Entries, Symbol};
use super::together::Turns;
use slice::Assigned;
pub(super) use slice::{jumps, slice};

/// So many integers may be known ahead for one variable: entries times turns.
const MAX_NUMBERS: usize = 1 << 20;

/// Variables that each turn of a loop has for itself.
#[derive(Debug, Default)]
pub(super) struct Own {
    /// All of them.
    pub(super) places: Vec<Place>,
    /// What those are that are not given a value first, turn by turn, when a turn begins.
    pub(super) starts: Vec<(Place, Symbol)>,
}

impl Own {
    /// Without those that every turn gives a value first: where parameters have ended the loop, a turn gives none.
    pub(super) fn without_temporaries(&mut self) {
        let Own { places, starts } = self;
        places.retain(|place| starts.iter().any(|(known, _)| known == place));
    }

    /// Only those variables of which this holds.
    pub(super) fn retain(&mut self, holds: impl Fn(Place) -> bool) {
        self.places.retain(|place| holds(*place));
        self.starts.retain(|(place, _)| holds(*place));
    }
}

impl Recorder<'_> {
    /// The variables that each turn of a loop has for itself. What is watched by a loop around is left to that.
    pub(super) fn own_variables(&mut self, turns: &Turns<'_>) -> Own {
        let assigned = Assigned::by(turns.body);
        let is_watched = |place: &Place| self.watching_loop(self.depth(*place)).is_some();
        let mut own = Own { places: assigned.given_first, starts: Vec::new() };
        own.places.retain(|place| !is_watched(place));
        // What a statement assigns to, and the variable that it is, which may be a slot of a tuple.
        let mut handed_on: Vec<(Place, Place)> = assigned.ints_handed_on.iter().map(|place| (*place, *place)).collect();
        for tuple in assigned.tuples_handed_on {
            self.slots_within(tuple, &mut |slot| handed_on.push((tuple, slot)));
        }
        for (assigned, place) in handed_on {
            if self.watching_loop(self.depth(place)).is_none()
                && self.variable(place).is_ok_and(is_of_ints)
                && let Some(slice) = slice(turns.body, [assigned])
                && let Some(starts) = self.starts(turns, place, &slice)
            {
                own.places.push(place);
                own.starts.push((place, starts));
            }
        }
        own
    }

    /// The value of an integer or of integers at the start of each turn, which the slice of the body gives; `None` where that
    /// depends on parameters, or would take too much memory.
    fn starts(&mut self, turns: &Turns<'_>, place: Place, slice: &[Statement]) -> Option<Symbol> {
        let variable = self.variable(place).ok()?.clone();
        let (kind, dims) = variable.shape();
        let n_entries = if variable.is_scalar() { 1 } else { dims.iter().product() };
        if n_entries.saturating_mul(turns.parent.len()) > MAX_NUMBERS {
            return None;
        }
        let starts = self.ahead(|recorder| recorder.run_ahead(turns, place, slice, n_entries))?;
        let mut starts = starts.into_iter().map(|entry| Symbol::LaneInt(entry.into()));
        if variable.is_scalar() { starts.next() } else { Some(self.container(kind, dims, starts.collect())) }
    }

    /// What `f` gives, which runs a part of the program ahead; `None` where that depends on parameters. Nothing of it stays.
    pub(super) fn ahead<T>(&mut self, f: impl FnOnce(&mut Self) -> Recorded<T>) -> Option<T> {
        let snapshot = self.snapshot();
        let n_checks = self.graph.checks.len();
        let unrolls_all = std::mem::replace(&mut self.unrolls_all, true);
        let result = f(self);
        self.unrolls_all = unrolls_all;
        let is_certain = self.graph.checks.len() == n_checks;
        self.restore(snapshot);
        result.ok().filter(|_| is_certain)
    }

    /// For each entry of the variable, its value at the start of each turn.
    fn run_ahead(
        &mut self,
        turns: &Turns<'_>,
        place: Place,
        slice: &[Statement],
        n_entries: usize,
    ) -> Recorded<Vec<Vec<i64>>> {
        let mut lanes_of = vec![Vec::new(); self.lanes()];
        for (lane, around) in (0..).zip(turns.parent.iter()) {
            lanes_of[*around as usize].push(lane);
        }
        let longest = lanes_of.iter().map(Vec::len).max().unwrap_or(0);
        let mut starts = vec![vec![0; turns.parent.len()]; n_entries];
        let mut going = Going::all(self.lanes());
        for turn in 0..longest {
            let mut taking = going.lanes.clone();
            taking.retain(|lane| turn < lanes_of[*lane as usize].len());
            if taking.is_empty() {
                break;
            }
            let lanes: Vec<u32> = taking.iter().map(|around| lanes_of[*around as usize][turn]).collect();
            let flow = self.on_lanes(&taking, |recorder| {
                let variable = recorder.variable(place)?.clone();
                for (entry, starts) in recorder.each(&variable)?.iter().zip(&mut starts) {
                    let Some(ints) = int_lanes(entry, lanes.len()) else {
                        return unsupported("an integer that depends on parameters");
                    };
                    lanes.iter().zip(ints).for_each(|(lane, start)| starts[*lane as usize] = start);
                }
                let value = recorder.regather(turns.values, &lanes)?;
                let value = recorder.without_lanes(value);
                recorder.declare(turns.variable, value)?;
                recorder.turn_of(slice)
            })?;
            going.after(&taking, flow);
        }
        Ok(starts)
    }
}

/// Tuples from outside of a body that may still have the value of the turn before.
pub(super) fn tuples_handed_on(body: &[Statement]) -> Vec<Place> {
    Assigned::by(body).tuples_handed_on
}

/// True for known integers, one or several, in all lanes or lane by lane.
fn is_of_ints(symbol: &Symbol) -> bool {
    match symbol {
        Symbol::Int(_) | Symbol::LaneInt(_) => true,
        Symbol::Known(value) => matches!(**value, Value::Ints(_)),
        Symbol::Cells(Cells { entries: Entries::Each(each), .. }) => each.iter().all(is_of_ints),
        _ => false,
    }
}
