//! Integrals of functions of one variable by double exponential quadrature (Takahasi and Mori 1974): tanh-sinh on finite
//! intervals, exp-sinh and sinh-sinh on infinite ones, as in Boost, on which Stan's `integrate_1d` is built.
//!
//! The integrand may be singular at the ends, not between them. Derivatives of the integrand are integrated with it.

use std::f64::consts::FRAC_PI_2;
use std::fmt;

use crate::Real;

/// An integral, and how far from it the value may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Integral<T> {
    /// The approximation.
    pub value: T,
    /// The change from the last refinement but one, of value or derivatives: an upper estimate of the error.
    pub error: f64,
    /// The integral of the absolute value, to which errors are relative.
    pub l1_norm: f64,
}

/// Why there is no integral.
#[derive(Clone, Debug, PartialEq)]
pub enum QuadratureError<E> {
    /// The integrand failed.
    Integrand(E),
    /// The integrand is not finite at this place.
    NotFinite(f64),
    /// The limits are NaN or in the wrong order.
    Limits(f64, f64),
}

impl<E: fmt::Display> fmt::Display for QuadratureError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integrand(error) => error.fmt(f),
            Self::NotFinite(x) => write!(f, "the integrand is not finite at {x}"),
            Self::Limits(a, b) => write!(f, "the limits of integration must be in order, but are {a} and {b}"),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> std::error::Error for QuadratureError<E> {}

/// The integral of `f` from `a` to `b`, either of which may be infinite.
///
/// `f` takes the place x and, between finite limits, the distance to the nearer limit without cancellation: `a - x` (not
/// positive) next to `a`, `b - x` next to `b`; otherwise NaN. Halving of the step ends when the estimated error is below
/// `relative_tolerance` times the L1 norm, or after 12 times; whether [`Integral::error`] is small enough is for the
/// caller to judge.
///
/// # Errors
/// [`QuadratureError`].
pub fn integrate<T: Real, E>(
    mut f: impl FnMut(f64, f64) -> Result<T, E>,
    a: f64,
    b: f64,
    relative_tolerance: f64,
) -> Result<Integral<T>, QuadratureError<E>> {
    if a == b && a.is_finite() {
        return Ok(Integral { value: T::constant(0.0), error: 0.0, l1_norm: 0.0 });
    }
    if a.is_nan() || b.is_nan() || a >= b {
        return Err(QuadratureError::Limits(a, b));
    }
    let interval = Interval { a, b };
    let mut sums = Sums { value: T::constant(0.0), l1_norm: 0.0 };
    let (mut step, mut result) = (1.0, Integral { value: T::constant(0.0), error: f64::INFINITY, l1_norm: 0.0 });
    for level in 0..=MAX_HALVINGS {
        sums.add_nodes(&mut f, interval, step, level)?;
        let value = sums.value * step;
        let l1_norm = sums.l1_norm * step;
        let error = if level == 0 { f64::INFINITY } else { largest_part(value - result.value) };
        result = Integral { value, error, l1_norm };
        if level >= MIN_HALVINGS && error <= relative_tolerance * l1_norm {
            break;
        }
        step *= 0.5;
    }
    Ok(result)
}

const MIN_HALVINGS: u32 = 3;
const MAX_HALVINGS: u32 = 12;
/// Past this, all three substitutions run into the ends of the floating-point numbers.
const LARGEST_NODE: f64 = 6.1;
/// Terms below this share of the sum are not worth summing; where a stretch as long as [`NEGLIGIBLE_STRETCH`] has only
/// such terms, the rest is left out.
const NEGLIGIBLE: f64 = 1e-30;
const NEGLIGIBLE_STRETCH: f64 = 1.0;

#[derive(Clone, Copy)]
struct Interval {
    a: f64,
    b: f64,
}

/// A place to evaluate the integrand at.
struct Node {
    x: f64,
    to_limit: f64,
    weight: f64,
}

impl Interval {
    fn node(self, t: f64) -> Node {
        let (u, slope) = (FRAC_PI_2 * t.sinh(), FRAC_PI_2 * t.cosh());
        match (self.a.is_finite(), self.b.is_finite()) {
            (true, true) => {
                let half = 0.5 * (self.b - self.a);
                // 1 - tanh(|u|) = 2 / (1 + e^(2 |u|)), without cancellation.
                let distance = half * 2.0 / (1.0 + (2.0 * u.abs()).exp());
                let weight = half * slope / u.cosh().powi(2);
                if u < 0.0 {
                    Node { x: self.a + distance, to_limit: -distance, weight }
                } else {
                    Node { x: self.b - distance, to_limit: distance, weight }
                }
            }
            (true, false) => Node { x: self.a + u.exp(), to_limit: f64::NAN, weight: slope * u.exp() },
            (false, true) => Node { x: self.b - u.exp(), to_limit: f64::NAN, weight: slope * u.exp() },
            (false, false) => Node { x: u.sinh(), to_limit: f64::NAN, weight: slope * u.cosh() },
        }
    }
}

struct Sums<T> {
    value: T,
    l1_norm: f64,
}

impl<T: Real> Sums<T> {
    /// Adds the nodes that are new at this step: all at level 0, every other one later.
    fn add_nodes<E>(
        &mut self,
        f: &mut impl FnMut(f64, f64) -> Result<T, E>,
        interval: Interval,
        step: f64,
        level: u32,
    ) -> Result<(), QuadratureError<E>> {
        let (first, stride) = if level == 0 { (0.0, 1.0) } else { (1.0, 2.0) };
        for side in [1.0, -1.0] {
            let mut k = if level == 0 && side < 0.0 { 1.0 } else { first };
            let mut negligible_since = f64::INFINITY;
            while k * step <= LARGEST_NODE {
                let t = k * step;
                let node = interval.node(side * t);
                k += stride;
                if node.weight == 0.0 || !node.weight.is_finite() || node.to_limit == 0.0 {
                    break;
                }
                let term = f(node.x, node.to_limit).map_err(QuadratureError::Integrand)? * node.weight;
                let size = largest_part(term);
                if !size.is_finite() {
                    // Far out this is the end of the floating-point numbers, not of the function.
                    if t < NEGLIGIBLE_STRETCH || self.l1_norm == 0.0 {
                        return Err(QuadratureError::NotFinite(node.x));
                    }
                    break;
                }
                self.value += term;
                self.l1_norm += term.value().abs();
                if size > NEGLIGIBLE * self.l1_norm || self.l1_norm == 0.0 {
                    negligible_since = f64::INFINITY;
                } else {
                    negligible_since = negligible_since.min(t);
                    if t - negligible_since > NEGLIGIBLE_STRETCH {
                        break;
                    }
                }
            }
        }
        Ok(())
    }
}

/// The largest of a number's value and derivatives, in absolute value; NaN if one of them is.
fn largest_part<T: Real>(x: T) -> f64 {
    (0..T::N_DIRECTIONS)
        .map(|direction| x.partial(direction).abs())
        .fold(x.value().abs(), |largest, part| if part > largest || part.is_nan() { part } else { largest })
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::f64::consts::PI;

    use num_dual::DualSVec64;

    use super::*;

    fn integral(f: impl Fn(f64) -> f64, a: f64, b: f64) -> f64 {
        integrate(|x, _| Ok::<f64, Infallible>(f(x)), a, b, 1e-12).unwrap().value
    }

    #[test]
    fn known_integrals_come_out() {
        for (found, expected) in [
            (integral(|x| x * x, -1.0, 2.0), 3.0),
            (integral(|x| x.powf(-0.5), 0.0, 1.0), 2.0),
            (integral(|x| x.ln() * x.ln(), 0.0, 1.0), 2.0),
            (integral(|x| (-x).exp(), 0.0, f64::INFINITY), 1.0),
            (integral(|x| 1.0 / (1.0 + x * x), f64::NEG_INFINITY, 0.0), PI / 2.0),
            (integral(|x| x * x * (-0.5 * x * x).exp(), f64::NEG_INFINITY, f64::INFINITY), (2.0 * PI).sqrt()),
            (
                integral(|x| (-0.5 * (x - 3.0).powi(2) / 0.01).exp(), f64::NEG_INFINITY, f64::INFINITY),
                0.1 * (2.0 * PI).sqrt(),
            ),
            (integral(|_| 1.0, 3.0, 3.0), 0.0),
        ] {
            assert!((found - expected).abs() <= 1e-9 * expected.abs(), "{found} instead of {expected}");
        }
    }

    #[test]
    fn the_distance_to_a_limit_keeps_its_digits() {
        // ∫ (1 - x)^(-0.9) over (0, 1) is 10, a fortieth of it next to 1 where 1 - x itself is 0.
        let f = |x: f64, to_limit: f64| {
            Ok::<f64, Infallible>(if to_limit > 0.0 { to_limit.powf(-0.9) } else { (1.0 - x).powf(-0.9) })
        };
        let found = integrate(f, 0.0, 1.0, 1e-9).unwrap();
        assert!((found.value - 10.0).abs() < 1e-7, "{found:?}");
    }

    #[test]
    fn derivatives_are_integrated_too() {
        let rate = DualSVec64::<1>::from_re(2.0).derivative(0);
        let f = |x: f64, _: f64| Ok::<_, Infallible>(crate::special::exp(-rate * x));
        let found = integrate(f, 0.0, f64::INFINITY, 1e-10).unwrap();
        assert!((found.value.value() - 0.5).abs() < 1e-12);
        assert!((found.value.partial(0) + 0.25).abs() < 1e-12);
    }

    #[test]
    fn what_has_no_integral_is_refused() {
        let nan = |_: f64, _: f64| Ok::<f64, Infallible>(f64::NAN);
        assert!(matches!(integrate(nan, 0.0, 1.0, 1e-8), Err(QuadratureError::NotFinite(_))));
        assert_eq!(integrate(nan, 1.0, 0.0, 1e-8), Err(QuadratureError::Limits(1.0, 0.0)));
        let failing = |_: f64, _: f64| Err::<f64, _>("no value");
        assert_eq!(integrate(failing, 0.0, 1.0, 1e-8), Err(QuadratureError::Integrand("no value")));
    }
}
