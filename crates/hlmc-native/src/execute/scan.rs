//! Scans, interpreted: forwards turn by turn, all values kept; backwards in the opposite order.

use std::sync::Arc;

use hlmc_builtins::Fault;
use smallvec::SmallVec;

use super::{Operand, Slot};
use crate::apply::{DIRECTIONS, Tables};
use crate::each_lane::{EachLane, with_numbers};
use crate::graph::scan::{Action, Scan, Source};

/// A scan with its buffers.
#[derive(Clone, Debug)]
pub(super) struct Recurrence {
    scan: Arc<Scan>,
    inputs: Box<[Operand]>,
    /// Where the values of the steps lie in the workspace: turn after turn, so that a turn finds them side by side.
    history: Slot,
    /// The place of each step among the numbers of a turn.
    places: Box<[usize]>,
    /// Numbers of one turn.
    width: usize,
}

/// Where the numbers of a turn lie, one turn after the other.
pub(crate) struct Places {
    /// The place of each step among the numbers of a turn. An elementwise function has its partials behind its value, a
    /// function of whole columns its other results, where the steps that stand for them have their places.
    pub(crate) places: Box<[usize]>,
    /// Numbers of one turn.
    pub(crate) width: usize,
}

impl Places {
    /// The places of a scan's steps.
    pub(crate) fn new(scan: &Scan) -> Self {
        let mut width = 0;
        let mut places = Vec::with_capacity(scan.steps.len());
        for step in &scan.steps {
            let place = match &step.action {
                Action::Part { step, result } => {
                    places.get(*step as usize).map_or(width, |first| first + *result as usize)
                }
                _ => width,
            };
            places.push(place);
            width += match &step.action {
                Action::Elementwise(_, operands) => 1 + operands.len(),
                Action::Whole { function, .. } => function.n_outputs(),
                Action::Part { .. } => 0,
                _ => 1,
            };
        }
        Places { places: places.into(), width }
    }
}

/// The inputs, and the workspace that those are in which are not known.
#[derive(Clone, Copy)]
struct Inputs<'a> {
    operands: &'a [Operand],
    values: &'a [f64],
}

impl Inputs<'_> {
    /// A lane of an input; one lane stands for all.
    #[inline]
    fn at(&self, input: u32, lane: usize) -> f64 {
        match &self.operands[input as usize] {
            Operand::Slot(slot) => self.values[slot.start + if slot.lanes == 1 { 0 } else { lane }],
            Operand::Known(column) => column[if column.len() == 1 { 0 } else { lane }],
        }
    }
}

/// The numbers of all turns, and which turn it is.
struct Turn<'a> {
    inputs: Inputs<'a>,
    history: &'a [f64],
    places: &'a [usize],
    /// Where the numbers of this turn begin.
    base: usize,
    turn: usize,
}

impl Turn<'_> {
    #[inline]
    fn value(&self, source: Source) -> f64 {
        match source {
            Source::Step(step) => self.history[self.base + self.places[step as usize]],
            Source::Input(input) => self.inputs.at(input, self.turn),
        }
    }

    fn fill(&self, numbers: &mut [f64], sources: &[Source]) {
        numbers.iter_mut().zip(sources).for_each(|(number, source)| *number = self.value(*source));
    }
}

/// Where a value of an earlier turn is found.
enum Earlier {
    Turn(usize),
    Initial { input: u32, lane: usize },
}

impl Recurrence {
    /// Lays out the steps of a scan in the workspace from `start` on.
    pub(super) fn new(scan: Arc<Scan>, inputs: Box<[Operand]>, start: usize) -> Self {
        let Places { places, width } = Places::new(&scan);
        let history = Slot { start, lanes: width * scan.turns };
        Recurrence { scan, inputs, history, places, width }
    }

    fn earlier(&self, action: &Action, turn: usize) -> Option<(u32, Earlier)> {
        match action {
            Action::Carried { step, distance, initial } => {
                let (sequence, within) = (turn / self.scan.sequence, turn % self.scan.sequence);
                let distance = *distance as usize;
                Some(if within < distance {
                    (*step, Earlier::Initial { input: *initial, lane: sequence * distance + within })
                } else {
                    (*step, Earlier::Turn(turn - distance))
                })
            }
            Action::Recalled { step, initial, from } => {
                let from = from[turn] as usize;
                let n_initial = self.inputs[*initial as usize].len();
                Some(match from.checked_sub(n_initial) {
                    Some(turn) => (*step, Earlier::Turn(turn)),
                    None => (*step, Earlier::Initial { input: *initial, lane: from }),
                })
            }
            _ => None,
        }
    }

    /// Runs all turns; `values` is the workspace, the outputs go to `result`.
    pub(super) fn forward(&self, tables: &Tables, values: &mut [f64], result: Slot) -> Result<(), Fault> {
        let (operands, rest) = values.split_at_mut(self.history.start);
        let (history, outputs) = rest.split_at_mut(self.history.lanes);
        let inputs = Inputs { operands: &self.inputs, values: operands };
        for turn in 0..self.scan.turns {
            self.forward_turn(tables, inputs, history, turn)?;
        }
        debug_assert_eq!(result.start, self.history.start + self.history.lanes);
        for (column, output) in outputs.chunks_exact_mut(self.scan.turns).zip(&self.scan.outputs) {
            let (step, place) = (&self.scan.steps[*output as usize], self.places[*output as usize]);
            for (turn, out) in column.iter_mut().enumerate() {
                *out = if self.scan.runs(step, turn) { history[turn * self.width + place] } else { 0.0 };
            }
        }
        Ok(())
    }

    fn forward_turn(&self, tables: &Tables, inputs: Inputs<'_>, history: &mut [f64], turn: usize) -> Result<(), Fault> {
        let base = turn * self.width;
        for (step, place) in self.scan.steps.iter().zip(&self.places) {
            if !self.scan.runs(step, turn) {
                continue;
            }
            let at = Turn { inputs, history, places: &self.places, base, turn };
            let value = match &step.action {
                Action::Unary(unary, x) => unary.value(at.value(*x)),
                Action::Binary(binary, x, y) => binary.value(at.value(*x), at.value(*y)),
                Action::Whole { function, lanes, operands } => {
                    let outputs = *place..place + function.n_outputs();
                    with_numbers([operands.len()], |[x]| {
                        let at = Turn { inputs, history: &*history, places: &self.places, base, turn };
                        at.fill(x, operands);
                        function.forward_lane(lanes[turn] as usize, x, &mut history[base..][outputs])
                    })?;
                    continue;
                }
                // In its place already.
                Action::Part { .. } => continue,
                Action::Sum(operands) => operands.iter().map(|source| at.value(*source)).sum(),
                Action::Where(mask, x, y) => at.value(if at.value(*mask) == 0.0 { *y } else { *x }),
                Action::Select(choice, operands) => at.value(operands[choice[turn] as usize]),
                Action::Elementwise(function, operands) => {
                    let x: SmallVec<[f64; DIRECTIONS]> = operands.iter().map(|source| at.value(*source)).collect();
                    let partials = &mut history[base + place + 1..][..x.len()];
                    function.partials(tables, &x, partials)?
                }
                Action::Carried { .. } | Action::Recalled { .. } => match self.earlier(&step.action, turn) {
                    Some((step, Earlier::Turn(turn))) => history[turn * self.width + self.places[step as usize]],
                    Some((_, Earlier::Initial { input, lane })) => inputs.at(input, lane),
                    None => f64::NAN,
                },
            };
            history[base + place] = value;
        }
        Ok(())
    }

    /// Adds to the adjoints of the inputs; those of the history are zero before.
    pub(super) fn reverse(&self, values: &[f64], adjoints: &mut [f64], result: Slot) -> Result<(), Fault> {
        let (operands, rest) = adjoints.split_at_mut(self.history.start);
        let (adjoint_history, outputs) = rest.split_at_mut(self.history.lanes);
        let outputs = &outputs[..result.lanes];
        let history = &values[self.history.start..][..self.history.lanes];
        let inputs = Inputs { operands: &self.inputs, values };
        for (column, output) in outputs.chunks_exact(self.scan.turns).zip(&self.scan.outputs) {
            let place = self.places[*output as usize];
            for (turn, adjoint) in column.iter().enumerate() {
                adjoint_history[turn * self.width + place] += adjoint;
            }
        }
        for turn in (0..self.scan.turns).rev() {
            let at = Turn { inputs, history, places: &self.places, base: turn * self.width, turn };
            self.reverse_turn(&at, adjoint_history, operands)?;
        }
        Ok(())
    }

    fn reverse_turn(&self, at: &Turn<'_>, adjoints: &mut [f64], operands: &mut [f64]) -> Result<(), Fault> {
        for (step, place) in self.scan.steps.iter().zip(&self.places).rev() {
            let here = at.base + place;
            let adjoint = adjoints[here];
            if let Action::Whole { function, lanes, operands: sources } = &step.action {
                if self.scan.runs(step, at.turn) {
                    let call = (function, lanes[at.turn] as usize, &sources[..]);
                    self.reverse_call(at, here, call, adjoints, operands)?;
                }
                continue;
            }
            if adjoint == 0.0 || !self.scan.runs(step, at.turn) {
                continue;
            }
            let mut add = |source: Source, x: f64| self.give(at, source, x, adjoints, operands);
            match &step.action {
                Action::Unary(unary, x) => add(*x, adjoint * unary.derivative(at.value(*x), at.history[here])),
                Action::Binary(binary, x, y) => {
                    let (dx, dy) = binary.partials(at.value(*x), at.value(*y), at.history[here]);
                    add(*x, adjoint * dx);
                    add(*y, adjoint * dy);
                }
                // By itself above, with the adjoints of all its results.
                Action::Whole { .. } | Action::Part { .. } => {}
                Action::Sum(operands) => operands.iter().for_each(|source| add(*source, adjoint)),
                Action::Where(mask, x, y) => add(if at.value(*mask) == 0.0 { *y } else { *x }, adjoint),
                Action::Select(choice, operands) => add(operands[choice[at.turn] as usize], adjoint),
                Action::Elementwise(_, operands) => {
                    for (source, partial) in operands.iter().zip(&at.history[here + 1..]) {
                        add(*source, adjoint * partial);
                    }
                }
                Action::Carried { .. } | Action::Recalled { .. } => match self.earlier(&step.action, at.turn) {
                    Some((step, Earlier::Turn(turn))) => {
                        adjoints[turn * self.width + self.places[step as usize]] += adjoint;
                    }
                    Some((_, Earlier::Initial { input, lane })) => {
                        add_to_input(&self.inputs[input as usize], operands, lane, adjoint);
                    }
                    None => {}
                },
            }
        }
        Ok(())
    }

    /// Adds to the adjoint of an operand.
    #[inline]
    fn give(&self, at: &Turn<'_>, source: Source, x: f64, adjoints: &mut [f64], operands: &mut [f64]) {
        match source {
            Source::Step(step) => adjoints[at.base + self.places[step as usize]] += x,
            Source::Input(input) => add_to_input(&self.inputs[input as usize], operands, at.turn, x),
        }
    }

    /// The way back through a function of a lane, whose results begin `here`.
    fn reverse_call(
        &self,
        at: &Turn<'_>,
        here: usize,
        (function, lane, sources): (&EachLane, usize, &[Source]),
        adjoints: &mut [f64],
        operands: &mut [f64],
    ) -> Result<(), Fault> {
        let n_results = function.n_outputs();
        if adjoints[here..][..n_results].iter().all(|adjoint| *adjoint == 0.0) {
            return Ok(());
        }
        with_numbers([sources.len(), sources.len()], |[x, x_bar]| {
            at.fill(x, sources);
            let y = &at.history[here..][..n_results];
            function.reverse_lane(lane, x, y, &mut adjoints[here..][..n_results], x_bar)?;
            sources.iter().zip(&*x_bar).for_each(|(source, x_bar)| self.give(at, *source, *x_bar, adjoints, operands));
            Ok(())
        })
    }
}

/// The outputs of a scan whose inputs are known.
pub(crate) fn known_scan(scan: Scan, inputs: Vec<Arc<[f64]>>, tables: &Tables) -> Result<Vec<f64>, Fault> {
    let lanes = scan.lanes();
    let inputs = inputs.into_iter().map(Operand::Known).collect();
    let recurrence = Recurrence::new(Arc::new(scan), inputs, 0);
    let mut workspace = vec![0.0; recurrence.history.lanes + lanes];
    recurrence.forward(tables, &mut workspace, Slot { start: recurrence.history.lanes, lanes })?;
    Ok(workspace.split_off(recurrence.history.lanes))
}

fn add_to_input(input: &Operand, adjoints: &mut [f64], lane: usize, x: f64) {
    if let Operand::Slot(slot) = input {
        adjoints[slot.start + if slot.lanes == 1 { 0 } else { lane }] += x;
    }
}
