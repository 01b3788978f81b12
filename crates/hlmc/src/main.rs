//! The `hlmc` command: the only place that opens files, prints, reads the clock and minds signals.

mod args;
mod commands;
mod failure;
mod files;
mod load;
mod progress;
mod terminal;

use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command};

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Run(args) => commands::run::run(&args),
        Command::Check(args) => commands::check::check(&args),
        Command::Summary(args) => commands::summary::summary(&args),
        Command::LogProb(args) => commands::log_prob::log_prob(&args),
        Command::Bench(args) => commands::bench::bench(&args),
        Command::Explain(args) => commands::explain::explain(&args),
    };
    ExitCode::from(result.unwrap_or_else(|failure| failure.report()))
}
