//! Rows of a weighted sum of squares of linear predictors, and the graph of their sum.

use crate::graph::{Binary, Graph, NodeId, Unary};

use super::cells::at_lanes;
use super::squares::Group;

/// With at most so many predictors, each is a product of its own, which joins the map of the residual; with more, they are
/// one product of a matrix and a vector.
const MAX_SEPARATE: usize = 3;

/// How large the rounding error of an outcome may be, in standard deviations of outcomes, before it is carried along.
const NEGLIGIBLE: f64 = 1e-14;

/// Rows: effects, predictors, outcome.
pub(super) struct System {
    n_groups: usize,
    n_predictors: usize,
    /// The standard deviation of the outcomes that the rows stand for.
    outcome_deviation: f64,
    /// The lane at which each row sees effects and precision.
    lanes: Vec<u32>,
    weights: Vec<f64>,
    /// Row by row, without the outcome.
    coefficients: Vec<f64>,
    outcomes: Vec<f64>,
    /// What is lost when an outcome is rounded.
    outcome_rests: Vec<f64>,
}

impl System {
    pub(super) fn new(n_groups: usize, n_predictors: usize, outcome_deviation: f64) -> Self {
        let (lanes, weights, coefficients) = (Vec::new(), Vec::new(), Vec::new());
        let (outcomes, outcome_rests) = (Vec::new(), Vec::new());
        System { n_groups, n_predictors, outcome_deviation, lanes, weights, coefficients, outcomes, outcome_rests }
    }

    pub(super) fn len(&self) -> usize {
        self.lanes.len()
    }

    pub(super) fn push(&mut self, lane: u32, weight: f64, row: &[f64], outcome_rest: f64) {
        let (outcome, coefficients) = row.split_last().unwrap_or((&0.0, &[]));
        self.lanes.push(lane);
        self.weights.push(weight);
        self.coefficients.extend_from_slice(coefficients);
        self.outcomes.push(*outcome);
        self.outcome_rests.push(outcome_rest);
    }

    /// Rows of another system with the same predictors and no effects.
    pub(super) fn append(&mut self, other: &System) {
        for i in 0..other.len() {
            self.lanes.push(0);
            self.weights.push(other.weights[i]);
            self.coefficients.extend(std::iter::repeat_n(0.0, self.n_groups));
            self.coefficients.extend_from_slice(&other.coefficients[i * other.n_predictors..][..other.n_predictors]);
            self.outcomes.push(other.outcomes[i]);
            self.outcome_rests.push(other.outcome_rests[i]);
        }
    }

    fn column(&self, column: usize) -> Vec<f64> {
        let width = self.n_groups + self.n_predictors;
        self.coefficients.iter().skip(column).step_by(width.max(1)).copied().collect()
    }

    /// `sum of weight * precision * (effects + predictors + outcome)^2`. Effects and precision are columns of `n_lanes`
    /// lanes, or of one.
    pub(super) fn sum(
        &self,
        graph: &mut Graph,
        n_lanes: usize,
        groups: &[Group],
        shared: &[NodeId],
        precision: Option<NodeId>,
    ) -> NodeId {
        if self.lanes.is_empty() {
            return graph.constant(0.0);
        }
        // The outcome meets the effects first: where both are large, their difference is exact.
        let mut residual = graph.known(&self.outcomes);
        for (i, group) in groups.iter().enumerate() {
            let effect = self.effect(graph, n_lanes, group);
            let coefficients = graph.known(&self.column(i));
            let product = graph.binary(Binary::Multiply, coefficients, effect);
            residual = graph.binary(Binary::Add, residual, product);
        }
        residual = self.add_predictors(graph, shared, residual);
        if self.keeps_rests() {
            let rests = graph.known(&self.outcome_rests);
            residual = graph.binary(Binary::Add, residual, rests);
        }
        let square = graph.unary(Unary::Square, residual);
        let weights = graph.known(&self.weights);
        let mut each = graph.binary(Binary::Multiply, weights, square);
        if let Some(precision) = precision {
            let precision = at_lanes(graph, precision, n_lanes, &self.lanes);
            each = graph.binary(Binary::Multiply, precision, each);
        }
        graph.sum_over(each, self.len())
    }

    fn effect(&self, graph: &mut Graph, n_lanes: usize, group: &Group) -> NodeId {
        let mut sum = graph.constant(0.0);
        for (scale, node) in &group.effects {
            let effect = at_lanes(graph, *node, n_lanes, &self.lanes);
            let scale = graph.constant(*scale);
            let scaled = graph.binary(Binary::Multiply, scale, effect);
            sum = graph.binary(Binary::Add, sum, scaled);
        }
        sum
    }

    fn add_predictors(&self, graph: &mut Graph, shared: &[NodeId], residual: NodeId) -> NodeId {
        let columns: Vec<Vec<f64>> = (0..self.n_predictors).map(|i| self.column(self.n_groups + i)).collect();
        if self.n_predictors > MAX_SEPARATE {
            let matrix = columns.concat();
            let all = graph.concatenate(shared);
            let product = graph.known_matrix_vector(&matrix, self.len(), all);
            return graph.binary(Binary::Add, residual, product);
        }
        let mut residual = residual;
        let mut columns = columns.iter();
        for node in shared {
            for lane in 0..graph.lanes(*node) as u32 {
                let one = graph.gather(*node, &[lane]);
                let column = columns.next().map_or_else(Vec::new, Clone::clone);
                if column.iter().all(|x| *x == 0.0) {
                    continue;
                }
                let column = graph.known(&column);
                let product = graph.binary(Binary::Multiply, column, one);
                residual = graph.binary(Binary::Add, residual, product);
            }
        }
        residual
    }

    /// True when the outcomes are so far from 0, beside how they differ, that their rounding errors would show.
    fn keeps_rests(&self) -> bool {
        let largest = self.outcome_rests.iter().fold(0.0, |largest: f64, rest| largest.max(rest.abs()));
        largest > NEGLIGIBLE * self.outcome_deviation
    }
}
