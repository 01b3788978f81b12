//! Why a recording did not go on.

use std::fmt;

/// Why a recording did not go on.
#[derive(Clone, Debug, PartialEq)]
pub enum Stop {
    /// The iterations of the loop depend on one another, or differ in what they do: the loop is unrolled instead.
    Dependent(&'static str),
    /// A loop has more nodes than in another form that is at hand.
    Longer,
    /// The program does something that the graph cannot express; another engine runs it.
    Unsupported(String),
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stop::Dependent(reason) => f.write_str(reason),
            Stop::Longer => f.write_str("a loop is longer in this form than in another"),
            Stop::Unsupported(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for Stop {}

/// What recording gives.
pub(crate) type Recorded<T> = Result<T, Stop>;

/// The program does something that the graph cannot express.
pub(crate) fn unsupported<T>(what: impl Into<String>) -> Recorded<T> {
    Err(Stop::Unsupported(what.into()))
}
