//! Integrals, and the integrals of derivatives.

use hlmc_builtins::{DIRECTIONS, Dual, Fault};
use hlmc_math::Real;
use hlmc_math::quadrature::{QuadratureError, integrate};

use super::tape::{Tape, width};
use super::{Given, seed};
use crate::apply::Whole;

/// The integral of f(x, xc, p) over x from one limit to the other.
///
/// The inputs are the unknown parameters, and behind these the limits that are unknown. The outputs are the integral,
/// its derivatives by the inputs, and what is needed on the way.
#[derive(Debug)]
pub struct Quadrature {
    tape: Tape,
    limits: [Given; 2],
    relative_tolerance: f64,
    n_parameters: usize,
    n_inputs: usize,
    width: usize,
}

/// The inputs of the tape in front of the parameters: x, and its distance to the nearer limit.
const N_PLACES: usize = 2;

impl Quadrature {
    /// An integral of the function `tape`, whose inputs are x, the distance to the nearer limit, and the parameters.
    #[must_use]
    pub fn new(tape: Tape, limits: [Given; 2], relative_tolerance: f64) -> Self {
        let n_parameters = tape.n_inputs() - N_PLACES;
        let n_limits = limits.iter().filter(|limit| matches!(limit, Given::Input(_))).count();
        let n_inputs = n_parameters + n_limits;
        Quadrature { tape, limits, relative_tolerance, n_parameters, n_inputs, width: width(n_parameters) }
    }

    /// The number of outputs.
    #[must_use]
    pub fn n_outputs(&self) -> usize {
        1 + self.n_inputs + self.tape.workspace(self.width)
    }

    /// The row of the integrand.
    fn integrand<'w>(&self, workspace: &'w mut [f64], x: f64, distance: f64) -> Result<&'w [f64], Fault> {
        let w = self.width;
        workspace[0] = x;
        workspace[w] = distance;
        self.tape.run(w, workspace)?;
        let slot = self.tape.results().first().copied().unwrap_or(0);
        Ok(&workspace[slot as usize * w..][..w])
    }

    /// The integral, with the derivatives by the parameters from `first` on that the number has room for.
    fn integral<A: Real>(&self, workspace: &mut [f64], [low, high]: [f64; 2], first: usize) -> Result<A, Fault> {
        let f = |x: f64, distance: f64| {
            let row = self.integrand(workspace, x, distance)?;
            Ok(A::with_partials(row[0], row.get(1 + first..).unwrap_or(&[])))
        };
        let found = integrate(f, low, high, self.relative_tolerance).map_err(|error| match error {
            QuadratureError::Integrand(fault) => fault,
            other => Fault::rejection(other.to_string()),
        })?;
        if found.error.is_nan() || found.error > self.relative_tolerance * found.l1_norm {
            return Err(Fault::rejection("the integral does not converge to its tolerance"));
        }
        Ok(found.value)
    }
}

impl Whole for Quadrature {
    fn forward(&self, inputs: &[f64], outputs: &mut [f64]) -> Result<(), Fault> {
        let w = self.width;
        let (result, workspace) = outputs.split_at_mut(1 + self.n_inputs);
        let (value, partials) = result.split_at_mut(1);
        let limits = self.limits.map(|limit| limit.value(inputs));
        self.tape.start(w, workspace, |rows| {
            for input in 0..self.n_parameters {
                seed(&mut rows[(N_PLACES + input) * w..][..w], inputs[input], input);
            }
        })?;
        let (by_parameters, _) = partials.split_at_mut(self.n_parameters);
        if by_parameters.is_empty() {
            value[0] = self.integral::<f64>(workspace, limits, 0)?;
        }
        for (chunk, partials) in by_parameters.chunks_mut(DIRECTIONS).enumerate() {
            let integral = self.integral::<Dual>(workspace, limits, chunk * DIRECTIONS)?;
            value[0] = integral.value();
            partials.iter_mut().enumerate().for_each(|(i, partial)| *partial = integral.partial(i));
        }
        // The derivative by a limit is the integrand there.
        for (limit, (x, sign)) in self.limits.iter().zip(limits.into_iter().zip([-1.0, 1.0])) {
            if let Given::Input(input) = limit {
                partials[*input] = sign * self.integrand(workspace, x, 0.0)?[0];
            }
        }
        Ok(())
    }

    fn reverse(
        &self,
        _inputs: &[f64],
        outputs: &[f64],
        adjoint_outputs: &mut [f64],
        adjoint_inputs: &mut [f64],
    ) -> Result<(), Fault> {
        let adjoint = adjoint_outputs[0];
        let partials = &outputs[1..=self.n_inputs];
        adjoint_inputs.iter_mut().zip(partials).for_each(|(sum, partial)| *sum += adjoint * partial);
        Ok(())
    }
}
