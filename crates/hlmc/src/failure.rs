//! Why a command ends without having done its work.

use std::io;

use hlmc::faults::Fault;
use hlmc::render::diagnostics::{Problem, render, render_problem};
use hlmc_syntax::{Diagnostic, SourceMap};

use crate::terminal::{say, stderr_look};

/// Done.
pub(crate) const EXIT_DONE: u8 = 0;
/// The program, the data or the run is at fault.
pub(crate) const EXIT_FAULT: u8 = 1;
/// Wrong usage.
pub(crate) const EXIT_USAGE: u8 = 2;
/// Interrupted by Ctrl-C: what a shell says of SIGINT.
pub(crate) const EXIT_INTERRUPTED: u8 = 130;

/// What is reported when a command fails.
pub(crate) enum Failure {
    /// Mistakes in texts, and what is at no place in particular.
    Faults(Vec<Fault>, SourceMap),
    /// Mistakes in texts.
    Diagnostics(Vec<Diagnostic>, SourceMap),
    /// Something outside of any text.
    Problem(Problem),
    /// A flag whose value turned out wrong, such as the name of a variable that the model does not have.
    Usage(Problem),
}

impl Failure {
    /// Prints it, and gives the exit code.
    pub(crate) fn report(&self) -> u8 {
        match self {
            Failure::Faults(faults, sources) => {
                for fault in faults {
                    say(&match fault {
                        Fault::Diagnostic(diagnostic) => {
                            render(std::slice::from_ref(diagnostic), sources, stderr_look())
                        }
                        Fault::Problem(problem) => render_problem(problem, stderr_look()),
                    });
                }
                EXIT_FAULT
            }
            Failure::Diagnostics(diagnostics, sources) => {
                say(&render(diagnostics, sources, stderr_look()));
                EXIT_FAULT
            }
            Failure::Problem(problem) => {
                say(&render_problem(problem, stderr_look()));
                EXIT_FAULT
            }
            Failure::Usage(problem) => {
                say(&render_problem(problem, stderr_look()));
                EXIT_USAGE
            }
        }
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Failure::Problem(problem)
    }
}

/// Standard output cannot be written.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Failure::Problem(Problem::new("hlmc::file::output", format!("cannot write to standard output: {error}")))
    }
}
