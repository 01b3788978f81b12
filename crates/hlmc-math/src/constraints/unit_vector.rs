//! Vectors of length 1: the direction of an unconstrained vector of the same size.
//!
//! There is one unconstrained coordinate too many for a Jacobian determinant; the radius is given a distribution of its
//! own by the kernel -y'y / 2, under which the direction is uniform.

use super::{Constraint, Violation, check_length, check_lengths, check_near, plain};
use crate::Real;
use crate::linear_algebra::dot;
use crate::special::inv_sqrt;

/// A vector of Euclidean length 1.
#[derive(Clone, Copy, Debug)]
pub struct UnitVector {
    /// The number of values.
    pub size: usize,
}

impl<T: Real> Constraint<T> for UnitVector {
    fn n_unconstrained(&self) -> usize {
        self.size
    }

    fn n_constrained(&self) -> usize {
        self.size
    }

    fn constrain(&self, unconstrained: &[T], constrained: &mut [T]) -> Result<T, Violation> {
        check_lengths((unconstrained.len(), constrained.len()), self.size, self.size)?;
        let squared = dot(unconstrained, unconstrained);
        if !(squared.value() > 0.0 && squared.value().is_finite()) {
            return Err(Violation::of_all(squared.value(), "a vector of positive finite length"));
        }
        let scale = inv_sqrt(squared);
        for (&y, x) in unconstrained.iter().zip(constrained) {
            *x = y * scale;
        }
        Ok(squared * -0.5)
    }

    fn unconstrain(&self, constrained: &[T], unconstrained: &mut [T]) -> Result<(), Violation> {
        check_lengths((unconstrained.len(), constrained.len()), self.size, self.size)?;
        check_unit(&plain(constrained))?;
        unconstrained.copy_from_slice(constrained);
        Ok(())
    }

    fn check(&self, constrained: &[f64]) -> Result<(), Violation> {
        check_length(constrained.len(), self.size)?;
        check_unit(constrained)
    }
}

fn check_unit(values: &[f64]) -> Result<(), Violation> {
    check_near(dot(values, values), 1.0, "a unit vector, with the squared length")
}
