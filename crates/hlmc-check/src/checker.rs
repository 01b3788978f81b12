//! The state of a check, shared by all its parts.
//!
//! Checking and lowering are one walk: every node is checked and becomes a node of the typed program at once. `None`
//! stands for what is wrong and was reported, and silences whatever would follow from it.

use std::collections::HashSet;

use hlmc_builtins::Library;
use hlmc_syntax::{Diagnostic, Span};

use crate::context::Context;
use crate::diagnostics;
use crate::functions::{ResolutionCache, UserFunctions};
use crate::instances::Instances;
use crate::ir::{self, Place, Program};
use crate::scope::Scope;

/// Nesting of expressions and statements that is refused, so that no later stage runs out of stack.
const MAX_DEPTH: usize = 1300;

/// The state of a check.
pub(crate) struct Checker<'p> {
    /// The table of functions.
    pub library: &'p Library<f64>,
    /// What it answered so far.
    pub resolutions: ResolutionCache,
    /// The program's functions.
    pub functions: UserFunctions<'p>,
    /// The visible variables.
    pub scope: Scope<'p>,
    /// Where the walk is.
    pub context: Context,
    /// The functions to be made for the levels of their arguments.
    pub instances: Instances,
    /// The typed program so far.
    pub program: Program,
    /// The messages so far.
    pub diagnostics: Vec<Diagnostic>,
    /// The slots of the frame that are in use.
    pub n_locals: u32,
    /// Functions that are not supported yet and were said to be: once is enough.
    pub unsupported: HashSet<String>,
    /// The variables that were read, while somebody wants to know.
    pub reads: Option<Vec<Place>>,
    depth: usize,
}

impl<'p> Checker<'p> {
    /// Nothing is checked yet.
    pub(crate) fn new(library: &'p Library<f64>) -> Checker<'p> {
        Checker {
            library,
            resolutions: ResolutionCache::default(),
            functions: UserFunctions::default(),
            scope: Scope::default(),
            context: Context::of_block(ir::Block::Data),
            instances: Instances::default(),
            program: Program::default(),
            diagnostics: Vec::new(),
            n_locals: 0,
            unsupported: HashSet::new(),
            reads: None,
            depth: 0,
        }
    }

    /// Adds a message.
    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Adds a message about what has therefore no value.
    pub(crate) fn refuse<T>(&mut self, diagnostic: Diagnostic) -> Option<T> {
        self.report(diagnostic);
        None
    }

    /// Refuses a function that hlmc does not support yet. Of several uses the first is reported.
    pub(crate) fn refuse_unsupported<T>(&mut self, name: &str, span: Span) -> Option<T> {
        if self.unsupported.insert(name.to_owned()) {
            self.report(diagnostics::calls::not_yet_supported(name, span));
        }
        None
    }

    /// A fresh slot of the frame.
    pub(crate) fn new_local(&mut self) -> Place {
        let place = Place::Local(self.n_locals);
        self.n_locals += 1;
        place
    }

    /// Does something one level deeper, unless that is too deep.
    pub(crate) fn deeper<T>(&mut self, span: Span, f: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        if self.depth >= MAX_DEPTH {
            return self.refuse(diagnostics::types::too_deep(span));
        }
        self.depth += 1;
        let result = f(self);
        self.depth -= 1;
        result
    }

    /// Does something in a scope of its own.
    pub(crate) fn scoped<T>(&mut self, f: impl FnOnce(&mut Self) -> T) -> T {
        self.scope.open();
        let result = f(self);
        self.scope.close();
        result
    }
}
