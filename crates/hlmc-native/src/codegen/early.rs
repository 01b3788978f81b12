//! Adjoints that are known before their node: the coefficients with which sums enter the log density.
//!
//! A sum over observations mostly enters linearly: `result = ... + c * sum(x)`, where `c` (a precision, say) does not
//! depend on the sum. Then the adjoint of the sum is `c`, known before a single lane of `x` is, and value and gradient of
//! all lanes are computed in one pass, without keeping anything.

use std::collections::HashMap;

use crate::graph::{Binary, Graph, NodeId, Operation, Unary};

/// What is known of a node's adjoint ahead of it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Early {
    /// Nothing that depends on the node has been seen.
    Zero,
    /// The node that computes it.
    Known(NodeId),
    /// It depends on values that come later.
    Unknown,
}

/// The adjoints of sums that are known before them: nodes of one lane, added to the graph where need be.
pub(super) fn coefficients(graph: &mut Graph, result: NodeId, needed: &[bool]) -> HashMap<NodeId, NodeId> {
    let mut early = vec![Early::Zero; needed.len()];
    early[result.index()] = Early::Known(graph.constant(1.0));
    let mut found = HashMap::new();
    for i in (0..needed.len()).rev().filter(|i| needed[*i]) {
        let id = NodeId(i as u32);
        let operation = graph.node(id).operation.clone();
        let Early::Known(own) = early[i] else {
            // What reaches nothing has no adjoint; what is unknown makes its operands so.
            if early[i] == Early::Unknown || graph.lanes(id) > 1 {
                operation.for_each_operand(|x| early[x.index()] = Early::Unknown);
            }
            continue;
        };
        match operation {
            Operation::Binary(Binary::Add, x, y) => {
                add(graph, &mut early, x, own);
                add(graph, &mut early, y, own);
            }
            Operation::Binary(Binary::Subtract, x, y) => {
                add(graph, &mut early, x, own);
                let negated = graph.unary(Unary::Negate, own);
                add(graph, &mut early, y, negated);
            }
            Operation::Binary(Binary::Multiply, x, y) => {
                for (x, factor) in [(x, y), (y, x)] {
                    let contribution = graph.binary(Binary::Multiply, own, factor);
                    add(graph, &mut early, x, contribution);
                }
            }
            Operation::Unary(Unary::Negate, x) => {
                let negated = graph.unary(Unary::Negate, own);
                add(graph, &mut early, x, negated);
            }
            Operation::Sum(x) => {
                found.insert(id, own);
                early[x.index()] = Early::Unknown;
            }
            other => other.for_each_operand(|x| early[x.index()] = Early::Unknown),
        }
    }
    found.retain(|sum, coefficient| !depends(graph, *coefficient, *sum));
    found
}

fn add(graph: &mut Graph, early: &mut [Early], x: NodeId, contribution: NodeId) {
    early[x.index()] = match early[x.index()] {
        Early::Zero => Early::Known(contribution),
        Early::Known(before) => Early::Known(graph.binary(Binary::Add, before, contribution)),
        Early::Unknown => Early::Unknown,
    };
}

/// True when `ancestor` is needed to compute `id`.
fn depends(graph: &Graph, id: NodeId, ancestor: NodeId) -> bool {
    let mut seen = vec![false; id.index() + 1];
    let mut stack = vec![id];
    while let Some(id) = stack.pop() {
        if id == ancestor {
            return true;
        }
        // Nodes older than the ancestor cannot need it, but coefficients are younger than what they are made of.
        if !std::mem::replace(&mut seen[id.index()], true) {
            graph.node(id).operation.for_each_operand(|x| stack.push(x));
        }
    }
    false
}
