//! Numbers only: the number that every formula is generic over, special functions, linear algebra,
//! constraint transforms, and the log density trait. Nothing here knows the language.

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
