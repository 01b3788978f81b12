//! Loops that carry values: forwards turn after turn, with everything kept for the way back.
//!
//! Values of the last few turns stay in registers, in a *window* for each of the steps that carry them; others are
//! found in memory, where the numbers of all turns lie one turn after the other.

mod reverse;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, Value, types};
use cranelift_frontend::Variable;

use super::generator::scalar::is_kernel;
use super::generator::{Generator, SIZE};
use super::machine::Width;
use super::operation::{self, Reads};
use super::pair::flags;
use super::side_by_side::{Batch, two_by_two};
use crate::execute::scan::Places;
use crate::graph::scan::{Action, Scan, Source};
use crate::graph::{NodeId, Operation};
pub(super) use reverse::reverse;

/// Values of so many turns back are kept in registers.
const MAX_WINDOW: u32 = 4;

/// Longer bodies are left to the interpreter, since they take long to compile.
const MAX_STEPS: usize = 2_000;

/// True for scans that have code: all steps in every turn, and none that calls a function.
pub(super) fn is_compiled(scan: &Scan) -> bool {
    let is_call =
        |action: &Action| matches!(action, Action::Elementwise(..) | Action::Whole { .. } | Action::Part { .. });
    scan.turns > 0
        && scan.steps.len() <= MAX_STEPS
        && scan.steps.iter().all(|step| step.guard.is_none() && !is_call(&step.action))
}

/// The steps whose numbers the way back or later turns read.
fn kept_steps(scan: &Scan) -> Vec<bool> {
    let mut is_kept = vec![false; scan.steps.len()];
    let mut read = |source: &Source| {
        if let Source::Step(step) = source {
            is_kept[*step as usize] = true;
        }
    };
    for (i, step) in scan.steps.iter().enumerate() {
        let own = Source::Step(i as u32);
        match &step.action {
            Action::Unary(unary, x) => {
                let reads = Reads::of_unary(*unary);
                [(reads.operands[0], x), (reads.own, &own)]
                    .iter()
                    .filter(|(is_read, _)| *is_read)
                    .for_each(|(_, x)| read(x));
            }
            Action::Binary(binary, x, y) => {
                let reads = Reads::of_binary(*binary);
                let all = [(reads.operands[0], x), (reads.operands[1], y), (reads.own, &own)];
                all.iter().filter(|(is_read, _)| *is_read).for_each(|(_, x)| read(x));
            }
            Action::Where(mask, ..) => read(mask),
            Action::Carried { step, .. } | Action::Recalled { step, .. } => read(&Source::Step(*step)),
            // Calls are not compiled, see `is_compiled`.
            Action::Sum(_)
            | Action::Select(..)
            | Action::Elementwise(..)
            | Action::Whole { .. }
            | Action::Part { .. } => {}
        }
    }
    is_kept
}

/// A scan being emitted.
struct Turns {
    id: NodeId,
    scan: Arc<Scan>,
    inputs: Box<[NodeId]>,
    places: Places,
    /// Where the numbers of the turns begin in the workspace, in bytes.
    history: i64,
    /// Steps whose numbers are looked up in memory, on the way back or in later turns.
    is_kept: Vec<bool>,
    /// Registers of the last turns, for steps of the kind `Carried`.
    windows: BTreeMap<usize, Vec<Variable>>,
    /// Sums over turns of what inputs of one lane are given.
    shared: BTreeMap<u32, Variable>,
    /// The number of the turn, and its place in its sequence.
    turn: Variable,
    within: Variable,
    sequence: Variable,
}

/// What is known in one turn.
struct Turn {
    /// The turn.
    number: Value,
    /// Its distance from the start of a column of numbers, in bytes.
    offset: Value,
    /// The distance of its numbers from the start of the history, in bytes.
    base: Value,
    values: Vec<Option<Value>>,
    inputs: HashMap<u32, Value>,
}

/// Emits the forward sweep of a scan.
pub(super) fn forward(g: &mut Generator<'_, '_>, id: NodeId) {
    let Some(mut turns) = Turns::new(g, id) else { return };
    let initial: Vec<(usize, Vec<Value>)> = turns.windowed().map(|i| (i, turns.initial(g, i))).collect();
    for (i, values) in initial {
        let window = values.into_iter().map(|value| variable(g, value)).collect();
        turns.windows.insert(i, window);
    }
    let n_turns = turns.scan.turns as i64;
    let (block, exit) = turns.enter(g, 0);
    let mut turn = turns.at(g);
    for batch in turns.batches() {
        match batch {
            Batch::One(i) => {
                let value = turns.value(g, &mut turn, i);
                turns.keep(g, &mut turn, i, value);
            }
            Batch::Two(first, second) => turns.kernel_twice(g, &mut turn, [first, second]),
        }
    }
    turns.write_outputs(g, &turn);
    turns.shift_forward(g, &turn);
    let next = turns.step_forward(g, &turn);
    let goes_on = g.builder.ins().icmp_imm(IntCC::SignedLessThan, next, n_turns);
    leave(g, goes_on, block, exit);
}

/// A variable with its first value.
fn variable(g: &mut Generator<'_, '_>, value: Value) -> Variable {
    let ty = g.builder.func.dfg.value_type(value);
    let variable = g.builder.declare_var(ty);
    g.builder.def_var(variable, value);
    variable
}

/// Ends a loop's block.
fn leave(
    g: &mut Generator<'_, '_>,
    goes_on: Value,
    block: cranelift_codegen::ir::Block,
    exit: cranelift_codegen::ir::Block,
) {
    g.builder.ins().brif(goes_on, block, &[], exit, &[]);
    g.builder.seal_block(block);
    g.builder.switch_to_block(exit);
    g.builder.seal_block(exit);
}

impl Turns {
    fn new(g: &mut Generator<'_, '_>, id: NodeId) -> Option<Turns> {
        let Operation::Scan(scan, inputs) = g.plan.graph.node(id).operation.clone() else { return None };
        let scan = Arc::clone(&g.plan.graph.scans[scan.0 as usize]);
        let zero = g.builder.ins().iconst(types::I64, 0);
        let (turn, within, sequence) = (variable(g, zero), variable(g, zero), variable(g, zero));
        for input in &inputs {
            if g.plan.graph.lanes(*input) == 1 {
                g.scalar(*input);
            }
        }
        Some(Turns {
            id,
            places: Places::new(&scan),
            history: (g.layout.scratch(id) * SIZE) as i64,
            is_kept: kept_steps(&scan),
            inputs,
            scan,
            windows: BTreeMap::new(),
            shared: BTreeMap::new(),
            turn,
            within,
            sequence,
        })
    }

    /// The place of a step among the numbers of its turn, in bytes.
    fn place(&self, step: usize) -> i32 {
        (self.places.places[step] * SIZE) as i32
    }

    fn distance(&self, step: usize) -> u32 {
        match self.scan.steps[step].action {
            Action::Carried { distance, .. } => distance,
            _ => 0,
        }
    }

    /// Steps whose carried value is in registers.
    fn windowed(&self) -> impl Iterator<Item = usize> + '_ {
        let is_one_sequence = self.scan.sequence == self.scan.turns;
        (0..self.scan.steps.len()).filter(move |i| is_one_sequence && (1..=MAX_WINDOW).contains(&self.distance(*i)))
    }

    /// The values before the first turns that a carried step sees, turn by turn.
    fn initial(&self, g: &mut Generator<'_, '_>, step: usize) -> Vec<Value> {
        let Action::Carried { distance, initial, .. } = self.scan.steps[step].action else { return Vec::new() };
        let input = self.inputs[initial as usize];
        if g.plan.graph.lanes(input) == 1 {
            return vec![g.scalar(input); distance as usize];
        }
        let column = g.column(input);
        (0..distance as usize)
            .map(|lane| g.builder.ins().load(types::F64, flags(), column, (lane * SIZE) as i32))
            .collect()
    }

    /// Begins the loop at a turn.
    fn enter(
        &self,
        g: &mut Generator<'_, '_>,
        first: i64,
    ) -> (cranelift_codegen::ir::Block, cranelift_codegen::ir::Block) {
        let length = self.scan.sequence.max(1) as i64;
        for (variable, value) in [(self.turn, first), (self.within, first % length), (self.sequence, first / length)] {
            let value = g.builder.ins().iconst(types::I64, value);
            g.builder.def_var(variable, value);
        }
        let (block, exit) = (g.builder.create_block(), g.builder.create_block());
        g.builder.ins().jump(block, &[]);
        g.builder.switch_to_block(block);
        (block, exit)
    }

    fn at(&self, g: &mut Generator<'_, '_>) -> Turn {
        let number = g.builder.use_var(self.turn);
        let offset = g.builder.ins().ishl_imm(number, SIZE.trailing_zeros() as i64);
        let base = g.builder.ins().imul_imm(number, (self.places.width * SIZE) as i64);
        let base = g.builder.ins().iadd_imm(base, self.history);
        Turn { number, offset, base, values: vec![None; self.scan.steps.len()], inputs: HashMap::new() }
    }

    fn step_forward(&self, g: &mut Generator<'_, '_>, turn: &Turn) -> Value {
        let next = g.builder.ins().iadd_imm(turn.number, 1);
        g.builder.def_var(self.turn, next);
        let (within, sequence) = (g.builder.use_var(self.within), g.builder.use_var(self.sequence));
        let within = g.builder.ins().iadd_imm(within, 1);
        let is_over = g.builder.ins().icmp_imm(IntCC::Equal, within, self.scan.sequence as i64);
        let zero = g.builder.ins().iconst(types::I64, 0);
        let later = g.builder.ins().iadd_imm(sequence, 1);
        let within = g.builder.ins().select(is_over, zero, within);
        let sequence = g.builder.ins().select(is_over, later, sequence);
        g.builder.def_var(self.within, within);
        g.builder.def_var(self.sequence, sequence);
        next
    }

    fn step_reverse(&self, g: &mut Generator<'_, '_>, turn: &Turn) -> Value {
        let next = g.builder.ins().iadd_imm(turn.number, -1);
        g.builder.def_var(self.turn, next);
        let (within, sequence) = (g.builder.use_var(self.within), g.builder.use_var(self.sequence));
        let is_first = g.builder.ins().icmp_imm(IntCC::Equal, within, 0);
        let last = g.builder.ins().iconst(types::I64, self.scan.sequence as i64 - 1);
        let before = g.builder.ins().iadd_imm(within, -1);
        let earlier = g.builder.ins().iadd_imm(sequence, -1);
        let within = g.builder.ins().select(is_first, last, before);
        let sequence = g.builder.ins().select(is_first, earlier, sequence);
        g.builder.def_var(self.within, within);
        g.builder.def_var(self.sequence, sequence);
        next
    }

    fn source(&self, g: &mut Generator<'_, '_>, turn: &mut Turn, source: Source) -> Value {
        match source {
            Source::Step(step) => self.kept(g, turn, step as usize),
            Source::Input(input) => self.input(g, turn, input),
        }
    }

    /// The value of a step of this turn: in a register, or where the forward sweep has left it.
    fn kept(&self, g: &mut Generator<'_, '_>, turn: &mut Turn, step: usize) -> Value {
        if let Some(value) = turn.values[step] {
            return value;
        }
        let address = g.builder.ins().iadd(g.values, turn.base);
        let value = g.builder.ins().load(types::F64, flags(), address, self.place(step));
        turn.values[step] = Some(value);
        value
    }

    fn input(&self, g: &mut Generator<'_, '_>, turn: &mut Turn, input: u32) -> Value {
        let id = self.inputs[input as usize];
        if g.plan.graph.lanes(id) == 1 {
            return g.scalar(id);
        }
        if let Some(value) = turn.inputs.get(&input) {
            return *value;
        }
        let column = g.column(id);
        let address = g.builder.ins().iadd(column, turn.offset);
        let value = g.builder.ins().load(types::F64, flags(), address, 0);
        turn.inputs.insert(input, value);
        value
    }

    /// The steps in the order in which they are emitted.
    fn batches(&self) -> Vec<Batch<usize>> {
        let steps = &self.scan.steps;
        let all: Vec<usize> = (0..steps.len()).collect();
        let operands = |i: usize, f: &mut dyn FnMut(usize)| {
            steps[i].action.for_each_source(|source| {
                if let Source::Step(step) = source {
                    f(step as usize);
                }
            });
        };
        let kernel = |i: usize| match steps[i].action {
            Action::Unary(unary, _) => Some(unary).filter(|unary| is_kernel(*unary)),
            _ => None,
        };
        two_by_two(&all, operands, kernel)
    }

    /// Keeps a step's value for later steps and, where they need it, for later turns and the way back.
    fn keep(&self, g: &mut Generator<'_, '_>, turn: &mut Turn, i: usize, value: Value) {
        turn.values[i] = Some(value);
        if !self.is_kept[i] {
            return;
        }
        let address = g.builder.ins().iadd(g.values, turn.base);
        g.builder.ins().store(flags(), value, address, self.place(i));
    }

    /// Two steps that are the same kernel.
    fn kernel_twice(&self, g: &mut Generator<'_, '_>, turn: &mut Turn, pair: [usize; 2]) {
        let operands = pair.map(|i| match self.scan.steps[i].action {
            Action::Unary(unary, x) => Some((unary, self.source(g, turn, x))),
            _ => None,
        });
        let [Some((unary, first)), Some((_, second))] = operands else { return };
        let computed = g.unary_twice(unary, [first, second], false);
        pair.into_iter().zip(computed).for_each(|(i, computed)| self.keep(g, turn, i, computed.value));
    }

    fn value(&self, g: &mut Generator<'_, '_>, turn: &mut Turn, i: usize) -> Value {
        match &self.scan.steps[i].action {
            Action::Unary(unary, x) => {
                let x = self.source(g, turn, *x);
                let mut e = g.emitter(Width::One);
                operation::unary(&mut e, *unary, x, false).value
            }
            Action::Binary(binary, x, y) => {
                let operands = (self.source(g, turn, *x), self.source(g, turn, *y));
                let mut e = g.emitter(Width::One);
                operation::binary(&mut e, *binary, operands, false).value
            }
            Action::Sum(operands) => {
                let mut sum = g.builder.ins().f64const(0.0);
                for (k, source) in operands.iter().enumerate() {
                    let x = self.source(g, turn, *source);
                    sum = if k == 0 { x } else { g.builder.ins().fadd(sum, x) };
                }
                sum
            }
            Action::Where(mask, x, y) => {
                let [mask, x, y] = [mask, x, y].map(|source| self.source(g, turn, *source));
                Self::choose(g, mask, x, y)
            }
            Action::Select(choice, operands) => {
                let chosen = self.chosen(g, turn, choice);
                let mut value = self.source(g, turn, operands[0]);
                for (k, source) in operands.iter().enumerate().skip(1) {
                    let other = self.source(g, turn, *source);
                    let is_this = g.builder.ins().icmp_imm(IntCC::Equal, chosen, k as i64);
                    value = g.builder.ins().select(is_this, other, value);
                }
                value
            }
            Action::Carried { .. } if self.windows.contains_key(&i) => g.builder.use_var(self.windows[&i][0]),
            Action::Carried { .. } | Action::Recalled { .. } => {
                let address = self.earlier(g, turn, i, g.values);
                g.builder.ins().load(types::F64, flags(), address, 0)
            }
            // Not compiled, see `is_compiled`.
            Action::Elementwise(..) | Action::Whole { .. } | Action::Part { .. } => g.builder.ins().f64const(f64::NAN),
        }
    }

    /// The operand that a selection takes in this turn.
    fn chosen(&self, g: &mut Generator<'_, '_>, turn: &Turn, choice: &Arc<[u32]>) -> Value {
        let address = g.builder.ins().iconst(types::I64, choice.as_ptr() as i64);
        g.indices.push(Arc::clone(choice));
        let offset = g.builder.ins().ushr_imm(turn.offset, 1);
        let address = g.builder.ins().iadd(address, offset);
        g.builder.ins().uload32(flags(), address, 0)
    }

    /// The address, in the workspace that begins at `workspace`, of the number that a step takes from an earlier turn.
    /// Known initial values have an address of their own, which is of no use among adjoints, see [`Turns::add_earlier`].
    fn earlier(&self, g: &mut Generator<'_, '_>, turn: &Turn, i: usize, workspace: Value) -> Value {
        let (step, initial, is_before, lane, distance) = self.locate(g, turn, i);
        let id = self.inputs[initial as usize];
        let column = match g.plan.graph.is_known(id) {
            true => g.column(id),
            false => {
                let start = i64::from(g.slot_offset(id));
                g.builder.ins().iadd_imm(workspace, start)
            }
        };
        let lane = if g.plan.graph.lanes(id) == 1 { g.builder.ins().iconst(types::I64, 0) } else { lane };
        let lane_offset = g.builder.ins().ishl_imm(lane, SIZE.trailing_zeros() as i64);
        let before = g.builder.ins().iadd(column, lane_offset);
        let there = g.builder.ins().imul_imm(distance, (self.places.width * SIZE) as i64);
        let there = g.builder.ins().iadd_imm(there, self.history + i64::from(self.place(step as usize)));
        let after = g.builder.ins().iadd(workspace, there);
        g.builder.ins().select(is_before, before, after)
    }

    /// What a step takes from an earlier turn: the step there, the input before the loop, whether it is from before the
    /// loop, the lane of the input if so, and the turn if not.
    fn locate(&self, g: &mut Generator<'_, '_>, turn: &Turn, i: usize) -> (u32, u32, Value, Value, Value) {
        match &self.scan.steps[i].action {
            Action::Carried { step, distance, initial } => {
                let (within, sequence) = (g.builder.use_var(self.within), g.builder.use_var(self.sequence));
                let distance = i64::from(*distance);
                let is_before = g.builder.ins().icmp_imm(IntCC::SignedLessThan, within, distance);
                let first = g.builder.ins().imul_imm(sequence, distance);
                let lane = g.builder.ins().iadd(first, within);
                (*step, *initial, is_before, lane, g.builder.ins().iadd_imm(turn.number, -distance))
            }
            Action::Recalled { step, initial, from } => {
                let from = self.chosen(g, turn, from);
                let n_initial = g.plan.graph.lanes(self.inputs[*initial as usize]) as i64;
                let is_before = g.builder.ins().icmp_imm(IntCC::SignedLessThan, from, n_initial);
                (*step, *initial, is_before, from, g.builder.ins().iadd_imm(from, -n_initial))
            }
            // Only these two reach back.
            _ => (0, 0, turn.number, turn.number, turn.number),
        }
    }

    /// `x` where the mask is not 0, else `y`.
    fn choose(g: &mut Generator<'_, '_>, mask: Value, x: Value, y: Value) -> Value {
        let mut e = g.emitter(Width::One);
        operation::select(&mut e, mask, x, y)
    }

    fn write_outputs(&self, g: &mut Generator<'_, '_>, turn: &Turn) {
        let start = g.slot_offset(self.id);
        let address = g.builder.ins().iadd(g.values, turn.offset);
        for (k, output) in self.scan.outputs.iter().enumerate() {
            if let Some(value) = turn.values[*output as usize] {
                let offset = start + (k * self.scan.turns * SIZE) as i32;
                g.builder.ins().store(flags(), value, address, offset);
            }
        }
    }

    /// The windows at the end of a turn: the oldest value goes, this turn's comes.
    fn shift_forward(&self, g: &mut Generator<'_, '_>, turn: &Turn) {
        for (i, window) in &self.windows {
            let Action::Carried { step, .. } = self.scan.steps[*i].action else { continue };
            for pair in window.windows(2) {
                let later = g.builder.use_var(pair[1]);
                g.builder.def_var(pair[0], later);
            }
            if let (Some(last), Some(value)) = (window.last(), turn.values[step as usize]) {
                g.builder.def_var(*last, value);
            }
        }
    }
}
