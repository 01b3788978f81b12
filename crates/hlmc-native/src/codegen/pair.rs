//! A turn of one lane or two, as instructions of Cranelift.

use std::collections::{HashMap, HashSet};

use cranelift_codegen::ir::{InstBuilder, MemFlags, Value, types};
use cranelift_frontend::Variable;
use smallvec::SmallVec;

use super::generator::{Generator, SIZE};
use super::machine::{Emitter, Width};
use super::turn::{Total, Turn, Workspace};
use crate::execute::Slot;
use crate::graph::{ColumnId, IndexId, NodeId};

/// The addresses of a turn's entries, or its numbers, lane by lane.
type PerLane = SmallVec<[Value; 2]>;

/// The turn.
pub(super) struct Pair<'x, 'a, 'b> {
    generator: &'x mut Generator<'a, 'b>,
    width: Width,
    /// The number of the map's lanes.
    lanes: usize,
    /// The distance of the first lane from the start of a column of numbers, in bytes.
    offset: Value,
    /// Running totals of a loop; those of a single turn are in `totals`.
    variables: &'x HashMap<Total, Variable>,
    /// Totals of a single turn.
    pub(super) totals: HashMap<Total, Value>,
    /// Totals to which something was added.
    pub(super) used: HashSet<Total>,
    /// The addresses of this turn's first lane in columns, by where these begin.
    addresses: HashMap<Value, Value>,
}

impl<'x, 'a, 'b> Pair<'x, 'a, 'b> {
    pub(super) fn new(
        generator: &'x mut Generator<'a, 'b>,
        (width, lanes): (Width, usize),
        offset: Value,
        variables: &'x HashMap<Total, Variable>,
    ) -> Self {
        Pair {
            generator,
            width,
            lanes,
            offset,
            variables,
            totals: HashMap::new(),
            used: HashSet::new(),
            addresses: HashMap::new(),
        }
    }

    fn in_all_lanes(&mut self, scalar: Value) -> Value {
        match self.width {
            Width::One => scalar,
            Width::Two => self.generator.splat(scalar),
        }
    }

    /// The address of this turn's first lane in a column of numbers.
    fn address(&mut self, base: Value) -> Value {
        let offset = self.offset;
        let builder = &mut self.generator.builder;
        *self.addresses.entry(base).or_insert_with(|| builder.ins().iadd(base, offset))
    }

    /// One register from a number a lane.
    fn join(&mut self, lanes: &[Value]) -> Value {
        match lanes {
            [first, second] => {
                let ins = self.generator.builder.ins();
                let first = ins.scalar_to_vector(types::F64X2, *first);
                self.generator.builder.ins().insertlane(first, *second, 1)
            }
            _ => lanes[0],
        }
    }

    /// A number a lane from one register.
    fn split(&mut self, x: Value) -> PerLane {
        match self.width {
            Width::One => PerLane::from_iter([x]),
            Width::Two => (0..2).map(|lane| self.generator.builder.ins().extractlane(x, lane)).collect(),
        }
    }

    /// For each lane, the address of the entry that an index takes from a stretch.
    fn addresses(&mut self, workspace: Workspace, stretch: Slot, index: IndexId) -> PerLane {
        let (base, distance) = self.generator.place(workspace, stretch.start);
        let positions = self.generator.index(index);
        let builder = &mut self.generator.builder;
        // Positions have half the size of numbers.
        let offset = builder.ins().ushr_imm(self.offset, 1);
        let position_address = builder.ins().iadd(positions, offset);
        let column = builder.ins().iadd_imm(base, i64::from(distance));
        let n = if self.width == Width::Two { 2 } else { 1 };
        let address = |lane: usize| {
            let at = (lane * size_of::<u32>()) as i32;
            let position = builder.ins().uload32(flags(), position_address, at);
            let distance = builder.ins().ishl_imm(position, i64::from(SIZE.trailing_zeros()));
            builder.ins().iadd(column, distance)
        };
        (0..n).map(address).collect()
    }
}

impl<'b> Turn for Pair<'_, '_, 'b> {
    type Real = Value;
    type Code<'m>
        = Emitter<'m, 'b>
    where
        Self: 'm;

    fn code(&mut self) -> Emitter<'_, 'b> {
        self.generator.emitter(self.width)
    }

    fn scalar(&mut self, id: NodeId) -> Value {
        let scalar = self.generator.scalar(id);
        self.in_all_lanes(scalar)
    }

    fn entry(&mut self, x: NodeId, j: usize) -> Value {
        let entry = self.generator.entry(x, j);
        self.in_all_lanes(entry)
    }

    fn sum_adjoint(&mut self, sum: NodeId) -> Option<Value> {
        let adjoint = self.generator.sum_adjoint(sum)?;
        Some(self.in_all_lanes(adjoint))
    }

    fn known(&mut self, column: ColumnId, start: usize) -> Value {
        let base = self.generator.known_column(column);
        let address = self.address(base);
        self.generator.builder.ins().load(self.width.real(), flags(), address, (start * SIZE) as i32)
    }

    fn load(&mut self, from: Workspace, start: usize) -> Value {
        self.generator.memory.touch(from, start..start + self.lanes);
        let (base, offset) = self.generator.place(from, start);
        let address = self.address(base);
        self.generator.builder.ins().load(self.width.real(), flags(), address, offset)
    }

    fn store(&mut self, start: usize, x: Value) {
        let (base, offset) = self.generator.place(Workspace::Values, start);
        let address = self.address(base);
        self.generator.builder.ins().store(flags(), x, address, offset);
    }

    fn add_lanes(&mut self, start: usize, x: Value) {
        let is_fresh = self.generator.memory.take_fresh(start..start + self.lanes);
        let after = if is_fresh {
            x
        } else {
            let before = self.load(Workspace::Adjoints, start);
            self.generator.builder.ins().fadd(before, x)
        };
        let (base, offset) = self.generator.place(Workspace::Adjoints, start);
        let address = self.address(base);
        self.generator.builder.ins().store(flags(), after, address, offset);
    }

    fn gather(&mut self, from: Workspace, stretch: Slot, index: IndexId) -> Value {
        self.generator.memory.touch(from, stretch.start..stretch.start + stretch.lanes);
        let addresses = self.addresses(from, stretch, index);
        let ins = |at: &Value| self.generator.builder.ins().load(types::F64, flags(), *at, 0);
        let lanes: PerLane = addresses.iter().map(ins).collect();
        self.join(&lanes)
    }

    fn scatter_add(&mut self, to: Workspace, stretch: Slot, index: IndexId, x: Value) {
        self.generator.memory.touch(to, stretch.start..stretch.start + stretch.lanes);
        let addresses = self.addresses(to, stretch, index);
        let lanes = self.split(x);
        // Lane after lane: two lanes may name one address.
        for (address, x) in addresses.into_iter().zip(lanes) {
            self.generator.add_in_memory(address, 0, x);
        }
    }

    fn add_total(&mut self, total: Total, x: Value) {
        let builder = &mut self.generator.builder;
        if self.width == Width::Two
            && let Some(variable) = self.variables.get(&total)
        {
            let before = builder.use_var(*variable);
            let after = builder.ins().fadd(before, x);
            builder.def_var(*variable, after);
        } else {
            let after = match self.totals.get(&total) {
                Some(before) => builder.ins().fadd(*before, x),
                None => x,
            };
            self.totals.insert(total, after);
        }
        self.used.insert(total);
    }
}

/// Memory that is there, though perhaps not aligned to the size of a register.
pub(super) fn flags() -> MemFlags {
    MemFlags::new().with_notrap()
}
