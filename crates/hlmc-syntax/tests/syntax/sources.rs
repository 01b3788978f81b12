//! Lines, columns and spans.

use hlmc_syntax::{FileId, Position, SourceMap, Span};

fn positions(text: &str, offsets: &[u32]) -> Vec<(u32, u32)> {
    let mut sources = SourceMap::new();
    let file = sources.add("a.stan", text, None);
    let position = |&at| sources.position(Span::new(file, at, at));
    offsets.iter().map(position).map(|Position { line, column }| (line, column)).collect()
}

#[test]
fn lines_and_columns_count_from_one() {
    assert_eq!(positions("ab\ncd", &[0, 1, 2, 3, 5]), [(1, 1), (1, 2), (1, 3), (2, 1), (2, 3)]);
    assert_eq!(positions("", &[0, 7]), [(1, 1), (1, 1)]);
    assert_eq!(positions("a\n", &[2]), [(2, 1)]);
}

#[test]
fn every_kind_of_line_end_counts_once() {
    assert_eq!(positions("a\r\nb\rc\nd", &[0, 3, 5, 7]), [(1, 1), (2, 1), (3, 1), (4, 1)]);
}

#[test]
fn columns_count_characters_and_offsets_within_one_are_its_start() {
    assert_eq!(positions("\u{1f331}b", &[0, 2, 4, 5]), [(1, 1), (1, 1), (1, 2), (1, 3)]);
}

#[test]
fn spans_join_within_a_file_and_at_the_include_between_files() {
    let mut sources = SourceMap::new();
    let main = sources.add("main", "before #include a after", None);
    let include = Span::new(main, 7, 17);
    let inner = sources.add("a", "text", Some(include));
    let (before, within, after) = (Span::new(main, 0, 6), Span::new(inner, 0, 4), Span::new(main, 18, 23));
    assert_eq!(before.to(after), Span::new(main, 0, 23));
    assert_eq!(sources.join(before, within), Span::new(main, 0, 17));
    assert_eq!(sources.join(within, after), Span::new(main, 7, 23));
    assert_eq!(sources.join(within, within), within);
    assert_eq!(sources.include_chain(inner), [include]);
    assert_eq!(sources.include_chain(main), []);
}

#[test]
fn what_is_not_there_has_no_text() {
    let mut sources = SourceMap::new();
    let file = sources.add("a", "\u{e4}b", None);
    assert_eq!(sources.text(Span::new(file, 0, 3)), "\u{e4}b");
    assert_eq!(sources.text(Span::new(file, 1, 3)), "");
    assert_eq!(sources.text(Span::new(file, 0, 9)), "");
    assert_eq!(sources.text(Span::new(FileId(3), 0, 1)), "");
    assert_eq!(sources.name(FileId(3)), "");
    assert_eq!(sources.position(Span::new(FileId(3), 0, 1)), Position { line: 1, column: 1 });
}
