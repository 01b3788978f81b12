//! The turn of a map, written down as a tape.

use std::collections::HashMap;

use cranelift_codegen::ir::Value;

use super::super::body::{Body, Sweep};
use super::super::generator::{Generator, SIZE};
use super::super::plan::Map;
use super::super::turn::{Total, Turn, Workspace};
use super::tape::{Column, Entries, Op, Tape, Var, Writer};
use super::{Isa, MIN_LANES, WideFunction, compile};
use crate::execute::Slot;
use crate::graph::{ColumnId, IndexId, NodeId};

/// A map's function, and what passes through its exchange.
pub(in crate::codegen) struct WideMap {
    pub(in crate::codegen) function: WideFunction,
    /// Numbers that all lanes share.
    pub(in crate::codegen) inputs: Vec<Value>,
    /// What is added up.
    pub(in crate::codegen) totals: Vec<Total>,
}

/// Compiles a map; `None` where that is not worth a call, or too much for one.
pub(in crate::codegen) fn map(g: &mut Generator<'_, '_>, isa: Isa, map: &Map, sweep: Sweep) -> Option<WideMap> {
    if map.lanes < MIN_LANES {
        return None;
    }
    let (plan, stage) = ((g.plan, g.layout), (g.stage, map));
    let mut turn =
        Lanes { generator: g, tape: Tape::default(), inputs: Vec::new(), numbers: HashMap::new(), totals: Vec::new() };
    Body::new(plan, stage, sweep).emit(&mut turn);
    let Lanes { tape, inputs, totals, .. } = turn;
    let function = compile(isa, tape, map.lanes, (inputs.len(), totals.len()))?;
    Some(WideMap { function, inputs, totals })
}

/// The turn.
struct Lanes<'x, 'a, 'b> {
    generator: &'x mut Generator<'a, 'b>,
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

    fn entries(&mut self, workspace: Workspace, stretch: Slot, index: IndexId) -> Entries {
        let positions = self.generator.keep_index(index);
        Entries { workspace, start: bytes(stretch.start), n: stretch.lanes, positions }
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
        self.tape.push(Op::Load(Column::Slot(from, bytes(start))))
    }

    fn store(&mut self, start: usize, x: Var) {
        self.tape.push(Op::Store(Column::Slot(Workspace::Values, bytes(start)), x));
    }

    fn add_lanes(&mut self, start: usize, x: Var) {
        self.tape.push(Op::AddLanes(Column::Slot(Workspace::Adjoints, bytes(start)), x));
    }

    fn gather(&mut self, from: Workspace, stretch: Slot, index: IndexId) -> Var {
        let entries = self.entries(from, stretch, index);
        self.tape.push(Op::Gather(entries))
    }

    fn scatter_add(&mut self, to: Workspace, stretch: Slot, index: IndexId, x: Var) {
        let entries = self.entries(to, stretch, index);
        self.tape.push(Op::ScatterAdd(entries, x));
    }

    fn add_total(&mut self, total: Total, x: Var) {
        let number = self.totals.iter().position(|known| *known == total).unwrap_or(self.totals.len());
        if number == self.totals.len() {
            self.totals.push(total);
        }
        self.tape.push(Op::Accumulate(number as u32, x));
    }
}
