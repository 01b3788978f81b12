//! User functions, made once for each combination of argument levels that they are called with.
//!
//! As with Stan's C++ templates, what depends on parameters inside a function depends on the call: locals and the result
//! are data when all arguments are.

use hlmc_builtins::Level;
use indexmap::IndexSet;

use crate::ir::FunctionIndex;

/// The instances that are called, in the order in which they were asked for.
#[derive(Debug, Default)]
pub(crate) struct Instances {
    wanted: IndexSet<(usize, Vec<Level>)>,
    /// False while bodies are checked for mistakes only: their calls ask for nothing.
    pub is_recording: bool,
}

impl Instances {
    /// The number of the instance of a function for these levels.
    pub(crate) fn request(&mut self, function: usize, levels: Vec<Level>) -> FunctionIndex {
        if !self.is_recording {
            return FunctionIndex(0);
        }
        let (index, _) = self.wanted.insert_full((function, levels));
        FunctionIndex(u32::try_from(index).unwrap_or(u32::MAX))
    }

    /// The function and levels of an instance.
    pub(crate) fn get(&self, index: usize) -> Option<(usize, Vec<Level>)> {
        self.wanted.get_index(index).cloned()
    }
}
