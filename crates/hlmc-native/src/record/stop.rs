//! Why a recording did not go on.

/// Why a recording did not go on.
#[derive(Clone, Debug, PartialEq)]
pub enum Stop {
    /// The iterations of the loop depend on one another, or differ in what they do: the loop is unrolled instead.
    Dependent(&'static str),
    /// The program does something that the graph cannot express; another engine runs it.
    Unsupported(String),
}

/// What recording gives.
pub(crate) type Recorded<T> = Result<T, Stop>;

/// The program does something that the graph cannot express.
pub(crate) fn unsupported<T>(what: impl Into<String>) -> Recorded<T> {
    Err(Stop::Unsupported(what.into()))
}
