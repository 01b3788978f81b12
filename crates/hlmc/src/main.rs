//! The `hlmc` command: the only place that opens files, prints, reads the clock and minds signals.

mod args;
mod commands;
mod failure;
mod files;
mod terminal;

use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command};

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Check(args) => commands::check::check(&args),
        Command::Summary(args) => commands::summary::summary(&args),
        _ => Ok(0),
    };
    ExitCode::from(result.unwrap_or_else(|failure| failure.report()))
}
