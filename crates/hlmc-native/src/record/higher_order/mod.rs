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
        if let Some(ode) = OdeCall::of(&call.name, arguments.len())
            && self.has_known_directions(arguments, &ode)
        {
            return Err(Stop::Dependent("known arguments of a differential equation differ between iterations"));
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
        let entries_of = |argument: &Symbol| match argument {
            Symbol::Cells(Cells { entries: Entries::Each(each), .. }) => each.to_vec(),
            whole => vec![whole.clone()],
        };
        let entries: Vec<Symbol> = arguments.iter().flat_map(entries_of).collect();
        self.in_each_lane(&entries, |recorder, stand_ins| {
            let mut stand_ins = stand_ins.iter().cloned();
            let mut in_lane = |argument: &Symbol| match argument {
                Symbol::Cells(Cells { kind, dims, entries: Entries::Each(each) }) => {
                    recorder.container(*kind, dims.clone(), stand_ins.by_ref().take(each.len()).collect())
                }
                whole => stand_ins.next().unwrap_or_else(|| whole.clone()),
            };
            let arguments: Vec<Symbol> = arguments.iter().map(&mut in_lane).collect();
            recorder.solver(call, function, &arguments)
        })
    }

    /// True when numbers that are known in every lane, but differ, would be among those that a differential equation is
    /// differentiated by: its steps are chosen for the sake of all derivatives, and would be others than forward mode's.
    fn has_known_directions(&self, arguments: &[Symbol], ode: &OdeCall) -> bool {
        let (state_and_start, extra) = (arguments.get(..2), arguments.get(ode.extra.clone()));
        state_and_start.into_iter().chain(extra).flatten().any(|argument| self.is_known_by_lane(argument))
    }

    fn is_known_by_lane(&self, argument: &Symbol) -> bool {
        match argument {
            Symbol::LaneInt(_) => true,
            Symbol::Node(node) => self.graph.is_known(*node) && self.graph.lanes(*node) > 1,
            Symbol::Cells(Cells { entries: Entries::Each(each), .. }) => {
                each.iter().any(|entry| self.is_known_by_lane(entry))
            }
            Symbol::Tuple(slots) => slots.iter().any(|slot| self.is_known_by_lane(slot)),
            _ => false,
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
