//! The end of a loop that carries values: what was pending is resolved, and the nodes of its body that depend on it are
//! built anew. Those that depend on themselves become a scan, all others columns before and after it.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use hlmc_check::ir::Place;

use super::Recorder;
use super::components::components;
use super::cycle::{Cycle, Lane, Loop, Pending};
use super::lanes::{Effects, Source};
use super::stop::{Recorded, Stop, unsupported};
use super::symbol::{Cells, Entries, Symbol};
use super::trace::{Entry, Trace};
use crate::execute;
use crate::graph::{NodeId, Operation};

/// A column of at most so many stretches of other columns is put together from these stretches.
const MAX_RUNS: usize = 8;

/// How much had been recorded before a loop.
#[derive(Clone, Copy, Debug)]
pub(super) struct Start {
    pub(super) node: usize,
    pub(super) check: usize,
    pub(super) term: usize,
}

/// The nodes of a body and what became of them.
struct Rebuild {
    /// The body's nodes.
    body: std::ops::Range<usize>,
    pending: HashMap<NodeId, Pending>,
    rebuilt: HashMap<NodeId, NodeId>,
}

impl Rebuild {
    /// Nodes of the body that a node depends on.
    fn dependencies(&self, recorder: &Recorder<'_>, node: NodeId) -> Vec<u32> {
        let mut found = Vec::new();
        let add = |node: NodeId| {
            if self.body.contains(&node.index()) && !found.contains(&node.0) {
                found.push(node.0);
            }
        };
        match self.pending.get(&node) {
            Some(pending) => pending.sources.iter().copied().for_each(add),
            None => recorder.graph.node(node).operation.for_each_operand(add),
        }
        found
    }

    fn get(&self, node: NodeId) -> NodeId {
        self.rebuilt.get(&node).copied().unwrap_or(node)
    }
}

impl Recorder<'_> {
    /// Resolves what the body of a loop left pending, in all that it left: terms, checks, sums, temporaries (`inside`),
    /// and the carried variables, which are given the values that they have after the loop.
    pub(super) fn finish_scan(
        &mut self,
        trace: &Trace,
        parent: &[u32],
        start: Start,
        effects: &mut Effects,
        inside: &mut dyn Iterator<Item = &mut Symbol>,
    ) -> Recorded<()> {
        let resolved = trace.resolve(parent);
        let body = start.node..self.graph.nodes().len();
        let mut before: HashMap<Place, NodeId> = HashMap::new();
        for (place, entries) in &resolved.before {
            before.insert(*place, self.entries_before(*place, entries)?);
        }
        let pending = resolved
            .reads
            .into_iter()
            .map(|(node, place, turns, origins)| (node, Pending::new(turns, origins, before.get(&place).copied())));
        let mut pending = pending.collect();
        self.read_under_roots(body.clone(), &mut pending);
        let mut rebuild = Rebuild { body, pending, rebuilt: HashMap::new() };
        let inside: Vec<&mut Symbol> = inside.collect();
        let mut roots: Vec<NodeId> = self.terms[start.term..].iter().map(|(term, _)| *term).collect();
        roots.extend(self.graph.checks[start.check..].iter().map(|check| check.node));
        for written in resolved.after.values() {
            roots.extend(written.chunk_by(|a, b| a.1 == b.1).map(|run| run[0].1));
        }
        let contexts = self.contexts.iter_mut().filter_map(|context| context.effects.as_mut());
        for effects in contexts.chain([&mut *effects]) {
            for touched in effects.variables.values() {
                roots.extend(touched.added.iter().chain(&touched.written));
            }
        }
        inside.iter().for_each(|symbol| nodes_of(symbol, &mut roots));
        roots.retain(|node| rebuild.body.contains(&node.index()));
        roots.sort_unstable();
        roots.dedup();
        self.rebuild_all(&mut rebuild, &roots, trace, parent)?;

        for (term, _) in &mut self.terms[start.term..] {
            *term = rebuild.get(*term);
        }
        for check in &mut self.graph.checks[start.check..] {
            check.node = rebuild.get(check.node);
        }
        let contexts = self.contexts.iter_mut().filter_map(|context| context.effects.as_mut());
        for effects in contexts.chain([effects]) {
            for touched in effects.variables.values_mut() {
                touched.added.iter_mut().chain(&mut touched.written).for_each(|node| *node = rebuild.get(*node));
            }
        }
        inside.into_iter().for_each(|symbol| replace_nodes(symbol, &rebuild));
        for (place, written) in resolved.after {
            self.entries_after(place, &written, &rebuild)?;
        }
        Ok(())
    }

    /// Builds anew what the roots need, each node after what it depends on.
    fn rebuild_all(&mut self, rebuild: &mut Rebuild, roots: &[NodeId], trace: &Trace, parent: &[u32]) -> Recorded<()> {
        let root_numbers: Vec<u32> = roots.iter().map(|root| root.0).collect();
        let components = components(&root_numbers, |node| rebuild.dependencies(self, NodeId(node)));
        let component_of: HashMap<u32, usize> =
            (0..).zip(&components).flat_map(|(i, nodes)| nodes.iter().map(move |node| (*node, i))).collect();
        let mut is_used: HashMap<NodeId, bool> = roots.iter().map(|root| (*root, true)).collect();
        for (i, component) in components.iter().enumerate() {
            for node in component {
                for operand in rebuild.dependencies(self, NodeId(*node)) {
                    if component_of[&operand] != i {
                        is_used.insert(NodeId(operand), true);
                    }
                }
            }
        }
        let sequence = sequence(parent);
        for component in &components {
            self.check_size()?;
            let members: Vec<NodeId> = component.iter().map(|node| NodeId(*node)).collect();
            match members[..] {
                [node] if !rebuild.dependencies(self, node).contains(&node.0) => {
                    let around = self.graph.origins.current();
                    self.graph.origins.set(self.graph.origins.of(node));
                    let rebuilt = self.rebuild_node(rebuild, node);
                    self.graph.origins.set(around);
                    let rebuilt = rebuilt?;
                    rebuild.rebuilt.insert(node, rebuilt);
                }
                _ => {
                    let used: Vec<NodeId> = members.iter().copied().filter(|node| is_used.contains_key(node)).collect();
                    let around = (parent.len(), sequence, &trace.contexts[..]);
                    let columns = self.rebuild_cycle(rebuild, &members, &used, around)?;
                    rebuild.rebuilt.extend(used.into_iter().zip(columns));
                }
            }
        }
        Ok(())
    }

    /// A node with its operands replaced by what became of them.
    fn rebuild_node(&mut self, rebuild: &Rebuild, node: NodeId) -> Recorded<NodeId> {
        let lanes = self.graph.lanes(node);
        if let Some(pending) = rebuild.pending.get(&node) {
            let from: Option<Vec<_>> = (0..lanes).map(|lane| pending.origin(lane)).collect();
            let Some(from) = from else { return Err(Stop::Dependent("a read without an origin")) };
            let from: Vec<_> = from.into_iter().map(|(node, lane)| (rebuild.get(node), lane)).collect();
            return Ok(self.collect_lanes(&from));
        }
        let operation = self.graph.node(node).operation.clone();
        let mut is_changed = false;
        operation.for_each_operand(|operand| is_changed |= rebuild.get(operand) != operand);
        if !is_changed {
            return Ok(node);
        }
        let get = |operand: &NodeId| rebuild.get(*operand);
        let all = |operands: &[NodeId]| -> Vec<NodeId> { operands.iter().map(get).collect() };
        let rebuilt = match &operation {
            Operation::Unary(unary, x) => self.graph.unary(*unary, get(x)),
            Operation::Binary(binary, x, y) => self.graph.binary(*binary, get(x), get(y)),
            Operation::Select(mask, x, y) => self.graph.select(get(mask), get(x), get(y)),
            Operation::Elementwise(function, operands) => match self.graph.elementwise(*function, &all(operands)) {
                Some(node) => node,
                None => return unsupported("a function of known numbers outside of its domain"),
            },
            Operation::Gather(x, index) => {
                let index = Arc::clone(self.graph.columns.positions(*index));
                self.graph.gather(get(x), &index)
            }
            Operation::Concatenate(parts) => self.graph.concatenate(&all(parts)),
            Operation::Sum(x) => self.graph.sum(get(x)),
            Operation::ScatterSum(x, index) => {
                let index = Arc::clone(self.graph.columns.positions(*index));
                self.graph.scatter_sum(get(x), &index, lanes)
            }
            Operation::KnownMatrixVector(matrix, x) => {
                let matrix = Arc::clone(self.graph.columns.numbers(*matrix));
                self.graph.known_matrix_vector(&matrix, lanes, get(x))
            }
            Operation::Whole(function, x) => {
                let function = Arc::clone(&self.graph.wholes[function.0 as usize]);
                self.graph.whole(function, get(x), lanes)
            }
            Operation::Scan(scan, inputs) => {
                let scan = (*self.graph.scans[scan.0 as usize]).clone();
                self.graph.scan(scan, &all(inputs))
            }
            Operation::Position(_) | Operation::Constant(_) | Operation::Known(_) | Operation::Pending(_) => node,
        };
        Ok(self.graph.broadcast(rebuilt, lanes))
    }

    /// Turns nodes that depend on themselves into a scan; what becomes of those that are `used` elsewhere.
    fn rebuild_cycle(
        &mut self,
        rebuild: &Rebuild,
        members: &[NodeId],
        used: &[NodeId],
        (turns, sequence, contexts): (usize, usize, &[Rc<[u32]>]),
    ) -> Recorded<Vec<NodeId>> {
        let zero = self.graph.constant(0.0);
        let around = Loop { turns, sequence, contexts, pending: &rebuild.pending };
        let cycle = Cycle::new(&self.graph, &around, members, zero)?;
        let mut outputs: Vec<u32> = Vec::new();
        let mut columns: Vec<Vec<(Option<NodeId>, u32)>> = Vec::with_capacity(used.len());
        for node in used {
            let mut column = Vec::with_capacity(self.graph.lanes(*node));
            for lane in 0..self.graph.lanes(*node) as u32 {
                column.push(match cycle.lane(*node, lane)? {
                    Lane::Outside(node, lane) => (Some(rebuild.get(node)), lane),
                    Lane::Inside(node, lane) => {
                        let Some((step, turn)) = cycle.step(node, lane) else {
                            return Err(Stop::Dependent("a lane that no step computes"));
                        };
                        let output = outputs.iter().position(|other| *other == step).unwrap_or_else(|| {
                            outputs.push(step);
                            outputs.len() - 1
                        });
                        (None, (output * cycle.turns()) as u32 + turn)
                    }
                });
            }
            columns.push(column);
        }
        let (scan, inputs) = cycle.finish(outputs);
        let mut nodes = Vec::with_capacity(inputs.len());
        for lanes in inputs {
            let lanes: Vec<_> = lanes.into_iter().map(|(node, lane)| (rebuild.get(node), lane)).collect();
            nodes.push(self.collect_lanes(&lanes));
        }
        let known: Option<Vec<Arc<[f64]>>> = nodes.iter().map(|node| self.graph.known_column(*node)).collect();
        let result = match known {
            Some(columns) => match execute::known_scan(scan, columns, &self.tables) {
                Ok(values) => self.graph.known(&values),
                Err(fault) => return unsupported(fault.message),
            },
            None => self.graph.scan(scan, &nodes),
        };
        let mut rebuilt = Vec::with_capacity(columns.len());
        for column in columns {
            let lanes: Vec<_> = column.into_iter().map(|(node, lane)| (node.unwrap_or(result), lane)).collect();
            rebuilt.push(self.collect_lanes(&lanes));
        }
        Ok(rebuilt)
    }

    /// A column of lanes of other nodes.
    pub(super) fn collect_lanes(&mut self, from: &[(NodeId, u32)]) -> NodeId {
        let runs: Vec<&[(NodeId, u32)]> = from.chunk_by(|a, b| a.0 == b.0).take(MAX_RUNS + 1).collect();
        if (1..=MAX_RUNS).contains(&runs.len()) {
            let mut parts = Vec::with_capacity(runs.len());
            for run in runs {
                let index: Vec<u32> = run.iter().map(|(_, lane)| *lane).collect();
                parts.push(self.graph.gather(run[0].0, &index));
            }
            return self.graph.concatenate(&parts);
        }
        let mut parts: Vec<NodeId> = Vec::new();
        let mut starts: HashMap<NodeId, u32> = HashMap::new();
        let mut total = 0;
        for (node, _) in from {
            if !starts.contains_key(node) {
                starts.insert(*node, total);
                parts.push(*node);
                total += self.graph.lanes(*node) as u32;
            }
        }
        let all = self.graph.concatenate(&parts);
        let index: Vec<u32> = from.iter().map(|(node, lane)| starts[node] + lane).collect();
        self.graph.gather(all, &index)
    }

    /// Entries of a variable as they are in front of the loop.
    fn entries_before(&mut self, place: Place, entries: &[Entry]) -> Recorded<NodeId> {
        let container = self.variable(place)?.clone();
        let depth = self.depth(place);
        let positions: Vec<u32> = entries.iter().map(|(_, position)| *position).collect();
        if self.watching_loop(depth).is_some() {
            return self.watched_entries(place, depth, &container, entries, &positions);
        }
        let (column, lanes) = self.entry_column(&container)?;
        let index: Vec<u32> =
            entries.iter().map(|(around, at)| if lanes == 1 { *at } else { at * lanes + around }).collect();
        Ok(self.graph.gather(column, &index))
    }

    /// All entries of a variable in one column, entry by entry in each of the lanes, or in the one that stands for all.
    fn entry_column(&mut self, container: &Symbol) -> Recorded<(NodeId, u32)> {
        if self.is_uniform(container) { Ok((self.pack(container)?, 1)) } else { self.interleave(container) }
    }

    /// The same, when a loop around watches the variable.
    fn watched_entries(
        &mut self,
        place: Place,
        depth: usize,
        container: &Symbol,
        entries: &[Entry],
        positions: &[u32],
    ) -> Recorded<NodeId> {
        let length = container.shape().1.iter().product();
        let (length, origin) = (if container.is_scalar() { 1 } else { length }, self.origin(depth));
        let lanes: Vec<u32> = entries.iter().map(|(around, _)| origin[*around as usize]).collect();
        let Some(touched) = self.touched(place, depth) else { return unsupported("a loop that is not there") };
        let written = touched.written.clone();
        let n_lanes: Vec<usize> = written.iter().map(|node| self.graph.lanes(*node)).collect();
        let lanes_of = |node: NodeId| written.iter().position(|other| *other == node).map_or(0, |i| n_lanes[i]);
        let Some(touched) = self.touched(place, depth) else { return unsupported("a loop that is not there") };
        let source = touched.read(length, positions, &lanes, lanes_of);
        let source = self.blame(place, source)?;
        self.cross(place, depth, |crossings, lanes| {
            let lanes: Vec<u32> = entries.iter().map(|(around, _)| lanes[*around as usize]).collect();
            crossings.read(length, positions, &lanes)
        })?;
        let before = self.pack(container)?;
        let (parts, index) = match source {
            Source::Before => (vec![before], positions.to_vec()),
            Source::Written(index) => (written, index),
            Source::Mixed(index) => ([vec![before], written].concat(), index),
        };
        let all = self.graph.concatenate(&parts);
        Ok(self.graph.gather(all, &index))
    }

    /// Gives a variable the values that its written entries have after the loop.
    fn entries_after(&mut self, place: Place, written: &[(Entry, NodeId, u32)], rebuild: &Rebuild) -> Recorded<()> {
        let depth = self.depth(place);
        let values: Vec<_> = written.iter().map(|(_, node, lane)| (rebuild.get(*node), *lane)).collect();
        let value = self.collect_lanes(&values);
        let container = self.variable(place)?.clone();
        let (kind, dims) = container.shape();
        let n: usize = if container.is_scalar() { 1 } else { dims.iter().product() };
        if self.watching_loop(depth).is_some() {
            let origin = self.origin(depth);
            let lanes: Vec<u32> = written.iter().map(|((around, _), ..)| origin[*around as usize]).collect();
            let positions: Vec<u32> = written.iter().map(|((_, position), ..)| *position).collect();
            let Some(touched) = self.touched(place, depth) else { return unsupported("a loop that is not there") };
            if container.is_scalar() {
                return self.dependent(place, "a variable is carried from turn to turn");
            }
            let result = touched.write(n, &positions, &lanes, value);
            self.blame(place, result)?;
            return self.cross(place, depth, |crossings, lanes| {
                let lanes: Vec<u32> = written.iter().map(|((around, _), ..)| lanes[*around as usize]).collect();
                crossings.write(n, &positions, &lanes)
            });
        }
        let (before, lanes_before) = self.entry_column(&container)?;
        let lanes = self.lanes() as u32;
        let mut from: Vec<(NodeId, u32)> = (0..n as u32)
            .flat_map(|at| (0..lanes).map(move |lane| (at, lane)))
            .map(|(at, lane)| (before, if lanes_before == 1 { at } else { at * lanes + lane }))
            .collect();
        for (i, ((around, position), ..)) in (0..).zip(written) {
            from[(position * lanes + around) as usize] = (value, i);
        }
        let symbol = if container.is_scalar() {
            let node = self.collect_lanes(&from);
            self.scalar(node)
        } else if lanes == 1 {
            let node = self.collect_lanes(&from);
            self.packed(kind, dims, node)
        } else {
            let each = from.chunks(lanes as usize).map(|from| {
                let node = self.collect_lanes(from);
                self.scalar(node)
            });
            let each = each.collect();
            self.container(kind, dims, each)
        };
        *self.variable_mut(place)? = symbol;
        Ok(())
    }
}

/// The number of turns that each lane around a loop has; where these differ, all turns are one sequence.
fn sequence(parent: &[u32]) -> usize {
    let mut turns = parent.chunk_by(|a, b| a == b).map(<[u32]>::len);
    let first = turns.next().unwrap_or(0);
    if turns.all(|other| other == first) { first } else { parent.len() }
}

/// The nodes that a value consists of.
fn nodes_of(symbol: &Symbol, nodes: &mut Vec<NodeId>) {
    match symbol {
        Symbol::Node(node) | Symbol::Cells(Cells { entries: Entries::Packed(node), .. }) => nodes.push(*node),
        Symbol::Cells(Cells { entries: Entries::Each(each), .. }) | Symbol::Tuple(each) => {
            each.iter().for_each(|entry| nodes_of(entry, nodes));
        }
        _ => {}
    }
}

/// Replaces the nodes that a value consists of.
fn replace_nodes(symbol: &mut Symbol, rebuild: &Rebuild) {
    match symbol {
        Symbol::Node(node) | Symbol::Cells(Cells { entries: Entries::Packed(node), .. }) => *node = rebuild.get(*node),
        Symbol::Cells(Cells { entries: Entries::Each(each), .. }) | Symbol::Tuple(each) => {
            Rc::make_mut(each).iter_mut().for_each(|entry| replace_nodes(entry, rebuild));
        }
        _ => {}
    }
}
