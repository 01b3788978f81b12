//! Leapfrog, metrics, NUTS and its warmup, over any log density.
//!
//! Here: Hamiltonian Monte Carlo as Stan has it. A [`Chain`] takes a [`hlmc_math::LogDensity`], [`Settings`] and a
//! random number generator, and yields one [`Draw`] an iteration; the caller owns the loop, so that it can write each
//! draw as it comes, show progress and stop between two iterations.
//!
//! Not here: the modelling language, threads, files, clocks, thinning, diagnostics of finished draws. A chain is a
//! function of its density, its settings and its generator alone; nothing allocates once a trajectory of a given depth
//! has been seen.
//!
//! Words of this crate and symbols of the papers:
//!
//! | here | in the papers |
//! | --- | --- |
//! | position, momentum | q, p |
//! | velocity, the inverse metric times the momentum | p♯ (p sharp) |
//! | momentum sum of a subtree | ρ |
//! | energy, the negative log density plus the kinetic energy | H |
//! | inverse metric | M⁻¹ (an estimate of the posterior covariance) |
//! | step size | ε |
//!
//! Sources: Hoffman and Gelman, "The No-U-Turn Sampler", JMLR 15 (2014); Betancourt, "A conceptual introduction to
//! Hamiltonian Monte Carlo", arXiv:1701.02434 (2017), appendix A; Stan Reference Manual, "MCMC Sampling".

mod adaptation;
mod chain;
mod error;
mod hamiltonian;
mod initial_position;
mod initial_step_size;
mod linear_algebra;
mod metric;
mod nuts;
mod settings;
mod target;

pub use adaptation::windows::{WarmupWindows, metric_windows};
pub use chain::{Chain, Draw};
pub use error::{PointFailure, SamplerError, SettingsError};
pub use initial_position::MAX_INIT_ATTEMPTS;
pub use metric::{InverseMetric, MetricKind};
pub use nuts::{MAX_ENERGY_ERROR, TransitionStats};
pub use settings::{InitialPosition, Settings};
pub use target::{N_KEPT_REJECTIONS, Rejected, Rejections};

#[cfg(test)]
mod test_densities;
