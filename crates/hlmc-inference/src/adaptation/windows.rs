//! The stages of warmup: which iterations the metric is learned from, and when.
//!
//! Stan Reference Manual, "Automatic parameter tuning": a fast interval, a series of windows of which each is twice as
//! long as the one before, a last fast interval. The step size adapts throughout.

use std::ops::Range;

/// Fewer warmup iterations than this leave the metric as it is.
const MIN_WARMUP_FOR_METRIC: usize = 20;

/// Shares of a warmup that is too short for the stages as configured: the first fast interval, the last one.
const SHORT_INIT_SHARE: f64 = 0.15;
const SHORT_TERM_SHARE: f64 = 0.10;

/// The lengths of warmup's stages, in iterations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WarmupWindows {
    /// The first fast interval: finds the typical set.
    pub init_buffer: usize,
    /// The first window of the slow interval; each further one is twice as long.
    pub base_window: usize,
    /// The last fast interval: settles the step size for the last metric.
    pub term_buffer: usize,
}

impl Default for WarmupWindows {
    /// Stan's 75, 25, 50.
    fn default() -> Self {
        Self { init_buffer: 75, base_window: 25, term_buffer: 50 }
    }
}

/// The windows of iterations (from zero) that the metric is learned from; it is updated after the last of each. The
/// last window is stretched, so that no shorter one follows it.
///
/// A warmup of fewer than 20 iterations has none; one too short for the stages as configured has a single window
/// between 15% and 90% of it. (Stan announces the same for such a short warmup, but as of 2.39 does not start the
/// window, and keeps the unit metric.)
pub fn metric_windows(n_warmup: usize, stages: WarmupWindows) -> Vec<Range<usize>> {
    if n_warmup < MIN_WARMUP_FOR_METRIC {
        return Vec::new();
    }
    let WarmupWindows { init_buffer, base_window, term_buffer } = stages;
    let needed = init_buffer.saturating_add(base_window).saturating_add(term_buffer);
    if needed > n_warmup || base_window == 0 {
        let window = share(n_warmup, SHORT_INIT_SHARE)..n_warmup - share(n_warmup, SHORT_TERM_SHARE);
        return vec![window];
    }
    let end = n_warmup - term_buffer;
    let mut windows = Vec::new();
    let mut window = init_buffer..init_buffer + base_window;
    while window.end < end {
        let length = 2 * (window.end - window.start);
        let stop = window.end + length;
        let next = window.end..if stop.saturating_add(2 * length) > end { end } else { stop };
        windows.push(std::mem::replace(&mut window, next));
    }
    windows.push(window);
    windows
}

/// A share of a number of iterations, rounded down.
fn share(n: usize, fraction: f64) -> usize {
    (n as f64 * fraction) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn windows(n_warmup: usize) -> Vec<Range<usize>> {
        metric_windows(n_warmup, WarmupWindows::default())
    }

    /// Stan's schedule: the metric is updated after iterations 99, 149, 249, 449 and 949.
    #[test]
    fn schedule_of_the_default_warmup() {
        assert_eq!(windows(1000), [75..100, 100..150, 150..250, 250..450, 450..950]);
    }

    #[test]
    fn schedules_of_other_lengths() {
        assert_eq!(windows(160), [75..100, 100..110]);
        assert_eq!(windows(200), [75..100, 100..150]);
        assert_eq!(windows(300), [75..100, 100..150, 150..250]);
        assert_eq!(windows(301), [75..100, 100..150, 150..251]);
        assert_eq!(windows(299), [75..100, 100..249]);
        assert_eq!(windows(500), [75..100, 100..150, 150..250, 250..450]);
        assert_eq!(windows(2000), [75..100, 100..150, 150..250, 250..450, 450..850, 850..1950]);
    }

    #[test]
    fn short_warmups() {
        assert_eq!(windows(0), []);
        assert_eq!(windows(19), []);
        for (n_warmup, window) in [(20, 3..18), (100, 15..90), (149, 22..135), (150, 75..100)] {
            assert_eq!(windows(n_warmup), std::slice::from_ref(&window));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Windows follow each other without gaps, from the first buffer to the last, and each but the last is twice
        /// as long as the one before.
        #[test]
        fn windows_tile_the_slow_interval(
            n_warmup in 20usize..5000, init_buffer in 0usize..200, base_window in 1usize..200, term_buffer in 0usize..200,
        ) {
            let stages = WarmupWindows { init_buffer, base_window, term_buffer };
            let windows = metric_windows(n_warmup, stages);
            if init_buffer + base_window + term_buffer <= n_warmup {
                prop_assert_eq!(windows[0].start, init_buffer);
                prop_assert_eq!(windows[windows.len() - 1].end, n_warmup - term_buffer);
            }
            for pair in windows.windows(2) {
                prop_assert_eq!(pair[0].end, pair[1].start);
            }
            for pair in windows[..windows.len() - 1].windows(2) {
                prop_assert_eq!(pair[1].len(), 2 * pair[0].len());
            }
        }
    }
}
