//! Sizes, constraints and types of declared variables.

use hlmc_builtins::Type;
use hlmc_syntax::ast::Ident;
use hlmc_syntax::{Diagnostic, Span};

use crate::context::block_name;
use crate::scope::Variable;

/// A size that depends on parameters.
pub(crate) fn size_of_parameters(name: &Ident, variable: &Variable) -> Diagnostic {
    let message = format!("sizes must be known before sampling, but `{}` is not", name.name);
    Diagnostic::error("hlmc::check::size_not_data", message, name.span)
        .label(format!("of the {} block", block_name(variable.block)))
        .with_secondary(variable.span, "declared here")
}

/// A bound, offset or multiplier that does not fit the variable.
pub(crate) fn bound_type(what: &str, wanted: &Type, found: &Type, span: Span) -> Diagnostic {
    let message = format!("{what} must be a number or of type {wanted}, but this is of type {found}");
    Diagnostic::error("hlmc::check::bound_type", message, span).label(format!("{found}"))
}

/// `int<lower=0.5>`
pub(crate) fn real_bound_of_int(span: Span) -> Diagnostic {
    Diagnostic::error("hlmc::check::bound_type", "the bounds of an int must be ints", span).label("a real number")
}

/// A complex variable with a constraint.
pub(crate) fn complex_transform(span: Span) -> Diagnostic {
    Diagnostic::error("hlmc::check::complex_constraint", "complex types cannot be constrained", span)
        .label("has a constraint")
}

/// A local variable with a constraint.
pub(crate) fn local_constraint(span: Span) -> Diagnostic {
    let message = "local variables cannot be constrained";
    Diagnostic::error("hlmc::check::local_constraint", message, span)
        .label("has a constraint")
        .with_help("constraints are for variables at the top of a block")
}

/// Parameters without derivatives.
pub(crate) fn int_parameter(is_transformed: bool, span: Span) -> Diagnostic {
    let what = if is_transformed { "transformed parameters" } else { "parameters" };
    let message = format!("{what} cannot be integers, nor hold them");
    Diagnostic::error("hlmc::check::int_parameter", message, span)
        .label("holds integers")
        .with_help("discrete unknowns have to be summed out of the density")
}

/// Two sizes for a type that takes one, and the like.
pub(crate) fn bad_constraint(span: Span) -> Diagnostic {
    Diagnostic::error("hlmc::check::bound_type", "this constraint does not belong to this type", span)
}
