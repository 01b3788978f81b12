//! Diagnostics as text, by miette: the only place that knows it.

use std::fmt;

use hlmc_syntax::{Diagnostic, Severity, SourceMap};
use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode};

use super::Look;
use super::excerpt::Excerpt;

/// Something that went wrong outside of any text: a file that cannot be read, a folder that cannot be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Stable name, such as `hlmc::file::unreadable`.
    pub code: &'static str,
    /// One sentence without a full stop.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl Problem {
    /// A problem without help.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), help: None }
    }

    /// Sets the help text.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// No more diagnostics than these are shown of one program; the rest is counted.
const MAX_SHOWN: usize = 100;

/// All diagnostics in their order, a blank line after each.
///
/// The place in the first header of each is that of its primary label. Other labels follow in the same lines where they
/// are near, and else in snippets of their own; so do the `#include`s that lead to the file.
pub fn render(diagnostics: &[Diagnostic], sources: &SourceMap, look: Look) -> String {
    let handler = handler(look);
    let mut out = String::new();
    for diagnostic in diagnostics.iter().take(MAX_SHOWN) {
        let severity = match diagnostic.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
        };
        let report = Report {
            code: diagnostic.code,
            message: &diagnostic.message,
            help: diagnostic.help.as_deref(),
            severity,
            excerpt: excerpt(diagnostic, sources),
        };
        report.render(&handler, &mut out);
    }
    if diagnostics.len() > MAX_SHOWN {
        out.push_str(&format!("and {} more\n", diagnostics.len() - MAX_SHOWN));
    }
    out
}

/// A problem outside of any text.
pub fn render_problem(problem: &Problem, look: Look) -> String {
    let mut out = String::new();
    let report = Report {
        code: problem.code,
        message: &problem.message,
        help: problem.help.as_deref(),
        severity: miette::Severity::Error,
        excerpt: Excerpt::default(),
    };
    report.render(&handler(look), &mut out);
    out
}

fn handler(look: Look) -> GraphicalReportHandler {
    let theme = if look.colour { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    // One line of context tells a request for lines to show from one for a place, see `Excerpt::read_span`.
    GraphicalReportHandler::new_themed(theme).with_width(look.width).with_links(false).with_context_lines(1)
}

fn excerpt<'a>(diagnostic: &Diagnostic, sources: &'a SourceMap) -> Excerpt<'a> {
    let mut excerpt = Excerpt::default();
    let primary = &diagnostic.primary;
    excerpt.add(sources, primary.span, &primary.text);
    for label in &diagnostic.secondary {
        excerpt.add(sources, label.span, &label.text);
    }
    let is_labelled = |span| diagnostic.secondary.iter().any(|label| label.span == span);
    for include in sources.include_chain(primary.span.file).into_iter().filter(|include| !is_labelled(*include)) {
        excerpt.add(sources, include, "included from here");
    }
    excerpt
}

/// What miette wants to know.
struct Report<'a> {
    code: &'static str,
    message: &'a str,
    help: Option<&'a str>,
    severity: miette::Severity,
    excerpt: Excerpt<'a>,
}

impl Report<'_> {
    fn render(&self, handler: &GraphicalReportHandler, out: &mut String) {
        let len = out.len();
        if handler.render_report(out, self).is_err() {
            // miette gives up on labels that it cannot place: the message stands without them.
            out.truncate(len);
            out.push_str(self.code);
            out.push_str("\n\n  × ");
            out.push_str(self.message);
            out.push('\n');
        }
        out.push('\n');
    }
}

impl fmt::Debug for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message)
    }
}

impl std::error::Error for Report<'_> {}

impl miette::Diagnostic for Report<'_> {
    fn code(&self) -> Option<Box<dyn fmt::Display + '_>> {
        Some(Box::new(self.code))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(self.severity)
    }

    fn help(&self) -> Option<Box<dyn fmt::Display + '_>> {
        Some(Box::new(self.help?))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        (!self.excerpt.labels().is_empty()).then_some(&self.excerpt as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.excerpt.labels().iter().cloned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hlmc_syntax::{FileId, Span};

    const MODEL: &str = "data {\n  int n;\n}\n\nparameters {\n  real x;\n}\nmodel {\n  x ~ normal(n, z);\n}\n";

    fn sources() -> SourceMap {
        let mut sources = SourceMap::new();
        let main = sources.add("a.stan", MODEL, None);
        sources.add("b.stan", "real y;", Some(Span::new(main, 2, 5)));
        sources
    }

    fn span(of: &str) -> Span {
        let start = MODEL.find(of).unwrap() as u32;
        Span::new(FileId::MAIN, start, start + of.len() as u32)
    }

    fn error(span: Span) -> Diagnostic {
        Diagnostic::error("hlmc::check::unknown_variable", "unknown variable `z`", span).label("not found")
    }

    fn plain(diagnostic: &Diagnostic) -> String {
        render(std::slice::from_ref(diagnostic), &sources(), Look::PLAIN)
    }

    #[test]
    fn a_diagnostic_shows_code_message_place_and_help() {
        let text = plain(&error(span("z")).with_help("did you mean `x`?"));
        let expected = "hlmc::check::unknown_variable\n\n  × unknown variable `z`\n   ╭─[a.stan:9:17]\n \
                        9 │   x ~ normal(n, z);\n   ·                 ┬\n   ·                 ╰── not found\n   \
                        ╰────\n  help: did you mean `x`?\n\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn the_primary_label_comes_first_wherever_the_others_are() {
        let text = plain(&error(span("z")).with_secondary(span("int n"), "declared here"));
        let first = text.find("[a.stan:9:17]").unwrap();
        assert!(first < text.find("[a.stan:2:3]").unwrap(), "{text}");
        let text = plain(&error(span("normal")).with_secondary(span("model"), "in this block"));
        assert!(text.contains("[a.stan:9:7]") && !text.contains("[a.stan:8:1]"), "{text}");
    }

    #[test]
    fn the_end_of_the_text_is_a_place() {
        let end = Span::new(FileId::MAIN, MODEL.len() as u32, MODEL.len() as u32);
        let text = plain(&error(end));
        assert!(text.contains("[a.stan:11:1]") && text.contains("10 │ }") && text.contains("not found"), "{text}");
    }

    #[test]
    fn an_included_file_shows_how_it_came_in() {
        let text = plain(&error(Span::new(FileId(1), 5, 6)));
        assert!(text.find("[b.stan:1:6]").unwrap() < text.find("[a.stan:1:3]").unwrap(), "{text}");
        assert!(text.contains("included from here"), "{text}");
    }

    #[test]
    fn long_lines_are_shown_in_part() {
        let mut sources = SourceMap::new();
        let file = sources.add("d.json", format!("[{}\"x\"{}]", "1,".repeat(5000), ",1".repeat(5000)), None);
        let text = render(&[error(Span::new(file, 10001, 10004))], &sources, Look::PLAIN);
        assert!(text.contains("[d.json:1:10002]") && text.contains("1,1,\"x\",1,1"), "{text}");
        assert!(text.lines().all(|line| line.chars().count() < 200), "{text}");
    }

    #[test]
    fn places_that_do_not_exist_do_no_harm() {
        for span in [Span::new(FileId(9), 0, 1), Span::new(FileId::MAIN, 5000, 6000)] {
            assert!(plain(&error(span)).contains("unknown variable `z`"));
        }
    }

    #[test]
    fn colours_only_where_asked() {
        let look = Look { colour: true, width: 80 };
        assert!(render(&[error(span("z"))], &sources(), look).contains('\u{1b}'));
        assert!(!plain(&error(span("z"))).contains('\u{1b}'));
    }

    #[test]
    fn a_problem_has_no_place() {
        let problem = Problem::new("hlmc::file::unreadable", "cannot read `a.stan`").with_help("is it there?");
        let expected = "hlmc::file::unreadable\n\n  × cannot read `a.stan`\n  help: is it there?\n\n";
        assert_eq!(render_problem(&problem, Look::PLAIN), expected);
    }
}
