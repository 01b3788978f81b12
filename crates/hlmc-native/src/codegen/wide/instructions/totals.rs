//! What is added up over all turns.

use super::super::assembler::{
    ADD, ALL, AND, Assembler, EQUAL_BITS, Isa, MULTIPLY_ADD_231, Mask, Memory, Operand, R9, RAX, Vector, XOR,
};
use super::super::tape::{EntryLanes, EntryTotals, Var};
use super::{AREA, Area, COUNTER, Code, SCRATCH, SCRATCH_MASK};

/// The entry that all lanes belong to.
fn only_entry(positions: &[u32]) -> Option<u32> {
    let first = *positions.first()?;
    positions.iter().all(|position| *position == first).then_some(first)
}

impl Code<'_> {
    /// Adds an operand that may be in the first scratch register to a total.
    pub(super) fn accumulate(&mut self, total: u32, x: &Operand) {
        let mut x = *x;
        if self.has_tail && self.asm.isa == Isa::Avx2 {
            let mask = self.area(Area::Mask);
            self.asm.load(ALL, SCRATCH[1], &Operand::Lanes(mask));
            self.asm.binary(AND, SCRATCH[1], SCRATCH[1], &x);
            x = Operand::Register(SCRATCH[1]);
        }
        self.with_total(total, |asm, lanes, register| asm.binary_masked(ADD, lanes, register, register, &x));
    }

    pub(super) fn accumulate_product(&mut self, own: Var, total: u32, x: Var, y: Var) {
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

    /// Adds every lane to its entry's total.
    pub(super) fn accumulate_entries(&mut self, own: Var, entries: EntryTotals, x: Var) {
        let totals = (entries.first_total..).take(entries.n as usize);
        if let Some(entry) = self.known_positions(entries.index).and_then(only_entry) {
            let operand = self.operand(x, SCRATCH[0]);
            self.accumulate(entries.first_total + entry, &operand);
            return self.finish(own, &[x]);
        }
        match entries.lanes {
            EntryLanes::Compared(address) => self.accumulate_compared(totals, address, x),
            EntryLanes::Indexed(address) => self.accumulate_indexed(entries.first_total, address, x),
            EntryLanes::Masks { address, turns } => self.accumulate_masked(totals, address, turns, x),
        }
        self.finish(own, &[x]);
    }

    /// AVX2 alone. Lanes that are not the turn's add zero to their entry.
    fn accumulate_compared(&mut self, totals: impl Iterator<Item = u32>, address: u64, x: Var) {
        let [scratch, positions, lanes] = SCRATCH;
        let x = Operand::Register(self.kept(x, scratch));
        let memory = self.positions(address);
        self.asm.load_positions_wide(ALL, positions, memory);
        for (entry, total) in (0..).zip(totals) {
            let entry = self.asm.constant(entry);
            self.asm.binary(EQUAL_BITS, lanes, positions, &entry);
            self.asm.binary(AND, lanes, lanes, &x);
            match self.totals[total as usize] {
                Some(total) => self.asm.binary(ADD, total, total, &Operand::Register(lanes)),
                None => {
                    let total = self.area(Area::Total(total));
                    self.asm.binary(ADD, lanes, lanes, &Operand::Lanes(total));
                    self.asm.store(ALL, total, lanes);
                }
            }
        }
    }

    /// AVX2 alone. Each lane adds to the same lane of its entry's total, so that lanes do not wait for one another. Those
    /// that are not the turn's add zero.
    fn accumulate_indexed(&mut self, first_total: u32, address: u64, x: Var) {
        let kept = self.kept(x, SCRATCH[0]);
        let (lanes, first) = (self.area(Area::Lanes), self.area(Area::Total(first_total)));
        self.asm.store(ALL, lanes, kept);
        let positions = self.positions(address);
        for lane in 0..self.asm.isa.lanes() as i32 {
            let displacement = positions.displacement + lane * size_of::<u32>() as i32;
            self.asm.load_position(R9, Memory { displacement, ..positions });
            self.asm.shift_general_up(R9, AREA.trailing_zeros() as u8);
            let offset = lane * size_of::<f64>() as i32;
            let total = Memory { index: Some((R9, 0)), displacement: first.displacement + offset, ..first };
            self.asm.load_one(SCRATCH[2], total);
            self.asm.add_one(SCRATCH[2], SCRATCH[2], Memory { displacement: lanes.displacement + offset, ..lanes });
            self.asm.store_one(total, SCRATCH[2]);
        }
    }

    /// AVX-512 alone.
    fn accumulate_masked(&mut self, totals: impl Iterator<Item = u32>, address: u64, turns: usize, x: Var) {
        let operand = Operand::Register(self.register(x, SCRATCH[0]));
        self.asm.set(RAX, address);
        // A mask has two bytes, and a turn eight lanes.
        self.asm.copy(R9, COUNTER);
        self.asm.shift_general_down(R9, 2);
        for (entry, total) in totals.enumerate() {
            let displacement = (entry * turns * size_of::<u16>()) as i32;
            self.asm.load_mask(SCRATCH_MASK, Memory { base: RAX, index: Some((R9, 0)), displacement });
            self.with_total(total, |asm, _, total| asm.binary_masked(ADD, SCRATCH_MASK, total, total, &operand));
        }
    }

    /// Changes a total, in its register or on the stack.
    pub(super) fn with_total(&mut self, total: u32, change: impl FnOnce(&mut Assembler, Mask, Vector)) {
        let lanes = self.lanes();
        if let Some(register) = self.totals[total as usize] {
            return change(&mut self.asm, lanes, register);
        }
        let memory = self.area(Area::Total(total));
        self.asm.load(ALL, SCRATCH[2], &Operand::Lanes(memory));
        change(&mut self.asm, lanes, SCRATCH[2]);
        self.asm.store(ALL, memory, SCRATCH[2]);
    }

    /// Sets all totals to zero.
    pub(in crate::codegen::wide) fn clear_totals(&mut self) {
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
    pub(in crate::codegen::wide) fn hand_over(&mut self, first: Memory) {
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
    pub(super) fn four_lanes(&mut self, total: usize, to: Vector) {
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
