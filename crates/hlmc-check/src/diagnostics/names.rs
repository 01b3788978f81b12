//! Names that mean nothing, are taken, or mean something else.

use hlmc_syntax::ast::Ident;
use hlmc_syntax::{Diagnostic, Span};

/// A variable that is not there.
pub(crate) fn unknown_variable(name: &Ident, nearest: Option<String>) -> Diagnostic {
    let message = format!("there is no variable `{}` here", name.name);
    suggest(Diagnostic::error("hlmc::check::unknown_variable", message, name.span).label("not declared"), nearest)
}

/// A function that is not there.
pub(crate) fn unknown_function(name: &Ident, nearest: Option<String>) -> Diagnostic {
    let message = format!("there is no function `{}`", name.name);
    suggest(Diagnostic::error("hlmc::check::unknown_function", message, name.span).label("not a function"), nearest)
}

/// A distribution that is not there.
pub(crate) fn unknown_distribution(name: &Ident, nearest: Option<String>) -> Diagnostic {
    let message = format!("there is no distribution `{}`", name.name);
    let diagnostic = Diagnostic::error("hlmc::check::unknown_distribution", message, name.span);
    suggest(diagnostic.label(format!("neither `{0}_lpdf` nor `{0}_lpmf` is a function", name.name)), nearest)
}

/// The suffix of a density belongs to the call, not to the distribution statement.
pub(crate) fn distribution_with_suffix(name: &Ident) -> Diagnostic {
    let message = "a distribution statement names the distribution without its suffix".to_owned();
    let stem = name.name.rsplit_once('_').map_or(name.name.as_str(), |(stem, _)| stem);
    Diagnostic::error("hlmc::check::distribution_suffix", message, name.span)
        .label("has a suffix")
        .with_help(format!("write `~ {stem}(...)`"))
}

/// Cumulative functions are no densities.
pub(crate) fn cumulative_as_distribution(name: &Ident) -> Diagnostic {
    let message = format!("`{}` is a cumulative distribution function and no distribution", name.name);
    Diagnostic::error("hlmc::check::distribution_suffix", message, name.span).label("stands after `~`")
}

/// A name that nobody may use.
pub(crate) fn reserved(name: &Ident) -> Diagnostic {
    let message = format!("`{}` is a reserved name", name.name);
    let help = if name.name.ends_with("__") { "names may not end in two underscores" } else { "choose another name" };
    Diagnostic::error("hlmc::check::reserved_name", message, name.span).label("cannot be used").with_help(help)
}

/// A name that a visible variable has already.
pub(crate) fn already_declared(name: &Ident, earlier: Span) -> Diagnostic {
    let message = format!("the name `{}` is in use already", name.name);
    Diagnostic::error("hlmc::check::name_in_use", message, name.span)
        .label("declared again")
        .with_secondary(earlier, "declared here")
}

/// `_lupdf` and `_lupmf` follow from `_lpdf` and `_lpmf`.
pub(crate) fn unnormalised_name(name: &Ident) -> Diagnostic {
    let message = format!("`{}` cannot be declared: `_lupdf` and `_lupmf` are derived", name.name);
    Diagnostic::error("hlmc::check::unnormalised_definition", message, name.span)
        .label("has the suffix of an unnormalised density")
        .with_help("define the `_lpdf` or `_lpmf`; its unnormalised form follows")
}

/// A function's name where a value is needed.
pub(crate) fn function_as_value(name: &Ident) -> Diagnostic {
    let message = format!("`{}` is a function, and functions are no values", name.name);
    Diagnostic::error("hlmc::check::function_as_value", message, name.span)
        .label("a function")
        .with_help("functions are only handed on to functions that take one, such as `ode_rk45`")
}

/// A variable's name where a function is needed.
pub(crate) fn variable_as_function(name: &Ident, declared: Span) -> Diagnostic {
    let message = format!("`{}` is a variable and cannot be called", name.name);
    Diagnostic::error("hlmc::check::variable_as_function", message, name.span)
        .label("called like a function")
        .with_secondary(declared, "declared here")
}

fn suggest(diagnostic: Diagnostic, nearest: Option<String>) -> Diagnostic {
    match nearest {
        Some(name) => diagnostic.with_help(format!("did you mean `{name}`?")),
        None => diagnostic,
    }
}
