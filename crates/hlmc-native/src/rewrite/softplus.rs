//! Softplus: outcomes of both kinds share rows.
//!
//! Law: `log(1 + exp(-x)) = log(1 + exp(x)) - x`. A Bernoulli outcome enters its density as the sign of `x`; with the sign
//! taken out, rows that differ in the outcome alone are equal, and the outcome is left in a linear term.
//!
//! Before, signs `s`: `sum(log1p_exp(s .* eta[g]))`, a lane for each group and outcome.
//! After: `sum(log1p_exp(eta[g])) - sum((s == -1) .* eta[g])`, a lane a group.

use std::sync::Arc;

use crate::graph::{Binary, NodeId, Operation, Unary};

use super::Term;
use super::cells::{Cells, leaves};
use super::rewriter::{Rewriter, worthwhile};

/// The sum of a term with its signs taken out, where that leaves markedly fewer cells.
pub(super) fn softplus(rewriter: &mut Rewriter, term: &Term, lanes: usize) -> Option<NodeId> {
    let graph = &mut rewriter.graph;
    let Operation::Unary(Unary::Log1pExp, signed) = graph.node(term.factor).operation else { return None };
    let Operation::Binary(Binary::Multiply, signs, x) = graph.node(signed).operation else { return None };
    let signs = graph.known_column(signs)?;
    let has_both = signs.contains(&1.0) && signs.contains(&-1.0);
    if !has_both || signs.len() != lanes || signs.iter().any(|sign| sign.abs() != 1.0) {
        return None;
    }
    let all_leaves = leaves(graph, x, lanes)?;
    let without = Cells::find(graph, &all_leaves, lanes, worthwhile(lanes))?.count();
    let signed_leaves = leaves(graph, signed, lanes)?;
    let with = Cells::find(graph, &signed_leaves, lanes, lanes)?.count();
    if without > worthwhile(with) {
        return None;
    }
    let softplus = graph.unary(Unary::Log1pExp, x);
    let first = term.node_of(graph, softplus);
    let negative: Arc<[f64]> = signs.iter().map(|sign| if *sign < 0.0 { -1.0 } else { 0.0 }).collect();
    let negative = graph.known(&negative);
    let linear = graph.binary(Binary::Multiply, negative, x);
    let second = term.node_of(graph, linear);
    let (first, second) = (rewriter.sum_over(first, lanes), rewriter.sum_over(second, lanes));
    Some(rewriter.graph.binary(Binary::Add, first, second))
}

#[cfg(test)]
mod tests {
    use crate::graph::{Binary, Unary};
    use crate::rewrite::testing::{agree, graph, run_with, widest};

    #[test]
    fn both_outcomes_of_a_group_are_one_row() {
        let mut graph = graph();
        let eta = graph.position(0, 4);
        let index: Vec<u32> = (0..80).map(|i| i % 4).collect();
        let signs: Vec<f64> = (0..80).map(|i| if i % 3 == 0 { -1.0 } else { 1.0 }).collect();
        let (eta, signs) = (graph.gather(eta, &index), graph.known(&signs));
        let signed = graph.binary(Binary::Multiply, signs, eta);
        let each = graph.unary(Unary::Log1pExp, signed);
        let result = graph.sum(each);
        let (old, new) = run_with("none,softplus,collapse,moments", graph, result, 4);
        assert_eq!((widest(&old), widest(&new)), (80, 4));
        agree(&old, &new, &[0.5, -1.0, 30.0, -30.0]);
    }

    #[test]
    fn a_predictor_that_all_rows_share_is_summed_over_them_all() {
        let mut graph = graph();
        let eta = graph.position(0, 1);
        let signs: Vec<f64> = (0..20).map(|i| if i % 3 == 0 { -1.0 } else { 1.0 }).collect();
        let signs = graph.known(&signs);
        let signed = graph.binary(Binary::Multiply, signs, eta);
        let each = graph.unary(Unary::Log1pExp, signed);
        let result = graph.sum(each);
        let (old, new) = run_with("none,softplus", graph, result, 1);
        assert_eq!(widest(&old), 20);
        agree(&old, &new, &[0.75]);
    }
}
