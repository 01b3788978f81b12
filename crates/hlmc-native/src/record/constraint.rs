//! Constraints of whole vectors and matrices as nodes: constrained values, with their log Jacobians among the terms.
//!
//! Each is that of `hlmc_math::constraints`, written with operations of the graph as far as these are enough. The vectors
//! of an array are recorded together, see `by_entry`.

mod by_entry;

use std::f64::consts::LN_2;

use hlmc_builtins::table::Domain;
use hlmc_check::ir::Transform;

use super::Recorder;
use super::algebra::Factor;
use super::stop::{Recorded, unsupported};
use crate::graph::{Binary, NodeId, Unary};
use crate::linear::constraint::{CorrelationFactor, SumToZero};
use crate::linear::reduction::{CumulativeSum, LogSumExp};

impl Recorder<'_> {
    fn number_times(&mut self, factor: f64, x: NodeId) -> NodeId {
        let factor = self.graph.constant(factor);
        self.graph.binary(Binary::Multiply, factor, x)
    }

    fn known_or_empty(&mut self, size: usize) -> NodeId {
        self.graph.known(&vec![0.0; size])
    }

    /// Running sums of `u[1], exp(u[2]), exp(u[3]), ...`; all of them exponentials if the values are positive.
    pub(super) fn ordered(&mut self, u: NodeId, is_positive: bool) -> Recorded<NodeId> {
        let size = self.graph.lanes(u);
        if size == 0 || size == 1 && !is_positive {
            return Ok(u);
        }
        let first = if is_positive { 0 } else { 1 };
        let rest: Vec<u32> = (first..size as u32).collect();
        let rest = self.graph.gather(u, &rest);
        let jacobian = self.graph.sum(rest);
        self.add_term(jacobian);
        let mut steps = self.graph.unary(Unary::Exp, rest);
        if !is_positive {
            let head = self.head(u, 1);
            steps = self.graph.concatenate(&[head, steps]);
        }
        self.whole_of_one(CumulativeSum, steps, size)
    }

    /// A vector of sum 0.
    pub(super) fn sum_to_zero(&mut self, u: NodeId, size: usize) -> Recorded<NodeId> {
        if size <= 1 {
            return Ok(self.known_or_empty(size));
        }
        self.whole_of_one(SumToZero, u, size)
    }

    /// A matrix whose columns and rows sum to 0.
    pub(super) fn sum_to_zero_matrix(&mut self, u: NodeId, rows: usize, cols: usize) -> Recorded<NodeId> {
        if rows <= 1 || cols <= 1 {
            return Ok(self.known_or_empty(rows * cols));
        }
        // Columns of coordinates become columns of sum 0, and then their rows rows of sum 0.
        let by_column = self.each_part(u, (cols - 1, rows - 1), |r, part| r.sum_to_zero(part, rows))?;
        let rows_together = self.transpose(by_column, rows);
        let by_row = self.each_part(rows_together, (rows, cols - 1), |r, part| r.sum_to_zero(part, cols))?;
        Ok(self.transpose(by_row, cols))
    }

    /// `f` of each of `n` parts of so many lanes, concatenated.
    pub(super) fn each_part(
        &mut self,
        x: NodeId,
        (n, length): (usize, usize),
        mut f: impl FnMut(&mut Self, NodeId) -> Recorded<NodeId>,
    ) -> Recorded<NodeId> {
        let mut parts = Vec::new();
        for part in 0..n {
            let index: Vec<u32> = (part * length..(part + 1) * length).map(|i| i as u32).collect();
            let part = self.graph.gather(x, &index);
            parts.push(f(self, part)?);
        }
        Ok(self.graph.concatenate(&parts))
    }

    /// The softmax of a vector of sum 0, whose log Jacobian is `log(K) / 2 - K log_sum_exp`.
    pub(super) fn simplex(&mut self, u: NodeId, size: usize) -> Recorded<NodeId> {
        if size <= 1 {
            return Ok(self.graph.known(&vec![1.0; size]));
        }
        let z = self.sum_to_zero(u, size)?;
        let log_total = self.whole_of_one(LogSumExp, z, 1)?;
        let share = self.number_times(-(size as f64), log_total);
        let constant = self.graph.constant(0.5 * (size as f64).ln());
        let jacobian = self.graph.binary(Binary::Add, constant, share);
        self.add_term(jacobian);
        let logs = self.graph.binary(Binary::Subtract, z, log_total);
        Ok(self.graph.unary(Unary::Exp, logs))
    }

    /// A matrix whose columns are simplices.
    pub(super) fn column_stochastic(&mut self, u: NodeId, rows: usize, cols: usize) -> Recorded<NodeId> {
        if rows <= 1 {
            return Ok(self.graph.known(&vec![1.0; rows * cols]));
        }
        if let Some(columns) = self.by_entry(&Transform::Simplex, u, (cols, rows))? {
            return Ok(columns);
        }
        self.each_part(u, (cols, rows - 1), |r, part| r.simplex(part, rows))
    }

    /// A matrix whose rows are simplices.
    pub(super) fn row_stochastic(&mut self, u: NodeId, rows: usize, cols: usize) -> Recorded<NodeId> {
        if cols <= 1 {
            return Ok(self.graph.known(&vec![1.0; rows * cols]));
        }
        let rows_together = self.transpose(u, rows);
        let by_row = self.column_stochastic(rows_together, cols, rows)?;
        Ok(self.transpose(by_row, cols))
    }

    /// `u / |u|`, whose log Jacobian is `-|u|^2 / 2`.
    pub(super) fn unit_vector(&mut self, u: NodeId) -> Recorded<NodeId> {
        let squares = self.graph.unary(Unary::Square, u);
        let squared = self.graph.sum(squares);
        self.require(squared, Domain::PositiveFinite)?;
        let jacobian = self.number_times(-0.5, squared);
        self.add_term(jacobian);
        let length = self.graph.unary(Unary::Sqrt, squared);
        Ok(self.graph.binary(Binary::Divide, u, length))
    }

    /// The entries of a lower triangular matrix, row by row, with the exponentials on the diagonal; and the coordinates
    /// of the diagonal.
    fn lower_factor(&mut self, u: NodeId, rows: usize, cols: usize) -> (NodeId, NodeId) {
        let diagonal: Vec<u32> = (0..cols).map(|k| (k * (k + 3) / 2) as u32).collect();
        let diagonal = self.graph.gather(u, &diagonal);
        let exponentials = self.graph.unary(Unary::Exp, diagonal);
        let zero = self.graph.constant(0.0);
        let lanes = self.graph.concatenate(&[zero, exponentials, u]);
        // Row i begins behind the min(k + 1, cols) entries of each row k before it.
        let row_start = |i: usize| (0..i).map(|k| (k + 1).min(cols)).sum::<usize>();
        let entry = |at: usize| {
            let (i, j) = (at % rows, at / rows);
            match i.cmp(&j) {
                std::cmp::Ordering::Less => 0,
                std::cmp::Ordering::Equal => (1 + j) as u32,
                std::cmp::Ordering::Greater => (1 + cols + row_start(i) + j) as u32,
            }
        };
        let index: Vec<u32> = (0..rows * cols).map(entry).collect();
        (self.graph.gather(lanes, &index), diagonal)
    }

    /// The Cholesky factor of a covariance matrix.
    pub(super) fn cholesky_factor_cov(&mut self, u: NodeId, rows: usize, cols: usize) -> Recorded<NodeId> {
        if rows < cols {
            return unsupported("a Cholesky factor with more columns than rows");
        }
        if rows * cols == 0 {
            return Ok(u);
        }
        let (factor, diagonal) = self.lower_factor(u, rows, cols);
        let jacobian = self.graph.sum(diagonal);
        self.add_term(jacobian);
        Ok(factor)
    }

    /// A covariance matrix.
    pub(super) fn cov_matrix(&mut self, u: NodeId, size: usize) -> Recorded<NodeId> {
        if size == 0 {
            return Ok(u);
        }
        let (factor, diagonal) = self.lower_factor(u, size, size);
        let weights: Vec<f64> = (0..size).map(|k| (size - k + 1) as f64).collect();
        let weights = self.graph.known(&weights);
        let weighted = self.graph.binary(Binary::Multiply, weights, diagonal);
        let sum = self.graph.sum(weighted);
        let constant = self.graph.constant(LN_2 * size as f64);
        let jacobian = self.graph.binary(Binary::Add, constant, sum);
        self.add_term(jacobian);
        self.matrix_product(Factor::plain(factor), Factor::transposed(factor), (size, size, size))
    }

    /// The Cholesky factor of a correlation matrix, from coordinates that go row by row through its lower triangle.
    pub(super) fn cholesky_factor_corr(&mut self, u: NodeId, size: usize) -> Recorded<NodeId> {
        if size <= 1 {
            return Ok(self.graph.known(&vec![1.0; size]));
        }
        let pairs = || (0..size).flat_map(|i| (0..i).map(move |j| (i, j)));
        // The share of pair (i, j), and half of those before it in its row, once for every pair behind those.
        let weights: Vec<f64> = pairs().map(|(i, j)| 1.0 + 0.5 * (i - 1 - j) as f64).collect();
        self.correlation_factor(u, size, &weights)
    }

    /// A correlation matrix, from coordinates that go column by column.
    pub(super) fn corr_matrix(&mut self, u: NodeId, size: usize) -> Recorded<NodeId> {
        if size <= 1 {
            return Ok(self.graph.known(&vec![1.0; size]));
        }
        let pairs = || (0..size).flat_map(|i| (0..i).map(move |j| (i, j)));
        let by_column: Vec<u32> = pairs().map(|(i, j)| (j * (2 * size - j - 1) / 2 + (i - j - 1)) as u32).collect();
        let u = self.graph.gather(u, &by_column);
        let weights: Vec<f64> = pairs().map(|(_, j)| 0.5 * (size - j) as f64).collect();
        let factor = self.correlation_factor(u, size, &weights)?;
        self.matrix_product(Factor::plain(factor), Factor::transposed(factor), (size, size, size))
    }

    /// The factor whose partial correlations are `tanh(u)`; the log Jacobian weights `log(1 - tanh(u)^2)`.
    fn correlation_factor(&mut self, u: NodeId, size: usize, weights: &[f64]) -> Recorded<NodeId> {
        // log(1 - tanh(u)^2) = 2 (log(2) - |u| - log1p(exp(-2 |u|))) = 2 (log(2) + u - log1p_exp(2 u))
        let doubled = self.number_times(2.0, u);
        let softplus = self.graph.unary(Unary::Log1pExp, doubled);
        let rest = self.graph.binary(Binary::Subtract, u, softplus);
        let log_two = self.graph.constant(LN_2);
        let log_root = self.graph.binary(Binary::Add, log_two, rest);
        let weights: Vec<f64> = weights.iter().map(|weight| 2.0 * weight).collect();
        let weights = self.graph.known(&weights);
        let weighted = self.graph.binary(Binary::Multiply, weights, log_root);
        let jacobian = self.graph.sum(weighted);
        self.add_term(jacobian);
        let z = self.graph.unary(Unary::Tanh, u);
        let s = self.graph.unary(Unary::Exp, log_root);
        let both = self.graph.concatenate(&[z, s]);
        let factor = CorrelationFactor { size };
        let n_outputs = factor.n_outputs();
        let n_entries = factor.n_entries();
        let all = self.whole_of_one(factor, both, n_outputs)?;
        let entries = self.head(all, n_entries);
        let zero = self.graph.constant(0.0);
        let lanes = self.graph.concatenate(&[zero, entries]);
        let entry = |at: usize| {
            let (i, j) = (at % size, at / size);
            if i < j { 0 } else { (1 + i * (i + 1) / 2 + j) as u32 }
        };
        let index: Vec<u32> = (0..size * size).map(entry).collect();
        Ok(self.graph.gather(lanes, &index))
    }
}
