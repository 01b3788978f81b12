//! Text to AST: grammar, spans, source files, diagnostics as data.
//!
//! What is here: everything that can be said about a program without knowing a single function or type rule. Names,
//! types, scopes and the library of functions are the checker's business; nothing here reads files or prints.

pub mod ast;
pub mod diagnostic;
pub mod source;
pub mod span;

pub use diagnostic::{Diagnostic, Label, Severity};
pub use source::{Position, SourceFile, SourceMap};
pub use span::{FileId, Span};
