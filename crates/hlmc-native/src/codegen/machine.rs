//! The machine that emits what kernels tell it: one or two lanes as instructions of the code being built.

use std::collections::HashMap;

use cranelift_codegen::ir::condcodes::FloatCC;
use cranelift_codegen::ir::{InstBuilder, MemFlags, Type, Value, types};
use cranelift_frontend::FunctionBuilder;
use smallvec::SmallVec;

use super::calls::ScalarCalls;
use super::operation::{Called, Operations};
use crate::kernel::Machine;

/// Emits operations on one lane or on two.
pub(super) struct Emitter<'a, 'b> {
    /// Where instructions go.
    pub(super) builder: &'a mut FunctionBuilder<'b>,
    /// Two lanes in a register, or one.
    pub(super) width: Width,
    /// Multiplication and addition in one instruction.
    pub(super) is_fused: bool,
    /// Where constants are kept.
    pub(super) constants: &'a mut Constants,
    /// Calls of what has no kernel.
    pub(super) calls: &'a mut ScalarCalls,
}

/// The constants of kernels, each twice side by side, in memory. They are loaded where they are used, as operands of
/// instructions: as values they would fill all registers of a loop.
pub(super) struct Constants {
    page: Box<Page>,
    /// The place of each constant on the page, by its bits.
    places: HashMap<u64, usize>,
    /// The address of the page, in the function being emitted.
    anchor: Option<Value>,
    /// Numbers of one lane that are constants, in the function being emitted.
    known: HashMap<Value, f64>,
    /// Numbers of one lane that are others with the sign changed.
    negated: HashMap<Value, Value>,
}

/// Constants that one page holds; kernels have some two hundred.
const PAGE: usize = 1024;

#[derive(Clone, Copy)]
#[repr(align(16))]
struct Pair([u64; 2]);

struct Page([Pair; PAGE]);

impl Default for Constants {
    fn default() -> Self {
        let page = Box::new(Page([Pair([0; 2]); PAGE]));
        Constants { page, places: HashMap::new(), anchor: None, known: HashMap::new(), negated: HashMap::new() }
    }
}

impl Constants {
    /// Begins a function: the address of the page, at its entry.
    pub(super) fn anchor(&mut self, builder: &mut FunctionBuilder<'_>) {
        let address = self.page.0.as_ptr() as i64;
        self.anchor = Some(builder.ins().iconst(types::I64, address));
        self.known.clear();
        self.negated.clear();
    }

    /// The place of a constant, in bytes from the start of the page; `None` where the page is full.
    fn place(&mut self, bits: u64) -> Option<i32> {
        let next = self.places.len();
        let place = *self.places.entry(bits).or_insert(next);
        let pair = self.page.0.get_mut(place)?;
        pair.0 = [bits; 2];
        Some((place * size_of::<Pair>()) as i32)
    }
}

/// How many lanes a register holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Width {
    /// One lane: scalars, and the last of an odd number of lanes.
    One,
    /// Two lanes.
    Two,
}

impl Width {
    /// The type of numbers.
    pub(super) fn real(self) -> Type {
        match self {
            Width::One => types::F64,
            Width::Two => types::F64X2,
        }
    }

    fn bits(self) -> Type {
        match self {
            Width::One => types::I64,
            Width::Two => types::I64X2,
        }
    }
}

impl Emitter<'_, '_> {
    /// A constant from memory.
    fn constant(&mut self, bits: u64) -> Value {
        let real = self.width.real();
        if let (Some(anchor), Some(place)) = (self.constants.anchor, self.constants.place(bits)) {
            return self.builder.ins().load(real, MemFlags::trusted(), anchor, place);
        }
        let value = self.builder.ins().f64const(f64::from_bits(bits));
        match self.width {
            Width::One => value,
            Width::Two => self.builder.ins().splat(real, value),
        }
    }

    /// A constant of the program itself, of one lane. It becomes code where it is used, if it is.
    pub(super) fn number(&mut self, x: f64) -> Value {
        let value = self.builder.ins().f64const(x);
        self.constants.known.insert(value, x);
        value
    }

    /// What is known of a number of one lane.
    fn known(&self, x: Value) -> Option<f64> {
        self.constants.known.get(&x).copied()
    }

    /// What a number of one lane is with the sign changed, where that was the last that happened to it.
    fn negated(&self, x: Value) -> Option<Value> {
        self.constants.negated.get(&x).copied()
    }

    /// A product with a constant, which comes second, where it is read as the instruction's operand.
    fn scaled(&mut self, factor: f64, x: Value) -> Value {
        let (factor, x) = self.negated(x).map_or((factor, x), |inner| (-factor, inner));
        if factor == 1.0 {
            return x;
        }
        if factor == -1.0 {
            return self.negate(x);
        }
        let factor = self.number(factor);
        self.builder.ins().fmul(x, factor)
    }

    fn compare(&mut self, condition: FloatCC, x: Value, y: Value) -> Value {
        self.builder.ins().fcmp(condition, x, y)
    }

    fn cast(&mut self, to: Type, x: Value) -> Value {
        // Lanes keep their order where both sides count them from the same end.
        let flags = match self.width {
            Width::One => MemFlags::new(),
            Width::Two => MemFlags::new().with_endianness(cranelift_codegen::ir::Endianness::Little),
        };
        self.builder.ins().bitcast(to, flags, x)
    }
}

impl Machine for Emitter<'_, '_> {
    type Real = Value;
    type Bits = Value;
    type Mask = Value;

    fn real(&mut self, x: f64) -> Value {
        if x.to_bits() != 0 {
            return self.constant(x.to_bits());
        }
        let zero = self.builder.ins().f64const(0.0);
        match self.width {
            Width::One => zero,
            Width::Two => self.builder.ins().splat(types::F64X2, zero),
        }
    }

    fn bits(&mut self, x: u64) -> Value {
        let x = self.constant(x);
        self.to_bits(x)
    }

    fn add(&mut self, x: Value, y: Value) -> Value {
        match (self.known(x), self.known(y)) {
            (Some(x), Some(y)) => return self.number(x + y),
            (Some(_), None) => return self.builder.ins().fadd(y, x),
            _ => {}
        }
        match (self.negated(x), self.negated(y)) {
            (Some(x), Some(y)) => {
                let sum = self.add(x, y);
                self.negate(sum)
            }
            (Some(x), None) => self.builder.ins().fsub(y, x),
            (None, Some(y)) => self.builder.ins().fsub(x, y),
            (None, None) => self.builder.ins().fadd(x, y),
        }
    }

    fn subtract(&mut self, x: Value, y: Value) -> Value {
        match (self.known(x), self.known(y)) {
            (Some(x), Some(y)) => self.number(x - y),
            _ => self.builder.ins().fsub(x, y),
        }
    }

    fn multiply(&mut self, x: Value, y: Value) -> Value {
        match (self.known(x), self.known(y)) {
            (Some(x), Some(y)) => self.number(x * y),
            (Some(x), None) => self.scaled(x, y),
            (None, Some(y)) => self.scaled(y, x),
            (None, None) => self.builder.ins().fmul(x, y),
        }
    }

    fn divide(&mut self, x: Value, y: Value) -> Value {
        self.builder.ins().fdiv(x, y)
    }

    fn multiply_add(&mut self, x: Value, y: Value, z: Value) -> Value {
        if self.is_fused {
            return self.builder.ins().fma(x, y, z);
        }
        let product = self.builder.ins().fmul(x, y);
        self.builder.ins().fadd(product, z)
    }

    fn is_fused(&self) -> bool {
        self.is_fused
    }

    fn sqrt(&mut self, x: Value) -> Value {
        self.builder.ins().sqrt(x)
    }

    fn negate(&mut self, x: Value) -> Value {
        if let Some(x) = self.known(x) {
            return self.number(-x);
        }
        if let Some(inner) = self.negated(x) {
            return inner;
        }
        let negated = self.builder.ins().fneg(x);
        if self.width == Width::One {
            self.constants.negated.insert(negated, x);
        }
        negated
    }

    fn abs(&mut self, x: Value) -> Value {
        self.builder.ins().fabs(x)
    }

    fn less(&mut self, x: Value, y: Value) -> Value {
        self.compare(FloatCC::LessThan, x, y)
    }

    fn equal(&mut self, x: Value, y: Value) -> Value {
        self.compare(FloatCC::Equal, x, y)
    }

    fn select(&mut self, mask: Value, x: Value, y: Value) -> Value {
        match self.width {
            Width::One => self.builder.ins().select(mask, x, y),
            Width::Two => {
                let mask = self.cast(types::F64X2, mask);
                self.builder.ins().bitselect(mask, x, y)
            }
        }
    }

    fn to_bits(&mut self, x: Value) -> Value {
        let bits = self.width.bits();
        self.cast(bits, x)
    }

    fn as_real(&mut self, x: Value) -> Value {
        let real = self.width.real();
        self.cast(real, x)
    }

    fn add_bits(&mut self, x: Value, y: Value) -> Value {
        self.builder.ins().iadd(x, y)
    }

    fn subtract_bits(&mut self, x: Value, y: Value) -> Value {
        self.builder.ins().isub(x, y)
    }

    fn and_bits(&mut self, x: Value, y: Value) -> Value {
        self.builder.ins().band(x, y)
    }

    fn or_bits(&mut self, x: Value, y: Value) -> Value {
        self.builder.ins().bor(x, y)
    }

    fn shift_left(&mut self, x: Value, n: u32) -> Value {
        self.builder.ins().ishl_imm(x, i64::from(n))
    }

    fn shift_right(&mut self, x: Value, n: u32) -> Value {
        self.builder.ins().ushr_imm(x, i64::from(n))
    }
}

impl Operations for Emitter<'_, '_> {
    /// Calls lane by lane.
    fn call(&mut self, function: Called, x: &[Value]) -> Value {
        if self.width == Width::One {
            return self.calls.call(self.builder, function, x);
        }
        let lanes = [0, 1].map(|lane| {
            let x: SmallVec<[Value; 2]> = x.iter().map(|x| self.builder.ins().extractlane(*x, lane)).collect();
            self.calls.call(self.builder, function, &x)
        });
        let first = self.builder.ins().scalar_to_vector(types::F64X2, lanes[0]);
        self.builder.ins().insertlane(first, lanes[1], 1)
    }
}
