//! Parses a file and prints its errors and warnings, one a line: `parse FILE [INCLUDE_DIR]...`. Exits with 0 when the
//! program parses, with 1 when it does not.

#![allow(clippy::print_stdout, clippy::exit, reason = "an example is a program")]

use std::path::PathBuf;
use std::time::Instant;

use hlmc_syntax::{IncludeError, IncludeResolver, Included, Mode, parse};

/// Searches folders in turn.
struct Folders(Vec<PathBuf>);

impl IncludeResolver for Folders {
    fn resolve(&mut self, name: &str) -> Result<Included, IncludeError> {
        for folder in &self.0 {
            // A name is always meant below the folder, even when it begins with a slash.
            let path = folder.join(name.trim_start_matches('/'));
            if let Ok(bytes) = std::fs::read(&path) {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                return Ok(Included { name: path.display().to_string(), text });
            }
        }
        Err(IncludeError::NotFound { searched: self.0.iter().map(|folder| folder.display().to_string()).collect() })
    }
}

fn main() {
    let mut args = std::env::args().skip(1);
    let Some(path) = args.next() else {
        println!("usage: parse FILE [INCLUDE_DIR]...");
        std::process::exit(2);
    };
    let mut folders = Folders(args.map(PathBuf::from).collect());
    let text = match std::fs::read(&path) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) => {
            println!("{path}: {error}");
            std::process::exit(2);
        }
    };
    let start = Instant::now();
    let parsed = parse(&text, &path, Mode::of_file(&path), &mut folders);
    let elapsed = start.elapsed();
    for diagnostic in &parsed.diagnostics {
        let span = diagnostic.primary.span;
        let position = parsed.sources.position(span);
        println!(
            "{:?} {}:{}:{}: {} [{}] ({}){}",
            diagnostic.severity,
            parsed.sources.name(span.file),
            position.line,
            position.column,
            diagnostic.message,
            diagnostic.code,
            diagnostic.primary.text,
            diagnostic.help.as_ref().map_or(String::new(), |help| format!(" help: {help}")),
        );
    }
    println!("{} ms", elapsed.as_secs_f64() * 1e3);
    std::process::exit(i32::from(parsed.program.is_none()));
}
