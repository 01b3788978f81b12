//! The steps of a cycle: what each of its members computes in a turn, and where its operands come from.

use std::rc::Rc;
use std::sync::Arc;

use super::super::stop::{Recorded, Stop};
use super::{Cycle, From};
use crate::graph::scan::{Action, Source, Step};
use crate::graph::{NodeId, Operation};

impl Cycle<'_> {
    /// The steps of a member.
    pub(super) fn build(&mut self, member: NodeId) -> Recorded<()> {
        let Some(placed) = self.placed(member) else { return Ok(()) };
        let (turns, slots) = (Rc::clone(&placed.turns), placed.slots.clone());
        let (first_step, n_slots) = (placed.first_step, placed.n_slots);
        let mut lanes = vec![vec![None; self.scan.turns]; n_slots as usize];
        for (lane, (turn, slot)) in turns.iter().zip(&slots).enumerate() {
            lanes[*slot as usize][*turn as usize] = Some(lane);
        }
        for (slot, lanes) in (0..).zip(lanes) {
            let guard = self.guard(&lanes);
            let action = match self.pending.get(&member) {
                Some(pending) => {
                    let column = self.column(&lanes, |lane| pending.origin(lane))?;
                    match self.recurrence(&column) {
                        Some(action) => action,
                        None => Action::Sum(Box::new([self.source(column, guard)?])),
                    }
                }
                None => self.action(member, (&lanes, first_step, slot), guard)?,
            };
            self.scan.steps[(first_step + slot) as usize] = Step { action, guard };
        }
        Ok(())
    }

    fn guard(&mut self, lanes: &[Option<usize>]) -> Option<u32> {
        if lanes.iter().all(Option::is_some) {
            return None;
        }
        let guard: Arc<[bool]> = lanes.iter().map(Option::is_some).collect();
        let at = self.scan.guards.iter().position(|other| *other == guard);
        Some(at.unwrap_or_else(|| {
            self.scan.guards.push(guard);
            self.scan.guards.len() - 1
        }) as u32)
    }

    /// Where an operand comes from, turn by turn.
    fn column(
        &self,
        lanes: &[Option<usize>],
        operand: impl Fn(usize) -> Option<(NodeId, u32)>,
    ) -> Recorded<Vec<Option<From>>> {
        let at = |(turn, lane): (usize, &Option<usize>)| {
            let Some(lane) = lane else { return Ok(None) };
            let (x, lane) = operand(*lane).unwrap_or((self.zero, 0));
            self.from(x, lane, turn as u32).map(Some)
        };
        lanes.iter().enumerate().map(at).collect()
    }

    fn action(
        &mut self,
        member: NodeId,
        (lanes, first_step, slot): (&[Option<usize>], u32, u32),
        guard: Option<u32>,
    ) -> Recorded<Action> {
        let each_lane = self.each_lane(member).map(|(function, _)| function.clone());
        if let Some(function) = &each_lane {
            let result = slot % function.n_outputs() as u32;
            if result > 0 {
                return Ok(Action::Part { step: first_step + slot - result, result });
            }
        }
        let mut operands = Vec::with_capacity(self.n_operands(member));
        for k in 0..self.n_operands(member) {
            let column = self.column(lanes, |lane| self.operand(member, k, lane))?;
            operands.push(self.source(column, guard)?);
        }
        if let Some(function) = each_lane {
            let lanes = lanes.iter().map(|lane| lane.map_or(0, |lane| (lane % function.lanes()) as u32)).collect();
            return Ok(Action::Whole { function, lanes, operands: operands.into() });
        }
        Ok(match (&self.graph.node(member).operation, &operands[..]) {
            (Operation::Unary(unary, _), [x]) => Action::Unary(*unary, *x),
            (Operation::Binary(binary, ..), [x, y]) => Action::Binary(*binary, *x, *y),
            (Operation::Select(..), [mask, x, y]) => Action::Where(*mask, *x, *y),
            (Operation::Elementwise(function, _), _) => Action::Elementwise(*function, operands.into()),
            (Operation::Sum(_) | Operation::ScatterSum(..), _) => Action::Sum(operands.into()),
            _ => return Err(Stop::Dependent("an operation that no scan has")),
        })
    }

    /// The operand that has these values.
    fn source(&mut self, column: Vec<Option<From>>, guard: Option<u32>) -> Recorded<Source> {
        if column.iter().flatten().all(|from| matches!(from, From::Outside(..))) {
            return Ok(Source::Input(self.input(&column)));
        }
        if let Some(Some(From::Same(step))) = column.iter().find(|from| from.is_some())
            && column.iter().flatten().all(|from| *from == From::Same(*step))
        {
            return Ok(Source::Step(*step));
        }
        let is_known = |(other, its_guard, _): &&(Vec<_>, _, _)| *its_guard == guard && *other == column;
        if let Some((.., step)) = self.known_steps.iter().find(is_known) {
            return Ok(Source::Step(*step));
        }
        let action = match self.recurrence(&column) {
            Some(action) => action,
            None => self.select(&column, guard)?,
        };
        let step = self.scan.steps.len() as u32;
        self.scan.steps.push(Step { action, guard });
        self.known_steps.push((column, guard, step));
        Ok(Source::Step(step))
    }

    /// An input with these lanes; the turns without one have a neighbour's.
    fn input(&mut self, column: &[Option<From>]) -> u32 {
        let outside = |from: &Option<From>| match from {
            Some(From::Outside(node, lane)) => Some((*node, *lane)),
            _ => None,
        };
        let mut last = column.iter().find_map(outside).unwrap_or((self.zero, 0));
        let mut lanes = Vec::with_capacity(column.len());
        for from in column {
            last = outside(from).unwrap_or(last);
            lanes.push(last);
        }
        self.add_input(lanes)
    }

    fn add_input(&mut self, mut lanes: Vec<(NodeId, u32)>) -> u32 {
        if lanes.windows(2).all(|pair| pair[0] == pair[1]) {
            lanes.truncate(1);
        }
        let known = self.inputs.iter().position(|other| *other == lanes);
        known.unwrap_or_else(|| {
            self.inputs.push(lanes);
            self.inputs.len() - 1
        }) as u32
    }

    /// The action, if the values are those of one step at earlier turns, and from outside.
    fn recurrence(&mut self, column: &[Option<From>]) -> Option<Action> {
        let mut steps = column.iter().flatten().filter_map(|from| match from {
            From::Earlier(step, _) => Some(*step),
            _ => None,
        });
        let step = steps.next()?;
        if steps.any(|other| other != step) || column.iter().flatten().any(|from| matches!(from, From::Same(_))) {
            return None;
        }
        Some(match self.distance(column) {
            Some(distance) => {
                let mut first = Vec::with_capacity(distance);
                for (turn, from) in column.iter().enumerate() {
                    if turn % self.sequence < distance {
                        first.push(match from {
                            Some(From::Outside(node, lane)) => (*node, *lane),
                            _ => (self.zero, 0),
                        });
                    }
                }
                Action::Carried { step, distance: distance as u32, initial: self.add_input(first) }
            }
            None => self.recalled(step, column),
        })
    }

    fn recalled(&mut self, step: u32, column: &[Option<From>]) -> Action {
        let mut initial = vec![(self.zero, 0)];
        for from in column.iter().flatten() {
            if let From::Outside(node, lane) = from {
                initial.push((*node, *lane));
            }
        }
        let is_one = initial[1..].windows(2).all(|pair| pair[0] == pair[1]) && initial.len() > 1;
        if is_one {
            initial = vec![initial[1]];
        }
        let n_initial = if is_one { 1 } else { initial.len() as u32 };
        let mut next = 0;
        let from = column.iter().map(|from| match from {
            Some(From::Earlier(_, turn)) => n_initial + turn,
            Some(From::Outside(..)) if !is_one => {
                next += 1;
                next
            }
            _ => 0,
        });
        let from = from.collect();
        // Two lanes or more never collapse into one here: the zero in front differs from what is read.
        Action::Recalled { step, initial: self.add_input(initial), from }
    }

    /// How many turns before the values come from, if it is always as many and begins with what is outside.
    fn distance(&self, column: &[Option<From>]) -> Option<usize> {
        let within = |turn: usize| turn % self.sequence;
        let distances = column.iter().enumerate().filter_map(|(turn, from)| match from {
            Some(From::Earlier(_, when)) => Some((turn, turn - *when as usize)),
            _ => None,
        });
        let mut distances = distances.peekable();
        let distance = distances.peek()?.1;
        let is_regular = distances.all(|(turn, d)| d == distance && within(turn) >= d)
            && column.iter().enumerate().all(|(turn, from)| match from {
                Some(From::Outside(..)) => within(turn) < distance,
                _ => true,
            });
        is_regular.then_some(distance)
    }

    /// A step that takes its value from here or there.
    fn select(&mut self, column: &[Option<From>], guard: Option<u32>) -> Recorded<Action> {
        let key = |from: &From| match from {
            From::Outside(..) => (0, 0),
            From::Same(step) => (1, *step),
            From::Earlier(step, _) => (2, *step),
        };
        let mut keys: Vec<(u32, u32)> = column.iter().flatten().map(key).collect();
        keys.sort_unstable();
        keys.dedup();
        let mut options = Vec::with_capacity(keys.len());
        for wanted in &keys {
            let part = column.iter().map(|from| from.filter(|from| key(from) == *wanted)).collect();
            options.push(self.source(part, guard)?);
        }
        let choose = |from: &Option<From>| from.and_then(|from| keys.binary_search(&key(&from)).ok()).unwrap_or(0);
        Ok(Action::Select(column.iter().map(|from| choose(from) as u32).collect(), options.into()))
    }

    /// Puts the steps into an order of evaluation.
    pub(super) fn sort(&mut self) -> Recorded<()> {
        let successors = |step: u32| {
            let mut before = Vec::new();
            self.scan.steps[step as usize].action.for_each_source(|source| {
                if let Source::Step(step) = source {
                    before.push(step);
                }
            });
            before
        };
        let roots: Vec<u32> = (0..self.scan.steps.len() as u32).collect();
        let order = super::super::components::components(&roots, successors);
        if order.iter().any(|component| component.len() > 1) {
            return Err(Stop::Dependent("steps of a turn depend on one another"));
        }
        let order: Vec<u32> = order.into_iter().flatten().collect();
        let mut place = vec![0; order.len()];
        (0..).zip(&order).for_each(|(new, old)| place[*old as usize] = new);
        let steps = order.iter().map(|old| renumbered(&self.scan.steps[*old as usize], &place)).collect();
        self.scan.steps = steps;
        for placed in self.placed.iter_mut().flatten() {
            let first = placed.first_step;
            placed.slots.iter_mut().for_each(|slot| *slot = place[(first + *slot) as usize]);
            placed.first_step = 0;
        }
        Ok(())
    }
}

fn renumbered(step: &Step, place: &[u32]) -> Step {
    let source = |source: &Source| match source {
        Source::Step(step) => Source::Step(place[*step as usize]),
        input => *input,
    };
    let all = |sources: &[Source]| sources.iter().map(source).collect();
    let action = match &step.action {
        Action::Unary(unary, x) => Action::Unary(*unary, source(x)),
        Action::Binary(binary, x, y) => Action::Binary(*binary, source(x), source(y)),
        Action::Where(mask, x, y) => Action::Where(source(mask), source(x), source(y)),
        Action::Elementwise(function, operands) => Action::Elementwise(*function, all(operands)),
        Action::Whole { function, lanes, operands } => {
            Action::Whole { function: function.clone(), lanes: Arc::clone(lanes), operands: all(operands) }
        }
        Action::Part { step, result } => Action::Part { step: place[*step as usize], result: *result },
        Action::Sum(operands) => Action::Sum(all(operands)),
        Action::Select(choice, operands) => Action::Select(Arc::clone(choice), all(operands)),
        Action::Carried { step, distance, initial } => {
            Action::Carried { step: place[*step as usize], distance: *distance, initial: *initial }
        }
        Action::Recalled { step, initial, from } => {
            Action::Recalled { step: place[*step as usize], initial: *initial, from: Arc::clone(from) }
        }
    };
    Step { action, guard: step.guard }
}
