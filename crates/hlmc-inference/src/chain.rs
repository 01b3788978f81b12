//! One Markov chain: start, warmup, draws.

use hlmc_math::LogDensity;
use rand::Rng;

use crate::adaptation::dual_averaging::DualAveraging;
use crate::adaptation::welford::MetricEstimator;
use crate::adaptation::windows::metric_windows;
use crate::error::SamplerError;
use crate::initial_position::find_initial_position;
use crate::initial_step_size::find_step_size;
use crate::metric::{InverseMetric, Metric, MetricKind};
use crate::nuts::{Nuts, TransitionStats};
use crate::settings::Settings;
use crate::target::{Rejections, Target};

/// One iteration's outcome.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Draw<'a> {
    /// The iteration, from zero; those of warmup come first.
    pub iteration: usize,
    /// Whether the iteration belonged to warmup: such draws are not from the posterior.
    pub is_warmup: bool,
    /// The position on the unconstrained space.
    pub position: &'a [f64],
    /// The log density there. (`lp__`)
    pub log_density: f64,
    /// How the draw came about.
    pub stats: TransitionStats,
}

/// One Markov chain over a log density.
///
/// The first [`Settings::n_warmup`] calls of [`Chain::advance`] adapt step size and metric; then both are fixed, and
/// each further call yields a draw from the posterior. The caller decides how many.
///
/// ```
/// use hlmc_inference::{Chain, Settings};
/// use hlmc_math::{LogDensity, Rejection};
/// use rand::SeedableRng;
///
/// struct StandardNormal;
///
/// impl LogDensity for StandardNormal {
///     fn dimension(&self) -> usize {
///         1
///     }
///     fn log_density_gradient(&mut self, position: &[f64], gradient: &mut [f64]) -> Result<f64, Rejection> {
///         gradient[0] = -position[0];
///         Ok(-0.5 * position[0] * position[0])
///     }
/// }
///
/// let rng = rand_xoshiro::Xoshiro256PlusPlus::seed_from_u64(1);
/// let mut chain = Chain::new(StandardNormal, &Settings::default(), rng)?;
/// let mut sum = 0.0;
/// while chain.iteration() < 2000 {
///     let draw = chain.advance()?;
///     if !draw.is_warmup {
///         sum += draw.position[0];
///     }
/// }
/// assert!((sum / 1000.0).abs() < 0.2);
/// # Ok::<(), hlmc_inference::SamplerError>(())
/// ```
pub struct Chain<D, R> {
    target: Target<D>,
    rng: R,
    nuts: Nuts,
    metric: Metric,
    step_size: f64,
    n_warmup: usize,
    warmup: Warmup,
}

/// What is adapted during warmup.
struct Warmup {
    averaging: DualAveraging,
    estimator: Option<MetricEstimator>,
    /// The windows of the metric, the next one last.
    windows: Vec<std::ops::Range<usize>>,
}

impl Warmup {
    fn new(settings: &Settings, dimension: usize) -> Self {
        let mut windows = metric_windows(settings.n_warmup, settings.windows);
        windows.reverse();
        let estimator = match settings.metric {
            MetricKind::Unit => None,
            kind => Some(MetricEstimator::new(dimension, kind == MetricKind::Dense)),
        };
        // Like Stan, the centre follows from the step size given, not from the one that the search then finds.
        let averaging = DualAveraging::new(settings.adapt_delta, settings.initial_step_size);
        Self { averaging, estimator, windows }
    }
}

impl<D: LogDensity, R: Rng> Chain<D, R> {
    /// A chain at its initial position, with a first step size.
    ///
    /// # Errors
    /// A setting out of range; no point to start at; no step size to start with; a fatal rejection.
    pub fn new(mut density: D, settings: &Settings, mut rng: R) -> Result<Self, SamplerError> {
        let dimension = density.dimension();
        settings.check(dimension)?;
        let start = find_initial_position(&mut density, &settings.initial_position, &mut rng)?;
        let mut chain = Self {
            target: Target::new(density),
            rng,
            nuts: Nuts::new(start, settings.max_treedepth),
            metric: Metric::identity(settings.metric, dimension),
            step_size: settings.initial_step_size,
            n_warmup: settings.n_warmup,
            warmup: Warmup::new(settings, dimension),
        };
        chain.search_step_size()?;
        Ok(chain)
    }

    /// Runs one iteration, and adapts if it belongs to warmup.
    ///
    /// # Errors
    /// The density called a rejection fatal, or the metric or the step size cannot be adapted. The chain cannot go
    /// on then; the draws before stand.
    pub fn advance(&mut self) -> Result<Draw<'_>, SamplerError> {
        let iteration = self.target.iteration;
        let is_warmup = iteration < self.n_warmup;
        self.target.is_warmup = is_warmup;
        let stats = self.nuts.transition(&mut self.target, &self.metric, self.step_size, &mut self.rng)?;
        if is_warmup {
            self.adapt(iteration, stats.accept_stat)?;
        }
        self.target.iteration += 1;
        let current = self.nuts.current();
        Ok(Draw { iteration, is_warmup, position: &current.position, log_density: current.log_density, stats })
    }

    /// The number of iterations run so far, warmup included.
    pub fn iteration(&self) -> usize {
        self.target.iteration
    }

    /// The number of iterations that belong to warmup.
    pub fn n_warmup(&self) -> usize {
        self.n_warmup
    }

    /// Whether step size and metric are final.
    pub fn is_warmed_up(&self) -> bool {
        self.target.iteration >= self.n_warmup
    }

    /// The step size of the next iteration; after warmup, of all further ones.
    pub fn step_size(&self) -> f64 {
        self.step_size
    }

    /// The inverse metric of the next iteration; after warmup, of all further ones.
    pub fn inverse_metric(&self) -> &InverseMetric {
        self.metric.inverse()
    }

    /// Where the chain is on the unconstrained space.
    pub fn position(&self) -> &[f64] {
        &self.nuts.current().position
    }

    /// The log density where the chain is.
    pub fn log_density(&self) -> f64 {
        self.nuts.current().log_density
    }

    /// The points that were refused so far.
    pub fn rejections(&self) -> &Rejections {
        &self.target.rejections
    }

    fn adapt(&mut self, iteration: usize, accept_stat: f64) -> Result<(), SamplerError> {
        self.step_size = self.warmup.averaging.learn(accept_stat);
        if self.learn_metric(iteration)? {
            self.search_step_size()?;
            self.warmup.averaging.restart(self.step_size);
        }
        if iteration + 1 == self.n_warmup {
            // Without an iteration since the last metric there is no average: the step size found for it stays.
            self.step_size = self.warmup.averaging.step_size().unwrap_or(self.step_size);
        }
        Ok(())
    }

    /// Learns from the current position; true where that completed a window and the metric has changed.
    fn learn_metric(&mut self, iteration: usize) -> Result<bool, SamplerError> {
        let (Some(estimator), Some(window)) = (&mut self.warmup.estimator, self.warmup.windows.last()) else {
            return Ok(false);
        };
        if !window.contains(&iteration) {
            return Ok(false);
        }
        estimator.add(&self.nuts.current().position);
        if iteration + 1 < window.end {
            return Ok(false);
        }
        self.metric = estimator.finish_window(self.metric.inverse())?;
        self.warmup.windows.pop();
        Ok(true)
    }

    fn search_step_size(&mut self) -> Result<(), SamplerError> {
        let (current, scratch) = self.nuts.current_and_scratch();
        self.step_size =
            find_step_size(&mut self.target, &self.metric, current, self.step_size, scratch, &mut self.rng)?;
        Ok(())
    }
}
