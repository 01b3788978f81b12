//! What a chain does, passed on to its file and its progress, with the times that it takes.

use std::fs::File;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use hlmc::csv::write::ChainWriter;
use hlmc::sampling::Listener;
use hlmc_inference::{InverseMetric, TransitionStats};

use crate::progress::ChainProgress;

/// How long warmup and sampling of each chain took.
pub(crate) struct Times(Mutex<Vec<(Duration, Duration)>>);

impl Times {
    pub(crate) fn new(n_chains: usize) -> Times {
        Times(Mutex::new(vec![Default::default(); n_chains]))
    }

    fn set(&self, chain_idx: usize, warmup: Duration, sampling: Duration) {
        let mut times = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = times.get_mut(chain_idx) {
            *slot = (warmup, sampling);
        }
    }

    /// The seconds of the chain that took longest in each.
    pub(crate) fn longest(&self) -> (f64, f64) {
        let times = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let longest = |of: fn(&(Duration, Duration)) -> Duration| times.iter().map(of).max().unwrap_or_default();
        (longest(|chain| chain.0).as_secs_f64(), longest(|chain| chain.1).as_secs_f64())
    }
}

/// Listens to one chain.
pub(crate) struct ChainListener {
    chain_idx: usize,
    file: Option<ChainWriter<File>>,
    progress: ChainProgress,
    times: Arc<Times>,
    begin: Instant,
    warmed_up: Option<Instant>,
}

impl ChainListener {
    pub(crate) fn new(
        chain_idx: usize,
        file: Option<ChainWriter<File>>,
        progress: ChainProgress,
        times: Arc<Times>,
    ) -> Self {
        Self { chain_idx, file, progress, times, begin: Instant::now(), warmed_up: None }
    }
}

impl Listener for ChainListener {
    fn started(&mut self) {
        self.begin = Instant::now();
        self.progress.started();
    }

    fn iteration(&mut self, n_done: usize) {
        self.progress.iteration(n_done);
    }

    fn adapted(&mut self, step_size: f64, inverse_metric: &InverseMetric) -> io::Result<()> {
        self.warmed_up = Some(Instant::now());
        match &mut self.file {
            Some(file) => file.adaptation(step_size, inverse_metric),
            None => Ok(()),
        }
    }

    fn draw(&mut self, log_density: f64, stats: &TransitionStats, values: &[f64]) -> io::Result<()> {
        match &mut self.file {
            Some(file) => file.draw(log_density, stats, values),
            None => Ok(()),
        }
    }

    fn printed(&mut self, line: &str) {
        self.progress.printed(line);
    }

    fn finished(&mut self) -> io::Result<()> {
        let now = Instant::now();
        let warmed_up = self.warmed_up.unwrap_or(now);
        let (warmup, sampling) = (warmed_up - self.begin, now - warmed_up);
        self.times.set(self.chain_idx, warmup, sampling);
        self.progress.finished();
        match &mut self.file {
            Some(file) => file.elapsed(warmup.as_secs_f64(), sampling.as_secs_f64()),
            None => Ok(()),
        }
    }
}
