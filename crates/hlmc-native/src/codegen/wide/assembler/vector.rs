//! Instructions on vectors and masks.

use super::encoding::{Evex, Map, Opcode, Prefix, Rm};
use super::{ALL, Assembler, Gpr, Isa, Mask, Memory, Operand, Vector};

const fn packed(byte: u8) -> Opcode {
    Opcode { prefix: Prefix::P66, map: Map::M0F, byte, vex_w: false }
}

const fn packed_38(byte: u8, vex_w: bool) -> Opcode {
    Opcode { prefix: Prefix::P66, map: Map::M0F38, byte, vex_w }
}

pub(in crate::codegen::wide) const ADD: Opcode = packed(0x58);
pub(in crate::codegen::wide) const MULTIPLY: Opcode = packed(0x59);
pub(in crate::codegen::wide) const SUBTRACT: Opcode = packed(0x5c);
pub(in crate::codegen::wide) const DIVIDE: Opcode = packed(0x5e);
/// The first operand where it is less than the second, else the second.
pub(in crate::codegen::wide) const MINIMUM: Opcode = packed(0x5d);
/// The first operand where it is greater than the second, else the second.
pub(in crate::codegen::wide) const MAXIMUM: Opcode = packed(0x5f);
pub(in crate::codegen::wide) const SQRT: Opcode = packed(0x51);
pub(in crate::codegen::wide) const AND: Opcode = packed(0xdb);
pub(in crate::codegen::wide) const OR: Opcode = packed(0xeb);
pub(in crate::codegen::wide) const XOR: Opcode = packed(0xef);
pub(in crate::codegen::wide) const ADD_BITS: Opcode = packed(0xd4);
pub(in crate::codegen::wide) const SUBTRACT_BITS: Opcode = packed(0xfb);
/// All bits of a lane where the operands' bits are the same, else none. AVX2 alone.
pub(in crate::codegen::wide) const EQUAL_BITS: Opcode = packed_38(0x29, false);
pub(in crate::codegen::wide) const MOVE: Opcode = packed(0x28);
const UNPACK_LOW: Opcode = packed(0x14);
const UNPACK_HIGH: Opcode = packed(0x15);
/// `result = result * second + first`
pub(in crate::codegen::wide) const MULTIPLY_ADD_132: Opcode = packed_38(0x98, true);
/// `result = first * second + result`
pub(in crate::codegen::wide) const MULTIPLY_ADD_231: Opcode = packed_38(0xb8, true);
const LOAD: Opcode = packed(0x10);
const STORE: Opcode = packed(0x11);
const BROADCAST: Opcode = packed_38(0x19, false);
const COMPARE: Opcode = packed(0xc2);
const SHIFT: Opcode = packed(0x73);
const GATHER: Opcode = packed_38(0x92, true);
const PERMUTE: Opcode = packed_38(0x16, true);

/// The conditions of comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::codegen::wide) enum Condition {
    /// `first == second`
    Equal = 0x00,
    /// `first < second`
    Less = 0x11,
    /// `first > second`
    Greater = 0x1e,
}

impl Assembler {
    /// `result = operation(first, second)`
    pub(in crate::codegen::wide) fn binary(&mut self, opcode: Opcode, result: Vector, first: Vector, second: &Operand) {
        self.vector(opcode, (ALL, false), result.0, first.0, second);
    }

    /// `result = operation(first, second)` in the lanes of a mask; the others stay. AVX-512 alone.
    pub(in crate::codegen::wide) fn binary_masked(
        &mut self,
        opcode: Opcode,
        mask: Mask,
        result: Vector,
        first: Vector,
        second: &Operand,
    ) {
        self.vector(opcode, (mask, false), result.0, first.0, second);
    }

    /// `result = operation(x)`
    pub(in crate::codegen::wide) fn unary(&mut self, opcode: Opcode, result: Vector, x: &Operand) {
        self.vector(opcode, (ALL, false), result.0, 0, x);
    }

    /// Reads one register. With AVX-512 lanes outside of the mask are zero, and their memory is not touched.
    pub(in crate::codegen::wide) fn load(&mut self, mask: Mask, result: Vector, from: &Operand) {
        match (self.isa, from) {
            (Isa::Avx512, Operand::Broadcast(memory)) => {
                let how = Evex { mask: ALL, is_zeroing: false, is_wide: true, is_broadcast: false, unit: 8 };
                self.evex(BROADCAST, how, result.0, 0, &Rm::Memory(*memory));
            }
            (_, Operand::Register(_)) => self.unary(MOVE, result, from),
            _ => self.vector(LOAD, (mask, mask != ALL), result.0, 0, &lanes_of(from)),
        }
    }

    /// One number from memory in all lanes.
    pub(in crate::codegen::wide) fn broadcast(&mut self, result: Vector, from: Memory) {
        match self.isa {
            Isa::Avx2 => self.vex(BROADCAST, true, result.0, 0, &Rm::Memory(from)),
            Isa::Avx512 => self.load(ALL, result, &Operand::Broadcast(from)),
        }
    }

    /// A register's lanes in a mask, zero elsewhere. AVX-512 alone.
    pub(in crate::codegen::wide) fn keep(&mut self, mask: Mask, result: Vector, x: Vector) {
        self.vector(MOVE, (mask, true), result.0, 0, &Operand::Register(x));
    }

    /// Writes one register. With AVX-512 lanes outside of the mask are left as they are.
    pub(in crate::codegen::wide) fn store(&mut self, mask: Mask, to: Memory, x: Vector) {
        self.vector(STORE, (mask, false), x.0, 0, &Operand::Lanes(to));
    }

    /// A mask in a register of its own. AVX-512 alone.
    pub(in crate::codegen::wide) fn compare_to_mask(
        &mut self,
        condition: Condition,
        result: Mask,
        first: Vector,
        second: &Operand,
    ) {
        self.vector(COMPARE, (ALL, false), result.0, first.0, second);
        self.immediate(condition as u8);
    }

    /// A mask of all bits of a lane. AVX2 alone.
    pub(in crate::codegen::wide) fn compare(
        &mut self,
        condition: Condition,
        result: Vector,
        first: Vector,
        second: &Operand,
    ) {
        self.vector(COMPARE, (ALL, false), result.0, first.0, second);
        self.immediate(condition as u8);
    }

    /// `second` where the mask holds, else `first`. AVX-512 alone.
    pub(in crate::codegen::wide) fn blend_by_mask(
        &mut self,
        result: Vector,
        mask: Mask,
        first: Vector,
        second: &Operand,
    ) {
        self.vector(packed_38(0x65, true), (mask, false), result.0, first.0, second);
    }

    /// `second` where the mask holds, else `first`. AVX2 alone.
    pub(in crate::codegen::wide) fn blend(&mut self, result: Vector, mask: Vector, first: Vector, second: &Operand) {
        let opcode = Opcode { prefix: Prefix::P66, map: Map::M0F3A, byte: 0x4b, vex_w: false };
        self.vector(opcode, (ALL, false), result.0, first.0, second);
        self.immediate(mask.0 << 4);
    }

    /// Bits moved up or down.
    pub(in crate::codegen::wide) fn shift(&mut self, result: Vector, x: Vector, is_up: bool, n: u8) {
        // The result stands where other instructions have their first operand.
        let extension = if is_up { 6 } else { 2 };
        self.vector(SHIFT, (ALL, false), extension, result.0, &Operand::Register(x));
        self.byte(n);
    }

    /// Positions of 32 bits, one a lane, in the low half of a register; zero outside of the mask, which is never that of all
    /// lanes: a register has room for twice as many positions, which would all be read. AVX-512 alone.
    pub(in crate::codegen::wide) fn load_positions(&mut self, mask: Mask, result: Vector, from: Memory) {
        let opcode = Opcode { prefix: Prefix::PF3, map: Map::M0F, byte: 0x6f, vex_w: false };
        let how = Evex { mask, is_zeroing: true, is_wide: false, is_broadcast: false, unit: 64 };
        self.evex(opcode, how, result.0, 0, &Rm::Memory(from));
    }

    /// Positions of 32 bits as numbers of 64 bits. With AVX-512 they are zero outside of the mask.
    pub(in crate::codegen::wide) fn load_positions_wide(&mut self, mask: Mask, result: Vector, from: Memory) {
        let opcode = packed_38(0x35, false);
        match self.isa {
            Isa::Avx2 => self.vex(opcode, true, result.0, 0, &Rm::Memory(from)),
            Isa::Avx512 => {
                let how = Evex { mask, is_zeroing: mask != ALL, is_wide: false, is_broadcast: false, unit: 32 };
                self.evex(opcode, how, result.0, 0, &Rm::Memory(from));
            }
        }
    }

    /// `result[i] = table[positions[i]]`, of eight numbers. AVX-512 alone.
    pub(in crate::codegen::wide) fn permute(&mut self, result: Vector, positions: Vector, table: Vector) {
        self.vector(PERMUTE, (ALL, false), result.0, positions.0, &Operand::Register(table));
    }

    /// `result[i] = memory[8 positions[i]]` in the lanes of a mask, which is cleared. AVX-512 alone.
    pub(in crate::codegen::wide) fn gather(&mut self, mask: Mask, result: Vector, base: Memory, positions: Vector) {
        let how = Evex { mask, is_zeroing: false, is_wide: true, is_broadcast: false, unit: 8 };
        self.evex(GATHER, how, result.0, 0, &Rm::Gather(base, positions));
    }

    /// The upper half of a register into the lower half of another.
    pub(in crate::codegen::wide) fn upper_half(&mut self, result: Vector, x: Vector) {
        match self.isa {
            Isa::Avx2 => {
                let opcode = Opcode { prefix: Prefix::P66, map: Map::M0F3A, byte: 0x19, vex_w: false };
                self.vex(opcode, true, x.0, 0, &Rm::Register(result.0));
            }
            Isa::Avx512 => {
                let opcode = Opcode { prefix: Prefix::P66, map: Map::M0F3A, byte: 0x1b, vex_w: false };
                let how = Evex { mask: ALL, is_zeroing: false, is_wide: true, is_broadcast: false, unit: 32 };
                self.evex(opcode, how, x.0, 0, &Rm::Register(result.0));
            }
        }
        self.byte(1);
    }

    /// The upper two of four lanes into the lower two; registers below 16.
    pub(in crate::codegen::wide) fn upper_pair(&mut self, result: Vector, x: Vector) {
        let opcode = Opcode { prefix: Prefix::P66, map: Map::M0F3A, byte: 0x19, vex_w: false };
        self.vex(opcode, true, x.0, 0, &Rm::Register(result.0));
        self.byte(1);
    }

    /// In each pair of lanes the first lanes of both operands, or the second ones; of the lower four lanes or two;
    /// registers below 16.
    pub(in crate::codegen::wide) fn unpack(
        &mut self,
        is_four: bool,
        is_second: bool,
        result: Vector,
        first: Vector,
        second: Vector,
    ) {
        let opcode = if is_second { UNPACK_HIGH } else { UNPACK_LOW };
        self.vex(opcode, is_four, result.0, first.0, &Rm::Register(second.0));
    }

    /// Adds the lower four lanes (`is_four`) or two; registers below 16.
    pub(in crate::codegen::wide) fn add_low(&mut self, is_four: bool, result: Vector, first: Vector, second: Vector) {
        self.vex(ADD, is_four, result.0, first.0, &Rm::Register(second.0));
    }

    /// The first lane from memory.
    pub(in crate::codegen::wide) fn load_one(&mut self, result: Vector, from: Memory) {
        let opcode = Opcode { prefix: Prefix::PF2, ..LOAD };
        self.vex(opcode, false, result.0, 0, &Rm::Memory(from));
    }

    /// The second lane from memory, the first from another register.
    pub(in crate::codegen::wide) fn load_second(&mut self, result: Vector, first: Vector, from: Memory) {
        self.vex(packed(0x16), false, result.0, first.0, &Rm::Memory(from));
    }

    /// The lower two lanes of `second` above those of `first`. AVX2 alone.
    pub(in crate::codegen::wide) fn join_pairs(&mut self, result: Vector, first: Vector, second: Vector) {
        let opcode = Opcode { prefix: Prefix::P66, map: Map::M0F3A, byte: 0x18, vex_w: false };
        self.vex(opcode, true, result.0, first.0, &Rm::Register(second.0));
        self.byte(1);
    }

    /// Adds a number from memory to the first lane.
    pub(in crate::codegen::wide) fn add_one(&mut self, result: Vector, first: Vector, second: Memory) {
        let opcode = Opcode { prefix: Prefix::PF2, ..ADD };
        self.vex(opcode, false, result.0, first.0, &Rm::Memory(second));
    }

    /// Writes the first lane.
    pub(in crate::codegen::wide) fn store_one(&mut self, to: Memory, x: Vector) {
        let opcode = Opcode { prefix: Prefix::PF2, ..STORE };
        self.vex(opcode, false, x.0, 0, &Rm::Memory(to));
    }

    /// Writes the first two lanes.
    pub(in crate::codegen::wide) fn store_pair(&mut self, to: Memory, x: Vector) {
        self.vex(STORE, false, x.0, 0, &Rm::Memory(to));
    }

    /// A mask from memory, 16 bits.
    pub(in crate::codegen::wide) fn load_mask(&mut self, result: Mask, from: Memory) {
        self.mask_instruction(0x90, result, &Rm::Memory(from));
    }

    /// A mask to memory, 16 bits.
    pub(in crate::codegen::wide) fn store_mask(&mut self, to: Memory, mask: Mask) {
        self.mask_instruction(0x91, mask, &Rm::Memory(to));
    }

    /// A copy of a mask.
    pub(in crate::codegen::wide) fn copy_mask(&mut self, result: Mask, mask: Mask) {
        self.mask_instruction(0x90, result, &Rm::Register(mask.0));
    }

    /// A mask from the low bits of a general register.
    pub(in crate::codegen::wide) fn mask_from(&mut self, result: Mask, from: Gpr) {
        self.mask_instruction(0x92, result, &Rm::Register(from.0));
    }

    fn mask_instruction(&mut self, byte: u8, mask: Mask, rm: &Rm) {
        let opcode = Opcode { prefix: Prefix::None, map: Map::M0F, byte, vex_w: false };
        self.vex(opcode, false, mask.0, 0, rm);
    }

    /// Clears the upper halves of all registers, which instructions of two lanes would otherwise drag along.
    pub(in crate::codegen::wide) fn clear_upper_halves(&mut self) {
        self.bytes.extend([0xc5, 0xf8, 0x77]);
    }
}

fn lanes_of(operand: &Operand) -> Operand {
    match operand {
        // With AVX2 what is broadcast stands in memory once for each lane.
        Operand::Broadcast(memory) => Operand::Lanes(*memory),
        other => *other,
    }
}
