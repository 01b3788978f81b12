//! Hoisting: what is computed of gathered lanes is computed once a distinct lane.
//!
//! Law: gathering commutes with elementwise operations, `f(x[i], y[i], s) = f(x, y, s)[i]` for an index `i` and what all
//! lanes share, `s`; and equal rows of a known matrix give equal products, `X b = (X' b)[i]`, with `X'` the distinct rows.
//!
//! Before, 1000 rows of 10 groups: `log(sigma[g])`, 1000 logarithms. After: `log(sigma)[g]`, 10 of them.

use crate::graph::{IndexId, NodeId, Operation};

use super::cells::{Cells, Leaf};
use super::rewriter::{Rewriter, worthwhile};

/// A node that computes fewer lanes and gathers them.
pub(super) fn hoist(rewriter: &mut Rewriter, node: NodeId) -> Option<NodeId> {
    let lanes = rewriter.graph.lanes(node);
    match rewriter.graph.node(node).operation.clone() {
        operation @ (Operation::Unary(..)
        | Operation::Binary(..)
        | Operation::Select(..)
        | Operation::Elementwise(..)) => of_gathers(rewriter, &operation, lanes),
        Operation::KnownMatrixVector(matrix, _) => {
            let graph = &mut rewriter.graph;
            let cells = Cells::find(graph, &[Leaf::Matrix(matrix)], lanes, lanes / 2)?;
            let rows = cells.at(graph, node);
            Some(graph.gather(rows, &cells.of))
        }
        _ => None,
    }
}

fn of_gathers(rewriter: &mut Rewriter, operation: &Operation, lanes: usize) -> Option<NodeId> {
    let index = shared_index(rewriter, operation, lanes)?;
    let distinct = rewriter.distinct(index);
    if distinct.positions.len() > worthwhile(lanes) {
        return None;
    }
    let graph = &mut rewriter.graph;
    let once = operation.map_operands(|operand| match graph.node(operand).operation {
        // Lanes that no row asks for are left out: an operation may have no value there.
        Operation::Gather(x, _) if graph.lanes(operand) == lanes => graph.gather(x, &distinct.positions),
        _ => operand,
    });
    let once = rewriter.build(once, distinct.positions.len());
    let index = rewriter.graph.columns.add_index(&distinct.of[..]);
    Some(rewriter.graph.gather_at(once, index))
}

/// The index of all operands but those of one lane.
fn shared_index(rewriter: &Rewriter, operation: &Operation, lanes: usize) -> Option<IndexId> {
    let graph = &rewriter.graph;
    let mut shared = None;
    let mut is_shared = lanes > 1;
    operation.for_each_operand(|operand| match graph.node(operand).operation {
        _ if graph.lanes(operand) == 1 => {}
        Operation::Gather(_, index) if shared.is_none_or(|other| other == index) => shared = Some(index),
        _ => is_shared = false,
    });
    shared.filter(|_| is_shared)
}

#[cfg(test)]
mod tests {
    use crate::graph::{Binary, Operation, Unary};
    use crate::rewrite::testing::{agree, graph, run_only};

    #[test]
    fn a_logarithm_of_a_group_is_taken_once_a_group() {
        let mut graph = graph();
        let (sigma, mu) = (graph.position(0, 3), graph.position(3, 1));
        let index: Vec<u32> = (0..30).map(|i| i % 2).collect();
        let sigma = graph.gather(sigma, &index);
        let sigma = graph.unary(Unary::Exp, sigma);
        let sum = graph.binary(Binary::Add, mu, sigma);
        let log = graph.unary(Unary::Log, sum);
        let square = graph.unary(Unary::Square, log);
        let result = graph.sum(square);
        let (old, new) = run_only("hoist", graph, result, 4);
        let logs = new.graph.nodes().iter().zip(new.graph.needed(new.result));
        let logs = logs.filter(|(node, needed)| *needed && matches!(node.operation, Operation::Unary(Unary::Log, _)));
        assert_eq!(logs.map(|(node, _)| node.lanes).collect::<Vec<_>>(), [2], "the third group has no row");
        agree(&old, &new, &[0.5, -1.0, 0.25, 2.0]);
    }

    #[test]
    fn equal_rows_of_a_matrix_are_multiplied_once() {
        let mut graph = graph();
        let beta = graph.position(0, 2);
        let matrix: Vec<f64> = (0..40).map(|i| f64::from(i % 4)).collect();
        let product = graph.known_matrix_vector(&matrix, 20, beta);
        let each = graph.unary(Unary::Exp, product);
        let result = graph.sum(each);
        let (old, new) = run_only("hoist", graph, result, 2);
        let products =
            new.graph.nodes().iter().filter(|node| matches!(node.operation, Operation::KnownMatrixVector(..)));
        assert_eq!(products.map(|node| node.lanes).min(), Some(4));
        agree(&old, &new, &[0.5, -1.0]);
    }
}
