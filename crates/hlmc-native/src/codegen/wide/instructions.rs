//! From the operations of a tape to instructions.

use super::assembler::{
    ADD, ADD_BITS, ALL, AND, Assembler, Condition, DIVIDE, Gpr, Isa, MAXIMUM, MINIMUM, MULTIPLY, MULTIPLY_ADD_132,
    MULTIPLY_ADD_231, Mask, Memory, OR, Opcode, Operand, R8, R9, R10, R11, RAX, RCX, RDI, RDX, RSI, RSP, SQRT,
    SUBTRACT, SUBTRACT_BITS, Vector, XOR,
};
use super::call;
use super::registers::{Bank, Home, Uses};
use super::tape::{Binary, Column, Comparison, Entries, EntryMasks, Op, Tape, Var};
use crate::codegen::memory::Base;
use crate::codegen::operation::Called;

/// The number of the turn's first lane.
pub(super) const COUNTER: Gpr = R11;

/// Registers that hold nothing longer than an operation takes.
const SCRATCH: [Vector; 3] = [Vector(0), Vector(1), Vector(2)];

/// The lanes of the turn, where not all of a register's are.
const LANES: Mask = Mask(1);
/// Holds no mask longer than an operation takes.
const SCRATCH_MASK: Mask = Mask(7);

/// Columns of so few entries are read from a register.
const TABLE: usize = 8;

/// So many of them have registers from the first turn to the last.
const MAX_TABLES: usize = 3;

/// A column that is read from a register: what its start counts from, the start in bytes, and the number of its entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Table {
    base: Base,
    start: i32,
    n: usize,
}

impl Table {
    /// The table that entries come from, if they are few.
    fn of(entries: &Entries) -> Option<Table> {
        (entries.n <= TABLE).then_some(Table { base: entries.base, start: entries.start, n: entries.n })
    }
}

/// The tables of a tape, as far as they have registers. Calls keep none.
fn tables(isa: Isa, tape: &Tape) -> Vec<Table> {
    let mut tables = Vec::new();
    if isa == Isa::Avx2 || !tape.calls.is_empty() {
        return tables;
    }
    for op in &tape.ops {
        if let Op::Gather(entries) = op
            && let Some(table) = Table::of(entries)
            && !tables.contains(&table)
        {
            tables.push(table);
        }
    }
    tables.truncate(MAX_TABLES);
    tables
}

/// The bytes of an area of the stack, enough for any register.
const AREA: i32 = 64;

/// What is on the stack, in areas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Area {
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
pub(super) struct Code<'a> {
    pub(super) asm: Assembler,
    pub(super) tape: &'a Tape,
    /// The addresses of the functions that the tape calls.
    called: &'a [*const Called],
    uses: Uses,
    vectors: Bank,
    masks: Bank,
    homes: Vec<Home>,
    /// Totals that have registers, and those that are on the stack.
    pub(super) totals: Vec<Option<Vector>>,
    /// Tables that are in registers from the first turn to the last.
    tables: Vec<(Table, Vector)>,
    /// True when the last turn has fewer lanes than a register.
    pub(super) has_tail: bool,
    n_slots: u32,
    free_slots: Vec<u32>,
    /// True after a value was used that is nowhere.
    pub(super) is_broken: bool,
}

impl<'a> Code<'a> {
    pub(super) fn new(isa: Isa, tape: &'a Tape, called: &'a [*const Called], n_totals: usize, has_tail: bool) -> Self {
        let (n_registers, most_totals) = match isa {
            Isa::Avx2 => (16, 5),
            Isa::Avx512 => (32, 14),
        };
        // Calls keep no register.
        let n_held = if tape.calls.is_empty() { n_totals.min(most_totals) } else { 0 };
        let first_total = n_registers - n_held as u8;
        let tables = tables(isa, tape);
        let first_table = first_total - tables.len() as u8;
        let tables = tables.into_iter().zip((first_table..first_total).map(Vector)).collect();
        let totals = (0..n_totals).map(|i| (i < n_held).then(|| Vector(first_total + i as u8))).collect();
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
            n_slots: 0,
            free_slots: Vec::new(),
            is_broken: false,
        }
    }

    /// The bytes of the stack that the code uses.
    pub(super) fn frame(&self) -> i32 {
        (FIXED + self.totals.len() as u32 + self.n_slots) as i32 * AREA
    }

    /// The place of an area.
    pub(super) fn area(&self, area: Area) -> Memory {
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
    pub(super) fn lanes(&self) -> Mask {
        if self.has_tail && self.asm.isa == Isa::Avx512 { LANES } else { ALL }
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
            Op::AccumulateEntries { masks, x } => self.accumulate_entries(own, masks, x),
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
            Home::Slot(slot) => self.free_slots.push(slot),
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

    /// The place of the turn's lanes of a column. An address needs `rax`.
    fn column(&mut self, column: Column) -> Memory {
        let (base, displacement) = match column {
            Column::Slot(base, start) => (base_register(base), start),
            Column::Known(address) => {
                self.asm.set(RAX, address);
                (RAX, 0)
            }
        };
        Memory { base, index: Some((COUNTER, 3)), displacement }
    }

    /// The place of the turn's positions of entries, in `rax`.
    fn positions(&mut self, entries: &Entries) -> Memory {
        self.asm.set(RAX, entries.positions);
        Memory { base: RAX, index: Some((COUNTER, 2)), displacement: 0 }
    }

    fn gather(&mut self, own: Var, entries: Entries) {
        let positions = self.positions(&entries);
        let base = base_register(entries.base);
        let stretch = Memory::at(base, entries.start);
        let result = self.define(own, &[]);
        match self.asm.isa {
            Isa::Avx512 if entries.n <= TABLE => {
                self.asm.load_positions_wide(self.lanes(), SCRATCH[1], positions);
                let known = self.tables.iter().find(|(table, _)| Some(*table) == Table::of(&entries));
                let table = known.map_or(SCRATCH[0], |(_, register)| *register);
                if known.is_none() {
                    self.load_table(table, stretch, entries.n);
                }
                self.asm.permute(result, SCRATCH[1], table);
            }
            Isa::Avx512 => {
                self.asm.load_positions(self.lanes(), SCRATCH[1], positions);
                if self.has_tail {
                    self.asm.copy_mask(SCRATCH_MASK, LANES);
                } else {
                    self.all_lanes(SCRATCH_MASK);
                }
                // What the result held before does not matter, and is not waited for.
                self.asm.binary(XOR, result, result, &Operand::Register(result));
                self.asm.gather(SCRATCH_MASK, result, stretch, SCRATCH[1]);
            }
            Isa::Avx2 => {
                for (pair, register) in [SCRATCH[0], SCRATCH[1]].into_iter().enumerate() {
                    for lane in 0..2 {
                        let at = (2 * pair + lane) * size_of::<u32>();
                        self.asm.load_position(R9, Memory { displacement: at as i32, ..positions });
                        let entry = Memory { index: Some((R9, 3)), ..stretch };
                        if lane == 0 {
                            self.asm.load_one(register, entry);
                        } else {
                            self.asm.load_second(register, register, entry);
                        }
                    }
                }
                self.asm.join_pairs(result, SCRATCH[0], SCRATCH[1]);
            }
        }
    }

    /// Reads so many entries.
    fn load_table(&mut self, to: Vector, from: Memory, n: usize) {
        self.asm.set(R9, (1 << n) - 1);
        self.asm.mask_from(SCRATCH_MASK, R9);
        self.asm.load(SCRATCH_MASK, to, &Operand::Lanes(from));
    }

    /// Reads what turns find in registers. Nothing that a map gathers from changes while it runs.
    pub(super) fn load_tables(&mut self) {
        for (table, register) in self.tables.clone() {
            self.load_table(register, Memory::at(base_register(table.base), table.start), table.n);
        }
    }

    /// Sets a mask for all lanes of a register.
    pub(super) fn all_lanes(&mut self, mask: Mask) {
        self.asm.set(R9, (1 << self.asm.isa.lanes()) - 1);
        self.asm.mask_from(mask, R9);
    }

    /// The lanes of a value that are the turn's, zero elsewhere, in a register.
    fn kept(&mut self, x: Var, scratch: Vector) -> Vector {
        if !self.has_tail {
            return self.register(x, scratch);
        }
        match self.asm.isa {
            Isa::Avx2 => {
                let x = self.register(x, scratch);
                let mask = self.area(Area::Mask);
                self.asm.binary(AND, scratch, x, &Operand::Lanes(mask));
            }
            Isa::Avx512 => {
                let x = self.register(x, scratch);
                self.asm.keep(LANES, scratch, x);
            }
        }
        scratch
    }

    fn add_lanes(&mut self, own: Var, column: Column, x: Var) {
        let x_kept = match self.asm.isa {
            Isa::Avx2 => self.kept(x, SCRATCH[0]),
            Isa::Avx512 => self.register(x, SCRATCH[0]),
        };
        let memory = self.column(column);
        let lanes = self.lanes();
        self.asm.load(lanes, SCRATCH[1], &Operand::Lanes(memory));
        self.asm.binary(ADD, SCRATCH[1], SCRATCH[1], &Operand::Register(x_kept));
        self.asm.store(lanes, memory, SCRATCH[1]);
        self.finish(own, &[x]);
    }

    /// Lane after lane: two lanes may name one entry. Lanes that are not the turn's add zero to some entry.
    fn scatter_add(&mut self, own: Var, entries: Entries, x: Var) {
        let kept = self.kept(x, SCRATCH[0]);
        let mut positions = self.positions(&entries);
        let lanes = self.area(Area::Lanes);
        self.asm.store(ALL, lanes, kept);
        if self.lanes() != ALL {
            // Positions beyond the last are no memory of ours.
            self.asm.load_positions(LANES, SCRATCH[1], positions);
            positions = self.area(Area::Positions);
            self.asm.store(ALL, positions, SCRATCH[1]);
        }
        let stretch = Memory::at(base_register(entries.base), entries.start);
        for lane in 0..self.asm.isa.lanes() {
            let displacement = positions.displacement + (lane * size_of::<u32>()) as i32;
            self.asm.load_position(R9, Memory { displacement, ..positions });
            let entry = Memory { index: Some((R9, 3)), ..stretch };
            self.asm.load_one(SCRATCH[2], entry);
            let displacement = lanes.displacement + (lane * size_of::<f64>()) as i32;
            self.asm.add_one(SCRATCH[2], SCRATCH[2], Memory { displacement, ..lanes });
            self.asm.store_one(entry, SCRATCH[2]);
        }
        self.finish(own, &[x]);
    }

    /// Adds an operand that may be in the first scratch register to a total.
    fn accumulate(&mut self, total: u32, x: &Operand) {
        let mut x = *x;
        if self.has_tail && self.asm.isa == Isa::Avx2 {
            let mask = self.area(Area::Mask);
            self.asm.load(ALL, SCRATCH[1], &Operand::Lanes(mask));
            self.asm.binary(AND, SCRATCH[1], SCRATCH[1], &x);
            x = Operand::Register(SCRATCH[1]);
        }
        self.with_total(total, |asm, lanes, register| asm.binary_masked(ADD, lanes, register, register, &x));
    }

    fn accumulate_product(&mut self, own: Var, total: u32, x: Var, y: Var) {
        let (x, y) = if self.held(x).is_none() { (y, x) } else { (x, y) };
        let first = match self.asm.isa {
            Isa::Avx2 => self.kept(x, SCRATCH[0]),
            Isa::Avx512 => self.register(x, SCRATCH[0]),
        };
        let second = self.operand(y, SCRATCH[1]);
        self.with_total(total, |asm, lanes, register| {
            asm.binary_masked(MULTIPLY_ADD_231, lanes, register, first, &second);
        });
        self.finish(own, &[x, y]);
    }

    /// Adds every lane to its entry's total. AVX-512 alone.
    fn accumulate_entries(&mut self, own: Var, masks: EntryMasks, x: Var) {
        let operand = Operand::Register(self.register(x, SCRATCH[0]));
        self.asm.set(RAX, masks.address);
        // A mask has two bytes, and a turn eight lanes.
        self.asm.copy(R9, COUNTER);
        self.asm.shift_general_down(R9, 2);
        for entry in 0..masks.n {
            let displacement = (entry as usize * masks.turns * size_of::<u16>()) as i32;
            self.asm.load_mask(SCRATCH_MASK, Memory { base: RAX, index: Some((R9, 0)), displacement });
            self.with_total(masks.first_total + entry, |asm, _, total| {
                asm.binary_masked(ADD, SCRATCH_MASK, total, total, &operand);
            });
        }
        self.finish(own, &[x]);
    }

    /// Changes a total, in its register or on the stack.
    fn with_total(&mut self, total: u32, change: impl FnOnce(&mut Assembler, Mask, Vector)) {
        let lanes = self.lanes();
        if let Some(register) = self.totals[total as usize] {
            return change(&mut self.asm, lanes, register);
        }
        let memory = self.area(Area::Total(total));
        self.asm.load(ALL, SCRATCH[2], &Operand::Lanes(memory));
        change(&mut self.asm, lanes, SCRATCH[2]);
        self.asm.store(ALL, memory, SCRATCH[2]);
    }

    /// A call of a function that changes any register.
    fn call(&mut self, own: Var, call: u32, x: Var, y: Var) {
        for (area, operand) in [(Area::Operands, x), (Area::SecondOperands, y)] {
            let register = self.register(operand, SCRATCH[0]);
            let memory = self.area(area);
            self.asm.store(ALL, memory, register);
        }
        self.finish(own, &[x, y]);
        let held = self.vectors.held().into_iter().chain(self.masks.held());
        held.collect::<Vec<Var>>().into_iter().for_each(|x| self.spill(x));
        let kept = [RDI, RSI, RDX, RCX, R8, COUNTER];
        let saved = self.area(Area::Saved);
        let place = |i: usize| Memory::at(RSP, saved.displacement + (i * size_of::<u64>()) as i32);
        kept.iter().enumerate().for_each(|(i, register)| self.asm.store_general(place(i), *register));
        self.asm.clear_upper_halves();
        self.asm.set(RDI, self.called[call as usize] as u64);
        for (register, area) in [(RSI, Area::Operands), (RDX, Area::SecondOperands), (RCX, Area::Results)] {
            let memory = self.area(area);
            self.asm.address(register, memory);
        }
        self.asm.set(R8, self.asm.isa.lanes() as u64);
        self.asm.set(RAX, call::lanes as *const () as u64);
        self.asm.call_rax();
        kept.iter().enumerate().for_each(|(i, register)| self.asm.load_general(*register, place(i)));
        if self.lanes() != ALL {
            let mask = self.area(Area::Mask);
            self.asm.load_mask(LANES, mask);
        }
        let result = self.define(own, &[]);
        let memory = self.area(Area::Results);
        self.asm.load(ALL, result, &Operand::Lanes(memory));
    }

    /// Prepares the first turn's mask: of all lanes, or of so many.
    pub(super) fn begin_lanes(&mut self, lanes: usize) {
        match self.asm.isa {
            Isa::Avx512 => self.set_lanes((1 << lanes.min(self.asm.isa.lanes())) - 1),
            Isa::Avx2 => {
                let (all, mask) = (self.asm.constant(u64::MAX), self.area(Area::Mask));
                self.asm.load(ALL, SCRATCH[0], &all);
                self.asm.store(ALL, mask, SCRATCH[0]);
            }
        }
    }

    /// The mask of the last turn. With AVX2 that ends with the last lane, and begins with lanes that have been there.
    pub(super) fn last_lanes(&mut self, lanes: usize) {
        let width = self.asm.isa.lanes();
        let rest = lanes % width;
        match self.asm.isa {
            Isa::Avx512 => self.set_lanes((1 << rest) - 1),
            Isa::Avx2 => {
                let mask = self.area(Area::Mask);
                for lane in 0..width - rest {
                    self.asm.set(R9, 0);
                    let displacement = mask.displacement + (lane * size_of::<u64>()) as i32;
                    self.asm.store_general(Memory { displacement, ..mask }, R9);
                }
                self.asm.set(COUNTER, (lanes - width) as u64);
            }
        }
    }

    fn set_lanes(&mut self, bits: u64) {
        self.asm.set(R10, bits);
        self.asm.mask_from(LANES, R10);
        if !self.tape.calls.is_empty() {
            let mask = self.area(Area::Mask);
            self.asm.store_mask(mask, LANES);
        }
    }

    /// Sets all totals to zero.
    pub(super) fn clear_totals(&mut self) {
        for total in 0..self.totals.len() {
            let register = self.totals[total].unwrap_or(SCRATCH[0]);
            self.asm.binary(XOR, register, register, &Operand::Register(register));
            if self.totals[total].is_none() {
                let memory = self.area(Area::Total(total as u32));
                self.asm.store(ALL, memory, register);
            }
        }
    }

    /// Adds up the lanes of each total, and writes the sums.
    pub(super) fn hand_over(&mut self, first: Memory) {
        let n = self.totals.len();
        let place =
            |total: usize| Memory { displacement: first.displacement + (total * size_of::<f64>()) as i32, ..first };
        let [a, b, rest] = SCRATCH;
        for total in (0..n).step_by(2) {
            self.four_lanes(total, a);
            if total + 1 == n {
                self.asm.upper_pair(rest, a);
                self.asm.add_low(false, a, a, rest);
                self.asm.unpack(false, true, rest, a, a);
                self.asm.add_low(false, a, a, rest);
                self.asm.store_one(place(total), a);
            } else {
                // Two totals at a time: first lanes beside first lanes, second beside second.
                self.four_lanes(total + 1, b);
                self.asm.unpack(true, false, rest, a, b);
                self.asm.unpack(true, true, a, a, b);
                self.asm.add_low(true, a, a, rest);
                self.asm.upper_pair(rest, a);
                self.asm.add_low(false, a, a, rest);
                self.asm.store_pair(place(total), a);
            }
        }
    }

    /// A total in the lower four lanes of a register.
    fn four_lanes(&mut self, total: usize, to: Vector) {
        let memory = self.area(Area::Total(total as u32));
        let operand = self.totals[total].map_or(Operand::Lanes(memory), Operand::Register);
        self.asm.load(ALL, to, &operand);
        if self.asm.isa == Isa::Avx512 {
            let [_, _, rest] = SCRATCH;
            self.asm.upper_half(rest, to);
            self.asm.add_low(true, to, to, rest);
        }
    }
}

fn base_register(base: Base) -> Gpr {
    match base {
        Base::Values => RDI,
        Base::Adjoints => RSI,
        Base::Position => RCX,
        Base::Gradient => R8,
    }
}
