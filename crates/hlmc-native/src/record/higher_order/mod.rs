//! Functions that take functions of the program.
//!
//! Sums and maps are plain calls and are followed. Differential equations, systems of equations and integrals record
//! their function as a graph of its own, see [`inner`], and become one node of [`crate::solve`].

mod inner;
mod maps;
mod solvers;

use hlmc_builtins::higher_order::{OdeCall, RootCall};
use hlmc_check::ir::{Call, Callee, FunctionArgument};

use super::Recorder;
use super::expression::promote;
use super::stop::{Recorded, Stop, unsupported};
use super::symbol::Symbol;

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
        if !arguments.iter().all(|argument| self.is_uniform(argument)) {
            return Err(Stop::Dependent("a solver's arguments differ between iterations"));
        }
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
