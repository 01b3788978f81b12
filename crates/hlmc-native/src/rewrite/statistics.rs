//! Statistics: sums of squared residuals that share effects by group.
//!
//! Law: within the lanes of a group `g` that share an effect `a_g`,
//! `sum_i (y_i - a_g)^2 = n_g (mean_g(y) - a_g)^2 + sum_i (y_i - mean_g(y))^2`; and so for several effects with known
//! coefficients, for predictors beside them, and for a precision by group.
//!
//! Before, 1000 rows of 10 groups and 3 treatments: `sum(square(y - (alpha[g] + tau[t])))`. After: `sum(n .* square(m -
//! (alpha[g'] + tau[t'])))`, one lane a pair of group and treatment that occurs, and a constant.

use crate::graph::{Binary, Graph, NodeId, Operation, Unary};

use super::Term;
use super::rewriter::Rewriter;
use super::squares::Squares;

/// The sum of a term by its groups' statistics.
pub(super) fn statistics(rewriter: &mut Rewriter, term: &Term, lanes: usize) -> Option<NodeId> {
    let graph = &mut rewriter.graph;
    if graph.lanes(term.factor) != lanes {
        return None;
    }
    let (precision, residual) = precision_and_residual(graph, term.factor)?;
    if graph.lanes(residual) != lanes {
        return None;
    }
    let squares = Squares::new(graph, &term.coefficient, precision, residual)?;
    if squares.is_ungrouped(graph) {
        return None;
    }
    let sum = squares.reduce(graph)?;
    let scale = graph.constant(term.coefficient.scale);
    Some(graph.binary(Binary::Multiply, scale, sum))
}

/// `(p, r)` where the factor is `p * r^2`.
fn precision_and_residual(graph: &mut Graph, factor: NodeId) -> Option<(Option<NodeId>, NodeId)> {
    match graph.node(factor).operation {
        Operation::Unary(Unary::Square, z) => match graph.node(z).operation {
            Operation::Binary(Binary::Divide, residual, scale) if !graph.is_known(scale) => {
                let variance = graph.unary(Unary::Square, scale);
                Some((Some(graph.unary(Unary::Reciprocal, variance)), residual))
            }
            _ => Some((None, z)),
        },
        Operation::Binary(Binary::Multiply, a, b) => match (&graph.node(a).operation, &graph.node(b).operation) {
            (_, Operation::Unary(Unary::Square, residual)) => Some((Some(a), *residual)),
            (Operation::Unary(Unary::Square, residual), _) => Some((Some(b), *residual)),
            _ => None,
        },
        Operation::Binary(Binary::Divide, a, b) => match graph.node(a).operation {
            Operation::Unary(Unary::Square, residual) => Some((Some(graph.unary(Unary::Reciprocal, b)), residual)),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::graph::{Binary, Graph, NodeId, Unary};
    use crate::rewrite::testing::{agree, evaluate, graph, run_only, widest};

    const POSITION: [f64; 10] = [0.5, -1.0, 0.25, 2.0, 1.5, -0.75, 0.125, 0.3, -0.4, 0.9];

    fn gathered(graph: &mut Graph, offset: usize, lanes: usize, index: &[u32]) -> NodeId {
        let effects = graph.position(offset, lanes);
        graph.gather(effects, index)
    }

    fn outcome(graph: &mut Graph, n: usize, mean: f64) -> NodeId {
        let y: Vec<f64> = (0..n).map(|i| mean + (i as f64 * 1.3).sin()).collect();
        graph.known(&y)
    }

    #[test]
    fn crossed_effects_cost_their_cells() {
        let mut graph = graph();
        let (g, t): (Vec<u32>, Vec<u32>) = ((0..120).map(|i| i % 3).collect(), (0..120).map(|i| i / 60).collect());
        let a = gathered(&mut graph, 0, 3, &g);
        let b = gathered(&mut graph, 3, 2, &t);
        let mu = graph.binary(Binary::Add, a, b);
        let y = outcome(&mut graph, 120, 0.0);
        let residual = graph.binary(Binary::Subtract, y, mu);
        let each = graph.unary(Unary::Square, residual);
        let result = graph.sum(each);
        let (old, new) = run_only("statistics", graph, result, 10);
        assert_eq!((widest(&old), widest(&new)), (120, 6));
        agree(&old, &new, &POSITION);
    }

    #[test]
    fn intercepts_and_slopes_by_group_with_a_shared_predictor() {
        let mut graph = graph();
        let n = 200;
        let g: Vec<u32> = (0..n as u32).map(|i| (i * i % 7) % 3).collect();
        let x: Vec<f64> = (0..n).map(|i| (i as f64 * 0.31).cos()).collect();
        let z: Vec<f64> = (0..n).map(|i| (i as f64 * 0.77).sin()).collect();
        let (a, slope) = (gathered(&mut graph, 0, 3, &g), gathered(&mut graph, 3, 3, &g));
        let (x, z, beta) = (graph.known(&x), graph.known(&z), graph.position(6, 1));
        let by_group = graph.binary(Binary::Multiply, x, slope);
        let shared = graph.binary(Binary::Multiply, z, beta);
        let mu = graph.binary(Binary::Add, a, by_group);
        let mu = graph.binary(Binary::Add, mu, shared);
        let y = outcome(&mut graph, n, 3.0);
        let residual = graph.binary(Binary::Subtract, y, mu);
        let each = graph.unary(Unary::Square, residual);
        let result = graph.sum(each);
        let (old, new) = run_only("statistics", graph, result, 10);
        assert_eq!((widest(&old), widest(&new)), (200, 6), "two rows a group");
        agree(&old, &new, &POSITION);
    }

    #[test]
    fn a_scale_by_group() {
        let mut graph = graph();
        let n = 60;
        let g: Vec<u32> = (0..n as u32).map(|i| i % 4).collect();
        let (mu, sigma) = (gathered(&mut graph, 0, 4, &g), gathered(&mut graph, 4, 4, &g));
        let sigma = graph.unary(Unary::Exp, sigma);
        let y = outcome(&mut graph, n, -1.0);
        let residual = graph.binary(Binary::Subtract, y, mu);
        let z = graph.binary(Binary::Divide, residual, sigma);
        let each = graph.unary(Unary::Square, z);
        let result = graph.sum(each);
        let (old, new) = run_only("statistics", graph, result, 10);
        assert_eq!((widest(&old), widest(&new)), (60, 4));
        agree(&old, &new, &POSITION);
    }

    #[test]
    fn outcomes_far_from_zero_keep_their_digits() {
        let mut graph = graph();
        let n = 3000;
        let g: Vec<u32> = (0..n as u32).map(|i| i % 7).collect();
        let mu = gathered(&mut graph, 0, 7, &g);
        let y = outcome(&mut graph, n, 1e6);
        let residual = graph.binary(Binary::Subtract, y, mu);
        let each = graph.unary(Unary::Square, residual);
        let result = graph.sum(each);
        let (old, new) = run_only("statistics", graph, result, 7);
        assert_eq!(widest(&new), 7);
        let near: Vec<f64> = POSITION[..7].iter().map(|x| 1e6 + 0.01 * x).collect();
        agree(&old, &new, &near);
        let ((_, a), (_, b)) = (evaluate(&old, &near), evaluate(&new, &near));
        a.iter().zip(b).for_each(|(a, b)| assert!((a - b).abs() <= 1e-10 * a.abs().max(1.0), "{a} {b}"));
    }
}
