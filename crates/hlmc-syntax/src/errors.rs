//! The diagnostics of this crate, one function each. Those about a token that the grammar does not take are in
//! [`unexpected`](crate::unexpected).

use crate::diagnostic::Diagnostic;
use crate::include::IncludeError;
use crate::span::Span;

pub(crate) fn unclosed_comment(open: Span, end: Span) -> Diagnostic {
    Diagnostic::error("hlmc::syntax::unclosed_comment", "the text ends within a comment", end)
        .label("expected `*/`")
        .with_secondary(open, "the comment begins here")
        .with_help("close the comment with `*/`")
}

pub(crate) fn include_failed(name: &str, error: &IncludeError, span: Span) -> Diagnostic {
    const CODE: &str = "hlmc::syntax::include_not_found";
    match error {
        IncludeError::NotFound { searched } if searched.is_empty() => {
            Diagnostic::error(CODE, format!("cannot include `{name}`: no include path is given"), span)
                .label("this file")
                .with_help("give the folder that holds it with `--include-path`")
        }
        IncludeError::NotFound { searched } => {
            Diagnostic::error(CODE, format!("cannot find the included file `{name}`"), span)
                .label("in none of the include paths")
                .with_help(format!("searched: {}", searched.join(", ")))
        }
        IncludeError::Unreadable { name, reason } => {
            Diagnostic::error("hlmc::syntax::include_unreadable", format!("cannot read `{name}`: {reason}"), span)
                .label("included here")
        }
    }
}

pub(crate) fn recursive_include(name: &str, span: Span, includer: Option<Span>) -> Diagnostic {
    let message = format!("`{name}` includes itself");
    let diagnostic = Diagnostic::error("hlmc::syntax::recursive_include", message, span).label("and so on without end");
    match includer {
        Some(includer) => diagnostic.with_secondary(includer, "this file is included here"),
        None => diagnostic,
    }
}

pub(crate) fn expansion_too_long(limit: usize, span: Span) -> Diagnostic {
    let message = format!("the program and what it includes are longer than {limit} bytes");
    Diagnostic::error("hlmc::syntax::too_long", message, span).label("with this file")
}

pub(crate) fn too_deep(limit: usize, span: Span) -> Diagnostic {
    let message = format!("brackets and statements are nested more than {limit} deep");
    Diagnostic::error("hlmc::syntax::too_deep", message, span)
        .label("too deep from here on")
        .with_help("name an inner part: put it into a variable or a function")
}

pub(crate) fn too_many_operators(limit: usize, span: Span) -> Diagnostic {
    let message = format!("more than {limit} operators in one expression");
    Diagnostic::error("hlmc::syntax::too_many_operators", message, span)
        .label("one too many")
        .with_help("split the expression: put a part of it into a variable")
}

pub(crate) fn slot_too_large(digits: &str, span: Span) -> Diagnostic {
    Diagnostic::error("hlmc::syntax::slot_too_large", format!("no tuple has a slot {digits}"), span).label("too large")
}

pub(crate) fn not_assignable(span: Span) -> Diagnostic {
    Diagnostic::error("hlmc::syntax::not_assignable", "nothing can be assigned to this expression", span)
        .label("expected a variable, a part of one, or a tuple of such")
}

pub(crate) fn sizes_on_both_sides(sizes: Span, ty: Span) -> Diagnostic {
    Diagnostic::error("hlmc::syntax::sizes_after_name", "this type takes no sizes after the name", sizes)
        .label("expected `;`, `=` or `,`")
        .with_secondary(ty, "of this type")
        .with_help("write all sizes before the name: `array[...]`")
}

pub(crate) fn empty_program(span: Span) -> Diagnostic {
    Diagnostic::warning("hlmc::syntax::empty_program", "the program is empty", span)
        .label("nothing to sample")
        .with_help("a program has blocks, such as `parameters { ... }` and `model { ... }`")
}

pub(crate) fn internal(span: Span) -> Diagnostic {
    Diagnostic::error("hlmc::syntax::internal", "hlmc cannot make sense of its own parse of this program", span)
        .label("this is a bug of hlmc")
        .with_help("please report the program that shows it")
}
