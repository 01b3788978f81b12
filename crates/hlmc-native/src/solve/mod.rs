//! Solutions of problems that the program states by a function of its own: differential equations, systems of equations,
//! integrals.
//!
//! The function is recorded as a graph of its own and becomes a [`tape`]. The solvers are those of [`hlmc_math`], called
//! with the same numbers as forward mode calls them with: values and their derivatives by all that is unknown, which take
//! part in the control of errors. The derivatives are kept behind the values, so that the reverse sweep only multiplies.

mod ode;
mod quadrature;
mod root;
pub mod tape;

pub use ode::{OdeInput, OdeSolution};
pub use quadrature::Quadrature;
pub use root::RootSolution;

/// A number that a solver is given.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Given {
    /// Known.
    Known(f64),
    /// An input of this index.
    Input(usize),
}

impl Given {
    fn value(self, inputs: &[f64]) -> f64 {
        match self {
            Given::Known(value) => value,
            Given::Input(i) => inputs[i],
        }
    }
}

/// A row that depends on an input: its value, and 1 in the direction of the input if rows have directions.
fn seed(row: &mut [f64], value: f64, direction: usize) {
    row[0] = value;
    if let Some(tangent) = row.get_mut(1 + direction) {
        *tangent = 1.0;
    }
}
