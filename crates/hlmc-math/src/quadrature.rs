//! Integrals over an interval, finite or not, by double exponential quadrature.
//!
//! A substitution x(t) makes the integrand decay doubly exponentially in t, and the trapezoidal rule then converges
//! exponentially even where the integrand is singular at a limit (Takahasi and Mori 1974, "Double exponential formulas
//! for numerical integration"). The integrand's values carry their derivatives into the sum, so that the derivative of the
//! integral in its parameters comes with it; that in the limits is for the caller to add.

use crate::Real;

/// Why there is no integral.
#[derive(Clone, Debug, PartialEq)]
pub enum QuadratureError<E> {
    /// The integrand failed.
    Integrand(E),
    /// The limits are not in order, or NaN.
    Limits(f64, f64),
    /// The integrand is not finite at this point inside the interval.
    NotFinite(f64),
    /// The error that is left is above the tolerance.
    NoConvergence {
        /// The estimated error.
        error: f64,
        /// The integral of the absolute value, which the tolerance is relative to.
        norm: f64,
    },
}

impl<E: std::fmt::Display> std::fmt::Display for QuadratureError<E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Integrand(error) => error.fmt(f),
            Self::Limits(low, high) => write!(f, "the limits are {low} and {high}, but must be in order"),
            Self::NotFinite(x) => write!(f, "the integrand is not finite at {x}"),
            Self::NoConvergence { error, norm } => write!(
                f,
                "the error estimate {error} exceeds the relative tolerance times the integral {norm} of the absolute value"
            ),
        }
    }
}

/// The step in t of the first level; each further level halves it.
const FIRST_STEP: f64 = 0.5;
/// The number of levels after which the trapezoidal rule is taken not to converge.
const MAX_LEVEL: u32 = 10;
/// Levels below this one are too coarse for their differences to say anything.
const MIN_LEVEL: u32 = 3;
/// Beyond this t every substitution has left the range of numbers.
const LARGEST_T: f64 = 6.8;
/// Terms this small beside the largest one are left out.
const NEGLIGIBLE: f64 = 1e-22;
/// So many negligible terms in a row end the sum on one side.
const NEGLIGIBLE_RUN: u32 = 3;

/// The integral of `f` from `low` to `high`, either of which may be infinite.
///
/// `f` is called with x and its distance to the nearer limit: `low - x` (negative) in the lower half, `high - x` in the
/// upper half, known to more digits than x itself is; NaN where a limit is infinite. The relative tolerance is in
/// proportion to the integral of the absolute value.
///
/// # Errors
/// [`QuadratureError`].
pub fn integrate<T: Real, E>(
    mut f: impl FnMut(f64, f64) -> Result<T, E>,
    low: f64,
    high: f64,
    relative_tolerance: f64,
) -> Result<T, QuadratureError<E>> {
    if low == high {
        return Ok(T::constant(0.0));
    }
    if !(low < high) {
        return Err(QuadratureError::Limits(low, high));
    }
    let substitution = Substitution { low, high };
    let mut term = |t: f64| -> Result<T, QuadratureError<E>> {
        let Some(Node { x, distance, weight }) = substitution.node(t) else { return Ok(T::constant(0.0)) };
        let value = f(x, distance).map_err(QuadratureError::Integrand)?;
        if !value.value().is_finite() {
            // At the very ends the distance to a limit underflows, and with it the weight.
            let is_end = t.abs() > LARGEST_T / 2.0;
            return if is_end { Ok(T::constant(0.0)) } else { Err(QuadratureError::NotFinite(x)) };
        }
        Ok(value * weight)
    };
    let (mut sum, reach) = first_level(&mut term)?;
    let mut step = FIRST_STEP;
    let mut previous = sum.total * step;
    let mut converged = false;
    for level in 1..=MAX_LEVEL {
        step *= 0.5;
        sum.add_odd_multiples(&mut term, step, reach)?;
        let (integral, norm) = (sum.total * step, sum.norm * step);
        let error = (integral.value() - previous.value()).abs();
        // One level more than the values need, for the derivatives.
        if converged {
            return Ok(integral);
        }
        converged = level >= MIN_LEVEL && error <= relative_tolerance * norm;
        if level == MAX_LEVEL {
            let error = QuadratureError::NoConvergence { error, norm };
            return if converged { Ok(integral) } else { Err(error) };
        }
        previous = integral;
    }
    Ok(previous)
}

/// A point of the trapezoidal rule.
struct Node {
    x: f64,
    distance: f64,
    /// dx/dt.
    weight: f64,
}

/// x(t), by which limits are infinite: tanh-sinh, exp-sinh or sinh-sinh.
struct Substitution {
    low: f64,
    high: f64,
}

impl Substitution {
    /// The point at `t`; nothing where it is out of the range of numbers.
    fn node(&self, t: f64) -> Option<Node> {
        const HALF_PI: f64 = std::f64::consts::FRAC_PI_2;
        let (u, slope) = (HALF_PI * t.sinh(), HALF_PI * t.cosh());
        let node = match (self.low.is_finite(), self.high.is_finite()) {
            (true, true) => {
                let half = 0.5 * (self.high - self.low);
                // 1 - tanh|u|, without cancellation.
                let gap = half * 2.0 / (1.0 + (2.0 * u.abs()).exp());
                let weight = half * slope / u.cosh() / u.cosh();
                match u < 0.0 {
                    true => Node { x: self.low + gap, distance: -gap, weight },
                    false => Node { x: self.high - gap, distance: gap, weight },
                }
            }
            (true, false) => Node { x: self.low + u.exp(), distance: f64::NAN, weight: slope * u.exp() },
            (false, true) => Node { x: self.high - u.exp(), distance: f64::NAN, weight: slope * u.exp() },
            (false, false) => Node { x: u.sinh(), distance: f64::NAN, weight: slope * u.cosh() },
        };
        (node.weight > 0.0 && node.weight.is_finite() && node.x.is_finite()).then_some(node)
    }
}

/// The sum so far, of terms and of their absolute values.
struct Sum<T> {
    total: T,
    norm: f64,
}

impl<T: Real> Sum<T> {
    fn add(&mut self, term: T) {
        self.total += term;
        self.norm += term.value().abs();
    }

    /// Adds the terms at odd multiples of `step` within reach.
    fn add_odd_multiples<E>(
        &mut self,
        term: &mut impl FnMut(f64) -> Result<T, E>,
        step: f64,
        (lower, upper): (f64, f64),
    ) -> Result<(), E> {
        for (sign, reach) in [(1.0, upper), (-1.0, lower)] {
            let mut k = 1.0;
            while k * step <= reach {
                self.add(term(sign * k * step)?);
                k += 2.0;
            }
        }
        Ok(())
    }
}

/// The sum over the first level, and how far from 0 terms matter, downwards and upwards.
fn first_level<T: Real, E>(term: &mut impl FnMut(f64) -> Result<T, E>) -> Result<(Sum<T>, (f64, f64)), E> {
    let centre = term(0.0)?;
    let mut sum = Sum { total: centre, norm: centre.value().abs() };
    let mut largest = centre.value().abs();
    let mut reach = [0.0; 2];
    for (sign, reach) in [1.0, -1.0].into_iter().zip(&mut reach) {
        let (mut t, mut negligible) = (FIRST_STEP, 0);
        while t <= LARGEST_T && negligible < NEGLIGIBLE_RUN {
            let next = term(sign * t)?;
            let size = next.value().abs();
            largest = largest.max(size);
            // A mode far from the middle: nothing has been seen yet, so nothing is negligible.
            negligible = if size <= NEGLIGIBLE * largest && largest > 0.0 { negligible + 1 } else { 0 };
            sum.add(next);
            *reach = t;
            t += FIRST_STEP;
        }
    }
    Ok((sum, (reach[1], reach[0])))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn integral(f: impl Fn(f64, f64) -> f64, low: f64, high: f64) -> f64 {
        integrate(|x, distance| Ok::<f64, ()>(f(x, distance)), low, high, 1e-10).unwrap()
    }

    #[test]
    fn known_integrals_over_finite_and_infinite_intervals() {
        let root_pi = std::f64::consts::PI.sqrt();
        let infinity = f64::INFINITY;
        let cases = [
            (integral(|x, _| x * x, 0.0, 3.0), 9.0),
            (integral(|x, _| (-x * x).exp(), -infinity, infinity), root_pi),
            (integral(|x, _| (-x).exp(), 0.0, infinity), 1.0),
            (integral(|x, _| x.exp(), -infinity, 1.0), 1f64.exp()),
            (integral(|x, _| 1.0 / (1.0 + x * x), -infinity, infinity), std::f64::consts::PI),
            (integral(|x, _| x.ln(), 0.0, 1.0), -1.0),
        ];
        for (found, expected) in cases {
            assert!((found - expected).abs() < 1e-12 * expected.abs(), "{found} {expected}");
        }
    }

    #[test]
    fn the_distance_to_a_limit_resolves_a_singularity_there() {
        // The beta function at (1, 1/2): the integrand is infinite at the upper limit.
        let found = integral(|x, d| if d > 0.0 { d.powf(-0.5) } else { (1.0 - x).powf(-0.5) }, 0.0, 1.0);
        assert!((found - 2.0).abs() < 1e-11, "{found}");
    }

    #[test]
    fn limits_out_of_order_and_integrals_that_do_not_exist_are_errors() {
        let found = integrate(|x, _| Ok::<f64, ()>(x), 1.0, 0.0, 1e-8);
        assert_eq!(found, Err(QuadratureError::Limits(1.0, 0.0)));
        let found = integrate(|x: f64, _| Ok::<f64, ()>(1.0 / (x - 0.3).abs()), 0.0, 1.0, 1e-8);
        assert!(matches!(found, Err(QuadratureError::NoConvergence { .. })), "{found:?}");
    }
}
