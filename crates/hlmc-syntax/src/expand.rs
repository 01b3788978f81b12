//! One text out of a file and all that it includes, with the way back to where each byte came from.
//!
//! The grammar parses the expanded text. Included text stands between a space and a line break, so that no token
//! reaches over its edges. What is wrong with the characters is noted here, and reported when the grammar stops there:
//! a mistake before it comes first.

use crate::diagnostic::Diagnostic;
use crate::errors;
use crate::include::{IncludeResolver, Included};
use crate::source::{SourceMap, clamp_u32};
use crate::span::{FileId, Span};
use crate::token::{Token, TokenKind, include_name, tokenize};
use crate::words::is_reserved;

/// Files that include each other deeper than this are refused: no program does, and each level takes stack.
const MAX_INCLUDE_DEPTH: usize = 100;

/// An expanded text longer than this is refused: doubling includes would fill the memory.
const MAX_EXPANDED_LEN: usize = 64 << 20;

/// Stands for a comment that does not end: a character that begins no token, and that nobody types.
pub(crate) const STOP: char = '\0';

/// A stretch of the expanded text that is a stretch of one file.
#[derive(Debug, Clone, Copy)]
struct Segment {
    start: usize,
    file: FileId,
    file_start: usize,
}

/// The expanded text and what is known about it.
#[derive(Debug)]
pub(crate) struct Expanded {
    pub(crate) text: String,
    /// Tokens in coordinates of the expanded text; the last is [`TokenKind::End`].
    pub(crate) tokens: Vec<Token>,
    /// What is wrong with characters, comments and includes: offset in the expanded text and the diagnostic.
    pub(crate) problems: Vec<(usize, Diagnostic)>,
    pub(crate) sources: SourceMap,
    segments: Vec<Segment>,
}

impl Expanded {
    /// Reads a program and everything that it includes.
    pub(crate) fn new(text: &str, name: &str, resolver: &mut dyn IncludeResolver) -> Expanded {
        let mut sources = SourceMap::new();
        let main = sources.add(name, text, None);
        let out = String::with_capacity(text.len() + 1);
        let mut expander = Expander {
            out,
            sources,
            segments: Vec::new(),
            problems: Vec::new(),
            resolver,
            opened: vec![main],
            functions_files: Vec::new(),
        };
        expander.copy_file(main, text);
        let Expander { out: text, sources, segments, problems, .. } = expander;
        let mut tokens = tokenize(&text);
        tokens.push(Token { kind: TokenKind::End, start: text.len(), end: text.len() });
        Expanded { text, tokens, problems, sources, segments }
    }

    /// The text of a token.
    pub(crate) fn token_text(&self, token: Token) -> &str {
        self.text.get(token.start..token.end).unwrap_or("")
    }

    /// The index of the token that holds an offset, or else of the first one after it.
    pub(crate) fn token_at(&self, offset: usize) -> usize {
        let last = self.tokens.len().saturating_sub(1);
        self.tokens.partition_point(|token| token.end <= offset).min(last)
    }

    /// True when a value can end at the token `at`, so that an operator after it stands between operands and is no
    /// sign, and `.1` is a projection and no number.
    pub(crate) fn ends_value(&self, at: Option<usize>) -> bool {
        let Some(&token) = at.and_then(|at| self.tokens.get(at)) else { return false };
        match token.kind {
            TokenKind::Punctuation => matches!(self.token_text(token), ")" | "]" | "}" | "'"),
            TokenKind::Word => !is_reserved(self.token_text(token)),
            _ => true,
        }
    }

    /// The place in its file of a range of the expanded text. A range over the edge of an included file is widened to
    /// the `#include` in the file that holds both ends.
    pub(crate) fn span(&self, start: usize, end: usize) -> Span {
        let first = self.locate(start);
        if end <= start {
            return Span::new(first.0, clamp_u32(first.1), clamp_u32(first.1));
        }
        let last = self.locate(end - 1);
        if first.0 == last.0 {
            return Span::new(first.0, clamp_u32(first.1), clamp_u32(last.1 + 1));
        }
        let at = |(file, at): (FileId, usize), len: usize| Span::new(file, clamp_u32(at), clamp_u32(at + len));
        self.sources.join(at(first, 0), at(last, 1))
    }

    /// The place of a token.
    pub(crate) fn token_span(&self, token: Token) -> Span {
        self.span(token.start, token.end)
    }

    fn locate(&self, offset: usize) -> (FileId, usize) {
        let after = self.segments.partition_point(|segment| segment.start <= offset);
        match self.segments.get(after.saturating_sub(1)) {
            Some(segment) => {
                let len = self.sources.file(segment.file).map_or(0, |file| file.text.len());
                (segment.file, (segment.file_start + offset.saturating_sub(segment.start)).min(len))
            }
            None => (FileId::MAIN, 0),
        }
    }
}

/// Copies files into the expanded text.
struct Expander<'a> {
    out: String,
    sources: SourceMap,
    segments: Vec<Segment>,
    problems: Vec<(usize, Diagnostic)>,
    resolver: &'a mut dyn IncludeResolver,
    /// The file being copied, and before it those that include it.
    opened: Vec<FileId>,
    /// Names of the `.stanfunctions` files so far: these are taken once, however often they are asked for.
    functions_files: Vec<String>,
}

impl Expander<'_> {
    fn copy_file(&mut self, file: FileId, text: &str) {
        let mut copied = 0;
        for token in tokenize(text) {
            match token.kind {
                TokenKind::Include => {
                    self.copy(file, text, copied, token.start);
                    self.include(file, text, token);
                    copied = token.end;
                }
                TokenKind::UnclosedComment => {
                    self.copy(file, text, copied, token.start);
                    let open = Span::new(file, clamp_u32(token.start), clamp_u32(token.start + 2));
                    let end = Span::new(file, clamp_u32(text.len()), clamp_u32(text.len()));
                    self.problems.push((self.out.len(), errors::unclosed_comment(open, end)));
                    self.start_segment(file, token.start);
                    // The grammar stops here, whatever the including file goes on with.
                    self.out.push(STOP);
                    copied = text.len();
                }
                _ => {}
            }
        }
        self.copy(file, text, copied, text.len());
    }

    fn include(&mut self, file: FileId, text: &str, token: Token) {
        let directive = text.get(token.start..token.end).unwrap_or("");
        let span = Span::new(file, clamp_u32(token.start), clamp_u32(token.end));
        match self.open(file, include_name(directive), span) {
            Ok((included, included_text)) => {
                self.out.push(' ');
                self.opened.push(included);
                self.copy_file(included, &included_text);
                self.opened.pop();
                self.out.push('\n');
            }
            Err(problem) => {
                self.problems.push((self.out.len(), *problem));
                self.copy(file, text, token.start, token.end);
            }
        }
    }

    fn open(&mut self, includer: FileId, name: &str, span: Span) -> Result<(FileId, String), Box<Diagnostic>> {
        let included =
            self.resolver.resolve(name).map_err(|error| Box::new(errors::include_failed(name, &error, span)))?;
        let Included { name: full_name, mut text } = included;
        let own_name = self.sources.name(includer);
        let recursive = self.opened.iter().any(|&id| id != includer && self.sources.name(id) == own_name);
        if recursive || self.opened.len() > MAX_INCLUDE_DEPTH {
            let chain = self.sources.include_chain(includer);
            return Err(Box::new(errors::recursive_include(name, span, chain.first().copied())));
        }
        if full_name.ends_with(".stanfunctions") {
            if self.functions_files.contains(&full_name) {
                text.clear();
            } else {
                self.functions_files.push(full_name.clone());
            }
        }
        if self.out.len() + text.len() > MAX_EXPANDED_LEN {
            return Err(Box::new(errors::expansion_too_long(MAX_EXPANDED_LEN, span)));
        }
        let id = self.sources.add(full_name, text.clone(), Some(span));
        Ok((id, text))
    }

    fn copy(&mut self, file: FileId, text: &str, start: usize, end: usize) {
        self.start_segment(file, start);
        self.out.push_str(text.get(start..end).unwrap_or(""));
    }

    fn start_segment(&mut self, file: FileId, file_start: usize) {
        self.segments.push(Segment { start: self.out.len(), file, file_start });
    }
}
