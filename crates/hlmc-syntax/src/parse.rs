//! From text to AST: expands includes, measures nesting, parses by the grammar, and goes on after mistakes.

use crate::ast::Program;
use crate::brackets::Brackets;
use crate::diagnostic::Diagnostic;
use crate::errors;
use crate::expand::Expanded;
use crate::grammar::{self, Rule};
use crate::include::IncludeResolver;
use crate::lower::{Lower, slot};
use crate::nesting::{MAX_NESTING, check_nesting};
use crate::recover::{Patch, patch};
use crate::source::SourceMap;
use crate::token::TokenKind;
use crate::unexpected::Unexpected;

/// No more errors than these are reported of one program.
const MAX_ERRORS: usize = 20;

/// What a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// A program of blocks.
    Program,
    /// Bare function definitions: a `.stanfunctions` file.
    Functions,
}

impl Mode {
    /// What a file of that name is: `.stanfunctions` files hold functions, all others programs.
    #[must_use]
    pub fn of_file(name: &str) -> Mode {
        if name.ends_with(".stanfunctions") { Mode::Functions } else { Mode::Program }
    }
}

/// What comes out of [`parse`].
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    /// The main file and all that it includes.
    pub sources: SourceMap,
    /// The program; none when there is any error.
    pub program: Option<Program>,
    /// Errors and warnings in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
}

/// Parses a program, or a file of functions. `name` is the file's name for messages; `resolver` finds what it includes.
#[must_use]
pub fn parse(text: &str, name: &str, mode: Mode, resolver: &mut dyn IncludeResolver) -> Parsed {
    let expanded = Expanded::new(text, name, resolver);
    let brackets = Brackets::new(&expanded);
    let mut reports = too_large_slots(&expanded);
    let mut program = None;
    match check_nesting(&expanded, &brackets) {
        Some(too_deep) => reports.push(too_deep),
        None => program = parse_expanded(&expanded, &brackets, mode, &mut reports),
    }
    reports.sort_by_key(|&(at, _)| at);
    reports.truncate(MAX_ERRORS);
    let diagnostics: Vec<Diagnostic> = reports.into_iter().map(|(_, diagnostic)| diagnostic).collect();
    let program = program.filter(|_| !diagnostics.iter().any(Diagnostic::is_error));
    Parsed { sources: expanded.sources, program, diagnostics }
}

/// Projections to slots that no tuple has. Looked for among the tokens, so that a mistake after one does not hide it.
fn too_large_slots(expanded: &Expanded) -> Vec<(usize, Diagnostic)> {
    let mut reports = Vec::new();
    for (at, &token) in expanded.tokens.iter().enumerate() {
        let text = expanded.token_text(token);
        let is_projection = token.kind == TokenKind::Number
            && text.starts_with('.')
            && text.chars().skip(1).all(|c| c.is_ascii_digit() || c == '_')
            && expanded.ends_value(at.checked_sub(1));
        if is_projection && slot(text).is_none() {
            let digits = expanded.span(token.start + 1, token.end);
            reports.push((token.start, errors::slot_too_large(expanded.sources.text(digits), digits)));
        }
    }
    reports
}

/// Parses the text again and again, each time without the part that was wrong before.
fn parse_expanded(
    expanded: &Expanded,
    brackets: &Brackets,
    mode: Mode,
    reports: &mut Vec<(usize, Diagnostic)>,
) -> Option<Program> {
    let rule = match mode {
        Mode::Program => Rule::program,
        Mode::Functions => Rule::functions_file,
    };
    let mut text = expanded.text.clone();
    // Up to here all mistakes are known: what seems to be one before comes of leaving text out.
    let mut known_until = 0;
    let mut n_stops = 0;
    while n_stops < MAX_ERRORS {
        let stop = match grammar::parse(rule, &text) {
            Ok(pairs) => return lower(expanded, pairs, reports),
            Err(stop) => stop,
        };
        let at = expanded.token_at(stop.at);
        let start = expanded.tokens.get(at).map_or(stop.at, |token| token.start);
        let is_end = at + 1 == expanded.tokens.len();
        if n_stops > 0 && (start < known_until || is_end) {
            return None;
        }
        if stop.out_of_stack {
            reports.push((start, errors::too_deep(MAX_NESTING, expanded.span(start, start))));
            return None;
        }
        let known = expanded.problems.iter().find(|&&(place, _)| place == start);
        let diagnostic = match known {
            Some((_, diagnostic)) => diagnostic.clone(),
            None => Unexpected { expanded, brackets, at, expected: &stop.expected, mode }.diagnostic(),
        };
        reports.push((start, diagnostic));
        n_stops += 1;
        let Patch { range, replacement } = patch(expanded, brackets, at, mode)?;
        known_until = range.end.max(start + 1);
        let blanks = " ".repeat(range.len().saturating_sub(replacement.len()));
        text.replace_range(range, &(replacement.to_owned() + &blanks));
    }
    None
}

fn lower(
    expanded: &Expanded,
    pairs: pest::iterators::Pairs<'_, Rule>,
    reports: &mut Vec<(usize, Diagnostic)>,
) -> Option<Program> {
    let lower = Lower::new(expanded);
    let program = lower.program(pairs);
    reports.extend(lower.into_problems());
    let Some(program) = program else {
        reports.push((0, errors::internal(expanded.span(0, 0))));
        return None;
    };
    let is_empty = expanded.tokens.len() == 1;
    if is_empty {
        reports.push((0, errors::empty_program(program.span)));
    }
    Some(program)
}
