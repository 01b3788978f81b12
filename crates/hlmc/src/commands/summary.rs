//! `hlmc summary`: the table from CSV files.

use std::path::Path;

use hlmc::csv::read::{ChainFile, read_chain};
use hlmc::render::diagnostics::Problem;
use hlmc::report::{Report, Shown};
use hlmc_posterior::{Draws, SamplerTrace};
use hlmc_syntax::{Diagnostic, SourceMap, Span};

use crate::args::SummaryArgs;
use crate::failure::{EXIT_DONE, Failure};
use crate::files::read_text;
use crate::terminal::{print, say, stdout_look};

pub(crate) fn summary(args: &SummaryArgs) -> Result<u8, Failure> {
    let files = args.files.iter().map(|path| Ok((path.as_path(), read_file(path)?)));
    let files = files.collect::<Result<Vec<_>, Failure>>()?;
    let Some((first_path, first)) = files.first() else { return Ok(EXIT_DONE) };
    let first_path = *first_path;
    let (names, iterations) = (first.names.clone(), first.iterations());
    for (path, file) in &files {
        check_alike(first_path, &names, path, file)?;
        if file.is_truncated {
            say(&format!("{}: the last line is cut off, and left out\n", path.display()));
        }
    }
    let shown = Shown::new(&names, args.params.as_deref()).map_err(Failure::Usage)?;
    let (traces, chains): (Vec<SamplerTrace>, Vec<_>) =
        files.into_iter().map(|(_, file)| (file.trace, file.draws)).unzip();
    let draws =
        Draws::from_chains(names, chains).map_err(|error| Problem::new("hlmc::csv::mismatch", error.to_string()))?;
    let report = Report::new(&draws, &traces, iterations, shown);
    if args.json {
        print(&format!("{}\n", serde_json::Value::from(report.json())))?;
    } else {
        print(&report.text(&[], stdout_look()))?;
    }
    Ok(EXIT_DONE)
}

fn read_file(path: &Path) -> Result<ChainFile, Failure> {
    let text = read_text(path, "the draws")?;
    let file = read_chain(&text).map_err(|error| {
        let mut sources = SourceMap::new();
        let id = sources.add(path.display().to_string(), text.as_str(), None);
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let span = Span::new(id, offset(error.start), offset(error.end));
        let diagnostic = Diagnostic::error("hlmc::csv::malformed", error.message, span).label(error.label);
        Failure::Diagnostics(vec![diagnostic], sources)
    })?;
    if let Some(method) = file.setting("method").filter(|method| *method == "optimize") {
        let message = format!("`{}` holds the result of `{method}`: a point, not draws", path.display());
        return Err(Problem::new("hlmc::csv::not_draws", message).into());
    }
    Ok(file)
}

/// Chains of one run have the same columns.
fn check_alike(first_path: &Path, names: &[String], path: &Path, file: &ChainFile) -> Result<(), Failure> {
    if file.names == names {
        return Ok(());
    }
    let odd = file.names.iter().find(|name| !names.contains(name));
    let odd = odd.or_else(|| names.iter().find(|name| !file.names.contains(name)));
    let detail = odd.map_or("they are in another order".to_owned(), |name| format!("only one of them has `{name}`"));
    let message = format!("`{}` and `{}` have different columns: {detail}", first_path.display(), path.display());
    let help = "summarise the chains of one run together";
    Err(Problem::new("hlmc::csv::mismatch", message).with_help(help).into())
}
