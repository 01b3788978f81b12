//! What is wrong with a program, as data. Rendering is the binary's business.

use crate::span::Span;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The program is accepted, but probably not what was meant.
    Warning,
    /// The program is refused.
    Error,
}

/// A place and what is to be said about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// A few words without a full stop; may be empty.
    pub text: String,
}

/// One mistake or warning. The place of the error is the primary label's span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// Stable name, such as `hlmc::syntax::missing_semicolon`.
    pub code: &'static str,
    /// One sentence without a full stop, about the user's program.
    pub message: String,
    /// Where the mistake is.
    pub primary: Label,
    /// Other places that matter, such as the declaration that made it a mistake.
    pub secondary: Vec<Label>,
    /// One edit that is likely to repair it.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error at `span`, whose label has no text yet.
    #[must_use]
    pub fn error(code: &'static str, message: impl Into<String>, span: Span) -> Diagnostic {
        Diagnostic::new(Severity::Error, code, message.into(), span)
    }

    /// A warning at `span`, whose label has no text yet.
    #[must_use]
    pub fn warning(code: &'static str, message: impl Into<String>, span: Span) -> Diagnostic {
        Diagnostic::new(Severity::Warning, code, message.into(), span)
    }

    fn new(severity: Severity, code: &'static str, message: String, span: Span) -> Diagnostic {
        let primary = Label { span, text: String::new() };
        Diagnostic { severity, code, message, primary, secondary: Vec::new(), help: None }
    }

    /// Sets the text of the primary label.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Diagnostic {
        self.primary.text = text.into();
        self
    }

    /// Adds another place with its text.
    #[must_use]
    pub fn with_secondary(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.secondary.push(Label { span, text: text.into() });
        self
    }

    /// Sets the help text.
    #[must_use]
    pub fn with_help(mut self, text: impl Into<String>) -> Diagnostic {
        self.help = Some(text.into());
        self
    }

    /// True for errors, false for warnings.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}
