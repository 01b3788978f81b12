//! Constrained values as functions of unconstrained ones, with the log Jacobian determinants that make densities carry
//! over: one [`Constraint`] for each kind of constrained type of the language.
//!
//! Formulas, order of the unconstrained coordinates and constants follow the chapter "Constraint Transforms" of the Stan
//! Reference Manual 2.39 and its implementation. Matrices are column-major. What a Jacobian determinant is taken of,
//! where there are fewer free coordinates than values, is said at each constraint.

mod bounds;
mod correlation;
mod covariance;
mod ordered;
mod simplex;
mod sum_to_zero;
mod unit_vector;

pub use bounds::{Elementwise, Rule};
pub use correlation::{CholeskyFactorCorr, CorrMatrix};
pub use covariance::{CholeskyFactorCov, CovMatrix};
pub use ordered::{Ordered, PositiveOrdered};
pub use simplex::{ColumnStochasticMatrix, RowStochasticMatrix, Simplex};
pub use sum_to_zero::{SumToZeroMatrix, SumToZeroVector};
pub use unit_vector::UnitVector;

use crate::Real;

/// How far sums, lengths and diagonals may be from what they must be: Stan's `CONSTRAINT_TOLERANCE`.
pub const CONSTRAINT_TOLERANCE: f64 = 1e-8;

/// A set of values, parametrised by unconstrained ones.
pub trait Constraint<T: Real> {
    /// The number of unconstrained coordinates.
    fn n_unconstrained(&self) -> usize;

    /// The number of constrained values.
    fn n_constrained(&self) -> usize;

    /// Writes the values at a point of unconstrained space, and returns the log Jacobian determinant there.
    ///
    /// # Errors
    /// A [`Violation`] if a bound makes no sense, the point has no image, or a slice has the wrong length.
    fn constrain(&self, unconstrained: &[T], constrained: &mut [T]) -> Result<T, Violation>;

    /// Writes the point of unconstrained space whose image the values are.
    ///
    /// # Errors
    /// As [`Constraint::check`].
    fn unconstrain(&self, constrained: &[T], unconstrained: &mut [T]) -> Result<(), Violation>;

    /// Whether the values are in the set, up to [`CONSTRAINT_TOLERANCE`] where a sum or a length is prescribed.
    ///
    /// # Errors
    /// A [`Violation`] naming the value that is not as it must be.
    fn check(&self, constrained: &[f64]) -> Result<(), Violation>;
}

/// A value that is not as its constraint demands.
#[derive(Clone, Debug, PartialEq)]
pub struct Violation {
    /// Which value, counted from 0, column by column; nothing if it is a property of all together.
    pub index: Option<usize>,
    /// The value found (or the sum, the length).
    pub found: f64,
    /// What was expected, as the end of the sentence "... must be".
    pub expected: String,
}

impl Violation {
    fn of(index: usize, found: f64, expected: impl Into<String>) -> Self {
        Self { index: Some(index), found, expected: expected.into() }
    }

    fn of_all(found: f64, expected: impl Into<String>) -> Self {
        Self { index: None, found, expected: expected.into() }
    }
}

impl std::fmt::Display for Violation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.index {
            Some(index) => write!(f, "element {} is {}, but must be {}", index + 1, self.found, self.expected),
            None => write!(f, "found {}, but it must be {}", self.found, self.expected),
        }
    }
}

impl std::error::Error for Violation {}

/// The plain values of what a check looks at.
fn plain<T: Real>(values: &[T]) -> Vec<f64> {
    values.iter().map(Real::value).collect()
}

/// Checks the lengths of the two sides of a transform.
fn check_lengths(found: (usize, usize), n_unconstrained: usize, n_constrained: usize) -> Result<(), Violation> {
    if found.0 != n_unconstrained {
        return Err(Violation::of_all(found.0 as f64, format!("the number {n_unconstrained} of unconstrained values")));
    }
    check_length(found.1, n_constrained)
}

fn check_length(found: usize, n_constrained: usize) -> Result<(), Violation> {
    if found == n_constrained {
        return Ok(());
    }
    Err(Violation::of_all(found as f64, format!("the number {n_constrained} of values")))
}

/// Checks that a sum, length or diagonal entry is `target` up to the tolerance.
fn check_near(found: f64, target: f64, what: &str) -> Result<(), Violation> {
    // Written so that NaN fails.
    if (found - target).abs() <= CONSTRAINT_TOLERANCE {
        return Ok(());
    }
    Err(Violation::of_all(found, format!("{what} {target}")))
}
