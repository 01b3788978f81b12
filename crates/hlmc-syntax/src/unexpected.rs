//! The diagnostic for a token that the grammar does not take: what stands there, what would have been taken, and,
//! where the mistake is a common one, what it is.
//!
//! The place is that of the token that cannot continue what stands before it. A forgotten semicolon so shows at the
//! token after it, with a second label where it belongs.

use crate::brackets::Brackets;
use crate::diagnostic::Diagnostic;
use crate::expand::Expanded;
use crate::expected::describe_expected;
use crate::grammar::Rule;
use crate::span::Span;
use crate::token::TokenKind;

/// The diagnostic for the token `at`, where only the rules `expected` would have been taken.
pub(crate) fn unexpected(expanded: &Expanded, brackets: &Brackets, at: usize, expected: &[Rule]) -> Diagnostic {
    Unexpected { expanded, brackets, at, expected }.diagnostic()
}

struct Unexpected<'a> {
    expanded: &'a Expanded,
    brackets: &'a Brackets,
    at: usize,
    expected: &'a [Rule],
}

impl Unexpected<'_> {
    fn diagnostic(&self) -> Diagnostic {
        match self.kind(self.at) {
            TokenKind::End => self.end_of_text(),
            TokenKind::Invalid | TokenKind::Include | TokenKind::UnclosedComment => self.invalid_character(),
            _ => self.general(),
        }
    }

    /// Nothing special is known about the mistake.
    fn general(&self) -> Diagnostic {
        let found = self.found();
        let wanted = describe_expected(self.expected);
        let message = match &wanted {
            Some(wanted) => format!("expected {wanted}, found {found}"),
            None => format!("did not expect {found} here"),
        };
        let label = wanted.map_or_else(String::new, |wanted| format!("expected {wanted}"));
        Diagnostic::error("hlmc::syntax::unexpected", message, self.span()).label(label)
    }

    fn end_of_text(&self) -> Diagnostic {
        let wanted = describe_expected(self.expected).unwrap_or_else(|| "more".to_owned());
        let message = format!("the text ends too early: expected {wanted}");
        let diagnostic = Diagnostic::error("hlmc::syntax::unexpected_end", message, self.span()).label("here it ends");
        match self.brackets.enclosing_block(self.at) {
            Some(open) => diagnostic.with_secondary(self.span_of(open), "this brace is never closed"),
            None => diagnostic,
        }
    }

    fn invalid_character(&self) -> Diagnostic {
        const CODE: &str = "hlmc::syntax::invalid_character";
        let text = self.text(self.at);
        let error = |message: String| Diagnostic::error(CODE, message, self.span());
        match text.chars().next() {
            Some('"') => error("a text that does not end in its line".to_owned())
                .label("expected a second `\"` in this line")
                .with_help("texts have no escapes and no line breaks"),
            Some('#') => error("`#` is neither a comment nor an `#include`".to_owned())
                .label("not expected here")
                .with_help("comments begin with `//`"),
            Some('_') => error("names do not begin with `_`".to_owned())
                .label("expected a letter")
                .with_help("begin the name with a letter"),
            Some(c) if !c.is_ascii() => error(format!("the character `{c}` may stand in comments and texts only"))
                .label("not ASCII")
                .with_help("names consist of the letters a to z and A to Z, of digits and `_`"),
            Some('&') => error("`&` is no operator".to_owned()).label("not expected here").with_help("and is `&&`"),
            Some(c) => error(format!("the character `{}` begins nothing in Stan", c.escape_default()))
                .label("not expected here"),
            None => error("not expected here".to_owned()),
        }
    }

    fn found(&self) -> String {
        format!("`{}`", self.text(self.at))
    }

    fn span(&self) -> Span {
        self.span_of(self.at)
    }

    fn span_of(&self, at: usize) -> Span {
        self.expanded.tokens.get(at).map_or(self.expanded.span(0, 0), |&token| self.expanded.token_span(token))
    }

    fn kind(&self, at: usize) -> TokenKind {
        self.expanded.tokens.get(at).map_or(TokenKind::End, |token| token.kind)
    }

    fn text(&self, at: usize) -> &str {
        self.expanded.tokens.get(at).map_or("", |&token| self.expanded.token_text(token))
    }
}
