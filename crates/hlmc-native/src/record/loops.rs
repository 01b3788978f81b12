//! Loops and branches over lanes.

use std::rc::Rc;

use hlmc_builtins::Value;
use hlmc_builtins::value::{Dims, Kind};
use hlmc_check::ir::{Expression, Place, Statement};
use hlmc_syntax::Span;

use super::lanes::{Context, Effects, Touched};
use super::statement::Flow;
use super::stop::{Recorded, Stop, unsupported};
use super::symbol::{Cells, Entries, Symbol};
use super::{Frame, Recorder};
use crate::graph::{Mark, NodeId};

/// Inside lanes, a loop of at most so many turns is simply repeated: short inner loops give straight code.
const MAX_REPEATED_TURNS: i64 = 16;

/// What is restored when a loop turns out not to be independent.
pub(super) struct Snapshot {
    mark: Mark,
    model: Vec<Symbol>,
    frame: Frame,
    n_terms: usize,
    call_depth: usize,
    contexts: Vec<Context>,
    masks: Vec<NodeId>,
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
            return self.ragged_loop(variable, &lower, &upper, body);
        }
        let (lower, upper) = (self.uniform_int(&lower)?, self.uniform_int(&upper)?);
        if upper < lower {
            return Ok(Flow::Next);
        }
        let turns = upper - lower + 1;
        let is_short = turns < 2 || !self.contexts.is_empty() && turns <= MAX_REPEATED_TURNS;
        if !is_short && !self.unrolled.contains(&span) {
            let values: Rc<[i64]> = match self.contexts.last() {
                None => (lower..=upper).collect(),
                Some(context) => (0..context.lanes).flat_map(|_| lower..=upper).collect(),
            };
            let parent = (0..self.lanes() as u32).flat_map(|lane| std::iter::repeat_n(lane, turns as usize)).collect();
            if self.try_together(variable, Symbol::LaneInt(values), parent, body)? {
                return Ok(Flow::Next);
            }
            self.unrolled.insert(span);
        }
        for i in lower..=upper {
            self.declare(variable, Symbol::Int(i))?;
            match self.statements(body)? {
                Flow::Next | Flow::Continue => {}
                Flow::Break => break,
                flow @ Flow::Return(_) => return Ok(flow),
            }
        }
        Ok(Flow::Next)
    }

    /// A loop whose bounds differ between lanes: turn by turn, for the lanes that still take part.
    fn ragged_loop(&mut self, variable: Place, lower: &Symbol, upper: &Symbol, body: &[Statement]) -> Recorded<Flow> {
        let lanes = self.lanes();
        let at = |symbol: &Symbol, lane: usize| match symbol {
            Symbol::LaneInt(column) => Some(column[lane]),
            Symbol::Int(i) => Some(*i),
            _ => None,
        };
        let bounds: Option<Vec<(i64, i64)>> =
            (0..lanes).map(|lane| Some((at(lower, lane)?, at(upper, lane)?))).collect();
        let Some(bounds) = bounds else { return unsupported("a bound that depends on parameters") };
        for turn in 0.. {
            let taking: Vec<u32> =
                (0..).zip(&bounds).filter(|(_, (low, high))| low + turn <= *high).map(|(lane, _)| lane).collect();
            if taking.is_empty() {
                return Ok(Flow::Next);
            }
            let values: Vec<i64> = taking.iter().map(|lane| bounds[*lane as usize].0 + turn).collect();
            self.on_lanes(&taking, |recorder| {
                recorder.declare(variable, super::expression::ints(values))?;
                recorder.statements_without_jumps(body)
            })?;
        }
        Ok(Flow::Next)
    }

    /// `for (variable in container) body`
    pub(super) fn for_each(
        &mut self,
        variable: Place,
        container: &Expression,
        body: &[Statement],
        span: Span,
    ) -> Recorded<Flow> {
        let container = self.expression(container)?;
        let container = self.by_rows(container)?;
        let (kind, dims) = container.shape();
        let Some(n) = dims.first().copied() else { return unsupported("a loop over what is no container") };
        let is_flat = dims.len() == kind.n_dims().max(1);
        let turns = if is_flat { dims.iter().product() } else { n };
        if is_flat && turns >= 2 && self.contexts.is_empty() && !self.unrolled.contains(&span) {
            let element = self.as_lanes(&container)?;
            if self.try_together(variable, element, vec![0; turns], body)? {
                return Ok(Flow::Next);
            }
            self.unrolled.insert(span);
        }
        let each = self.each(&container)?;
        let size = if is_flat { 1 } else { each.len() / n.max(1) };
        for turn in 0..turns {
            let entries = each[turn * size..(turn + 1) * size].to_vec();
            let element =
                if is_flat { entries[0].clone() } else { self.container(kind, Dims::from_slice(&dims[1..]), entries) };
            self.declare(variable, element)?;
            match self.statements(body)? {
                Flow::Next | Flow::Continue => {}
                Flow::Break => break,
                flow @ Flow::Return(_) => return Ok(flow),
            }
        }
        Ok(Flow::Next)
    }

    /// A matrix as the vector of its entries row by row, which is the order that loops walk it in.
    fn by_rows(&mut self, container: Symbol) -> Recorded<Symbol> {
        let (kind, dims) = container.shape();
        let (Kind::Matrix, [rows, cols]) = (kind, &dims[..]) else { return Ok(container) };
        let each = self.each(&container)?;
        let order = (0..*rows).flat_map(|row| (0..*cols).map(move |col| row + col * rows));
        let entries: Vec<Symbol> = order.map(|at| each[at].clone()).collect();
        Ok(self.container(Kind::Vector, Dims::from_elem(entries.len(), 1), entries))
    }

    /// The entries of a container, one a lane.
    fn as_lanes(&mut self, container: &Symbol) -> Recorded<Symbol> {
        if let Symbol::Known(value) = container
            && let Value::Ints(tensor) = &**value
        {
            return Ok(Symbol::LaneInt(tensor.entries.as_slice().into()));
        }
        Ok(Symbol::Node(self.pack(container)?))
    }

    /// Runs a loop's body once for all its turns. False, and nothing has happened, when the turns are not independent.
    fn try_together(
        &mut self,
        variable: Place,
        values: Symbol,
        parent: Vec<u32>,
        body: &[Statement],
    ) -> Recorded<bool> {
        let snapshot = self.snapshot();
        let context = Context { lanes: parent.len(), parent: parent.into(), effects: Some(Effects::default()) };
        match self.together(context, variable, values, body) {
            Ok(()) => Ok(true),
            Err(Stop::Dependent(_)) => {
                self.restore(snapshot);
                Ok(false)
            }
            Err(stop) => Err(stop),
        }
    }

    fn together(&mut self, context: Context, variable: Place, values: Symbol, body: &[Statement]) -> Recorded<()> {
        let (model, frame, masks) = (self.model.clone(), self.frame.clone(), self.masks.clone());
        self.enter(context)?;
        self.declare(variable, values)?;
        self.statements_without_jumps(body)?;
        self.masks = masks;
        let (inner_model, inner_frame) = (self.model.clone(), self.frame.clone());
        self.model = model;
        self.frame = frame;
        let Some(Context { effects: Some(effects), .. }) = self.contexts.pop() else {
            return Err(Stop::Dependent("contexts of lanes out of order"));
        };
        for (place, touched) in effects.variables {
            let inside = match place {
                Place::Model(i) => inner_model.get(i as usize),
                Place::Local(i) => inner_frame.slots.get(i as usize),
                Place::Data(_) => None,
            };
            self.leave_loop(place, &touched, inside)?;
        }
        Ok(())
    }

    /// Gives a variable the value that it has after the loop.
    fn leave_loop(&mut self, place: Place, touched: &Touched, inside: Option<&Symbol>) -> Recorded<()> {
        if touched.is_temporary {
            let last = match inside {
                Some(symbol) if symbol.is_scalar() => self.last_lane(symbol)?,
                Some(symbol) if self.is_uniform(symbol) => symbol.clone(),
                _ => return Err(Stop::Dependent("a container is a temporary of a loop")),
            };
            *self.variable_mut(place)? = last;
        }
        if !touched.added.is_empty() {
            let before = self.variable(place)?.clone();
            let mut sum = self.node(&before)?;
            for term in &touched.added {
                sum = self.graph.binary(crate::graph::Binary::Add, sum, *term);
            }
            let sum = self.scalar(sum);
            *self.variable_mut(place)? = sum;
        }
        if !touched.written.is_empty() {
            let before = self.variable(place)?.clone();
            let (kind, dims) = before.shape();
            let length = dims.iter().product();
            let index = touched.after(length, |node| self.graph.lanes(node));
            let mut parts = vec![self.pack(&before)?];
            parts.extend(&touched.written);
            let all = self.graph.concatenate(&parts);
            let after = self.graph.gather(all, &index);
            let after = self.restore_ints(&before, kind, dims, after);
            *self.variable_mut(place)? = after;
        }
        Ok(())
    }

    /// A written container as one of ints, if it was one before.
    fn restore_ints(&mut self, before: &Symbol, kind: Kind, dims: Dims, after: NodeId) -> Symbol {
        if let Symbol::Known(value) = before
            && let Value::Ints(_) = &**value
            && let Some(column) = self.graph.known_column(after)
        {
            let entries = column.iter().map(|x| *x as i64).collect();
            return Symbol::Known(Rc::new(Value::Ints(hlmc_builtins::value::Ints { kind, dims, entries })));
        }
        self.packed(kind, dims, after)
    }

    fn last_lane(&mut self, scalar: &Symbol) -> Recorded<Symbol> {
        Ok(match scalar {
            Symbol::LaneInt(lanes) => Symbol::Int(lanes.last().copied().unwrap_or(0)),
            Symbol::Node(node) => {
                let last = self.graph.lanes(*node) as u32 - 1;
                let node = self.graph.gather(*node, &[last]);
                self.scalar(node)
            }
            other => other.clone(),
        })
    }

    /// Runs `f` for some of the lanes only; what it does to variables goes to these lanes alone.
    pub(super) fn on_lanes<T>(&mut self, lanes: &[u32], f: impl FnOnce(&mut Self) -> Recorded<T>) -> Recorded<T> {
        if lanes.len() == self.lanes() {
            return f(self);
        }
        let (model, frame, masks) = (self.model.clone(), self.frame.clone(), self.masks.clone());
        self.enter(Context { lanes: lanes.len(), parent: lanes.into(), effects: None })?;
        let (model_before, frame_before) = (self.model.clone(), self.frame.clone());
        let result = f(self)?;
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
            if frame_before.slots[i] != frame_after.slots[i] && self.frame.depths[i] <= self.contexts.len() {
                self.frame.slots[i] = self.overlay(&self.frame.slots[i].clone(), &frame_after.slots[i], lanes)?;
            }
        }
        Ok(result)
    }

    /// `all`, but `some` in the given lanes.
    fn overlay(&mut self, all: &Symbol, some: &Symbol, lanes: &[u32]) -> Recorded<Symbol> {
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
    fn enter(&mut self, context: Context) -> Recorded<()> {
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
        self.contexts.push(context);
        Ok(())
    }

    /// A value that differs between lanes, as other lanes see it.
    fn regather(&mut self, symbol: &Symbol, lanes: &[u32]) -> Recorded<Symbol> {
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
        let Some(watching) = self.watching_loop(depth) else { return vec![0; self.lanes()] };
        let mut origin: Vec<u32> = (0..self.lanes() as u32).collect();
        for context in self.contexts[watching + 1..].iter().rev() {
            origin = origin.iter().map(|lane| context.parent[*lane as usize]).collect();
        }
        origin
    }

    pub(super) fn snapshot(&self) -> Snapshot {
        Snapshot {
            mark: self.graph.mark(),
            model: self.model.clone(),
            frame: self.frame.clone(),
            n_terms: self.terms.len(),
            call_depth: self.call_depth,
            contexts: self.contexts.clone(),
            masks: self.masks.clone(),
        }
    }

    pub(super) fn restore(&mut self, snapshot: Snapshot) {
        self.graph.truncate(snapshot.mark);
        self.model = snapshot.model;
        self.frame = snapshot.frame;
        self.terms.truncate(snapshot.n_terms);
        self.contexts = snapshot.contexts;
        self.masks = snapshot.masks;
        self.graph.mask = None;
        self.call_depth = snapshot.call_depth;
    }
}

fn int_lanes(symbol: &Symbol, lanes: usize) -> Option<Vec<i64>> {
    match symbol {
        Symbol::Int(i) => Some(vec![*i; lanes]),
        Symbol::LaneInt(column) => Some(column.to_vec()),
        _ => None,
    }
}
