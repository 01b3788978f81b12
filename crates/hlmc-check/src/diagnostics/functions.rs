//! Definitions of functions.

use hlmc_builtins::Type;
use hlmc_syntax::ast::Ident;
use hlmc_syntax::{Diagnostic, Span};

/// A signature that is there already.
pub(crate) fn defined_twice(name: &Ident, signature: &str, earlier: Span, span: Span) -> Diagnostic {
    let message = format!("`{}` is declared twice for the same arguments: {signature}", name.name);
    Diagnostic::error("hlmc::check::function_redefined", message, span)
        .label("declared again")
        .with_secondary(earlier, "declared here")
}

/// A second declaration without a body.
pub(crate) fn declared_twice(name: &Ident, earlier: Span, span: Span) -> Diagnostic {
    let message = format!("`{}` is declared already; its definition is missing", name.name);
    Diagnostic::error("hlmc::check::function_redefined", message, span)
        .label("declared again")
        .with_secondary(earlier, "declared here")
}

/// Overloads that differ in their result alone.
pub(crate) fn overload_by_result(
    name: &Ident,
    here: &Type,
    there: &Type,
    earlier: Option<Span>,
    span: Span,
) -> Diagnostic {
    let message =
        format!("`{}` returns {there} for these arguments already, and cannot return {here} as well", name.name);
    let diagnostic =
        Diagnostic::error("hlmc::check::function_redefined", message, span).label("differs in its result alone");
    match earlier {
        Some(earlier) => diagnostic.with_secondary(earlier, "declared here"),
        None => diagnostic.with_help(format!("`{}` is a function of the language's library", name.name)),
    }
}

/// A signature that the library has.
pub(crate) fn redefines_library(name: &Ident, signature: &str, span: Span) -> Diagnostic {
    let message = format!("`{}` is a function of the library with these arguments: {signature}", name.name);
    Diagnostic::error("hlmc::check::library_redefined", message, span)
        .label("cannot be redefined")
        .with_help("choose another name; overloads for other argument types are allowed")
}

/// Functions that take functions cannot be overloaded.
pub(crate) fn cannot_overload(name: &Ident, span: Span) -> Diagnostic {
    let message = format!("`{}` is a function of the library that cannot be overloaded", name.name);
    Diagnostic::error("hlmc::check::library_redefined", message, span).label("choose another name")
}

/// A declaration without definition.
pub(crate) fn without_definition(name: &Ident) -> Diagnostic {
    let message = format!("`{}` is declared but never defined", name.name);
    Diagnostic::error("hlmc::check::missing_definition", message, name.span).label("has no body anywhere")
}

/// Densities and cumulative functions return real.
pub(crate) fn density_result(found: &Type, span: Span) -> Diagnostic {
    let message = format!("probability functions return a real, but this one returns {found}");
    Diagnostic::error("hlmc::check::density_signature", message, span).label("its suffix asks for `real`")
}

/// `_lpdf` is of a real outcome, `_lpmf` of an int outcome.
pub(crate) fn density_outcome(is_density: bool, found: Option<&Type>, span: Span) -> Diagnostic {
    let (suffix, wanted) = if is_density { ("_lpdf", "real") } else { ("_lpmf", "int") };
    let found = found.map_or_else(|| "there is none".to_owned(), |ty| format!("it is of type {ty}"));
    let message = format!("the first argument of a function in `{suffix}` holds {wanted} numbers, but {found}");
    Diagnostic::error("hlmc::check::density_signature", message, span).label(format!("the outcome must be {wanted}"))
}

/// A way through the body that returns nothing.
pub(crate) fn may_not_return(name: &Ident, result: &Type, span: Span) -> Diagnostic {
    let message = format!("`{}` must return a value of type {result} on every path", name.name);
    Diagnostic::error("hlmc::check::missing_return", message, span)
        .label("its end can be reached without a `return`")
        .with_help("end every branch with `return` or `reject`")
}
