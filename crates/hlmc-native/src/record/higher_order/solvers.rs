//! Calls of solvers as nodes of [`crate::solve`].

use std::sync::Arc;

use hlmc_builtins::Fault;
use hlmc_builtins::higher_order::{N_INTEGRAL_OWN, N_LIMITS, OdeCall, RootCall};
use hlmc_builtins::value::{Dims, Kind};
use hlmc_check::ir::FunctionArgument;

use super::super::Recorder;
use super::super::stop::{Recorded, Stop, unsupported};
use super::super::symbol::Symbol;
use super::inner::Own;
use crate::apply::Whole;
use crate::graph::NodeId;
use crate::solve::tape::Input;
use crate::solve::{Given, OdeInput, OdeSolution, Quadrature, RootSolution};

impl Recorder<'_> {
    /// The states at the times, one after the other.
    pub(super) fn ode(&mut self, function: &FunctionArgument, arguments: &[Symbol], ode: &OdeCall) -> Recorded<Symbol> {
        let [state, start, times, ..] = arguments else { return unsupported("a solver without its arguments") };
        let control = ode.control(|i| self.smallest(arguments, i)).map_err(fault_as_stop)?;
        let mut inputs = Vec::new();
        let initial = self.given(state, &mut inputs)?;
        let start = self.given(start, &mut inputs)?[0];
        let (n, n_times) = (initial.len(), times.shape().1.first().copied().unwrap_or(0));
        if n == 0 || n_times == 0 {
            return unsupported("a differential equation without states or times");
        }
        let own = [Own::Place, Own::Container(ode.state_kind, n, Input::State)];
        let extra = arguments.get(ode.extra.clone()).unwrap_or(&[]);
        let recorded = self.record_function(function, &own, extra, n)?;
        let first_parameter = inputs.len();
        inputs.extend(recorded.parameters);
        let n_before_times = inputs.len();
        let times = self.given(times, &mut inputs)?;
        let kind = |(i, node): (usize, &NodeId)| match node {
            node if self.known_in_lanes.contains(node) => OdeInput::Constant,
            _ if i < n_before_times => OdeInput::Direction,
            _ => OdeInput::Time,
        };
        let kinds = inputs.iter().enumerate().map(kind).collect();
        let solution = OdeSolution::new(recorded.tape, (start, initial), times, control, (kinds, first_parameter));
        let index: Vec<u32> = (0..n_times)
            .flat_map(|i| (0..n).map(move |k| (i, k)))
            .map(|(i, k)| solution.position(i, k) as u32)
            .collect();
        let n_outputs = solution.n_outputs();
        let states = self.solved(solution, &inputs, n_outputs, &index)?;
        Ok(self.packed(ode.state_kind, Dims::from_slice(&[n_times, n]), states))
    }

    /// The vector at which the function is 0.
    pub(super) fn root(
        &mut self,
        function: &FunctionArgument,
        arguments: &[Symbol],
        root: &RootCall,
    ) -> Recorded<Symbol> {
        let Some(guess) = arguments.first() else { return unsupported("a solver without a guess") };
        let control = root.control(|i| self.smallest(arguments, i)).map_err(fault_as_stop)?;
        let n = guess.shape().1.first().copied().unwrap_or(0);
        if n == 0 {
            return unsupported("a system of no equations");
        }
        let own = [Own::Container(Kind::Vector, n, Input::Place)];
        let extra = arguments.get(root.extra.clone()).unwrap_or(&[]);
        let recorded = self.record_function(function, &own, extra, n)?;
        let mut inputs = recorded.parameters;
        let guess = self.given(guess, &mut inputs)?;
        let solution = RootSolution::new(recorded.tape, guess, control);
        let index: Vec<u32> = (0..n).map(|k| solution.position(k) as u32).collect();
        let n_outputs = solution.n_outputs();
        let root = self.solved(solution, &inputs, n_outputs, &index)?;
        Ok(self.packed(Kind::Vector, Dims::from_elem(n, 1), root))
    }

    /// The integral from the first argument to the second.
    pub(super) fn integral(&mut self, function: &FunctionArgument, arguments: &[Symbol]) -> Recorded<Symbol> {
        let [low, high, ..] = arguments else { return unsupported("an integral without limits") };
        let tolerance = if arguments.len() > N_INTEGRAL_OWN {
            self.smallest(arguments, N_INTEGRAL_OWN).map_err(fault_as_stop)?
        } else {
            f64::EPSILON.sqrt()
        };
        let extra = arguments.get(N_LIMITS..N_INTEGRAL_OWN).unwrap_or(&[]);
        let recorded = self.record_function(function, &[Own::Place, Own::Place], extra, 1)?;
        let mut inputs = recorded.parameters;
        let limits = [self.given(low, &mut inputs)?[0], self.given(high, &mut inputs)?[0]];
        let quadrature = Quadrature::new(recorded.tape, limits, tolerance);
        let n_outputs = quadrature.n_outputs();
        let integral = self.solved(quadrature, &inputs, n_outputs, &[0])?;
        Ok(self.scalar(integral))
    }

    /// The smallest number of a known argument.
    fn smallest(&self, arguments: &[Symbol], i: usize) -> Result<f64, Fault> {
        let value = arguments.get(i).and_then(|argument| self.known_value(argument));
        let value = value.ok_or_else(|| Fault::fatal("has controls that are not data"))?;
        let numbers = (0..value.n_entries()).filter_map(|entry| value.real_at(entry));
        Ok(numbers.fold(f64::INFINITY, f64::min))
    }

    /// The numbers of an argument, of which the unknown ones become inputs.
    fn given(&mut self, argument: &Symbol, inputs: &mut Vec<NodeId>) -> Recorded<Box<[Given]>> {
        let mut given = Vec::new();
        for entry in self.each(argument)?.iter() {
            let node = self.node(entry)?;
            given.push(match self.graph.constant_value(node) {
                Some(value) => Given::Known(value),
                None => {
                    inputs.push(node);
                    Given::Input(inputs.len() - 1)
                }
            });
        }
        Ok(given.into())
    }

    /// The outputs at `index` of a solution; known if it has no inputs.
    fn solved(
        &mut self,
        solution: impl Whole + 'static,
        inputs: &[NodeId],
        n_outputs: usize,
        index: &[u32],
    ) -> Recorded<NodeId> {
        if inputs.is_empty() {
            let mut outputs = vec![0.0; n_outputs];
            solution.forward(&[], &mut outputs).map_err(fault_as_stop)?;
            let known: Vec<f64> = index.iter().map(|i| outputs[*i as usize]).collect();
            return Ok(self.graph.known(&known));
        }
        let inputs = self.graph.concatenate(inputs);
        let outputs = self.graph.whole(Arc::new(solution), inputs, n_outputs);
        Ok(self.graph.gather(outputs, index))
    }
}

/// A fault of a solver whose arguments are known.
fn fault_as_stop(fault: Fault) -> Stop {
    Stop::Unsupported(fault.message)
}
