//! Gram: sums of squared residuals of linear predictors.
//!
//! Law: `sum_i w_i (K s)_i^2 = |R s|^2` for known `K` and weights `w >= 0`, with `sqrt(w) .* K = Q R` and `Q` orthogonal; `s` are the
//! parameters, and 1 for the known outcome. The intercept is eliminated first, by centring.
//!
//! Before, 1000 rows: `sum(square(y - (alpha + X * beta)))`. After: the same of `p + 1` rows and a constant, for `p`
//! predictors.

use crate::graph::{NodeId, Operation, Unary};

use super::Term;
use super::rewriter::Rewriter;
use super::squares::Squares;

/// The sum of a term by its triangular factor.
pub(super) fn gram(rewriter: &mut Rewriter, term: &Term, lanes: usize) -> Option<NodeId> {
    let graph = &mut rewriter.graph;
    let Operation::Unary(Unary::Square, residual) = graph.node(term.factor).operation else { return None };
    if graph.lanes(residual) != lanes {
        return None;
    }
    let squares = Squares::new(graph, &term.coefficient, None, residual)?;
    if !squares.is_ungrouped(graph) {
        return None;
    }
    let sum = squares.reduce(graph)?;
    let scale = graph.constant(term.coefficient.scale);
    Some(graph.binary(crate::graph::Binary::Multiply, scale, sum))
}

#[cfg(test)]
mod tests {
    use crate::graph::{Binary, Graph, NodeId, Unary};
    use crate::rewrite::testing::{agree, graph, run_only, widest};

    /// `sum(w .* square(y - (alpha + X * beta)))` with outcomes and two predictors around `offsets`.
    fn regression(graph: &mut Graph, n: usize, offsets: [f64; 2], is_weighted: bool) -> NodeId {
        let (alpha, beta) = (graph.position(0, 1), graph.position(1, 2));
        let matrix: Vec<f64> = (0..2 * n).map(|i| offsets[1] + (i as f64 * 0.7).sin()).collect();
        let y: Vec<f64> = (0..n).map(|i| offsets[0] + (i as f64).cos()).collect();
        let product = graph.known_matrix_vector(&matrix, n, beta);
        let eta = graph.binary(Binary::Add, alpha, product);
        let y = graph.known(&y);
        let residual = graph.binary(Binary::Subtract, y, eta);
        let mut each = graph.unary(Unary::Square, residual);
        if is_weighted {
            let weights: Vec<f64> = (0..n).map(|i| (i % 3) as f64).collect();
            let weights = graph.known(&weights);
            each = graph.binary(Binary::Multiply, weights, each);
        }
        graph.sum(each)
    }

    #[test]
    fn a_hundred_rows_become_three() {
        for is_weighted in [false, true] {
            let mut graph = graph();
            let result = regression(&mut graph, 100, [0.0, 0.0], is_weighted);
            let (old, new) = run_only("gram", graph, result, 3);
            assert_eq!((widest(&old), widest(&new)), (100, 3));
            agree(&old, &new, &[0.5, -1.0, 0.25]);
        }
    }

    #[test]
    fn data_far_from_zero_keep_their_digits() {
        for (offsets, rows) in [([1e6, 1e3], 3), ([1e6, 0.0], 3), ([1e3, 1e6], 100)] {
            let mut graph = graph();
            let result = regression(&mut graph, 100, offsets, false);
            let (old, new) = run_only("gram", graph, result, 3);
            assert_eq!(widest(&new), rows, "predictors that are too far off are left as they are");
            agree(&old, &new, &[offsets[0] + 0.125, 0.5, -0.5]);
            agree(&old, &new, &[-0.25, 1.0, 0.0]);
        }
    }
}
