//! Where something stands in the text: a file and a range of bytes.

/// A file of a [`SourceMap`](crate::SourceMap). A file that is included twice has two ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

impl FileId {
    /// The file that was asked for, as against those that it includes.
    pub const MAIN: FileId = FileId(0);
}

/// A range of bytes of one file; `start <= end`, the end excluded. Empty spans mark a place between two characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file that the range is of.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// Byte after the last one.
    pub end: u32,
}

impl Span {
    /// The range `start..end` of `file`; an end before the start gives an empty span at the start.
    #[must_use]
    pub fn new(file: FileId, start: u32, end: u32) -> Span {
        Span { file, start, end: end.max(start) }
    }

    /// The empty span at the start of this one.
    #[must_use]
    pub fn at_start(self) -> Span {
        Span { end: self.start, ..self }
    }

    /// The empty span at the end of this one.
    #[must_use]
    pub fn at_end(self) -> Span {
        Span { start: self.end, ..self }
    }

    /// The smallest span that holds both. Of two spans in different files it is this one, since no range holds both.
    #[must_use]
    pub fn to(self, other: Span) -> Span {
        if self.file != other.file {
            return self;
        }
        Span { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// Length in bytes.
    #[must_use]
    pub fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// True when the span holds no byte.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }
}
