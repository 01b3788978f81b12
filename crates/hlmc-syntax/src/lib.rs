//! Text to AST: grammar, spans, source files, diagnostics as data.
//!
//! What is here: everything that can be said about a program without knowing a single function or type rule. Names,
//! types, scopes and the library of functions are the checker's business; nothing here reads files or prints.
//!
//! ```
//! use hlmc_syntax::{Mode, NoIncludes, parse};
//!
//! let parsed = parse("parameters { real mu; } model { mu ~ normal(0, 1) }", "m.stan", Mode::Program, &mut NoIncludes);
//! assert!(parsed.program.is_none());
//! let error = &parsed.diagnostics[0];
//! assert_eq!(error.code, "hlmc::syntax::missing_semicolon");
//! assert_eq!(parsed.sources.position(error.primary.span).line, 1);
//! ```

pub mod ast;
pub mod diagnostic;
pub mod include;
pub mod parse;
pub mod source;
pub mod span;

mod brackets;
mod errors;
mod expand;
mod expected;
mod grammar;
mod lower;
mod mistakes;
mod nesting;
mod recover;
mod token;
mod unexpected;
mod words;

pub use diagnostic::{Diagnostic, Label, Severity};
pub use include::{IncludeError, IncludeResolver, Included, NoIncludes};
pub use parse::{Mode, Parsed, parse};
pub use source::{Position, SourceFile, SourceMap};
pub use span::{FileId, Span};
