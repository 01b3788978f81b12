//! Checks a file: `check FILE [--include-path DIR]...`. Prints one line for each diagnostic; exit code 1 when there is
//! an error, 2 when the file cannot be read. For measurements over corpora; people use `hlmc check`.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program, not a library")]

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use hlmc_builtins::Library;
use hlmc_check::check;
use hlmc_syntax::parse::Mode;
use hlmc_syntax::{Diagnostic, IncludeError, IncludeResolver, Included, SourceMap, parse};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (mut path, mut includes) = (None, Includes(Vec::new()));
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        if argument == "--include-path" {
            includes.0.extend(rest.next().map(PathBuf::from));
        } else {
            path = Some(argument.as_str());
        }
    }
    let Some(path) = path else { return ExitCode::from(2) };
    let text = match std::fs::read(path) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) => {
            eprintln!("{path}: {error}");
            return ExitCode::from(2);
        }
    };
    let name = Path::new(path).file_name().map_or_else(|| path.to_owned(), |name| name.to_string_lossy().into_owned());
    let parsed = parse(&text, &name, Mode::of_file(path), &mut includes);
    let mut failed = report(&parsed.diagnostics, &parsed.sources);
    if let Some(program) = &parsed.program {
        let checked = check(program, &Library::new());
        failed |= report(&checked.diagnostics, &parsed.sources);
    }
    ExitCode::from(u8::from(failed))
}

fn report(diagnostics: &[Diagnostic], sources: &SourceMap) -> bool {
    for diagnostic in diagnostics.iter().filter(|diagnostic| diagnostic.is_error()) {
        let span = diagnostic.primary.span;
        let at = sources.position(span);
        println!(
            "error: {}:{}:{}: {} [{}]",
            sources.name(span.file),
            at.line,
            at.column,
            diagnostic.message,
            diagnostic.code
        );
    }
    diagnostics.iter().any(Diagnostic::is_error)
}

/// The directories that includes are looked for in.
struct Includes(Vec<PathBuf>);

impl IncludeResolver for Includes {
    fn resolve(&mut self, name: &str) -> Result<Included, IncludeError> {
        for directory in &self.0 {
            if let Ok(text) = std::fs::read_to_string(directory.join(name.trim_start_matches('/'))) {
                return Ok(Included { name: name.to_owned(), text });
            }
        }
        Err(IncludeError::NotFound { searched: self.0.iter().map(|d| d.display().to_string()).collect() })
    }
}
