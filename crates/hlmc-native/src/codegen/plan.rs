//! The plan of the code: which nodes run together, and which of them are kept in memory.
//!
//! A *map* is one loop over lanes: elementwise operations, gathers into it, sums and scatters out of it. Nodes of one lane
//! are straight code, in registers. Functions of whole columns are called. A map whose results are sums with adjoints
//! known ahead (see [`super::early`]) runs once, forwards and backwards at a time; other maps run once in each sweep.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{early, scan};
use crate::graph::{Binary, Graph, NodeId, Operation, Unary};

/// A matrix of at most so many columns is multiplied lane by lane, inside the maps that use the product.
pub(super) const MAX_INLINE_COLUMNS: usize = 12;

/// Straight code and maps of more nodes are cut: the time to allocate registers grows faster than the code.
const MAX_STAGE_NODES: usize = 200;

/// What a node is to the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Known before.
    Known,
    /// A stretch of memory that another node owns.
    Alias,
    /// One number, in a register.
    Scalar,
    /// An operation of a map.
    Lane,
    /// What a map leaves behind.
    Reduction,
    /// A loop over turns.
    Scan,
    /// A call.
    Callout,
}

/// Code that runs together.
#[derive(Clone, Debug)]
pub(super) enum Stage {
    /// Straight code.
    Scalars(Vec<NodeId>),
    /// A loop.
    Map(Map),
    /// A loop over turns, which carries values.
    Scan(NodeId),
    /// A call of what the interpreter does for one node.
    Callout(NodeId),
}

/// A loop over lanes.
#[derive(Clone, Debug)]
pub(super) struct Map {
    /// The number of lanes.
    pub(super) lanes: usize,
    /// Operations and reductions, operands first.
    pub(super) nodes: Vec<NodeId>,
    /// True when the loop computes the adjoints as well.
    pub(super) is_single_pass: bool,
}

/// The plan.
pub(super) struct Plan {
    /// The graph, with the coefficients of sums.
    pub(super) graph: Graph,
    /// What is computed.
    pub(super) needed: Vec<bool>,
    /// What runs, in order.
    pub(super) stages: Vec<Stage>,
    /// The adjoints of sums that are known before them.
    pub(super) coefficients: HashMap<NodeId, NodeId>,
    /// Nodes that are kept in memory.
    pub(super) is_stored: Vec<bool>,
    /// For each node, those that use it.
    pub(super) users: Vec<Vec<NodeId>>,
    /// For each node, the place of its stage.
    pub(super) stage_of: Vec<usize>,
}

impl Plan {
    /// Plans the code of `result` and of the graph's checks.
    pub(super) fn new(graph: &Graph, result: NodeId) -> Plan {
        let mut graph = graph.clone();
        let before = graph.needed(result);
        let coefficients = early::coefficients(&mut graph, result, &before);
        let mut needed = graph.needed(result);
        for coefficient in coefficients.values() {
            mark(&graph, *coefficient, &mut needed);
        }
        let mut users = vec![Vec::new(); needed.len()];
        for i in (0..needed.len()).filter(|i| needed[*i]) {
            let id = NodeId(i as u32);
            graph.node(id).operation.for_each_operand(|x| users[x.index()].push(id));
        }
        let mut stages = Stager::new(&graph, &needed, &users, &coefficients).run();
        defer_scalars(&mut stages, &users, &coefficients);
        let stage_of = stage_of(&stages, needed.len());
        let mut plan =
            Plan { is_stored: vec![false; needed.len()], graph, needed, stages, coefficients, users, stage_of };
        plan.store(result);
        plan
    }

    /// Nodes for which the code calls back, in the order of the calls.
    pub(super) fn called(&self) -> Vec<NodeId> {
        let called = self.stages.iter().filter_map(|stage| match stage {
            Stage::Callout(id) => Some(*id),
            _ => None,
        });
        called.collect()
    }

    /// Keeps every scalar in memory, where other functions of the code find it.
    pub(super) fn store_scalars(&mut self) {
        for i in (0..self.needed.len()).filter(|i| self.needed[*i]) {
            let id = NodeId(i as u32);
            let is_scalar = matches!(kind(&self.graph, id), Kind::Scalar | Kind::Reduction);
            self.is_stored[i] |= is_scalar && self.graph.lanes(id) == 1;
        }
    }

    /// How much code a node is, in instructions, about.
    pub(super) fn node_weight(&self, id: NodeId) -> usize {
        if is_dear(&self.graph.node(id).operation) { KERNEL_WEIGHT } else { OPERATION_WEIGHT }
    }

    /// How much code a stage is.
    pub(super) fn weight(&self, stage: &Stage) -> usize {
        let weight = |id: &NodeId| self.node_weight(*id);
        match stage {
            Stage::Scalars(nodes) => nodes.iter().map(weight).sum(),
            Stage::Map(map) => map.nodes.iter().map(weight).sum::<usize>() * (1 + map.lanes % 2),
            Stage::Scan(id) => match &self.graph.node(*id).operation {
                Operation::Scan(scan, _) => self.graph.scans[scan.0 as usize].steps.len() * OPERATION_WEIGHT,
                _ => 0,
            },
            Stage::Callout(_) => OPERATION_WEIGHT,
        }
    }

    /// True when stages other than the node's own, or gathers, use its lanes.
    pub(super) fn is_used_elsewhere(&self, id: NodeId) -> bool {
        self.users[id.index()].iter().any(|user| {
            self.stage_of[user.index()] != self.stage_of[id.index()]
                || matches!(self.graph.node(*user).operation, Operation::Gather(..) | Operation::KnownMatrixVector(..))
        })
    }

    /// Finds the nodes that must be in memory.
    fn store(&mut self, result: NodeId) {
        self.is_stored[result.index()] = true;
        for check in &self.graph.checks {
            self.is_stored[check.node.index()] = true;
        }
        for i in (0..self.needed.len()).filter(|i| self.needed[*i]) {
            let id = NodeId(i as u32);
            let operation = &self.graph.node(id).operation;
            match kind(&self.graph, id) {
                Kind::Callout | Kind::Scan => {
                    self.is_stored[i] = true;
                    operation.for_each_operand(|x| self.is_stored[x.index()] = true);
                }
                Kind::Alias => operation.for_each_operand(|x| self.is_stored[x.index()] = true),
                Kind::Lane | Kind::Reduction | Kind::Scalar => {
                    let is_by_position = matches!(operation, Operation::Gather(..) | Operation::KnownMatrixVector(..));
                    operation.for_each_operand(|x| {
                        let is_column = self.graph.lanes(x) != 1;
                        if is_column && (is_by_position || self.stage_of[x.index()] != self.stage_of[i]) {
                            self.is_stored[x.index()] = true;
                        }
                    });
                    if matches!(operation, Operation::ScatterSum(..)) {
                        self.is_stored[i] = true;
                    }
                }
                Kind::Known => {}
            }
        }
        // What is dear to compute is kept for the reverse sweep.
        for stage in &self.stages {
            if let Stage::Map(map) = stage
                && !map.is_single_pass
            {
                for id in &map.nodes {
                    if kind(&self.graph, *id) == Kind::Lane && is_dear(&self.graph.node(*id).operation) {
                        self.is_stored[id.index()] = true;
                    }
                }
            }
        }
    }
}

/// Moves scalars that other stages do not wait for to the first straight code that uses them. A processor looks a few hundred
/// instructions ahead: what takes long is then on its way while the call before or the call after is, and needs no
/// registers in between.
fn defer_scalars(stages: &mut [Stage], users: &[Vec<NodeId>], coefficients: &HashMap<NodeId, NodeId>) {
    let mut stage_of = stage_of(stages, users.len());
    let mut is_coefficient = vec![false; users.len()];
    coefficients.values().for_each(|id| is_coefficient[id.index()] = true);
    for i in (0..stages.len()).rev() {
        let Stage::Scalars(nodes) = &stages[i] else { continue };
        let mut later: BTreeMap<usize, Vec<NodeId>> = BTreeMap::new();
        for id in nodes.iter().rev() {
            let first = users[id.index()].iter().map(|user| stage_of[user.index()]).min();
            if let Some(first) = first.filter(|first| !is_coefficient[id.index()] && *first > i)
                && let Stage::Scalars(there) = &stages[first]
            {
                let moved = later.entry(first).or_default();
                if there.len() + moved.len() < MAX_STAGE_NODES {
                    stage_of[id.index()] = first;
                    moved.push(*id);
                }
            }
        }
        for (stage, moved) in later {
            if let Stage::Scalars(nodes) = &mut stages[stage] {
                nodes.splice(0..0, moved.into_iter().rev());
            }
        }
        if let Stage::Scalars(nodes) = &mut stages[i] {
            nodes.retain(|id| stage_of[id.index()] == i);
        }
    }
}

/// The place of each node's stage.
fn stage_of(stages: &[Stage], n_nodes: usize) -> Vec<usize> {
    let mut stage_of = vec![usize::MAX; n_nodes];
    for (i, stage) in stages.iter().enumerate() {
        match stage {
            Stage::Scalars(nodes) => nodes.iter().for_each(|id| stage_of[id.index()] = i),
            Stage::Map(map) => map.nodes.iter().for_each(|id| stage_of[id.index()] = i),
            Stage::Scan(id) | Stage::Callout(id) => stage_of[id.index()] = i,
        }
    }
    stage_of
}

/// Instructions of an operation and of a kernel, about.
const OPERATION_WEIGHT: usize = 4;
const KERNEL_WEIGHT: usize = 40;

/// True for operations that cost more than a load.
fn is_dear(operation: &Operation) -> bool {
    match operation {
        Operation::Unary(unary, _) => !matches!(unary, Unary::Negate | Unary::Square | Unary::Abs),
        Operation::Binary(binary, ..) => !matches!(binary, Binary::Add | Binary::Subtract | Binary::Multiply),
        Operation::KnownMatrixVector(..) => true,
        _ => false,
    }
}

fn mark(graph: &Graph, id: NodeId, needed: &mut [bool]) {
    let mut stack = vec![id];
    while let Some(id) = stack.pop() {
        if !std::mem::replace(&mut needed[id.index()], true) {
            graph.node(id).operation.for_each_operand(|x| stack.push(x));
        }
    }
}

/// What the node is to the code.
pub(super) fn kind(graph: &Graph, id: NodeId) -> Kind {
    let node = graph.node(id);
    let is_scalar = node.lanes == 1;
    match &node.operation {
        Operation::Constant(_) | Operation::Known(_) => Kind::Known,
        Operation::Position(_) => {
            if is_scalar {
                Kind::Scalar
            } else {
                Kind::Alias
            }
        }
        Operation::Unary(..) | Operation::Binary(..) | Operation::Select(..) => {
            if is_scalar {
                Kind::Scalar
            } else {
                Kind::Lane
            }
        }
        Operation::Gather(x, index) => {
            if is_scalar {
                Kind::Scalar
            } else if graph.lanes(*x) > 1 && graph.contiguous_from(*index).is_some() {
                Kind::Alias
            } else {
                Kind::Lane
            }
        }
        Operation::Sum(_) => Kind::Reduction,
        Operation::ScatterSum(x, _) => {
            if graph.lanes(*x) == 1 {
                Kind::Callout
            } else {
                Kind::Reduction
            }
        }
        Operation::KnownMatrixVector(_, x) => {
            if !is_scalar && graph.lanes(*x) <= MAX_INLINE_COLUMNS {
                Kind::Lane
            } else {
                Kind::Callout
            }
        }
        Operation::Scan(scan, _) => {
            if scan::is_compiled(&graph.scans[scan.0 as usize]) {
                Kind::Scan
            } else {
                Kind::Callout
            }
        }
        Operation::Elementwise(..) | Operation::Concatenate(_) | Operation::Whole(..) | Operation::Pending(_) => {
            Kind::Callout
        }
    }
}

/// The lanes of the loop that a lane operation or a reduction belongs to.
fn map_lanes(graph: &Graph, id: NodeId) -> usize {
    match &graph.node(id).operation {
        Operation::Sum(x) | Operation::ScatterSum(x, _) => graph.lanes(*x),
        _ => graph.lanes(id),
    }
}

/// Puts nodes into stages, operands first.
struct Stager<'a> {
    graph: &'a Graph,
    users: &'a [Vec<NodeId>],
    coefficients: &'a HashMap<NodeId, NodeId>,
    kinds: Vec<Kind>,
    /// The number of nodes still to come.
    n_left: usize,
    /// Lane operations and reductions still to come, in the graph's order.
    lanes: Vec<NodeId>,
    is_done: Vec<bool>,
    /// For each node, its operands still to come.
    n_missing: Vec<u32>,
    /// Scalars and stretches that are ready.
    scalars: BTreeSet<NodeId>,
    /// Calls and scans that are ready.
    calls: BTreeSet<NodeId>,
    /// Lane operations and sums that a single pass may hold.
    is_single: Vec<bool>,
    stages: Vec<Stage>,
}

impl<'a> Stager<'a> {
    fn new(
        graph: &'a Graph,
        needed: &'a [bool],
        users: &'a [Vec<NodeId>],
        coefficients: &'a HashMap<NodeId, NodeId>,
    ) -> Self {
        let kinds: Vec<Kind> = (0..needed.len()).map(|i| kind(graph, NodeId(i as u32))).collect();
        let is_done: Vec<bool> = (0..needed.len()).map(|i| !needed[i] || kinds[i] == Kind::Known).collect();
        let left = (0..needed.len() as u32).map(NodeId).filter(|id| !is_done[id.index()]);
        let mut stager = Stager {
            graph,
            users,
            coefficients,
            n_left: left.clone().count(),
            lanes: left.clone().filter(|id| matches!(kinds[id.index()], Kind::Lane | Kind::Reduction)).collect(),
            n_missing: vec![0; needed.len()],
            scalars: BTreeSet::new(),
            calls: BTreeSet::new(),
            is_single: vec![false; needed.len()],
            stages: Vec::new(),
            kinds,
            is_done: is_done.clone(),
        };
        for id in left {
            let n_missing = &mut stager.n_missing[id.index()];
            graph.node(id).operation.for_each_operand(|x| *n_missing += u32::from(!is_done[x.index()]));
            stager.note_if_ready(id);
        }
        stager.find_single_passes(needed);
        stager
    }

    /// Puts a node that waits for nothing where it is looked for.
    fn note_if_ready(&mut self, id: NodeId) {
        if self.n_missing[id.index()] > 0 {
            return;
        }
        match self.kinds[id.index()] {
            Kind::Scalar | Kind::Alias => self.scalars.insert(id),
            Kind::Callout | Kind::Scan => self.calls.insert(id),
            Kind::Known | Kind::Lane | Kind::Reduction => false,
        };
    }

    /// Lane operations that reach nothing but sums whose adjoints are known ahead.
    fn find_single_passes(&mut self, needed: &[bool]) {
        let mut is_checked = vec![false; needed.len()];
        self.graph.checks.iter().for_each(|check| is_checked[check.node.index()] = true);
        for i in (0..needed.len()).rev().filter(|i| needed[*i]) {
            let id = NodeId(i as u32);
            self.is_single[i] = match (&self.graph.node(id).operation, self.kinds[i]) {
                (Operation::Sum(_), _) => self.coefficients.contains_key(&id),
                (_, Kind::Lane) if !is_checked[i] => {
                    let is_inside = |user: &NodeId| self.is_single[user.index()] && !self.reads_by_position(*user);
                    self.users[i].iter().all(is_inside)
                }
                _ => false,
            };
        }
        // A sum stays with an operand that others need as well.
        for i in (0..needed.len()).filter(|i| needed[*i]) {
            if let Operation::Sum(x) = self.graph.node(NodeId(i as u32)).operation {
                self.is_single[i] &= self.kinds[x.index()] != Kind::Lane || self.is_single[x.index()];
            }
        }
    }

    fn reads_by_position(&self, id: NodeId) -> bool {
        matches!(self.graph.node(id).operation, Operation::Gather(..) | Operation::KnownMatrixVector(..))
    }

    fn run(mut self) -> Vec<Stage> {
        while self.n_left > 0 {
            let n_before = self.n_left;
            self.scalars();
            if self.callout() || self.map(false) || self.map(true) {
                continue;
            }
            if self.n_left == n_before {
                // A single pass that waits for itself: its nodes run in two passes.
                self.is_single.iter_mut().for_each(|is_single| *is_single = false);
            }
        }
        self.stages
    }

    fn is_ready(&self, id: NodeId, is_here: impl Fn(NodeId) -> bool) -> bool {
        let mut is_ready = true;
        let by_position = self.reads_by_position(id);
        self.graph.node(id).operation.for_each_operand(|x| {
            is_ready &= self.is_done[x.index()] || !by_position && is_here(x);
        });
        is_ready
    }

    fn finish(&mut self, id: NodeId) {
        self.is_done[id.index()] = true;
        self.n_left -= 1;
        let users = self.users;
        for user in &users[id.index()] {
            self.n_missing[user.index()] -= 1;
            self.note_if_ready(*user);
        }
    }

    /// All scalars and stretches that are ready, and those that are ready after them.
    fn scalars(&mut self) {
        let mut nodes = Vec::new();
        while let Some(id) = self.scalars.pop_first() {
            self.finish(id);
            nodes.push(id);
        }
        self.stages.extend(nodes.chunks(MAX_STAGE_NODES).map(|nodes| Stage::Scalars(nodes.to_vec())));
    }

    /// The first call or scan that is ready.
    fn callout(&mut self) -> bool {
        let Some(id) = self.calls.pop_first() else { return false };
        let is_scan = self.kinds[id.index()] == Kind::Scan;
        self.finish(id);
        self.stages.push(if is_scan { Stage::Scan(id) } else { Stage::Callout(id) });
        true
    }

    /// The first loop that is ready, with everything that can run in it.
    fn map(&mut self, is_single_pass: bool) -> bool {
        let is_candidate = |id: NodeId| self.is_single[id.index()] == is_single_pass;
        let coefficient_is_done =
            |id: NodeId| !is_single_pass || self.coefficients.get(&id).is_none_or(|c| self.is_done[c.index()]);
        let mut lanes = None;
        let mut is_here = vec![false; self.is_done.len()];
        let mut nodes = Vec::new();
        for id in self.lanes.iter().copied().filter(|id| is_candidate(*id)) {
            let fits = lanes.is_none_or(|lanes| lanes == map_lanes(self.graph, id));
            let inside = |x: NodeId| is_here[x.index()] && self.kinds[x.index()] == Kind::Lane;
            if fits && coefficient_is_done(id) && self.is_ready(id, inside) {
                lanes = Some(map_lanes(self.graph, id));
                is_here[id.index()] = true;
                nodes.push(id);
            }
        }
        nodes.drain(nodes.len().min(MAX_STAGE_NODES)..).for_each(|id| is_here[id.index()] = false);
        if is_single_pass {
            self.drop_incomplete(&mut nodes, &mut is_here);
        }
        let Some(lanes) = lanes.filter(|_| !nodes.is_empty()) else { return false };
        nodes.iter().for_each(|id| self.finish(*id));
        let is_done = &self.is_done;
        self.lanes.retain(|id| !is_done[id.index()]);
        self.stages.push(Stage::Map(Map { lanes, nodes, is_single_pass }));
        true
    }

    /// In a single pass every user of an operation must be there, and every operand of what is left.
    fn drop_incomplete(&self, nodes: &mut Vec<NodeId>, is_here: &mut [bool]) {
        loop {
            let before = nodes.len();
            for id in nodes.iter() {
                let is_complete = self.kinds[id.index()] == Kind::Reduction
                    || self.users[id.index()].iter().all(|user| is_here[user.index()]);
                let has_operands = self.is_ready(*id, |x| is_here[x.index()]);
                is_here[id.index()] = is_complete && has_operands;
            }
            nodes.retain(|id| is_here[id.index()]);
            if nodes.len() == before {
                return;
            }
        }
    }
}
