//! AST to typed program: names, types, blocks, with every diagnostic.
//!
//! [`check`] walks the program once and makes the typed program as it goes; what is wrong is reported and left out, so
//! that one mistake does not bring others with it. User functions are checked once for mistakes, and made once for each
//! combination of argument levels that they are called with.
//!
//! | module | what is there |
//! | --- | --- |
//! | [`ir`] | the typed program |
//! | `blocks`, `definitions` | the order of the whole |
//! | `statements`, `declarations`, `lvalues`, `expressions` | the language, part by part |
//! | `functions`, `higher_order`, `instances` | which function a call means |
//! | `scope`, `context`, `names`, `levels`, `promotion` | the rules that all parts share |
//! | `diagnostics` | the messages, one file a family |

mod blocks;
mod checker;
mod context;
mod declarations;
mod definitions;
mod diagnostics;
mod expressions;
mod functions;
mod higher_order;
mod instances;
pub mod ir;
mod levels;
mod lvalues;
mod names;
mod promotion;
mod scope;
mod sized_types;
mod statements;
mod suggestions;
mod written_types;

use hlmc_builtins::Library;
use hlmc_syntax::{Diagnostic, ast};

/// What a check found out.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked {
    /// The typed program; none when there is any error.
    pub program: Option<ir::Program>,
    /// Errors and warnings, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
}

/// Checks a program against the table of functions.
#[must_use]
pub fn check(program: &ast::Program, library: &Library<f64>) -> Checked {
    let mut checker = checker::Checker::new(library);
    checker.check_program(program);
    let has_errors = |diagnostics: &[Diagnostic]| diagnostics.iter().any(Diagnostic::is_error);
    let mut diagnostics = std::mem::take(&mut checker.diagnostics);
    if !has_errors(&diagnostics) {
        checker.make_instances();
        // Warnings about bodies were given once already.
        diagnostics.extend(checker.diagnostics.drain(..).filter(Diagnostic::is_error));
    }
    in_text_order(&mut diagnostics);
    let program = (!has_errors(&diagnostics)).then_some(checker.program);
    Checked { program, diagnostics }
}

/// Sorts by place. Where several files are involved the order of the check stays, which is that of the blocks: how files
/// include each other is not known here.
fn in_text_order(diagnostics: &mut [Diagnostic]) {
    let file = diagnostics.first().map(|diagnostic| diagnostic.primary.span.file);
    if diagnostics.iter().all(|diagnostic| Some(diagnostic.primary.span.file) == file) {
        diagnostics.sort_by_key(|diagnostic| diagnostic.primary.span.start);
    }
}
