//! The turn of a map, written down as a tape.

use std::collections::HashMap;
use std::sync::Arc;

use cranelift_codegen::ir::Value;

use super::super::body::{Body, Sweep};
use super::super::generator::{Generator, SIZE};
use super::super::plan::{Map, Plan};
use super::super::turn::{Total, Turn, Workspace};
use super::tape::{Column, Entries, EntryLanes, EntryTotals, Op, Tape, Var, Writer};
use super::{Isa, MIN_LANES, WideFunction, Width, compile};
use crate::execute::Slot;
use crate::graph::{ColumnId, IndexId, NodeId, Operation};

/// Columns of so few entries are added to in totals of their own, one an entry.
fn max_entries(isa: Isa, lanes: usize) -> usize {
    match isa {
        Isa::Avx2 => MAX_COMPARED.max(lanes / MIN_LANES_OF_INDEXED),
        Isa::Avx512 => 8,
    }
}

/// With AVX2 positions are compared with so few entries; more are found by their positions.
const MAX_COMPARED: usize = 3;
/// Clearing and adding up the total of an entry costs as much as so many lanes.
const MIN_LANES_OF_INDEXED: usize = 4;
/// The most entries with totals where there is one turn, and what is added up has to be handed over at once.
const MAX_ENTRIES_OF_ONE_TURN: usize = 2;
/// Totals beyond which entries get none.
fn max_totals(isa: Isa) -> usize {
    match isa {
        Isa::Avx2 => 32,
        Isa::Avx512 => 14,
    }
}

/// Maps of fewer instructions, about, have four lanes where the machine has eight.
const MIN_WORK_OF_EIGHT: usize = 4_000;
/// The same of maps that add to few entries, which have masks with eight lanes.
const MIN_LANES_OF_ENTRIES: usize = 32;

/// A map's function, and what passes through its exchange.
pub(in crate::codegen) struct WideMap {
    pub(in crate::codegen) function: WideFunction,
    /// Numbers that all lanes share.
    pub(in crate::codegen) inputs: Vec<Value>,
    /// What is added up.
    pub(in crate::codegen) totals: Vec<Total>,
}

/// Compiles a map; `None` where that is not worth a call, or too much for one.
pub(in crate::codegen) fn map(g: &mut Generator<'_, '_>, map: &Map, sweep: Sweep) -> Option<WideMap> {
    if map.lanes < MIN_LANES {
        return None;
    }
    let isa = match g.width {
        Some(width) => width.isa()?,
        None => match Width::widest().isa()? {
            Isa::Avx512 if !is_worth_eight(g.plan, map) => Isa::Avx2,
            widest => widest,
        },
    };
    let (plan, stage) = ((g.plan, g.layout), (g.stage, map));
    let mut turn = Lanes {
        generator: g,
        isa,
        lanes: map.lanes,
        tape: Tape::default(),
        inputs: Vec::new(),
        numbers: HashMap::new(),
        totals: Vec::new(),
    };
    Body::new(plan, stage, sweep).emit(&mut turn);
    let Lanes { tape, inputs, totals, .. } = turn;
    let function = compile(isa, tape, map.lanes, (inputs.len(), totals.len()))?;
    Some(WideMap { function, inputs, totals })
}

/// True for maps that gain from eight lanes more than the registers of that width cost: for some time after their use the
/// processor is slower at all else.
fn is_worth_eight(plan: &Plan, map: &Map) -> bool {
    let weight: usize = map.nodes.iter().map(|id| plan.node_weight(*id)).sum();
    let is_few = |id: &NodeId| match plan.graph.node(*id).operation {
        Operation::Gather(x, _) => (2..=max_entries(Isa::Avx512, map.lanes)).contains(&plan.graph.lanes(x)),
        _ => false,
    };
    map.lanes * weight >= MIN_WORK_OF_EIGHT || map.lanes >= MIN_LANES_OF_ENTRIES && map.nodes.iter().any(is_few)
}

/// The turn.
struct Lanes<'x, 'a, 'b> {
    generator: &'x mut Generator<'a, 'b>,
    isa: Isa,
    /// The number of the map's lanes.
    lanes: usize,
    tape: Tape,
    inputs: Vec<Value>,
    /// The places of the inputs.
    numbers: HashMap<Value, u32>,
    totals: Vec<Total>,
}

impl Lanes<'_, '_, '_> {
    fn input(&mut self, value: Value) -> Var {
        let next = self.inputs.len() as u32;
        let number = *self.numbers.entry(value).or_insert(next);
        if number == next {
            self.inputs.push(value);
        }
        self.tape.input(number)
    }

    /// The place of a total.
    fn total(&mut self, total: Total) -> u32 {
        let number = self.totals.iter().position(|known| *known == total).unwrap_or(self.totals.len());
        if number == self.totals.len() {
            self.totals.push(total);
        }
        number as u32
    }

    /// True where a register a entry is better than memory: what is added to one entry again and again waits there.
    fn is_few(&self, to: Workspace, stretch: Slot) -> bool {
        let has_turns = self.lanes > self.isa.lanes();
        let place = |j: usize| self.totals.iter().position(|total| *total == Total::Lane(to, stretch.start + j));
        // The totals of a stretch follow one another; one that overlaps with another in part has none.
        let is_known = |first: usize| (0..stretch.lanes).all(|j| place(j) == Some(first + j));
        let is_in_order = place(0).map_or_else(|| (0..stretch.lanes).all(|j| place(j).is_none()), is_known);
        is_in_order
            && stretch.lanes <= max_entries(self.isa, self.lanes)
            && (has_turns || stretch.lanes <= MAX_ENTRIES_OF_ONE_TURN)
            && self.totals.len() + stretch.lanes <= max_totals(self.isa)
    }

    /// Adds to the entries of a stretch, each a total of its own.
    fn accumulate_entries(&mut self, to: Workspace, stretch: Slot, index: IndexId, x: Var) {
        let numbers = (0..stretch.lanes).map(|j| self.total(Total::Lane(to, stretch.start + j)));
        let numbers: Vec<u32> = numbers.collect();
        let lanes = match self.isa {
            Isa::Avx2 if stretch.lanes <= MAX_COMPARED => EntryLanes::Compared(self.generator.keep_index(index)),
            Isa::Avx2 => EntryLanes::Indexed(self.generator.keep_index(index)),
            Isa::Avx512 => self.masks(stretch.lanes, index),
        };
        let index = self.tape.index(self.generator.plan.graph.columns.positions(index));
        let entries = EntryTotals { lanes, first_total: numbers[0], n: stretch.lanes as u32, index };
        self.tape.push(Op::AccumulateEntries(entries, x));
    }

    /// Which lanes belong to which of `n` entries.
    fn masks(&mut self, n: usize, index: IndexId) -> EntryLanes {
        let positions = self.generator.plan.graph.columns.positions(index);
        let width = self.isa.lanes();
        let turns = positions.len().div_ceil(width);
        let mut masks = vec![0_u16; turns * n];
        for (lane, entry) in positions.iter().enumerate() {
            masks[*entry as usize * turns + lane / width] |= 1 << (lane % width);
        }
        let masks: Arc<[u16]> = masks.into();
        let address = masks.as_ptr() as u64;
        self.tape.masks.push(masks);
        EntryLanes::Masks { address, turns }
    }

    fn column(&self, workspace: Workspace, start: usize) -> Column {
        Column::Slot(self.generator.memory.base(workspace, start), bytes(start))
    }

    /// True where the last turn ends with the last lane, and begins with lanes of the turn before.
    fn passes_lanes_twice(&self) -> bool {
        self.isa == Isa::Avx2 && !self.lanes.is_multiple_of(self.isa.lanes())
    }

    fn entries(&mut self, workspace: Workspace, stretch: Slot, index: IndexId) -> Entries {
        let positions = self.generator.keep_index(index);
        let base = self.generator.memory.base(workspace, stretch.start);
        let index = self.tape.index(self.generator.plan.graph.columns.positions(index));
        Entries { base, start: bytes(stretch.start), n: stretch.lanes, positions, index }
    }
}

/// A distance in a workspace, in bytes. Compilation stops before it could overflow.
fn bytes(lanes: usize) -> i32 {
    (lanes * SIZE) as i32
}

impl Turn for Lanes<'_, '_, '_> {
    type Real = Var;
    type Code<'m>
        = Writer<'m>
    where
        Self: 'm;

    fn code(&mut self) -> Writer<'_> {
        Writer(&mut self.tape)
    }

    fn scalar(&mut self, id: NodeId) -> Var {
        let value = self.generator.scalar(id);
        self.input(value)
    }

    fn entry(&mut self, x: NodeId, j: usize) -> Var {
        let value = self.generator.entry(x, j);
        self.input(value)
    }

    fn sum_adjoint(&mut self, sum: NodeId) -> Option<Var> {
        let value = self.generator.sum_adjoint(sum)?;
        Some(self.input(value))
    }

    fn known(&mut self, column: ColumnId, start: usize) -> Var {
        let address = self.generator.keep_column(column) + (start * SIZE) as u64;
        self.tape.push(Op::Load(Column::Known(address)))
    }

    fn load(&mut self, from: Workspace, start: usize) -> Var {
        self.generator.memory.touch(from, start..start + self.lanes);
        let column = self.column(from, start);
        self.tape.push(Op::Load(column))
    }

    fn store(&mut self, start: usize, x: Var) {
        let column = self.column(Workspace::Values, start);
        self.tape.push(Op::Store(column, x));
    }

    fn add_lanes(&mut self, start: usize, x: Var) {
        let (column, lanes) = (self.column(Workspace::Adjoints, start), start..start + self.lanes);
        if self.passes_lanes_twice() {
            // What is written in the last turn was perhaps added to in the one before.
            self.generator.memory.touch(Workspace::Adjoints, lanes);
            self.tape.push(Op::AddLanes(column, x));
        } else if self.generator.memory.take_fresh(lanes) {
            self.tape.push(Op::Store(column, x));
        } else {
            self.tape.push(Op::AddLanes(column, x));
        }
    }

    fn gather(&mut self, from: Workspace, stretch: Slot, index: IndexId) -> Var {
        self.generator.memory.touch(from, stretch.start..stretch.start + stretch.lanes);
        let entries = self.entries(from, stretch, index);
        self.tape.push(Op::Gather(entries))
    }

    fn scatter_add(&mut self, to: Workspace, stretch: Slot, index: IndexId, x: Var) {
        if self.is_few(to, stretch) {
            return self.accumulate_entries(to, stretch, index, x);
        }
        self.generator.memory.touch(to, stretch.start..stretch.start + stretch.lanes);
        let entries = self.entries(to, stretch, index);
        self.tape.push(Op::ScatterAdd(entries, x));
    }

    fn add_total(&mut self, total: Total, x: Var) {
        let number = self.total(total);
        self.tape.push(Op::Accumulate(number, x));
    }
}
