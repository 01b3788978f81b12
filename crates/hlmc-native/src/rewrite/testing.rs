//! What the tests of the laws share: a graph before and after, and how far their values may differ.
#![allow(clippy::unwrap_used, reason = "helpers of tests are parts of tests, though not in test functions")]

use std::sync::Arc;

use hlmc_math::LogDensity;

use super::{Rewrites, run};
use crate::apply::Tables;
use crate::execute::{Program, Runner};
use crate::graph::{Graph, NodeId};
use crate::record::Recording;

/// The law of the project, relative to the larger of the size of the gradient and 1.
const TOLERANCE: f64 = 1e-10;

pub(super) fn graph() -> Graph {
    Graph::new(Arc::new(Tables::new()))
}

/// The graph before and after one rewrite.
pub(super) fn run_only(name: &str, graph: Graph, result: NodeId, dimension: usize) -> (Recording, Recording) {
    run_with(&format!("none,{name}"), graph, result, dimension)
}

/// The graph before and after some rewrites.
pub(super) fn run_with(words: &str, graph: Graph, result: NodeId, dimension: usize) -> (Recording, Recording) {
    // The graph as it was, built again: what is recorded cannot be cloned.
    let copy = |graph: &Graph| {
        let mut copy = graph.successor();
        for node in graph.nodes() {
            copy.rebuild(node.operation.clone(), node.lanes as usize);
        }
        copy.checks.extend(graph.checks.iter().cloned());
        recording(copy, result, dimension)
    };
    let old = copy(&graph);
    assert_eq!(old.graph.nodes().len(), graph.nodes().len(), "a graph that is built again is the same");
    let rewrites: Rewrites = words.parse().unwrap();
    (old, run(recording(graph, result, dimension), rewrites))
}

fn recording(graph: Graph, result: NodeId, dimension: usize) -> Recording {
    Recording { graph, result, terms: Vec::new(), dimension, n_guards: 0, applied: Vec::new() }
}

/// The number of lanes of the widest node that the result needs.
pub(super) fn widest(recording: &Recording) -> u32 {
    let needed = recording.graph.needed(recording.result);
    let nodes = recording.graph.nodes().iter().zip(needed).filter(|(_, needed)| *needed);
    nodes.map(|(node, _)| node.lanes).max().unwrap()
}

/// Value and gradient.
pub(super) fn evaluate(recording: &Recording, position: &[f64]) -> (f64, Vec<f64>) {
    let tables = Arc::new(Tables::new());
    let program = Program::new(&recording.graph, recording.result, recording.dimension, &tables);
    let mut gradient = vec![0.0; position.len()];
    (Runner::new(Arc::new(program)).log_density_gradient(position, &mut gradient).unwrap(), gradient)
}

/// Both graphs have the same value and gradient.
pub(super) fn agree(old: &Recording, new: &Recording, position: &[f64]) {
    let ((x, a), (y, b)) = (evaluate(old, position), evaluate(new, position));
    let size = a.iter().fold(1.0, |size: f64, partial| size.max(partial.abs()));
    assert!((x - y).abs() <= TOLERANCE * x.abs().max(1.0), "value {x} became {y}");
    for (a, b) in a.iter().zip(&b) {
        assert!((a - b).abs() <= TOLERANCE * size, "partial {a} became {b}");
    }
}
