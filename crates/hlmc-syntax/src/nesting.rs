//! How deep a program nests, measured on its tokens before anything recurses over it.
//!
//! Two limits: brackets and statements within each other cost the parser stack; operators in a row make deep trees
//! (`a + b + c` nests to the left), which cost every later pass stack.

use crate::brackets::Brackets;
use crate::diagnostic::Diagnostic;
use crate::errors;
use crate::expand::Expanded;
use crate::token::TokenKind;

/// Brackets and statements within each other.
pub(crate) const MAX_NESTING: usize = 200;

/// Operators, indices and `else`s that make one tree deeper. A sum of products counts twice its terms.
const MAX_OPERATORS: usize = 1000;

/// What has been read within one bracket since its last `,` or `;`.
#[derive(Debug, Clone, Copy, Default)]
struct Level {
    /// Operators between operands, and `else`s.
    operators: usize,
    /// Signs, indices and the like of the present operand: the next operator between operands starts anew.
    suffixes: usize,
    /// `if`, `for`, `while` without braces, and `?`.
    headers: usize,
}

/// The open levels, the innermost last, and the sums over them.
#[derive(Debug, Default)]
struct Depth {
    outer: Vec<Level>,
    inner: Level,
    operators: usize,
    headers: usize,
}

impl Depth {
    fn open(&mut self) {
        self.outer.push(self.inner);
        self.inner = Level::default();
    }

    fn close(&mut self) {
        if let Some(outer) = self.outer.pop() {
            self.reset();
            self.inner = outer;
        }
    }

    fn reset(&mut self) {
        self.operators -= self.inner.operators + self.inner.suffixes;
        self.headers -= self.inner.headers;
        self.inner = Level::default();
    }

    fn operator(&mut self) {
        self.operators -= self.inner.suffixes;
        self.inner.suffixes = 0;
        self.inner.operators += 1;
        self.operators += 1;
    }

    fn suffix(&mut self) {
        self.inner.suffixes += 1;
        self.operators += 1;
    }

    fn header(&mut self) {
        self.inner.headers += 1;
        self.headers += 1;
    }
}

/// The first place where the program is nested too deep, with its offset in the expanded text.
pub(crate) fn check_nesting(expanded: &Expanded, brackets: &Brackets) -> Option<(usize, Diagnostic)> {
    let mut depth = Depth::default();
    for (at, &token) in expanded.tokens.iter().enumerate() {
        match (token.kind, expanded.token_text(token)) {
            (TokenKind::Punctuation, "(" | "[" | "{") => depth.open(),
            (TokenKind::Punctuation, "}") if brackets.is_block(at) => {
                depth.close();
                if !is_else(expanded, Some(at + 1)) {
                    depth.reset();
                }
            }
            (TokenKind::Punctuation, ")" | "]" | "}") => {
                depth.close();
                depth.suffix();
            }
            (TokenKind::Punctuation, ";") if is_else(expanded, Some(at + 1)) => {}
            (TokenKind::Punctuation, ";" | ",") => depth.reset(),
            (TokenKind::Punctuation, "?") | (TokenKind::Word, "for" | "while") => depth.header(),
            // An `else if` does not nest in the grammar; in the tree its `else` counts.
            (TokenKind::Word, "if") if !is_else(expanded, at.checked_sub(1)) => depth.header(),
            (TokenKind::Punctuation, "'") => depth.suffix(),
            (TokenKind::Punctuation, "-" | "+" | "!") if !expanded.ends_value(at.checked_sub(1)) => depth.suffix(),
            (TokenKind::Punctuation, _) | (TokenKind::Word, "else") => depth.operator(),
            // Projections in a row.
            (TokenKind::Number, text) if text.starts_with('.') => depth.suffix(),
            _ => {}
        }
        if depth.outer.len() + depth.headers > MAX_NESTING {
            return Some((token.start, errors::too_deep(MAX_NESTING, expanded.token_span(token))));
        }
        if depth.operators > MAX_OPERATORS {
            return Some((token.start, errors::too_many_operators(MAX_OPERATORS, expanded.token_span(token))));
        }
    }
    None
}

fn is_else(expanded: &Expanded, at: Option<usize>) -> bool {
    at.and_then(|at| expanded.tokens.get(at)).is_some_and(|&token| expanded.token_text(token) == "else")
}
