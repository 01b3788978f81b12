//! A quick reading of the text into tokens, ahead of the grammar.
//!
//! The grammar parses characters by itself; tokens serve what a grammar cannot do well: find `#include`s, measure
//! nesting before anything recurses, name the token at which the grammar gave up, and find a place to go on. A token
//! is the longest match, as in the reference compiler.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// A name or a keyword.
    Word,
    /// A number without sign.
    Number,
    /// A text in quotes.
    String,
    /// An operator or a bracket.
    Punctuation,
    /// `#include` and the name after it.
    Include,
    /// A character that begins no token.
    Invalid,
    /// A `/*` without its `*/`: reaches to the end of the text.
    UnclosedComment,
    /// The end of the text.
    End,
}

/// A token as a range of bytes of the text that it was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// Operators of more than one character; one that begins another stands after it.
const LONG_OPERATORS: [&str; 16] =
    ["%/%", ".*=", "./=", ".*", "./", ".^", "||", "&&", "==", "!=", "<=", ">=", "+=", "-=", "*=", "/="];

/// Operators and brackets of one character.
const SHORT_OPERATORS: &[u8] = b"{}()[]<>,;|?:!-+^'*/%\\~=";

/// The tokens of a text, without white space and comments, and without [`TokenKind::End`].
pub(crate) fn tokenize(text: &str) -> Vec<Token> {
    let mut tokens = Vec::with_capacity(text.len() / 4);
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let (kind, len) = read_token(rest);
        if let Some(kind) = kind {
            tokens.push(Token { kind, start: at, end: at + len });
        }
        at += len.max(1);
    }
    tokens
}

/// The length of what a text begins with, and its kind unless it is white space or a comment.
fn read_token(rest: &str) -> (Option<TokenKind>, usize) {
    let bytes = rest.as_bytes();
    let first = bytes.first().copied().unwrap_or(b' ');
    match first {
        b' ' | b'\t' | b'\x0C' | b'\n' | b'\r' => (None, run(bytes, 0, is_space)),
        b'a'..=b'z' | b'A'..=b'Z' => (Some(TokenKind::Word), run(bytes, 0, is_name_char)),
        b'0'..=b'9' => (Some(TokenKind::Number), number_len(bytes)),
        b'.' if bytes.get(1).is_some_and(u8::is_ascii_digit) => (Some(TokenKind::Number), number_len(bytes)),
        b'"' => read_string(bytes),
        b'#' => match include_len(bytes) {
            Some(len) => (Some(TokenKind::Include), len),
            None => (Some(TokenKind::Invalid), 1),
        },
        b'/' if bytes.starts_with(b"//") => (None, run(bytes, 0, |b| b != b'\n' && b != b'\r')),
        b'/' if bytes.starts_with(b"/*") => match rest.get(2..).and_then(|body| body.find("*/")) {
            Some(len) => (None, len + 4),
            None => (Some(TokenKind::UnclosedComment), bytes.len()),
        },
        _ => match LONG_OPERATORS.iter().find(|op| rest.starts_with(**op)) {
            Some(op) => (Some(TokenKind::Punctuation), op.len()),
            None if SHORT_OPERATORS.contains(&first) => (Some(TokenKind::Punctuation), 1),
            None => (Some(TokenKind::Invalid), rest.chars().next().map_or(1, char::len_utf8)),
        },
    }
}

fn read_string(bytes: &[u8]) -> (Option<TokenKind>, usize) {
    let end = run(bytes, 1, |b| b != b'"' && b != b'\n' && b != b'\r');
    if bytes.get(end) == Some(&b'"') { (Some(TokenKind::String), end + 1) } else { (Some(TokenKind::Invalid), 1) }
}

/// Where a run of bytes that fulfil `wanted` and starts at `from` ends.
fn run(bytes: &[u8], from: usize, wanted: impl Fn(u8) -> bool) -> usize {
    let tail = bytes.get(from..).unwrap_or_default();
    from + tail.iter().position(|&b| !wanted(b)).unwrap_or(tail.len())
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\x0C' | b'\n' | b'\r')
}

fn is_name_char(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Digits, with single underscores between them, from `from` on; `from` itself when there are none.
fn digits_end(bytes: &[u8], from: usize) -> usize {
    let mut end = run(bytes, from, |b| b.is_ascii_digit());
    while end > from && bytes.get(end) == Some(&b'_') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit) {
        end = run(bytes, end + 1, |b| b.is_ascii_digit());
    }
    end
}

fn number_len(bytes: &[u8]) -> usize {
    let mut end = digits_end(bytes, 0);
    if bytes.get(end) == Some(&b'.') {
        end = digits_end(bytes, end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits_end(bytes, end + 1 + sign);
        if exponent > end + 1 + sign {
            end = exponent;
        }
    }
    end + usize::from(bytes.get(end) == Some(&b'i'))
}

/// Length of an `#include` with its name; none when this is no `#include`.
fn include_len(bytes: &[u8]) -> Option<usize> {
    let keyword = b"#include".len();
    let name = run(bytes, keyword, is_space);
    if !bytes.starts_with(b"#include") || name == keyword {
        return None;
    }
    let quoted = match bytes.get(name) {
        Some(b'"') => quoted_end(bytes, name + 1, b'"'),
        Some(b'<') => quoted_end(bytes, name + 1, b'>'),
        _ => None,
    };
    // The longer reading wins, as among all tokens.
    Some(run(bytes, name, |b| !is_space(b)).max(quoted.unwrap_or(0)))
}

fn quoted_end(bytes: &[u8], from: usize, quote: u8) -> Option<usize> {
    let end = run(bytes, from, |b| b != quote && b != b'\n' && b != b'\r');
    (bytes.get(end) == Some(&quote)).then_some(end + 1)
}

/// The file name that an `#include` token asks for, without quotes or angle brackets.
pub(crate) fn include_name(directive: &str) -> &str {
    let name = directive.trim_start_matches("#include").trim_start();
    let quoted = |open, close| name.strip_prefix(open).and_then(|rest: &str| rest.strip_suffix(close));
    let between = quoted('"', '"').or_else(|| quoted('<', '>'));
    between.filter(|inner| !inner.contains(['"', '>'])).unwrap_or(name)
}
