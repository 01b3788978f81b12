//! Why a function gave no value.

use std::fmt;

/// Why a function gave no value, in words that go behind the function's name.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// What was found and what was expected.
    pub message: String,
    /// Whether another point of parameter space may do better.
    pub severity: Severity,
}

/// Whether another point of parameter space may do better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// An argument is out of its domain here: the point is rejected, as by `reject()`.
    Rejection,
    /// The program or its data are wrong (sizes, indices, `fatal_error()`): the run stops.
    Fatal,
}

impl Fault {
    /// An argument is out of its domain at this point.
    #[must_use]
    pub fn rejection(message: impl Into<String>) -> Self {
        Fault { message: message.into(), severity: Severity::Rejection }
    }

    /// Sizes that do not fit, an index out of range: no other point helps.
    #[must_use]
    pub fn fatal(message: impl Into<String>) -> Self {
        Fault { message: message.into(), severity: Severity::Fatal }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Fault {}
