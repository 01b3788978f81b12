//! Loops and branches over lanes.

use std::ops::RangeInclusive;
use std::rc::Rc;

use hlmc_check::ir::{Expression, Place, Statement};
use hlmc_syntax::Span;

use super::Recorder;
use super::flow::{Flow, Going};
use super::lanes::{Context, Crossings, Touched};
use super::stop::{Recorded, Stop, unsupported};
use super::symbol::{Cells, Entries, Symbol};
use super::together::Turns;
use crate::graph::LoopForm;

/// Inside lanes, a loop of at most so many turns is simply repeated: short inner loops give straight code. So do loops
/// outside that would call functions lane by lane.
pub(super) const MAX_REPEATED_TURNS: usize = 16;

/// The values of a loop's variable turn by turn, and the lane that each turn belongs to, for loops from a lower to an
/// upper bound in every lane.
pub(super) fn all_turns(ranges: &[RangeInclusive<i64>]) -> (Symbol, Rc<[u32]>) {
    let values = ranges.iter().cloned().flatten().collect();
    let parent = (0..).zip(ranges).flat_map(|(lane, range)| range.clone().map(move |_| lane)).collect();
    (Symbol::LaneInt(values), parent)
}

impl Recorder<'_> {
    /// `for (variable in lower:upper) body`
    pub(super) fn for_range(
        &mut self,
        variable: Place,
        bounds: (&Expression, &Expression),
        body: &[Statement],
        span: Span,
    ) -> Recorded<Flow> {
        let (lower, upper) = (self.expression(bounds.0)?, self.expression(bounds.1)?);
        let (lower, upper) = (self.settled(&lower)?, self.settled(&upper)?);
        if let (Symbol::LaneInt(_), _) | (_, Symbol::LaneInt(_)) = (&lower, &upper) {
            return self.ragged_loop(variable, (&lower, &upper), body, span);
        }
        let range = self.uniform_int(&lower)?..=self.uniform_int(&upper)?;
        let turns = range.clone().count();
        let by_turn =
            |recorder: &mut Self| recorder.turn_by_turn(variable, turns, range.clone().map(Symbol::Int), body);
        if !self.is_tried_together(turns, span) {
            return by_turn(self);
        }
        let (values, parent) = all_turns(&vec![range.clone(); self.lanes()]);
        self.together_or_by_turn(Turns { variable, values: &values, parent: &parent, body }, span, by_turn)
    }

    /// Runs a loop once for all of its turns, which are as many in every lane, or turn by turn.
    pub(super) fn together_or_by_turn(
        &mut self,
        all: Turns<'_>,
        span: Span,
        by_turn: impl Fn(&mut Self) -> Recorded<Flow>,
    ) -> Recorded<Flow> {
        if let Some(flow) = self.in_shorter_form(all, &by_turn)? {
            return Ok(flow);
        }
        self.check_for_inner_recurrence(span)?;
        self.unrolled.insert(span);
        match self.in_few_turns(&by_turn) {
            Some(flow) => Ok(flow),
            None => by_turn(self),
        }
    }

    /// True when a loop of so many turns is to be recorded once for all of them, if that is possible.
    pub(super) fn is_tried_together(&self, turns: usize, span: Span) -> bool {
        let is_short = turns < 2 || !self.contexts.is_empty() && turns <= MAX_REPEATED_TURNS;
        !is_short && self.may_be_together(span)
    }

    /// False when it is settled that a loop is unrolled.
    pub(super) fn may_be_together(&self, span: Span) -> bool {
        !self.unrolls_all && !self.unrolled.contains(&span)
    }

    /// Runs a loop's body turn by turn, for each value of its variable.
    fn turn_by_turn(
        &mut self,
        variable: Place,
        turns: usize,
        values: impl IntoIterator<Item = Symbol>,
        body: &[Statement],
    ) -> Recorded<Flow> {
        if turns > 0 {
            self.graph.origins.note_loop(LoopForm::Unrolled(turns));
        }
        let most_turns = std::mem::replace(&mut self.most_turns, usize::MAX);
        let mut going = Going::all(self.lanes());
        for (turn, value) in values.into_iter().enumerate() {
            if turn >= most_turns {
                return Err(Stop::Longer);
            }
            let taking = going.lanes.clone();
            let value = if taking.len() < self.lanes() { self.regather(&value, &taking)? } else { value };
            self.turn(&mut going, &taking, variable, value, body)?;
            if going.lanes.is_empty() {
                break;
            }
        }
        Ok(going.flow(self.lanes()))
    }

    /// A turn of a loop for some of the lanes that it goes on for.
    fn turn(
        &mut self,
        going: &mut Going,
        taking: &[u32],
        variable: Place,
        value: Symbol,
        body: &[Statement],
    ) -> Recorded<()> {
        let flow = self.on_lanes(taking, |recorder| {
            recorder.declare(variable, value)?;
            recorder.turn_of(body)
        })?;
        going.after(taking, flow);
        Ok(())
    }

    /// A loop whose bounds differ between lanes: once for all turns of all lanes, else turn by turn for the lanes that
    /// still take part.
    fn ragged_loop(
        &mut self,
        variable: Place,
        bounds: (&Symbol, &Symbol),
        body: &[Statement],
        span: Span,
    ) -> Recorded<Flow> {
        let ranges = self.ranges(bounds)?;
        let longest = ranges.iter().map(|range| range.clone().count()).max().unwrap_or(0);
        if self.is_tried_together(longest, span) {
            let (values, parent) = all_turns(&ranges);
            if self.try_together(Turns { variable, values: &values, parent: &parent, body })? {
                return Ok(Flow::Next);
            }
            self.check_for_inner_recurrence(span)?;
            self.unrolled.insert(span);
        }
        self.graph.origins.note_loop(LoopForm::Unrolled(longest));
        let mut going = Going::all(self.lanes());
        for turn in 0..longest {
            let value = |lane: &u32| Some((*lane, ranges[*lane as usize].clone().nth(turn)?));
            let (taking, values): (Vec<u32>, Vec<i64>) = going.lanes.iter().filter_map(value).unzip();
            if !taking.is_empty() {
                self.turn(&mut going, &taking, variable, super::expression::ints(values), body)?;
            }
        }
        Ok(going.flow(self.lanes()))
    }

    /// The values of a loop's variable in every lane.
    fn ranges(&self, (lower, upper): (&Symbol, &Symbol)) -> Recorded<Vec<RangeInclusive<i64>>> {
        let lanes = self.lanes();
        match (int_lanes(lower, lanes), int_lanes(upper, lanes)) {
            (Some(lower), Some(upper)) => Ok(lower.into_iter().zip(upper).map(|(low, high)| low..=high).collect()),
            _ => unsupported("a bound that depends on parameters"),
        }
    }

    /// `for (variable in container) body`
    pub(super) fn for_each(
        &mut self,
        variable: Place,
        container: &Expression,
        body: &[Statement],
        span: Span,
    ) -> Recorded<Flow> {
        let elements = self.elements(container)?;
        let turns = elements.number;
        let by_turn = |recorder: &mut Self| {
            let values = recorder.values_by_turn(&elements)?;
            recorder.turn_by_turn(variable, turns, values, body)
        };
        if !self.is_tried_together(turns, span) {
            return by_turn(self);
        }
        let values = self.values_of_all_turns(&elements)?;
        let parent = (0..self.lanes() as u32).flat_map(|lane| std::iter::repeat_n(lane, turns)).collect();
        self.together_or_by_turn(Turns { variable, values: &values, parent: &parent, body }, span, by_turn)
    }

    /// Runs `f` for some of the lanes only; what it does to variables goes to these lanes alone.
    pub(super) fn on_lanes<T>(&mut self, lanes: &[u32], f: impl FnOnce(&mut Self) -> Recorded<T>) -> Recorded<T> {
        if lanes.len() == self.lanes() {
            return f(self);
        }
        let (model, frame, masks) = (self.model.clone(), self.frame.clone(), self.masks.clone());
        self.enter(Context { lanes: lanes.len(), parent: lanes.into(), effects: None, trace: None })?;
        let (model_before, frame_before) = (self.model.clone(), self.frame.clone());
        let result = f(self)?;
        let staying = self.masks.split_off(masks.len());
        self.masks = masks;
        let model_after = std::mem::replace(&mut self.model, model);
        let frame_after = std::mem::replace(&mut self.frame, frame);
        self.contexts.pop();
        for i in 0..self.model.len() {
            if model_before[i] != model_after[i] {
                self.model[i] = self.overlay(&self.model[i].clone(), &model_after[i], lanes)?;
            }
        }
        for i in 0..self.frame.slots.len() {
            // What was declared within is not there any more.
            let is_from_outside = frame_after.depths[i] <= self.contexts.len();
            if is_from_outside && frame_before.slots[i] != frame_after.slots[i] {
                self.frame.slots[i] = self.overlay(&self.frame.slots[i].clone(), &frame_after.slots[i], lanes)?;
            }
        }
        for mask in staying {
            let mask = self.overlay(&Symbol::Real(1.0), &Symbol::Node(mask), lanes)?;
            let mask = self.node(&mask)?;
            self.masks.push(mask);
        }
        Ok(result)
    }

    /// `all`, but `some` in the given lanes.
    pub(super) fn overlay(&mut self, all: &Symbol, some: &Symbol, lanes: &[u32]) -> Recorded<Symbol> {
        let others: Vec<u32> = {
            let mut is_taken = vec![false; self.lanes()];
            lanes.iter().for_each(|lane| is_taken[*lane as usize] = true);
            (0..).zip(is_taken).filter(|(_, taken)| !taken).map(|(lane, _)| lane).collect()
        };
        let rest = self.regather(all, &others)?;
        self.merge(some, lanes, &rest, &others)
    }

    /// One value from two that belong to different lanes, which together are all.
    pub(super) fn merge(&mut self, a: &Symbol, a_lanes: &[u32], b: &Symbol, b_lanes: &[u32]) -> Recorded<Symbol> {
        if a == b && self.is_uniform(a) {
            return Ok(a.clone());
        }
        let n = a_lanes.len() + b_lanes.len();
        let mut index = vec![0u32; n];
        a_lanes.iter().zip(0..).for_each(|(lane, i)| index[*lane as usize] = i);
        b_lanes.iter().zip(a_lanes.len() as u32..).for_each(|(lane, i)| index[*lane as usize] = i);
        if let (Some(x), Some(y)) = (int_lanes(a, a_lanes.len()), int_lanes(b, b_lanes.len())) {
            let all: Vec<i64> = x.into_iter().chain(y).collect();
            return Ok(Symbol::LaneInt(index.iter().map(|i| all[*i as usize]).collect()));
        }
        if a.is_scalar() && b.is_scalar() {
            let (x, y) = (self.node(a)?, self.node(b)?);
            let x = self.graph.broadcast(x, a_lanes.len());
            let y = self.graph.broadcast(y, b_lanes.len());
            let all = self.graph.concatenate(&[x, y]);
            return Ok(Symbol::Node(self.graph.gather(all, &index)));
        }
        if a.shape() != b.shape() || matches!(a, Symbol::Tuple(_)) {
            return Err(Stop::Dependent("the branches of a condition give different shapes"));
        }
        let (kind, dims) = a.shape();
        let (x, y) = (self.each(a)?, self.each(b)?);
        let each = x.iter().zip(y.iter()).map(|(x, y)| self.merge(x, a_lanes, y, b_lanes));
        let each = each.collect::<Recorded<Vec<_>>>()?;
        Ok(self.container(kind, dims, each))
    }

    /// Begins a context: every variable that differs between lanes is seen from its lanes.
    pub(super) fn enter(&mut self, context: Context) -> Recorded<()> {
        if !self.contexts.is_empty() {
            for i in 0..self.model.len() {
                self.model[i] = self.regather(&self.model[i].clone(), &context.parent)?;
            }
            for i in 0..self.frame.slots.len() {
                self.frame.slots[i] = self.regather(&self.frame.slots[i].clone(), &context.parent)?;
            }
            for i in 0..self.masks.len() {
                if self.graph.lanes(self.masks[i]) > 1 {
                    self.masks[i] = self.graph.gather(self.masks[i], &context.parent);
                }
            }
        }
        let is_loop = context.effects.is_some();
        let parent = Rc::clone(&context.parent);
        let scanning = self.contexts.iter().position(|context| context.trace.is_some());
        let outer_lanes = scanning.map(|_| self.loop_lanes());
        self.contexts.push(context);
        if let (Some(scanning), Some(outer_lanes)) = (scanning, outer_lanes) {
            let turns = self.lanes_of_context(scanning);
            if let Some(trace) = &mut self.contexts[scanning].trace {
                trace.contexts.push(turns);
                if is_loop {
                    trace.enter(parent.iter().map(|lane| outer_lanes[*lane as usize]).collect());
                }
            }
        }
        Ok(())
    }

    /// A value that differs between lanes, as other lanes see it.
    pub(super) fn regather(&mut self, symbol: &Symbol, lanes: &[u32]) -> Recorded<Symbol> {
        Ok(match symbol {
            Symbol::LaneInt(column) => Symbol::LaneInt(lanes.iter().map(|lane| column[*lane as usize]).collect()),
            Symbol::Node(node) if self.graph.lanes(*node) > 1 => Symbol::Node(self.graph.gather(*node, lanes)),
            Symbol::Cells(Cells { kind, dims, entries: Entries::Each(each) }) if !self.is_uniform(symbol) => {
                let each = each.iter().map(|entry| self.regather(entry, lanes)).collect::<Recorded<Vec<_>>>()?;
                Symbol::Cells(Cells { kind: *kind, dims: dims.clone(), entries: Entries::Each(Rc::new(each)) })
            }
            Symbol::Tuple(slots) => {
                let slots = slots.iter().map(|slot| self.regather(slot, lanes)).collect::<Recorded<Vec<_>>>()?;
                Symbol::Tuple(Rc::new(slots))
            }
            other => other.clone(),
        })
    }

    /// The number of the innermost loop that a variable of this depth was declared outside of.
    pub(super) fn watching_loop(&self, depth: usize) -> Option<usize> {
        (depth..self.contexts.len()).find(|i| self.contexts[*i].effects.is_some())
    }

    /// What the loop around does to a variable of this depth; `None` outside of loops.
    pub(super) fn touched(&mut self, place: Place, depth: usize) -> Option<&mut Touched> {
        if matches!(place, Place::Data(_)) {
            return None;
        }
        let i = self.watching_loop(depth)?;
        Some(self.contexts[i].effects.as_mut()?.variables.entry(place).or_default())
    }

    /// For each lane, that of the loop which watches variables of this depth.
    pub(super) fn origin(&self, depth: usize) -> Vec<u32> {
        match self.watching_loop(depth) {
            Some(watching) => self.lanes_of_context(watching).to_vec(),
            None => vec![0; self.lanes()],
        }
    }

    /// Inner loops, too, must not read what another of their iterations wrote.
    pub(super) fn read_crossing(&mut self, place: Place, depth: usize, n: usize, positions: &[u32]) -> Recorded<()> {
        self.cross(place, depth, |crossings, lanes| crossings.read(n, positions, lanes))
    }

    /// Inner loops, too, must not write what another of their iterations touched.
    pub(super) fn write_crossing(&mut self, place: Place, depth: usize, n: usize, positions: &[u32]) -> Recorded<()> {
        self.cross(place, depth, |crossings, lanes| crossings.write(n, positions, lanes))
    }

    /// Notes an access in all loops within the one that watches the variable.
    pub(super) fn cross(
        &mut self,
        place: Place,
        depth: usize,
        f: impl Fn(&mut Crossings, &[u32]) -> Recorded<()>,
    ) -> Recorded<()> {
        let Some(watching) = self.watching_loop(depth) else { return Ok(()) };
        for i in watching + 1..self.contexts.len() {
            let lanes = self.lanes_of_context(i);
            if let Some(effects) = &mut self.contexts[i].effects {
                let crossed = f(effects.crossings.entry(place).or_default(), &lanes);
                self.blame(place, crossed)?;
            }
        }
        Ok(())
    }
}

pub(super) fn int_lanes(symbol: &Symbol, lanes: usize) -> Option<Vec<i64>> {
    match symbol {
        Symbol::Int(i) => Some(vec![*i; lanes]),
        Symbol::LaneInt(column) => Some(column.to_vec()),
        _ => None,
    }
}
