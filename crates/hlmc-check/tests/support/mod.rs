//! Texts in, diagnostics and typed programs out.

use std::sync::LazyLock;

use hlmc_builtins::Library;
use hlmc_check::ir::Program;
use hlmc_check::{Checked, check};
use hlmc_syntax::{Diagnostic, Mode, NoIncludes, SourceMap, parse};

static LIBRARY: LazyLock<Library<f64>> = LazyLock::new(Library::new);

/// Checks a program that the parser takes.
pub(crate) fn checked(text: &str) -> (Checked, SourceMap) {
    let parsed = parse(text, "test.stan", Mode::Program, &mut NoIncludes);
    let program = parsed.program.unwrap_or_else(|| panic!("{text}\n{:#?}", parsed.diagnostics));
    (check(&program, &LIBRARY), parsed.sources)
}

/// The typed program of a text without mistakes.
pub(crate) fn program(text: &str) -> Program {
    let (checked, _) = checked(text);
    checked.program.unwrap_or_else(|| panic!("{text}\n{:#?}", checked.diagnostics))
}

/// All errors: the last part of the code, the line and the column.
pub(crate) fn errors(text: &str) -> Vec<String> {
    places(text, Diagnostic::is_error)
}

/// All warnings, likewise.
pub(crate) fn warnings(text: &str) -> Vec<String> {
    places(text, |diagnostic| !diagnostic.is_error())
}

fn places(text: &str, wanted: impl Fn(&Diagnostic) -> bool) -> Vec<String> {
    let (checked, sources) = checked(text);
    let place = |diagnostic: &Diagnostic| {
        let position = sources.position(diagnostic.primary.span);
        let code = diagnostic.code.rsplit("::").next().unwrap_or("");
        format!("{code} {}:{}", position.line, position.column)
    };
    checked.diagnostics.iter().filter(|diagnostic| wanted(diagnostic)).map(place).collect()
}
