//! `hlmc check`: is this a program?

use hlmc::compile::compile;
use hlmc::render::diagnostics::render;

use crate::args::CheckArgs;
use crate::failure::{EXIT_DONE, Failure};
use crate::files::{IncludePaths, read_text};
use crate::terminal::{print, say, stderr_look};

pub(crate) fn check(args: &CheckArgs) -> Result<u8, Failure> {
    let text = read_text(&args.file, "the program")?;
    let name = args.file.display().to_string();
    let compiled = compile(&text, &name, &mut IncludePaths(&args.include_paths));
    if compiled.has_errors() {
        return Err(Failure::Diagnostics(compiled.diagnostics, compiled.sources));
    }
    say(&render(&compiled.diagnostics, &compiled.sources, stderr_look()));
    print(&format!("{name}: no errors\n"))?;
    Ok(EXIT_DONE)
}
