//! The texts that a program consists of: the main file and every file that it includes.

use crate::span::{FileId, Span};

/// A line and a column, both counted from 1. Columns count characters, not bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// One text with its name, and the place that it was included from.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceFile {
    /// Name to show, and to tell files apart by when they include each other.
    pub name: String,
    /// The whole text.
    pub text: String,
    /// The `#include` that brought this file in; none for the main file.
    pub included_from: Option<Span>,
    /// Byte offset of the start of each line; the first is 0.
    line_starts: Vec<u32>,
}

impl SourceFile {
    fn new(name: String, text: String, included_from: Option<Span>) -> SourceFile {
        let line_starts = line_starts(&text);
        SourceFile { name, text, included_from, line_starts }
    }

    /// Line and column of a byte offset; offsets past the end count as the end, those within a character as its start.
    #[must_use]
    pub fn position(&self, offset: u32) -> Position {
        let offset = (offset as usize).min(self.text.len());
        let line = self.line_starts.partition_point(|&start| start as usize <= offset);
        let start = self.line_starts.get(line.saturating_sub(1)).map_or(0, |&start| start as usize);
        // Line breaks are ASCII, so a line starts at a character.
        let rest = self.text.get(start..).unwrap_or("");
        let column = rest.char_indices().take_while(|&(at, c)| start + at + c.len_utf8() <= offset).count();
        Position { line: clamp_u32(line.max(1)), column: clamp_u32(column + 1) }
    }

    /// Number of lines; a text that ends in a line break has an empty last line.
    #[must_use]
    pub fn n_lines(&self) -> usize {
        self.line_starts.len()
    }
}

/// All the files of one program. The first is the main file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SourceMap {
    files: Vec<SourceFile>,
}

impl SourceMap {
    /// A map that holds no file yet.
    #[must_use]
    pub fn new() -> SourceMap {
        SourceMap::default()
    }

    /// Adds a file and returns its id. The first one that is added is [`FileId::MAIN`].
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>, included_from: Option<Span>) -> FileId {
        let id = FileId(clamp_u32(self.files.len()));
        self.files.push(SourceFile::new(name.into(), text.into(), included_from));
        id
    }

    /// The file of that id, if there is one.
    #[must_use]
    pub fn file(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(id.0 as usize)
    }

    /// All files in the order in which they were opened.
    #[must_use]
    pub fn files(&self) -> &[SourceFile] {
        &self.files
    }

    /// The name of a file; empty when there is no such file.
    #[must_use]
    pub fn name(&self, id: FileId) -> &str {
        self.file(id).map_or("", |file| file.name.as_str())
    }

    /// The text under a span; empty when the span is of no file or cuts a character in two.
    #[must_use]
    pub fn text(&self, span: Span) -> &str {
        self.file(span.file).and_then(|file| file.text.get(span.start as usize..span.end as usize)).unwrap_or("")
    }

    /// Line and column where a span starts; 1:1 when there is no such file.
    #[must_use]
    pub fn position(&self, span: Span) -> Position {
        self.file(span.file).map_or(Position { line: 1, column: 1 }, |file| file.position(span.start))
    }

    /// The smallest span that holds both. Where they are in different files, each is widened to the `#include` that
    /// leads to it until both are in one file.
    #[must_use]
    pub fn join(&self, a: Span, b: Span) -> Span {
        if a.file == b.file {
            return a.to(b);
        }
        let outward = |span: Span| std::iter::once(span).chain(self.include_chain(span.file));
        let common = outward(a).find_map(|a| outward(b).find(|b| b.file == a.file).map(|b| a.to(b)));
        common.unwrap_or(a)
    }

    /// The `#include`s that lead to a file, the innermost one first; empty for the main file.
    #[must_use]
    pub fn include_chain(&self, id: FileId) -> Vec<Span> {
        let mut chain = Vec::new();
        let mut next = self.file(id).and_then(|file| file.included_from);
        while let Some(span) = next {
            chain.push(span);
            // An includer is always older than what it includes, so this ends.
            next = self.file(span.file).filter(|_| span.file < id).and_then(|file| file.included_from);
        }
        chain
    }
}

/// Lines end at `\n`, at `\r\n`, and at an `\r` alone.
fn line_starts(text: &str) -> Vec<u32> {
    let bytes = text.as_bytes();
    let mut starts = vec![0];
    for (at, &byte) in bytes.iter().enumerate() {
        let ends_line = byte == b'\n' || (byte == b'\r' && bytes.get(at + 1) != Some(&b'\n'));
        if ends_line {
            starts.push(clamp_u32(at + 1));
        }
    }
    starts
}

/// Offsets are kept in 32 bits: texts of 4 GiB are no programs.
pub(crate) fn clamp_u32(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
