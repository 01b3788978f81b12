//! The diagnostic for a token that the grammar does not take: what stands there, and what would have been taken.
//! Where the mistake is a common one, [`common_mistake`](crate::mistakes::common_mistake) knows more.
//!
//! The place is that of the token that cannot continue what stands before it. A forgotten semicolon so shows at the
//! token after it, with a second label where it belongs.

use crate::brackets::Brackets;
use crate::diagnostic::Diagnostic;
use crate::expand::Expanded;
use crate::expected::describe_expected;
use crate::grammar::Rule;
use crate::mistakes::common_mistake;
use crate::parse::Mode;
use crate::span::Span;
use crate::token::TokenKind;
use crate::words::{is_reserved, nearest_first_word};

/// A token where the grammar stopped, with what surrounds it.
#[derive(Clone, Copy)]
pub(crate) struct Unexpected<'a> {
    pub(crate) expanded: &'a Expanded,
    pub(crate) brackets: &'a Brackets,
    /// Index of the token.
    pub(crate) at: usize,
    /// The rules that would have taken a token here.
    pub(crate) expected: &'a [Rule],
    pub(crate) mode: Mode,
}

impl Unexpected<'_> {
    /// The diagnostic, as special as it can be.
    pub(crate) fn diagnostic(&self) -> Diagnostic {
        match self.kind(self.at) {
            TokenKind::End => self.end_of_text(),
            TokenKind::Invalid | TokenKind::Include | TokenKind::UnclosedComment => self.invalid_character(),
            _ => common_mistake(self).unwrap_or_else(|| self.general()),
        }
    }

    /// True when any of the rules would have been taken.
    pub(crate) fn expects(&self, rules: &[Rule]) -> bool {
        rules.iter().any(|rule| self.expected.contains(rule))
    }

    /// The token as it is quoted in messages.
    pub(crate) fn found(&self) -> String {
        match self.kind(self.at) {
            TokenKind::End => "the end of the text".to_owned(),
            TokenKind::String => "a text in quotes".to_owned(),
            _ => format!("`{}`", self.text(self.at)),
        }
    }

    pub(crate) fn span(&self) -> Span {
        self.span_of(self.at)
    }

    pub(crate) fn span_of(&self, at: usize) -> Span {
        self.expanded.tokens.get(at).map_or(self.expanded.span(0, 0), |&token| self.expanded.token_span(token))
    }

    pub(crate) fn kind(&self, at: usize) -> TokenKind {
        self.expanded.tokens.get(at).map_or(TokenKind::End, |token| token.kind)
    }

    /// The text of a token; empty past the end.
    pub(crate) fn text(&self, at: usize) -> &str {
        self.expanded.tokens.get(at).map_or("", |&token| self.expanded.token_text(token))
    }

    /// The text of the token before; empty at the start.
    pub(crate) fn previous(&self) -> &str {
        self.at.checked_sub(1).map_or("", |previous| self.text(previous))
    }

    /// The innermost bracket that is open at the token, looked for within the statement.
    pub(crate) fn open_bracket(&self) -> Option<usize> {
        let mut closed = 0_usize;
        for at in (0..self.at).rev() {
            match self.text(at) {
                ";" => return None,
                "{" | "}" if self.brackets.is_block(at) => return None,
                ")" | "]" | "}" => closed += 1,
                "(" | "[" | "{" if closed == 0 => return Some(at),
                "(" | "[" | "{" => closed -= 1,
                _ => {}
            }
        }
        None
    }

    fn general(&self) -> Diagnostic {
        let found = self.found();
        let wanted = describe_expected(self.expected);
        let message = match &wanted {
            Some(wanted) => format!("expected {wanted}, found {found}"),
            None => format!("did not expect {found} here"),
        };
        let label = wanted.map_or_else(|| "not expected here".to_owned(), |wanted| format!("expected {wanted}"));
        let diagnostic = Diagnostic::error("hlmc::syntax::unexpected", message, self.span()).label(label);
        let diagnostic = match self.misspelt_word() {
            Some((at, near)) => {
                let diagnostic = diagnostic.with_help(format!("did you mean `{near}`?"));
                if at == self.at { diagnostic } else { diagnostic.with_secondary(self.span_of(at), "perhaps misspelt") }
            }
            None => diagnostic,
        };
        let closes = self.expects(&[Rule::rparen, Rule::rbracket, Rule::rbrace]);
        match self.open_bracket().filter(|_| closes) {
            Some(open) => {
                let text = format!("this `{}` is still open", self.text(open));
                diagnostic.with_secondary(self.span_of(open), text)
            }
            None => diagnostic,
        }
    }

    /// The first word of the statement, when a name that is near to a word of the language stands next to another
    /// word: no statement begins with two names.
    fn misspelt_word(&self) -> Option<(usize, &'static str)> {
        let first = (self.at.saturating_sub(1)..=self.at).find(|&at| self.begins_statement(at))?;
        let follows = first == self.at || self.kind(self.at) == TokenKind::Word;
        let word = self.text(first);
        let is_name = self.kind(first) == TokenKind::Word && !is_reserved(word);
        if !is_name || !follows {
            return None;
        }
        nearest_first_word(word).map(|near| (first, near))
    }

    fn begins_statement(&self, at: usize) -> bool {
        at.checked_sub(1).is_none_or(|before| self.text(before) == ";" || self.brackets.is_block(before))
    }

    fn end_of_text(&self) -> Diagnostic {
        let wanted = describe_expected(self.expected).unwrap_or_else(|| "more".to_owned());
        let message = format!("the text ends too early: expected {wanted}");
        let diagnostic = Diagnostic::error("hlmc::syntax::unexpected_end", message, self.span()).label("here it ends");
        match self.open_bracket().or(self.brackets.enclosing_block(self.at)) {
            Some(open) => {
                let text = format!("this `{}` is never closed", self.text(open));
                diagnostic.with_secondary(self.span_of(open), text)
            }
            None => diagnostic,
        }
    }

    fn invalid_character(&self) -> Diagnostic {
        let error = |message: String| Diagnostic::error("hlmc::syntax::invalid_character", message, self.span());
        match self.text(self.at).chars().next() {
            Some('"') => error("a text that does not end in its line".to_owned())
                .label("expected a second `\"` in this line")
                .with_help("texts have no escapes and no line breaks"),
            Some('#') => error("`#` is neither a comment nor an `#include`".to_owned())
                .label("not expected here")
                .with_help("comments begin with `//`"),
            Some('_') => error("names do not begin with `_`, and numbers do not end in it".to_owned())
                .label("expected a letter or a digit"),
            Some(c) if !c.is_ascii() => error(format!("`{c}` may stand in comments and texts only"))
                .label("not ASCII")
                .with_help("names consist of the letters a to z and A to Z, of digits and `_`"),
            Some('&') => error("`&` is no operator".to_owned()).label("not expected here").with_help("and is `&&`"),
            Some('.') => error("a point belongs to no name".to_owned())
                .label("not expected here")
                .with_help("names consist of letters, digits and `_`; slots of tuples are `t.1`"),
            Some(c) => error(format!("`{}` begins nothing in Stan", c.escape_default())).label("not expected here"),
            None => error("did not expect this".to_owned()),
        }
    }
}
