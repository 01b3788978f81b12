//! The two streams of the process, and what is on their other ends.

use std::io::{self, IsTerminal, Write};

use hlmc::render::Look;

/// Widths outside of this are no good for reading.
const MIN_WIDTH: usize = 60;
const MAX_WIDTH: usize = 120;

/// How to write to standard output.
pub(crate) fn stdout_look() -> Look {
    look(&console::Term::stdout(), io::stdout().is_terminal(), console::colors_enabled())
}

/// How to write to standard error.
pub(crate) fn stderr_look() -> Look {
    look(&console::Term::stderr(), io::stderr().is_terminal(), console::colors_enabled_stderr())
}

/// Colour needs a terminal; `NO_COLOR` and dumb terminals say no.
fn look(term: &console::Term, is_terminal: bool, colours: bool) -> Look {
    if !is_terminal {
        return Look::PLAIN;
    }
    let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let width = term.size_checked().map_or(Look::PLAIN_WIDTH, |(_, columns)| usize::from(columns));
    Look { colour: colours && !no_colour, width: width.clamp(MIN_WIDTH, MAX_WIDTH) }
}

/// Writes a text to standard error. Where even that fails there is nobody left to tell.
pub(crate) fn say(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// Writes a text to standard output.
///
/// # Errors
/// Those of the stream. A reader that has gone (`hlmc run ... | head`) is none.
pub(crate) fn print(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}
