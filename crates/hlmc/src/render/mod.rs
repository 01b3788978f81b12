//! What a person reads, as text: diagnostics and tables. Nothing here prints or asks what the terminal is.

pub mod diagnostics;
mod excerpt;
pub mod explanation;
pub mod numbers;
pub mod table;

/// How text is made up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Whether colours are used.
    pub colour: bool,
    /// The number of columns that text is wrapped at.
    pub width: usize,
}

impl Look {
    /// Width where no terminal says another, so that what goes into a file is the same everywhere.
    pub const PLAIN_WIDTH: usize = 100;

    /// No colours, fixed width: for files and pipes.
    pub const PLAIN: Look = Look { colour: false, width: Self::PLAIN_WIDTH };
}
