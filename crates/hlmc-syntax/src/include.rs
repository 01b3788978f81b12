//! `#include`: whoever calls the parser says what a name stands for.

use std::collections::BTreeMap;

/// An included file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Included {
    /// Name to show, which also tells the file from others: two names of one file make recursion go unnoticed for one
    /// round.
    pub name: String,
    /// The whole text.
    pub text: String,
}

/// Why an included file cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IncludeError {
    /// There is no such file in any of the places that were searched.
    #[error("no such file in the include paths ({})", searched.join(", "))]
    NotFound {
        /// The places, in the order of the search.
        searched: Vec<String>,
    },
    /// There is one, but it cannot be read.
    #[error("cannot read `{name}`: {reason}")]
    Unreadable {
        /// The file that was found.
        name: String,
        /// What the operating system says, or that the file is no UTF-8.
        reason: String,
    },
}

/// Finds the file that an `#include` asks for. Stan searches the include paths alone, never beside the including file.
pub trait IncludeResolver {
    /// The file of that name, as it is written in the `#include`, without quotes. The name is always meant below an
    /// include path, even when it begins with a slash.
    ///
    /// # Errors
    /// When there is no such file, or it cannot be read.
    fn resolve(&mut self, name: &str) -> Result<Included, IncludeError>;
}

/// No file can be included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NoIncludes;

impl IncludeResolver for NoIncludes {
    fn resolve(&mut self, _name: &str) -> Result<Included, IncludeError> {
        Err(IncludeError::NotFound { searched: Vec::new() })
    }
}

/// Texts by name, for tests and for programs that are not in files.
impl IncludeResolver for BTreeMap<String, String> {
    fn resolve(&mut self, name: &str) -> Result<Included, IncludeError> {
        match self.get(name) {
            Some(text) => Ok(Included { name: name.to_owned(), text: text.clone() }),
            None => Err(IncludeError::NotFound { searched: self.keys().cloned().collect() }),
        }
    }
}
