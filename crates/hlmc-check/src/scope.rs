//! The variables that are visible, and where they live.

use std::collections::HashMap;

use hlmc_builtins::{Level, Type};
use hlmc_syntax::Span;

use crate::ir::{Block, Place};

/// A variable that is visible.
#[derive(Clone, Debug)]
pub(crate) struct Variable {
    /// Its type; none when it could not be found out, which was said already.
    pub ty: Option<Type>,
    /// Whether it may depend on parameters, outside generated quantities.
    pub level: Level,
    /// Where it lives.
    pub place: Place,
    /// The block that declares it; none for functions.
    pub block: Option<Block>,
    /// True for what is declared at the top of a block other than `model`.
    pub is_global: bool,
    /// Why it cannot be assigned to even in its own block, if it cannot.
    pub read_only: Option<ReadOnly>,
    /// Its name in the declaration.
    pub span: Span,
}

/// Why a variable cannot be assigned to in the block that declares it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReadOnly {
    /// A loop counts with it.
    LoopVariable,
    /// It is an argument.
    Argument,
}

/// The visible variables by name. No two visible variables share a name.
#[derive(Debug, Default)]
pub(crate) struct Scope<'p> {
    visible: HashMap<&'p str, Variable>,
    /// The names of each open scope, the innermost last; names of the outermost are never taken back.
    opened: Vec<Vec<&'p str>>,
}

impl<'p> Scope<'p> {
    /// The variable of this name.
    pub(crate) fn find(&self, name: &str) -> Option<&Variable> {
        self.visible.get(name)
    }

    /// Makes a variable visible until its scope ends.
    ///
    /// # Errors
    /// The place where a visible variable of the same name is declared; then nothing changes.
    pub(crate) fn declare(&mut self, name: &'p str, variable: Variable) -> Result<(), Span> {
        if let Some(earlier) = self.visible.get(name) {
            return Err(earlier.span);
        }
        self.visible.insert(name, variable);
        if let Some(names) = self.opened.last_mut() {
            names.push(name);
        }
        Ok(())
    }

    /// Opens a scope.
    pub(crate) fn open(&mut self) {
        self.opened.push(Vec::new());
    }

    /// Ends the innermost scope.
    pub(crate) fn close(&mut self) {
        for name in self.opened.pop().unwrap_or_default() {
            self.visible.remove(name);
        }
    }

    /// The names of all visible variables, in no order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.visible.keys().copied()
    }
}
