//! The flags of the command line. Their documentation is what `--help` prints.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Compiles, checks and samples models in the Stan language.
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true, max_term_width = 100)]
#[command(after_help = "Exit codes: 0, done; 1, the program, the data or the run is at fault, and a diagnostic says \
                        how; 2, wrong usage; 130, interrupted by Ctrl-C, with the draws so far kept and summarised.")]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Sample a model with NUTS and print RStan's table, with a verdict in words
    Run(RunArgs),
    /// Parse and type-check a program, and show every mistake
    Check(CheckArgs),
    /// Print the table from CSV files, hlmc's or CmdStan's, one a chain
    Summary(SummaryArgs),
    /// Print log density, gradient and constrained values at given points, as JSON lines
    ///
    /// The first line holds `unconstrained_names` and `constrained_names`. Then comes one line a point: `lp` (constants
    /// dropped under `~`, Jacobian included: the sampler's density), `lp_full` (no constants dropped, Jacobian included),
    /// `gradient` of `lp`, `constrained` (parameters and transformed parameters in declaration order, column-major); or
    /// `error` where the point is rejected. Numbers that are not finite are "NaN", "Infinity" and "-Infinity".
    LogProb(LogProbArgs),
    /// Time the gradient of a model, engine by engine and rewrite by rewrite
    Bench(BenchArgs),
    /// Show what became of each statement of a model, and what it costs
    ///
    /// The native engine knows the data when it reads the program: statements become loops over lanes or over turns, rows
    /// with equal data one row, and what depends on data alone is computed once. The table says what became of each
    /// statement, and how many nanoseconds of a gradient it takes. `--opt` shows how much of that is whose doing.
    Explain(ExplainArgs),
}

/// A program and what it needs to become a model.
#[derive(Debug, Args)]
pub(crate) struct ModelArgs {
    /// The program: a `.stan` or `.model` file
    #[arg(value_name = "MODEL")]
    pub(crate) model: PathBuf,
    /// The data, as JSON; without it there are none
    #[arg(long, value_name = "FILE")]
    pub(crate) data: Option<PathBuf>,
    /// A folder in which `#include` looks for files; may be repeated, the first that has the file counts
    #[arg(long = "include-path", value_name = "DIR")]
    pub(crate) include_paths: Vec<PathBuf>,
}

/// Which rewrites the native engine applies.
#[derive(Debug, Args)]
pub(crate) struct RewriteArgs {
    /// Switch rewrites of the native engine off: `no-collapse`, `no-gram` and so on, or `none` for no rewrite at all; may
    /// be repeated, and take several between commas
    #[arg(long = "opt", value_name = "WORDS", value_delimiter = ',')]
    pub(crate) words: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// The program: a `.stan` or `.model` file, or a `.stanfunctions` file of functions alone
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// A folder in which `#include` looks for files; may be repeated, the first that has the file counts
    #[arg(long = "include-path", value_name = "DIR")]
    pub(crate) include_paths: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) model: ModelArgs,
    /// How many chains to run
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = at_least_one)]
    pub(crate) chains: usize,
    /// The number of the first chain: chain K draws the same numbers alone as among others
    #[arg(long, value_name = "K", default_value_t = 1, value_parser = at_least_one)]
    pub(crate) first_chain: usize,
    /// Iterations in which each chain adapts its step size and metric; their draws are not kept
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub(crate) warmup: usize,
    /// Iterations of each chain after warmup
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = at_least_one)]
    pub(crate) draws: usize,
    /// Keep every N-th draw
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = at_least_one)]
    pub(crate) thin: usize,
    /// Seed of the random numbers; without it, one is drawn and printed
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// How many threads run chains at the same time; the draws do not depend on it [default: the number of cores]
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub(crate) threads: Option<usize>,
    /// Acceptance statistic that warmup adapts the step size to, between 0 and 1; higher values take smaller steps
    #[arg(long, value_name = "P", default_value_t = 0.8, value_parser = probability)]
    pub(crate) adapt_delta: f64,
    /// Largest number of doublings of a trajectory, which then has at most 2^N - 1 leapfrog steps
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=30))]
    pub(crate) max_treedepth: u32,
    /// Where chains start: a radius R for unconstrained values uniform in (-R, R), 0 for all zero, or a JSON file with
    /// values of parameters (those that it does not name start at random)
    #[arg(long, value_name = "RADIUS|0|FILE", default_value = "2", value_parser = Init::parse, allow_negative_numbers = true)]
    pub(crate) init: Init,
    /// Shape of the metric that warmup adapts
    #[arg(long, value_enum, default_value_t = Metric::Diag)]
    pub(crate) metric: Metric,
    /// Write the draws into this folder as they come: chain-1.csv, chain-2.csv and so on, in CmdStan's format
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// How gradients are computed: `native` records the density as a graph, `dual` is forward mode, `auto` picks
    #[arg(long, value_name = "ENGINE", default_value = "auto")]
    pub(crate) engine: String,
    #[command(flatten)]
    pub(crate) rewrites: RewriteArgs,
    /// Show these only, such as `gamma,delta` or `gamma[1]`; files and verdict are about all
    #[arg(long, value_name = "NAMES")]
    pub(crate) params: Option<String>,
    /// No progress: print the results alone
    #[arg(long)]
    pub(crate) quiet: bool,
    /// Print the results as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SummaryArgs {
    /// The files, one a chain
    #[arg(value_name = "CSV", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Show these only, such as `gamma,delta` or `gamma[1]`; the verdict is about all
    #[arg(long, value_name = "NAMES")]
    pub(crate) params: Option<String>,
    /// Print the results as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct LogProbArgs {
    #[command(flatten)]
    pub(crate) model: ModelArgs,
    /// The unconstrained points: a JSON array of arrays of numbers
    #[arg(long, value_name = "FILE")]
    pub(crate) points: PathBuf,
    /// How gradients are computed: `native` records the density as a graph, `dual` is forward mode, `auto` picks
    #[arg(long, value_name = "ENGINE", default_value = "auto")]
    pub(crate) engine: String,
    #[command(flatten)]
    pub(crate) rewrites: RewriteArgs,
}

#[derive(Debug, Args)]
pub(crate) struct BenchArgs {
    #[command(flatten)]
    pub(crate) model: ModelArgs,
    /// Time one engine alone
    #[arg(long, value_name = "ENGINE")]
    pub(crate) engine: Option<String>,
    #[command(flatten)]
    pub(crate) rewrites: RewriteArgs,
    /// Print the figures as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    #[command(flatten)]
    pub(crate) model: ModelArgs,
    #[command(flatten)]
    pub(crate) rewrites: RewriteArgs,
    /// Leave the times out: at once, and the same every time
    #[arg(long)]
    pub(crate) no_times: bool,
    /// Print the table as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// The shape of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Metric {
    /// A variance for each coordinate
    Diag,
    /// A covariance of all coordinates
    Dense,
    /// The identity: nothing but the step size adapts
    Unit,
}

/// Where chains start.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Init {
    Radius(f64),
    File(PathBuf),
}

impl Init {
    fn parse(text: &str) -> Result<Init, String> {
        match text.parse::<f64>() {
            Ok(radius) if radius >= 0.0 && radius.is_finite() => Ok(Init::Radius(radius)),
            Ok(radius) => Err(format!("a radius is finite and not negative, but this is {radius}")),
            Err(_) => Ok(Init::File(text.into())),
        }
    }
}

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("at least 1 is needed".to_owned()),
        Ok(n) => Ok(n),
        Err(error) => Err(format!("{error}")),
    }
}

fn probability(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value > 0.0 && value < 1.0 => Ok(value),
        Ok(value) => Err(format!("it lies between 0 and 1, exclusive, but this is {value}")),
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn every_flag_is_documented() {
        Cli::command().debug_assert();
        for command in Cli::command().get_subcommands() {
            assert!(command.get_about().is_some(), "{}", command.get_name());
            for argument in command.get_arguments().filter(|argument| argument.get_id() != "help") {
                assert!(argument.get_help().is_some(), "{} {}", command.get_name(), argument.get_id());
            }
        }
    }

    #[test]
    fn defaults_are_stans() {
        let Command::Run(run) = Cli::try_parse_from(["hlmc", "run", "m.stan"]).unwrap().command else { panic!() };
        assert_eq!((run.chains, run.warmup, run.draws, run.thin, run.max_treedepth), (4, 1000, 1000, 1, 10));
        assert_eq!((run.adapt_delta, run.init, run.metric), (0.8, Init::Radius(2.0), Metric::Diag));
    }

    #[test]
    fn init_is_a_radius_or_a_file() {
        assert_eq!(Init::parse("0"), Ok(Init::Radius(0.0)));
        assert_eq!(Init::parse("0.5"), Ok(Init::Radius(0.5)));
        assert_eq!(Init::parse("init.json"), Ok(Init::File("init.json".into())));
        assert!(Init::parse("-1").is_err());
        assert!(Init::parse("inf").is_err());
    }
}
