//! Columns as sums of terms, each a known coefficient times a factor.

use std::sync::Arc;

use crate::graph::{Binary, Graph, NodeId, Operation, Unary};

/// Sums of more terms are not taken apart further.
const MAX_TERMS: usize = 256;

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
    let mut terms = Vec::new();
    collect(graph, x, Coefficient::ONE, None, &mut terms);
    terms
}

fn collect(graph: &mut Graph, x: NodeId, k: Coefficient, scale: Option<NodeId>, terms: &mut Vec<Term>) {
    if let Some(column) = graph.known_column(x) {
        let factor = graph.constant(1.0);
        terms.push(Term { coefficient: k.times(&column), scale, factor });
        return;
    }
    let leaf = Term { coefficient: k.clone(), scale, factor: x };
    if graph.lanes(x) == 1 || terms.len() >= MAX_TERMS {
        terms.push(leaf);
        return;
    }
    match graph.node(x).operation {
        Operation::Unary(Unary::Negate, a) => collect(graph, a, k.scaled(-1.0), scale, terms),
        Operation::Binary(Binary::Add, a, b) => {
            collect(graph, a, k.clone(), scale, terms);
            collect(graph, b, k, scale, terms);
        }
        Operation::Binary(Binary::Subtract, a, b) => {
            collect(graph, a, k.clone(), scale, terms);
            collect(graph, b, k.scaled(-1.0), scale, terms);
        }
        Operation::Binary(Binary::Multiply, a, b) => match (graph.known_column(a), graph.lanes(a), graph.lanes(b)) {
            // Construction puts what is known first.
            (Some(column), _, _) => collect(graph, b, k.times(&column), scale, terms),
            (None, 1, _) => {
                let scale = scale.map_or(a, |scale| graph.binary(Binary::Multiply, scale, a));
                collect(graph, b, k, Some(scale), terms);
            }
            (None, _, 1) => {
                let scale = scale.map_or(b, |scale| graph.binary(Binary::Multiply, scale, b));
                collect(graph, a, k, Some(scale), terms);
            }
            _ => terms.push(leaf),
        },
        Operation::Binary(Binary::Divide, a, b) => match graph.known_column(b) {
            Some(column) if column.iter().all(|x| x.is_normal()) => {
                let reciprocal: Arc<[f64]> = column.iter().map(|x| 1.0 / x).collect();
                collect(graph, a, k.times(&reciprocal), scale, terms);
            }
            _ => terms.push(leaf),
        },
        _ => terms.push(leaf),
    }
}
