//! Elementwise constraints: none, lower and upper bounds, offset and multiplier.

use std::cmp::Ordering;

use super::{Constraint, Violation, check_length, check_lengths, plain};
use crate::Real;
use crate::special::{exp, fma, inv_logit, log, log_inv_logit, logit};

/// Values that are constrained one by one.
#[derive(Clone, Copy, Debug)]
pub struct Elementwise<'a, T> {
    /// The number of values.
    pub size: usize,
    /// What each of them must be.
    pub rule: Rule<'a, T>,
}

/// A constraint on a single value x, as a function of an unconstrained y.
///
/// Bounds are numbers like the values, since they may be parameters; a slice holds one for all values, or one for each.
/// An infinite bound is no bound.
#[derive(Clone, Copy, Debug)]
pub enum Rule<'a, T> {
    /// x = y.
    Free,
    /// x = lower + e^y.
    Lower(&'a [T]),
    /// x = upper - e^y.
    Upper(&'a [T]),
    /// x = lower + (upper - lower) inv_logit(y).
    LowerUpper(&'a [T], &'a [T]),
    /// x = offset + multiplier y; does not restrict the values.
    OffsetMultiplier(&'a [T], &'a [T]),
}

impl<T: Real> Constraint<T> for Elementwise<'_, T> {
    fn n_unconstrained(&self) -> usize {
        self.size
    }

    fn n_constrained(&self) -> usize {
        self.size
    }

    fn constrain(&self, unconstrained: &[T], constrained: &mut [T]) -> Result<T, Violation> {
        check_lengths((unconstrained.len(), constrained.len()), self.size, self.size)?;
        self.check_bounds()?;
        let mut log_jacobian = T::constant(0.0);
        for (index, (&y, x)) in unconstrained.iter().zip(constrained).enumerate() {
            let (value, log_slope) = self.rule.constrain(index, y);
            *x = value;
            log_jacobian += log_slope;
        }
        Ok(log_jacobian)
    }

    fn unconstrain(&self, constrained: &[T], unconstrained: &mut [T]) -> Result<(), Violation> {
        check_lengths((unconstrained.len(), constrained.len()), self.size, self.size)?;
        self.check(&plain(constrained))?;
        for (index, (&x, y)) in constrained.iter().zip(unconstrained).enumerate() {
            *y = self.rule.unconstrain(index, x);
        }
        Ok(())
    }

    fn check(&self, constrained: &[f64]) -> Result<(), Violation> {
        check_length(constrained.len(), self.size)?;
        self.check_bounds()?;
        constrained.iter().enumerate().try_for_each(|(index, &x)| self.rule.check(index, x))
    }
}

impl<T: Real> Elementwise<'_, T> {
    /// Checks that there are as many bounds as needed, and that a value between them can exist.
    fn check_bounds(&self) -> Result<(), Violation> {
        let (first, second) = match self.rule {
            Rule::Free => return Ok(()),
            Rule::Lower(bounds) | Rule::Upper(bounds) => (bounds, bounds),
            Rule::LowerUpper(lower, upper) => (lower, upper),
            Rule::OffsetMultiplier(offset, multiplier) => (offset, multiplier),
        };
        for bounds in [first, second] {
            if bounds.len() != 1 && bounds.len() != self.size {
                let expected = format!("the number of bounds, 1 or {}", self.size);
                return Err(Violation::of_all(bounds.len() as f64, expected));
            }
        }
        let n_bounds = first.len().max(second.len()).min(self.size);
        (0..n_bounds).try_for_each(|index| self.rule.check_bounds(index))
    }
}

impl<T: Real> Rule<'_, T> {
    /// The value and the logarithm of its derivative.
    #[inline]
    fn constrain(&self, index: usize, y: T) -> (T, T) {
        match self {
            Self::Free => (y, T::constant(0.0)),
            Self::Lower(lower) => above(bound_at(lower, index), y),
            Self::Upper(upper) => below(bound_at(upper, index), y),
            Self::LowerUpper(lower, upper) => between(bound_at(lower, index), bound_at(upper, index), y),
            Self::OffsetMultiplier(offset, multiplier) => {
                let scale = bound_at(multiplier, index);
                (fma(scale, y, bound_at(offset, index)), log(scale))
            }
        }
    }

    fn unconstrain(&self, index: usize, x: T) -> T {
        let (lower, upper) = match self {
            Self::Free => return x,
            Self::OffsetMultiplier(offset, multiplier) => {
                return (x - bound_at(offset, index)) / bound_at(multiplier, index);
            }
            Self::Lower(lower) => (bound_at(lower, index), T::constant(f64::INFINITY)),
            Self::Upper(upper) => (T::constant(f64::NEG_INFINITY), bound_at(upper, index)),
            Self::LowerUpper(lower, upper) => (bound_at(lower, index), bound_at(upper, index)),
        };
        match (lower.value() == f64::NEG_INFINITY, upper.value() == f64::INFINITY) {
            (true, true) => x,
            (true, false) => log(upper - x),
            (false, true) => log(x - lower),
            (false, false) => logit((x - lower) / (upper - lower)),
        }
    }

    fn check(&self, index: usize, x: f64) -> Result<(), Violation> {
        match self {
            Self::Free | Self::OffsetMultiplier(..) => Ok(()),
            Self::Lower(lower) => check_above(index, x, bound_at(lower, index).value()),
            Self::Upper(upper) => check_below(index, x, bound_at(upper, index).value()),
            Self::LowerUpper(lower, upper) => {
                check_above(index, x, bound_at(lower, index).value())?;
                check_below(index, x, bound_at(upper, index).value())
            }
        }
    }

    fn check_bounds(&self, index: usize) -> Result<(), Violation> {
        match self {
            Self::LowerUpper(lower, upper) => {
                let (low, high) = (bound_at(lower, index).value(), bound_at(upper, index).value());
                // Written so that NaN fails.
                if low.partial_cmp(&high) == Some(Ordering::Less) {
                    return Ok(());
                }
                Err(Violation::of(index, low, format!("a lower bound below the upper bound {high}")))
            }
            Self::OffsetMultiplier(offset, multiplier) => {
                let (centre, scale) = (bound_at(offset, index).value(), bound_at(multiplier, index).value());
                if !centre.is_finite() {
                    return Err(Violation::of(index, centre, "a finite offset"));
                }
                if scale > 0.0 && scale.is_finite() {
                    return Ok(());
                }
                Err(Violation::of(index, scale, "a positive finite multiplier"))
            }
            _ => Ok(()),
        }
    }
}

/// Bound number `index` of one for all or one for each; NaN if there is none.
#[inline]
fn bound_at<T: Real>(bounds: &[T], index: usize) -> T {
    let own = if bounds.len() == 1 { 0 } else { index };
    bounds.get(own).copied().unwrap_or(T::constant(f64::NAN))
}

fn above<T: Real>(lower: T, y: T) -> (T, T) {
    if lower.value() == f64::NEG_INFINITY { (y, T::constant(0.0)) } else { (lower + exp(y), y) }
}

fn below<T: Real>(upper: T, y: T) -> (T, T) {
    if upper.value() == f64::INFINITY { (y, T::constant(0.0)) } else { (upper - exp(y), y) }
}

fn between<T: Real>(lower: T, upper: T, y: T) -> (T, T) {
    if lower.value() == f64::NEG_INFINITY {
        return below(upper, y);
    }
    if upper.value() == f64::INFINITY {
        return above(lower, y);
    }
    let width = upper - lower;
    (lower + width * inv_logit(y), log(width) + log_inv_logit(y) + log_inv_logit(-y))
}

fn check_above(index: usize, x: f64, lower: f64) -> Result<(), Violation> {
    if x >= lower { Ok(()) } else { Err(Violation::of(index, x, format!("greater than or equal to {lower}"))) }
}

fn check_below(index: usize, x: f64, upper: f64) -> Result<(), Violation> {
    if x <= upper { Ok(()) } else { Err(Violation::of(index, x, format!("less than or equal to {upper}"))) }
}
