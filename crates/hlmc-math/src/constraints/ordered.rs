//! Increasing vectors: x_k = x_(k-1) + e^(y_k), starting from y_1, or from e^(y_1) for positive ones.

use super::{Constraint, Violation, check_length, check_lengths, plain};
use crate::Real;
use crate::special::{exp, log};

/// A strictly increasing vector.
#[derive(Clone, Copy, Debug)]
pub struct Ordered {
    /// The number of values.
    pub size: usize,
}

/// A strictly increasing vector of positive values.
#[derive(Clone, Copy, Debug)]
pub struct PositiveOrdered {
    /// The number of values.
    pub size: usize,
}

impl<T: Real> Constraint<T> for Ordered {
    fn n_unconstrained(&self) -> usize {
        self.size
    }

    fn n_constrained(&self) -> usize {
        self.size
    }

    fn constrain(&self, unconstrained: &[T], constrained: &mut [T]) -> Result<T, Violation> {
        check_lengths((unconstrained.len(), constrained.len()), self.size, self.size)?;
        let (mut last, mut log_jacobian) = (T::constant(0.0), T::constant(0.0));
        for (index, (&y, x)) in unconstrained.iter().zip(constrained).enumerate() {
            if index == 0 {
                last = y;
            } else {
                last += exp(y);
                log_jacobian += y;
            }
            *x = last;
        }
        Ok(log_jacobian)
    }

    fn unconstrain(&self, constrained: &[T], unconstrained: &mut [T]) -> Result<(), Violation> {
        check_lengths((unconstrained.len(), constrained.len()), self.size, self.size)?;
        check_increasing(&plain(constrained))?;
        write_log_steps(constrained, unconstrained);
        Ok(())
    }

    fn check(&self, constrained: &[f64]) -> Result<(), Violation> {
        check_length(constrained.len(), self.size)?;
        check_increasing(constrained)
    }
}

impl<T: Real> Constraint<T> for PositiveOrdered {
    fn n_unconstrained(&self) -> usize {
        self.size
    }

    fn n_constrained(&self) -> usize {
        self.size
    }

    fn constrain(&self, unconstrained: &[T], constrained: &mut [T]) -> Result<T, Violation> {
        check_lengths((unconstrained.len(), constrained.len()), self.size, self.size)?;
        let (mut last, mut log_jacobian) = (T::constant(0.0), T::constant(0.0));
        for (&y, x) in unconstrained.iter().zip(constrained) {
            last += exp(y);
            log_jacobian += y;
            *x = last;
        }
        Ok(log_jacobian)
    }

    fn unconstrain(&self, constrained: &[T], unconstrained: &mut [T]) -> Result<(), Violation> {
        check_lengths((unconstrained.len(), constrained.len()), self.size, self.size)?;
        check_positive_increasing(&plain(constrained))?;
        write_log_steps(constrained, unconstrained);
        if let (Some(&x), Some(y)) = (constrained.first(), unconstrained.first_mut()) {
            *y = log(x);
        }
        Ok(())
    }

    fn check(&self, constrained: &[f64]) -> Result<(), Violation> {
        check_length(constrained.len(), self.size)?;
        check_positive_increasing(constrained)
    }
}

fn check_increasing(values: &[f64]) -> Result<(), Violation> {
    for (index, pair) in values.windows(2).enumerate() {
        // Written so that NaN fails.
        if !matches!(pair[0].partial_cmp(&pair[1]), Some(std::cmp::Ordering::Less)) {
            return Err(Violation::of(index + 1, pair[1], format!("greater than the element before it, {}", pair[0])));
        }
    }
    Ok(())
}

fn check_positive_increasing(values: &[f64]) -> Result<(), Violation> {
    if let Some(&first) = values.first()
        && (first < 0.0 || first.is_nan())
    {
        return Err(Violation::of(0, first, "greater than or equal to 0"));
    }
    check_increasing(values)
}

/// y_1 = x_1, y_k = log(x_k - x_(k-1)).
fn write_log_steps<T: Real>(constrained: &[T], unconstrained: &mut [T]) {
    let mut last = None;
    for (&x, y) in constrained.iter().zip(unconstrained) {
        *y = last.map_or(x, |last: T| log(x - last));
        last = Some(x);
    }
}
