//! Scalar special functions, generic over [`Real`](crate::Real).
//!
//! Each function computes its value in plain `f64` arithmetic and states its partial derivatives as formulas one order
//! of differentiation below (see [`crate::real`]), so that neither depends on how the other is evaluated. Nothing here
//! checks domains: outside them a function returns NaN or an infinity, and whoever needs an exception raises it.
//! Names are those of Stan's function reference. Functions of vectors are not here, except the few reductions of
//! [`log_exp`] that scalar formulas need.

/// Defines `name<T: Real>(x: T) -> T` from its value at `f64` and its derivative, given `x` and `y = name(x)`.
macro_rules! unary {
    ($(#[$meta:meta])* $name:ident = $value:expr; |$x:ident, $y:ident| $derivative:expr) => {
        $(#[$meta])*
        #[inline]
        pub fn $name<T: Real>(x: T) -> T {
            if T::NDERIV == 0 {
                let value: fn(f64) -> f64 = $value;
                return T::constant(value(x.value()));
            }
            let $x = x.lower();
            let $y = $name($x);
            if x.is_constant() {
                return x.chain($y, $y);
            }
            x.chain($y, $derivative)
        }
    };
}

/// Defines `name<T: Real>(x: T, y: T) -> T` from its value at `f64` and its partial derivatives, given the arguments
/// and `f = name(x, y)`. A partial derivative is not evaluated where its argument is constant.
macro_rules! binary {
    ($(#[$meta:meta])* $name:ident = $value:expr; |$x:ident, $y:ident, $f:ident| $dx:expr, $dy:expr) => {
        $(#[$meta])*
        #[inline]
        pub fn $name<T: Real>(x: T, y: T) -> T {
            if T::NDERIV == 0 {
                let value: fn(f64, f64) -> f64 = $value;
                return T::constant(value(x.value(), y.value()));
            }
            let ($x, $y) = (x.lower(), y.lower());
            let $f = $name($x, $y);
            if y.is_constant() {
                return if x.is_constant() { x.chain($f, $f) } else { x.chain($f, $dx) };
            }
            let along_y = y.chain($f, $dy);
            if x.is_constant() {
                return along_y;
            }
            along_y + x.chain(T::Lower::constant(0.0), $dx)
        }
    };
}

pub mod bessel;
pub mod combinatorial;
pub mod elementary;
pub mod gamma;
pub mod incomplete_beta;
pub mod incomplete_gamma;
pub mod lambert;
pub mod log_exp;
pub mod normal;

pub use bessel::*;
pub use combinatorial::*;
pub use elementary::*;
pub use gamma::*;
pub use incomplete_beta::*;
pub use incomplete_gamma::*;
pub use lambert::*;
pub use log_exp::*;
pub use normal::*;
