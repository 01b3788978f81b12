//! Forward mode: the evaluator over dual numbers, a chunk of directions at a time. It follows any control flow, and every
//! other engine must agree with it.

use hlmc_builtins::{DIRECTIONS, Dual as Number};
use hlmc_eval::{BoundModel, Evaluator, Failure, Options, Severity};
use hlmc_math::{LogDensity, Rejection};

use crate::kind::Engine;

/// The forward-mode engine of one chain.
pub struct Dual {
    evaluator: Evaluator<Number>,
    position: Vec<Number>,
    dimension: usize,
    options: Options,
    failure: Option<Failure>,
    printed: Vec<String>,
}

impl Dual {
    /// An engine for the density that is sampled from: constants dropped, Jacobians included.
    #[must_use]
    pub fn new(model: &BoundModel) -> Self {
        Self::with_options(model, Options::SAMPLER)
    }

    /// An engine for another density.
    #[must_use]
    pub fn with_options(model: &BoundModel, options: Options) -> Self {
        let (position, dimension) = (Vec::with_capacity(model.dimension()), model.dimension());
        Dual { evaluator: Evaluator::new(model), position, dimension, options, failure: None, printed: Vec::new() }
    }

    /// Sets the position, `n` directions from `start` on carried along.
    fn set_position(&mut self, position: &[f64], start: usize, n: usize) {
        self.position.clear();
        self.position.extend(position.iter().map(|x| Number::from_re(*x)));
        for (i, x) in self.position.iter_mut().skip(start).take(n).enumerate() {
            *x = x.derivative(i);
        }
    }

    /// The log density alone: the program runs once, whatever the number of parameters.
    ///
    /// # Errors
    /// A [`Rejection`] where the density has no value.
    pub fn log_density(&mut self, position: &[f64]) -> Result<f64, Rejection> {
        self.failure = None;
        let result = self.chunk(position, 0, &mut []);
        self.printed.extend(self.evaluator.take_printed());
        result.map_err(|failure| {
            let rejection = rejection(&failure);
            self.failure = Some(failure);
            rejection
        })
    }

    /// The log density, with the partial derivatives in directions `start`, `start + 1`, ... written to `gradient`.
    fn chunk(&mut self, position: &[f64], start: usize, gradient: &mut [f64]) -> Result<f64, Failure> {
        self.set_position(position, start, gradient.len());
        let log_density = self.evaluator.log_density(&self.position, self.options)?;
        // A density that depends on no direction of the chunk carries no derivatives.
        match &log_density.eps.0 {
            Some(partials) => gradient.iter_mut().zip(partials.iter()).for_each(|(slot, partial)| *slot = *partial),
            None => gradient.fill(0.0),
        }
        Ok(log_density.re)
    }
}

impl Engine for Dual {
    fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }

    fn explain(&mut self, position: &[f64]) -> Option<Failure> {
        (0..position.len().max(1)).step_by(DIRECTIONS).find_map(|start| {
            self.set_position(position, start, DIRECTIONS);
            let failure = self.evaluator.first_not_finite(&self.position, self.options, DIRECTIONS);
            self.evaluator.take_printed();
            failure
        })
    }

    fn take_printed(&mut self) -> Vec<String> {
        std::mem::take(&mut self.printed)
    }
}

impl LogDensity for Dual {
    fn dimension(&self) -> usize {
        self.dimension
    }

    fn log_density_gradient(&mut self, position: &[f64], gradient: &mut [f64]) -> Result<f64, Rejection> {
        let mut log_density = f64::NAN;
        self.failure = None;
        // Without parameters there is still a density.
        for start in (0..position.len().max(1)).step_by(DIRECTIONS) {
            let end = (start + DIRECTIONS).min(gradient.len());
            let chunk = gradient.get_mut(start..end).unwrap_or(&mut []);
            let result = self.chunk(position, start, chunk);
            let printed = self.evaluator.take_printed();
            if start == 0 {
                // Every chunk runs the whole program, and prints the same.
                self.printed.extend(printed);
            }
            match result {
                Ok(value) => log_density = value,
                Err(failure) => {
                    let rejection = rejection(&failure);
                    self.failure = Some(failure);
                    return Err(rejection);
                }
            }
        }
        Ok(log_density)
    }
}

/// A failure in the words that a sampler passes on.
#[must_use]
pub fn rejection(failure: &Failure) -> Rejection {
    let mut message = failure.message.clone();
    if !failure.values.is_empty() {
        let values: Vec<String> = failure.values.iter().map(|(name, value)| format!("{name} = {value}")).collect();
        message.push_str(&format!(" (where {})", values.join(", ")));
    }
    Rejection { message, fatal: failure.severity == Severity::Fatal }
}
