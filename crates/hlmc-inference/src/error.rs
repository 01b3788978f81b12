//! Why a chain cannot start, or cannot go on.

use hlmc_math::Rejection;
use thiserror::Error;

/// A setting out of its range.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum SettingsError {
    /// `adapt_delta` is a mean acceptance probability.
    #[error("adapt_delta must be between 0 and 1, exclusive, but is {found}")]
    AdaptDelta {
        /// The value given.
        found: f64,
    },
    /// A trajectory needs at least one doubling.
    #[error("max_treedepth must be at least 1, but is 0")]
    MaxTreedepth,
    /// A step size is a positive number.
    #[error("the initial step size must be positive and finite, but is {found}")]
    StepSize {
        /// The value given.
        found: f64,
    },
    /// The first metric window needs at least one draw.
    #[error("the base window of warmup must be at least 1, but is 0")]
    BaseWindow,
    /// The radius of random initial positions.
    #[error("the initial radius must be finite and not negative, but is {found}")]
    Radius {
        /// The value given.
        found: f64,
    },
    /// A given position that is no point of the density's space.
    #[error("the initial position has {found} coordinates, but the density has {expected}")]
    PositionLength {
        /// The number of coordinates given.
        found: usize,
        /// The dimension of the density.
        expected: usize,
    },
}

/// Why a chain cannot start at a point.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum PointFailure {
    /// The density has no value there.
    #[error("the density was rejected: {0}")]
    Rejected(Rejection),
    /// The log density is NaN or infinite.
    #[error("the log density is {value}")]
    LogDensity {
        /// The log density.
        value: f64,
    },
    /// The log density is finite, but a coordinate of its gradient is not.
    #[error("the log density is {log_density}, but coordinate {coordinate} (from 0) of its gradient is {value}")]
    Gradient {
        /// The first such coordinate of the unconstrained space, from zero.
        coordinate: usize,
        /// That coordinate of the gradient.
        value: f64,
        /// The log density.
        log_density: f64,
    },
}

/// Why a chain cannot start or cannot go on.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum SamplerError {
    /// A setting is out of its range.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The chain cannot start at the point that was given.
    #[error("cannot start at the given initial position: {failure}")]
    GivenPosition {
        /// What was wrong there.
        failure: PointFailure,
    },
    /// No random point was good enough to start at.
    #[error("found no point to start at in ({:?}, {radius:?}) after {n_attempts} attempts; at the last one, {last}", -radius)]
    NoInitialPosition {
        /// The number of points tried.
        n_attempts: usize,
        /// The half-width of the interval of each coordinate.
        radius: f64,
        /// The last point tried.
        last_position: Vec<f64>,
        /// What was wrong with the last point.
        last: PointFailure,
        /// What was wrong with the first points: as many as are kept for a running chain.
        first: Vec<PointFailure>,
    },
    /// The density says that trying further points makes no sense.
    #[error("{0}")]
    Fatal(Rejection),
    /// The density does not fall off: leapfrog steps of any size are accepted.
    #[error(
        "the density does not fall off within a step of size {step_size:e}: it is improper, or a parameter is missing from it"
    )]
    Improper {
        /// The step size at which the search stopped.
        step_size: f64,
    },
    /// However small a step, it is not accepted: the density is not continuous, or its gradient is wrong.
    #[error(
        "no step size is small enough for the leapfrog integrator: the density is not continuous, or its gradient is wrong"
    )]
    NoStepSize,
    /// The draws of a metric window have no finite variance.
    #[error(
        "the metric cannot be adapted: the draws of unconstrained coordinate {coordinate} (from 0) have variance {variance}, so the density is too wide or improper"
    )]
    MetricOverflow {
        /// The coordinate of the unconstrained space, from zero.
        coordinate: usize,
        /// Its estimated variance.
        variance: f64,
    },
    /// The covariance of the draws of a metric window is singular to working precision.
    #[error(
        "the dense metric cannot be adapted: the covariance of the draws is singular at unconstrained coordinate {coordinate} (from 0)"
    )]
    SingularMetric {
        /// The coordinate at which the Cholesky factorisation failed, from zero.
        coordinate: usize,
    },
}
