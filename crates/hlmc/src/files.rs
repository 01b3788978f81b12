//! Files that are read: programs, what they include, data.

use std::fs;
use std::path::{Path, PathBuf};

use hlmc::render::diagnostics::Problem;
use hlmc_syntax::{IncludeError, IncludeResolver, Included};

/// The text of a file. Bytes that are no UTF-8 become the replacement character: in comments they do no harm, and
/// elsewhere they get a diagnostic with their place.
///
/// # Errors
/// The file cannot be read; `what` says what it was to be, such as "the program".
pub(crate) fn read_text(path: &Path, what: &str) -> Result<String, Problem> {
    let bytes = fs::read(path).map_err(|error| unreadable(path, what, &error))?;
    Ok(match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    })
}

fn unreadable(path: &Path, what: &str, error: &std::io::Error) -> Problem {
    let problem =
        Problem::new("hlmc::file::unreadable", format!("cannot read {what} `{}`: {}", path.display(), reason(error)));
    match similar_file(path) {
        Some(name) if error.kind() == std::io::ErrorKind::NotFound => {
            problem.with_help(format!("there is `{}`", path.with_file_name(name).display()))
        }
        _ => problem,
    }
}

/// What the operating system says, without its number.
pub(crate) fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    match text.find(" (os error") {
        Some(at) => text[..at].to_lowercase(),
        None => text,
    }
}

/// A file of the same folder with nearly the same name.
fn similar_file(path: &Path) -> Option<String> {
    const MAX_DISTANCE: usize = 3;
    let wanted = path.file_name()?.to_str()?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let names = fs::read_dir(folder).ok()?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let near = names.map(|name| (strsim::damerau_levenshtein(&name, wanted), name));
    near.filter(|(distance, _)| *distance <= MAX_DISTANCE).min().map(|(_, name)| name)
}

/// Finds included files in folders, in their order.
pub(crate) struct IncludePaths<'a>(pub(crate) &'a [PathBuf]);

impl IncludeResolver for IncludePaths<'_> {
    fn resolve(&mut self, name: &str) -> Result<Included, IncludeError> {
        for folder in self.0 {
            let path = folder.join(name.trim_start_matches('/'));
            if path.is_file() {
                let shown = path.display().to_string();
                return match fs::read(&path) {
                    Ok(bytes) => Ok(Included { name: shown, text: String::from_utf8_lossy(&bytes).into_owned() }),
                    Err(error) => Err(IncludeError::Unreadable { name: shown, reason: reason(&error) }),
                };
            }
        }
        Err(IncludeError::NotFound { searched: self.0.iter().map(|folder| folder.display().to_string()).collect() })
    }
}
