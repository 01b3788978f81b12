//! Maps: what runs before, in and after a loop over lanes.

use std::collections::HashMap;

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, StackSlotData, StackSlotKind, Value, types};
use cranelift_frontend::Variable;

use super::super::body::{Body, Sweep};
use super::super::machine::Width;
use super::super::pair::{Pair, flags};
use super::super::plan::Map;
use super::super::turn::{Total, Workspace};
use super::super::wide;
use super::super::wide::record::WideMap;
use super::{Generator, SIZE, WideEntry};
use crate::execute::Slot;
use crate::graph::{NodeId, Operation};
use crate::kernel::Machine as _;

/// So many stores in a row are as good as a loop.
const MAX_INLINE_CLEAR: usize = 8;

impl Generator<'_, '_> {
    /// Emits a map.
    pub(super) fn map(&mut self, map: &Map, sweep: Sweep) {
        self.splats.clear();
        if sweep != Sweep::Forward {
            self.touch_crossed(map);
        }
        let keys = self.prepare(map, sweep);
        let totals = self.wide(map, sweep).unwrap_or_else(|| self.two_by_two(map, sweep, &keys));
        self.leave(map, sweep, &keys, &totals);
    }

    /// Adjoints that turns add to out of their own place are there from the start, where others add to them in theirs: those
    /// that a gather adds to, and stretches that overlap, one against the other shifted. A lane that was written first in
    /// its own turn would lose what another turn has added.
    fn touch_crossed(&mut self, map: &Map) {
        let (mut gathered, mut stretches): (Vec<Slot>, Vec<Slot>) = (Vec::new(), Vec::new());
        for id in &map.nodes {
            let operation = self.plan.graph.node(*id).operation.clone();
            let is_gather = matches!(operation, Operation::Gather(..));
            operation.for_each_operand(|x| {
                let is_outside = self.plan.stage_of[x.index()] != self.stage;
                let Some(slot) = self.layout.slot(x).filter(|slot| is_outside && slot.lanes > 1) else { return };
                if is_gather { gathered.push(slot) } else { stretches.push(slot) }
            });
        }
        let overlap = |a: &Slot, b: &Slot| a.start < b.start + b.lanes && b.start < a.start + a.lanes;
        for slot in gathered.iter().filter(|slot| stretches.iter().any(|stretch| overlap(slot, stretch))) {
            self.memory.touch(Workspace::Adjoints, slot.start..slot.start + slot.lanes);
        }
        // Of those that begin together the longest counts.
        stretches.sort_unstable_by_key(|slot| (slot.start, std::cmp::Reverse(slot.lanes)));
        stretches.dedup_by_key(|slot| slot.start);
        for pair in stretches.windows(2).filter(|pair| overlap(&pair[0], &pair[1])) {
            for slot in pair {
                self.memory.touch(Workspace::Adjoints, slot.start..slot.start + slot.lanes);
            }
        }
    }

    /// A call of wide code, which gives totals; `None` where there is none.
    fn wide(&mut self, map: &Map, sweep: Sweep) -> Option<HashMap<Total, Value>> {
        let fresh = self.memory.fresh();
        let Some(wide) = wide::record::map(self, map, sweep) else {
            self.memory.go_back(fresh);
            return None;
        };
        let WideMap { function, inputs, totals } = wide;
        let size = ((inputs.len() + totals.len()) * SIZE) as u32;
        let exchange = StackSlotData::new(StackSlotKind::ExplicitSlot, size, SIZE.trailing_zeros() as u8);
        let exchange = self.builder.create_sized_stack_slot(exchange);
        for (i, input) in inputs.iter().enumerate() {
            self.builder.ins().stack_store(*input, exchange, (i * SIZE) as i32);
        }
        let address = Box::new(0);
        let cell = self.builder.ins().iconst(types::I64, std::ptr::from_ref::<usize>(&address) as i64);
        self.wide.push(WideEntry { function, address });
        let function = self.builder.ins().load(types::I64, flags(), cell, 0);
        let exchanged = self.builder.ins().stack_addr(types::I64, exchange, 0);
        let arguments = [self.values, self.adjoints, exchanged, self.position, self.gradient];
        self.builder.ins().call_indirect(self.wide_signature, function, &arguments);
        let total = |(i, total): (usize, &Total)| {
            let at = ((inputs.len() + i) * SIZE) as i32;
            (*total, self.builder.ins().stack_load(types::F64, exchange, at))
        };
        Some(totals.iter().enumerate().map(total).collect())
    }

    /// The last of an odd number of lanes by itself, the others two by two.
    fn two_by_two(&mut self, map: &Map, sweep: Sweep, keys: &[Total]) -> HashMap<Total, Value> {
        let mut totals: HashMap<Total, Value> = HashMap::new();
        if map.lanes % 2 == 1 {
            let last = self.builder.ins().iconst(types::I64, ((map.lanes - 1) * SIZE) as i64);
            let none = HashMap::new();
            let (plan, stage) = ((self.plan, self.layout), (self.stage, map));
            let fresh = self.memory.fresh();
            let mut single = Pair::new(self, (Width::One, map.lanes), last, &none);
            Body::new(plan, stage, sweep).emit(&mut single);
            totals = single.totals;
            if map.lanes >= 2 {
                self.memory.go_back(fresh);
            }
        }
        if map.lanes >= 2 {
            self.pairs(map, sweep, keys, &mut totals);
        }
        totals
    }

    /// The loop over pairs of lanes.
    fn pairs(&mut self, map: &Map, sweep: Sweep, keys: &[Total], totals: &mut HashMap<Total, Value>) {
        let mut variables = HashMap::new();
        for key in keys {
            let variable = self.builder.declare_var(types::F64X2);
            let zero = self.emitter(Width::Two).real(0.0);
            self.builder.def_var(variable, zero);
            variables.insert(*key, variable);
        }
        let counter: Variable = self.builder.declare_var(types::I64);
        let zero = self.builder.ins().iconst(types::I64, 0);
        self.builder.def_var(counter, zero);
        let (turn, exit) = (self.builder.create_block(), self.builder.create_block());
        self.builder.ins().jump(turn, &[]);
        self.builder.switch_to_block(turn);
        let offset = self.builder.use_var(counter);
        let (plan, stage) = ((self.plan, self.layout), (self.stage, map));
        let mut pair = Pair::new(self, (Width::Two, map.lanes), offset, &variables);
        Body::new(plan, stage, sweep).emit(&mut pair);
        let used = pair.used;
        let next = self.builder.ins().iadd_imm(offset, (2 * SIZE) as i64);
        self.builder.def_var(counter, next);
        let end = (map.lanes / 2 * 2 * SIZE) as i64;
        let goes_on = self.builder.ins().icmp_imm(IntCC::UnsignedLessThan, next, end);
        self.builder.ins().brif(goes_on, turn, &[], exit, &[]);
        self.builder.seal_block(turn);
        self.builder.switch_to_block(exit);
        self.builder.seal_block(exit);
        for key in keys.iter().filter(|key| used.contains(key)) {
            let both = self.builder.use_var(variables[key]);
            let (first, second) = (self.builder.ins().extractlane(both, 0), self.builder.ins().extractlane(both, 1));
            let mut total = self.builder.ins().fadd(first, second);
            if let Some(last) = totals.get(key) {
                total = self.builder.ins().fadd(total, *last);
            }
            totals.insert(*key, total);
        }
    }

    /// Reads all numbers of one lane that the map uses, clears what it scatters to, and lists what it adds up.
    fn prepare(&mut self, map: &Map, sweep: Sweep) -> Vec<Total> {
        let mut keys = Vec::new();
        let mut add = |key: Total| {
            if !keys.contains(&key) {
                keys.push(key);
            }
        };
        for id in &map.nodes {
            let operation = self.plan.graph.node(*id).operation.clone();
            match &operation {
                Operation::Sum(_) if sweep == Sweep::Reverse => {}
                Operation::Sum(_) => add(Total::Sum(*id)),
                Operation::ScatterSum(..) if sweep == Sweep::Forward => self.clear(*id),
                Operation::KnownMatrixVector(_, x) => {
                    for j in 0..self.plan.graph.lanes(*x) {
                        let entry = self.entry(*x, j);
                        self.hoist(entry);
                        add(Total::Entry(*x, j));
                    }
                    continue;
                }
                _ => {}
            }
            operation.for_each_operand(|x| {
                if self.plan.graph.lanes(x) == 1 && !self.plan.graph.is_known(x) {
                    let scalar = self.scalar(x);
                    self.hoist(scalar);
                    add(Total::Adjoint(x));
                }
            });
            if matches!(operation, Operation::Sum(_))
                && sweep != Sweep::Forward
                && let Some(adjoint) = self.sum_adjoint(*id)
            {
                self.hoist(adjoint);
            }
        }
        keys
    }

    /// Sets a scatter's result to zero.
    fn clear(&mut self, id: NodeId) {
        let slot = self.slot(id);
        let zero = self.builder.ins().f64const(0.0);
        if slot.lanes <= MAX_INLINE_CLEAR {
            for lane in 0..slot.lanes {
                let offset = ((slot.start + lane) * SIZE) as i32;
                self.builder.ins().store(flags(), zero, self.values, offset);
            }
            return;
        }
        let (turn, exit) = (self.builder.create_block(), self.builder.create_block());
        let counter = self.builder.declare_var(types::I64);
        let start = self.builder.ins().iconst(types::I64, 0);
        self.builder.def_var(counter, start);
        self.builder.ins().jump(turn, &[]);
        self.builder.switch_to_block(turn);
        let offset = self.builder.use_var(counter);
        let address = self.builder.ins().iadd(self.values, offset);
        self.builder.ins().store(flags(), zero, address, (slot.start * SIZE) as i32);
        let next = self.builder.ins().iadd_imm(offset, SIZE as i64);
        self.builder.def_var(counter, next);
        let goes_on = self.builder.ins().icmp_imm(IntCC::UnsignedLessThan, next, (slot.lanes * SIZE) as i64);
        self.builder.ins().brif(goes_on, turn, &[], exit, &[]);
        self.builder.seal_block(turn);
        self.builder.switch_to_block(exit);
        self.builder.seal_block(exit);
    }

    /// Hands over what a map has added up.
    fn leave(&mut self, map: &Map, sweep: Sweep, keys: &[Total], totals: &HashMap<Total, Value>) {
        if sweep != Sweep::Reverse {
            for id in &map.nodes {
                if let Operation::Sum(_) = self.plan.graph.node(*id).operation {
                    let total = totals.get(&Total::Sum(*id)).copied();
                    let total = total.unwrap_or_else(|| self.builder.ins().f64const(0.0));
                    self.set_scalar(*id, total);
                }
            }
        }
        for key in keys {
            let Some(total) = totals.get(key).copied() else { continue };
            match key {
                // Not among the keys: see below.
                Total::Sum(_) | Total::Lane(..) => {}
                Total::Adjoint(x) => self.add_scalar_adjoint(*x, total),
                Total::Entry(x, j) if self.plan.graph.lanes(*x) == 1 => {
                    debug_assert_eq!(*j, 0);
                    self.add_scalar_adjoint(*x, total);
                }
                Total::Entry(x, j) => {
                    self.add_to_lane(Workspace::Adjoints, self.slot(*x).start + j, total);
                }
            }
        }
        self.leave_lanes(totals);
    }

    /// Adds what was summed for single lanes of a workspace.
    fn leave_lanes(&mut self, totals: &HashMap<Total, Value>) {
        let lane = |(total, value): (&Total, &Value)| match total {
            Total::Lane(workspace, lane) => Some((*workspace, *lane, *value)),
            _ => None,
        };
        let mut lanes: Vec<(Workspace, usize, Value)> = totals.iter().filter_map(lane).collect();
        lanes.sort_unstable_by_key(|(workspace, lane, _)| (*workspace, *lane));
        for (workspace, lane, value) in lanes {
            self.add_to_lane(workspace, lane, value);
        }
    }
}
