//! From the constraint of a declaration to its mathematics: the one table between the two, for whatever checks, constrains
//! or unconstrains values.

use hlmc_math::Real;
use hlmc_math::constraints::{
    CholeskyFactorCorr, CholeskyFactorCov, ColumnStochasticMatrix, Constraint, CorrMatrix, CovMatrix, Ordered,
    PositiveOrdered, RowStochasticMatrix, Simplex, SumToZeroMatrix, SumToZeroVector, UnitVector,
};

use super::Transform;

/// The constraint of a vector or a matrix as a whole.
pub type Structure<T> = Box<dyn Constraint<T> + Send + Sync>;

impl Transform {
    /// The constraint of vectors or matrices of these dimensions; `None` for constraints of single numbers, and for what is
    /// neither vector nor matrix.
    #[must_use]
    pub fn structure<T: Real>(&self, element: &[usize]) -> Option<Structure<T>> {
        let (rows, cols) = match *element {
            [size] => (size, 1),
            [rows, cols] => (rows, cols),
            _ => return None,
        };
        let size = rows;
        Some(match self {
            Transform::Ordered => Box::new(Ordered { size }),
            Transform::PositiveOrdered => Box::new(PositiveOrdered { size }),
            Transform::Simplex => Box::new(Simplex { size }),
            Transform::UnitVector => Box::new(UnitVector { size }),
            Transform::SumToZeroVector => Box::new(SumToZeroVector { size }),
            Transform::SumToZeroMatrix => Box::new(SumToZeroMatrix { rows, cols }),
            Transform::CholeskyFactorCorr => Box::new(CholeskyFactorCorr { size }),
            Transform::CholeskyFactorCov => Box::new(CholeskyFactorCov { rows, cols }),
            Transform::CorrMatrix => Box::new(CorrMatrix { size }),
            Transform::CovMatrix => Box::new(CovMatrix { size }),
            Transform::RowStochasticMatrix => Box::new(RowStochasticMatrix { rows, cols }),
            Transform::ColumnStochasticMatrix => Box::new(ColumnStochasticMatrix { rows, cols }),
            Transform::Identity
            | Transform::Lower(_)
            | Transform::Upper(_)
            | Transform::LowerUpper(..)
            | Transform::OffsetMultiplier(..) => return None,
        })
    }
}
