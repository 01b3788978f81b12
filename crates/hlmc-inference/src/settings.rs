//! What a person may choose about a chain, with Stan's defaults.

use crate::adaptation::windows::WarmupWindows;
use crate::error::SettingsError;
use crate::metric::MetricKind;

/// Where a chain starts.
#[derive(Clone, Debug, PartialEq)]
pub enum InitialPosition {
    /// Each unconstrained coordinate uniform in `(-radius, radius)`, tried again until the density and its gradient
    /// are finite. A radius of zero is the origin, tried once.
    Uniform {
        /// Half the width of the interval; finite and not negative.
        radius: f64,
    },
    /// This point of the unconstrained space, tried once.
    Position(Vec<f64>),
}

/// The settings of one chain.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The number of warmup iterations: the step size and the metric adapt during these, and only these.
    pub n_warmup: usize,
    /// The mean acceptance statistic that the step size is adapted to; between 0 and 1, exclusive.
    pub adapt_delta: f64,
    /// The largest number of doublings of a trajectory, hence at most `2^max_treedepth - 1` leapfrog steps.
    pub max_treedepth: u32,
    /// The shape of the metric that warmup adapts.
    pub metric: MetricKind,
    /// Where the chain starts.
    pub initial_position: InitialPosition,
    /// The step size from which the first search for a reasonable one starts.
    pub initial_step_size: f64,
    /// The stages of warmup.
    pub windows: WarmupWindows,
}

impl Default for Settings {
    /// The defaults of CmdStan 2.39: 1000 warmup iterations, `adapt_delta` 0.8, depth 10, diagonal metric, positions
    /// uniform in (-2, 2).
    fn default() -> Self {
        Self {
            n_warmup: 1000,
            adapt_delta: 0.8,
            max_treedepth: 10,
            metric: MetricKind::Diag,
            initial_position: InitialPosition::Uniform { radius: 2.0 },
            initial_step_size: 1.0,
            windows: WarmupWindows::default(),
        }
    }
}

impl Settings {
    /// Whether a chain over `dimension` coordinates can run with these settings.
    ///
    /// # Errors
    /// The first setting that is out of its range, with its value.
    pub fn check(&self, dimension: usize) -> Result<(), SettingsError> {
        if !(self.adapt_delta > 0.0 && self.adapt_delta < 1.0) {
            return Err(SettingsError::AdaptDelta { found: self.adapt_delta });
        }
        if self.max_treedepth == 0 {
            return Err(SettingsError::MaxTreedepth);
        }
        if !(self.initial_step_size > 0.0 && self.initial_step_size.is_finite()) {
            return Err(SettingsError::StepSize { found: self.initial_step_size });
        }
        if self.windows.base_window == 0 {
            return Err(SettingsError::BaseWindow);
        }
        match &self.initial_position {
            InitialPosition::Uniform { radius } if !(*radius >= 0.0 && radius.is_finite()) => {
                Err(SettingsError::Radius { found: *radius })
            }
            InitialPosition::Position(position) if position.len() != dimension => {
                Err(SettingsError::PositionLength { found: position.len(), expected: dimension })
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_pass() {
        assert_eq!(Settings::default().check(3), Ok(()));
    }

    #[test]
    fn settings_out_of_range_are_named() {
        let with = |change: fn(&mut Settings)| {
            let mut settings = Settings::default();
            change(&mut settings);
            settings.check(2)
        };
        assert_eq!(with(|s| s.adapt_delta = 1.0), Err(SettingsError::AdaptDelta { found: 1.0 }));
        assert!(matches!(with(|s| s.adapt_delta = f64::NAN), Err(SettingsError::AdaptDelta { .. })));
        assert_eq!(with(|s| s.max_treedepth = 0), Err(SettingsError::MaxTreedepth));
        assert_eq!(with(|s| s.initial_step_size = 0.0), Err(SettingsError::StepSize { found: 0.0 }));
        assert_eq!(with(|s| s.windows.base_window = 0), Err(SettingsError::BaseWindow));
        assert_eq!(
            with(|s| s.initial_position = InitialPosition::Uniform { radius: -1.0 }),
            Err(SettingsError::Radius { found: -1.0 })
        );
        assert_eq!(
            with(|s| s.initial_position = InitialPosition::Position(vec![0.0])),
            Err(SettingsError::PositionLength { found: 1, expected: 2 })
        );
    }
}
