//! Prefixes and operands as bytes.

use super::{Assembler, CONSTANT, Isa, Mask, Memory, Operand, RBP, RSP, Reference, Vector};

/// The tables of opcodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Map {
    M0F = 1,
    M0F38 = 2,
    M0F3A = 3,
}

/// The prefixes that are part of opcodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Prefix {
    None = 0,
    P66 = 1,
    PF3 = 2,
    PF2 = 3,
}

/// An instruction's opcode.
#[derive(Clone, Copy, Debug)]
pub(in crate::codegen::wide) struct Opcode {
    pub(super) prefix: Prefix,
    pub(super) map: Map,
    pub(super) byte: u8,
    /// The operand size bit of the VEX form; the EVEX form of what is here has it set.
    pub(super) vex_w: bool,
}

/// What an EVEX prefix says beside registers.
#[derive(Clone, Copy)]
pub(super) struct Evex {
    pub(super) mask: Mask,
    pub(super) is_zeroing: bool,
    pub(super) is_wide: bool,
    pub(super) is_broadcast: bool,
    /// The bytes in memory, of which one-byte displacements are multiples.
    pub(super) unit: i32,
}

impl Assembler {
    /// Register and register-or-memory, as the bytes after an opcode say it. A one-byte displacement counts `unit` bytes.
    pub(super) fn operands(&mut self, register: u8, rm: &Rm, unit: i32) {
        let register = (register & 7) << 3;
        let memory = match rm {
            Rm::Register(number) => return self.byte(0xc0 | register | (number & 7)),
            Rm::Memory(memory) => memory,
            Rm::Gather(memory, lanes) => {
                self.byte(0x80 | register | 4);
                self.byte((3 << 6) | ((lanes.0 & 7) << 3) | (memory.base.0 & 7));
                return self.word(memory.displacement);
            }
        };
        if memory.base == CONSTANT {
            self.byte(register | RBP.0);
            let field = self.bytes.len();
            self.word(0);
            let end = self.bytes.len();
            return self.references.push(Reference { field, end, constant: memory.displacement as usize });
        }
        let base = memory.base.0 & 7;
        let short = i8::try_from(memory.displacement / unit).ok().filter(|_| memory.displacement % unit == 0);
        // A base of rbp or r13 cannot go without a displacement.
        let mode = match short {
            Some(0) if base != RBP.0 => 0x00,
            Some(_) => 0x40,
            None => 0x80,
        };
        match memory.index {
            Some((index, scale)) => {
                self.byte(mode | register | 4);
                self.byte((scale << 6) | ((index.0 & 7) << 3) | base);
            }
            None if base == RSP.0 => {
                self.byte(mode | register | 4);
                self.byte(0x24);
            }
            None => self.byte(mode | register | base),
        }
        match (mode, short) {
            (0x00, _) => {}
            (0x40, Some(short)) => self.byte(short as u8),
            _ => self.word(memory.displacement),
        }
    }

    pub(super) fn vex(&mut self, opcode: Opcode, is_wide: bool, register: u8, first: u8, rm: &Rm) {
        let (index, base) = rm.extensions();
        let inverted = |bit: u8, at: u8| u8::from(bit & 8 == 0) << at;
        self.byte(0xc4);
        self.byte(inverted(register, 7) | inverted(index, 6) | inverted(base, 5) | opcode.map as u8);
        let length = u8::from(is_wide) << 2;
        self.byte((u8::from(opcode.vex_w) << 7) | ((!first & 15) << 3) | length | opcode.prefix as u8);
        self.byte(opcode.byte);
        self.operands(register, rm, 1);
    }

    pub(super) fn evex(&mut self, opcode: Opcode, how: Evex, register: u8, first: u8, rm: &Rm) {
        let (index, base) = rm.extensions();
        let inverted = |bit: bool, at: u8| u8::from(!bit) << at;
        // The fifth bit of a register in the last place stands where that of an index would.
        let index_bit = match rm {
            Rm::Register(number) => number & 16 != 0,
            _ => index & 8 != 0,
        };
        self.byte(0x62);
        self.byte(
            inverted(register & 8 != 0, 7)
                | inverted(index_bit, 6)
                | inverted(base & 8 != 0, 5)
                | inverted(register & 16 != 0, 4)
                | opcode.map as u8,
        );
        self.byte((u8::from(how.is_wide) << 7) | ((!first & 15) << 3) | 4 | opcode.prefix as u8);
        let last = match rm {
            Rm::Gather(_, lanes) => lanes.0,
            _ => first,
        };
        const LENGTH_512: u8 = 2 << 5;
        self.byte(
            (u8::from(how.is_zeroing) << 7)
                | LENGTH_512
                | (u8::from(how.is_broadcast) << 4)
                | inverted(last & 16 != 0, 3)
                | how.mask.0,
        );
        self.byte(opcode.byte);
        self.operands(register, rm, how.unit);
    }

    /// Everything of a vector instruction but an immediate.
    pub(super) fn vector(
        &mut self,
        opcode: Opcode,
        (mask, is_zeroing): (Mask, bool),
        register: u8,
        first: u8,
        second: &Operand,
    ) {
        let is_broadcast = matches!(second, Operand::Broadcast(_));
        let rm = match second {
            Operand::Register(x) => Rm::Register(x.0),
            Operand::Lanes(memory) | Operand::Broadcast(memory) => Rm::Memory(*memory),
        };
        match self.isa {
            Isa::Avx2 => self.vex(opcode, true, register, first, &rm),
            Isa::Avx512 => {
                let unit = if is_broadcast { size_of::<f64>() as i32 } else { self.isa.bytes() };
                self.evex(opcode, Evex { mask, is_zeroing, is_wide: true, is_broadcast, unit }, register, first, &rm);
            }
        }
    }
}

/// What stands in the place for a register or memory.
pub(super) enum Rm {
    Register(u8),
    Memory(Memory),
    /// Eight bytes times the positions in a register away from a place.
    Gather(Memory, Vector),
}

impl Rm {
    /// The numbers of the index and of the base (or the register), for their bits beyond the third.
    pub(super) fn extensions(&self) -> (u8, u8) {
        match self {
            Rm::Register(number) => (0, *number),
            Rm::Memory(memory) if memory.base == CONSTANT => (0, 0),
            Rm::Memory(memory) => (memory.index.map_or(0, |(index, _)| index.0), memory.base.0),
            Rm::Gather(memory, lanes) => (lanes.0, memory.base.0),
        }
    }
}
