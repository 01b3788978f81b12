//! What rewriting a whole graph needs: a successor that shares the known columns, and nodes built again in it.

use super::{Graph, IndexId, NodeId, Operation};

impl Graph {
    /// An empty graph with the same known columns and functions of whole columns, so that their numbers stay valid.
    #[must_use]
    pub fn successor(&self) -> Graph {
        let mut next = Graph::new(std::sync::Arc::clone(&self.tables));
        next.columns = self.columns.clone();
        next.wholes = self.wholes.clone();
        next.scans = self.scans.clone();
        next.origins = self.origins.without_nodes();
        next
    }

    /// Which nodes `result` and the checks depend on, by their place in the order.
    #[must_use]
    pub fn needed(&self, result: NodeId) -> Vec<bool> {
        let mut needed = vec![false; self.nodes.len()];
        needed[result.index()] = true;
        self.checks.iter().for_each(|check| needed[check.node.index()] = true);
        for i in (0..needed.len()).rev() {
            if needed[i] {
                self.nodes[i].operation.for_each_operand(|operand| needed[operand.index()] = true);
            }
        }
        needed
    }

    /// The node of an operation that another graph had already simplified, its operands now nodes of this one. The laws
    /// of construction are tried again only where a new operand can bring one to bear.
    pub fn rebuild(&mut self, operation: Operation, lanes: usize) -> NodeId {
        match operation {
            Operation::Unary(unary, x) => self.unary(unary, x),
            Operation::Binary(binary, x, y) => self.binary(binary, x, y),
            Operation::Sum(x) => self.sum(x),
            Operation::Concatenate(parts) => self.concatenate(&parts),
            Operation::Gather(x, index) => self.gather_at(x, index),
            Operation::ScatterSum(x, index) if self.is_known(x) => {
                let index = std::sync::Arc::clone(self.columns.positions(index));
                self.scatter_sum(x, &index, lanes)
            }
            Operation::KnownMatrixVector(matrix, x) if self.is_known(x) => {
                let matrix = std::sync::Arc::clone(self.columns.numbers(matrix));
                self.known_matrix_vector(&matrix, lanes, x)
            }
            other => self.intern(other, lanes),
        }
    }

    /// A gather by an index that the graph has already.
    pub fn gather_at(&mut self, x: NodeId, index: IndexId) -> NodeId {
        let positions = std::sync::Arc::clone(self.columns.positions(index));
        let is_plain = !matches!(
            self.node(x).operation,
            Operation::Known(_) | Operation::Gather(..) | Operation::Concatenate(_) | Operation::Position(_)
        );
        if is_plain && self.lanes(x) != positions.len() {
            return self.intern(Operation::Gather(x, index), positions.len());
        }
        self.gather(x, &positions)
    }
}

impl Operation {
    /// The same operation of other operands.
    #[must_use]
    pub fn map_operands(&self, mut f: impl FnMut(NodeId) -> NodeId) -> Operation {
        match self {
            Operation::Position(_) | Operation::Constant(_) | Operation::Known(_) | Operation::Pending(_) => {
                self.clone()
            }
            Operation::Scan(scan, inputs) => Operation::Scan(*scan, inputs.iter().map(|x| f(*x)).collect()),
            Operation::Unary(unary, x) => Operation::Unary(*unary, f(*x)),
            Operation::Binary(binary, x, y) => Operation::Binary(*binary, f(*x), f(*y)),
            Operation::Select(mask, x, y) => Operation::Select(f(*mask), f(*x), f(*y)),
            Operation::Elementwise(function, operands) => {
                Operation::Elementwise(*function, operands.iter().map(|x| f(*x)).collect())
            }
            Operation::Gather(x, index) => Operation::Gather(f(*x), *index),
            Operation::Concatenate(parts) => Operation::Concatenate(parts.iter().map(|x| f(*x)).collect()),
            Operation::Sum(x) => Operation::Sum(f(*x)),
            Operation::ScatterSum(x, index) => Operation::ScatterSum(f(*x), *index),
            Operation::KnownMatrixVector(matrix, x) => Operation::KnownMatrixVector(*matrix, f(*x)),
            Operation::Whole(function, x) => Operation::Whole(*function, f(*x)),
        }
    }
}
