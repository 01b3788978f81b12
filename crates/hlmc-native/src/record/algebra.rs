//! Matrices as nodes: products, decompositions and solutions, from which functions and densities are put together.
//!
//! A matrix is a node of its entries, column by column, the same in all lanes. Sizes are not 0: what has no entries is
//! left to the functions of the table.

use std::sync::Arc;

use super::Recorder;
use super::stop::{Recorded, unsupported};
use crate::apply::Whole;
use crate::each_lane::EachLane;
use crate::graph::{Binary, NodeId, Operation, Unary};
use crate::linear::cholesky::Cholesky;
use crate::linear::eigen::SymmetricEigen;
use crate::linear::general::{Inverse, LogDeterminant, Solution};
use crate::linear::product::Product;
use crate::linear::triangular::{Side, TriangularSolution};
use crate::linear::{KnownColumn, Operand};

/// A factor of a product: a matrix as it is stored, or its transpose.
#[derive(Clone, Copy, Debug)]
pub(super) struct Factor {
    node: NodeId,
    is_transposed: bool,
}

impl Factor {
    /// The matrix itself.
    pub(super) fn plain(node: NodeId) -> Self {
        Factor { node, is_transposed: false }
    }

    /// Its transpose.
    pub(super) fn transposed(node: NodeId) -> Self {
        Factor { node, is_transposed: true }
    }
}

impl Recorder<'_> {
    /// A function of whole columns: its inputs are those of the nodes that are not known. Computed now if all are.
    pub(super) fn whole(&mut self, function: impl Whole + 'static, nodes: &[NodeId], lanes: usize) -> Recorded<NodeId> {
        let inputs: Vec<NodeId> = nodes.iter().copied().filter(|node| !self.graph.is_known(*node)).collect();
        if inputs.is_empty() {
            return self.known_whole(&function, &[], lanes);
        }
        let input = self.graph.concatenate(&inputs);
        let Some(mask) = self.mask_of_any() else {
            return Ok(self.graph.shared_whole(Arc::new(function), input, lanes));
        };
        let function = self.graph.shared(Arc::new(function));
        Ok(self.whole_under(mask, function, input, lanes))
    }

    /// A function of whole columns that is called where a mask holds: elsewhere it may have no value.
    pub(super) fn whole_under(
        &mut self,
        mask: NodeId,
        function: Arc<dyn Whole>,
        input: NodeId,
        lanes: usize,
    ) -> NodeId {
        let input = self.graph.concatenate(&[input, mask]);
        self.graph.shared_whole(Arc::new(EachLane::new(1, function, lanes).masked()), input, lanes)
    }

    /// What a function of whole columns gives for known numbers.
    pub(super) fn known_whole(&mut self, function: &dyn Whole, inputs: &[f64], lanes: usize) -> Recorded<NodeId> {
        let mut outputs = vec![0.0; lanes];
        match function.forward(inputs, &mut outputs) {
            Ok(()) => Ok(self.graph.known(&outputs)),
            Err(fault) => unsupported(format!("known numbers: {}", fault.message)),
        }
    }

    /// A function of one column whose inputs are never known to it.
    pub(super) fn whole_of_one(
        &mut self,
        function: impl Whole + 'static,
        node: NodeId,
        lanes: usize,
    ) -> Recorded<NodeId> {
        match self.graph.known_column(node) {
            Some(known) => self.known_whole(&function, &known, lanes),
            None => self.whole(function, &[node], lanes),
        }
    }

    fn operand(&mut self, node: NodeId) -> Operand {
        let id = match self.graph.node(node).operation {
            Operation::Known(id) => id,
            Operation::Constant(value) => self.graph.columns.add_numbers(vec![value]),
            _ => return Operand::Input,
        };
        Operand::Known(KnownColumn { id, numbers: Arc::clone(self.graph.columns.numbers(id)) })
    }

    /// The first lanes of a node.
    pub(super) fn head(&mut self, node: NodeId, lanes: usize) -> NodeId {
        let index: Vec<u32> = (0..lanes as u32).collect();
        self.graph.gather(node, &index)
    }

    /// The product of a matrix of `rows` by `inner` and one of `inner` by `cols`.
    pub(super) fn matrix_product(
        &mut self,
        left: Factor,
        right: Factor,
        (rows, inner, cols): (usize, usize, usize),
    ) -> Recorded<NodeId> {
        if inner == 1 {
            return Ok(self.outer_product(left.node, right.node, rows, cols));
        }
        if rows == 1 && cols == 1 {
            let products = self.graph.binary(Binary::Multiply, left.node, right.node);
            return Ok(self.graph.sum(products));
        }
        if cols == 1 && self.graph.is_known(left.node) {
            let matrix = if left.is_transposed { self.transpose(left.node, inner) } else { left.node };
            return self.known_times(matrix, rows, right.node);
        }
        if rows == 1 && self.graph.is_known(right.node) {
            // x' B = (B' x)'
            let matrix = if right.is_transposed { right.node } else { self.transpose(right.node, inner) };
            return self.known_times(matrix, cols, left.node);
        }
        let product = Product {
            rows,
            inner,
            cols,
            left: self.operand(left.node),
            is_left_transposed: left.is_transposed,
            right: self.operand(right.node),
            is_right_transposed: right.is_transposed,
        };
        self.whole(product, &[left.node, right.node], rows * cols)
    }

    fn known_times(&mut self, matrix: NodeId, rows: usize, x: NodeId) -> Recorded<NodeId> {
        match self.graph.known_column(matrix) {
            Some(numbers) => Ok(self.graph.known_matrix_vector(&numbers, rows, x)),
            None => unsupported("a matrix that is not known"),
        }
    }

    fn outer_product(&mut self, left: NodeId, right: NodeId, rows: usize, cols: usize) -> NodeId {
        let by_row: Vec<u32> = (0..rows * cols).map(|i| (i % rows) as u32).collect();
        let by_col: Vec<u32> = (0..rows * cols).map(|i| (i / rows) as u32).collect();
        let (left, right) = (self.graph.gather(left, &by_row), self.graph.gather(right, &by_col));
        self.graph.binary(Binary::Multiply, left, right)
    }

    /// The transpose of a matrix of `rows` rows.
    pub(super) fn transpose(&mut self, matrix: NodeId, rows: usize) -> NodeId {
        let lanes = self.graph.lanes(matrix);
        let cols = lanes / rows.max(1);
        let index: Vec<u32> = (0..lanes).map(|i| (i / cols + i % cols * rows) as u32).collect();
        self.graph.gather(matrix, &index)
    }

    /// The diagonal of a square matrix.
    pub(super) fn diagonal(&mut self, matrix: NodeId, size: usize) -> NodeId {
        let index: Vec<u32> = (0..size).map(|i| (i * (size + 1)) as u32).collect();
        self.graph.gather(matrix, &index)
    }

    /// A matrix of `rows` rows with zeros above the diagonal.
    pub(super) fn lower_triangle(&mut self, matrix: NodeId, rows: usize) -> NodeId {
        let zero = self.graph.constant(0.0);
        let with_zero = self.graph.concatenate(&[zero, matrix]);
        let lanes = self.graph.lanes(matrix);
        let index: Vec<u32> = (0..lanes).map(|i| if i % rows < i / rows { 0 } else { i as u32 + 1 }).collect();
        self.graph.gather(with_zero, &index)
    }

    /// The Cholesky factor of a symmetric matrix.
    pub(super) fn cholesky(&mut self, matrix: NodeId, size: usize) -> Recorded<NodeId> {
        self.whole_of_one(Cholesky { size }, matrix, size * size)
    }

    /// The sum of the logarithms of the diagonal of a factor.
    pub(super) fn log_diagonal(&mut self, factor: NodeId, size: usize) -> NodeId {
        let diagonal = self.diagonal(factor, size);
        let logs = self.graph.unary(Unary::Log, diagonal);
        self.graph.sum(logs)
    }

    /// `L⁻¹ B`, or `B L⁻¹` (`Side::Right`), with the transpose of `L` if so asked.
    pub(super) fn divide_by_triangle(
        &mut self,
        side: Side,
        factor: Factor,
        size: usize,
        right_hand_side: NodeId,
    ) -> Recorded<NodeId> {
        let lanes = self.graph.lanes(right_hand_side);
        let solution = TriangularSolution {
            size,
            count: lanes / size.max(1),
            side,
            is_transposed: factor.is_transposed,
            matrix: self.operand(factor.node),
            right_hand_side: self.operand(right_hand_side),
        };
        self.whole(solution, &[factor.node, right_hand_side], lanes)
    }

    /// `(L L')⁻¹ B`
    pub(super) fn divide_by_factor(&mut self, factor: NodeId, size: usize, b: NodeId) -> Recorded<NodeId> {
        let half = self.divide_by_triangle(Side::Left, Factor::plain(factor), size, b)?;
        self.divide_by_triangle(Side::Left, Factor::transposed(factor), size, half)
    }

    /// `(L L')⁻¹`
    pub(super) fn inverse_of_factor(&mut self, factor: NodeId, size: usize) -> Recorded<NodeId> {
        let identity: Vec<f64> = (0..size * size).map(|i| if i % (size + 1) == 0 { 1.0 } else { 0.0 }).collect();
        let identity = self.graph.known(&identity);
        let half = self.divide_by_triangle(Side::Left, Factor::plain(factor), size, identity)?;
        self.matrix_product(Factor::transposed(half), Factor::plain(half), (size, size, size))
    }

    /// `A⁻¹ B` for a general square matrix.
    pub(super) fn divide_by_matrix(&mut self, matrix: NodeId, size: usize, b: NodeId) -> Recorded<NodeId> {
        let lanes = self.graph.lanes(b);
        let solution = Solution {
            size,
            count: lanes / size.max(1),
            matrix: self.operand(matrix),
            right_hand_side: self.operand(b),
        };
        let n_outputs = solution.n_outputs();
        let all = self.whole(solution, &[matrix, b], n_outputs)?;
        Ok(self.head(all, lanes))
    }

    /// The eigenvalues of a symmetric matrix, then its eigenvectors.
    pub(super) fn eigen(&mut self, matrix: NodeId, size: usize) -> Recorded<NodeId> {
        let eigen = SymmetricEigen { size };
        let n_outputs = eigen.n_outputs();
        self.whole_of_one(eigen, matrix, n_outputs)
    }

    /// The inverse of a general square matrix.
    pub(super) fn inverse(&mut self, matrix: NodeId, size: usize) -> Recorded<NodeId> {
        let inverse = Inverse { size };
        let n_outputs = inverse.n_outputs();
        let all = self.whole_of_one(inverse, matrix, n_outputs)?;
        Ok(self.head(all, size * size))
    }

    /// `log |det A|` of a general square matrix.
    pub(super) fn log_determinant(&mut self, matrix: NodeId, size: usize) -> Recorded<NodeId> {
        let log_determinant = LogDeterminant { size };
        let n_outputs = log_determinant.n_outputs();
        let all = self.whole_of_one(log_determinant, matrix, n_outputs)?;
        Ok(self.head(all, 1))
    }
}
