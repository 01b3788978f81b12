//! Maps on wide registers: four lanes with AVX2, eight with AVX-512, as the machine turns out to have them.
//!
//! Cranelift has registers of two lanes on x86 and no wider ones, so that the loops over lanes are made here: the turn is
//! written down as a [`tape`], gets [`registers`], and becomes [`instructions`] of the [`assembler`]. The rest of a program
//! stays with Cranelift and calls these functions. Other machines, and maps of few lanes, have turns of two lanes
//! ([`super::pair`]); on AArch64 these are NEON's.
//!
//! | module | what is there |
//! | --- | --- |
//! | [`record`] | the turn of a map, written down |
//! | [`tape`] | the list of operations |
//! | [`registers`] | who is in which register |
//! | [`instructions`] | operations as instructions |
//! | [`assembler`] | instructions as bytes |
//! | [`call`] | functions without a kernel |
//!
//! A function has the arguments values, adjoints, *exchange* (the numbers that all lanes share, and behind them room for the
//! totals), position and gradient. The invariant, beside those of [`super`]: nothing beyond a column's last lane, or a
//! stretch's last entry, is read or written.

mod assembler;
mod call;
mod instructions;
pub(super) mod record;
mod registers;
mod tape;

use std::sync::{Arc, OnceLock};

use super::operation::Called;
pub(super) use assembler::{ALIGNMENT, Isa};
use assembler::{Assembler, Memory, RBP, RDX, RSP};
use instructions::Code;
use tape::Tape;

/// Maps of fewer lanes are not worth a call.
const MIN_LANES: usize = 4;

/// So few turns are written one after the other: nothing is counted, and which entries a turn reads is known.
const MAX_STRAIGHT_TURNS: usize = 4;
/// Longer turns are not.
const MAX_STRAIGHT_OPERATIONS: usize = 120;

/// Functions that need more bytes of the stack are left to turns of two lanes.
const MAX_FRAME: i32 = 1 << 15;

/// How many lanes a turn of a map has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Width {
    /// Two lanes, which every machine has.
    Two,
    /// Four lanes: AVX2.
    Four,
    /// Eight lanes: AVX-512.
    Eight,
}

impl Width {
    /// What the machine has, the narrowest first.
    #[must_use]
    pub fn available() -> &'static [Width] {
        static FOUND: OnceLock<Vec<Width>> = OnceLock::new();
        FOUND.get_or_init(|| std::iter::once(Width::Two).chain(detect()).collect())
    }

    /// The widest that the machine has.
    #[must_use]
    pub fn widest() -> Width {
        Self::available().last().copied().unwrap_or(Width::Two)
    }

    /// The instructions of wide code, if this is wide and the machine has it.
    pub(super) fn isa(self) -> Option<Isa> {
        let isa = match self {
            Width::Two => None,
            Width::Four => Some(Isa::Avx2),
            Width::Eight => Some(Isa::Avx512),
        };
        isa.filter(|_| Self::available().contains(&self))
    }
}

/// Functions of the kind that is made here have System V's conventions, and touch their stack without probing it.
#[cfg(all(target_arch = "x86_64", not(windows)))]
fn detect() -> Vec<Width> {
    let has_fma = std::arch::is_x86_feature_detected!("fma");
    let four = has_fma && std::arch::is_x86_feature_detected!("avx2");
    let eight = four && std::arch::is_x86_feature_detected!("avx512f");
    [(four, Width::Four), (eight, Width::Eight)].into_iter().filter(|(is_there, _)| *is_there).map(|(_, w)| w).collect()
}

#[cfg(not(all(target_arch = "x86_64", not(windows))))]
fn detect() -> Vec<Width> {
    Vec::new()
}

/// A function before it has a place in memory.
pub(super) struct WideFunction {
    /// The code, and constants behind it; to begin at a multiple of [`ALIGNMENT`].
    pub(super) bytes: Vec<u8>,
    /// What the code holds the addresses of.
    pub(super) called: Vec<Arc<Called>>,
    /// The same of masks.
    pub(super) masks: Vec<Arc<[u16]>>,
}

/// True for few short turns of all lanes. With AVX-512 positions are in masks and tables.
fn is_straight(isa: Isa, tape: &Tape, lanes: usize) -> bool {
    let is_short = lanes <= MAX_STRAIGHT_TURNS * isa.lanes() && tape.ops.len() <= MAX_STRAIGHT_OPERATIONS;
    isa == Isa::Avx2 && is_short && lanes.is_multiple_of(isa.lanes()) && tape.calls.is_empty()
}

/// The code of a map of so many lanes, of which the tape is one turn. `None` where it would need too much of the stack.
fn compile(isa: Isa, mut tape: Tape, lanes: usize, (n_inputs, n_totals): (usize, usize)) -> Option<WideFunction> {
    tape.fuse_products();
    let masks = std::mem::take(&mut tape.masks);
    let called: Vec<Arc<Called>> = tape.calls.iter().map(|called| Arc::new(*called)).collect();
    let addresses: Vec<*const Called> = called.iter().map(|called| std::ptr::from_ref(&**called)).collect();
    let width = isa.lanes();
    let has_tail = !lanes.is_multiple_of(width);
    let mut code = Code::new(isa, &tape, &addresses, n_totals, has_tail);
    code.clear_totals();
    if is_straight(isa, &tape, lanes) {
        (0..lanes).step_by(width).for_each(|first_lane| code.turn_at(first_lane));
    } else {
        code.load_tables();
        code.turns(lanes);
    }
    code.hand_over(Memory::at(RDX, (n_inputs * size_of::<f64>()) as i32));
    code.asm.clear_upper_halves();
    code.asm.copy(RSP, RBP);
    code.asm.pop(RBP);
    code.asm.ret();
    if code.is_broken || code.frame() > MAX_FRAME {
        return None;
    }
    let mut prologue = Assembler::new(isa);
    prologue.push(RBP);
    prologue.copy(RBP, RSP);
    prologue.subtract_general(RSP, code.frame());
    prologue.and_general(RSP, -(ALIGNMENT as i32));
    Some(WideFunction { bytes: code.asm.finish(&prologue), called, masks })
}
