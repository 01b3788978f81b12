//! Moments: sums that are linear in known columns.
//!
//! Law: `sum_i k_i s_g(i) = sum_g (sum_{g(i) = g} k_i) s_g` for effects `s` gathered by group, `sum_i k_i (X b)_i = (k' X) b`
//! for a known matrix, and `sum_i k_i s = (sum_i k_i) s` for what all lanes share.
//!
//! Before: `sum(y .* (alpha + X * beta))`. After: `(sum y) alpha + (y' X) * beta`, one lane a predictor.

use std::sync::Arc;

use crate::graph::{Binary, NodeId, Operation};

use super::Term;
use super::rewriter::{Rewriter, worthwhile};

/// The sum of a term by moments of its coefficient.
pub(super) fn moments(rewriter: &mut Rewriter, term: &Term, lanes: usize) -> Option<NodeId> {
    let graph = &mut rewriter.graph;
    if graph.lanes(term.factor) == 1 {
        let total = graph.constant(term.coefficient.total(lanes));
        return Some(graph.binary(Binary::Multiply, total, term.factor));
    }
    match graph.node(term.factor).operation {
        Operation::Gather(x, index) if graph.lanes(x) <= worthwhile(lanes) => {
            let mut sums = vec![0.0; graph.lanes(x)];
            let positions = graph.columns.positions(index).iter().enumerate();
            positions.for_each(|(lane, group)| sums[*group as usize] += term.coefficient.at(lane));
            let each = product(rewriter, &sums, x);
            Some(rewriter.sum(each))
        }
        Operation::KnownMatrixVector(matrix, x) if graph.lanes(x) <= worthwhile(lanes) => {
            let matrix = Arc::clone(graph.columns.numbers(matrix));
            let total = |column: &[f64]| column.iter().enumerate().map(|(i, x)| term.coefficient.at(i) * x).sum();
            let sums: Vec<f64> = matrix.chunks_exact(lanes).map(total).collect();
            let each = product(rewriter, &sums, x);
            Some(rewriter.sum(each))
        }
        _ => None,
    }
}

fn product(rewriter: &mut Rewriter, known: &[f64], x: NodeId) -> NodeId {
    let known = rewriter.graph.known(known);
    rewriter.graph.binary(Binary::Multiply, known, x)
}

#[cfg(test)]
mod tests {
    use crate::graph::Binary;
    use crate::rewrite::testing::{agree, graph, run_only, widest};

    #[test]
    fn the_linear_term_of_a_regression_costs_its_predictors() {
        let mut graph = graph();
        let n = 50;
        let (alpha, beta) = (graph.position(0, 1), graph.position(1, 2));
        let matrix: Vec<f64> = (0..2 * n).map(|i| (i as f64 * 0.7).sin()).collect();
        let y: Vec<f64> = (0..n).map(|i| (i % 4) as f64).collect();
        let product = graph.known_matrix_vector(&matrix, n, beta);
        let eta = graph.binary(Binary::Add, alpha, product);
        let y = graph.known(&y);
        let each = graph.binary(Binary::Multiply, y, eta);
        let result = graph.sum(each);
        let (old, new) = run_only("moments", graph, result, 3);
        assert_eq!((widest(&old), widest(&new)), (50, 2));
        agree(&old, &new, &[0.5, -1.0, 0.25]);
    }

    #[test]
    fn effects_by_group_are_counted() {
        let mut graph = graph();
        let (mu, raw) = (graph.position(0, 1), graph.position(1, 3));
        let index: Vec<u32> = (0..30).map(|i| i * i % 3).collect();
        let effects = graph.binary(Binary::Add, mu, raw);
        let each = graph.gather(effects, &index);
        let result = graph.sum(each);
        let (old, new) = run_only("moments", graph, result, 4);
        assert_eq!((widest(&old), widest(&new)), (30, 3));
        agree(&old, &new, &[0.5, -1.0, 0.25, 2.0]);
    }
}
