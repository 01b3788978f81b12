//! One turn of a map as a list of operations on registers without number: what kernels and the map's body say, written
//! down before registers are given out.

use std::collections::HashMap;
use std::sync::Arc;

use super::super::memory::Base;
use super::super::operation::{Called, Operations};

use crate::kernel::Machine;

/// What an operation gives, named by the operation's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Var(pub(super) u32);

impl Var {
    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
}

/// Where the lanes of a column begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Column {
    /// So many bytes from the start of a workspace, say.
    Slot(Base, i32),
    /// At an address.
    Known(u64),
}

/// Entries of a stretch of a workspace, one a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entries {
    /// What the start counts from.
    pub(super) base: Base,
    /// The start of the stretch, in bytes.
    pub(super) start: i32,
    /// The number of its entries.
    pub(super) n: usize,
    /// The address of the entries' positions, of 32 bits each.
    pub(super) positions: u64,
    /// Their place among [`Tape::indices`].
    pub(super) index: u32,
}

/// Entries of a stretch that have a total each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct EntryTotals {
    /// Which lanes belong to which entry.
    pub(super) lanes: EntryLanes,
    /// The total of the first entry; those of the others follow.
    pub(super) first_total: u32,
    /// The number of entries.
    pub(super) n: u32,
    /// The place of the lanes' positions among [`Tape::indices`].
    pub(super) index: u32,
}

/// Which lanes belong to which entry of a stretch, turn after turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EntryLanes {
    /// The address of the entries' positions, of 32 bits each, with which each entry is compared. AVX2 alone.
    Compared(u64),
    /// The same, where each lane of a total is found by its position. AVX2 alone.
    Indexed(u64),
    /// Masks of 16 bits: those of all turns of the first entry, then of the second, and so on. AVX-512 alone.
    Masks {
        /// The address of the first mask.
        address: u64,
        /// The number of turns.
        turns: usize,
    },
}

/// Operations of two registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Binary {
    Add,
    Subtract,
    Multiply,
    Divide,
    /// The first where it is less than the second, else the second: that is, the second where one is no number.
    Smaller,
    /// The first where it is greater than the second, else the second.
    Larger,
    And,
    Or,
    Xor,
    AddBits,
    SubtractBits,
}

/// Comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Less,
    Equal,
}

/// An operation.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Op {
    /// The same bits in all lanes.
    Constant(u64),
    /// A number that the caller hands over, in all lanes.
    Input(u32),
    Load(Column),
    Gather(Entries),
    Binary(Binary, Var, Var),
    MultiplyAdd(Var, Var, Var),
    Sqrt(Var),
    Shift {
        x: Var,
        is_up: bool,
        n: u8,
    },
    Compare(Comparison, Var, Var),
    /// The first where the mask holds, else the second.
    Select(Var, Var, Var),
    Store(Column, Var),
    AddLanes(Column, Var),
    ScatterAdd(Entries, Var),
    /// Adds to a total.
    Accumulate(u32, Var),
    /// Adds a product to a total.
    AccumulateProduct(u32, Var, Var),
    /// Adds the lanes of one entry after the other to as many totals.
    AccumulateEntries(EntryTotals, Var),
    /// Calls a function lane by lane: the call's place among [`Tape::calls`], and its operands.
    Call(u32, Var, Var),
}

impl Op {
    /// Calls `f` on every operand.
    pub(super) fn for_each_operand(&self, mut f: impl FnMut(Var)) {
        match self {
            Op::Constant(_) | Op::Input(_) | Op::Load(_) | Op::Gather(_) => {}
            Op::Sqrt(x)
            | Op::Shift { x, .. }
            | Op::Store(_, x)
            | Op::AddLanes(_, x)
            | Op::ScatterAdd(_, x)
            | Op::Accumulate(_, x)
            | Op::AccumulateEntries(_, x) => f(*x),
            Op::Binary(_, x, y) | Op::Compare(_, x, y) | Op::AccumulateProduct(_, x, y) | Op::Call(_, x, y) => {
                f(*x);
                f(*y);
            }
            Op::MultiplyAdd(x, y, z) | Op::Select(x, y, z) => [x, y, z].into_iter().for_each(|x| f(*x)),
        }
    }

    /// True for what changes memory or totals.
    pub(super) fn is_effect(&self) -> bool {
        matches!(
            self,
            Op::Store(..)
                | Op::AddLanes(..)
                | Op::ScatterAdd(..)
                | Op::Accumulate(..)
                | Op::AccumulateProduct(..)
                | Op::AccumulateEntries(..)
        )
    }
}

/// The list.
#[derive(Debug, Default)]
pub(super) struct Tape {
    pub(super) ops: Vec<Op>,
    /// Functions that are called.
    pub(super) calls: Vec<Called>,
    /// The positions of entries.
    pub(super) indices: Vec<Arc<[u32]>>,
    /// Masks whose addresses operations have.
    pub(super) masks: Vec<Arc<[u16]>>,
    /// Each constant is there once.
    constants: HashMap<u64, Var>,
    inputs: HashMap<u32, Var>,
}

impl Tape {
    pub(super) fn push(&mut self, op: Op) -> Var {
        let var = Var(self.ops.len() as u32);
        self.ops.push(op);
        var
    }

    /// Keeps positions of entries.
    pub(super) fn index(&mut self, positions: &Arc<[u32]>) -> u32 {
        self.indices.push(Arc::clone(positions));
        self.indices.len() as u32 - 1
    }

    pub(super) fn constant(&mut self, bits: u64) -> Var {
        if let Some(var) = self.constants.get(&bits) {
            return *var;
        }
        let var = self.push(Op::Constant(bits));
        self.constants.insert(bits, var);
        var
    }

    pub(super) fn input(&mut self, number: u32) -> Var {
        if let Some(var) = self.inputs.get(&number) {
            return *var;
        }
        let var = self.push(Op::Input(number));
        self.inputs.insert(number, var);
        var
    }

    /// The totals that are found by a position: they are in memory.
    pub(super) fn indexed_totals(&self) -> impl Iterator<Item = u32> {
        self.ops.iter().flat_map(|op| match op {
            Op::AccumulateEntries(EntryTotals { lanes: EntryLanes::Indexed(_), first_total, n, .. }, _) => {
                *first_total..first_total + n
            }
            _ => 0..0,
        })
    }

    /// For each operation, how many use it; only those count that some effect needs.
    pub(super) fn uses(&self) -> Vec<u32> {
        let mut uses = vec![0; self.ops.len()];
        for (i, op) in self.ops.iter().enumerate().rev() {
            if op.is_effect() || uses[i] > 0 {
                op.for_each_operand(|x| uses[x.index()] += 1);
            }
        }
        uses
    }

    /// Products that are made for a total alone are multiplied and added in one.
    pub(super) fn fuse_products(&mut self) {
        let uses = self.uses();
        for i in 0..self.ops.len() {
            if let Op::Accumulate(total, x) = self.ops[i]
                && uses[x.index()] == 1
                && let Op::Binary(Binary::Multiply, a, b) = self.ops[x.index()]
            {
                self.ops[i] = Op::AccumulateProduct(total, a, b);
            }
        }
    }
}

/// The machine that writes down what kernels tell it.
pub(super) struct Writer<'a>(pub(super) &'a mut Tape);

impl Writer<'_> {
    fn binary(&mut self, binary: Binary, x: Var, y: Var) -> Var {
        self.0.push(Op::Binary(binary, x, y))
    }
}

impl Machine for Writer<'_> {
    type Real = Var;
    type Bits = Var;
    type Mask = Var;

    fn real(&mut self, x: f64) -> Var {
        self.0.constant(x.to_bits())
    }

    fn bits(&mut self, x: u64) -> Var {
        self.0.constant(x)
    }

    fn add(&mut self, x: Var, y: Var) -> Var {
        self.binary(Binary::Add, x, y)
    }

    fn subtract(&mut self, x: Var, y: Var) -> Var {
        self.binary(Binary::Subtract, x, y)
    }

    fn multiply(&mut self, x: Var, y: Var) -> Var {
        self.binary(Binary::Multiply, x, y)
    }

    fn divide(&mut self, x: Var, y: Var) -> Var {
        self.binary(Binary::Divide, x, y)
    }

    fn multiply_add(&mut self, x: Var, y: Var, z: Var) -> Var {
        self.0.push(Op::MultiplyAdd(x, y, z))
    }

    fn is_fused(&self) -> bool {
        true
    }

    fn sqrt(&mut self, x: Var) -> Var {
        self.0.push(Op::Sqrt(x))
    }

    fn negate(&mut self, x: Var) -> Var {
        let sign = self.real(-0.0);
        self.binary(Binary::Xor, x, sign)
    }

    fn abs(&mut self, x: Var) -> Var {
        let size = self.bits(!(-0.0_f64).to_bits());
        self.binary(Binary::And, x, size)
    }

    fn less(&mut self, x: Var, y: Var) -> Var {
        self.0.push(Op::Compare(Comparison::Less, x, y))
    }

    fn equal(&mut self, x: Var, y: Var) -> Var {
        self.0.push(Op::Compare(Comparison::Equal, x, y))
    }

    fn select(&mut self, mask: Var, x: Var, y: Var) -> Var {
        match self.0.ops[mask.index()] {
            Op::Compare(Comparison::Less, a, b) if (a, b) == (x, y) => self.binary(Binary::Smaller, x, y),
            Op::Compare(Comparison::Less, a, b) if (a, b) == (y, x) => self.binary(Binary::Larger, x, y),
            _ => self.0.push(Op::Select(mask, x, y)),
        }
    }

    fn to_bits(&mut self, x: Var) -> Var {
        x
    }

    fn as_real(&mut self, x: Var) -> Var {
        x
    }

    fn add_bits(&mut self, x: Var, y: Var) -> Var {
        self.binary(Binary::AddBits, x, y)
    }

    fn subtract_bits(&mut self, x: Var, y: Var) -> Var {
        self.binary(Binary::SubtractBits, x, y)
    }

    fn and_bits(&mut self, x: Var, y: Var) -> Var {
        self.binary(Binary::And, x, y)
    }

    fn or_bits(&mut self, x: Var, y: Var) -> Var {
        self.binary(Binary::Or, x, y)
    }

    fn shift_left(&mut self, x: Var, n: u32) -> Var {
        self.0.push(Op::Shift { x, is_up: true, n: n as u8 })
    }

    fn shift_right(&mut self, x: Var, n: u32) -> Var {
        self.0.push(Op::Shift { x, is_up: false, n: n as u8 })
    }
}

impl Operations for Writer<'_> {
    fn call(&mut self, function: Called, x: &[Var]) -> Var {
        let number = self.0.calls.len() as u32;
        self.0.calls.push(function);
        self.0.push(Op::Call(number, x[0], x[x.len() - 1]))
    }
}
