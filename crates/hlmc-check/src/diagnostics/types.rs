//! Values of a type that does not fit.

use hlmc_builtins::Type;
use hlmc_syntax::{Diagnostic, Span};

use super::counted;

/// Something has to be an int: a size, a condition, a loop bound.
pub(crate) fn int_needed(what: &str, found: &Type, span: Span) -> Diagnostic {
    let message = format!("{what} must be an int, but this is of type {found}");
    Diagnostic::error("hlmc::check::int_needed", message, span).label(format!("{found}"))
}

/// A truncation bound has to be a number.
pub(crate) fn number_needed(what: &str, found: &Type, span: Span) -> Diagnostic {
    let message = format!("{what} must be an int or a real, but this is of type {found}");
    Diagnostic::error("hlmc::check::number_needed", message, span).label(format!("{found}"))
}

/// The log density is a number.
pub(crate) fn increment(found: &Type, span: Span) -> Diagnostic {
    let message = format!("only real numbers can be added to the log density, but this is of type {found}");
    Diagnostic::error("hlmc::check::increment_type", message, span).label(format!("{found}"))
}

/// An int literal that does not fit.
pub(crate) fn int_out_of_range(span: Span) -> Diagnostic {
    Diagnostic::error("hlmc::check::int_range", "integers go up to 2147483647", span)
        .label("too large for an int")
        .with_help("write a real number, with a point or an exponent")
}

/// An operator between values that it does not take.
pub(crate) fn binary_operator(symbol: &str, left: &Type, right: &Type, span: Span) -> Diagnostic {
    let message = format!("`{symbol}` cannot be applied to {left} and {right}");
    Diagnostic::error("hlmc::check::operator_types", message, span).label(format!("{left} {symbol} {right}"))
}

/// An operator on a value that it does not take.
pub(crate) fn unary_operator(symbol: &str, operand: &Type, span: Span) -> Diagnostic {
    let message = format!("`{symbol}` cannot be applied to {operand}");
    Diagnostic::error("hlmc::check::operator_types", message, span).label(format!("{operand}"))
}

/// The arms of `?:` do not meet.
pub(crate) fn ternary(then: &Type, otherwise: &Type, span: Span) -> Diagnostic {
    let message = format!("the two values of `?:` have no common type: {then} and {otherwise}");
    Diagnostic::error("hlmc::check::ternary_types", message, span).label(format!("{then} or {otherwise}"))
}

/// The entries of `{...}` do not meet.
pub(crate) fn array_entries(common: &Type, found: &Type, span: Span) -> Diagnostic {
    let message = format!("the entries of an array have one type, but here are {common} and {found}");
    Diagnostic::error("hlmc::check::array_entries", message, span)
        .label(format!("{found}, and those before are {common}"))
}

/// The entries of `[...]` are no numbers.
pub(crate) fn row_vector_entry(found: &Type, span: Span) -> Diagnostic {
    let message = format!("an entry of a row vector is a number, but this is of type {found}");
    Diagnostic::error("hlmc::check::row_vector_entries", message, span)
        .label(format!("{found}"))
        .with_help("arrays are written in braces, `{...}`")
}

/// The entries of `[...]` are row vectors, but not all.
pub(crate) fn matrix_row(found: &Type, span: Span) -> Diagnostic {
    let message = format!("a row of a matrix is a row vector, but this is of type {found}");
    Diagnostic::error("hlmc::check::row_vector_entries", message, span).label(format!("{found}"))
}

/// More indices than dimensions.
pub(crate) fn too_many_indices(ty: &Type, n_indices: usize, span: Span) -> Diagnostic {
    let n_dims = ty.n_dims();
    let message = if n_dims == 0 {
        format!("a value of type {ty} cannot be indexed")
    } else {
        format!("a value of type {ty} takes at most {}, but here are {n_indices}", counted_indices(n_dims))
    };
    Diagnostic::error("hlmc::check::too_many_indices", message, span).label(format!("{ty}"))
}

fn counted_indices(n: usize) -> String {
    if n == 1 { "1 index".to_owned() } else { format!("{n} indices") }
}

/// An index that is neither an int nor an array of ints.
pub(crate) fn index_type(found: &Type, span: Span) -> Diagnostic {
    let message = format!("an index is an int, an array of ints or a range, but this is of type {found}");
    Diagnostic::error("hlmc::check::index_type", message, span).label(format!("{found}"))
}

/// A projection from what is no tuple.
pub(crate) fn projection_of_non_tuple(found: &Type, span: Span) -> Diagnostic {
    let message = format!("only tuples have numbered slots, but this is of type {found}");
    Diagnostic::error("hlmc::check::projection", message, span).label(format!("{found}"))
}

/// A slot that the tuple does not have.
pub(crate) fn no_such_slot(slot: u32, n_slots: usize, span: Span) -> Diagnostic {
    let message = format!("the tuple has {}, so there is no slot {slot}", counted(n_slots, "slot"));
    Diagnostic::error("hlmc::check::projection", message, span).label(format!("slots go from 1 to {n_slots}"))
}

/// What is walked through has no elements.
pub(crate) fn not_iterable(found: &Type, span: Span) -> Diagnostic {
    let message = format!("a loop goes over an array, a vector, a row vector or a matrix, but this is of type {found}");
    Diagnostic::error("hlmc::check::not_iterable", message, span).label(format!("{found}"))
}

/// `1 / 2` is 0.
pub(crate) fn int_division(span: Span) -> Diagnostic {
    Diagnostic::warning("hlmc::check::int_division", "division of integers drops the fraction", span)
        .label("int / int")
        .with_help("make one of them real, as in `1.0 / n`, or write `%/%` if the fraction is to be dropped")
}

/// `m ^ 2` is entry by entry.
pub(crate) fn matrix_power(span: Span) -> Diagnostic {
    Diagnostic::warning("hlmc::check::matrix_power", "`^` of a matrix raises each entry to the power", span)
        .label("entry by entry")
        .with_help("write `.^` if this is meant, and `matrix_power` for a power of the matrix")
}

/// `a < b < c` compares the outcome of a comparison.
pub(crate) fn chained_comparison(span: Span) -> Diagnostic {
    let message = "a chain of comparisons compares 0 or 1 with the last value";
    Diagnostic::warning("hlmc::check::chained_comparison", message, span)
        .label("read from left to right")
        .with_help("write `a < b && b < c`, or parentheses if this is meant")
}

/// The expression is nested too deeply for any machine.
pub(crate) fn too_deep(span: Span) -> Diagnostic {
    Diagnostic::error("hlmc::check::too_deep", "the program is nested too deeply", span)
        .with_help("give names to parts of it")
}
