//! The graph under construction, and what the laws share.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::cells::{Cells, leaves};
use super::terms::{self, Term};
use super::{Applied, Kind, REWRITES, Rewrites};
use crate::graph::{Binary, Graph, IndexId, NodeId, Operation};

/// Sums of fewer lanes are left alone: what a rewrite could save is less than what its bookkeeping costs.
const MIN_LANES: usize = 8;

/// The most lanes that a rewritten sum may have, of so many: below this, fewer lanes are worth an operation more.
pub(super) fn worthwhile(lanes: usize) -> usize {
    lanes * 3 / 4
}

/// The distinct positions of an index, in order.
pub(super) struct Distinct {
    /// Each position that occurs.
    pub(super) positions: Vec<u32>,
    /// For each lane of the index, which of them it is.
    pub(super) of: Vec<u32>,
}

/// Builds a graph with the laws applied.
pub(super) struct Rewriter {
    pub(super) graph: Graph,
    rewrites: Rewrites,
    distinct: HashMap<IndexId, Rc<Distinct>>,
    pub(super) applied: Vec<Applied>,
}

impl Rewriter {
    pub(super) fn new(graph: Graph, rewrites: Rewrites) -> Self {
        Rewriter { graph, rewrites, distinct: HashMap::new(), applied: Vec::new() }
    }

    /// The node of an operation of nodes that are built already.
    pub(super) fn build(&mut self, operation: Operation, lanes: usize) -> NodeId {
        if let Operation::Sum(x) = operation {
            return self.sum(x);
        }
        let mut node = self.graph.rebuild(operation, lanes);
        let rewrites = self.rewrites;
        for rewrite in REWRITES.iter().filter(|rewrite| rewrites.has(rewrite.name)) {
            if let Kind::Node(law) = rewrite.kind
                && let Some(cheaper) = law(self, node)
            {
                self.note(rewrite.name, self.graph.lanes(node), self.gathered_lanes(cheaper));
                node = cheaper;
            }
        }
        node
    }

    /// The sum of all lanes, term by term.
    pub(super) fn sum(&mut self, x: NodeId) -> NodeId {
        let lanes = self.graph.lanes(x);
        if lanes < MIN_LANES || self.graph.is_known(x) {
            return self.graph.sum(x);
        }
        let terms = terms::of_sum(&mut self.graph, x);
        let mut total = self.graph.constant(0.0);
        let mut rest = Vec::new();
        for term in &terms {
            match self.sum_of_term(term, lanes) {
                Some(sum) => {
                    let sum = term.scaled(&mut self.graph, sum);
                    total = self.graph.binary(Binary::Add, total, sum);
                }
                None => rest.push(term),
            }
        }
        if rest.len() == terms.len() {
            return self.graph.sum(x);
        }
        if let Some((first, others)) = rest.split_first() {
            let mut all = first.node(&mut self.graph);
            for term in others {
                let node = term.node(&mut self.graph);
                all = self.graph.binary(Binary::Add, all, node);
            }
            let sum = self.graph.sum_over(all, lanes);
            total = self.graph.binary(Binary::Add, total, sum);
        }
        total
    }

    /// The sum over so many lanes, through which a node of one lane is constant.
    pub(super) fn sum_over(&mut self, x: NodeId, lanes: usize) -> NodeId {
        if self.graph.lanes(x) == lanes { self.sum(x) } else { self.graph.sum_over(x, lanes) }
    }

    fn sum_of_term(&mut self, term: &Term, lanes: usize) -> Option<NodeId> {
        let rewrites = self.rewrites;
        let mut chosen = REWRITES.iter().filter(|rewrite| rewrites.has(rewrite.name));
        chosen.find_map(|rewrite| match rewrite.kind {
            Kind::Term(law) => {
                let n_before = self.graph.nodes().len();
                let sum = law(self, term, lanes)?;
                self.note(rewrite.name, lanes, self.summed_lanes(sum, n_before));
                Some(sum)
            }
            Kind::Node(_) => None,
        })
    }

    /// For a condition on every lane of a node: a node with each distinct lane, if those are fewer.
    pub(super) fn distinct_lanes(&mut self, node: NodeId) -> NodeId {
        let lanes = self.graph.lanes(node);
        if !self.rewrites.has("collapse") || lanes < MIN_LANES {
            return node;
        }
        let Some(leaves) = leaves(&self.graph, node, lanes) else { return node };
        match Cells::find(&self.graph, &leaves, lanes, worthwhile(lanes)) {
            Some(cells) => {
                let distinct = cells.at(&mut self.graph, node);
                self.note("collapse", lanes, self.graph.lanes(distinct));
                distinct
            }
            None => node,
        }
    }

    /// Keeps what a law did to a node of the present statement.
    fn note(&mut self, rewrite: &'static str, from: usize, to: usize) {
        self.applied.push(Applied { origin: self.graph.origins.current(), rewrite, from, to });
    }

    /// The lanes that are computed for a node, before they are gathered.
    fn gathered_lanes(&self, node: NodeId) -> usize {
        match self.graph.node(node).operation {
            Operation::Gather(x, _) => self.graph.lanes(x),
            _ => self.graph.lanes(node),
        }
    }

    /// The lanes of all that is summed in a scalar, as far as it is made of nodes that came after the first `n_before`; at
    /// least one, unless all is known.
    fn summed_lanes(&self, scalar: NodeId, n_before: usize) -> usize {
        let (mut stack, mut seen) = (vec![scalar], HashSet::new());
        let (mut summed, mut others) = (0, 0);
        while let Some(node) = stack.pop() {
            if !seen.insert(node) {
                continue;
            }
            match &self.graph.node(node).operation {
                Operation::Sum(x) => summed += self.graph.lanes(*x),
                operation if node.index() >= n_before && operation.is_computed() => operation.for_each_operand(|x| {
                    if self.graph.lanes(x) == 1 {
                        stack.push(x);
                    }
                }),
                _ if self.graph.is_known(node) => {}
                _ => others = 1,
            }
        }
        summed.max(others)
    }

    /// The distinct positions of an index.
    pub(super) fn distinct(&mut self, index: IndexId) -> Rc<Distinct> {
        if let Some(known) = self.distinct.get(&index) {
            return Rc::clone(known);
        }
        let all = self.graph.columns.positions(index);
        let length = all.iter().max().map_or(0, |max| *max as usize + 1);
        let mut number = vec![u32::MAX; length];
        all.iter().for_each(|position| number[*position as usize] = 0);
        let mut positions = Vec::new();
        for (position, number) in (0..).zip(&mut number).filter(|(_, number)| **number == 0) {
            *number = positions.len() as u32;
            positions.push(position);
        }
        let of = all.iter().map(|position| number[*position as usize]).collect();
        let distinct = Rc::new(Distinct { positions, of });
        self.distinct.insert(index, Rc::clone(&distinct));
        distinct
    }
}
