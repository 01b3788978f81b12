//! Why an evaluation gave no value: what happened, where in the program, and with which values.

use hlmc_builtins::{Fault, Severity};
use hlmc_syntax::Span;

/// Why an evaluation gave no value.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// What was found and what was expected, for a person.
    pub message: String,
    /// The statement or expression.
    pub span: Span,
    /// Whether another point of parameter space may do better.
    pub severity: Severity,
    /// Names and values of variables that the failing statement reads, in the order in which it reads them.
    pub values: Vec<(String, String)>,
}

/// What an evaluation gives. The failure is boxed to keep results small.
pub(crate) type Eval<T> = Result<T, Box<Failure>>;

impl Failure {
    pub(crate) fn new(severity: Severity, message: impl Into<String>, span: Span) -> Box<Failure> {
        Box::new(Failure { message: message.into(), span, severity, values: Vec::new() })
    }

    /// The program or its data are wrong: no other point helps.
    pub(crate) fn fatal(message: impl Into<String>, span: Span) -> Box<Failure> {
        Failure::new(Severity::Fatal, message, span)
    }

    /// This point has no density.
    pub(crate) fn rejection(message: impl Into<String>, span: Span) -> Box<Failure> {
        Failure::new(Severity::Rejection, message, span)
    }

    /// What a function of the table said, behind its name.
    pub(crate) fn of_call(name: &str, fault: Fault, span: Span) -> Box<Failure> {
        Failure::new(fault.severity, format!("{name}: {}", fault.message), span)
    }

    /// A typed program that does not hold what it promises: a defect of hlmc, which the message says.
    pub(crate) fn defect(what: &str, span: Span) -> Box<Failure> {
        Failure::fatal(format!("this is a defect of hlmc, please report it: {what}"), span)
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}
