//! The density as far as the first statements make it.

use std::sync::Arc;

use super::Explanation;
use crate::execute::{Program, Runner};
use crate::graph::{Binary, Graph, NodeId, Operation, OriginId};

impl Explanation {
    /// The density as far as the first `n` statements make it: their terms, and the sums of all that they compute for
    /// later statements. `None` when the last of them adds nothing at all. With `n` 0 it is a single coordinate, which
    /// costs what every call costs. There must be a coordinate.
    #[must_use]
    pub fn runner(&self, n: usize) -> Option<Runner> {
        let recording = &self.recording;
        if n > self.statements.len() || recording.dimension == 0 || n > 0 && !self.adds(n - 1) {
            return None;
        }
        let mut graph = recording.graph.clone();
        graph.origins.set(None);
        graph.checks.retain(|check| self.rank(&recording.graph, check.node) < n);
        let terms = recording.terms.iter().filter(|(_, origin)| self.rank_of(*origin) < n);
        let mut parts: Vec<NodeId> = terms.map(|(term, _)| *term).collect();
        let mut is_needed = needed(&graph, &parts);
        for node in self.left_open(n, &is_needed) {
            if !is_needed[node.index()] {
                let sum = graph.sum(node);
                parts.push(sum);
                mark(&recording.graph, node, &mut is_needed);
            }
        }
        if parts.is_empty() {
            parts.push(graph.position(0, 1));
        }
        let zero = graph.constant(0.0);
        let result = parts.iter().fold(zero, |sum, part| graph.binary(Binary::Add, sum, *part));
        let program = Program::new(&graph, result, recording.dimension, &self.tables);
        Some(Runner::new(Arc::new(program)))
    }

    /// True when the density is run by machine code.
    #[must_use]
    pub fn is_compiled(&self) -> bool {
        let recording = &self.recording;
        Program::new(&recording.graph, recording.result, recording.dimension, &self.tables).is_compiled()
    }

    /// True when a statement computes something at every point.
    fn adds(&self, statement: usize) -> bool {
        let has_term = |(term, origin): &(NodeId, Option<OriginId>)| {
            self.rank_of(*origin) == statement && !self.recording.graph.is_known(*term)
        };
        !self.statements[statement].work.is_empty() || self.recording.terms.iter().any(has_term)
    }

    /// The place of the statement that a node belongs to; past the last for what belongs to none.
    fn rank(&self, graph: &Graph, node: NodeId) -> usize {
        self.rank_of(graph.origins.of(node))
    }

    fn rank_of(&self, origin: Option<OriginId>) -> usize {
        origin.and_then(|origin| self.ranks.get(&origin)).copied().unwrap_or(usize::MAX)
    }

    /// What the first `n` statements compute for later ones, the youngest first.
    fn left_open(&self, n: usize, is_needed: &[bool]) -> Vec<NodeId> {
        let graph = &self.recording.graph;
        let whole = graph.needed(self.recording.result);
        let mut is_asked_for = vec![false; whole.len()];
        for (i, node) in graph.nodes().iter().enumerate().filter(|(i, _)| whole[*i]) {
            if self.rank(graph, NodeId(i as u32)) >= n {
                node.operation.for_each_operand(|operand| is_asked_for[operand.index()] = true);
            }
        }
        let all = (0..whole.len() as u32).map(NodeId).rev();
        let is_open = |id: &NodeId| {
            let operation = &graph.node(*id).operation;
            is_asked_for[id.index()]
                && !is_needed[id.index()]
                && !graph.is_known(*id)
                && !matches!(operation, Operation::Position(_))
                && self.rank(graph, *id) < n
        };
        all.filter(is_open).collect()
    }
}

fn needed(graph: &Graph, roots: &[NodeId]) -> Vec<bool> {
    let mut is_needed = vec![false; graph.nodes().len()];
    roots.iter().for_each(|root| mark(graph, *root, &mut is_needed));
    is_needed
}

fn mark(graph: &Graph, node: NodeId, is_needed: &mut [bool]) {
    let mut stack = vec![node];
    while let Some(node) = stack.pop() {
        if !std::mem::replace(&mut is_needed[node.index()], true) {
            graph.node(node).operation.for_each_operand(|operand| stack.push(operand));
        }
    }
}
