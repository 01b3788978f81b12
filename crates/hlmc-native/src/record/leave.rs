//! Turns, loops and functions that are left early where parameters decide so.
//!
//! What follows in the turn, up to its end, is recorded under one more mask: that it was not left. A variable of the loop
//! says whether that goes on, and masks its turns; variables of a function say whether it has returned from within a loop,
//! and what. Loops read and write these as they do others, so that one that is left early carries them.

use hlmc_builtins::Type;
use hlmc_check::ir::{Function, Place, Statement, StatementKind};

use super::Recorder;
use super::branch::Truth;
use super::flow::{Flow, Way};
use super::stop::{Recorded, Stop};
use super::symbol::Symbol;
use crate::graph::NodeId;

/// How the innermost loop is left where parameters decide so.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) enum Exit {
    /// Nothing but turns of it are.
    #[default]
    Turn,
    /// By a variable: 1 where the loop goes on, else 0.
    Masked(Place),
    /// By guards: what leaves it is decided at the present point, and so is what leaves a turn.
    Guarded,
}

/// The variables of a function that may return from within a loop.
#[derive(Clone, Copy, Debug)]
pub(super) struct Returned {
    /// 1 where it has, else 0.
    is_back: Place,
    /// What it has returned there.
    value: Place,
}

impl Recorder<'_> {
    /// Runs `f`, which records a loop with this body: a loop that parameters may end has a variable for that. Where that does
    /// not help, guards decide.
    pub(super) fn in_loop(&mut self, body: &[Statement], f: impl Fn(&mut Self) -> Recorded<Flow>) -> Recorded<Flow> {
        let (may_end, returns) = (body.iter().any(breaks), body.iter().any(returns));
        let may_return = self.frame.returned.filter(|_| returns);
        let around = self.frame.exit;
        self.frame.exit = match may_return {
            None if !may_end => Exit::Turn,
            // A loop that guards end could not tell from a mask that the function has returned from within it.
            Some(_) if around == Exit::Guarded => Exit::Guarded,
            _ => Exit::Masked(self.hidden(Symbol::Real(1.0))?),
        };
        let flow = if may_end || returns {
            let before = self.snapshot();
            match f(self) {
                Err(stop) if self.contexts.is_empty() && stop != Stop::Longer => {
                    self.restore(before);
                    self.frame.exit = Exit::Guarded;
                    f(self)?
                }
                flow => flow?,
            }
        } else {
            f(self)?
        };
        self.frame.exit = around;
        match (flow, may_return) {
            (Flow::Next, Some(returned)) => self.behind_loop(returned),
            (flow, _) => Ok(flow),
        }
    }

    /// A variable that the program does not know of.
    pub(super) fn hidden(&mut self, symbol: Symbol) -> Recorded<Place> {
        let place = Place::Local(self.frame.slots.len() as u32);
        self.declare(place, symbol)?;
        Ok(place)
    }

    /// What follows a loop is run where the function did not return from within it.
    fn behind_loop(&mut self, returned: Returned) -> Recorded<Flow> {
        match self.mask_of(returned.is_back)? {
            None => Ok(Flow::Next),
            Some(mask) if self.graph.constant_value(mask).is_some() => {
                self.read_whole(returned.value).map(|value| Flow::Return(Some(value)))
            }
            Some(mask) => {
                if let Exit::Masked(_) = self.frame.exit {
                    self.under(mask, Self::end_loop)?;
                }
                let staying = self.complement(mask);
                self.masks.push(staying);
                Ok(Flow::Next)
            }
        }
    }

    /// Where a variable of this module is 1; `None` if it is 0 in all lanes.
    fn mask_of(&mut self, place: Place) -> Recorded<Option<NodeId>> {
        let symbol = self.read_whole(place)?;
        Ok(match self.truth(&symbol)? {
            Truth::Mask(mask) => Some(mask),
            Truth::Known(lanes) if lanes.contains(&true) => {
                let lanes: Vec<f64> = lanes.into_iter().map(|lane| f64::from(u8::from(lane))).collect();
                Some(self.graph.known(&lanes))
            }
            Truth::Known(_) => None,
        })
    }

    /// A turn of a loop, in lanes in which no parameter has ended the loop before.
    pub(super) fn turn_of(&mut self, body: &[Statement]) -> Recorded<Flow> {
        let first = self.masks.len();
        let mut within = first;
        let flow = match self.going()? {
            Truth::Mask(going) => {
                self.masks.push(going);
                within = self.masks.len();
                self.statements(body)?
            }
            Truth::Known(going) if going.contains(&false) => {
                let taking: Vec<u32> = (0..).zip(going).filter(|(_, going)| *going).map(|(lane, _)| lane).collect();
                if taking.is_empty() {
                    return Ok(Flow::Next);
                }
                let flow = self.on_lanes(&taking, |recorder| recorder.statements(body))?;
                Flow::joined(flow.ways(&taking))
            }
            Truth::Known(_) => self.statements(body)?,
        };
        let flow = self.leave_masked(flow, (first, within))?;
        self.masks.truncate(first);
        Ok(flow)
    }

    /// Leaves a turn of a loop that masks from the number `first` on are for, where these decide about the way. The end of the
    /// loop is the data's to decide, whether it has gone on until there or not: for that, masks from `within` on count.
    fn leave_masked(&mut self, flow: Flow, (first, within): (usize, usize)) -> Recorded<Flow> {
        let all: Vec<u32> = (0..self.lanes() as u32).collect();
        let mut ways = Vec::new();
        for Way { lanes, flow } in flow.ways(&all) {
            let flow = match flow {
                Flow::Break if !self.is_masked(within, &lanes) => Flow::Break,
                Flow::Return(_) if !self.is_masked(first, &lanes) => flow,
                Flow::Break | Flow::Return(_) => {
                    let flow = self.on_lanes(&lanes, |recorder| recorder.leave_turn(flow))?;
                    if flow != Flow::Continue {
                        return Err(Stop::Dependent("a branch leaves its function"));
                    }
                    flow
                }
                flow => flow,
            };
            ways.push(Way { lanes, flow });
        }
        Ok(Flow::joined(ways))
    }

    /// True where masks from that number on may not hold in some of these lanes.
    fn is_masked(&mut self, first: usize, lanes: &[u32]) -> bool {
        let Some(mask) = self.mask_since(first) else { return false };
        let mask = if self.graph.lanes(mask) == 1 { mask } else { self.graph.gather(mask, lanes) };
        !self.graph.known_column(mask).is_some_and(|mask| mask.iter().all(|x| *x == 1.0))
    }

    /// Where no parameter has ended the loop around.
    pub(super) fn going(&mut self) -> Recorded<Truth> {
        let Exit::Masked(place) = self.frame.exit else { return Ok(Truth::Known(vec![true])) };
        let going = self.read_whole(place)?;
        self.truth(&going)
    }

    /// Leaves a turn of a loop under masks: gives `Next` where control goes on, under one more mask if some lanes leave,
    /// and `Continue` where all do.
    pub(super) fn leave_turn(&mut self, flow: Flow) -> Recorded<Flow> {
        match (flow, self.frame.exit, self.frame.returned) {
            (Flow::Break, ..) => {
                self.end_loop()?;
                Ok(Flow::Continue)
            }
            (Flow::Return(Some(value)), Exit::Masked(_), Some(returned)) => {
                self.store_variable(returned.value, &value)?;
                self.store_variable(returned.is_back, &Symbol::Real(1.0))?;
                self.end_loop()?;
                Ok(Flow::Continue)
            }
            (Flow::Split(ways), ..) => {
                let mut stays = vec![1.0; self.lanes()];
                for Way { lanes, flow } in ways.into_iter().filter(|way| way.flow != Flow::Next) {
                    if self.on_lanes(&lanes, |recorder| recorder.leave_turn(flow))? != Flow::Continue {
                        return Err(Stop::Dependent("a branch leaves its function"));
                    }
                    lanes.iter().for_each(|lane| stays[*lane as usize] = 0.0);
                }
                let staying = self.graph.known(&stays);
                self.masks.push(staying);
                Ok(Flow::Next)
            }
            (other, ..) => Ok(other),
        }
    }

    /// The loop around ends where the branches around are taken.
    fn end_loop(&mut self) -> Recorded<()> {
        let Exit::Masked(place) = self.frame.exit else { return Err(Stop::Dependent("a branch leaves its loop")) };
        self.store_variable(place, &Symbol::Real(0.0))
    }

    /// The body of a function, in a frame of its own.
    pub(super) fn function_body(&mut self, function: &Function) -> Recorded<Flow> {
        let statements = &function.body.statements;
        if function.result == Type::Real && statements.iter().any(returns_from_loop) {
            let (is_back, value) = (self.hidden(Symbol::Real(0.0))?, self.hidden(Symbol::Real(0.0))?);
            self.frame.returned = Some(Returned { is_back, value });
        }
        let first = self.masks.len();
        let flow = self.statements(statements)?;
        self.masks.truncate(first);
        let Some(returned) = self.frame.returned else { return Ok(flow) };
        let Some(mask) = self.mask_of(returned.is_back)? else { return Ok(flow) };
        let before = self.read_whole(returned.value)?;
        match flow {
            Flow::Return(Some(last)) => Ok(Flow::Return(Some(self.choose(mask, &before, &last)?))),
            _ => Err(Stop::Dependent("lanes return from different places")),
        }
    }
}

/// True when a statement of a loop's body ends the loop.
fn breaks(statement: &Statement) -> bool {
    matches!(statement.kind, StatementKind::Break) || !is_loop(statement) && statement.inner().any(breaks)
}

/// True when a statement ends the function.
fn returns(statement: &Statement) -> bool {
    matches!(statement.kind, StatementKind::Return(_)) || statement.inner().any(returns)
}

/// True when a statement ends the function from within a loop.
fn returns_from_loop(statement: &Statement) -> bool {
    is_loop(statement) && returns(statement) || statement.inner().any(returns_from_loop)
}

fn is_loop(statement: &Statement) -> bool {
    use StatementKind::{ForEach, ForRange, While};
    matches!(statement.kind, ForRange { .. } | ForEach { .. } | While { .. })
}
