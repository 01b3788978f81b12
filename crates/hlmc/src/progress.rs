//! Live progress of chains: bars on a terminal, a line now and then elsewhere.

use std::io::IsTerminal;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::terminal::say;

/// Without a terminal, a chain says where it is this many times.
const N_LINES: usize = 10;

/// A bar is redrawn at most this many times.
const N_REDRAWS: usize = 200;

/// The progress of all chains.
pub(crate) enum Progress {
    Quiet,
    Lines,
    Bars(MultiProgress),
}

impl Progress {
    pub(crate) fn new(is_quiet: bool) -> Progress {
        if is_quiet {
            Progress::Quiet
        } else if std::io::stderr().is_terminal() {
            Progress::Bars(MultiProgress::new())
        } else {
            Progress::Lines
        }
    }

    /// The progress of one chain.
    pub(crate) fn chain(&self, number: usize, n_warmup: usize, n_iterations: usize) -> ChainProgress {
        let bar = match self {
            Progress::Bars(bars) => {
                let bar = bars.add(ProgressBar::new(n_iterations as u64));
                let style = ProgressStyle::with_template("{prefix} [{bar:40}] {pos:>6}/{len} {msg} {elapsed}");
                bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> "));
                bar.set_prefix(format!("Chain {number}"));
                bar.set_message("waiting");
                Some(bar)
            }
            Progress::Quiet | Progress::Lines => None,
        };
        let says_lines = matches!(self, Progress::Lines);
        ChainProgress { number, n_warmup, n_iterations, bar, says_lines }
    }
}

/// The progress of one chain.
pub(crate) struct ChainProgress {
    number: usize,
    n_warmup: usize,
    n_iterations: usize,
    bar: Option<ProgressBar>,
    says_lines: bool,
}

impl ChainProgress {
    pub(crate) fn started(&self) {
        if let Some(bar) = &self.bar {
            bar.reset_elapsed();
            bar.set_message(self.phase(0));
        }
    }

    pub(crate) fn iteration(&self, n_done: usize) {
        let is_last = n_done == self.n_iterations;
        if let Some(bar) = &self.bar {
            if is_last || n_done.is_multiple_of((self.n_iterations / N_REDRAWS).max(1)) {
                bar.set_message(self.phase(n_done));
                bar.set_position(n_done as u64);
            }
        } else if self.says_lines && (is_last || n_done.is_multiple_of((self.n_iterations / N_LINES).max(1))) {
            let width = self.n_iterations.to_string().len();
            let percent = 100 * n_done / self.n_iterations;
            say(&format!(
                "Chain [{}] Iteration: {n_done:>width$} / {} [{percent:>3}%]  ({})\n",
                self.number,
                self.n_iterations,
                self.phase(n_done),
            ));
        }
    }

    pub(crate) fn finished(&self) {
        if let Some(bar) = &self.bar {
            bar.abandon();
        }
    }

    /// A line of the model, above the bars.
    pub(crate) fn printed(&self, line: &str) {
        let line = format!("Chain [{}] {line}", self.number);
        match &self.bar {
            Some(bar) => bar.println(line),
            None => say(&format!("{line}\n")),
        }
    }

    fn phase(&self, n_done: usize) -> &'static str {
        if n_done <= self.n_warmup && self.n_warmup > 0 { "Warmup" } else { "Sampling" }
    }
}
