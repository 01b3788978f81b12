//! Where the labels of a diagnostic are shown: files and stretches of files, one after the other.
//!
//! miette shows the labels of one text in their order. A label that made the primary one a mistake is often further up,
//! or in another file, and yet the place of the mistake has to be shown first. So each stretch of lines gets a range of
//! addresses of its own, that of the primary label the first, and miette sees one long text.

use std::borrow::Cow;

use hlmc_syntax::{SourceFile, SourceMap, Span};
use miette::{LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

/// Addresses of one stretch: no text is longer.
const STRETCH_BITS: u32 = 32;

/// Labels over more lines than this are shown by their first line.
const MAX_LABEL_LINES: u32 = 6;

/// Lines longer than this are shown in part: data files often are one long line.
const MAX_LINE_LEN: usize = 300;

/// How much of a long line is shown before and after the start of the label.
const CLIP_BEFORE: usize = 40;
const CLIP_AFTER: usize = 40;

/// Lines of one file that are shown together.
struct Stretch<'a> {
    file: &'a SourceFile,
    /// The text of the file, with a space after the last line break if that is the place to show.
    text: Cow<'a, str>,
    span: Span,
    first_line: u32,
    last_line: u32,
}

/// The stretches of all labels of one diagnostic; that of the primary label is the first.
#[derive(Default)]
pub(super) struct Excerpt<'a> {
    stretches: Vec<Stretch<'a>>,
    labels: Vec<LabeledSpan>,
}

impl<'a> Excerpt<'a> {
    /// Adds a label; the first one is the primary one. Labels of files that are not there are left out.
    pub(super) fn add(&mut self, sources: &'a SourceMap, span: Span, text: &str) {
        let Some(file) = sources.file(span.file) else { return };
        let (start, end) = shown_range(file, span);
        let (first_line, last_line) = (file.position(start).line, file.position(end.max(start + 1) - 1).line);
        let near = |stretch: &Stretch<'_>| {
            stretch.span.file == span.file && first_line <= stretch.last_line + 1 && last_line + 1 >= stretch.first_line
        };
        let stretch_idx = self.stretches.iter().position(near).unwrap_or_else(|| {
            let is_past_last_line = start as usize == file.text.len() && (start == 0 || file.text.ends_with('\n'));
            let text = if is_past_last_line { Cow::Owned(format!("{} ", file.text)) } else { Cow::from(&file.text) };
            self.stretches.push(Stretch { file, text, span, first_line, last_line });
            self.stretches.len() - 1
        });
        let stretch = &mut self.stretches[stretch_idx];
        stretch.first_line = stretch.first_line.min(first_line);
        stretch.last_line = stretch.last_line.max(last_line);
        let text = (!text.is_empty()).then(|| text.to_owned());
        let address = (stretch_idx << STRETCH_BITS) + start as usize;
        let place = (address, (end - start) as usize);
        let label = if self.labels.is_empty() {
            LabeledSpan::new_primary_with_span(text, place)
        } else {
            LabeledSpan::new_with_span(text, place)
        };
        self.labels.push(label);
    }

    pub(super) fn labels(&self) -> &[LabeledSpan] {
        &self.labels
    }
}

/// The part of a span that is underlined: within the text, on boundaries of characters, and not too many lines.
fn shown_range(file: &SourceFile, span: Span) -> (u32, u32) {
    let text = &file.text;
    let start = floor_boundary(text, span.start as usize);
    let end = floor_boundary(text, span.end as usize).max(start);
    let n_lines = file.position(end as u32).line - file.position(start as u32).line;
    let end = if n_lines < MAX_LABEL_LINES { end } else { line_end(text, start) };
    (start as u32, end as u32)
}

fn floor_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |newline| newline + 1)
}

/// The end of the line, without its line break.
fn line_end(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |newline| at + newline)
}

/// The lines that hold a range; part of a line where it is long.
fn window(text: &str, start: usize, end: usize) -> (usize, usize) {
    let last = if end > start { floor_boundary(text, end - 1) } else { start };
    let mut from = line_start(text, start);
    let mut to = line_end(text, last);
    if from > 0 && &text[from..to] == " " {
        // The place is past the last line break: the line before tells where that is.
        from = line_start(text, from - 1);
    }
    if text[from..to].lines().any(|line| line.len() > MAX_LINE_LEN) {
        let own_line = (line_start(text, start), line_end(text, start));
        from = floor_boundary(text, start.saturating_sub(CLIP_BEFORE)).max(own_line.0);
        to = floor_boundary(text, end.min(start + CLIP_AFTER) + CLIP_AFTER).min(own_line.1);
    }
    (from, to)
}

impl SourceCode for Excerpt<'_> {
    /// `n_before` and `n_after` are 0 where miette asks for the place alone: then the position is that of the span.
    fn read_span<'b>(
        &'b self,
        span: &SourceSpan,
        n_before: usize,
        n_after: usize,
    ) -> Result<Box<dyn SpanContents<'b> + 'b>, MietteError> {
        let base = (span.offset() >> STRETCH_BITS) << STRETCH_BITS;
        let (start, end) = (span.offset() - base, span.offset() + span.len() - base);
        let stretch = self.stretches.get(base >> STRETCH_BITS).ok_or(MietteError::OutOfBounds)?;
        let text = stretch.text.as_ref();
        if end > text.len() {
            return Err(MietteError::OutOfBounds);
        }
        let (from, to) = window(text, start, end);
        let place_only = n_before == 0 && n_after == 0;
        let position = stretch.file.position(if place_only { start } else { from } as u32);
        Ok(Box::new(MietteSpanContents::new_named(
            stretch.file.name.clone(),
            &text.as_bytes()[from..to],
            (base + from, to - from).into(),
            position.line as usize - 1,
            position.column as usize - 1,
            1,
        )))
    }
}
