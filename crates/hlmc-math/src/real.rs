//! The number that every formula is generic over: a plain `f64`, or a dual number that carries derivatives with it.
//!
//! A formula written once over [`Real`] gives its value at `f64` and its partial derivatives at dual numbers. Where the
//! formula itself is no good way to the derivative (a table, a series, an iteration), [`Real::chain`] states it:
//!
//! ```
//! use hlmc_math::Real;
//! use num_dual::{DualNum, DualSVec64};
//!
//! /// The square, with its derivative stated instead of derived.
//! fn square<T: Real>(x: T) -> T {
//!     if T::NDERIV == 0 {
//!         return T::constant(x.value() * x.value());
//!     }
//!     x.chain(square(x.lower()), x.lower() * 2.0)
//! }
//!
//! let x = DualSVec64::<1>::from_re(3.0).derivative(0);
//! assert_eq!(square(x).value(), 9.0);
//! assert_eq!(square(x).partial(0), 6.0);
//! ```
//!
//! The recursion ends because the lower number of `f64` is `f64` itself, where `NDERIV` is 0; numbers may nest (dual
//! numbers of dual numbers give second derivatives).

use num_dual::{Derivative, DualNum, DualSVec};

/// A number of the evaluator: see the module's documentation.
pub trait Real: DualNum<Primitive = f64> + Copy + Send + Sync {
    /// The number one order of differentiation below; `f64` is its own.
    type Lower: Real;

    /// The number of directions of which [`Real::partial`] knows the derivative.
    const N_DIRECTIONS: usize = 0;

    /// The plain value, without derivatives.
    fn value(&self) -> f64;

    /// A number that depends on nothing.
    fn constant(value: f64) -> Self;

    /// A number whose derivative is 1 in that direction and 0 in all others; without derivatives for plain numbers and
    /// for a direction out of range.
    fn seeded(value: f64, direction: usize) -> Self;

    /// A number with these derivatives in the first directions, and 0 in the others; without derivatives for plain
    /// numbers.
    fn with_partials(value: f64, partials: &[f64]) -> Self;

    /// The value one order of differentiation below.
    fn lower(&self) -> Self::Lower;

    /// `f(self)`, given `f` and its derivative at `self.lower()`.
    fn chain(&self, value: Self::Lower, derivative: Self::Lower) -> Self;

    /// The first derivative in direction `direction`; 0 for plain numbers and for constants.
    fn partial(&self, direction: usize) -> f64;

    /// True when no derivative is carried along (always for plain numbers).
    fn is_constant(&self) -> bool;
}

impl Real for f64 {
    type Lower = f64;

    #[inline]
    fn value(&self) -> f64 {
        *self
    }

    #[inline]
    fn constant(value: f64) -> Self {
        value
    }

    #[inline]
    fn seeded(value: f64, _direction: usize) -> Self {
        value
    }

    #[inline]
    fn with_partials(value: f64, _partials: &[f64]) -> Self {
        value
    }

    #[inline]
    fn lower(&self) -> f64 {
        *self
    }

    #[inline]
    fn chain(&self, value: f64, _derivative: f64) -> Self {
        value
    }

    #[inline]
    fn partial(&self, _direction: usize) -> f64 {
        0.0
    }

    #[inline]
    fn is_constant(&self) -> bool {
        true
    }
}

impl<T: Real, const N: usize> Real for DualSVec<T, N> {
    type Lower = T;

    const N_DIRECTIONS: usize = N;

    #[inline]
    fn value(&self) -> f64 {
        self.re.value()
    }

    #[inline]
    fn constant(value: f64) -> Self {
        Self::new(T::constant(value), Derivative::none())
    }

    #[inline]
    fn seeded(value: f64, direction: usize) -> Self {
        let number = Self::constant(value);
        if direction < N { number.derivative(direction) } else { number }
    }

    #[inline]
    fn with_partials(value: f64, partials: &[f64]) -> Self {
        let partial = |direction: usize| partials.get(direction).copied().unwrap_or(0.0);
        let mut number = Self::seeded(value, 0);
        let column = number.eps.0.iter_mut().flat_map(|column| column.iter_mut());
        column.enumerate().for_each(|(direction, slot)| *slot = T::constant(partial(direction)));
        number
    }

    #[inline]
    fn lower(&self) -> T {
        self.re
    }

    #[inline]
    fn chain(&self, value: T, derivative: T) -> Self {
        Self::new(value, self.eps * derivative)
    }

    #[inline]
    fn partial(&self, direction: usize) -> f64 {
        self.eps.0.as_ref().and_then(|eps| eps.get(direction)).map_or(0.0, Real::value)
    }

    #[inline]
    fn is_constant(&self) -> bool {
        self.eps.0.is_none()
    }
}
