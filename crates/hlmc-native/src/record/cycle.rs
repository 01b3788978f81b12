//! From nodes that depend on themselves, through what a loop carries, to the steps of a scan.
//!
//! Every lane of such a node is computed in some turn. Where all nodes have equally many lanes, lane `t` is computed in
//! turn `t`; else the turn is that of the loop, a node that has several lanes there becomes as many steps, and one that
//! has lanes in some turns only is guarded. Where that would be many steps, the turns are those of an inner loop. Nodes
//! that only move lanes vanish: operands are followed to where they are computed.

mod steps;

use std::collections::HashMap;
use std::rc::Rc;

use super::stop::{Recorded, Stop};
use super::trace::Origin;
use crate::each_lane::EachLane;
use crate::graph::scan::{Action, Scan, Step};
use crate::graph::{Binary, Graph, NodeId, Operation, Unary};

/// Steps beyond which a loop is unrolled.
const MAX_STEPS: usize = 4096;

/// Steps up to which the turns of an inner loop stand one after the other in a turn of the loop: straight code is faster.
const MAX_STRAIGHT_STEPS: usize = 64;

/// Reads of one another that a lane is followed through.
const MAX_PASSED: usize = 1024;

/// Why a loop has no scan that carries a function of all its turns at once; lane by lane it may have one.
pub(super) const WHOLE_CARRIED: &str = "a function of whole columns is carried from turn to turn";

/// A read that is pending: the turns of its lanes, and where they come from.
pub(super) struct Pending {
    pub(super) turns: Rc<[u32]>,
    pub(super) origins: Vec<Origin>,
    /// The column of what is read as it was before the loop.
    pub(super) before: Option<NodeId>,
    /// The nodes that the lanes are copied from.
    pub(super) sources: Vec<NodeId>,
}

impl Pending {
    pub(super) fn new(turns: Rc<[u32]>, origins: Vec<Origin>, before: Option<NodeId>) -> Self {
        let mut pending = Pending { turns, origins, before, sources: Vec::new() };
        let nodes = (0..pending.origins.len()).filter_map(|lane| pending.origin(lane)).map(|(node, _)| node);
        let mut sources: Vec<NodeId> = Vec::new();
        for node in nodes {
            if sources.last() != Some(&node) {
                sources.retain(|other| *other != node);
                sources.push(node);
            }
        }
        pending.sources = sources;
        pending
    }

    /// The node and the lane that lane `lane` is a copy of.
    pub(super) fn origin(&self, lane: usize) -> Option<(NodeId, u32)> {
        match self.origins[lane] {
            Origin::Before(at) => self.before.map(|before| (before, at)),
            Origin::Written(node, lane) => Some((node, lane)),
        }
    }
}

/// The loop that is recorded.
pub(super) struct Loop<'a> {
    pub(super) turns: usize,
    /// The turns of one outer iteration.
    pub(super) sequence: usize,
    /// For each context within the loop, the turns of its lanes.
    pub(super) contexts: &'a [Rc<[u32]>],
    pub(super) pending: &'a HashMap<NodeId, Pending>,
}

/// Where a lane comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Lane {
    /// From outside of the cycle.
    Outside(NodeId, u32),
    /// A lane of a node that is computed in the cycle.
    Inside(NodeId, u32),
}

/// Where an operand of a step comes from in one turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum From {
    Outside(NodeId, u32),
    Same(u32),
    Earlier(u32, u32),
}

/// The turn and the step of every lane of a node.
struct Placed {
    turns: Rc<[u32]>,
    slots: Vec<u32>,
    first_step: u32,
    n_slots: u32,
}

/// A cycle that is being turned into a scan.
pub(super) struct Cycle<'a> {
    graph: &'a Graph,
    pending: &'a HashMap<NodeId, Pending>,
    members: &'a [NodeId],
    /// Per node from the first member on: whether it is one, and where its lanes are computed.
    is_member: Vec<bool>,
    placed: Vec<Option<Placed>>,
    sequence: usize,
    /// Turns are those of an inner loop.
    by_inner_turns: bool,
    /// For members that sum lanes, the lanes of each sum.
    sums: HashMap<NodeId, Vec<Vec<u32>>>,
    scan: Scan,
    /// Lanes of the inputs.
    inputs: Vec<Vec<(NodeId, u32)>>,
    /// Steps that stand for an operand, with the values and the guard that they have.
    known_steps: Vec<(Vec<Option<From>>, Option<u32>, u32)>,
    zero: NodeId,
}

impl<'a> Cycle<'a> {
    /// The steps of a cycle; `zero` is the constant.
    pub(super) fn new(graph: &'a Graph, around: &Loop<'a>, members: &'a [NodeId], zero: NodeId) -> Recorded<Self> {
        let empty = || Cycle::empty(graph, around, members, zero);
        let by_lanes = empty().built(|cycle| cycle.place_by_lanes(around));
        let by_turns = || empty().built(|cycle| cycle.place_by_turns(around));
        let by_inner_turns = || empty().built(|cycle| cycle.place_by_inner_turns(around));
        if empty().n_steps_by_turns(around) <= MAX_STRAIGHT_STEPS {
            by_lanes.or_else(or_if_dependent(by_turns)).or_else(or_if_dependent(by_inner_turns))
        } else {
            by_lanes.or_else(or_if_dependent(by_inner_turns)).or_else(or_if_dependent(by_turns))
        }
    }

    /// About how many steps a turn of the loop has.
    fn n_steps_by_turns(&self, around: &Loop<'_>) -> usize {
        let computed = self.members.iter().filter(|member| self.is_computed(**member));
        computed.map(|member| self.graph.lanes(*member).div_ceil(around.turns.max(1))).sum()
    }

    fn empty(graph: &'a Graph, around: &Loop<'a>, members: &'a [NodeId], zero: NodeId) -> Self {
        let scan = Scan { turns: 0, sequence: 0, guards: Vec::new(), steps: Vec::new(), outputs: Vec::new() };
        let first = members.first().map_or(0, |first| first.index());
        let n_nodes = members.last().map_or(0, |last| last.index() + 1 - first);
        let mut is_member = vec![false; n_nodes];
        members.iter().for_each(|member| is_member[member.index() - first] = true);
        Cycle {
            graph,
            pending: around.pending,
            members,
            is_member,
            placed: (0..n_nodes).map(|_| None).collect(),
            sequence: around.sequence,
            by_inner_turns: false,
            sums: HashMap::new(),
            scan,
            inputs: Vec::new(),
            known_steps: Vec::new(),
            zero,
        }
    }

    fn built(mut self, place: impl FnOnce(&mut Self) -> Recorded<()>) -> Recorded<Self> {
        self.list_sums()?;
        place(&mut self)?;
        self.find_sequences();
        for member in self.members {
            if self.is_computed(*member) {
                self.build(*member)?;
            }
        }
        self.sort()?;
        if self.by_inner_turns {
            self.open_guards();
        }
        Ok(self)
    }

    /// Steps that do no harm where they are not wanted run in every turn: scans without guards have code.
    fn open_guards(&mut self) {
        let mut is_open = vec![true; self.scan.guards.len()];
        for step in &self.scan.steps {
            if let Some(guard) = step.guard {
                is_open[guard as usize] &= is_harmless(&step.action);
            }
        }
        for step in &mut self.scan.steps {
            step.guard = step.guard.filter(|guard| !is_open[*guard as usize]);
        }
    }

    fn first(&self) -> usize {
        self.members.first().map_or(0, |first| first.index())
    }

    fn is_member(&self, node: NodeId) -> bool {
        let at = node.index().checked_sub(self.first());
        at.and_then(|at| self.is_member.get(at)).is_some_and(|is_member| *is_member)
    }

    fn placed(&self, node: NodeId) -> Option<&Placed> {
        self.placed.get(node.index().checked_sub(self.first())?)?.as_ref()
    }

    /// True for members that are more than a way that lanes take.
    fn is_computed(&self, member: NodeId) -> bool {
        let is_way = matches!(self.graph.node(member).operation, Operation::Gather(..) | Operation::Concatenate(_));
        !is_way && !self.is_passed(member)
    }

    /// True for reads outside of the inner loop whose turns the scan has: those are only a way, too.
    fn is_passed(&self, member: NodeId) -> bool {
        self.by_inner_turns && self.graph.lanes(member) != self.scan.turns && self.pending.contains_key(&member)
    }

    fn list_sums(&mut self) -> Recorded<()> {
        for member in self.members {
            match &self.graph.node(*member).operation {
                Operation::Sum(x) => {
                    self.sums.insert(*member, vec![(0..self.graph.lanes(*x) as u32).collect()]);
                }
                Operation::ScatterSum(_, index) => {
                    let mut groups = vec![Vec::new(); self.graph.lanes(*member)];
                    for (lane, group) in (0..).zip(self.graph.columns.positions(*index).iter()) {
                        groups[*group as usize].push(lane);
                    }
                    self.sums.insert(*member, groups);
                }
                Operation::Whole(..) if self.each_lane(*member).is_some() => {}
                Operation::KnownMatrixVector(..) | Operation::Whole(..) | Operation::Scan(..) => {
                    return Err(Stop::Dependent(WHOLE_CARRIED));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The function of each lane that a member is, and the node of its inputs.
    fn each_lane(&self, member: NodeId) -> Option<(&'a EachLane, NodeId)> {
        let graph = self.graph;
        match graph.node(member).operation {
            Operation::Whole(function, x) => Some((graph.wholes[function.0 as usize].each_lane()?, x)),
            _ => None,
        }
    }

    /// Lane `t` of every node is computed in turn `t`.
    fn place_by_lanes(&mut self, around: &Loop<'_>) -> Recorded<()> {
        let computed: Vec<NodeId> = self.members.iter().copied().filter(|member| self.is_computed(*member)).collect();
        let lanes = computed.first().map_or(0, |first| self.graph.lanes(*first));
        let has_parts = |member: NodeId| self.each_lane(member).is_some_and(|(function, _)| function.n_outputs() > 1);
        let fits = |member: &NodeId| self.graph.lanes(*member) == lanes && !has_parts(*member);
        if lanes == 0 || !computed.iter().all(fits) {
            return Err(Stop::Dependent("lanes differ in number"));
        }
        self.scan.turns = lanes;
        let per_turn = if lanes.is_multiple_of(around.turns) { lanes / around.turns } else { 0 };
        self.sequence = if per_turn == 0 { lanes } else { around.sequence * per_turn };
        let turns: Rc<[u32]> = (0..lanes as u32).collect();
        computed.into_iter().try_for_each(|member| self.place(member, Rc::clone(&turns)))
    }

    /// Every lane is computed in the turn of the loop that it belongs to.
    fn place_by_turns(&mut self, around: &Loop<'_>) -> Recorded<()> {
        self.scan.turns = around.turns;
        for member in self.members {
            if !self.is_computed(*member) {
                continue;
            }
            let turns = match self.pending.get(member) {
                Some(pending) => Rc::clone(&pending.turns),
                None => self.turns_of(*member, around)?,
            };
            self.place(*member, turns)?;
        }
        Ok(())
    }

    /// Turns are those of the innermost loop, whose nodes have a lane each: what stands around it is computed in one of its
    /// turns, the first that has all that it depends on.
    fn place_by_inner_turns(&mut self, around: &Loop<'_>) -> Recorded<()> {
        let Some(inner) = around.contexts.iter().max_by_key(|turns| turns.len()) else {
            return Err(Stop::Dependent("a loop without turns"));
        };
        if inner.len() <= around.turns || !inner.is_sorted() {
            return Err(Stop::Dependent("a loop without an inner one"));
        }
        let per_turn = if inner.len().is_multiple_of(around.turns) { inner.len() / around.turns } else { 0 };
        self.by_inner_turns = true;
        self.scan.turns = inner.len();
        self.sequence = if per_turn == 0 { inner.len() } else { around.sequence * per_turn };
        for member in self.members {
            if self.is_computed(*member) {
                let turns = self.inner_turns_of(*member, inner, around)?;
                self.place(*member, turns)?;
            }
        }
        Ok(())
    }

    /// The turns of a node's lanes among those of the innermost loop, which belong to the turns `inner` of the loop.
    fn inner_turns_of(&self, member: NodeId, inner: &[u32], around: &Loop<'_>) -> Recorded<Rc<[u32]>> {
        let lanes = self.graph.lanes(member);
        if lanes == inner.len() {
            return Ok((0..lanes as u32).collect());
        }
        let mut fitting = around.contexts.iter().filter(|turns| turns.len() == lanes);
        let own = fitting.next_back().ok_or(Stop::Dependent("lanes that belong to no turn"))?;
        let mut placed = Vec::with_capacity(lanes);
        for (lane, turn) in own.iter().enumerate() {
            let first = inner.partition_point(|other| other < turn);
            let end = inner.partition_point(|other| other <= turn);
            let mut earliest = first;
            for k in 0..self.n_operands(member) {
                if let Some((x, at)) = self.operand(member, k, lane)
                    && let Lane::Inside(node, at) = self.lane(x, at)?
                    && let Some(source) = self.placed(node)
                {
                    earliest = earliest.max(source.turns[at as usize] as usize);
                }
            }
            if earliest >= end {
                return Err(Stop::Dependent("a turn without inner ones"));
            }
            placed.push(earliest as u32);
        }
        Ok(placed.into())
    }

    /// The turns of a node's lanes, which are those of some context: not before what they depend on.
    fn turns_of(&self, member: NodeId, around: &Loop<'_>) -> Recorded<Rc<[u32]>> {
        let lanes = self.graph.lanes(member);
        let mut earliest = vec![0u32; lanes];
        for (lane, earliest) in earliest.iter_mut().enumerate() {
            for k in 0..self.n_operands(member) {
                if let Some((x, at)) = self.operand(member, k, lane)
                    && let Lane::Inside(node, at) = self.lane(x, at)?
                {
                    let Some(placed) = self.placed(node) else {
                        return Err(Stop::Dependent("a node is older than what it depends on"));
                    };
                    *earliest = placed.turns[at as usize].max(*earliest);
                }
            }
        }
        // A column may have several entries of every lane, one entry after the other.
        let at = |turns: &Rc<[u32]>, lane: usize| turns[lane % turns.len()];
        let fits = |turns: &&Rc<[u32]>| {
            !turns.is_empty()
                && lanes.is_multiple_of(turns.len())
                && (0..lanes).all(|lane| at(turns, lane) >= earliest[lane])
        };
        let fitting = around.contexts.iter().filter(fits);
        match fitting.max_by_key(|turns| turns.len()) {
            Some(turns) if turns.len() == lanes => Ok(Rc::clone(turns)),
            _ if lanes == 1 => Ok(earliest.into()),
            Some(turns) => Ok((0..lanes).map(|lane| at(turns, lane)).collect()),
            None => Err(Stop::Dependent("lanes that belong to no turn")),
        }
    }

    fn place(&mut self, member: NodeId, turns: Rc<[u32]>) -> Recorded<()> {
        let slots = self.slots(member, &turns);
        let n_slots = slots.iter().max().map_or(0, |slot| slot + 1);
        let first_step = self.scan.steps.len() as u32;
        let placeholder = Step { action: Action::Sum(Box::new([])), guard: None };
        if self.scan.steps.len() + n_slots as usize > MAX_STEPS {
            return Err(Stop::Dependent("a turn of too many steps"));
        }
        self.scan.steps.extend(std::iter::repeat_n(placeholder, n_slots as usize));
        let at = member.index() - self.first();
        self.placed[at] = Some(Placed { turns, slots, first_step, n_slots });
        Ok(())
    }

    /// The step of a lane among those of its turn. The results of a function follow one another.
    fn slots(&self, member: NodeId, turns: &[u32]) -> Vec<u32> {
        let n_results = self.each_lane(member).map_or(1, |(function, _)| function.n_outputs().max(1));
        let n_lanes = turns.len() / n_results;
        let mut counts = vec![0; self.scan.turns];
        let calls = turns[..n_lanes].iter().map(|turn| {
            let count: &mut u32 = &mut counts[*turn as usize];
            *count += 1;
            *count - 1
        });
        let calls: Vec<u32> = calls.collect();
        let of_result = |result: u32| calls.iter().map(move |call| call * n_results as u32 + result);
        (0..n_results as u32).flat_map(of_result).collect()
    }

    /// Sequences are kept only where nothing reaches from one into another.
    fn find_sequences(&mut self) {
        let turns = self.scan.turns;
        let reaches = |placed: &Placed, lane: usize, operand: Option<(NodeId, u32)>| {
            let Some(Ok(Lane::Inside(node, at))) = operand.map(|(x, at)| self.lane(x, at)) else { return false };
            self.placed(node).is_some_and(|source| {
                source.turns[at as usize] as usize / self.sequence != placed.turns[lane] as usize / self.sequence
            })
        };
        // What is passed has no place: its readers reach as far as it does.
        let crosses = |member: &NodeId| {
            let Some(placed) = self.placed(*member) else { return false };
            let mut lanes = 0..placed.turns.len();
            match self.pending.get(member) {
                Some(pending) => lanes.any(|lane| reaches(placed, lane, pending.origin(lane))),
                None if self.by_inner_turns => lanes.any(|lane| {
                    (0..self.n_operands(*member)).any(|k| reaches(placed, lane, self.operand(*member, k, lane)))
                }),
                None => false,
            }
        };
        let is_one = self.sequence == 0 || self.sequence == turns || !turns.is_multiple_of(self.sequence);
        if is_one || self.members.iter().any(crosses) {
            self.sequence = turns;
        }
        self.scan.sequence = self.sequence;
    }

    fn n_operands(&self, member: NodeId) -> usize {
        match &self.graph.node(member).operation {
            Operation::Unary(..) => 1,
            Operation::Binary(..) => 2,
            Operation::Select(..) => 3,
            Operation::Elementwise(_, operands) => operands.len(),
            Operation::Sum(_) | Operation::ScatterSum(..) => {
                self.sums.get(&member).into_iter().flatten().map(Vec::len).max().unwrap_or(0)
            }
            Operation::Whole(_, x) => {
                self.each_lane(member).map_or(0, |(function, _)| self.graph.lanes(*x) / function.lanes())
            }
            _ => 0,
        }
    }

    /// Operand `k` of lane `lane` of a member: a node and a lane of it. `None` where a sum has fewer terms.
    fn operand(&self, member: NodeId, k: usize, lane: usize) -> Option<(NodeId, u32)> {
        let lane_of = |x: NodeId| (x, if self.graph.lanes(x) == 1 { 0 } else { lane as u32 });
        match &self.graph.node(member).operation {
            Operation::Unary(_, x) => Some(lane_of(*x)),
            Operation::Binary(_, x, y) => Some(lane_of(if k == 0 { *x } else { *y })),
            Operation::Select(mask, x, y) => Some(lane_of([*mask, *x, *y][k])),
            Operation::Elementwise(_, operands) => Some(lane_of(operands[k])),
            Operation::Sum(x) | Operation::ScatterSum(x, _) => {
                let term = *self.sums.get(&member)?.get(lane)?.get(k)?;
                Some((*x, if self.graph.lanes(*x) == 1 { 0 } else { term }))
            }
            Operation::Whole(..) => {
                let (function, x) = self.each_lane(member)?;
                Some((x, (k * function.lanes() + lane % function.lanes()) as u32))
            }
            _ => None,
        }
    }

    /// Follows a lane to where it is computed.
    pub(super) fn lane(&self, x: NodeId, lane: u32) -> Recorded<Lane> {
        let (mut x, mut lane) = (x, lane);
        let mut n_passed = 0;
        loop {
            if self.graph.lanes(x) == 1 {
                lane = 0;
            }
            if self.is_member(x) && self.is_passed(x) {
                n_passed += 1;
                let origin = self.pending.get(&x).and_then(|pending| pending.origin(lane as usize));
                (x, lane) = match origin {
                    Some(origin) if n_passed <= MAX_PASSED => origin,
                    _ => return Err(Stop::Dependent("a value that is handed on too often")),
                };
                continue;
            }
            if !self.is_member(x) {
                return Ok(Lane::Outside(x, lane));
            }
            match &self.graph.node(x).operation {
                Operation::Gather(inner, index) => {
                    lane = self.graph.columns.positions(*index)[lane as usize];
                    x = *inner;
                }
                Operation::Concatenate(parts) => {
                    let mut rest = lane as usize;
                    let part = parts.iter().find(|part| {
                        let lanes = self.graph.lanes(**part);
                        let is_here = rest < lanes;
                        rest -= if is_here { 0 } else { lanes };
                        is_here
                    });
                    let Some(part) = part else { return Err(Stop::Dependent("a lane out of range")) };
                    (x, lane) = (*part, rest as u32);
                }
                _ => return Ok(Lane::Inside(x, lane)),
            }
        }
    }

    /// The step that computes a lane.
    pub(super) fn step(&self, node: NodeId, lane: u32) -> Option<(u32, u32)> {
        let placed = self.placed(node)?;
        Some((placed.first_step + placed.slots[lane as usize], placed.turns[lane as usize]))
    }

    fn from(&self, x: NodeId, lane: u32, turn: u32) -> Recorded<From> {
        Ok(match self.lane(x, lane)? {
            Lane::Outside(node, lane) => From::Outside(node, lane),
            Lane::Inside(node, lane) => match self.step(node, lane) {
                Some((step, when)) if when == turn => From::Same(step),
                Some((step, when)) if when < turn => From::Earlier(step, when),
                _ => return Err(Stop::Dependent("a turn depends on a later one")),
            },
        })
    }

    /// The scan, and the lanes of its inputs.
    pub(super) fn finish(mut self, outputs: Vec<u32>) -> (Scan, Vec<Vec<(NodeId, u32)>>) {
        self.scan.outputs = outputs;
        (self.scan, self.inputs)
    }

    /// The number of turns.
    pub(super) fn turns(&self) -> usize {
        self.scan.turns
    }
}

/// True for what has finite derivatives at all numbers, so that nothing comes of it where its result is not used.
fn is_harmless(action: &Action) -> bool {
    match action {
        Action::Unary(unary, _) => matches!(unary, Unary::Negate | Unary::Square),
        Action::Binary(binary, ..) => matches!(binary, Binary::Add | Binary::Subtract | Binary::Multiply),
        Action::Sum(_) | Action::Where(..) | Action::Select(..) | Action::Carried { .. } | Action::Recalled { .. } => {
            true
        }
        Action::Elementwise(..) | Action::Whole { .. } | Action::Part { .. } => false,
    }
}

/// Another attempt, where one failed since something depends on something else.
fn or_if_dependent<T>(attempt: impl FnOnce() -> Recorded<T>) -> impl FnOnce(Stop) -> Recorded<T> {
    |stop| match stop {
        Stop::Dependent(_) => attempt(),
        other => Err(other),
    }
}
