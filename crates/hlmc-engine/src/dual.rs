//! Forward mode: the evaluator over dual numbers, a chunk of directions at a time. It follows any control flow, and every
//! other engine must agree with it.

use hlmc_eval::{BoundModel, Evaluator, Failure, Options, Severity};
use hlmc_math::{LogDensity, Rejection};
use num_dual::DualSVec64;

/// Directions that one evaluation carries along. More make fewer evaluations, each with more to carry; of 4, 8, 12 and
/// 16 this is the fastest on models of about a dozen parameters and no slower on larger ones.
pub const DIRECTIONS: usize = 8;

/// A number with its derivatives in some directions.
type Number = DualSVec64<DIRECTIONS>;

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

    /// What went wrong at the last point, with its place in the program; `None` if nothing did.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }

    /// What `print` has said since this was asked last, line by line.
    pub fn take_printed(&mut self) -> Vec<String> {
        std::mem::take(&mut self.printed)
    }

    /// The log density, with the partial derivatives in directions `start`, `start + 1`, ... written to `gradient`.
    fn chunk(&mut self, position: &[f64], start: usize, gradient: &mut [f64]) -> Result<f64, Failure> {
        self.position.clear();
        self.position.extend(position.iter().map(|x| Number::from_re(*x)));
        for (i, x) in self.position.iter_mut().skip(start).take(gradient.len()).enumerate() {
            *x = x.derivative(i);
        }
        let log_density = self.evaluator.log_density(&self.position, self.options)?;
        // A density that depends on no direction of the chunk carries no derivatives.
        match &log_density.eps.0 {
            Some(partials) => gradient.iter_mut().zip(partials.iter()).for_each(|(slot, partial)| *slot = *partial),
            None => gradient.fill(0.0),
        }
        Ok(log_density.re)
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
