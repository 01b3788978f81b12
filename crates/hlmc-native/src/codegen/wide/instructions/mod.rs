//! From the operations of a tape to instructions.
//!
//! Here is who is in which register, and arithmetic.
//!
//! | module | what is there |
//! | --- | --- |
//! | [`memory`] | lanes from memory and back |
//! | [`totals`] | what is added up over all turns |
//! | [`turns`] | which lanes a turn has, and calls |

mod memory;
mod totals;
mod turns;

use std::collections::HashSet;

use super::assembler::{
    ADD, ADD_BITS, ALL, AND, Assembler, Condition, DIVIDE, Gpr, Isa, MAXIMUM, MINIMUM, MULTIPLY, MULTIPLY_ADD_132,
    MULTIPLY_ADD_231, Mask, Memory, OR, Opcode, Operand, R11, RDX, RSP, SQRT, SUBTRACT, SUBTRACT_BITS, Vector, XOR,
};
use super::registers::{Bank, Home, Uses};
use super::tape::{Binary, Comparison, Op, Tape, Var};
use crate::codegen::operation::Called;
use memory::{Table, tables};

/// The number of the turn's first lane.
const COUNTER: Gpr = R11;

/// Registers that hold nothing longer than an operation takes.
const SCRATCH: [Vector; 3] = [Vector(0), Vector(1), Vector(2)];

/// The lanes of the turn, where not all of a register's are.
const LANES: Mask = Mask(1);
/// Holds no mask longer than an operation takes.
const SCRATCH_MASK: Mask = Mask(7);

/// The bytes of an area of the stack, enough for any register.
const AREA: i32 = 64;

/// What is on the stack, in areas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::codegen::wide) enum Area {
    /// Positions of entries.
    Positions,
    /// Lanes on their way to memory one by one.
    Lanes,
    /// The lanes of the turn: a mask.
    Mask,
    /// The operands of a call, and what it gives.
    Operands,
    SecondOperands,
    Results,
    /// General registers during a call.
    Saved,
    /// A total without a register.
    Total(u32),
    /// A value without a register.
    Slot(u32),
}

/// Areas that are always there.
const FIXED: u32 = 7;

/// A function of wide code under construction.
pub(in crate::codegen::wide) struct Code<'a> {
    pub(in crate::codegen::wide) asm: Assembler,
    pub(in crate::codegen::wide) tape: &'a Tape,
    /// The addresses of the functions that the tape calls.
    called: &'a [*const Called],
    uses: Uses,
    vectors: Bank,
    masks: Bank,
    homes: Vec<Home>,
    /// Totals that have registers, and those that are on the stack.
    pub(in crate::codegen::wide) totals: Vec<Option<Vector>>,
    /// Tables that are in registers from the first turn to the last.
    tables: Vec<(Table, Vector)>,
    /// True when the last turn has fewer lanes than a register.
    pub(in crate::codegen::wide) has_tail: bool,
    /// The turn's first lane, where turns are written one after the other.
    first_lane: Option<usize>,
    n_slots: u32,
    free_slots: Vec<u32>,
    /// Slots whose values this operation is the last to read: they are free after it.
    read_slots: Vec<u32>,
    /// True after a value was used that is nowhere.
    pub(in crate::codegen::wide) is_broken: bool,
}
impl<'a> Code<'a> {
    pub(in crate::codegen::wide) fn new(
        isa: Isa,
        tape: &'a Tape,
        called: &'a [*const Called],
        n_totals: usize,
        has_tail: bool,
    ) -> Self {
        let (n_registers, most_totals) = match isa {
            Isa::Avx2 => (16, 5),
            Isa::Avx512 => (32, 14),
        };
        let is_indexed: HashSet<u32> = tape.indexed_totals().collect();
        // Calls keep no register.
        let most_totals = if tape.calls.is_empty() { most_totals } else { 0 };
        let held = (0..n_totals as u32).filter(|total| !is_indexed.contains(total)).take(most_totals);
        let held: Vec<u32> = held.collect();
        let first_total = n_registers - held.len() as u8;
        let tables = tables(isa, tape);
        let first_table = first_total - tables.len() as u8;
        let tables = tables.into_iter().zip((first_table..first_total).map(Vector)).collect();
        let mut totals = vec![None; n_totals];
        (first_total..).zip(held).for_each(|(register, total)| totals[total as usize] = Some(Vector(register)));
        Code {
            asm: Assembler::new(isa),
            tape,
            called,
            uses: Uses::new(tape),
            vectors: Bank::new(SCRATCH.len() as u8..first_table),
            masks: Bank::new(LANES.0 + 1..SCRATCH_MASK.0),
            homes: vec![Home::None; tape.ops.len()],
            totals,
            tables,
            has_tail,
            first_lane: None,
            n_slots: 0,
            free_slots: Vec::new(),
            read_slots: Vec::new(),
            is_broken: false,
        }
    }

    /// The bytes of the stack that the code uses.
    pub(in crate::codegen::wide) fn frame(&self) -> i32 {
        (FIXED + self.totals.len() as u32 + self.n_slots) as i32 * AREA
    }

    /// The place of an area.
    pub(in crate::codegen::wide) fn area(&self, area: Area) -> Memory {
        let number = match area {
            Area::Positions => 0,
            Area::Lanes => 1,
            Area::Mask => 2,
            Area::Operands => 3,
            Area::SecondOperands => 4,
            Area::Results => 5,
            Area::Saved => 6,
            Area::Total(total) => FIXED + total,
            Area::Slot(slot) => FIXED + self.totals.len() as u32 + slot,
        };
        Memory::at(RSP, number as i32 * AREA)
    }

    /// The mask of the turn's lanes.
    pub(in crate::codegen::wide) fn lanes(&self) -> Mask {
        if self.has_tail && self.asm.isa == Isa::Avx512 { LANES } else { ALL }
    }

    /// Emits the turn that begins with a lane, when the one before it is there.
    pub(in crate::codegen::wide) fn turn_at(&mut self, first_lane: usize) {
        self.first_lane = Some(first_lane);
        self.uses = Uses::new(self.tape);
        self.turn();
    }

    /// Emits one turn.
    pub(super) fn turn(&mut self) {
        for i in 0..self.tape.ops.len() {
            let (op, own) = (&self.tape.ops[i], Var(i as u32));
            if op.is_effect() || self.uses.next(own).is_some() {
                self.operation(own, op);
            }
        }
    }

    fn operation(&mut self, own: Var, op: &Op) {
        self.free_slots.append(&mut self.read_slots);
        match *op {
            Op::Constant(_) | Op::Input(_) => {}
            Op::Load(column) => {
                let memory = self.column(column);
                let result = self.define(own, &[]);
                self.asm.load(self.lanes(), result, &Operand::Lanes(memory));
            }
            Op::Gather(entries) => self.gather(own, entries),
            Op::Binary(binary, x, y) => self.binary(own, binary, x, y),
            Op::MultiplyAdd(x, y, z) => self.multiply_add(own, x, y, z),
            Op::Sqrt(x) => {
                let operand = self.operand(x, SCRATCH[0]);
                self.finish(own, &[x]);
                let result = self.define(own, &[]);
                self.asm.unary(SQRT, result, &operand);
            }
            Op::Shift { x, is_up, n } => {
                let x_register = self.register(x, SCRATCH[0]);
                self.finish(own, &[x]);
                let result = self.define(own, &[]);
                self.asm.shift(result, x_register, is_up, n);
            }
            Op::Compare(comparison, x, y) => self.compare(own, comparison, x, y),
            Op::Select(mask, x, y) => self.select(own, mask, x, y),
            Op::Store(column, x) => {
                let register = self.register(x, SCRATCH[0]);
                let memory = self.column(column);
                self.asm.store(self.lanes(), memory, register);
                self.finish(own, &[x]);
            }
            Op::AddLanes(column, x) => self.add_lanes(own, column, x),
            Op::ScatterAdd(entries, x) => self.scatter_add(own, entries, x),
            Op::Accumulate(total, x) => {
                let operand = self.operand(x, SCRATCH[0]);
                self.accumulate(total, &operand);
                self.finish(own, &[x]);
            }
            Op::AccumulateEntries(entries, x) => self.accumulate_entries(own, entries, x),
            Op::AccumulateProduct(total, x, y) => self.accumulate_product(own, total, x, y),
            Op::Call(call, x, y) => self.call(own, call, x, y),
        }
    }

    /// The operand in memory or a register; the scratch register serves where it has to be one.
    fn operand(&mut self, x: Var, scratch: Vector) -> Operand {
        match (&self.tape.ops[x.index()], self.homes[x.index()]) {
            (Op::Constant(bits), _) => self.asm.constant(*bits),
            (Op::Input(number), _) => {
                let memory = Memory::at(RDX, *number as i32 * size_of::<f64>() as i32);
                if self.asm.isa == Isa::Avx512 {
                    return Operand::Broadcast(memory);
                }
                self.asm.broadcast(scratch, memory);
                Operand::Register(scratch)
            }
            (_, Home::Register(number)) => Operand::Register(Vector(number)),
            (_, Home::Slot(slot)) => Operand::Lanes(self.area(Area::Slot(slot))),
            (_, Home::None) => {
                self.is_broken = true;
                Operand::Register(scratch)
            }
        }
    }

    /// The operand in a register, the scratch register if need be.
    fn register(&mut self, x: Var, scratch: Vector) -> Vector {
        match self.operand(x, scratch) {
            Operand::Register(register) => register,
            memory => {
                self.asm.load(ALL, scratch, &memory);
                scratch
            }
        }
    }

    fn held(&self, x: Var) -> Option<Vector> {
        match (&self.tape.ops[x.index()], self.homes[x.index()]) {
            (Op::Constant(_) | Op::Input(_), _) => None,
            (_, Home::Register(number)) => Some(Vector(number)),
            _ => None,
        }
    }

    /// True when the value is in a register that nothing after this operation needs.
    fn is_free_after(&self, own: Var, x: Var) -> Option<Vector> {
        self.held(x).filter(|_| self.uses.is_last(x, own.index()))
    }

    fn is_mask(&self, x: Var) -> bool {
        self.asm.isa == Isa::Avx512 && matches!(self.tape.ops[x.index()], Op::Compare(..))
    }

    /// Lets go of operands that are not used again.
    fn finish(&mut self, own: Var, operands: &[Var]) {
        for x in operands {
            self.uses.pass(*x, own.index());
            if self.uses.next(*x).is_none() {
                self.release(*x);
            }
        }
    }

    fn release(&mut self, x: Var) {
        match std::mem::replace(&mut self.homes[x.index()], Home::None) {
            Home::Register(_) if self.is_mask(x) => self.masks.release(x),
            Home::Register(_) => self.vectors.release(x),
            Home::Slot(slot) => self.read_slots.push(slot),
            Home::None => {}
        }
    }

    /// Moves a value from its register to the stack.
    fn spill(&mut self, x: Var) {
        let Home::Register(number) = self.homes[x.index()] else { return };
        self.release(x);
        let slot = self.free_slots.pop().unwrap_or(self.n_slots);
        self.n_slots = self.n_slots.max(slot + 1);
        let memory = self.area(Area::Slot(slot));
        if self.is_mask(x) {
            self.asm.store_mask(memory, Mask(number));
        } else {
            self.asm.store(ALL, memory, Vector(number));
        }
        self.homes[x.index()] = Home::Slot(slot);
    }

    /// A register for a result, which none of the pinned values loses.
    fn define(&mut self, own: Var, pinned: &[Var]) -> Vector {
        let is_mask = self.is_mask(own);
        let taken = if is_mask { self.masks.take(own) } else { self.vectors.take(own) };
        let number = taken.or_else(|| {
            let bank = if is_mask { &self.masks } else { &self.vectors };
            let farthest = bank.farthest(&self.uses, pinned)?;
            self.spill(farthest);
            if is_mask { self.masks.take(own) } else { self.vectors.take(own) }
        });
        let Some(number) = number else {
            self.is_broken = true;
            return SCRATCH[0];
        };
        self.homes[own.index()] = Home::Register(number);
        Vector(number)
    }

    /// The register of an operand that is not used again becomes that of the result.
    fn rename(&mut self, x: Var, own: Var) {
        self.vectors.rename(x, own);
        self.homes[own.index()] = std::mem::replace(&mut self.homes[x.index()], Home::None);
    }

    fn binary(&mut self, own: Var, binary: Binary, x: Var, y: Var) {
        let (opcode, commutes): (Opcode, bool) = match binary {
            Binary::Add => (ADD, true),
            Binary::Subtract => (SUBTRACT, false),
            Binary::Multiply => (MULTIPLY, true),
            Binary::Divide => (DIVIDE, false),
            Binary::Smaller => (MINIMUM, false),
            Binary::Larger => (MAXIMUM, false),
            Binary::And => (AND, true),
            Binary::Or => (OR, true),
            Binary::Xor => (XOR, true),
            Binary::AddBits => (ADD_BITS, true),
            Binary::SubtractBits => (SUBTRACT_BITS, false),
        };
        let (x, y) = if commutes && self.held(x).is_none() { (y, x) } else { (x, y) };
        let first = self.register(x, SCRATCH[0]);
        let second = self.operand(y, SCRATCH[1]);
        self.finish(own, &[x, y]);
        let result = self.define(own, &[]);
        self.asm.binary(opcode, result, first, &second);
    }

    fn multiply_add(&mut self, own: Var, x: Var, y: Var, z: Var) {
        let (x, y) = if self.held(x).is_none() { (y, x) } else { (x, y) };
        let overwritten =
            |code: &Self, a: Var, others: [Var; 2]| code.is_free_after(own, a).filter(|_| !others.contains(&a));
        if let Some(result) = overwritten(self, z, [x, y]) {
            let first = self.register(x, SCRATCH[0]);
            let second = self.operand(y, SCRATCH[1]);
            self.finish(own, &[x, y]);
            self.uses.pass(z, own.index());
            self.rename(z, own);
            return self.asm.binary(MULTIPLY_ADD_231, result, first, &second);
        }
        for (a, b) in [(x, y), (y, x)] {
            if let (Some(result), Some(addend)) = (overwritten(self, a, [b, z]), self.held(z)) {
                let factor = self.operand(b, SCRATCH[0]);
                self.finish(own, &[b, z]);
                self.uses.pass(a, own.index());
                self.rename(a, own);
                return self.asm.binary(MULTIPLY_ADD_132, result, addend, &factor);
            }
        }
        let result = self.define(own, &[x, y, z]);
        let addend = self.operand(z, SCRATCH[2]);
        self.asm.load(ALL, result, &addend);
        let first = self.register(x, SCRATCH[0]);
        let second = self.operand(y, SCRATCH[1]);
        self.asm.binary(MULTIPLY_ADD_231, result, first, &second);
        self.finish(own, &[x, y, z]);
    }

    fn compare(&mut self, own: Var, comparison: Comparison, x: Var, y: Var) {
        let (x, y, condition) = match comparison {
            Comparison::Less if self.held(x).is_none() => (y, x, Condition::Greater),
            Comparison::Less => (x, y, Condition::Less),
            Comparison::Equal if self.held(x).is_none() => (y, x, Condition::Equal),
            Comparison::Equal => (x, y, Condition::Equal),
        };
        let first = self.register(x, SCRATCH[0]);
        let second = self.operand(y, SCRATCH[1]);
        self.finish(own, &[x, y]);
        let result = self.define(own, &[]);
        match self.asm.isa {
            Isa::Avx2 => self.asm.compare(condition, result, first, &second),
            Isa::Avx512 => self.asm.compare_to_mask(condition, Mask(result.0), first, &second),
        }
    }

    fn select(&mut self, own: Var, mask: Var, x: Var, y: Var) {
        let first = self.register(y, SCRATCH[0]);
        let second = self.operand(x, SCRATCH[1]);
        match self.asm.isa {
            Isa::Avx2 => {
                let mask_register = self.register(mask, SCRATCH[2]);
                self.finish(own, &[mask, x, y]);
                let result = self.define(own, &[]);
                self.asm.blend(result, mask_register, first, &second);
            }
            Isa::Avx512 => {
                let mask_register = match self.homes[mask.index()] {
                    Home::Register(number) => Mask(number),
                    Home::Slot(slot) => {
                        let memory = self.area(Area::Slot(slot));
                        self.asm.load_mask(SCRATCH_MASK, memory);
                        SCRATCH_MASK
                    }
                    Home::None => {
                        self.is_broken = true;
                        SCRATCH_MASK
                    }
                };
                self.finish(own, &[mask, x, y]);
                let result = self.define(own, &[]);
                self.asm.blend_by_mask(result, mask_register, first, &second);
            }
        }
    }
}
