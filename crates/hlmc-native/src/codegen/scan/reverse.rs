//! The reverse sweep of a scan: turn after turn backwards, adjoints of carried values in windows of their own.

use std::sync::Arc;

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, Value, types};

use super::super::generator::{Generator, SIZE};
use super::super::machine::Width;
use super::super::operation::{self, Reads};
use super::super::pair::flags;
use super::{Turn, Turns, leave, variable};
use crate::graph::scan::{Action, Source};
use crate::graph::{Binary, NodeId, Unary};
use crate::kernel::Machine;

/// Emits the reverse sweep of a scan.
pub(in crate::codegen) fn reverse(g: &mut Generator<'_, '_>, id: NodeId) {
    let Some(mut turns) = Turns::new(g, id) else { return };
    let zero = g.builder.ins().f64const(0.0);
    let windowed: Vec<(usize, u32)> = turns.windowed().map(|i| (i, turns.distance(i))).collect();
    for (i, distance) in windowed {
        let window = (0..distance).map(|_| variable(g, zero)).collect();
        turns.windows.insert(i, window);
    }
    for input in turns.shared_inputs(g) {
        let sum = variable(g, zero);
        turns.shared.insert(input, sum);
    }
    let (block, exit) = turns.enter(g, turns.scan.turns as i64 - 1);
    let mut turn = turns.at(g);
    let mut adjoints = turns.incoming(g, &turn);
    for i in (0..turns.scan.steps.len()).rev() {
        if let Some(adjoint) = adjoints[i] {
            turns.reverse_step(g, &mut turn, &mut adjoints, i, adjoint);
        }
    }
    turns.shift_reverse(g, &adjoints);
    let next = turns.step_reverse(g, &turn);
    let goes_on = g.builder.ins().icmp_imm(IntCC::SignedGreaterThanOrEqual, next, 0);
    leave(g, goes_on, block, exit);
    turns.hand_over(g);
}

impl Turns {
    /// The adjoints with which a turn begins: of outputs, and from later turns.
    fn incoming(&self, g: &mut Generator<'_, '_>, turn: &Turn) -> Vec<Option<Value>> {
        let mut adjoints = vec![None; self.scan.steps.len()];
        let start = g.slot_offset(self.id);
        let address = g.builder.ins().iadd(g.adjoints, turn.offset);
        for (k, output) in self.scan.outputs.iter().enumerate() {
            let offset = start + (k * self.scan.turns * SIZE) as i32;
            let adjoint = g.builder.ins().load(types::F64, flags(), address, offset);
            add(g, &mut adjoints, *output as usize, adjoint);
        }
        let mut in_memory = Vec::new();
        for (i, step) in self.scan.steps.iter().enumerate() {
            match (&step.action, self.windows.get(&i)) {
                (Action::Carried { step, .. }, Some(window)) => {
                    let adjoint = g.builder.use_var(window[0]);
                    add(g, &mut adjoints, *step as usize, adjoint);
                }
                (Action::Carried { step, .. } | Action::Recalled { step, .. }, _) => in_memory.push(*step as usize),
                _ => {}
            }
        }
        in_memory.sort_unstable();
        in_memory.dedup();
        for step in in_memory {
            let address = g.builder.ins().iadd(g.adjoints, turn.base);
            let adjoint = g.builder.ins().load(types::F64, flags(), address, self.place(step));
            add(g, &mut adjoints, step, adjoint);
        }
        adjoints
    }

    fn reverse_step(
        &mut self,
        g: &mut Generator<'_, '_>,
        turn: &mut Turn,
        adjoints: &mut [Option<Value>],
        i: usize,
        adjoint: Value,
    ) {
        let scan = Arc::clone(&self.scan);
        match &scan.steps[i].action {
            Action::Unary(Unary::Negate, x) => {
                let negated = g.builder.ins().fneg(adjoint);
                self.give(g, turn, adjoints, *x, negated);
            }
            Action::Unary(unary, x) => {
                let reads = Reads::of_unary(*unary);
                let at = self.read(g, turn, reads.operands[0], *x);
                let own = self.read(g, turn, reads.own, Source::Step(i as u32));
                let mut e = g.emitter(Width::One);
                let slope = operation::slope(&mut e, *unary, at, own);
                let contribution = e.multiply(adjoint, slope);
                self.give(g, turn, adjoints, *x, contribution);
            }
            Action::Binary(binary, x, y) => self.reverse_binary(g, turn, adjoints, (i, *binary, *x, *y), adjoint),
            Action::Sum(operands) => operands.iter().for_each(|x| self.give(g, turn, adjoints, *x, adjoint)),
            Action::Where(mask, x, y) => {
                let mask = self.source(g, turn, *mask);
                let zero = g.builder.ins().f64const(0.0);
                let (first, second) = (Self::choose(g, mask, adjoint, zero), Self::choose(g, mask, zero, adjoint));
                self.give(g, turn, adjoints, *x, first);
                self.give(g, turn, adjoints, *y, second);
            }
            Action::Select(choice, operands) => {
                let chosen = self.chosen(g, turn, choice);
                let zero = g.builder.ins().f64const(0.0);
                for (k, x) in operands.iter().enumerate() {
                    let is_this = g.builder.ins().icmp_imm(IntCC::Equal, chosen, k as i64);
                    let contribution = g.builder.ins().select(is_this, adjoint, zero);
                    self.give(g, turn, adjoints, *x, contribution);
                }
            }
            Action::Carried { .. } if self.windows.contains_key(&i) => {}
            Action::Carried { initial, .. } | Action::Recalled { initial, .. } => {
                self.add_earlier(g, turn, (i, *initial), adjoint);
            }
            Action::Elementwise(..) | Action::Whole { .. } | Action::Part { .. } => {}
        }
    }

    /// Adds to the adjoint of a number of an earlier turn, or of one from before the loop.
    fn add_earlier(&self, g: &mut Generator<'_, '_>, turn: &Turn, (i, initial): (usize, u32), adjoint: Value) {
        if !g.plan.graph.is_known(self.inputs[initial as usize]) {
            let address = self.earlier(g, turn, i, g.adjoints);
            g.add_in_memory(address, 0, adjoint);
            return;
        }
        // What is known takes no adjoint: in the turns that look at it 0 is added to this turn's own number.
        let (step, _, is_before, _, there) = self.locate(g, turn, i);
        let zero = g.builder.ins().f64const(0.0);
        let turn_there = g.builder.ins().select(is_before, turn.number, there);
        let adjoint = g.builder.ins().select(is_before, zero, adjoint);
        let offset = g.builder.ins().imul_imm(turn_there, (self.places.width * SIZE) as i64);
        let offset = g.builder.ins().iadd_imm(offset, self.history);
        let address = g.builder.ins().iadd(g.adjoints, offset);
        g.add_in_memory(address, self.place(step as usize), adjoint);
    }

    fn reverse_binary(
        &mut self,
        g: &mut Generator<'_, '_>,
        turn: &mut Turn,
        adjoints: &mut [Option<Value>],
        (i, binary, x, y): (usize, Binary, Source, Source),
        adjoint: Value,
    ) {
        let (first, second) = match binary {
            Binary::Add => (adjoint, adjoint),
            Binary::Subtract => (adjoint, g.builder.ins().fneg(adjoint)),
            Binary::Multiply => {
                let (a, b) = (self.source(g, turn, x), self.source(g, turn, y));
                (g.builder.ins().fmul(adjoint, b), g.builder.ins().fmul(adjoint, a))
            }
            _ => {
                let reads = Reads::of_binary(binary);
                let [first, second] = reads.operands;
                let at = (self.read(g, turn, first, x), self.read(g, turn, second, y));
                let own = self.read(g, turn, reads.own, Source::Step(i as u32));
                let own = operation::Computed::plain(own);
                let mut e = g.emitter(Width::One);
                operation::binary_adjoints(&mut e, binary, at, own, adjoint)
            }
        };
        self.give(g, turn, adjoints, x, first);
        self.give(g, turn, adjoints, y, second);
    }

    /// What a derivative reads; where it does not, nothing that could be taken for a number.
    fn read(&self, g: &mut Generator<'_, '_>, turn: &mut Turn, is_read: bool, source: Source) -> Value {
        if is_read { self.source(g, turn, source) } else { g.builder.ins().f64const(f64::NAN) }
    }

    /// Adds to the adjoint of an operand of this turn.
    fn give(
        &mut self,
        g: &mut Generator<'_, '_>,
        turn: &Turn,
        adjoints: &mut [Option<Value>],
        source: Source,
        adjoint: Value,
    ) {
        match source {
            Source::Step(step) => add(g, adjoints, step as usize, adjoint),
            Source::Input(input) => {
                let id = self.inputs[input as usize];
                if let Some(sum) = self.shared.get(&input) {
                    let before = g.builder.use_var(*sum);
                    let after = g.builder.ins().fadd(before, adjoint);
                    g.builder.def_var(*sum, after);
                } else if !g.plan.graph.is_known(id) {
                    let address = g.builder.ins().iadd(g.adjoints, turn.offset);
                    let offset = g.slot_offset(id);
                    g.add_in_memory(address, offset, adjoint);
                }
            }
        }
    }

    /// Inputs of one lane that are not known.
    fn shared_inputs(&self, g: &Generator<'_, '_>) -> Vec<u32> {
        let is_shared = |id: &NodeId| g.plan.graph.lanes(*id) == 1 && !g.plan.graph.is_known(*id);
        (0..).zip(self.inputs.iter()).filter(|(_, id)| is_shared(id)).map(|(input, _)| input).collect()
    }

    /// The windows of adjoints at the end of a turn, on the way back.
    fn shift_reverse(&self, g: &mut Generator<'_, '_>, adjoints: &[Option<Value>]) {
        for (i, window) in &self.windows {
            for pair in window.windows(2) {
                let later = g.builder.use_var(pair[1]);
                g.builder.def_var(pair[0], later);
            }
            let own = adjoints[*i].unwrap_or_else(|| g.builder.ins().f64const(0.0));
            if let Some(last) = window.last() {
                g.builder.def_var(*last, own);
            }
        }
    }

    /// After the first turn: what is left in the windows belongs to the values before it, and the sums to their inputs.
    fn hand_over(&self, g: &mut Generator<'_, '_>) {
        for (i, window) in &self.windows {
            let Action::Carried { initial, .. } = self.scan.steps[*i].action else { continue };
            let id = self.inputs[initial as usize];
            for (back, variable) in window.iter().enumerate() {
                let adjoint = g.builder.use_var(*variable);
                let lane = window.len() - 1 - back;
                if g.plan.graph.lanes(id) == 1 {
                    g.add_scalar_adjoint(id, adjoint);
                } else if !g.plan.graph.is_known(id) {
                    let offset = g.slot_offset(id) + (lane * SIZE) as i32;
                    g.add_in_memory(g.adjoints, offset, adjoint);
                }
            }
        }
        for (input, sum) in &self.shared {
            let total = g.builder.use_var(*sum);
            g.add_scalar_adjoint(self.inputs[*input as usize], total);
        }
    }
}

fn add(g: &mut Generator<'_, '_>, adjoints: &mut [Option<Value>], step: usize, adjoint: Value) {
    adjoints[step] = Some(match adjoints[step] {
        Some(before) => g.builder.ins().fadd(before, adjoint),
        None => adjoint,
    });
}
