//! Assignments to the wrong place, or of the wrong value.

use hlmc_builtins::Type;
use hlmc_syntax::ast::Ident;
use hlmc_syntax::{Diagnostic, Span};

use crate::context::block_name;
use crate::ir::Block;
use crate::scope::{ReadOnly, Variable};

/// A value that the target cannot hold.
pub(crate) fn wrong_type(target: &Type, value: &Type, span: Span, declared: Option<Span>) -> Diagnostic {
    let message = format!("a value of type {value} cannot be assigned to a variable of type {target}");
    let diagnostic = Diagnostic::error("hlmc::check::assignment_type", message, span)
        .label(format!("expected {target}, found {value}"));
    match declared {
        Some(declared) => diagnostic.with_secondary(declared, format!("declared as {target} here")),
        None => diagnostic,
    }
}

/// A returned value that the function's result cannot hold.
pub(crate) fn wrong_return(wanted: &Type, value: &Type, span: Span) -> Diagnostic {
    let message = format!("the function returns {wanted}, but this is of type {value}");
    Diagnostic::error("hlmc::check::return_type", message, span).label(format!("expected {wanted}, found {value}"))
}

/// `x += e` where `x + e` has another type than `x`, or no type.
pub(crate) fn wrong_compound(symbol: &str, target: &Type, value: &Type, span: Span) -> Diagnostic {
    let message = format!("`{symbol}` cannot be applied to a variable of type {target} and a value of type {value}");
    Diagnostic::error("hlmc::check::assignment_type", message, span).label(format!("{target} {symbol} {value}"))
}

/// The variable belongs to a block that has been closed.
pub(crate) fn of_another_block(name: &Ident, here: Option<Block>, variable: &Variable) -> Diagnostic {
    let owner = block_name(variable.block);
    let message = format!("`{}` cannot be assigned to: it belongs to the {owner} block", name.name);
    Diagnostic::error("hlmc::check::read_only", message, name.span)
        .label(format!("assigned in the {} block", block_name(here)))
        .with_secondary(variable.span, "declared here")
}

/// Loop variables and arguments keep their values.
pub(crate) fn read_only(name: &Ident, why: ReadOnly, variable: &Variable) -> Diagnostic {
    let what = match why {
        ReadOnly::LoopVariable => "a loop variable",
        ReadOnly::Argument => "an argument of the function",
    };
    let message = format!("`{}` cannot be assigned to: it is {what}", name.name);
    Diagnostic::error("hlmc::check::read_only", message, name.span)
        .label("assigned here")
        .with_secondary(variable.span, "declared here")
        .with_help("declare a variable of your own, and give it this value")
}

/// Functions keep their meaning.
pub(crate) fn to_function(name: &Ident) -> Diagnostic {
    let message = format!("`{}` is a function and cannot be assigned to", name.name);
    Diagnostic::error("hlmc::check::function_as_value", message, name.span).label("a function")
}

/// `x[idx][i] = e` would change a copy.
pub(crate) fn under_multi_index(span: Span) -> Diagnostic {
    let message = "what several indices select cannot be indexed again on the left of an assignment";
    Diagnostic::error("hlmc::check::multi_index_target", message, span)
        .label("would change a copy")
        .with_help("write all indices in one pair of brackets")
}

/// `(x, x[1]) = ...`
pub(crate) fn overlapping_targets(name: &str, span: Span) -> Diagnostic {
    let message = format!("`{name}` is assigned to more than once by one statement");
    Diagnostic::error("hlmc::check::overlapping_targets", message, span).label("targets may not overlap")
}

/// `x[x[1]] = ...`
pub(crate) fn target_in_own_index(name: &str, span: Span) -> Diagnostic {
    let message = format!("`{name}` is assigned to and read in the indices of the same target");
    Diagnostic::error("hlmc::check::target_in_own_index", message, span)
        .label("read while it is changed")
        .with_help("give the index a variable of its own")
}

/// `real x = x + 1;`
pub(crate) fn defined_by_itself(name: &Ident) -> Diagnostic {
    let message = format!("`{}` is defined by itself: it has no value yet", name.name);
    Diagnostic::warning("hlmc::check::defined_by_itself", message, name.span).label("its definition reads it")
}
