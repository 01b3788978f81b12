//! Columns as sums of terms, each a known coefficient times a factor.

use std::collections::HashSet;
use std::sync::Arc;

use crate::graph::{Binary, Graph, NodeId, Operation, Unary};

/// Sums of more terms are not taken apart further.
const MAX_TERMS: usize = 256;

/// A sum that occurs in others, as in the rows of a triangular system, is taken apart for each; so often at most, since the
/// terms double with each row.
const MAX_REPEATS: usize = 32;

/// A known number a lane: a number times a column of ones or of others.
#[derive(Clone, Debug)]
pub(super) struct Coefficient {
    pub(super) scale: f64,
    /// `None` for ones.
    pub(super) column: Option<Arc<[f64]>>,
}

impl Coefficient {
    pub(super) const ONE: Coefficient = Coefficient { scale: 1.0, column: None };

    fn scaled(&self, scale: f64) -> Coefficient {
        Coefficient { scale: self.scale * scale, column: self.column.clone() }
    }

    fn times(&self, column: &Arc<[f64]>) -> Coefficient {
        if let [value] = column[..] {
            return self.scaled(value);
        }
        let product = match &self.column {
            None => Arc::clone(column),
            Some(own) => own.iter().zip(column.iter()).map(|(a, b)| a * b).collect(),
        };
        Coefficient { scale: self.scale, column: Some(product) }
    }

    /// The number in a lane.
    #[inline]
    pub(super) fn at(&self, lane: usize) -> f64 {
        self.column.as_ref().map_or(self.scale, |column| self.scale * column[lane])
    }

    /// The sum over all lanes.
    pub(super) fn total(&self, lanes: usize) -> f64 {
        self.scale * self.column.as_ref().map_or(lanes as f64, |column| column.iter().sum())
    }

    /// As a node: one lane for a column of ones.
    fn node(&self, graph: &mut Graph) -> NodeId {
        match &self.column {
            None => graph.constant(self.scale),
            Some(column) if self.scale == 1.0 => graph.known(column),
            Some(column) => {
                let scaled: Vec<f64> = column.iter().map(|x| self.scale * x).collect();
                graph.known(&scaled)
            }
        }
    }
}

/// A term of a column: coefficient times scale times factor.
#[derive(Clone, Debug)]
pub(super) struct Term {
    pub(super) coefficient: Coefficient,
    /// A node of one lane; `None` for 1.
    pub(super) scale: Option<NodeId>,
    /// The constant 1, another node of one lane, or a column.
    pub(super) factor: NodeId,
}

impl Term {
    /// `x` times the term's scale.
    pub(super) fn scaled(&self, graph: &mut Graph, x: NodeId) -> NodeId {
        self.scale.map_or(x, |scale| graph.binary(Binary::Multiply, scale, x))
    }

    /// The term as a node again.
    pub(super) fn node(&self, graph: &mut Graph) -> NodeId {
        let scaled = self.scaled(graph, self.factor);
        self.node_of(graph, scaled)
    }

    /// `x` times the term's coefficient.
    pub(super) fn node_of(&self, graph: &mut Graph, x: NodeId) -> NodeId {
        let coefficient = self.coefficient.node(graph);
        graph.binary(Binary::Multiply, coefficient, x)
    }

    /// The factor with the scale in it, applied to as few lanes as can be.
    pub(super) fn whole_factor(&self, graph: &mut Graph) -> NodeId {
        let Some(scale) = self.scale else { return self.factor };
        match graph.node(self.factor).operation {
            Operation::Gather(x, index) if graph.lanes(x) < graph.lanes(self.factor) => {
                let scaled = graph.binary(Binary::Multiply, scale, x);
                graph.gather_at(scaled, index)
            }
            Operation::KnownMatrixVector(matrix, x) => {
                let lanes = graph.lanes(self.factor);
                let scaled = graph.binary(Binary::Multiply, scale, x);
                graph.rebuild(Operation::KnownMatrixVector(matrix, scaled), lanes)
            }
            _ => graph.binary(Binary::Multiply, scale, self.factor),
        }
    }
}

/// The terms that add up to `x`.
pub(super) fn of_sum(graph: &mut Graph, x: NodeId) -> Vec<Term> {
    let mut sum = Sum { graph, terms: Vec::new(), seen: HashSet::new(), n_repeats: 0 };
    sum.collect(x, Coefficient::ONE, None);
    sum.terms
}

/// A sum that is being taken apart.
struct Sum<'a> {
    graph: &'a mut Graph,
    terms: Vec<Term>,
    /// Columns that were taken apart.
    seen: HashSet<NodeId>,
    /// How often that was done again.
    n_repeats: usize,
}

impl Sum<'_> {
    /// True for what stays a factor.
    fn is_leaf(&mut self, x: NodeId) -> bool {
        if self.graph.lanes(x) == 1 || self.terms.len() >= MAX_TERMS {
            return true;
        }
        let is_new = self.seen.insert(x);
        self.n_repeats += usize::from(!is_new);
        !is_new && self.n_repeats > MAX_REPEATS
    }

    fn collect(&mut self, x: NodeId, k: Coefficient, scale: Option<NodeId>) {
        if let Some(column) = self.graph.known_column(x) {
            let factor = self.graph.constant(1.0);
            self.terms.push(Term { coefficient: k.times(&column), scale, factor });
            return;
        }
        let leaf = Term { coefficient: k.clone(), scale, factor: x };
        if self.is_leaf(x) {
            self.terms.push(leaf);
            return;
        }
        match self.graph.node(x).operation {
            Operation::Unary(Unary::Negate, a) => self.collect(a, k.scaled(-1.0), scale),
            Operation::Binary(Binary::Add, a, b) => {
                self.collect(a, k.clone(), scale);
                self.collect(b, k, scale);
            }
            Operation::Binary(Binary::Subtract, a, b) => {
                self.collect(a, k.clone(), scale);
                self.collect(b, k.scaled(-1.0), scale);
            }
            Operation::Binary(Binary::Multiply, a, b) => self.product((a, b), leaf),
            Operation::Binary(Binary::Divide, a, b) => match self.graph.known_column(b) {
                Some(column) if column.iter().all(|x| x.is_normal()) => {
                    let reciprocal: Arc<[f64]> = column.iter().map(|x| 1.0 / x).collect();
                    self.collect(a, k.times(&reciprocal), scale);
                }
                _ => self.terms.push(leaf),
            },
            _ => self.terms.push(leaf),
        }
    }

    /// A product, of which one factor may go to the coefficient or the scale.
    fn product(&mut self, (a, b): (NodeId, NodeId), leaf: Term) {
        match (self.graph.known_column(a), self.graph.lanes(a), self.graph.lanes(b)) {
            // Construction puts what is known first.
            (Some(column), _, _) => self.collect(b, leaf.coefficient.times(&column), leaf.scale),
            (None, 1, _) => {
                let scale = leaf.scaled(self.graph, a);
                self.collect(b, leaf.coefficient, Some(scale));
            }
            (None, _, 1) => {
                let scale = leaf.scaled(self.graph, b);
                self.collect(a, leaf.coefficient, Some(scale));
            }
            _ => self.terms.push(leaf),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rewrite::testing::graph;

    #[test]
    fn the_terms_of_a_triangular_system_do_not_double_with_each_row() {
        let mut graph = graph();
        let weight = graph.position(0, 1);
        let mut rows: Vec<NodeId> = Vec::new();
        for row in 0..20 {
            let known: Vec<f64> = (0..30).map(|i| f64::from(i * row).sin()).collect();
            let mut sum = graph.known(&known);
            for earlier in &rows {
                let product = graph.binary(Binary::Multiply, weight, *earlier);
                sum = graph.binary(Binary::Subtract, sum, product);
            }
            rows.push(sum);
        }
        let n_terms: Vec<usize> = rows.iter().map(|row| of_sum(&mut graph, *row).len()).collect();
        assert_eq!(n_terms[..4], [1, 2, 4, 8], "few rows fall apart");
        assert!(n_terms[19] < MAX_TERMS, "{n_terms:?}");
    }
}
