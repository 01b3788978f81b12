//! Sums of squares of linear predictors, brought to fewer rows: what [`super::gram`] and [`super::statistics`] share.
//!
//! A residual is `r = sum_t k_t s_t[i_t] + X b + y` with known `k_t`, `X`, `y`. Lanes that agree in all positions `i_t` (and
//! in a precision `w` by group) form a cell, within which the residual is `K s`, `K` a known matrix with a column a term and
//! the outcome last. Any matrix `R` with `R'R = K'K` gives the same sum of squares. It is found in two steps:
//!
//! 1. The effects by group are eliminated in each cell. For a coefficient of ones this is the law of between and within,
//!    `sum_i (y_i + a)^2 = n (mean(y) + a)^2 + sum_i (y_i - mean(y))^2`, applied to every column; for other coefficients, a
//!    Householder reflection. Each effect leaves one row of the cell.
//! 2. What is left knows no groups and is pooled over all cells; its triangular factor has a row a predictor, and a last
//!    one of the outcome alone, which is a constant.
//!
//! Nothing is squared before it is centred or reflected, so that no digits are lost.

use std::sync::Arc;

use crate::graph::{Graph, NodeId, Operation};

use super::Term;
use super::cells::{Cells, Leaf, leaves};
use super::householder::{Triangle, echelon};
use super::rewriter::worthwhile;
use super::system::System;
use super::terms::{self, Coefficient};

/// Multiplications that preparing one sum may take: a fraction of a second.
const MAX_MULTIPLICATIONS: usize = 400_000_000;

/// The largest mean of a known column, in its standard deviations: rounding errors of 1e-16 then stay below 1e-12.
const MAX_OFFSET: f64 = 1e4;

/// A sum of squares of lanes, weighted and by parts.
pub(super) struct Squares {
    lanes: usize,
    /// A known weight of each lane.
    weight: Coefficient,
    /// A factor of each lane's square, constant in cells.
    precision: Option<NodeId>,
    /// Effects by group.
    pub(super) groups: Vec<Group>,
    /// Coefficients of what all lanes share.
    predictors: Vec<Predictor>,
    /// What all lanes share: as many lanes in all as there are predictors.
    shared: Vec<NodeId>,
    /// The known part.
    outcome: Vec<f64>,
}

/// Effects with one coefficient: `column .* (sum of scale * node)`.
pub(super) struct Group {
    pub(super) column: Option<Arc<[f64]>>,
    pub(super) effects: Vec<(f64, NodeId)>,
}

/// A known column: a coefficient, times a column of a matrix that starts at an offset.
struct Predictor {
    coefficient: Coefficient,
    matrix: Option<(Arc<[f64]>, usize)>,
}

impl Predictor {
    #[inline]
    fn at(&self, lane: usize) -> f64 {
        let k = self.coefficient.at(lane);
        self.matrix.as_ref().map_or(k, |(numbers, start)| k * numbers[start + lane])
    }

    fn is_constant(&self, lanes: usize) -> bool {
        match (&self.coefficient.column, &self.matrix) {
            (None, None) => true,
            (None, Some((numbers, start))) => {
                let column = &numbers[*start..start + lanes];
                column[0] != 0.0 && column.iter().all(|x| *x == column[0])
            }
            _ => false,
        }
    }
}

impl Squares {
    /// The parts of `weight .* precision .* residual^2`.
    pub(super) fn new(
        graph: &mut Graph,
        weight: &Coefficient,
        precision: Option<NodeId>,
        residual: NodeId,
    ) -> Option<Squares> {
        let lanes = graph.lanes(residual);
        let unscaled = Coefficient { scale: 1.0, column: weight.column.clone() };
        if unscaled.column.as_ref().is_some_and(|column| column.iter().any(|x| !(*x >= 0.0 && x.is_finite()))) {
            return None;
        }
        let outcome = vec![0.0; lanes];
        let mut squares = Squares {
            lanes,
            weight: unscaled,
            precision,
            groups: Vec::new(),
            predictors: Vec::new(),
            shared: Vec::new(),
            outcome,
        };
        for term in terms::of_sum(graph, residual) {
            squares.add(graph, &term);
        }
        squares.single_out_intercept(graph);
        let columns = squares.groups.len() + squares.predictors.len() + 1;
        let is_affordable = lanes.saturating_mul(columns * columns) <= MAX_MULTIPLICATIONS;
        (is_affordable && squares.is_well_centred()).then_some(squares)
    }

    /// False when a known column is so far from zero, beside its spread, that the products with it round away the digits
    /// in which rows differ. Row by row these errors average out; in a row that stands for all of them they would not.
    /// Outcomes may be anywhere where there is an intercept, as their means keep what is lost in rounding.
    fn is_well_centred(&self) -> bool {
        let has_intercept = self.groups.first().is_some_and(|group| group.column.is_none());
        (has_intercept || is_centred(self.lanes, |lane| self.outcome[lane]))
            && self.predictors.iter().all(|predictor| is_centred(self.lanes, |lane| predictor.at(lane)))
            && self
                .groups
                .iter()
                .filter_map(|group| group.column.as_ref())
                .all(|k| is_centred(self.lanes, |lane| k[lane]))
    }

    /// True when no part belongs to groups of lanes.
    pub(super) fn is_ungrouped(&self, graph: &Graph) -> bool {
        let mut effects = self.groups.iter().flat_map(|group| &group.effects);
        self.precision.is_none() && effects.all(|(_, node)| graph.lanes(*node) == 1)
    }

    fn add(&mut self, graph: &mut Graph, term: &Term) {
        let factor = term.whole_factor(graph);
        if let Some(value) = graph.constant_value(factor) {
            let numbers = self.outcome.iter_mut().enumerate();
            numbers.for_each(|(lane, y)| *y += value * term.coefficient.at(lane));
        } else if graph.lanes(factor) == 1 {
            self.predictors.push(Predictor { coefficient: term.coefficient.clone(), matrix: None });
            self.shared.push(factor);
        } else if let Operation::KnownMatrixVector(matrix, x) = graph.node(factor).operation {
            let numbers = Arc::clone(graph.columns.numbers(matrix));
            for column in 0..graph.lanes(x) {
                let matrix = Some((Arc::clone(&numbers), column * self.lanes));
                self.predictors.push(Predictor { coefficient: term.coefficient.clone(), matrix });
            }
            self.shared.push(x);
        } else {
            self.add_effect(&term.coefficient, factor);
        }
    }

    fn add_effect(&mut self, coefficient: &Coefficient, node: NodeId) {
        let same = |group: &&mut Group| match (&group.column, &coefficient.column) {
            (None, None) => true,
            (Some(a), Some(b)) => Arc::ptr_eq(a, b) || a == b,
            _ => false,
        };
        let effect = (coefficient.scale, node);
        match self.groups.iter_mut().find(same) {
            Some(group) => group.effects.push(effect),
            None => self.groups.push(Group { column: coefficient.column.clone(), effects: vec![effect] }),
        }
        // Ones first: all other columns are then centred before they are reflected.
        self.groups.sort_by_key(|group| group.column.is_some());
    }

    /// Makes what has a constant coefficient an effect, of the only cell or along with the effects by group: it is then
    /// eliminated by centring.
    fn single_out_intercept(&mut self, graph: &mut Graph) {
        if self.groups.first().is_some_and(|group| group.column.is_some()) {
            return;
        }
        let mut start = 0;
        for part in 0..self.shared.len() {
            let node = self.shared[part];
            let n = graph.lanes(node);
            let found = (start..start + n).find(|i| self.predictors[*i].is_constant(self.lanes));
            if let Some(i) = found.filter(|_| n == 1 || self.groups.is_empty()) {
                let scale = self.predictors[i].at(0);
                let within = (i - start) as u32;
                let intercept = graph.gather(node, &[within]);
                let others: Vec<u32> = (0..n as u32).filter(|k| *k != within).collect();
                self.predictors.remove(i);
                self.shared.remove(part);
                if !others.is_empty() {
                    let rest = graph.gather(node, &others);
                    self.shared.insert(part, rest);
                }
                self.add_effect(&Coefficient { scale, column: None }, intercept);
                return self.single_out_intercept(graph);
            }
            start += n;
        }
    }

    /// The sum, if it has fewer rows.
    pub(super) fn reduce(&self, graph: &mut Graph) -> Option<NodeId> {
        let limit = worthwhile(self.lanes);
        let cells = self.cells(graph, limit)?;
        let (_, deviation) = mean_and_deviation(self.lanes, |lane| self.outcome[lane]);
        let mut reduction = Reduction {
            squares: self,
            system: System::new(self.groups.len(), self.predictors.len(), deviation),
            pool: Triangle::new(self.predictors.len() + 1),
            constant: 0.0,
            constants: vec![0.0; if self.precision.is_some() { cells.count() } else { 0 }],
            scratch: Vec::new(),
        };
        let (order, starts) = by_cell(&cells);
        for cell in 0..cells.count() {
            reduction.cell(cell, &order[starts[cell] as usize..starts[cell + 1] as usize]);
            if reduction.system.len() > limit {
                return None;
            }
        }
        reduction.finish(graph, &cells, limit)
    }

    fn cells(&self, graph: &Graph, limit: usize) -> Option<Cells> {
        let mut all: Vec<Leaf> = Vec::new();
        let effects = self.groups.iter().flat_map(|group| group.effects.iter().map(|(_, node)| *node));
        for node in effects.chain(self.precision) {
            all.extend(leaves(graph, node, self.lanes)?);
        }
        all.sort_unstable();
        all.dedup();
        Cells::find(graph, &all, self.lanes, limit)
    }
}

/// Mean and standard deviation.
fn mean_and_deviation(lanes: usize, x: impl Fn(usize) -> f64) -> (f64, f64) {
    let first = x(0);
    let (mut sum, mut squares) = (0.0, 0.0);
    for lane in 0..lanes {
        let deviation = x(lane) - first;
        sum += deviation;
        squares += deviation * deviation;
    }
    let mean = sum / lanes as f64;
    (first + mean, (squares / lanes as f64 - mean * mean).max(0.0).sqrt())
}

/// True unless the mean exceeds [`MAX_OFFSET`] standard deviations; a constant is centred.
fn is_centred(lanes: usize, x: impl Fn(usize) -> f64) -> bool {
    let (mean, deviation) = mean_and_deviation(lanes, x);
    deviation == 0.0 || mean.abs() <= MAX_OFFSET * deviation
}

/// The lanes cell by cell, and where each cell's begin.
fn by_cell(cells: &Cells) -> (Vec<u32>, Vec<u32>) {
    let mut starts = vec![0u32; cells.count() + 1];
    cells.of.iter().for_each(|cell| starts[*cell as usize + 1] += 1);
    for cell in 0..cells.count() {
        starts[cell + 1] += starts[cell];
    }
    let mut next = starts.clone();
    let mut order = vec![0u32; cells.of.len()];
    for (lane, cell) in (0..).zip(&cells.of) {
        let place = &mut next[*cell as usize];
        order[*place as usize] = lane;
        *place += 1;
    }
    (order, starts)
}

/// The work on one sum. Rows are laid out as effects, predictors, outcome.
struct Reduction<'a> {
    squares: &'a Squares,
    system: System,
    pool: Triangle,
    /// Squares of the outcome alone.
    constant: f64,
    /// The same, cell by cell, where cells have a precision.
    constants: Vec<f64>,
    scratch: Vec<f64>,
}

impl Reduction<'_> {
    fn n_groups(&self) -> usize {
        self.squares.groups.len()
    }

    fn n_columns(&self) -> usize {
        self.n_groups() + self.squares.predictors.len() + 1
    }

    fn fill(&self, lane: usize, row: &mut [f64]) {
        let squares = self.squares;
        let (effects, rest) = row.split_at_mut(self.n_groups());
        let effect_columns = squares.groups.iter().map(|group| group.column.as_ref().map_or(1.0, |k| k[lane]));
        effects.iter_mut().zip(effect_columns).for_each(|(x, k)| *x = k);
        rest.iter_mut().zip(&squares.predictors).for_each(|(x, predictor)| *x = predictor.at(lane));
        row[row.len() - 1] = squares.outcome[lane];
    }

    fn cell(&mut self, cell: usize, lanes: &[u32]) {
        let (n_columns, n_groups) = (self.n_columns(), self.n_groups());
        let mut row = std::mem::take(&mut self.scratch);
        row.resize(n_columns, 0.0);
        if lanes.len() <= n_groups.max(1) {
            for lane in lanes {
                self.fill(*lane as usize, &mut row);
                self.system.push(lanes[0], self.squares.weight.at(*lane as usize), &row, 0.0);
            }
        } else if self.squares.groups.first().is_some_and(|group| group.column.is_none()) {
            self.centred(cell, lanes, &mut row);
        } else {
            let zeros = vec![0.0; n_columns];
            self.within(cell, lanes, &zeros, 0.0, &mut row);
        }
        self.scratch = row;
    }

    /// Eliminates the effects whose coefficient is one.
    fn centred(&mut self, cell: usize, lanes: &[u32], row: &mut [f64]) {
        let n_columns = row.len();
        let mut first = vec![0.0; n_columns];
        self.fill(lanes[0] as usize, &mut first);
        // Means as the first lane plus the mean deviation from it: columns that are constant in the cell stay exact.
        let (mut total, mut means) = (0.0, vec![0.0; n_columns]);
        for lane in lanes {
            let weight = self.squares.weight.at(*lane as usize);
            self.fill(*lane as usize, row);
            total += weight;
            means.iter_mut().zip(row.iter().zip(&first)).for_each(|(sum, (x, first))| *sum += weight * (x - first));
        }
        if total <= 0.0 {
            return;
        }
        let mut outcome_rest = 0.0;
        for (column, (mean, first)) in means.iter_mut().zip(&first).enumerate() {
            let deviation = *mean / total;
            *mean = first + deviation;
            if column == n_columns - 1 {
                outcome_rest = (first - *mean) + deviation;
            }
        }
        self.system.push(lanes[0], total, &means, outcome_rest);
        self.within(cell, lanes, &means, outcome_rest, row);
    }

    /// What is left of a cell's lanes when their means are taken off.
    fn within(&mut self, cell: usize, lanes: &[u32], means: &[f64], outcome_rest: f64, row: &mut [f64]) {
        let (n_columns, n_groups) = (row.len(), self.n_groups());
        let is_streamed =
            self.squares.precision.is_none() && self.squares.groups.iter().all(|group| group.column.is_none());
        let mut matrix = Vec::new();
        for lane in lanes {
            let root = self.squares.weight.at(*lane as usize).sqrt();
            self.fill(*lane as usize, row);
            row.iter_mut().zip(means).for_each(|(x, mean)| *x = root * (*x - mean));
            row[n_columns - 1] -= root * outcome_rest;
            if is_streamed {
                self.pool_row(&row[n_groups..]);
            } else {
                matrix.extend_from_slice(row);
            }
        }
        if is_streamed {
            return;
        }
        // In a cell with a precision of its own nothing can be pooled.
        let has_precision = self.squares.precision.is_some();
        let n_pivots = if has_precision { n_columns - 1 } else { n_groups };
        let rank = echelon(&mut matrix, n_columns, n_pivots);
        for (i, row) in matrix.chunks_exact(n_columns).enumerate() {
            if i < rank {
                self.system.push(lanes[0], 1.0, row, 0.0);
            } else if has_precision {
                self.constants[cell] += row[n_columns - 1].powi(2);
            } else {
                self.pool_row(&row[n_groups..]);
            }
        }
    }

    fn pool_row(&mut self, row: &[f64]) {
        if let [outcome] = row {
            self.constant += outcome * outcome;
        } else {
            self.pool.push(row);
        }
    }

    fn finish(mut self, graph: &mut Graph, cells: &Cells, limit: usize) -> Option<NodeId> {
        let n_predictors = self.squares.predictors.len();
        let mut pooled = System::new(0, n_predictors, 0.0);
        for row in self.pool.take().chunks_exact(n_predictors + 1) {
            if row[..n_predictors].iter().all(|x| *x == 0.0) {
                self.constant += row[n_predictors].powi(2);
            } else {
                pooled.push(0, 1.0, row, 0.0);
            }
        }
        if self.system.len() + pooled.len() > limit {
            return None;
        }
        let squares = self.squares;
        // The rows of an only cell go along with those that are pooled.
        let is_one = squares.groups.iter().flat_map(|group| &group.effects).all(|(_, node)| graph.lanes(*node) == 1);
        if is_one && squares.precision.is_none() {
            self.system.append(&pooled);
            pooled = System::new(0, n_predictors, 0.0);
        }
        let lanes = squares.lanes;
        let between = self.system.sum(graph, lanes, &squares.groups, &squares.shared, squares.precision);
        let within = pooled.sum(graph, lanes, &[], &squares.shared, None);
        let mut total = graph.binary(crate::graph::Binary::Add, between, within);
        if let Some(precision) = squares.precision {
            let weights = graph.known(&self.constants);
            let each = cells.at(graph, precision);
            let weighted = graph.binary(crate::graph::Binary::Multiply, weights, each);
            let sum = graph.sum(weighted);
            total = graph.binary(crate::graph::Binary::Add, total, sum);
        }
        let constant = graph.constant(self.constant);
        Some(graph.binary(crate::graph::Binary::Add, constant, total))
    }
}
