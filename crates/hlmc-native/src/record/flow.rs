//! Where control goes after a statement: on, or out of its block, in all lanes alike or in each its own way.
//!
//! Where parameters decide that a turn of a loop is left, the rest of the turn is recorded under one more mask: that it was
//! not left. Where they decide that the loop is, a variable of the loop says whether it goes on, and masks its turns.

use hlmc_check::ir::{Place, Statement, StatementKind};

use super::Recorder;
use super::branch::Truth;
use super::stop::{Recorded, Stop};
use super::symbol::Symbol;

/// What a statement does to the flow of control.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Flow {
    /// The next statement follows.
    Next,
    /// The loop ends.
    Break,
    /// The loop goes on with its next turn.
    Continue,
    /// The function ends.
    Return(Option<Symbol>),
    /// Lanes go different ways: every lane is on one of the ways.
    Split(Vec<Way>),
}

/// Lanes that go the same way.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Way {
    /// The lanes, in order.
    pub(super) lanes: Vec<u32>,
    /// Where they go; no split.
    pub(super) flow: Flow,
}

impl Flow {
    /// The ways that lanes go which took part in a statement.
    pub(super) fn ways(self, taking: &[u32]) -> Vec<Way> {
        let Flow::Split(mut ways) = self else { return vec![Way { lanes: taking.to_vec(), flow: self }] };
        for way in &mut ways {
            way.lanes.iter_mut().for_each(|lane| *lane = taking[*lane as usize]);
        }
        ways
    }

    /// Where lanes go of which each is on one of these ways; ways without lanes do not count.
    pub(super) fn joined(mut ways: Vec<Way>) -> Flow {
        ways.retain(|way| !way.lanes.is_empty());
        match &ways[..] {
            [] => Flow::Next,
            [only] => only.flow.clone(),
            // Returned values are each for the lanes of their way.
            [first, others @ ..] if !matches!(first.flow, Flow::Return(Some(_))) => {
                let is_one_way = others.iter().all(|other| other.flow == first.flow);
                if is_one_way { first.flow.clone() } else { Flow::Split(ways) }
            }
            _ => Flow::Split(ways),
        }
    }
}

/// The lanes that a loop goes on for, turn by turn.
#[derive(Clone, Debug)]
pub(super) struct Going {
    /// In order.
    pub(super) lanes: Vec<u32>,
    returned: Vec<Way>,
}

impl Going {
    /// A loop of so many lanes begins.
    pub(super) fn all(lanes: usize) -> Self {
        Going { lanes: (0..lanes as u32).collect(), returned: Vec::new() }
    }

    /// A turn is over, in which these lanes took part.
    pub(super) fn after(&mut self, taking: &[u32], flow: Flow) {
        for way in flow.ways(taking) {
            if matches!(way.flow, Flow::Next | Flow::Continue) {
                continue;
            }
            self.lanes.retain(|lane| way.lanes.binary_search(lane).is_err());
            if let Flow::Return(_) = way.flow {
                self.returned.push(way);
            }
        }
    }

    /// The loop of so many lanes is over.
    pub(super) fn flow(mut self, lanes: usize) -> Flow {
        let is_back = |lane: &u32| self.returned.iter().any(|way| way.lanes.binary_search(lane).is_ok());
        let next = (0..lanes as u32).filter(|lane| !is_back(lane)).collect();
        self.returned.push(Way { lanes: next, flow: Flow::Next });
        Flow::joined(self.returned)
    }
}

impl Recorder<'_> {
    /// Runs `f`, which records a loop with this body: a loop that parameters may end has a variable for that.
    pub(super) fn in_loop<T>(&mut self, body: &[Statement], f: impl FnOnce(&mut Self) -> Recorded<T>) -> Recorded<T> {
        let going = if body.iter().any(breaks) {
            let place = Place::Local(self.frame.slots.len() as u32);
            self.declare(place, Symbol::Real(1.0))?;
            Some(place)
        } else {
            None
        };
        let around = std::mem::replace(&mut self.frame.going, going);
        let result = f(self);
        self.frame.going = around;
        result
    }

    /// A turn of a loop, in lanes in which no parameter has ended the loop before.
    pub(super) fn turn_of(&mut self, body: &[Statement]) -> Recorded<Flow> {
        let first = self.masks.len();
        let flow = match self.going()? {
            Truth::Mask(going) => {
                self.masks.push(going);
                self.statements(body)
            }
            Truth::Known(going) if going.contains(&false) => {
                let taking: Vec<u32> = (0..).zip(going).filter(|(_, going)| *going).map(|(lane, _)| lane).collect();
                let flow = self.on_lanes(&taking, |recorder| recorder.statements(body))?;
                Ok(Flow::joined(flow.ways(&taking)))
            }
            Truth::Known(_) => self.statements(body),
        };
        let flow = if self.masks.len() > first { flow.and_then(|flow| self.leave_turn(flow)) } else { flow };
        self.masks.truncate(first);
        flow
    }

    /// Whether the loop around goes on, as far as parameters decide.
    fn going(&mut self) -> Recorded<Truth> {
        let Some(place) = self.frame.going else { return Ok(Truth::Known(vec![true])) };
        let going = self.read_whole(place)?;
        self.truth(&going)
    }

    /// Leaves a turn of a loop under masks: gives `Next` where control goes on, under one more mask if some lanes leave,
    /// and `Continue` where all do.
    pub(super) fn leave_turn(&mut self, flow: Flow) -> Recorded<Flow> {
        match flow {
            Flow::Break => {
                self.end_loop()?;
                Ok(Flow::Continue)
            }
            Flow::Split(ways) => {
                let mut stays = vec![1.0; self.lanes()];
                for Way { lanes, flow } in ways {
                    match flow {
                        Flow::Next | Flow::Continue => {}
                        Flow::Break => self.on_lanes(&lanes, Self::end_loop)?,
                        _ => return Err(Stop::Dependent("a branch leaves its function")),
                    }
                    if flow != Flow::Next {
                        lanes.iter().for_each(|lane| stays[*lane as usize] = 0.0);
                    }
                }
                let staying = self.graph.known(&stays);
                self.masks.push(staying);
                Ok(Flow::Next)
            }
            other => Ok(other),
        }
    }

    /// The loop around ends where the branches around are taken.
    fn end_loop(&mut self) -> Recorded<()> {
        let Some(place) = self.frame.going else { return Err(Stop::Dependent("a branch leaves its loop")) };
        self.store_variable(place, &Symbol::Real(0.0))
    }

    /// What a function returns where lanes return from different places; nothing if it returns nothing.
    pub(super) fn returned_by_lanes(&mut self, ways: Vec<Way>) -> Recorded<Symbol> {
        let mut all: Option<(Vec<u32>, Symbol)> = None;
        for Way { lanes, flow } in ways {
            let Flow::Return(Some(value)) = flow else { return Ok(Symbol::Real(f64::NAN)) };
            let Some((before, values)) = all else {
                all = Some((lanes, value));
                continue;
            };
            let mut both = [&before[..], &lanes].concat();
            both.sort_unstable();
            // Lanes by their place among those that have returned so far.
            let places = |lanes: &[u32]| -> Vec<u32> {
                lanes.iter().map(|lane| both.partition_point(|other| other < lane) as u32).collect()
            };
            let merged = self.merge(&values, &places(&before), &value, &places(&lanes))?;
            all = Some((both, merged));
        }
        Ok(all.map_or(Symbol::Real(f64::NAN), |(_, value)| value))
    }
}

/// True when a statement of a loop's body ends the loop.
fn breaks(statement: &Statement) -> bool {
    match &statement.kind {
        StatementKind::Break => true,
        StatementKind::While { .. } | StatementKind::ForRange { .. } | StatementKind::ForEach { .. } => false,
        _ => statement.inner().any(breaks),
    }
}
