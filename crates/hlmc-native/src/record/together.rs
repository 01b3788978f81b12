//! The body of a loop, recorded once for all its turns.
//!
//! At first the turns are taken to be independent. Where a variable turns out to tie them together, the body is recorded
//! anew with that variable carried, see `record/carry`; where vectors differ in size, with the turns grouped by it, see
//! `record/ragged`. Temporaries and integers that turns hand on are found ahead, see
//! `record/ahead`. What none of these helps is unrolled.

use std::borrow::Cow;
use std::collections::HashSet;
use std::rc::Rc;
use std::sync::Arc;

use hlmc_builtins::Value;
use hlmc_builtins::value::{Dims, Kind};
use hlmc_check::ir::{Place, Statement};
use hlmc_syntax::Span;

use super::ahead::{Own, jumps};
use super::cycle::WHOLE_CARRIED;
use super::flow::Flow;
use super::hoist::INNER_RECURRENCE;
use super::lanes::{Context, Effects, Touched};
use super::leave::Exit;
use super::ragged::Groups;
use super::scan::Start;
use super::stop::{Recorded, Stop};
use super::symbol::{Cells, Entries, Symbol};
use super::trace::Trace;
use super::{Frame, Recorder};
use crate::graph::{self, LoopForm, Mark, NodeId, OriginId};

/// A loop of at most so many turns that carries values is unrolled: it is straight code.
const MAX_UNROLLED_TURNS: usize = 3;

/// The turns of a loop.
#[derive(Clone, Copy)]
pub(super) struct Turns<'a> {
    /// The loop's variable.
    pub(super) variable: Place,
    /// Its values, one a turn.
    pub(super) values: &'a Symbol,
    /// For each turn, the lane around the loop that it belongs to. The turns of a lane follow one another, in order; a
    /// lane may have none.
    pub(super) parent: &'a Rc<[u32]>,
    /// What a turn does.
    pub(super) body: &'a [Statement],
}

/// What is restored when a loop turns out not to be what it was taken for.
#[derive(Clone)]
pub(super) struct Snapshot {
    mark: Mark,
    model: Vec<Symbol>,
    frame: Frame,
    n_terms: usize,
    call_depth: usize,
    contexts: Vec<Context>,
    unrolled: HashSet<Span>,
    simplexes: HashSet<Vec<NodeId>>,
    masks: Vec<NodeId>,
}

/// What was recorded since a snapshot, taken out of the recording.
pub(super) struct Stretch {
    graph: graph::Stretch,
    terms: Vec<(NodeId, Option<OriginId>)>,
    /// How things were at its end.
    end: Snapshot,
}

impl Recorder<'_> {
    /// Runs a loop's body once for all its turns, independent or carrying values. False, and nothing has happened, when
    /// that is not possible.
    pub(super) fn try_together(&mut self, turns: Turns<'_>) -> Recorded<bool> {
        let is_around = self.is_lane_by_lane;
        self.handed_on = None;
        let apart = self.take_apart(turns.body)?;
        let result = self.attempts(turns);
        self.is_lane_by_lane = is_around;
        self.put_together(&apart, matches!(result, Ok(true)))?;
        result
    }

    fn attempts(&mut self, turns: Turns<'_>) -> Recorded<bool> {
        let n_turns = turns.parent.len();
        let mut own = self.own_variables(&turns);
        let mut carried = HashSet::new();
        let mut body = Cow::Borrowed(turns.body);
        let mut groups = Groups::new(n_turns);
        let around = self.contexts.len();
        loop {
            let present = Turns { body: &body, ..turns };
            let snapshot = self.snapshot();
            self.conflict = None;
            self.inner = None;
            self.sizes = None;
            let trace = (!carried.is_empty()).then(|| Trace::new(carried.clone(), n_turns));
            let is_scan = trace.is_some();
            let stop = match self.together(present, &own, trace, &groups) {
                Ok(left) => {
                    if let Some(taken) = without_turns_behind(turns.parent, &left) {
                        self.restore(snapshot);
                        return self.try_together_for(present, &taken);
                    }
                    let form = if is_scan { LoopForm::Scan(n_turns) } else { LoopForm::Map(n_turns) };
                    self.graph.origins.note_loop(form);
                    return Ok(true);
                }
                Err(stop) => stop,
            };
            let (conflict, sizes) = (self.conflict.take(), self.take_sizes(around));
            let inner = self.inner.take();
            self.restore(snapshot);
            match (stop, conflict) {
                (Stop::Dependent(INNER_RECURRENCE), _) => {
                    let Some(inner) = inner else { return Ok(false) };
                    match self.hoisted(&body, inner.place)? {
                        Some(hoisted) if carried.insert(inner.place) => {
                            own = self.own_variables(&Turns { body: &hoisted, ..turns });
                            own.retain(|place| !carried.contains(&place));
                            if let Exit::Masked(going) = self.frame.exit
                                && carried.contains(&going)
                            {
                                own.without_temporaries();
                            }
                            body = Cow::Owned(hoisted);
                        }
                        _ => {
                            self.unrolled.insert(inner.span);
                        }
                    }
                }
                (Stop::Dependent(_), Some((place, depth))) => {
                    let may_be_scan = n_turns > MAX_UNROLLED_TURNS && !self.is_scanning();
                    if !may_be_scan || depth > around || !carried.insert(place) {
                        self.handed_on = Some(place);
                        return Ok(false);
                    }
                    if self.frame.exit == Exit::Masked(place) {
                        own.without_temporaries();
                    }
                }
                (Stop::Dependent(WHOLE_CARRIED), None) if !self.is_lane_by_lane => self.is_lane_by_lane = true,
                (Stop::Dependent(_), None) => {
                    if !sizes.is_some_and(|sizes| groups.split(&sizes)) {
                        return Ok(false);
                    }
                }
                // What is pending in a scan may be known turn by turn, and turns may not be there for all.
                (Stop::Unsupported(_), _) if is_scan || body.iter().any(jumps) => return Ok(false),
                (stop, _) => return Err(stop),
            }
        }
    }

    /// The same for some of the turns.
    fn try_together_for(&mut self, turns: Turns<'_>, taken: &[u32]) -> Recorded<bool> {
        let values = self.regather(turns.values, taken)?;
        let parent = taken.iter().map(|turn| turns.parent[*turn as usize]).collect();
        self.try_together(Turns { values: &values, parent: &parent, ..turns })
    }

    /// Records all turns; gives those after which the loop is left.
    fn together(&mut self, turns: Turns<'_>, own: &Own, trace: Option<Trace>, groups: &Groups) -> Recorded<Vec<u32>> {
        let parent = Rc::clone(turns.parent);
        let effects = Some(Effects::with_temporaries(&own.places));
        let context = Context { lanes: parent.len(), parent, effects, trace };
        let (model, frame, masks) = (self.model.clone(), self.frame.clone(), self.masks.clone());
        let start = Start { node: self.graph.nodes().len(), check: self.graph.checks.len(), term: self.terms.len() };
        self.enter(context)?;
        self.declare(turns.variable, turns.values.clone())?;
        for (place, starts) in &own.starts {
            *self.variable_mut(*place)? = starts.clone();
        }
        let mut left = Vec::new();
        for group in groups.iter() {
            let flow = self.on_lanes(group, |recorder| recorder.turn_of(turns.body))?;
            for way in flow.ways(group) {
                match way.flow {
                    Flow::Next | Flow::Continue => {}
                    Flow::Break => left.extend(way.lanes),
                    _ => return Err(Stop::Dependent("an iteration ends the function")),
                }
            }
        }
        self.masks = masks;
        let mut inner_model = std::mem::replace(&mut self.model, model);
        let mut inner_frame = std::mem::replace(&mut self.frame, frame);
        let Some(Context { effects: Some(mut effects), parent, trace, .. }) = self.contexts.pop() else {
            return Err(Stop::Dependent("contexts of lanes out of order"));
        };
        for context in &mut self.contexts {
            context.trace.iter_mut().for_each(Trace::leave);
        }
        if let Some(trace) = trace {
            let mut inside = inner_model.iter_mut().chain(&mut inner_frame.slots);
            self.finish_scan(&trace, &parent, start, &mut effects, &mut inside)?;
        }
        for (place, touched) in effects.variables {
            let inside = match place {
                Place::Model(i) => inner_model.get(i as usize),
                Place::Local(i) => inner_frame.slots.get(i as usize),
                Place::Data(_) => None,
            };
            self.leave_loop(place, &touched, inside, &parent)?;
        }
        Ok(left)
    }

    /// Gives a variable the value that it has after the loop.
    fn leave_loop(&mut self, place: Place, touched: &Touched, inside: Option<&Symbol>, parent: &[u32]) -> Recorded<()> {
        if touched.is_temporary {
            let Some(inside) = inside else { return Err(Stop::Dependent("a temporary of a loop is not there")) };
            let left = self.left_by_last_turns(place, inside, parent)?;
            *self.variable_mut(place)? = self.without_lanes(left);
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
            let ends = parts.iter().scan(0, |end, part| {
                *end += self.graph.lanes(*part) as u32;
                Some(*end)
            });
            let ends: Vec<u32> = ends.collect();
            let from = index.iter().map(|at| {
                let part = ends.partition_point(|end| end <= at);
                (parts[part], if part == 0 { *at } else { at - ends[part - 1] })
            });
            let after = self.collect_lanes(&from.collect::<Vec<_>>());
            let after = self.restore_ints(&before, kind, dims, after);
            *self.variable_mut(place)? = after;
        }
        Ok(())
    }

    /// What the last turn of each lane leaves in a temporary; a lane without a turn keeps what it had.
    fn left_by_last_turns(&mut self, place: Place, inside: &Symbol, parent: &[u32]) -> Recorded<Symbol> {
        let (taking, last) = last_turns(parent);
        let left = self.regather(inside, &last)?;
        if taking.len() == self.lanes() {
            return Ok(left);
        }
        let before = self.variable(place)?.clone();
        self.overlay(&before, &left, &taking)
    }

    /// Scalars of one lane as what they are outside of lanes.
    pub(super) fn without_lanes(&self, symbol: Symbol) -> Symbol {
        match symbol {
            Symbol::LaneInt(lanes) if lanes.len() == 1 => Symbol::Int(lanes[0]),
            Symbol::Node(node) => self.scalar(node),
            Symbol::Cells(Cells { kind, dims, entries: Entries::Each(each) }) if self.lanes() == 1 => {
                let each = each.iter().map(|entry| self.without_lanes(entry.clone())).collect();
                self.container(kind, dims, each)
            }
            other => other,
        }
    }

    /// A written container as one of ints, if it was one before.
    fn restore_ints(&mut self, before: &Symbol, kind: Kind, dims: Dims, after: NodeId) -> Symbol {
        if let Symbol::Known(value) = before
            && let Value::Ints(_) = &**value
            && let Some(column) = self.graph.known_column(after)
        {
            let entries = column.iter().map(|x| *x as i64).collect();
            return Symbol::Known(Arc::new(Value::Ints(hlmc_builtins::value::Ints { kind, dims, entries })));
        }
        self.packed(kind, dims, after)
    }

    pub(super) fn snapshot(&self) -> Snapshot {
        Snapshot {
            mark: self.graph.mark(),
            model: self.model.clone(),
            frame: self.frame.clone(),
            n_terms: self.terms.len(),
            call_depth: self.call_depth,
            contexts: self.contexts.clone(),
            unrolled: self.unrolled.clone(),
            simplexes: self.simplexes.clone(),
            masks: self.masks.clone(),
        }
    }

    pub(super) fn restore(&mut self, snapshot: Snapshot) {
        self.graph.truncate(snapshot.mark);
        self.simplexes = snapshot.simplexes;
        self.model = snapshot.model;
        self.frame = snapshot.frame;
        self.terms.truncate(snapshot.n_terms);
        self.contexts = snapshot.contexts;
        self.call_depth = snapshot.call_depth;
        self.unrolled = snapshot.unrolled;
        self.stopped_at = None;
        self.masks = snapshot.masks;
        self.graph.mask = None;
    }

    /// Goes back to a snapshot, and gives what was recorded since.
    pub(super) fn take_since(&mut self, snapshot: &Snapshot) -> Stretch {
        let end = self.snapshot();
        let terms = self.terms.split_off(snapshot.n_terms);
        let stretch = Stretch { graph: self.graph.split_off(snapshot.mark), terms, end };
        self.restore(snapshot.clone());
        stretch
    }

    /// Records again what was taken out, where it was taken out.
    pub(super) fn put_back(&mut self, stretch: Stretch) {
        self.graph.append(stretch.graph);
        self.terms.extend(stretch.terms);
        self.restore(stretch.end);
    }
}

/// The turns that remain where loops end after some of them; `None` where no turn is behind such a one.
fn without_turns_behind(parent: &[u32], left: &[u32]) -> Option<Vec<u32>> {
    let mut is_over = vec![false; parent.len()];
    left.iter().for_each(|turn| is_over[*turn as usize] = true);
    let mut taken = Vec::with_capacity(parent.len());
    for turn in 0..parent.len() {
        let goes_on = turn == 0 || parent[turn - 1] != parent[turn] || !is_over[turn - 1];
        is_over[turn] |= !goes_on;
        if goes_on {
            taken.push(turn as u32);
        }
    }
    (taken.len() < parent.len()).then_some(taken)
}

/// The lanes that have turns, and the last turn of each.
fn last_turns(parent: &[u32]) -> (Vec<u32>, Vec<u32>) {
    let mut end = 0;
    let last = |turns: &[u32]| {
        end += turns.len() as u32;
        (turns[0], end - 1)
    };
    parent.chunk_by(|a, b| a == b).map(last).unzip()
}
