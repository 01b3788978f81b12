//! Linear algebra as functions of whole columns, with adjoints by hand.
//!
//! A matrix is a column of the graph, column by column. Densities, decompositions and solutions are put together from
//! these few functions by `record`, so that intermediate results are nodes of the graph: they are shared, and what is
//! known is computed once. The adjoint of an output is not needed after a function's reverse sweep, so that functions
//! overwrite it, and those that need more room ask for outputs that nobody reads.
//!
//! | file | functions |
//! | --- | --- |
//! | [`dense`] | loops over columns |
//! | [`large`] | products and solutions of large matrices, through faer |
//! | [`known_matrix`] | a known matrix, dense or sparse, times a vector |
//! | [`product`] | products of matrices, transposed or not |
//! | [`cholesky`] | Cholesky factors |
//! | [`triangular`] | systems with triangular matrices |
//! | [`general`] | inverses, systems and determinants of general matrices |
//! | [`eigen`] | eigenvalues and eigenvectors of symmetric matrices |
//! | [`reduction`] | running sums, products, and sums of exponentials |
//! | [`constraint`] | constraints of whole vectors and matrices |
//!
//! Adjoints are written `x_bar`, as in Giles (2008), "Collected matrix derivative results for forward and reverse mode
//! algorithmic differentiation".

pub mod cholesky;
pub mod constraint;
pub mod dense;
pub mod eigen;
pub mod general;
pub mod known_matrix;
pub mod large;
pub mod product;
pub mod reduction;
pub mod triangular;

use std::fmt;
use std::sync::Arc;

use crate::graph::ColumnId;

/// An operand of a function of whole columns: among its inputs, or known.
#[derive(Clone, Debug)]
pub enum Operand {
    /// The next of the inputs.
    Input,
    /// Known when the graph is recorded.
    Known(KnownColumn),
}

/// A known column with its identity, by which functions are recognised as equal.
#[derive(Clone)]
pub struct KnownColumn {
    /// The column's place in the graph.
    pub id: ColumnId,
    /// Its numbers.
    pub numbers: Arc<[f64]>,
}

impl fmt::Debug for KnownColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.id.fmt(f)
    }
}

impl Operand {
    /// True when the operand is among the inputs.
    #[must_use]
    pub fn is_input(&self) -> bool {
        matches!(self, Operand::Input)
    }

    /// The operand's numbers, and the inputs behind it.
    fn split<'a>(&'a self, inputs: &'a [f64], length: usize) -> (&'a [f64], &'a [f64]) {
        match self {
            Operand::Input => inputs.split_at(length),
            Operand::Known(column) => (&column.numbers, inputs),
        }
    }

    /// The operand's adjoint, if it has one, and those of the inputs behind it.
    fn split_adjoint<'a>(&self, adjoints: &'a mut [f64], length: usize) -> (Option<&'a mut [f64]>, &'a mut [f64]) {
        match self {
            Operand::Input => {
                let (own, rest) = adjoints.split_at_mut(length);
                (Some(own), rest)
            }
            Operand::Known(_) => (None, adjoints),
        }
    }
}
