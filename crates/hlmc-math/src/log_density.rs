//! What a sampler needs to know of a model: a dimension, a log density and its gradient.

use std::fmt;

/// A point of parameter space at which the density has no value: the proposal is refused and counted.
#[derive(Clone, Debug, PartialEq)]
pub struct Rejection {
    /// Why, for a person: the statement, the value, what was expected of it.
    pub message: String,
    /// True when trying further points makes no sense: the run stops with the message.
    pub fatal: bool,
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Rejection {}

/// A log density over the unconstrained space, known up to a constant, with its gradient.
///
/// One value serves one chain: it may keep buffers between calls, hence `&mut self`. Equal positions give equal
/// results, whatever was asked before.
pub trait LogDensity {
    /// The number of unconstrained coordinates.
    fn dimension(&self) -> usize;

    /// The log density at `position`; writes its gradient (same length) into `gradient`.
    ///
    /// # Errors
    /// A [`Rejection`] where the density has no value. A value that is not finite is no error; the sampler refuses
    /// `-inf` and NaN by itself.
    fn log_density_gradient(&mut self, position: &[f64], gradient: &mut [f64]) -> Result<f64, Rejection>;
}
