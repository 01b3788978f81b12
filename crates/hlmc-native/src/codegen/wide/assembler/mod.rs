//! The few instructions that wide code is made of, as bytes.
//!
//! AVX2 instructions have a VEX prefix of three bytes, those of AVX-512 an EVEX prefix of four (Intel 64 and IA-32
//! Architectures Software Developer's Manual, volume 2, sections 2.3 and 2.7); all are of the form
//! `result = operation(first, second)`, where the second operand may be in memory.
//!
//! | module | what is there |
//! | --- | --- |
//! | [`encoding`] | prefixes and operands |
//! | [`vector`] | instructions on vectors and masks |
//! | [`general`] | instructions on general registers, and jumps |

mod encoding;
mod general;
mod vector;

pub(super) use encoding::Opcode;
pub(super) use general::When;
pub(super) use vector::*;

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
    pub(in crate::codegen::wide) fn lanes(self) -> usize {
        match self {
            Isa::Avx2 => 4,
            Isa::Avx512 => 8,
        }
    }

    /// The bytes of a register.
    pub(in crate::codegen::wide) fn bytes(self) -> i32 {
        (self.lanes() * size_of::<f64>()) as i32
    }
}

/// A general register, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::codegen::wide) struct Gpr(u8);

/// Stands for the address of a constant behind the code, see [`Assembler::constant`].
const CONSTANT: Gpr = Gpr(u8::MAX);

pub(in crate::codegen::wide) const RAX: Gpr = Gpr(0);
pub(in crate::codegen::wide) const RCX: Gpr = Gpr(1);
pub(in crate::codegen::wide) const RDX: Gpr = Gpr(2);
pub(in crate::codegen::wide) const RSP: Gpr = Gpr(4);
pub(in crate::codegen::wide) const RBP: Gpr = Gpr(5);
pub(in crate::codegen::wide) const RSI: Gpr = Gpr(6);
pub(in crate::codegen::wide) const RDI: Gpr = Gpr(7);
pub(in crate::codegen::wide) const R8: Gpr = Gpr(8);
pub(in crate::codegen::wide) const R9: Gpr = Gpr(9);
pub(in crate::codegen::wide) const R10: Gpr = Gpr(10);
pub(in crate::codegen::wide) const R11: Gpr = Gpr(11);

/// A vector register, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::codegen::wide) struct Vector(pub(in crate::codegen::wide) u8);

/// A mask register, by its number; the first stands for no mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::codegen::wide) struct Mask(pub(in crate::codegen::wide) u8);

/// What code should begin at a multiple of, in bytes.
pub(in crate::codegen) const ALIGNMENT: usize = 64;

/// All lanes.
pub(in crate::codegen::wide) const ALL: Mask = Mask(0);

/// A place in memory: `base + index * 2^scale + displacement`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::codegen::wide) struct Memory {
    pub(in crate::codegen::wide) base: Gpr,
    pub(in crate::codegen::wide) index: Option<(Gpr, u8)>,
    pub(in crate::codegen::wide) displacement: i32,
}

impl Memory {
    /// So many bytes from a register.
    pub(in crate::codegen::wide) fn at(base: Gpr, displacement: i32) -> Memory {
        Memory { base, index: None, displacement }
    }
}

/// The last operand of a vector instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::codegen::wide) enum Operand {
    /// A register.
    Register(Vector),
    /// All lanes, side by side.
    Lanes(Memory),
    /// One number for all lanes. With AVX2 it stands there once for each.
    Broadcast(Memory),
}

/// Code under construction, with its constants.
#[derive(Debug)]
pub(in crate::codegen::wide) struct Assembler {
    pub(in crate::codegen::wide) isa: Isa,
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

impl Assembler {
    pub(in crate::codegen::wide) fn new(isa: Isa) -> Self {
        Assembler { isa, bytes: Vec::new(), constants: Vec::new(), references: Vec::new() }
    }

    /// A constant in all lanes, in memory behind the code.
    pub(in crate::codegen::wide) fn constant(&mut self, bits: u64) -> Operand {
        let place = self.constants.iter().position(|x| *x == bits).unwrap_or(self.constants.len());
        if place == self.constants.len() {
            self.constants.push(bits);
        }
        Operand::Broadcast(Memory { base: CONSTANT, index: None, displacement: place as i32 })
    }

    /// The code behind a prologue, with the constants behind both. It wants to begin at a multiple of [`ALIGNMENT`].
    pub(in crate::codegen::wide) fn finish(self, prologue: &Assembler) -> Vec<u8> {
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
}
