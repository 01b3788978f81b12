//! Calls that no signature fits, or that may not be made in this form.

use hlmc_builtins::Type;
use hlmc_syntax::ast::Ident;
use hlmc_syntax::{Diagnostic, Span};

use super::{counted, listed};

/// Signatures that a message shows at most.
const MAX_SIGNATURES: usize = 5;

/// No signature takes the arguments.
pub(crate) fn wrong_arguments(name: &str, found: &[Type], signatures: &[String], span: Span) -> Diagnostic {
    let types: Vec<String> = found.iter().map(ToString::to_string).collect();
    let message = match found {
        [] => format!("`{name}` cannot be called without arguments"),
        _ => format!("`{name}` does not take {} of type {}", counted(found.len(), "argument"), listed(&types)),
    };
    Diagnostic::error("hlmc::check::wrong_arguments", message, span)
        .label(format!("found: {name}({})", types.join(", ")))
        .with_help(available(signatures))
}

/// Several signatures take the arguments equally well.
pub(crate) fn ambiguous(name: &str, signatures: &[String], span: Span) -> Diagnostic {
    let message = format!("the call of `{name}` is ambiguous: several signatures need equally many promotions");
    Diagnostic::error("hlmc::check::ambiguous_call", message, span)
        .label("could mean any of them")
        .with_help(available(signatures))
}

/// An argument that may depend on parameters, where only data may stand.
pub(crate) fn data_only(name: &str, position: usize, span: Span) -> Diagnostic {
    let message = format!("argument {} of `{name}` must be data: it may not depend on parameters", position + 1);
    Diagnostic::error("hlmc::check::data_only", message, span)
        .label("may depend on parameters")
        .with_help("arguments of functions are taken to depend on parameters unless `data` stands before their type")
}

/// A function of Stan that is not here.
pub(crate) fn not_yet_supported(name: &str, span: Span) -> Diagnostic {
    let message = format!("`{name}` is a function of Stan that hlmc does not support yet");
    Diagnostic::error("hlmc::check::not_yet_supported", message, span).label("not supported yet")
}

/// An operator of Stan that is not here for these types.
pub(crate) fn operator_not_yet_supported(symbol: &str, operands: &[Type], span: Span) -> Diagnostic {
    let types: Vec<String> = operands.iter().map(ToString::to_string).collect();
    let message = format!("`{symbol}` of {} is an operation of Stan that hlmc does not support yet", listed(&types));
    Diagnostic::error("hlmc::check::not_yet_supported", message, span).label("not supported yet")
}

/// `f(y, mu)` for a density.
pub(crate) fn bar_needed(name: &str, span: Span) -> Diagnostic {
    let message = format!("`{name}` is called with a bar after the first argument");
    Diagnostic::error("hlmc::check::bar_needed", message, span)
        .label("has no bar")
        .with_help(format!("write `{name}(y | ...)`"))
}

/// `f(y | mu)` for what is no density.
pub(crate) fn bar_not_allowed(name: &str, span: Span) -> Diagnostic {
    let message = format!("`{name}` is no probability function, so its arguments are separated by commas");
    Diagnostic::error("hlmc::check::bar_not_allowed", message, span).label("has a bar")
}

/// A call as a value that has none.
pub(crate) fn no_value(name: &Ident, declared: Option<Span>, span: Span) -> Diagnostic {
    let message = format!("`{}` returns nothing, but its value is used here", name.name);
    let diagnostic = Diagnostic::error("hlmc::check::no_value", message, span).label("has no value");
    match declared {
        Some(declared) => diagnostic.with_secondary(declared, "declared as `void` here"),
        None => diagnostic,
    }
}

/// A call as a statement that has a value.
pub(crate) fn unused_value(name: &Ident, declared: Option<Span>, span: Span) -> Diagnostic {
    let message = format!("`{}` returns a value, but a statement needs a function that returns nothing", name.name);
    let diagnostic = Diagnostic::error("hlmc::check::unused_value", message, span).label("its value is not used");
    match declared {
        Some(declared) => diagnostic.with_secondary(declared, "declared here"),
        None => diagnostic,
    }
}

/// The first argument of a higher-order function is no function.
pub(crate) fn function_needed(name: &str, callback: &str, span: Span) -> Diagnostic {
    let message = format!("the first argument of `{name}` must be the name of a function of your own");
    Diagnostic::error("hlmc::check::function_needed", message, span)
        .label("no function")
        .with_help(format!("it is called as `{callback}`"))
}

/// The function that is handed on does not fit.
pub(crate) fn wrong_callback(name: &str, callback: &str, why: &str, span: Span, declared: Span) -> Diagnostic {
    let message = format!("the function that is handed on to `{name}` does not fit: {why}");
    Diagnostic::error("hlmc::check::wrong_callback", message, span)
        .label("handed on here")
        .with_secondary(declared, "declared here")
        .with_help(format!("it is called as `{callback}`"))
}

/// An argument of a higher-order function that neither it nor the function handed on takes.
pub(crate) fn wrong_callback_argument(name: &str, why: &str, span: Span, declared: Span) -> Diagnostic {
    let message = format!("an argument of `{name}` does not fit: {why}");
    Diagnostic::error("hlmc::check::wrong_arguments", message, span)
        .label("does not fit")
        .with_secondary(declared, "the function that is handed on")
}

/// Truncation needs cumulative functions.
pub(crate) fn no_cumulative(name: &str, bound: &Type, span: Span) -> Diagnostic {
    let message = format!("`{name}` cannot be truncated: it has no `_lcdf` and `_lccdf` for these arguments");
    Diagnostic::error("hlmc::check::truncation", message, span).label(format!("truncated at a bound of type {bound}"))
}

fn available(signatures: &[String]) -> String {
    let shown: Vec<&str> = signatures.iter().take(MAX_SIGNATURES).map(String::as_str).collect();
    let more = signatures.len().saturating_sub(MAX_SIGNATURES);
    let tail = if more > 0 { format!("\nand {more} more") } else { String::new() };
    match shown.as_slice() {
        [] => "no signature is known".to_owned(),
        [only] => format!("the signature is `{only}`"),
        _ => format!("the signatures are\n{}{tail}", shown.join("\n")),
    }
}
