//! A function of the program as a graph of its own.
//!
//! Its inputs are what the solver gives it and those numbers of its other arguments that are unknown; known ones are part
//! of the graph.

use std::rc::Rc;
use std::sync::Arc;

use hlmc_builtins::value::{Dims, Kind};
use hlmc_check::ir::FunctionArgument;

use super::super::Recorder;
use super::super::stop::{Recorded, unsupported};
use super::super::symbol::{Cells, Entries, Symbol};
use crate::graph::NodeId;
use crate::solve::tape::{Input, Tape};

/// What a solver gives its function.
pub(super) enum Own {
    /// A number.
    Place,
    /// Some numbers in a container of one dimension.
    Container(Kind, usize, Input),
}

/// A function that was recorded, and the unknown numbers of its other arguments.
pub(super) struct Function {
    pub(super) tape: Tape,
    /// One lane each, in the order of the tape's last inputs.
    pub(super) parameters: Vec<NodeId>,
}

impl Recorder<'_> {
    /// Records a function that takes `own` and the `extra` arguments, and returns `n_results` numbers.
    pub(super) fn record_function(
        &mut self,
        function: &FunctionArgument,
        own: &[Own],
        extra: &[Symbol],
        n_results: usize,
    ) -> Recorded<Function> {
        let mut inner = Recorder::new(self.program, Vec::new(), Arc::clone(&self.tables));
        inner.call_depth = self.call_depth + 1;
        inner.unrolls_all = true;
        let mut inputs = Vec::new();
        let mut arguments = Vec::with_capacity(own.len() + extra.len());
        for argument in own {
            let position = inputs.len();
            match argument {
                Own::Place => {
                    inputs.push(Input::Place);
                    arguments.push(Symbol::Node(inner.graph.position(position, 1)));
                }
                Own::Container(kind, n, input) => {
                    inputs.resize(position + n, *input);
                    let node = inner.graph.position(position, *n);
                    arguments.push(inner.packed(*kind, Dims::from_elem(*n, 1), node));
                }
            }
        }
        let n_own = inputs.len();
        let mut parameters = Vec::new();
        for argument in extra {
            arguments.push(self.import(&mut inner, argument, n_own, &mut parameters)?);
        }
        inputs.resize(n_own + parameters.len(), Input::Parameter);
        // Of the right length for conditions that would have to be decided; none is, see below.
        inner.position = vec![super::super::FIRST_COORDINATE; inputs.len()];
        let result = inner.follow(function, arguments, false)?;
        let column = inner.pack(&result)?;
        if inner.graph.lanes(column) != n_results {
            return unsupported("a function that returns another number of numbers than it has to");
        }
        if inner.graph.checks.iter().any(|check| check.is_guard) {
            return unsupported("a function whose steps depend on what a solver gives it");
        }
        match Tape::compile(&inner.graph, column, &inputs, &self.tables) {
            Some(tape) => Ok(Function { tape, parameters }),
            None => unsupported("a function that does not fall apart into scalars"),
        }
    }

    /// An argument inside: known numbers as they are, unknown ones as inputs.
    fn import(
        &mut self,
        inner: &mut Recorder<'_>,
        argument: &Symbol,
        n_own: usize,
        parameters: &mut Vec<NodeId>,
    ) -> Recorded<Symbol> {
        let mut input = |graph: &mut crate::graph::Graph, node: NodeId| {
            parameters.push(node);
            Symbol::Node(graph.position(n_own + parameters.len() - 1, 1))
        };
        match argument {
            Symbol::Int(_) | Symbol::Real(_) | Symbol::Known(_) => Ok(argument.clone()),
            Symbol::LaneInt(_) => self.uniform_int(argument).map(Symbol::Int),
            Symbol::Node(node) => match self.graph.constant_value(*node) {
                Some(value) => Ok(Symbol::Real(value)),
                None => Ok(input(&mut inner.graph, *node)),
            },
            Symbol::Cells(cells) => {
                let mut each = Vec::with_capacity(cells.len());
                for entry in self.each(argument)?.iter() {
                    each.push(match entry {
                        Symbol::Node(node) if !self.graph.is_known(*node) => input(&mut inner.graph, *node),
                        Symbol::Node(node) => Symbol::Real(self.graph.constant_value(*node).unwrap_or(f64::NAN)),
                        known => known.clone(),
                    });
                }
                if each.iter().all(|entry| matches!(entry, Symbol::Node(_))) && !each.is_empty() {
                    let first = n_own + parameters.len() - each.len();
                    let node = inner.graph.position(first, each.len());
                    let entries = Entries::Packed(node);
                    return Ok(Symbol::Cells(Cells { kind: cells.kind, dims: cells.dims.clone(), entries }));
                }
                Ok(inner.container(cells.kind, cells.dims.clone(), each))
            }
            Symbol::Tuple(slots) => {
                let slots = slots.iter().map(|slot| self.import(inner, slot, n_own, parameters));
                Ok(Symbol::Tuple(Rc::new(slots.collect::<Recorded<_>>()?)))
            }
        }
    }
}
