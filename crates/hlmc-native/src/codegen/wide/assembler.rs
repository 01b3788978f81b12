//! The few instructions that wide code is made of, as bytes.
//!
//! AVX2 instructions have a VEX prefix of three bytes, those of AVX-512 an EVEX prefix of four (Intel 64 and IA-32
//! Architectures Software Developer's Manual, volume 2, sections 2.3 and 2.7); all are of the form
//! `result = operation(first, second)`, where the second operand may be in memory.

/// Vector instructions of a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::codegen) enum Isa {
    /// Four lanes, 16 registers, masks in registers.
    Avx2,
    /// Eight lanes, 32 registers, masks in registers of their own.
    Avx512,
}

impl Isa {
    /// The number of lanes.
    pub(super) fn lanes(self) -> usize {
        match self {
            Isa::Avx2 => 4,
            Isa::Avx512 => 8,
        }
    }

    /// The bytes of a register.
    pub(super) fn bytes(self) -> i32 {
        (self.lanes() * size_of::<f64>()) as i32
    }
}

/// A general register, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gpr(u8);

/// Stands for the address of a constant behind the code, see [`Assembler::constant`].
const CONSTANT: Gpr = Gpr(u8::MAX);

pub(super) const RAX: Gpr = Gpr(0);
pub(super) const RCX: Gpr = Gpr(1);
pub(super) const RDX: Gpr = Gpr(2);
pub(super) const RSP: Gpr = Gpr(4);
pub(super) const RBP: Gpr = Gpr(5);
pub(super) const RSI: Gpr = Gpr(6);
pub(super) const RDI: Gpr = Gpr(7);
pub(super) const R8: Gpr = Gpr(8);
pub(super) const R9: Gpr = Gpr(9);
pub(super) const R10: Gpr = Gpr(10);
pub(super) const R11: Gpr = Gpr(11);

/// A vector register, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Vector(pub(super) u8);

/// A mask register, by its number; the first stands for no mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mask(pub(super) u8);

/// What code should begin at a multiple of, in bytes.
pub(in crate::codegen) const ALIGNMENT: usize = 64;

/// All lanes.
pub(super) const ALL: Mask = Mask(0);

/// A place in memory: `base + index * 2^scale + displacement`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Memory {
    pub(super) base: Gpr,
    pub(super) index: Option<(Gpr, u8)>,
    pub(super) displacement: i32,
}

impl Memory {
    /// So many bytes from a register.
    pub(super) fn at(base: Gpr, displacement: i32) -> Memory {
        Memory { base, index: None, displacement }
    }
}

/// The last operand of a vector instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operand {
    /// A register.
    Register(Vector),
    /// All lanes, side by side.
    Lanes(Memory),
    /// One number for all lanes. With AVX2 it stands there once for each.
    Broadcast(Memory),
}

/// The tables of opcodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Map {
    M0F = 1,
    M0F38 = 2,
    M0F3A = 3,
}

/// The prefixes that are part of opcodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Prefix {
    None = 0,
    P66 = 1,
    PF3 = 2,
    PF2 = 3,
}

/// An instruction's opcode.
#[derive(Clone, Copy, Debug)]
pub(super) struct Opcode {
    prefix: Prefix,
    map: Map,
    byte: u8,
    /// The operand size bit of the VEX form; the EVEX form of what is here has it set.
    vex_w: bool,
}

const fn packed(byte: u8) -> Opcode {
    Opcode { prefix: Prefix::P66, map: Map::M0F, byte, vex_w: false }
}

const fn packed_38(byte: u8, vex_w: bool) -> Opcode {
    Opcode { prefix: Prefix::P66, map: Map::M0F38, byte, vex_w }
}

pub(super) const ADD: Opcode = packed(0x58);
pub(super) const MULTIPLY: Opcode = packed(0x59);
pub(super) const SUBTRACT: Opcode = packed(0x5c);
pub(super) const DIVIDE: Opcode = packed(0x5e);
/// The first operand where it is less than the second, else the second.
pub(super) const MINIMUM: Opcode = packed(0x5d);
/// The first operand where it is greater than the second, else the second.
pub(super) const MAXIMUM: Opcode = packed(0x5f);
pub(super) const SQRT: Opcode = packed(0x51);
pub(super) const AND: Opcode = packed(0xdb);
pub(super) const OR: Opcode = packed(0xeb);
pub(super) const XOR: Opcode = packed(0xef);
pub(super) const ADD_BITS: Opcode = packed(0xd4);
pub(super) const SUBTRACT_BITS: Opcode = packed(0xfb);
pub(super) const MOVE: Opcode = packed(0x28);
const UNPACK_LOW: Opcode = packed(0x14);
const UNPACK_HIGH: Opcode = packed(0x15);
/// `result = result * second + first`
pub(super) const MULTIPLY_ADD_132: Opcode = packed_38(0x98, true);
/// `result = first * second + result`
pub(super) const MULTIPLY_ADD_231: Opcode = packed_38(0xb8, true);
const LOAD: Opcode = packed(0x10);
const STORE: Opcode = packed(0x11);
const BROADCAST: Opcode = packed_38(0x19, false);
const COMPARE: Opcode = packed(0xc2);
const SHIFT: Opcode = packed(0x73);
const GATHER: Opcode = packed_38(0x92, true);
const PERMUTE: Opcode = packed_38(0x16, true);

/// The conditions of comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    /// `first == second`
    Equal = 0x00,
    /// `first < second`
    Less = 0x11,
    /// `first > second`
    Greater = 0x1e,
}

/// A place to jump to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Label(usize);

/// Jumps whose distance is filled in when the end of the code is known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Jump(usize);

/// When to jump.
#[derive(Clone, Copy, Debug)]
pub(super) enum When {
    /// Always.
    Always,
    /// Where the last comparison of general registers found less, unsigned.
    Below,
    /// Where it did not.
    AboveOrEqual,
}

/// Code under construction, with its constants.
#[derive(Debug)]
pub(super) struct Assembler {
    pub(super) isa: Isa,
    bytes: Vec<u8>,
    constants: Vec<u64>,
    references: Vec<Reference>,
}

/// An instruction whose operand is a constant.
#[derive(Debug)]
struct Reference {
    /// Where the distance to the constant stands.
    field: usize,
    /// The end of the instruction, from which the distance counts.
    end: usize,
    /// The constant's place among all.
    constant: usize,
}

/// What an EVEX prefix says beside registers.
#[derive(Clone, Copy)]
struct Evex {
    mask: Mask,
    is_zeroing: bool,
    is_wide: bool,
    is_broadcast: bool,
    /// The bytes in memory, of which one-byte displacements are multiples.
    unit: i32,
}

impl Assembler {
    pub(super) fn new(isa: Isa) -> Self {
        Assembler { isa, bytes: Vec::new(), constants: Vec::new(), references: Vec::new() }
    }

    /// A constant in all lanes, in memory behind the code.
    pub(super) fn constant(&mut self, bits: u64) -> Operand {
        let place = self.constants.iter().position(|x| *x == bits).unwrap_or(self.constants.len());
        if place == self.constants.len() {
            self.constants.push(bits);
        }
        Operand::Broadcast(Memory { base: CONSTANT, index: None, displacement: place as i32 })
    }

    /// The code behind a prologue, with the constants behind both. It wants to begin at a multiple of [`ALIGNMENT`].
    pub(super) fn finish(self, prologue: &Assembler) -> Vec<u8> {
        let mut bytes = prologue.bytes.clone();
        let start = bytes.len();
        bytes.extend(&self.bytes);
        bytes.resize(bytes.len().next_multiple_of(ALIGNMENT), 0);
        let first = bytes.len();
        // With AVX2 what is broadcast stands in memory once for each lane.
        let copies = match self.isa {
            Isa::Avx2 => self.isa.lanes(),
            Isa::Avx512 => 1,
        };
        for constant in &self.constants {
            (0..copies).for_each(|_| bytes.extend(constant.to_le_bytes()));
        }
        for reference in &self.references {
            let constant = first + reference.constant * copies * size_of::<u64>();
            let distance = constant as i32 - (start + reference.end) as i32;
            bytes[start + reference.field..][..size_of::<i32>()].copy_from_slice(&distance.to_le_bytes());
        }
        bytes
    }

    /// The last byte of an instruction, behind its operands.
    fn immediate(&mut self, byte: u8) {
        self.byte(byte);
        let length = self.bytes.len();
        if let Some(reference) = self.references.last_mut().filter(|reference| reference.end + 1 == length) {
            reference.end = length;
        }
    }

    fn byte(&mut self, byte: u8) {
        self.bytes.push(byte);
    }

    fn word(&mut self, word: i32) {
        self.bytes.extend(word.to_le_bytes());
    }

    /// Register and register-or-memory, as the bytes after an opcode say it. A one-byte displacement counts `unit` bytes.
    fn operands(&mut self, register: u8, rm: &Rm, unit: i32) {
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

    fn vex(&mut self, opcode: Opcode, is_wide: bool, register: u8, first: u8, rm: &Rm) {
        let (index, base) = rm.extensions();
        let inverted = |bit: u8, at: u8| u8::from(bit & 8 == 0) << at;
        self.byte(0xc4);
        self.byte(inverted(register, 7) | inverted(index, 6) | inverted(base, 5) | opcode.map as u8);
        let length = u8::from(is_wide) << 2;
        self.byte((u8::from(opcode.vex_w) << 7) | ((!first & 15) << 3) | length | opcode.prefix as u8);
        self.byte(opcode.byte);
        self.operands(register, rm, 1);
    }

    fn evex(&mut self, opcode: Opcode, how: Evex, register: u8, first: u8, rm: &Rm) {
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
    fn vector(&mut self, opcode: Opcode, (mask, is_zeroing): (Mask, bool), register: u8, first: u8, second: &Operand) {
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

    /// `result = operation(first, second)`
    pub(super) fn binary(&mut self, opcode: Opcode, result: Vector, first: Vector, second: &Operand) {
        self.vector(opcode, (ALL, false), result.0, first.0, second);
    }

    /// `result = operation(first, second)` in the lanes of a mask; the others stay. AVX-512 alone.
    pub(super) fn binary_masked(
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
    pub(super) fn unary(&mut self, opcode: Opcode, result: Vector, x: &Operand) {
        self.vector(opcode, (ALL, false), result.0, 0, x);
    }

    /// Reads one register. With AVX-512 lanes outside of the mask are zero, and their memory is not touched.
    pub(super) fn load(&mut self, mask: Mask, result: Vector, from: &Operand) {
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
    pub(super) fn broadcast(&mut self, result: Vector, from: Memory) {
        match self.isa {
            Isa::Avx2 => self.vex(BROADCAST, true, result.0, 0, &Rm::Memory(from)),
            Isa::Avx512 => self.load(ALL, result, &Operand::Broadcast(from)),
        }
    }

    /// A register's lanes in a mask, zero elsewhere. AVX-512 alone.
    pub(super) fn keep(&mut self, mask: Mask, result: Vector, x: Vector) {
        self.vector(MOVE, (mask, true), result.0, 0, &Operand::Register(x));
    }

    /// Writes one register. With AVX-512 lanes outside of the mask are left as they are.
    pub(super) fn store(&mut self, mask: Mask, to: Memory, x: Vector) {
        self.vector(STORE, (mask, false), x.0, 0, &Operand::Lanes(to));
    }

    /// A mask in a register of its own. AVX-512 alone.
    pub(super) fn compare_to_mask(&mut self, condition: Condition, result: Mask, first: Vector, second: &Operand) {
        self.vector(COMPARE, (ALL, false), result.0, first.0, second);
        self.immediate(condition as u8);
    }

    /// A mask of all bits of a lane. AVX2 alone.
    pub(super) fn compare(&mut self, condition: Condition, result: Vector, first: Vector, second: &Operand) {
        self.vector(COMPARE, (ALL, false), result.0, first.0, second);
        self.immediate(condition as u8);
    }

    /// `second` where the mask holds, else `first`. AVX-512 alone.
    pub(super) fn blend_by_mask(&mut self, result: Vector, mask: Mask, first: Vector, second: &Operand) {
        self.vector(packed_38(0x65, true), (mask, false), result.0, first.0, second);
    }

    /// `second` where the mask holds, else `first`. AVX2 alone.
    pub(super) fn blend(&mut self, result: Vector, mask: Vector, first: Vector, second: &Operand) {
        let opcode = Opcode { prefix: Prefix::P66, map: Map::M0F3A, byte: 0x4b, vex_w: false };
        self.vector(opcode, (ALL, false), result.0, first.0, second);
        self.immediate(mask.0 << 4);
    }

    /// Bits moved up or down.
    pub(super) fn shift(&mut self, result: Vector, x: Vector, is_up: bool, n: u8) {
        // The result stands where other instructions have their first operand.
        let extension = if is_up { 6 } else { 2 };
        self.vector(SHIFT, (ALL, false), extension, result.0, &Operand::Register(x));
        self.byte(n);
    }

    /// Positions of 32 bits, one a lane, in the low half of a register; zero outside of the mask. AVX-512 alone.
    pub(super) fn load_positions(&mut self, mask: Mask, result: Vector, from: Memory) {
        let opcode = Opcode { prefix: Prefix::PF3, map: Map::M0F, byte: 0x6f, vex_w: false };
        let how = Evex { mask, is_zeroing: mask != ALL, is_wide: false, is_broadcast: false, unit: 64 };
        self.evex(opcode, how, result.0, 0, &Rm::Memory(from));
    }

    /// Positions of 32 bits as numbers of 64 bits; zero outside of the mask. AVX-512 alone.
    pub(super) fn load_positions_wide(&mut self, mask: Mask, result: Vector, from: Memory) {
        let how = Evex { mask, is_zeroing: mask != ALL, is_wide: false, is_broadcast: false, unit: 32 };
        self.evex(packed_38(0x35, false), how, result.0, 0, &Rm::Memory(from));
    }

    /// `result[i] = table[positions[i]]`, of eight numbers. AVX-512 alone.
    pub(super) fn permute(&mut self, result: Vector, positions: Vector, table: Vector) {
        self.vector(PERMUTE, (ALL, false), result.0, positions.0, &Operand::Register(table));
    }

    /// `result[i] = memory[8 positions[i]]` in the lanes of a mask, which is cleared. AVX-512 alone.
    pub(super) fn gather(&mut self, mask: Mask, result: Vector, base: Memory, positions: Vector) {
        let how = Evex { mask, is_zeroing: false, is_wide: true, is_broadcast: false, unit: 8 };
        self.evex(GATHER, how, result.0, 0, &Rm::Gather(base, positions));
    }

    /// The upper half of a register into the lower half of another.
    pub(super) fn upper_half(&mut self, result: Vector, x: Vector) {
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
    pub(super) fn upper_pair(&mut self, result: Vector, x: Vector) {
        let opcode = Opcode { prefix: Prefix::P66, map: Map::M0F3A, byte: 0x19, vex_w: false };
        self.vex(opcode, true, x.0, 0, &Rm::Register(result.0));
        self.byte(1);
    }

    /// In each pair of lanes the first lanes of both operands, or the second ones; of the lower four lanes or two;
    /// registers below 16.
    pub(super) fn unpack(&mut self, is_four: bool, is_second: bool, result: Vector, first: Vector, second: Vector) {
        let opcode = if is_second { UNPACK_HIGH } else { UNPACK_LOW };
        self.vex(opcode, is_four, result.0, first.0, &Rm::Register(second.0));
    }

    /// Adds the lower four lanes (`is_four`) or two; registers below 16.
    pub(super) fn add_low(&mut self, is_four: bool, result: Vector, first: Vector, second: Vector) {
        self.vex(ADD, is_four, result.0, first.0, &Rm::Register(second.0));
    }

    /// The first lane from memory.
    pub(super) fn load_one(&mut self, result: Vector, from: Memory) {
        let opcode = Opcode { prefix: Prefix::PF2, ..LOAD };
        self.vex(opcode, false, result.0, 0, &Rm::Memory(from));
    }

    /// The second lane from memory, the first from another register.
    pub(super) fn load_second(&mut self, result: Vector, first: Vector, from: Memory) {
        self.vex(packed(0x16), false, result.0, first.0, &Rm::Memory(from));
    }

    /// The lower two lanes of `second` above those of `first`. AVX2 alone.
    pub(super) fn join_pairs(&mut self, result: Vector, first: Vector, second: Vector) {
        let opcode = Opcode { prefix: Prefix::P66, map: Map::M0F3A, byte: 0x18, vex_w: false };
        self.vex(opcode, true, result.0, first.0, &Rm::Register(second.0));
        self.byte(1);
    }

    /// Adds a number from memory to the first lane.
    pub(super) fn add_one(&mut self, result: Vector, first: Vector, second: Memory) {
        let opcode = Opcode { prefix: Prefix::PF2, ..ADD };
        self.vex(opcode, false, result.0, first.0, &Rm::Memory(second));
    }

    /// Writes the first lane.
    pub(super) fn store_one(&mut self, to: Memory, x: Vector) {
        let opcode = Opcode { prefix: Prefix::PF2, ..STORE };
        self.vex(opcode, false, x.0, 0, &Rm::Memory(to));
    }

    /// Writes the first two lanes.
    pub(super) fn store_pair(&mut self, to: Memory, x: Vector) {
        self.vex(STORE, false, x.0, 0, &Rm::Memory(to));
    }

    /// A mask from memory, 16 bits.
    pub(super) fn load_mask(&mut self, result: Mask, from: Memory) {
        self.mask_instruction(0x90, result, &Rm::Memory(from));
    }

    /// A mask to memory, 16 bits.
    pub(super) fn store_mask(&mut self, to: Memory, mask: Mask) {
        self.mask_instruction(0x91, mask, &Rm::Memory(to));
    }

    /// A copy of a mask.
    pub(super) fn copy_mask(&mut self, result: Mask, mask: Mask) {
        self.mask_instruction(0x90, result, &Rm::Register(mask.0));
    }

    /// A mask from the low bits of a general register.
    pub(super) fn mask_from(&mut self, result: Mask, from: Gpr) {
        self.mask_instruction(0x92, result, &Rm::Register(from.0));
    }

    fn mask_instruction(&mut self, byte: u8, mask: Mask, rm: &Rm) {
        let opcode = Opcode { prefix: Prefix::None, map: Map::M0F, byte, vex_w: false };
        self.vex(opcode, false, mask.0, 0, rm);
    }

    /// Clears the upper halves of all registers, which instructions of two lanes would otherwise drag along.
    pub(super) fn clear_upper_halves(&mut self) {
        self.bytes.extend([0xc5, 0xf8, 0x77]);
    }

    fn general(&mut self, byte: u8, register: u8, rm: &Rm) {
        let (index, base) = rm.extensions();
        let bit = |x: u8, at: u8| ((x >> 3) & 1) << at;
        self.byte(0x48 | bit(register, 2) | bit(index, 1) | bit(base, 0));
        self.byte(byte);
        self.operands(register, rm, 1);
    }

    /// A number of 64 bits in a register.
    pub(super) fn set(&mut self, to: Gpr, x: u64) {
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
    pub(super) fn load_position(&mut self, to: Gpr, from: Memory) {
        let rm = Rm::Memory(from);
        let (index, base) = rm.extensions();
        let bit = |x: u8, at: u8| ((x >> 3) & 1) << at;
        self.byte(0x40 | bit(to.0, 2) | bit(index, 1) | bit(base, 0));
        self.byte(0x8b);
        self.operands(to.0, &rm, 1);
    }

    /// 64 bits from memory.
    pub(super) fn load_general(&mut self, to: Gpr, from: Memory) {
        self.general(0x8b, to.0, &Rm::Memory(from));
    }

    /// 64 bits to memory.
    pub(super) fn store_general(&mut self, to: Memory, x: Gpr) {
        self.general(0x89, x.0, &Rm::Memory(to));
    }

    /// A copy of a register.
    pub(super) fn copy(&mut self, to: Gpr, from: Gpr) {
        self.general(0x8b, to.0, &Rm::Register(from.0));
    }

    /// The address of a place.
    pub(super) fn address(&mut self, to: Gpr, of: Memory) {
        self.general(0x8d, to.0, &Rm::Memory(of));
    }

    /// `to += x`
    pub(super) fn add_general(&mut self, to: Gpr, x: i32) {
        self.general(0x81, 0, &Rm::Register(to.0));
        self.word(x);
    }

    /// `to -= x`
    pub(super) fn subtract_general(&mut self, to: Gpr, x: i32) {
        self.general(0x81, 5, &Rm::Register(to.0));
        self.word(x);
    }

    /// `to &= x`
    pub(super) fn and_general(&mut self, to: Gpr, x: i32) {
        self.general(0x81, 4, &Rm::Register(to.0));
        self.word(x);
    }

    /// Compares a register with a number.
    pub(super) fn compare_general(&mut self, x: Gpr, y: i32) {
        self.general(0x81, 7, &Rm::Register(x.0));
        self.word(y);
    }

    /// `to >>= n`
    pub(super) fn shift_general_down(&mut self, to: Gpr, n: u8) {
        self.general(0xc1, 5, &Rm::Register(to.0));
        self.byte(n);
    }

    /// Saves a register on the stack.
    pub(super) fn push(&mut self, x: Gpr) {
        debug_assert!(x.0 < 8);
        self.byte(0x50 | x.0);
    }

    /// Takes a register back.
    pub(super) fn pop(&mut self, x: Gpr) {
        debug_assert!(x.0 < 8);
        self.byte(0x58 | x.0);
    }

    /// Calls the function whose address is in `rax`.
    pub(super) fn call_rax(&mut self) {
        self.bytes.extend([0xff, 0xd0]);
    }

    pub(super) fn ret(&mut self) {
        self.byte(0xc3);
    }

    /// A place to jump back to.
    pub(super) fn label(&self) -> Label {
        Label(self.bytes.len())
    }

    /// Jumps back.
    pub(super) fn jump_back(&mut self, when: When, to: Label) {
        let jump = self.jump(when);
        self.fill(jump, to.0);
    }

    /// Jumps ahead, to where [`Assembler::land`] says.
    pub(super) fn jump(&mut self, when: When) -> Jump {
        match when {
            When::Always => self.byte(0xe9),
            When::Below => self.bytes.extend([0x0f, 0x82]),
            When::AboveOrEqual => self.bytes.extend([0x0f, 0x83]),
        }
        self.word(0);
        Jump(self.bytes.len())
    }

    /// The place that a jump leads to.
    pub(super) fn land(&mut self, jump: Jump) {
        self.fill(jump, self.bytes.len());
    }

    fn fill(&mut self, jump: Jump, target: usize) {
        let distance = target as i32 - jump.0 as i32;
        let field = jump.0 - size_of::<i32>();
        self.bytes[field..jump.0].copy_from_slice(&distance.to_le_bytes());
    }
}

/// What stands in the place for a register or memory.
enum Rm {
    Register(u8),
    Memory(Memory),
    /// Eight bytes times the positions in a register away from a place.
    Gather(Memory, Vector),
}

impl Rm {
    /// The numbers of the index and of the base (or the register), for their bits beyond the third.
    fn extensions(&self) -> (u8, u8) {
        match self {
            Rm::Register(number) => (0, *number),
            Rm::Memory(memory) if memory.base == CONSTANT => (0, 0),
            Rm::Memory(memory) => (memory.index.map_or(0, |(index, _)| index.0), memory.base.0),
            Rm::Gather(memory, lanes) => (lanes.0, memory.base.0),
        }
    }
}

fn lanes_of(operand: &Operand) -> Operand {
    match operand {
        // With AVX2 what is broadcast stands in memory once for each lane.
        Operand::Broadcast(memory) => Operand::Lanes(*memory),
        other => *other,
    }
}
