//! One chain's file, as its draws come.

use std::fmt::{self, Display, Write as _};
use std::io::{self, Write};

use hlmc_inference::{InverseMetric, MetricKind, TransitionStats, WarmupWindows};

use super::SAMPLER_COLUMNS;
use crate::render::numbers::push_exact;

/// The version of Stan that this format is of.
pub const STAN_VERSION: [u32; 3] = [2, 39, 0];

/// Digits that give every number back exactly.
const SIGNIFICANT_DIGITS: u32 = 17;

/// What the comments at the top say.
#[derive(Clone, Debug, PartialEq)]
pub struct RunConfig {
    /// Name of the model, without folder and suffix.
    pub model: String,
    /// When the run began, such as `2026-11-22 20:00:00 UTC`.
    pub start_datetime: String,
    /// Draws after warmup of each chain, before thinning.
    pub n_draws: usize,
    /// Warmup iterations of each chain.
    pub n_warmup: usize,
    /// One draw of how many is kept.
    pub thin: usize,
    /// Target of the acceptance statistic.
    pub adapt_delta: f64,
    /// Largest number of doublings of a trajectory.
    pub max_treedepth: u32,
    /// Shape of the metric.
    pub metric: MetricKind,
    /// The chain, from one.
    pub chain: usize,
    /// The data file; empty without one.
    pub data_file: String,
    /// Radius or file of the initial positions.
    pub init: String,
    /// The seed of the run.
    pub seed: u64,
    /// The name of the file that is written.
    pub output_file: String,
    /// The number of threads of the run.
    pub n_threads: usize,
    /// The name of the engine.
    pub engine: String,
}

/// Writes lines of one file. Each line is handed on whole and at once, so that what is there can be read at any time.
pub struct ChainWriter<W> {
    out: W,
    line: String,
}

impl<W: Write> ChainWriter<W> {
    /// Writes the configuration and the header line; `names` are the columns of the model.
    ///
    /// # Errors
    /// Those of `out`; likewise below.
    pub fn new(mut out: W, config: &RunConfig, names: &[String]) -> io::Result<Self> {
        let mut text = config_comments(config);
        let columns = SAMPLER_COLUMNS.into_iter().chain(names.iter().map(String::as_str));
        push_joined(&mut text, ",", columns, |out, name| out.push_str(name));
        text.push('\n');
        out.write_all(text.as_bytes())?;
        Ok(Self { out, line: String::new() })
    }

    /// Writes what warmup ended with; comes before the first draw.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn adaptation(&mut self, step_size: f64, inverse_metric: &InverseMetric) -> io::Result<()> {
        let mut text = String::from("# Adaptation terminated\n# Step size = ");
        push_exact(&mut text, step_size);
        text.push('\n');
        match inverse_metric {
            InverseMetric::Unit => text.push_str("# No free parameters for unit metric\n"),
            InverseMetric::Diag(diagonal) => {
                text.push_str("# Diagonal elements of inverse mass matrix:\n# ");
                push_joined(&mut text, ", ", diagonal, |out, value| push_exact(out, *value));
                text.push('\n');
            }
            InverseMetric::Dense(elements) => {
                text.push_str("# Elements of inverse mass matrix:\n");
                for row in elements.chunks(elements.len().isqrt().max(1)) {
                    text.push_str("# ");
                    push_joined(&mut text, ", ", row, |out, value| push_exact(out, *value));
                    text.push('\n');
                }
            }
        }
        self.out.write_all(text.as_bytes())
    }

    /// Writes one draw; `values` belong to the columns of the model.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn draw(&mut self, log_density: f64, stats: &TransitionStats, values: &[f64]) -> io::Result<()> {
        let line = &mut self.line;
        line.clear();
        push_exact(line, log_density);
        line.push(',');
        push_exact(line, stats.accept_stat);
        line.push(',');
        push_exact(line, stats.step_size);
        // Writing to a string does not fail.
        let _ = write!(line, ",{},{},{},", stats.tree_depth, stats.n_leapfrog, u8::from(stats.divergent));
        push_exact(line, stats.energy);
        for value in values {
            line.push(',');
            push_exact(line, *value);
        }
        line.push('\n');
        self.out.write_all(line.as_bytes())
    }

    /// Writes the seconds that warmup and sampling took, the end of the file.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn elapsed(&mut self, warmup: f64, sampling: f64) -> io::Result<()> {
        let total = warmup + sampling;
        let text = format!(
            "# \n#  Elapsed Time: {warmup:.6} seconds (Warm-up)\n#                {sampling:.6} seconds (Sampling)\n\
             #                {total:.6} seconds (Total)\n# \n"
        );
        self.out.write_all(text.as_bytes())?;
        self.out.flush()
    }
}

fn push_joined<T>(out: &mut String, separator: &str, items: impl IntoIterator<Item = T>, push: fn(&mut String, T)) {
    for (i, item) in items.into_iter().enumerate() {
        if i > 0 {
            out.push_str(separator);
        }
        push(out, item);
    }
}

/// CmdStan's arguments in its order, defaults marked as it marks them. `num_chains` is 1 as in a file of one chain.
fn config_comments(config: &RunConfig) -> String {
    let mut comments = Comments::default();
    let [major, minor, patch] = STAN_VERSION;
    comments.value(0, "stan_version_major", major);
    comments.value(0, "stan_version_minor", minor);
    comments.value(0, "stan_version_patch", patch);
    comments.value(0, "model", format_args!("{}_model", config.model));
    comments.value(0, "start_datetime", &config.start_datetime);
    comments.setting(0, "method", "sample", "sample");
    comments.group(1, "sample");
    comments.setting(2, "num_samples", config.n_draws, 1000);
    comments.setting(2, "num_warmup", config.n_warmup, 1000);
    comments.setting(2, "save_warmup", false, false);
    comments.setting(2, "thin", config.thin, 1);
    push_adaptation(&mut comments, config);
    push_algorithm(&mut comments, config);
    comments.setting(2, "num_chains", 1, 1);
    comments.setting(0, "id", config.chain, 1);
    comments.group(0, "data");
    comments.setting(1, "file", config.data_file.as_str(), "");
    comments.setting(0, "init", config.init.as_str(), "2");
    comments.group(0, "random");
    comments.value(1, "seed", config.seed);
    comments.group(0, "output");
    comments.setting(1, "file", config.output_file.as_str(), "output.csv");
    comments.setting(1, "diagnostic_file", "", "");
    comments.setting(1, "refresh", 100, 100);
    comments.setting(1, "sig_figs", SIGNIFICANT_DIGITS, 8);
    comments.setting(1, "profile_file", "", "");
    comments.setting(1, "save_cmdstan_config", false, false);
    comments.setting(0, "num_threads", config.n_threads, 1);
    comments.value(0, "stanc_version", concat!("hlmc ", env!("CARGO_PKG_VERSION")));
    comments.value(0, "stancflags", format_args!("--engine={}", config.engine));
    comments.text
}

fn push_adaptation(comments: &mut Comments, config: &RunConfig) {
    comments.group(2, "adapt");
    comments.setting(3, "engaged", true, true);
    comments.setting(3, "gamma", 0.05, 0.05);
    comments.setting(3, "delta", config.adapt_delta, 0.8);
    comments.setting(3, "kappa", 0.75, 0.75);
    comments.setting(3, "t0", 10, 10);
    let windows = WarmupWindows::default();
    comments.setting(3, "init_buffer", windows.init_buffer, 75);
    comments.setting(3, "term_buffer", windows.term_buffer, 50);
    comments.setting(3, "window", windows.base_window, 25);
    comments.setting(3, "save_metric", false, false);
}

fn push_algorithm(comments: &mut Comments, config: &RunConfig) {
    let metric = match config.metric {
        MetricKind::Unit => "unit_e",
        MetricKind::Diag => "diag_e",
        MetricKind::Dense => "dense_e",
    };
    comments.setting(2, "algorithm", "hmc", "hmc");
    comments.group(3, "hmc");
    comments.setting(4, "engine", "nuts", "nuts");
    comments.group(5, "nuts");
    comments.setting(6, "max_depth", config.max_treedepth, 10);
    comments.setting(4, "metric", metric, "diag_e");
    comments.setting(4, "metric_file", "", "");
    comments.setting(4, "stepsize", 1, 1);
    comments.setting(4, "stepsize_jitter", 0, 0);
}

/// Comment lines, indented by two spaces a level.
#[derive(Default)]
struct Comments {
    text: String,
}

impl Comments {
    fn group(&mut self, level: usize, name: &str) {
        self.line(level, format_args!("{name}"));
    }

    fn value(&mut self, level: usize, name: &str, value: impl Display) {
        self.line(level, format_args!("{name} = {value}"));
    }

    fn setting<T: Display + PartialEq>(&mut self, level: usize, name: &str, value: T, default: T) {
        let mark = if value == default { " (Default)" } else { "" };
        self.line(level, format_args!("{name} = {value}{mark}"));
    }

    fn line(&mut self, level: usize, text: fmt::Arguments<'_>) {
        // Writing to a string does not fail.
        let _ = writeln!(self.text, "# {:indent$}{text}", "", indent = 2 * level);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> RunConfig {
        RunConfig {
            model: "seedling".to_owned(),
            start_datetime: "2026-11-22 20:00:00 UTC".to_owned(),
            n_draws: 1000,
            n_warmup: 500,
            thin: 1,
            adapt_delta: 0.8,
            max_treedepth: 10,
            metric: MetricKind::Diag,
            chain: 2,
            data_file: "seedling.json".to_owned(),
            init: "2".to_owned(),
            seed: 7,
            output_file: "chain-2.csv".to_owned(),
            n_threads: 2,
            engine: "dual".to_owned(),
        }
    }

    fn written(metric: &InverseMetric) -> String {
        let mut out = Vec::new();
        let mut writer = ChainWriter::new(&mut out, &config(), &["x.1".to_owned(), "x.2".to_owned()]).unwrap();
        writer.adaptation(0.5, metric).unwrap();
        let stats = TransitionStats {
            accept_stat: 0.9,
            step_size: 0.5,
            tree_depth: 3,
            n_leapfrog: 7,
            divergent: true,
            energy: 4.25,
        };
        writer.draw(-1.5, &stats, &[0.25, f64::NAN]).unwrap();
        writer.elapsed(0.25, 0.5).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_configuration_is_cmdstans() {
        let text = written(&InverseMetric::Unit);
        for line in [
            "# stan_version_major = 2\n",
            "# model = seedling_model\n",
            "# start_datetime = 2026-11-22 20:00:00 UTC\n",
            "# method = sample (Default)\n#   sample\n#     num_samples = 1000 (Default)\n#     num_warmup = 500\n",
            "#     adapt\n#       engaged = true (Default)\n#       gamma = 0.05 (Default)\n",
            "#           nuts\n#             max_depth = 10 (Default)\n#         metric = diag_e (Default)\n",
            "# id = 2\n# data\n#   file = seedling.json\n# init = 2 (Default)\n# random\n#   seed = 7\n",
        ] {
            assert!(text.contains(line), "{line} in\n{text}");
        }
    }

    #[test]
    fn draws_follow_the_adaptation_and_the_times_end_the_file() {
        let text = written(&InverseMetric::Diag(vec![1.5, 2.0]));
        let expected = "lp__,accept_stat__,stepsize__,treedepth__,n_leapfrog__,divergent__,energy__,x.1,x.2\n\
                        # Adaptation terminated\n# Step size = 0.5\n# Diagonal elements of inverse mass matrix:\n\
                        # 1.5, 2\n-1.5,0.9,0.5,3,7,1,4.25,0.25,nan\n\
                        # \n#  Elapsed Time: 0.250000 seconds (Warm-up)\n\
                        #                0.500000 seconds (Sampling)\n\
                        #                0.750000 seconds (Total)\n# \n";
        assert!(text.ends_with(expected), "{text}");
    }

    #[test]
    fn a_dense_metric_has_one_line_a_row() {
        let text = written(&InverseMetric::Dense(vec![1.0, 0.5, 0.5, 2.0]));
        assert!(text.contains("# Elements of inverse mass matrix:\n# 1, 0.5\n# 0.5, 2\n-1.5,"), "{text}");
    }
}
