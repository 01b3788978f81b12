//! Functions of the table as operations of the graph: value from the plain number, derivatives from dual numbers.
//!
//! Every function works here on the day that it is added to the table; an operation of the graph's own, or an adjoint by
//! hand, is only ever faster.

use std::fmt;

use hlmc_builtins::table::{Implementation, Row};
pub use hlmc_builtins::{DIRECTIONS, Dual};
use hlmc_builtins::{Fault, FunctionId, Library, Part, Terms};
use hlmc_math::Real;

use crate::each_lane::EachLane;

/// The table at both numbers.
pub struct Tables {
    /// For values.
    pub plain: Library<f64>,
    /// For derivatives.
    pub dual: Library<Dual>,
}

impl Tables {
    /// The whole table.
    #[must_use]
    pub fn new() -> Self {
        Tables { plain: Library::new(), dual: Library::new() }
    }
}

impl Default for Tables {
    fn default() -> Self {
        Self::new()
    }
}

/// A scalar function or density of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Elementwise {
    /// The function.
    pub function: FunctionId,
    /// Which terms a density keeps.
    pub terms: Terms,
}

impl std::hash::Hash for Elementwise {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (self.function, self.terms.propto, self.terms.auto_arguments).hash(state);
    }
}

impl Elementwise {
    /// The value at scalar arguments.
    ///
    /// # Errors
    /// What the function faults with.
    #[inline]
    pub fn call<A: Real>(self, library: &Library<A>, x: &[A]) -> Result<A, Fault> {
        let unknown = || Fault::fatal("is not a scalar function");
        match library.row(self.function).ok_or_else(unknown)? {
            Row::Function(row) => match row.implementation {
                Implementation::Unary(f) => Ok(f(x[0])),
                Implementation::Binary(f) => Ok(f(x[0], x[1])),
                Implementation::Scalar(f) => f(x),
                Implementation::Int(_) | Implementation::Whole(_) => Err(unknown()),
            },
            Row::Distribution(row) => match self.function.part {
                Part::Density => row.scalar_density(x, self.terms),
                part => row.scalar_cumulative(part, x),
            },
        }
    }

    /// The value and the partial derivative in each argument.
    ///
    /// # Errors
    /// What the function faults with.
    pub fn partials(self, tables: &Tables, x: &[f64], partials: &mut [f64]) -> Result<f64, Fault> {
        let seeded = |(i, x): (usize, &f64)| Dual::constant(*x).derivative(i);
        let arguments: smallvec::SmallVec<[Dual; DIRECTIONS]> =
            x.iter().take(DIRECTIONS).enumerate().map(seeded).collect();
        let result = self.call(&tables.dual, &arguments)?;
        for (i, partial) in partials.iter_mut().enumerate() {
            *partial = result.partial(i);
        }
        Ok(result.value())
    }
}

/// A function of whole columns: all its inputs in one column, all its outputs in another.
pub trait Whole: Send + Sync + fmt::Debug {
    /// The values.
    ///
    /// # Errors
    /// What the function faults with.
    fn forward(&self, inputs: &[f64], outputs: &mut [f64]) -> Result<(), Fault>;

    /// Adds the transposed Jacobian times `adjoint_outputs` to `adjoint_inputs`. Nobody needs `adjoint_outputs` afterwards,
    /// so that it may be overwritten.
    ///
    /// # Errors
    /// What the function faults with.
    fn reverse(
        &self,
        inputs: &[f64],
        outputs: &[f64],
        adjoint_outputs: &mut [f64],
        adjoint_inputs: &mut [f64],
    ) -> Result<(), Fault>;

    /// The function as one that looks at each lane for itself, if it does.
    fn each_lane(&self) -> Option<&EachLane> {
        None
    }
}

/// A formula that is generic over the number; its adjoint follows by forward mode.
pub trait Generic: Send + Sync + fmt::Debug {
    /// Values at plain numbers.
    ///
    /// # Errors
    /// What the function faults with.
    fn plain(&self, inputs: &[f64], outputs: &mut Vec<f64>) -> Result<(), Fault>;

    /// Values at dual numbers.
    ///
    /// # Errors
    /// What the function faults with.
    fn dual(&self, inputs: &[Dual], outputs: &mut Vec<Dual>) -> Result<(), Fault>;
}

/// A generic formula as a function of whole columns.
#[derive(Debug)]
pub struct ByForwardMode<G>(pub G);

impl<G: Generic> Whole for ByForwardMode<G> {
    fn forward(&self, inputs: &[f64], outputs: &mut [f64]) -> Result<(), Fault> {
        let mut values = Vec::with_capacity(outputs.len());
        self.0.plain(inputs, &mut values)?;
        copy_all(&values, outputs)
    }

    fn reverse(
        &self,
        inputs: &[f64],
        _outputs: &[f64],
        adjoint_outputs: &mut [f64],
        adjoint_inputs: &mut [f64],
    ) -> Result<(), Fault> {
        let mut duals: Vec<Dual> = inputs.iter().map(|x| Dual::constant(*x)).collect();
        let mut outputs = Vec::with_capacity(adjoint_outputs.len());
        for (chunk, adjoints) in adjoint_inputs.chunks_mut(DIRECTIONS).enumerate() {
            let first = chunk * DIRECTIONS;
            for i in 0..adjoints.len() {
                duals[first + i] = Dual::constant(inputs[first + i]).derivative(i);
            }
            outputs.clear();
            self.0.dual(&duals, &mut outputs)?;
            for (output, adjoint) in outputs.iter().zip(&*adjoint_outputs).filter(|(_, adjoint)| **adjoint != 0.0) {
                adjoints.iter_mut().enumerate().for_each(|(i, sum)| *sum += adjoint * output.partial(i));
            }
            for i in 0..adjoints.len() {
                duals[first + i] = Dual::constant(inputs[first + i]);
            }
        }
        Ok(())
    }
}

fn copy_all(from: &[f64], to: &mut [f64]) -> Result<(), Fault> {
    if from.len() != to.len() {
        return Err(Fault::fatal(format!("gave {} numbers where {} were expected", from.len(), to.len())));
    }
    to.copy_from_slice(from);
    Ok(())
}
