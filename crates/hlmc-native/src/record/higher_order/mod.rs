//! Functions that take functions of the program.
//!
//! Sums and maps are plain calls and are followed. Differential equations, systems of equations and integrals record
//! their function as a graph of its own, see [`inner`], and become one node of [`crate::solve`].

mod inner;
mod maps;
mod solvers;

use std::rc::Rc;

use hlmc_builtins::higher_order::{OdeCall, RootCall};
use hlmc_check::ir::{Call, Callee, FunctionArgument};

use super::Recorder;
use super::expression::promote;
use super::stop::{Recorded, Stop, unsupported};
use super::symbol::{Cells, Entries, Symbol};

impl Recorder<'_> {
    /// A call of a function that takes a function.
    pub(super) fn higher_order(
        &mut self,
        call: &Call,
        function: &FunctionArgument,
        arguments: &[Symbol],
    ) -> Recorded<Symbol> {
        let propto = call.propto && self.frame.propto;
        match call.name.as_str() {
            "reduce_sum" | "reduce_sum_static" => return self.reduce_sum(function, arguments, propto),
            "map_rect" => return self.map_rect(function, arguments),
            _ => {}
        }
        if arguments.iter().all(|argument| self.is_uniform(argument)) {
            return self.solver(call, function, arguments);
        }
        // What is not supported for all lanes together may be known turn by turn.
        let solved = self.solver_in_each_lane(call, function, arguments);
        solved.map_err(|stop| match stop {
            Stop::Unsupported(_) => Stop::Dependent("a solver's arguments differ between iterations"),
            other => other,
        })
    }

    /// A call of a solver in every lane. Entry by entry, so that what is known of an argument stays known.
    fn solver_in_each_lane(
        &mut self,
        call: &Call,
        function: &FunctionArgument,
        arguments: &[Symbol],
    ) -> Recorded<Symbol> {
        let mut entries = Vec::new();
        arguments.iter().for_each(|argument| add_entries(argument, &mut entries));
        self.in_each_lane(&entries, |recorder, stand_ins| {
            let mut stand_ins = stand_ins.iter().cloned();
            let arguments: Vec<Symbol> =
                arguments.iter().map(|argument| recorder.with_entries(argument, &mut stand_ins)).collect();
            recorder.solver(call, function, &arguments)
        })
    }

    /// An argument with other entries, see [`add_entries`].
    fn with_entries(&self, argument: &Symbol, entries: &mut impl Iterator<Item = Symbol>) -> Symbol {
        match argument {
            Symbol::Cells(Cells { kind, dims, entries: Entries::Each(each) }) => {
                self.container(*kind, dims.clone(), entries.take(each.len()).collect())
            }
            Symbol::Tuple(slots) => {
                let slots = slots.iter().map(|slot| self.with_entries(slot, entries)).collect();
                Symbol::Tuple(Rc::new(slots))
            }
            whole => entries.next().unwrap_or_else(|| whole.clone()),
        }
    }

    /// A call of a solver, whose arguments are the same in all lanes.
    fn solver(&mut self, call: &Call, function: &FunctionArgument, arguments: &[Symbol]) -> Recorded<Symbol> {
        if let Some(ode) = OdeCall::of(&call.name, arguments.len()) {
            return self.ode(function, arguments, &ode);
        }
        if let Some(root) = RootCall::of(&call.name, arguments.len()) {
            return self.root(function, arguments, &root);
        }
        match call.name.as_str() {
            "integrate_1d" => self.integral(function, arguments),
            name => unsupported(name),
        }
    }

    /// Follows a function that was handed on.
    fn follow(&mut self, function: &FunctionArgument, arguments: Vec<Symbol>, propto: bool) -> Recorded<Symbol> {
        let Callee::User(index) = function.callee else { return unsupported("a function of the table handed on") };
        let promoted = arguments.into_iter().zip(&function.parameters).map(|(argument, ty)| promote(argument, ty));
        let promoted = promoted.collect::<Recorded<Vec<_>>>()?;
        self.user(index, promoted, propto)
    }
}

/// The entries of an argument that differ from one another in what is known of them; other arguments are entries themselves.
fn add_entries(argument: &Symbol, entries: &mut Vec<Symbol>) {
    match argument {
        Symbol::Cells(Cells { entries: Entries::Each(each), .. }) => entries.extend(each.iter().cloned()),
        Symbol::Tuple(slots) => slots.iter().for_each(|slot| add_entries(slot, entries)),
        whole => entries.push(whole.clone()),
    }
}
