//! Rows of a weighted sum of squares of linear predictors, and the graph of their sum.

use crate::graph::{Binary, Graph, NodeId, Unary};

use super::cells::{Leaf, leaves};
use super::sheets::{Sheet, sheets};
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
        let mut total = graph.constant(0.0);
        if self.lanes.is_empty() {
            return total;
        }
        let leaves = seen_leaves(graph, n_lanes, groups, precision);
        for sheet in sheets(graph, &leaves, n_lanes, &self.lanes) {
            let of_sheet = OfSheet { system: self, sheet: &sheet, n_lanes };
            let sum = of_sheet.sum(graph, groups, shared, precision);
            total = graph.binary(Binary::Add, total, sum);
        }
        total
    }

    /// True when the outcomes are so far from 0, beside how they differ, that their rounding errors would show.
    fn keeps_rests(&self) -> bool {
        let largest = self.outcome_rests.iter().fold(0.0, |largest: f64, rest| largest.max(rest.abs()));
        largest > NEGLIGIBLE * self.outcome_deviation
    }
}

/// The data in which rows differ in effects and precision; none where they depend on more than data.
fn seen_leaves(graph: &Graph, n_lanes: usize, groups: &[Group], precision: Option<NodeId>) -> Vec<Leaf> {
    let effects = groups.iter().flat_map(|group| group.effects.iter().map(|(_, node)| *node));
    let all: Option<Vec<Vec<Leaf>>> = effects.chain(precision).map(|node| leaves(graph, node, n_lanes)).collect();
    let mut all = all.unwrap_or_default().concat();
    all.sort_unstable();
    all.dedup();
    all
}

/// The rows of a sheet.
struct OfSheet<'a> {
    system: &'a System,
    sheet: &'a Sheet,
    /// The number of lanes of effects and precision.
    n_lanes: usize,
}

impl OfSheet<'_> {
    fn len(&self) -> usize {
        self.sheet.rows.len()
    }

    /// A column of numbers that the system has, row by row.
    fn known(&self, graph: &mut Graph, of_row: impl Fn(usize) -> f64) -> NodeId {
        let numbers: Vec<f64> = self.sheet.rows.iter().map(|row| of_row(row.number)).collect();
        graph.known(&numbers)
    }

    fn coefficient(&self, column: usize, row: usize) -> f64 {
        let width = self.system.n_groups + self.system.n_predictors;
        self.system.coefficients[row * width + column]
    }

    fn sum(&self, graph: &mut Graph, groups: &[Group], shared: &[NodeId], precision: Option<NodeId>) -> NodeId {
        // The outcome meets the effects first: where both are large, their difference is exact.
        let mut residual = self.known(graph, |row| self.system.outcomes[row]);
        for (i, group) in groups.iter().enumerate() {
            let effect = self.effect(graph, group);
            let coefficients = self.known(graph, |row| self.coefficient(i, row));
            let product = graph.binary(Binary::Multiply, coefficients, effect);
            residual = graph.binary(Binary::Add, residual, product);
        }
        residual = self.add_predictors(graph, shared, residual);
        if self.system.keeps_rests() {
            let rests = self.known(graph, |row| self.system.outcome_rests[row]);
            residual = graph.binary(Binary::Add, residual, rests);
        }
        let square = graph.unary(Unary::Square, residual);
        let weights = self.sheet.rows.iter().map(|row| if row.counts { self.system.weights[row.number] } else { 0.0 });
        let weights = graph.known(&weights.collect::<Vec<f64>>());
        let mut each = graph.binary(Binary::Multiply, weights, square);
        if let Some(precision) = precision {
            let precision = self.sheet.view.of(graph, precision, self.n_lanes);
            each = graph.binary(Binary::Multiply, precision, each);
        }
        graph.sum_over(each, self.len())
    }

    fn effect(&self, graph: &mut Graph, group: &Group) -> NodeId {
        let mut sum = graph.constant(0.0);
        for (scale, node) in &group.effects {
            let effect = self.sheet.view.of(graph, *node, self.n_lanes);
            let scale = graph.constant(*scale);
            let scaled = graph.binary(Binary::Multiply, scale, effect);
            sum = graph.binary(Binary::Add, sum, scaled);
        }
        sum
    }

    fn add_predictors(&self, graph: &mut Graph, shared: &[NodeId], residual: NodeId) -> NodeId {
        let columns: Vec<Vec<f64>> = (0..self.system.n_predictors)
            .map(|i| self.system.n_groups + i)
            .map(|column| self.sheet.rows.iter().map(|row| self.coefficient(column, row.number)).collect())
            .collect();
        if columns.len() > MAX_SEPARATE {
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
}
