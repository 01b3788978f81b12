//! Dual averaging of the log step size.
//!
//! Hoffman and Gelman (2014), section 3.2, with the constants that Stan uses.

/// How strongly a step shrinks towards the centre (gamma).
const SHRINKAGE: f64 = 0.05;

/// How many iterations the first ones are damped by (t0).
const OFFSET: f64 = 10.0;

/// How fast older iterations are forgotten by the average (kappa).
const FORGETTING: f64 = 0.75;

/// The centre is the logarithm of this many times the step size that adaptation starts from (mu).
const CENTRE_FACTOR: f64 = 10.0;

/// The state of dual averaging.
#[derive(Clone, Debug)]
pub(crate) struct DualAveraging {
    target_accept_stat: f64,
    centre: f64,
    n_learned: f64,
    mean_error: f64,
    mean_log_step_size: f64,
}

impl DualAveraging {
    pub(crate) fn new(target_accept_stat: f64, step_size: f64) -> Self {
        let centre = (CENTRE_FACTOR * step_size).ln();
        Self { target_accept_stat, centre, n_learned: 0.0, mean_error: 0.0, mean_log_step_size: 0.0 }
    }

    /// Forgets all, and starts from a new step size.
    pub(crate) fn restart(&mut self, step_size: f64) {
        *self = Self::new(self.target_accept_stat, step_size);
    }

    /// The step size to try next, after one iteration's acceptance statistic.
    pub(crate) fn learn(&mut self, accept_stat: f64) -> f64 {
        self.n_learned += 1.0;
        let eta = 1.0 / (self.n_learned + OFFSET);
        let error = self.target_accept_stat - accept_stat.min(1.0);
        self.mean_error += eta * (error - self.mean_error);
        let log_step_size = self.centre - self.mean_error * self.n_learned.sqrt() / SHRINKAGE;
        let weight = self.n_learned.powf(-FORGETTING);
        self.mean_log_step_size += weight * (log_step_size - self.mean_log_step_size);
        log_step_size.exp()
    }

    /// The step size to keep: the weighted average of those tried. `None` before the first.
    pub(crate) fn step_size(&self) -> Option<f64> {
        (self.n_learned > 0.0).then(|| self.mean_log_step_size.exp())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten times the first step size, divided by exp of (0.8 - a) / 11 / 0.05 after one iteration.
    #[test]
    fn one_iteration_by_hand() {
        let mut averaging = DualAveraging::new(0.8, 1.0);
        assert_eq!(averaging.step_size(), None);
        let next = averaging.learn(0.3);
        let expected = 10.0 * (-0.5_f64 / 11.0 / 0.05).exp();
        assert!((next / expected - 1.0).abs() < 1e-14);
        assert!((averaging.step_size().unwrap() / expected - 1.0).abs() < 1e-14);
    }

    /// The recursion of Hoffman and Gelman written out for a fixed sequence, as closed sums:
    /// the mean error after t iterations is sum of errors / (t + t0), since (1 - 1/(t + t0)) telescopes.
    #[test]
    fn several_iterations_against_the_closed_form() {
        let statistics = [0.2, 0.95, 0.7, 1.5, 0.0, 0.8, 0.99];
        let mut averaging = DualAveraging::new(0.9, 0.25);
        let mut error_sum = 0.0;
        let mut mean_log = 0.0;
        for (i, statistic) in statistics.into_iter().enumerate() {
            let t = (i + 1) as f64;
            error_sum += 0.9 - f64::min(statistic, 1.0);
            let log_step_size = 2.5_f64.ln() - t.sqrt() / 0.05 * error_sum / (t + 10.0);
            mean_log = t.powf(-0.75) * log_step_size + (1.0 - t.powf(-0.75)) * mean_log;
            let next = averaging.learn(statistic);
            assert!((next.ln() - log_step_size).abs() < 1e-12);
        }
        assert!((averaging.step_size().unwrap().ln() - mean_log).abs() < 1e-12);
        averaging.restart(1.0);
        assert_eq!(averaging.step_size(), None);
    }

    /// With an acceptance that falls smoothly in the step size, the averaged step size has the wanted acceptance.
    #[test]
    fn converges_to_the_wanted_acceptance() {
        let accept = |step_size: f64| (-step_size).exp();
        let mut averaging = DualAveraging::new(0.8, 1.0);
        let mut step_size = 1.0;
        for _ in 0..2000 {
            step_size = averaging.learn(accept(step_size));
        }
        assert!((accept(averaging.step_size().unwrap()) - 0.8).abs() < 0.01);
    }
}
