//! Lanes from memory and back.

use super::super::assembler::{ADD, ALL, AND, Gpr, Isa, Memory, Operand, R8, R9, RAX, RCX, RDI, RSI, Vector, XOR};
use super::super::tape::{Column, Entries, Op, Tape, Var};
use super::{Area, COUNTER, Code, LANES, SCRATCH, SCRATCH_MASK};
use crate::codegen::memory::Base;

/// Columns of so few entries are read from a register.
const TABLE: usize = 8;

/// So many of them have registers from the first turn to the last.
const MAX_TABLES: usize = 3;

/// A column that is read from a register: what its start counts from, the start in bytes, and the number of its entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Table {
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
pub(super) fn tables(isa: Isa, tape: &Tape) -> Vec<Table> {
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

impl<'a> Code<'a> {
    /// The place of the turn's lanes of a column. An address needs `rax`.
    pub(super) fn column(&mut self, column: Column) -> Memory {
        let (base, displacement) = match column {
            Column::Slot(base, start) => (base_register(base), start),
            Column::Known(address) => {
                self.asm.set(RAX, address);
                (RAX, 0)
            }
        };
        self.of_turn(base, displacement, size_of::<f64>())
    }

    /// What belongs to the turn's first lane, of so many bytes a lane.
    fn of_turn(&self, base: Gpr, displacement: i32, size: usize) -> Memory {
        match self.first_lane {
            Some(lane) => Memory::at(base, displacement + (lane * size) as i32),
            None => Memory { base, index: Some((COUNTER, size.trailing_zeros() as u8)), displacement },
        }
    }

    /// The positions of the turn's lanes, where turns are written one after the other.
    pub(super) fn known_positions(&self, index: u32) -> Option<&'a [u32]> {
        let first_lane = self.first_lane?;
        self.tape.indices.get(index as usize)?.get(first_lane..first_lane + self.asm.isa.lanes())
    }

    /// The place of the turn's positions of entries, in `rax`.
    pub(super) fn positions(&mut self, address: u64) -> Memory {
        self.asm.set(RAX, address);
        self.of_turn(RAX, 0, size_of::<u32>())
    }

    pub(super) fn gather(&mut self, own: Var, entries: Entries) {
        if let Some(positions) = self.known_positions(entries.index) {
            return self.gather_known(own, entries, positions);
        }
        let positions = self.positions(entries.positions);
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
                if self.has_tail {
                    self.asm.copy_mask(SCRATCH_MASK, LANES);
                } else {
                    self.all_lanes(SCRATCH_MASK);
                }
                self.asm.load_positions(SCRATCH_MASK, SCRATCH[1], positions);
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

    /// Reads entries at positions that are known. AVX2 alone.
    fn gather_known(&mut self, own: Var, entries: Entries, positions: &[u32]) {
        let result = self.define(own, &[]);
        let base = base_register(entries.base);
        let entry = |at: u32| Memory::at(base, entries.start + (at as usize * size_of::<f64>()) as i32);
        if positions.windows(2).all(|pair| pair[0] == pair[1]) {
            self.asm.broadcast(result, entry(positions[0]));
        } else if positions.windows(2).all(|pair| pair[0] + 1 == pair[1]) {
            self.asm.load(ALL, result, &Operand::Lanes(entry(positions[0])));
        } else {
            for (pair, register) in positions.chunks_exact(2).zip([SCRATCH[0], SCRATCH[1]]) {
                self.asm.load_one(register, entry(pair[0]));
                self.asm.load_second(register, register, entry(pair[1]));
            }
            self.asm.join_pairs(result, SCRATCH[0], SCRATCH[1]);
        }
    }

    /// Reads so many entries.
    pub(super) fn load_table(&mut self, to: Vector, from: Memory, n: usize) {
        self.asm.set(R9, (1 << n) - 1);
        self.asm.mask_from(SCRATCH_MASK, R9);
        self.asm.load(SCRATCH_MASK, to, &Operand::Lanes(from));
    }

    /// Reads what turns find in registers. Nothing that a map gathers from changes while it runs.
    pub(in crate::codegen::wide) fn load_tables(&mut self) {
        for (table, register) in self.tables.clone() {
            self.load_table(register, Memory::at(base_register(table.base), table.start), table.n);
        }
    }

    /// The lanes of a value that are the turn's, zero elsewhere, in a register.
    pub(super) fn kept(&mut self, x: Var, scratch: Vector) -> Vector {
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

    pub(super) fn add_lanes(&mut self, own: Var, column: Column, x: Var) {
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
    pub(super) fn scatter_add(&mut self, own: Var, entries: Entries, x: Var) {
        let kept = self.kept(x, SCRATCH[0]);
        let mut positions = self.positions(entries.positions);
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
}

fn base_register(base: Base) -> Gpr {
    match base {
        Base::Values => RDI,
        Base::Adjoints => RSI,
        Base::Position => RCX,
        Base::Gradient => R8,
    }
}
