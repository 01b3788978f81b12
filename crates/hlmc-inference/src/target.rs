//! The density as a running chain sees it: points where it has no value get weight zero and are counted.

use hlmc_math::LogDensity;

use crate::error::SamplerError;

/// How many rejections keep their message.
pub const N_KEPT_REJECTIONS: usize = 5;

/// One point that was refused while the chain ran.
#[derive(Clone, Debug, PartialEq)]
pub struct Rejected {
    /// The iteration, warmup included, counted from zero.
    pub iteration: usize,
    /// Why: the density's own message, or what its value was.
    pub message: String,
}

/// The points that were refused while the chain ran; those of the search for an initial position are not among them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rejections {
    /// How many points the density refused during warmup.
    pub n_warmup: u64,
    /// How many points the density refused after warmup.
    pub n_sampling: u64,
    /// How many points, of all iterations, had a log density of NaN or positive infinity.
    pub n_not_finite: u64,
    /// The first few of these, at most [`N_KEPT_REJECTIONS`].
    pub first: Vec<Rejected>,
}

/// A log density, and what it refused.
pub(crate) struct Target<D> {
    density: D,
    pub(crate) rejections: Rejections,
    /// The iteration that runs, from zero; and whether it belongs to warmup.
    pub(crate) iteration: usize,
    pub(crate) is_warmup: bool,
}

impl<D: LogDensity> Target<D> {
    pub(crate) fn new(density: D) -> Self {
        Self { density, rejections: Rejections::default(), iteration: 0, is_warmup: true }
    }

    /// The log density at `position`, its gradient in `gradient`. Negative infinity, with a gradient without meaning,
    /// where the density rejects the point or is not a number. Positive infinity counts as such: the point would
    /// never be left again.
    ///
    /// # Errors
    /// A rejection that the density calls fatal.
    pub(crate) fn evaluate(&mut self, position: &[f64], gradient: &mut [f64]) -> Result<f64, SamplerError> {
        match self.density.log_density_gradient(position, gradient) {
            Ok(value) if value < f64::INFINITY => Ok(value),
            Ok(value) => {
                self.rejections.n_not_finite += 1;
                self.keep(|| format!("the log density is {value}"));
                Ok(f64::NEG_INFINITY)
            }
            Err(rejection) if rejection.fatal => Err(SamplerError::Fatal(rejection)),
            Err(rejection) => {
                let counter =
                    if self.is_warmup { &mut self.rejections.n_warmup } else { &mut self.rejections.n_sampling };
                *counter += 1;
                self.keep(|| rejection.message);
                Ok(f64::NEG_INFINITY)
            }
        }
    }

    fn keep(&mut self, message: impl FnOnce() -> String) {
        if self.rejections.first.len() < N_KEPT_REJECTIONS {
            self.rejections.first.push(Rejected { iteration: self.iteration, message: message() });
        }
    }
}
