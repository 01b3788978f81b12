//! One turn of a map: the values of its operations, and their adjoints, for one lane or two.

use std::collections::HashMap;

use cranelift_codegen::ir::{InstBuilder, MemFlags, Value, types};
use cranelift_frontend::Variable;

use super::generator::Generator;
use super::machine::{Emitter, Width};
use super::operation::{self, Computed};
use super::plan::{Kind, Map, kind};
use crate::graph::{Binary, NodeId, Operation, Unary};
use crate::kernel::Machine;

/// What a map adds up over its lanes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Total {
    /// The lanes of a sum.
    Sum(NodeId),
    /// Contributions to the adjoint of an operand of one lane.
    Adjoint(NodeId),
    /// Contributions to the adjoint of an entry of a known matrix' factor.
    Entry(NodeId, usize),
}

/// Which sweep a map runs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sweep {
    /// Values.
    Forward,
    /// Adjoints.
    Reverse,
    /// Both in one.
    Both,
}

/// The state of one turn.
pub(super) struct Body<'a> {
    pub(super) map: &'a Map,
    pub(super) sweep: Sweep,
    pub(super) width: Width,
    /// The distance of the first lane from the start of a column of numbers, in bytes.
    pub(super) offset: Value,
    /// Running totals of a loop; those of a single turn are in `totals`.
    pub(super) variables: &'a HashMap<Total, Variable>,
    /// Totals of a single turn.
    pub(super) totals: HashMap<Total, Value>,
    /// Totals to which something was added.
    pub(super) used: Vec<Total>,
    values: HashMap<NodeId, Computed>,
    /// The addresses of this turn's first lane in columns, by where these begin.
    addresses: HashMap<Value, Value>,
    adjoints: HashMap<NodeId, Value>,
}

impl<'a> Body<'a> {
    pub(super) fn new(
        map: &'a Map,
        sweep: Sweep,
        width: Width,
        offset: Value,
        variables: &'a HashMap<Total, Variable>,
    ) -> Self {
        Body {
            map,
            sweep,
            width,
            offset,
            variables,
            totals: HashMap::new(),
            used: Vec::new(),
            values: HashMap::new(),
            addresses: HashMap::new(),
            adjoints: HashMap::new(),
        }
    }

    /// Emits the turn.
    pub(super) fn emit(&mut self, g: &mut Generator<'_, '_>) {
        if self.sweep != Sweep::Reverse {
            for id in &self.map.nodes {
                self.forward(g, *id);
            }
        }
        if self.sweep != Sweep::Forward {
            for id in self.map.nodes.iter().rev() {
                self.reverse(g, *id);
            }
        }
    }

    fn machine<'x, 'b>(&self, g: &'x mut Generator<'_, 'b>) -> Emitter<'x, 'b> {
        Emitter { builder: &mut g.builder, width: self.width, is_fused: g.is_fused, constants: &mut g.constants }
    }

    fn add_total(&mut self, g: &mut Generator<'_, '_>, total: Total, value: Value) {
        if self.width == Width::Two
            && let Some(variable) = self.variables.get(&total)
        {
            let before = g.builder.use_var(*variable);
            let after = g.builder.ins().fadd(before, value);
            g.builder.def_var(*variable, after);
        } else {
            let after = match self.totals.get(&total) {
                Some(before) => g.builder.ins().fadd(*before, value),
                None => value,
            };
            self.totals.insert(total, after);
        }
        self.used.push(total);
    }

    fn forward(&mut self, g: &mut Generator<'_, '_>, id: NodeId) {
        match g.plan.graph.node(id).operation {
            Operation::Sum(x) => {
                let x = self.value(g, x);
                self.add_total(g, Total::Sum(id), x);
            }
            Operation::ScatterSum(x, index) => {
                let x = self.value(g, x);
                let slot = g.slot(id);
                let base = g.values;
                let addresses = self.addresses(g, base, slot.start, index);
                self.add_at(g, &addresses, x);
            }
            _ => {
                let value = self.value(g, id);
                if g.plan.is_stored[id.index()] {
                    let (address, offset) = (self.address(g, g.values), g.slot_offset(id));
                    g.builder.ins().store(flags(), value, address, offset);
                }
            }
        }
    }

    /// The address of this turn's first lane in a column of numbers.
    fn address(&mut self, g: &mut Generator<'_, '_>, base: Value) -> Value {
        let offset = self.offset;
        *self.addresses.entry(base).or_insert_with(|| g.builder.ins().iadd(base, offset))
    }

    fn load(&mut self, g: &mut Generator<'_, '_>, base: Value, offset: i32) -> Value {
        let address = self.address(g, base);
        g.builder.ins().load(self.width.real(), flags(), address, offset)
    }

    /// The value of an operand in these lanes.
    fn value(&mut self, g: &mut Generator<'_, '_>, id: NodeId) -> Value {
        self.computed(g, id).value
    }

    fn computed(&mut self, g: &mut Generator<'_, '_>, id: NodeId) -> Computed {
        if let Some(computed) = self.values.get(&id) {
            return *computed;
        }
        let computed = self.compute(g, id);
        self.values.insert(id, computed);
        computed
    }

    fn compute(&mut self, g: &mut Generator<'_, '_>, id: NodeId) -> Computed {
        let plain = |value| Computed { value, slopes: None };
        if let Some(constant) = g.plan.graph.constant_value(id) {
            return plain(self.machine(g).real(constant));
        }
        if g.plan.graph.lanes(id) == 1 {
            let value = g.scalar(id);
            return plain(match self.width {
                Width::One => value,
                Width::Two => g.splat(value),
            });
        }
        if let Operation::Known(column) = g.plan.graph.node(id).operation {
            let base = g.known_column(column);
            let address = g.builder.ins().iadd(base, self.offset);
            return plain(g.builder.ins().load(self.width.real(), flags(), address, 0));
        }
        let is_here = g.stage_of[id.index()] == g.stage && kind(&g.plan.graph, id) == Kind::Lane;
        if !is_here || self.sweep == Sweep::Reverse && g.plan.is_stored[id.index()] {
            let offset = g.slot_offset(id);
            return plain(self.load(g, g.values, offset));
        }
        self.operation(g, id)
    }

    fn operation(&mut self, g: &mut Generator<'_, '_>, id: NodeId) -> Computed {
        let with_slopes = self.sweep != Sweep::Forward;
        let plain = |value| Computed { value, slopes: None };
        match g.plan.graph.node(id).operation.clone() {
            Operation::Unary(unary, x) => {
                let x = self.value(g, x);
                let mut e = Emitter {
                    builder: &mut g.builder,
                    width: self.width,
                    is_fused: g.is_fused,
                    constants: &mut g.constants,
                };
                operation::unary(&mut e, &mut g.calls, unary, x, with_slopes)
            }
            Operation::Binary(binary, x, y) => {
                let operands = (self.value(g, x), self.value(g, y));
                let mut e = Emitter {
                    builder: &mut g.builder,
                    width: self.width,
                    is_fused: g.is_fused,
                    constants: &mut g.constants,
                };
                operation::binary(&mut e, &mut g.calls, binary, operands, with_slopes)
            }
            Operation::Select(mask, x, y) => {
                let [mask, x, y] = [mask, x, y].map(|id| self.value(g, id));
                plain(operation::select(&mut self.machine(g), mask, x, y))
            }
            Operation::Gather(x, index) => {
                if g.plan.graph.lanes(x) == 1 {
                    return plain(self.value(g, x));
                }
                let start = g.slot(x).start;
                let base = g.values;
                let addresses = self.addresses(g, base, start, index);
                let lanes: Vec<Value> =
                    addresses.iter().map(|at| g.builder.ins().load(types::F64, flags(), *at, 0)).collect();
                plain(self.join(g, &lanes))
            }
            Operation::KnownMatrixVector(matrix, x) => {
                let base = g.known_column(matrix);
                let mut sum = None;
                for j in 0..g.plan.graph.lanes(x) {
                    let column = self.load(g, base, g.matrix_offset(id, j));
                    let entry = g.entry(x, j);
                    let entry = match self.width {
                        Width::One => entry,
                        Width::Two => g.splat(entry),
                    };
                    let mut e = self.machine(g);
                    sum = Some(match sum {
                        None => e.multiply(column, entry),
                        Some(sum) => e.multiply_add(column, entry, sum),
                    });
                }
                plain(sum.unwrap_or_else(|| self.machine(g).real(0.0)))
            }
            // Nothing else is an operation of a map, see `plan::kind`.
            _ => plain(self.machine(g).real(f64::NAN)),
        }
    }

    /// One register from a number a lane.
    fn join(&self, g: &mut Generator<'_, '_>, lanes: &[Value]) -> Value {
        match lanes {
            [first, second] => {
                let first = g.builder.ins().scalar_to_vector(types::F64X2, *first);
                g.builder.ins().insertlane(first, *second, 1)
            }
            _ => lanes[0],
        }
    }

    /// A number a lane from one register.
    fn split(&self, g: &mut Generator<'_, '_>, x: Value) -> Vec<Value> {
        match self.width {
            Width::One => vec![x],
            Width::Two => (0..2).map(|lane| g.builder.ins().extractlane(x, lane)).collect(),
        }
    }

    /// For each lane, the address of the entry that an index takes from a column that begins at `start`.
    fn addresses(
        &self,
        g: &mut Generator<'_, '_>,
        base: Value,
        start: usize,
        index: crate::graph::IndexId,
    ) -> Vec<Value> {
        let positions = g.index(index);
        // Positions have half the size of numbers.
        let offset = g.builder.ins().ushr_imm(self.offset, 1);
        let position_address = g.builder.ins().iadd(positions, offset);
        let column = g.builder.ins().iadd_imm(base, (start * size_of::<f64>()) as i64);
        let n = if self.width == Width::Two { 2 } else { 1 };
        (0..n)
            .map(|lane| {
                let at = (lane * size_of::<u32>()) as i32;
                let position = g.builder.ins().uload32(flags(), position_address, at);
                let distance = g.builder.ins().ishl_imm(position, 3);
                g.builder.ins().iadd(column, distance)
            })
            .collect()
    }

    /// Adds to memory, lane after lane: two lanes may name one address.
    fn add_at(&self, g: &mut Generator<'_, '_>, addresses: &[Value], x: Value) {
        let lanes = self.split(g, x);
        for (address, x) in addresses.iter().zip(lanes) {
            let before = g.builder.ins().load(types::F64, flags(), *address, 0);
            let after = g.builder.ins().fadd(before, x);
            g.builder.ins().store(flags(), after, *address, 0);
        }
    }

    /// Adds to the adjoint of an operand.
    fn contribute(&mut self, g: &mut Generator<'_, '_>, x: NodeId, adjoint: Value) {
        if g.plan.graph.is_known(x) {
            return;
        }
        if g.plan.graph.lanes(x) == 1 {
            self.add_total(g, Total::Adjoint(x), adjoint);
        } else if g.stage_of[x.index()] == g.stage && kind(&g.plan.graph, x) == Kind::Lane {
            let after = match self.adjoints.get(&x) {
                Some(before) => g.builder.ins().fadd(*before, adjoint),
                None => adjoint,
            };
            self.adjoints.insert(x, after);
        } else {
            let (address, offset) = (self.address(g, g.adjoints), g.slot_offset(x));
            let before = g.builder.ins().load(self.width.real(), flags(), address, offset);
            let after = g.builder.ins().fadd(before, adjoint);
            g.builder.ins().store(flags(), after, address, offset);
        }
    }

    /// The adjoint of an operation: what was added in this turn and, from other stages, in memory.
    fn adjoint(&mut self, g: &mut Generator<'_, '_>, id: NodeId) -> Option<Value> {
        let here = self.adjoints.remove(&id);
        if !g.is_used_elsewhere(id) {
            return here;
        }
        let offset = g.slot_offset(id);
        let there = self.load(g, g.adjoints, offset);
        Some(match here {
            Some(here) => g.builder.ins().fadd(here, there),
            None => there,
        })
    }

    fn reverse(&mut self, g: &mut Generator<'_, '_>, id: NodeId) {
        match g.plan.graph.node(id).operation.clone() {
            Operation::Sum(x) => {
                let Some(adjoint) = g.sum_adjoint(id) else { return };
                let adjoint = match self.width {
                    Width::One => adjoint,
                    Width::Two => g.splat(adjoint),
                };
                self.contribute(g, x, adjoint);
            }
            Operation::ScatterSum(x, index) => {
                let (start, base) = (g.slot(id).start, g.adjoints);
                let addresses = self.addresses(g, base, start, index);
                let lanes: Vec<Value> =
                    addresses.iter().map(|at| g.builder.ins().load(types::F64, flags(), *at, 0)).collect();
                let adjoint = self.join(g, &lanes);
                self.contribute(g, x, adjoint);
            }
            operation => {
                if let Some(adjoint) = self.adjoint(g, id) {
                    self.reverse_operation(g, id, &operation, adjoint);
                }
            }
        }
    }

    fn reverse_operation(&mut self, g: &mut Generator<'_, '_>, id: NodeId, operation: &Operation, adjoint: Value) {
        match operation {
            Operation::Unary(unary, x) => self.reverse_unary(g, id, (*unary, *x), adjoint),
            Operation::Binary(binary, x, y) => self.reverse_binary(g, id, (*binary, *x, *y), adjoint),
            Operation::Select(mask, x, y) => {
                let mask = self.value(g, *mask);
                let mut e = self.machine(g);
                let zero = e.real(0.0);
                let first = operation::select(&mut e, mask, adjoint, zero);
                let second = operation::select(&mut e, mask, zero, adjoint);
                self.contribute(g, *x, first);
                self.contribute(g, *y, second);
            }
            Operation::Gather(x, _) if g.plan.graph.lanes(*x) == 1 => self.contribute(g, *x, adjoint),
            Operation::Gather(x, index) => {
                let (start, base) = (g.slot(*x).start, g.adjoints);
                let addresses = self.addresses(g, base, start, *index);
                self.add_at(g, &addresses, adjoint);
            }
            Operation::KnownMatrixVector(matrix, x) => {
                let base = g.known_column(*matrix);
                for j in 0..g.plan.graph.lanes(*x) {
                    let column = self.load(g, base, g.matrix_offset(id, j));
                    let contribution = g.builder.ins().fmul(adjoint, column);
                    self.add_total(g, Total::Entry(*x, j), contribution);
                }
            }
            _ => {}
        }
    }

    fn reverse_unary(&mut self, g: &mut Generator<'_, '_>, id: NodeId, (unary, x): (Unary, NodeId), adjoint: Value) {
        let contribution = match unary {
            Unary::Negate => self.machine(g).negate(adjoint),
            _ => {
                let at = self.value(g, x);
                let own = self.computed(g, id);
                let mut e = Emitter {
                    builder: &mut g.builder,
                    width: self.width,
                    is_fused: g.is_fused,
                    constants: &mut g.constants,
                };
                let slope = match own.slopes {
                    Some((slope, _)) => slope,
                    None => operation::slope(&mut e, &mut g.calls, unary, at, own.value),
                };
                e.multiply(adjoint, slope)
            }
        };
        self.contribute(g, x, contribution);
    }

    fn reverse_binary(
        &mut self,
        g: &mut Generator<'_, '_>,
        id: NodeId,
        (binary, x, y): (Binary, NodeId, NodeId),
        adjoint: Value,
    ) {
        let is_known = |g: &Generator<'_, '_>, id| g.plan.graph.is_known(id);
        match binary {
            Binary::Add => {
                self.contribute(g, x, adjoint);
                self.contribute(g, y, adjoint);
            }
            Binary::Subtract => {
                self.contribute(g, x, adjoint);
                if !is_known(g, y) {
                    let negated = self.machine(g).negate(adjoint);
                    self.contribute(g, y, negated);
                }
            }
            Binary::Multiply => {
                for (x, factor) in [(x, y), (y, x)] {
                    if !is_known(g, x) {
                        let factor = self.value(g, factor);
                        let contribution = self.machine(g).multiply(adjoint, factor);
                        self.contribute(g, x, contribution);
                    }
                }
            }
            _ => {
                let at = (self.value(g, x), self.value(g, y));
                let own = self.computed(g, id);
                let mut e = Emitter {
                    builder: &mut g.builder,
                    width: self.width,
                    is_fused: g.is_fused,
                    constants: &mut g.constants,
                };
                let (first, second) = operation::binary_adjoints(&mut e, &mut g.calls, binary, at, own, adjoint);
                self.contribute(g, x, first);
                self.contribute(g, y, second);
            }
        }
    }
}

/// Memory that is there, though perhaps not aligned to the size of a register.
pub(super) fn flags() -> MemFlags {
    MemFlags::new().with_notrap()
}
