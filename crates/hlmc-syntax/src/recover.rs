//! Where to go on after a mistake, so that several are reported.
//!
//! The text around a mistake is blanked out and the whole is parsed again: spaces leave every other offset as it is.
//! What is blanked out is the statement or the part of it that can go without tearing its surroundings apart.

use std::ops::Range;

use crate::brackets::Brackets;
use crate::expand::{Expanded, STOP};
use crate::parse::Mode;
use crate::token::TokenKind;

/// What to write over a range of bytes: blanks, but for the first ones.
pub(crate) struct Patch {
    pub(crate) range: Range<usize>,
    pub(crate) replacement: &'static str,
}

/// Words that begin a block of the program, when a brace follows.
const BLOCK_WORDS: [&str; 6] = ["functions", "data", "transformed", "parameters", "model", "generated"];

/// What to blank out when the grammar stopped at the token `at`; none when nothing sensible is left to be parsed.
pub(crate) fn patch(expanded: &Expanded, brackets: &Brackets, at: usize, mode: Mode) -> Option<Patch> {
    Recovery { expanded, brackets, mode }.patch(at)
}

struct Recovery<'a> {
    expanded: &'a Expanded,
    brackets: &'a Brackets,
    mode: Mode,
}

impl Recovery<'_> {
    fn patch(&self, at: usize) -> Option<Patch> {
        let text_ends = self.kind(at) == TokenKind::End || self.text(at).starts_with(STOP);
        if text_ends {
            return None;
        }
        if self.text(at) == "#" {
            return self.rest_of_line(at);
        }
        let Some(block) = self.brackets.enclosing_block(at) else {
            return match self.mode {
                Mode::Program => self.program_level(at),
                Mode::Functions => self.definition(at),
            };
        };
        if BLOCK_WORDS.contains(&self.text(at)) && self.text(at + 1) == "{" {
            // A brace that was forgotten before it: all braces after it are out of step.
            return None;
        }
        if self.brackets.enclosing_block(block).is_none() && self.is_functions_block(block) {
            return self.definition(at);
        }
        self.statement(at)
    }

    /// What is probably meant as a comment.
    fn rest_of_line(&self, at: usize) -> Option<Patch> {
        let start = self.expanded.tokens.get(at)?.start;
        let rest = self.expanded.text.get(start..)?;
        let len = rest.find(['\n', '\r']).unwrap_or(rest.len());
        Some(Patch { range: start..start + len, replacement: "" })
    }

    /// Outside of all blocks: a block in the wrong place is left out; after anything else there is no telling.
    fn program_level(&self, at: usize) -> Option<Patch> {
        if !BLOCK_WORDS.contains(&self.text(at)) {
            return None;
        }
        let open = (at..at + 3).find(|&open| self.text(open) == "{")?;
        let close = self.brackets.partner(open)?;
        self.blank(at, close + 1, "")
    }

    /// Between function definitions: the whole definition is left out.
    fn definition(&self, at: usize) -> Option<Patch> {
        let start = self.statement_start(at);
        let mut end = at;
        loop {
            match self.text(end) {
                ";" => return self.blank(start, end + 1, ""),
                "{" => {
                    let close = self.brackets.partner(end)?;
                    return self.blank(start, close + 1, "");
                }
                "}" => return self.blank(start, end, ""),
                _ if self.kind(end) == TokenKind::End => return self.blank(start, end, ""),
                _ => end += 1,
            }
        }
    }

    fn statement(&self, at: usize) -> Option<Patch> {
        let start = self.after_headers(self.statement_start(at), at);
        if let Some(patch) = self.condition(start, at) {
            return Some(patch);
        }
        let mut end = at;
        loop {
            let text = self.text(end);
            let bracket_closes_later = self.brackets.partner(end).filter(|&close| close > end);
            match text {
                // An empty statement stays: it may be the body of a loop.
                ";" => return self.blank(start, end + 1, ";"),
                "{" if self.brackets.is_block(end) => return self.blank(start, end, ""),
                "}" if self.brackets.is_block(end) => {
                    // Nothing stands between the header and the brace: the header goes.
                    let start = if end == start { self.statement_start(at) } else { start };
                    return self.blank(start, end, ";");
                }
                _ if self.kind(end) == TokenKind::End => return None,
                _ => end = bracket_closes_later.unwrap_or(end) + 1,
            }
        }
    }

    /// A mistake in the parentheses of `if` or `while`: the condition alone is replaced, so that `else` keeps its `if`.
    fn condition(&self, start: usize, at: usize) -> Option<Patch> {
        let close = self.brackets.partner(start + 1)?;
        let is_condition = matches!(self.text(start), "if" | "while") && self.text(start + 1) == "(";
        if !is_condition || at > close || close == start + 2 {
            return None;
        }
        self.blank(start + 2, close, "0")
    }

    /// The token after the last `;` or brace of a block before `at`.
    fn statement_start(&self, at: usize) -> usize {
        let mut start = at;
        while let Some(previous) = start.checked_sub(1) {
            let ends_here = self.text(previous) == ";" || self.brackets.is_block(previous);
            if ends_here {
                break;
            }
            start = previous;
        }
        start
    }

    /// Skips `else`, and the headers of `if`, `while` and `for` that are whole and before `at`.
    fn after_headers(&self, mut start: usize, at: usize) -> usize {
        while start < at {
            start = match self.text(start) {
                "else" => start + 1,
                "if" | "while" | "for" if self.text(start + 1) == "(" => match self.brackets.partner(start + 1) {
                    Some(close) if close < at => close + 1,
                    _ => break,
                },
                _ => break,
            };
        }
        start
    }

    fn is_functions_block(&self, open: usize) -> bool {
        open.checked_sub(1).is_some_and(|word| self.text(word) == "functions")
    }

    /// Blanks out the tokens `start..end`; none when there are none.
    fn blank(&self, start: usize, end: usize, replacement: &'static str) -> Option<Patch> {
        let from = self.expanded.tokens.get(start)?.start;
        let to = self.expanded.tokens.get(end.checked_sub(1)?)?.end;
        (from < to && to - from >= replacement.len()).then_some(Patch { range: from..to, replacement })
    }

    fn text(&self, at: usize) -> &str {
        self.expanded.tokens.get(at).map_or("", |&token| self.expanded.token_text(token))
    }

    fn kind(&self, at: usize) -> TokenKind {
        self.expanded.tokens.get(at).map_or(TokenKind::End, |token| token.kind)
    }
}
