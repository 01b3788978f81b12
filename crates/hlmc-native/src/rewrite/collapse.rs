//! Collapse: rows with equal data become one row with a weight.
//!
//! Law: let `f` be an elementwise expression whose lanes `i` and `j` have equal leaves whenever `c(i) = c(j)`. Then
//! `sum_i k_i f_i = sum_c (sum_{c(i) = c} k_i) f_c`, with `f_c` the value at any lane of cell `c`.
//!
//! Before, `y` and `g` known, 1000 rows: `sum(lgamma(y + phi[g]))`. After: `sum(n .* lgamma(y' + phi[g']))`, one lane
//! for each pair of `y` and `g` that occurs, `n` times.

use crate::graph::{Binary, NodeId};

use super::Term;
use super::cells::{Cells, leaves};
use super::rewriter::{Rewriter, worthwhile};

/// The sum of a term over cells.
pub(super) fn collapse(rewriter: &mut Rewriter, term: &Term, lanes: usize) -> Option<NodeId> {
    let graph = &mut rewriter.graph;
    if graph.lanes(term.factor) != lanes {
        return None;
    }
    let leaves = leaves(graph, term.factor, lanes)?;
    let cells = Cells::find(graph, &leaves, lanes, worthwhile(lanes))?;
    let weights = cells.sums(|lane| term.coefficient.at(lane));
    let weights = graph.known(&weights);
    let each = cells.at(graph, term.factor);
    let weighted = graph.binary(Binary::Multiply, weights, each);
    Some(graph.sum(weighted))
}

#[cfg(test)]
mod tests {
    use crate::graph::{Graph, NodeId, Operation, Unary};
    use crate::rewrite::testing::{agree, graph, run_only, widest};

    /// `sum(lgamma(y + exp(phi[g])))` with 3 groups and 2 outcomes.
    fn rows(graph: &mut Graph, n: usize) -> NodeId {
        let phi = graph.position(0, 3);
        let index: Vec<u32> = (0..n as u32).map(|i| i % 3).collect();
        let y: Vec<f64> = (0..n).map(|i| 1.0 + (i / 3 % 2) as f64).collect();
        let (phi, y) = (graph.gather(phi, &index), graph.known(&y));
        let rate = graph.unary(Unary::Exp, phi);
        let shifted = graph.binary(crate::graph::Binary::Add, y, rate);
        let each = graph.unary(Unary::Lgamma, shifted);
        graph.sum(each)
    }

    #[test]
    fn sixty_rows_become_one_a_pair_of_group_and_outcome() {
        let mut graph = graph();
        let result = rows(&mut graph, 60);
        let before = graph.nodes().len();
        let (old, new) = run_only("collapse", graph, result, 3);
        assert!(before > 0 && widest(&old) == 60);
        assert_eq!(widest(&new), 6);
        agree(&old, &new, &[0.5, -1.0, 0.25]);
    }

    #[test]
    fn rows_that_all_differ_stay() {
        let mut graph = graph();
        let result = rows(&mut graph, 9);
        let (old, new) = run_only("collapse", graph, result, 3);
        assert_eq!(widest(&new), 6, "9 rows have 6 pairs");
        agree(&old, &new, &[0.5, -1.0, 0.25]);
        let own = |operation: &Operation| matches!(operation, Operation::Position(_));
        assert_eq!(new.graph.nodes().iter().filter(|node| own(&node.operation)).count(), 1);
    }
}
