//! Instructions on general registers, and jumps.

use super::encoding::Rm;
use super::{Assembler, Gpr, Memory};

/// A place to jump to.
#[derive(Clone, Copy, Debug)]
pub(in crate::codegen::wide) struct Label(usize);

/// Jumps whose distance is filled in when the end of the code is known.
#[derive(Clone, Copy, Debug)]
pub(in crate::codegen::wide) struct Jump(usize);

/// When to jump.
#[derive(Clone, Copy, Debug)]
pub(in crate::codegen::wide) enum When {
    /// Always.
    Always,
    /// Where the last comparison of general registers found less, unsigned.
    Below,
    /// Where it did not.
    AboveOrEqual,
}

impl Assembler {
    fn general(&mut self, byte: u8, register: u8, rm: &Rm) {
        let (index, base) = rm.extensions();
        let bit = |x: u8, at: u8| ((x >> 3) & 1) << at;
        self.byte(0x48 | bit(register, 2) | bit(index, 1) | bit(base, 0));
        self.byte(byte);
        self.operands(register, rm, 1);
    }

    /// A number of 64 bits in a register.
    pub(in crate::codegen::wide) fn set(&mut self, to: Gpr, x: u64) {
        if let Ok(short) = u32::try_from(x) {
            if to.0 >= 8 {
                self.byte(0x41);
            }
            self.byte(0xb8 | (to.0 & 7));
            self.bytes.extend(short.to_le_bytes());
            return;
        }
        self.byte(0x48 | (to.0 >> 3));
        self.byte(0xb8 | (to.0 & 7));
        self.bytes.extend(x.to_le_bytes());
    }

    /// 32 bits from memory, zeros above.
    pub(in crate::codegen::wide) fn load_position(&mut self, to: Gpr, from: Memory) {
        let rm = Rm::Memory(from);
        let (index, base) = rm.extensions();
        let bit = |x: u8, at: u8| ((x >> 3) & 1) << at;
        self.byte(0x40 | bit(to.0, 2) | bit(index, 1) | bit(base, 0));
        self.byte(0x8b);
        self.operands(to.0, &rm, 1);
    }

    /// 64 bits from memory.
    pub(in crate::codegen::wide) fn load_general(&mut self, to: Gpr, from: Memory) {
        self.general(0x8b, to.0, &Rm::Memory(from));
    }

    /// 64 bits to memory.
    pub(in crate::codegen::wide) fn store_general(&mut self, to: Memory, x: Gpr) {
        self.general(0x89, x.0, &Rm::Memory(to));
    }

    /// A copy of a register.
    pub(in crate::codegen::wide) fn copy(&mut self, to: Gpr, from: Gpr) {
        self.general(0x8b, to.0, &Rm::Register(from.0));
    }

    /// The address of a place.
    pub(in crate::codegen::wide) fn address(&mut self, to: Gpr, of: Memory) {
        self.general(0x8d, to.0, &Rm::Memory(of));
    }

    /// `to += x`
    pub(in crate::codegen::wide) fn add_general(&mut self, to: Gpr, x: i32) {
        self.general(0x81, 0, &Rm::Register(to.0));
        self.word(x);
    }

    /// `to -= x`
    pub(in crate::codegen::wide) fn subtract_general(&mut self, to: Gpr, x: i32) {
        self.general(0x81, 5, &Rm::Register(to.0));
        self.word(x);
    }

    /// `to &= x`
    pub(in crate::codegen::wide) fn and_general(&mut self, to: Gpr, x: i32) {
        self.general(0x81, 4, &Rm::Register(to.0));
        self.word(x);
    }

    /// Compares a register with a number.
    pub(in crate::codegen::wide) fn compare_general(&mut self, x: Gpr, y: i32) {
        self.general(0x81, 7, &Rm::Register(x.0));
        self.word(y);
    }

    /// `to <<= n`
    pub(in crate::codegen::wide) fn shift_general_up(&mut self, to: Gpr, n: u8) {
        self.general(0xc1, 4, &Rm::Register(to.0));
        self.byte(n);
    }

    /// `to >>= n`
    pub(in crate::codegen::wide) fn shift_general_down(&mut self, to: Gpr, n: u8) {
        self.general(0xc1, 5, &Rm::Register(to.0));
        self.byte(n);
    }

    /// Saves a register on the stack.
    pub(in crate::codegen::wide) fn push(&mut self, x: Gpr) {
        debug_assert!(x.0 < 8);
        self.byte(0x50 | x.0);
    }

    /// Takes a register back.
    pub(in crate::codegen::wide) fn pop(&mut self, x: Gpr) {
        debug_assert!(x.0 < 8);
        self.byte(0x58 | x.0);
    }

    /// Calls the function whose address is in `rax`.
    pub(in crate::codegen::wide) fn call_rax(&mut self) {
        self.bytes.extend([0xff, 0xd0]);
    }

    pub(in crate::codegen::wide) fn ret(&mut self) {
        self.byte(0xc3);
    }

    /// A place to jump back to.
    pub(in crate::codegen::wide) fn label(&self) -> Label {
        Label(self.bytes.len())
    }

    /// Jumps back.
    pub(in crate::codegen::wide) fn jump_back(&mut self, when: When, to: Label) {
        let jump = self.jump(when);
        self.fill(jump, to.0);
    }

    /// Jumps ahead, to where [`Assembler::land`] says.
    pub(in crate::codegen::wide) fn jump(&mut self, when: When) -> Jump {
        match when {
            When::Always => self.byte(0xe9),
            When::Below => self.bytes.extend([0x0f, 0x82]),
            When::AboveOrEqual => self.bytes.extend([0x0f, 0x83]),
        }
        self.word(0);
        Jump(self.bytes.len())
    }

    /// The place that a jump leads to.
    pub(in crate::codegen::wide) fn land(&mut self, jump: Jump) {
        self.fill(jump, self.bytes.len());
    }

    fn fill(&mut self, jump: Jump, target: usize) {
        let distance = target as i32 - jump.0 as i32;
        let field = jump.0 - size_of::<i32>();
        self.bytes[field..jump.0].copy_from_slice(&distance.to_le_bytes());
    }
}
