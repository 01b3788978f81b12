//! Dense linear algebra on small and medium matrices, generic over [`Real`](crate::Real).
//!
//! Matrices are column-major. Functions take [`MatrixRef`], a view of a slice, and return [`Matrix`]. Algorithms are
//! the textbook ones (Golub and Van Loan, "Matrix Computations"), run on the number itself, so that derivatives come with
//! the values; only where that fails at repeated eigenvalues is it said so. Sizes that do not fit are an error, never a
//! panic.

mod cholesky;
mod eigen;
mod eigen_in_place;
mod exponential;
mod generalized_inverse;
mod lu;
mod matrix;
mod products;
mod qr;
mod svd;

pub use cholesky::*;
pub use eigen::*;
pub use eigen_in_place::*;
pub use exponential::*;
pub use generalized_inverse::*;
pub use lu::*;
pub use matrix::*;
pub use products::*;
pub use qr::*;
pub use svd::*;

/// Why a matrix function has no result.
#[derive(Clone, Debug, PartialEq)]
pub enum MatrixError {
    /// The sizes of the operands do not fit: what was expected and what was found.
    Size(String),
    /// Entry (`row`, `col`) differs from its mirror image by more than the tolerance. Indices count from 0.
    NotSymmetric {
        /// The row of the entry.
        row: usize,
        /// The column of the entry.
        col: usize,
    },
    /// The matrix is not positive definite (or has an entry that is not finite).
    NotPositiveDefinite,
    /// An iteration did not converge.
    NoConvergence,
}

impl std::fmt::Display for MatrixError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Size(message) => f.write_str(message),
            Self::NotSymmetric { row, col } => {
                write!(f, "matrix is not symmetric: entries [{0}, {1}] and [{1}, {0}] differ", row + 1, col + 1)
            }
            Self::NotPositiveDefinite => f.write_str("matrix is not positive definite"),
            Self::NoConvergence => f.write_str("matrix iteration did not converge"),
        }
    }
}

impl std::error::Error for MatrixError {}
