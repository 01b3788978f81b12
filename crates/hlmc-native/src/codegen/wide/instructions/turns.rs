//! Which lanes a turn has, and calls, which leave no register as it was.

use super::super::assembler::{ALL, Isa, Mask, Memory, Operand, R8, R9, R10, RAX, RCX, RDI, RDX, RSI, RSP, When};
use super::super::call;
use super::super::tape::Var;
use super::{Area, COUNTER, Code, LANES, SCRATCH};

impl Code<'_> {
    /// Emits a loop over so many lanes.
    pub(in crate::codegen::wide) fn turns(&mut self, lanes: usize) {
        let width = self.asm.isa.lanes();
        self.asm.set(COUNTER, 0);
        if self.has_tail {
            self.begin_lanes(lanes);
        }
        let top = self.asm.label();
        self.turn();
        if lanes <= width {
            return;
        }
        self.asm.add_general(COUNTER, width as i32);
        self.asm.compare_general(COUNTER, (lanes / width * width) as i32);
        self.asm.jump_back(When::Below, top);
        if self.has_tail {
            self.asm.compare_general(COUNTER, lanes as i32);
            let exit = self.asm.jump(When::AboveOrEqual);
            self.last_lanes(lanes);
            self.asm.jump_back(When::Always, top);
            self.asm.land(exit);
        }
    }

    /// A call of a function that changes any register.
    pub(super) fn call(&mut self, own: Var, call: u32, x: Var, y: Var) {
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
    fn begin_lanes(&mut self, lanes: usize) {
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
    fn last_lanes(&mut self, lanes: usize) {
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

    pub(super) fn set_lanes(&mut self, bits: u64) {
        self.asm.set(R10, bits);
        self.asm.mask_from(LANES, R10);
        if !self.tape.calls.is_empty() {
            let mask = self.area(Area::Mask);
            self.asm.store_mask(mask, LANES);
        }
    }

    /// Sets a mask for all lanes of a register.
    pub(in crate::codegen::wide) fn all_lanes(&mut self, mask: Mask) {
        self.asm.set(R9, (1 << self.asm.isa.lanes()) - 1);
        self.asm.mask_from(mask, R9);
    }
}
