//! From text to a typed program.

use std::sync::Arc;

use hlmc_builtins::Library;
use hlmc_syntax::{Diagnostic, IncludeResolver, Mode, SourceMap};

/// What came of a text.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The text and all that it includes.
    pub sources: SourceMap,
    /// The program; none if there is any error.
    pub program: Option<Arc<hlmc_check::ir::Program>>,
    /// Errors and warnings in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
}

impl Compiled {
    /// Whether the program is refused.
    pub fn has_errors(&self) -> bool {
        self.program.is_none()
    }
}

/// Parses and checks a program, or a file of functions if its name ends in `.stanfunctions`.
///
/// `name` is what messages call it; `resolver` finds what it includes.
pub fn compile(text: &str, name: &str, resolver: &mut dyn IncludeResolver) -> Compiled {
    let parsed = hlmc_syntax::parse(text, name, Mode::of_file(name), resolver);
    let (sources, mut diagnostics) = (parsed.sources, parsed.diagnostics);
    let Some(program) = parsed.program else {
        return Compiled { sources, program: None, diagnostics };
    };
    let checked = hlmc_check::check(&program, &Library::new());
    diagnostics.extend(checked.diagnostics);
    Compiled { sources, program: checked.program.map(Arc::new), diagnostics }
}
