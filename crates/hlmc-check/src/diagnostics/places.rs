//! Things that are fine, but not here.

use hlmc_syntax::{Diagnostic, Span};

fn misplaced(code: &'static str, message: String, span: Span) -> Diagnostic {
    Diagnostic::error(code, message, span).label("not allowed here")
}

/// `target() += `, `~` or an `_lp` function outside of the model.
pub(crate) fn target(span: Span) -> Diagnostic {
    let message = "the log density is available in the model block and in functions ending in `_lp` only";
    misplaced("hlmc::check::target_place", message.to_owned(), span)
}

/// `jacobian +=` or a `_jacobian` function outside of transformed parameters.
pub(crate) fn jacobian(span: Span) -> Diagnostic {
    let message = "a change of variables is adjusted for in transformed parameters and in functions ending in \
                   `_jacobian` only";
    misplaced("hlmc::check::jacobian_place", message.to_owned(), span)
}

/// Random numbers in a block that is evaluated for a density.
pub(crate) fn rng(name: &str, span: Span) -> Diagnostic {
    let message = format!(
        "`{name}` draws random numbers, which only transformed data, generated quantities and functions ending in \
         `_rng` may do"
    );
    misplaced("hlmc::check::rng_place", message, span)
}

/// Random numbers in the size of a variable.
pub(crate) fn rng_in_size(name: &str, span: Span) -> Diagnostic {
    misplaced("hlmc::check::rng_place", format!("`{name}` draws random numbers, so it cannot give a size"), span)
}

/// `_lupdf` outside of the model.
pub(crate) fn unnormalised(name: &str, span: Span) -> Diagnostic {
    let message = format!(
        "`{name}` drops constants, which is meaningful in the model block and in functions ending in `_lpdf`, `_lpmf` \
         or `_lp` only"
    );
    misplaced("hlmc::check::unnormalised_place", message, span)
}

/// `break` or `continue` without a loop.
pub(crate) fn outside_loop(keyword: &str, span: Span) -> Diagnostic {
    misplaced("hlmc::check::outside_loop", format!("`{keyword}` stands in no loop"), span)
}

/// `return` with a value where nothing is returned.
pub(crate) fn return_value(span: Span) -> Diagnostic {
    let message = "a value is returned by functions with a result only".to_owned();
    misplaced("hlmc::check::return_place", message, span)
}

/// `return` without a value where one is due.
pub(crate) fn return_nothing(span: Span) -> Diagnostic {
    let message = "`return` without a value is for functions that return nothing".to_owned();
    misplaced("hlmc::check::return_place", message, span)
}

/// Statements after `return`, `break` and the like.
pub(crate) fn unreachable(span: Span) -> Diagnostic {
    Diagnostic::warning("hlmc::check::unreachable", "this statement is never reached", span)
        .label("follows a statement that leaves")
}
