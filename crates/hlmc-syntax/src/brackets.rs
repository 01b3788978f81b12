//! Which brackets of a text belong together, found without the grammar and so also in programs with mistakes.

use crate::expand::Expanded;
use crate::token::TokenKind;

/// The brackets of an expanded text, by token index.
#[derive(Debug)]
pub(crate) struct Brackets {
    partners: Vec<Option<usize>>,
    blocks: Vec<bool>,
    /// For each token the innermost brace of a block around it.
    enclosing: Vec<Option<usize>>,
}

impl Brackets {
    pub(crate) fn new(expanded: &Expanded) -> Brackets {
        let n_tokens = expanded.tokens.len();
        let mut brackets =
            Brackets { partners: vec![None; n_tokens], blocks: vec![false; n_tokens], enclosing: vec![None; n_tokens] };
        let mut open: Vec<(usize, &str)> = Vec::new();
        let mut open_blocks: Vec<usize> = Vec::new();
        for (at, &token) in expanded.tokens.iter().enumerate() {
            if let Some(slot) = brackets.enclosing.get_mut(at) {
                *slot = open_blocks.last().copied();
            }
            if token.kind != TokenKind::Punctuation {
                continue;
            }
            let text = expanded.token_text(token);
            match text {
                "(" | "[" | "{" => {
                    if text == "{" && brackets.begins_block(expanded, at) {
                        open_blocks.push(at);
                        brackets.mark_block(at);
                    }
                    open.push((at, text));
                }
                ")" | "]" => {
                    let wanted = if text == ")" { "(" } else { "[" };
                    if let Some(&(start, bracket)) = open.last()
                        && bracket == wanted
                    {
                        open.pop();
                        brackets.join(start, at);
                    }
                }
                "}" => {
                    // A brace closes every bracket that was forgotten within it.
                    while let Some((start, bracket)) = open.pop() {
                        if bracket == "{" {
                            brackets.join(start, at);
                            if brackets.is_block(start) {
                                brackets.mark_block(at);
                                open_blocks.pop();
                            }
                            break;
                        }
                    }
                }
                _ => {}
            }
        }
        brackets
    }

    /// The other bracket of the pair, if there is one.
    pub(crate) fn partner(&self, at: usize) -> Option<usize> {
        self.partners.get(at).copied().flatten()
    }

    /// True for the braces of blocks, as against those of array literals.
    pub(crate) fn is_block(&self, at: usize) -> bool {
        self.blocks.get(at).copied().unwrap_or(false)
    }

    /// The innermost opening brace of a block that a token is in. The braces themselves: the opening one is outside,
    /// the closing one inside of its block.
    pub(crate) fn enclosing_block(&self, at: usize) -> Option<usize> {
        self.enclosing.get(at).copied().flatten()
    }

    fn join(&mut self, start: usize, end: usize) {
        for (from, to) in [(start, end), (end, start)] {
            if let Some(partner) = self.partners.get_mut(from) {
                *partner = Some(to);
            }
        }
    }

    fn mark_block(&mut self, at: usize) {
        if let Some(block) = self.blocks.get_mut(at) {
            *block = true;
        }
    }

    /// A brace begins a block where no value can stand, judged by the token before it.
    fn begins_block(&self, expanded: &Expanded, at: usize) -> bool {
        let Some(previous) = at.checked_sub(1) else { return true };
        let Some(&token) = expanded.tokens.get(previous) else { return true };
        let text = expanded.token_text(token);
        match token.kind {
            TokenKind::Word => !matches!(text, "return" | "in"),
            TokenKind::Punctuation => match text {
                ")" | ";" => true,
                "{" | "}" => self.is_block(previous),
                _ => false,
            },
            _ => true,
        }
    }
}
