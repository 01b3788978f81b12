//! Common mistakes: what is meant by them, and what would repair them.
//!
//! Each function looks at one kind of mistake and returns none when it is not that one. The first that knows the
//! mistake says what it is, so the order of [`common_mistake`] goes from special to general.

use crate::diagnostic::Diagnostic;
use crate::expected::describe_expected;
use crate::grammar::Rule;
use crate::parse::Mode;
use crate::token::TokenKind;
use crate::unexpected::Unexpected;
use crate::words::{
    BLOCKS, CONSTRAINED_TYPES, SCALAR_TYPES, SIZED_TYPES, STATEMENT_WORDS, is_reserved, is_type_word, nearest,
    nearest_first_word,
};

/// What is known about the mistake, if it is a common one.
pub(crate) fn common_mistake(unexpected: &Unexpected<'_>) -> Option<Diagnostic> {
    let mistakes = [
        misplaced_block,
        definition_without_value_block,
        statement_among_declarations,
        constraint_where_none_is_taken,
        sizes_in_signature,
        reserved_word,
        type_without_size,
        comparison_in_constraint,
        arrow_assignment,
        else_without_if,
        missing_semicolon,
    ];
    mistakes.iter().find_map(|mistake| mistake(unexpected))
}

/// Rules that take a new name.
const NEW_NAME: [Rule; 3] = [Rule::identifier, Rule::declarator, Rule::pure_declarator];

fn misplaced_block(unexpected: &Unexpected<'_>) -> Option<Diagnostic> {
    let at_program_level = unexpected.brackets.enclosing_block(unexpected.at).is_none();
    if !at_program_level || unexpected.mode != Mode::Program || !unexpected.expects(&[Rule::EOI, Rule::program]) {
        return None;
    }
    let found = unexpected.found();
    let wanted = describe_expected(unexpected.expected).unwrap_or_else(|| "a block".to_owned());
    let word = unexpected.text(unexpected.at);
    let help = match nearest(word, BLOCKS).filter(|&near| near != word) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the blocks, each at most once and in this order, are `{}`", BLOCKS.join("`, `")),
    };
    Some(
        Diagnostic::error(
            "hlmc::syntax::misplaced_block",
            format!("expected {wanted}, found {found}"),
            unexpected.span(),
        )
        .label("not expected here")
        .with_help(help),
    )
}

fn definition_without_value_block(unexpected: &Unexpected<'_>) -> Option<Diagnostic> {
    let block = declaration_block(unexpected)?;
    if unexpected.text(unexpected.at) != "=" || !unexpected.expects(&[Rule::semicolon]) {
        return None;
    }
    Some(
        Diagnostic::error(
            "hlmc::syntax::definition_in_declarations",
            format!("a variable of the `{block}` block cannot be given a value"),
            unexpected.span(),
        )
        .label("expected `;`")
        .with_help(format!("variables with values belong into the `transformed {block}` block")),
    )
}

fn statement_among_declarations(unexpected: &Unexpected<'_>) -> Option<Diagnostic> {
    let block = declaration_block(unexpected)?;
    let text = unexpected.text(unexpected.at);
    let at_item = matches!(unexpected.previous(), "{" | "}" | ";");
    if !at_item || text == "data" || is_type_word(text) {
        return None;
    }
    let error = Diagnostic::error(
        "hlmc::syntax::declarations_only",
        format!("the `{block}` block holds declarations only, found {}", unexpected.found()),
        unexpected.span(),
    );
    let error = error.label("expected a declaration or `}`");
    match nearest_first_word(text) {
        Some(near) => Some(error.with_help(format!("did you mean `{near}`?"))),
        None => Some(error),
    }
}

/// `data` or `parameters`, when the token is directly in that block.
fn declaration_block<'a>(unexpected: &'a Unexpected<'_>) -> Option<&'a str> {
    let open = unexpected.brackets.enclosing_block(unexpected.at)?;
    let name = open.checked_sub(1).map(|word| unexpected.text(word))?;
    let before = open.checked_sub(2).map_or("", |word| unexpected.text(word));
    (matches!(name, "data" | "parameters") && before != "transformed").then_some(name)
}

/// Rules that begin with a type, or may, where it takes no constraint.
const TYPE_WITHOUT_CONSTRAINT: [Rule; 11] = [
    Rule::kw_if,
    Rule::scalar_word,
    Rule::local_declaration,
    Rule::local_type,
    Rule::local_base,
    Rule::unsized_type,
    Rule::unsized_base,
    Rule::return_type,
    Rule::parameters,
    Rule::parameter,
    Rule::function_definition,
];

fn constraint_where_none_is_taken(unexpected: &Unexpected<'_>) -> Option<Diagnostic> {
    const CODE: &str = "hlmc::syntax::constraint_not_allowed";
    let text = unexpected.text(unexpected.at);
    let is_constraint =
        text == "<" && (SCALAR_TYPES.contains(&unexpected.previous()) || SIZED_TYPES.contains(&unexpected.previous()));
    let wants_type = unexpected.expects(&TYPE_WITHOUT_CONSTRAINT);
    let is_constrained_type = CONSTRAINED_TYPES.contains(&text) && wants_type;
    if !is_constraint && !is_constrained_type {
        return None;
    }
    let what = if is_constraint { "constraints are" } else { "constrained types are" };
    let error = Diagnostic::error(CODE, format!("{what} not allowed here"), unexpected.span());
    let plain = match text {
        "<" => unexpected.previous(),
        _ if text.contains("matrix") || text.starts_with("cholesky") => "matrix",
        _ => "vector",
    };
    Some(
        error
            .label("neither in local variables nor in signatures of functions")
            .with_help(format!("write `{plain}` without a constraint")),
    )
}

fn sizes_in_signature(unexpected: &Unexpected<'_>) -> Option<Diagnostic> {
    let previous = unexpected.previous();
    let in_signature = unexpected.expects(&NEW_NAME) && !unexpected.expects(&[Rule::declarator]);
    if unexpected.text(unexpected.at) != "[" || !is_type_word(previous) || !in_signature {
        return None;
    }
    let next = unexpected.text(unexpected.at + 1);
    let help = match next {
        "]" | "," => format!("arrays are written `array[] {previous}`, with a comma for each further dimension"),
        _ => format!("write `{previous}` alone: the size is known when the function is called"),
    };
    Some(
        Diagnostic::error(
            "hlmc::syntax::sizes_in_signature",
            format!("`{previous}` takes no sizes here"),
            unexpected.span(),
        )
        .label("expected a name")
        .with_help(help),
    )
}

fn reserved_word(unexpected: &Unexpected<'_>) -> Option<Diagnostic> {
    let word = unexpected.text(unexpected.at);
    if !is_reserved(word) || !unexpected.expects(&NEW_NAME) || unexpected.expects(&[Rule::kw_if]) {
        return None;
    }
    let help = match unexpected.previous() {
        "," if is_type_word(word) => "variables that share a declaration share its type: begin a new one after a `;`",
        "(" if is_type_word(word) => "a loop declares its variable by itself, without a type",
        _ => "choose another name",
    };
    let error = Diagnostic::error(
        "hlmc::syntax::reserved_word",
        format!("`{word}` is a word of the language and cannot be a name"),
        unexpected.span(),
    );
    Some(error.label("expected a name").with_help(help))
}

fn type_without_size(unexpected: &Unexpected<'_>) -> Option<Diagnostic> {
    let previous = unexpected.previous();
    let needs_size = SIZED_TYPES.contains(&previous) || CONSTRAINED_TYPES.contains(&previous) || previous == "array";
    if !needs_size || !unexpected.expects(&[Rule::lbracket]) {
        return None;
    }
    let form = match previous {
        "array" => "array[n] real".to_owned(),
        "matrix" | "complex_matrix" => format!("{previous}[rows, columns]"),
        _ => format!("{previous}[n]"),
    };
    let message = format!("expected the size of the `{previous}`, found {}", unexpected.found());
    Some(
        Diagnostic::error("hlmc::syntax::missing_size", message, unexpected.span())
            .label("expected `[`")
            .with_help(format!("write `{form}`")),
    )
}

fn comparison_in_constraint(unexpected: &Unexpected<'_>) -> Option<Diagnostic> {
    let text = unexpected.text(unexpected.at);
    let is_operator = matches!(text, "<" | "<=" | ">=" | ">" | "==" | "!=" | "&&" | "||" | "?");
    if !is_operator || !unexpected.expects(&[Rule::rangle]) {
        return None;
    }
    Some(
        Diagnostic::error(
            "hlmc::syntax::comparison_in_constraint",
            format!("`{text}` cannot stand in a constraint without parentheses"),
            unexpected.span(),
        )
        .label("expected `>` or `,`")
        .with_help("put the expression into parentheses"),
    )
}

fn arrow_assignment(unexpected: &Unexpected<'_>) -> Option<Diagnostic> {
    if !unexpected.expects(&[Rule::tilde]) {
        return None;
    }
    // The arrow reads as `<` and `-`; the grammar stops where the comparison ends without having become a statement.
    let mut at = unexpected.at;
    while at > 0 && !matches!(unexpected.text(at - 1), ";" | "{" | "}") {
        at -= 1;
        let is_arrow = unexpected.text(at) == "<" && unexpected.text(at + 1) == "-";
        if is_arrow && unexpected.span_of(at).end == unexpected.span_of(at + 1).start {
            let error = Diagnostic::error("hlmc::syntax::arrow_assignment", "`<-` does not assign", unexpected.span());
            return Some(
                error
                    .label("the statement compares, and does nothing with the result")
                    .with_secondary(unexpected.span_of(at).to(unexpected.span_of(at + 1)), "this is `<` and `-`")
                    .with_help("assign with `=`"),
            );
        }
    }
    None
}

fn else_without_if(unexpected: &Unexpected<'_>) -> Option<Diagnostic> {
    if unexpected.text(unexpected.at) != "else" || !unexpected.expects(&[Rule::kw_if]) {
        return None;
    }
    let error = Diagnostic::error("hlmc::syntax::else_without_if", "`else` without `if`", unexpected.span());
    Some(error.label("no `if` before it").with_help("several statements between `if` and `else` need braces"))
}

fn missing_semicolon(unexpected: &Unexpected<'_>) -> Option<Diagnostic> {
    let previous = unexpected.at.checked_sub(1)?;
    if !unexpected.expects(&[Rule::semicolon]) || unexpected.expects(&[Rule::kw_if, Rule::lbrace, Rule::block]) {
        return None;
    }
    let text = unexpected.text(unexpected.at);
    let (end, start) = (unexpected.span_of(previous).at_end(), unexpected.span());
    let position = |span| unexpected.expanded.sources.position(span);
    let on_new_line = end.file != start.file || position(end).line < position(start).line;
    let begins_statement = text == "}"
        || is_type_word(text)
        || STATEMENT_WORDS.contains(&text)
        || (on_new_line && unexpected.kind(unexpected.at) == TokenKind::Word);
    if !begins_statement {
        return None;
    }
    let message = format!("expected `;` before {}", unexpected.found());
    Some(
        Diagnostic::error("hlmc::syntax::missing_semicolon", message, start)
            .label("expected `;` before this")
            .with_secondary(end, "it belongs here")
            .with_help("end the statement with `;`"),
    )
}
