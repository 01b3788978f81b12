//! Numbers only: the number that every formula is generic over, special functions, linear algebra,
//! constraint transforms, and the log density trait. Nothing here knows the language.
//!
//! | module | what is there |
//! | --- | --- |
//! | [`real`] | [`Real`]: plain or dual numbers, and how a function states its derivative |
//! | [`special`] | scalar functions: elementary, log and exp compositions, gamma, beta, normal, Bessel, Lambert W |
//! | [`linear_algebra`] | matrices, products, Cholesky, LU, QR, eigenvalues, singular values, exponential |
//! | [`constraints`] | constrained types as functions of unconstrained values, with log Jacobians |
//! | [`ode`] | the Runge-Kutta solver of Dormand and Prince |
//! | [`root`] | Newton's method for systems of equations |
//! | [`quadrature`] | integrals of functions of one variable |
//! | [`log_density`] | [`LogDensity`]: all that a sampler knows of a model |
//!
//! No function panics, whatever its arguments; only the index operators of matrices do, outside of the matrix. Outside
//! of their domains scalar functions return NaN or an infinity, where Stan may throw an exception: raising it is for the
//! caller. Matrix functions, transforms and solvers return errors.

pub mod complex;
pub mod constraints;
pub mod linear_algebra;
pub mod log_density;
pub mod ode;
pub mod quadrature;
pub mod real;
pub mod root;
pub mod special;

pub use log_density::{LogDensity, Rejection};
pub use real::Real;
