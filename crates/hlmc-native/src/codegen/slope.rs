//! The code of a right-hand side: slopes of a state and of its sensitivities.
//!
//! First all values and local derivatives, in scalars; then the tangents, two directions at a time, each a linear
//! combination of those before it (the vector forward mode of Griewank and Walther, "Evaluating Derivatives", 3.1).
//!
//! The code refers to memory only within the slices of [`SlopeCode::run`], whose lengths that checks.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{AbiParam, InstBuilder, Signature, Value, types};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use cranelift_jit::JITModule;
use cranelift_module::{Linkage, Module};
use smallvec::{SmallVec, smallvec};

use super::calls::ScalarCalls;
use super::machine::{Constants, Emitter, Width};
use super::operation::{self, Called};
use super::pair::flags;
use super::{has_fused_multiply_add, module};
use crate::graph::{Binary, Unary};
use crate::kernel::Machine as _;
use crate::solve::tape::{Action, Instruction, Slot, Tape};

/// Longer right-hand sides are interpreted.
const MAX_INSTRUCTIONS: usize = 4_000;

/// Up to so many tangent operations, pairs of directions are written out instead of looped over.
const MAX_WRITTEN_OUT: usize = 256;

/// The bytes of a number.
const NUMBER: i32 = size_of::<f64>() as i32;
/// The bytes of a pair of directions.
const PAIR: i32 = 2 * NUMBER;

type Entry = unsafe extern "C" fn(*const f64, *const f64, *mut f64, f64);

/// Code for the slopes of a tape whose inputs are the time, the state, and parameters.
pub(crate) struct SlopeCode {
    entry: Entry,
    /// Owns the memory of the code; taken when that is freed.
    module: Mutex<Option<JITModule>>,
    n_workspace: usize,
    n_state: usize,
    /// What the code holds addresses of.
    _called: Vec<Arc<Called>>,
    _constants: Constants,
}

impl std::fmt::Debug for SlopeCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SlopeCode").field("n_state", &self.n_state).finish_non_exhaustive()
    }
}

impl Drop for SlopeCode {
    #[allow(unsafe_code, reason = "freeing the memory of code")]
    fn drop(&mut self) {
        let module = self.module.get_mut().ok().and_then(Option::take);
        if let Some(module) = module {
            // SAFETY: `entry` is the only pointer into this memory, and it goes with `self`.
            unsafe { module.free_memory() };
        }
    }
}

impl SlopeCode {
    /// Compiles a tape of `n_states` states for rows of this width. `None` where it has more than scalar operations,
    /// checks, or too many of them, or where the machine refuses code: then it is interpreted.
    pub(crate) fn compile(tape: &Tape, n_states: usize, width: usize) -> Option<Self> {
        let instructions = tape.unchecked()?;
        let is_scalar = |instruction: &Instruction| {
            !matches!(instruction.action, Action::Elementwise(_) | Action::ElementwiseValue(_) | Action::Whole(_))
        };
        let n_workspace = tape.workspace(width);
        let is_small = instructions.len() <= MAX_INSTRUCTIONS && i32::try_from(n_workspace * size_of::<f64>()).is_ok();
        if !is_small || !instructions.iter().all(is_scalar) {
            return None;
        }
        generate(tape, instructions, n_states, width)
    }

    /// Writes the slopes of the rows of `state` at a time. `workspace` is that of a tape that has been started.
    /// False, and nothing written, if a slice is too short.
    #[inline]
    #[must_use]
    #[allow(unsafe_code, reason = "calling generated code")]
    pub(crate) fn run(&self, workspace: &[f64], time: f64, state: &[f64], slope: &mut [f64]) -> bool {
        if workspace.len() < self.n_workspace || state.len() < self.n_state || slope.len() < self.n_state {
            return false;
        }
        // SAFETY: the code was generated for slices of these lengths; `slope` overlaps with none of the others.
        unsafe { (self.entry)(workspace.as_ptr(), state.as_ptr(), slope.as_mut_ptr(), time) };
        true
    }
}

fn generate(tape: &Tape, instructions: &[Instruction], n_states: usize, width: usize) -> Option<SlopeCode> {
    let mut module = module().ok()?;
    let convention = module.isa().default_call_conv();
    let pointer = module.target_config().pointer_type();
    let mut signature = Signature::new(convention);
    signature.params.extend([AbiParam::new(pointer); 3]);
    signature.params.push(AbiParam::new(types::F64));
    let function = module.declare_function("slope", Linkage::Export, &signature).ok()?;
    let mut context = module.make_context();
    context.func.signature = signature;
    let mut builder_context = FunctionBuilderContext::new();
    let mut builder = FunctionBuilder::new(&mut context.func, &mut builder_context);
    let entry = builder.create_block();
    builder.append_block_params_for_function_params(entry);
    builder.switch_to_block(entry);
    builder.seal_block(entry);
    let calls = ScalarCalls::new(&mut builder, convention);
    let parameters = builder.block_params(entry).to_vec();
    let mut writer = Writer {
        calls,
        is_fused: has_fused_multiply_add(),
        constants: Constants::default(),
        rows: Rows { workspace: parameters[0], state: parameters[1], slope: parameters[2] },
        time: parameters[3],
        n_states,
        width,
        is_active: tape.active_rows(),
        values: HashMap::new(),
        tangents: Vec::new(),
        builder,
    };
    writer.constants.anchor(&mut writer.builder);
    writer.write(instructions, tape.results());
    let Writer { mut builder, calls, constants, .. } = writer;
    builder.ins().return_(&[]);
    builder.finalize();
    module.define_function(function, &mut context).ok()?;
    module.finalize_definitions().ok()?;
    let address = module.get_finalized_function(function);
    #[allow(unsafe_code, reason = "the address of generated code as a function")]
    // SAFETY: the function was declared with this signature.
    let entry = unsafe { std::mem::transmute::<*const u8, Entry>(address) };
    Some(SlopeCode {
        entry,
        module: Mutex::new(Some(module)),
        n_workspace: tape.workspace(width),
        n_state: n_states * width,
        _called: calls.called,
        _constants: constants,
    })
}

/// Where rows begin in memory; moved on by two directions where these are looped over.
#[derive(Clone, Copy)]
struct Rows {
    workspace: Value,
    state: Value,
    slope: Value,
}

/// The tangents of a row.
struct Tangent {
    result: Slot,
    by: Formula,
}

/// What tangents are made of.
#[derive(Clone)]
enum Formula {
    /// Those of others, each times a number.
    Sum(Terms),
    /// Those of the first row where all bits of the number are set, else those of the second.
    Select(Value, Slot, Slot),
}

type Terms = SmallVec<[(Factor, Slot); 2]>;

/// What a tangent is multiplied by.
#[derive(Clone, Copy)]
enum Factor {
    One,
    MinusOne,
    Number(Value),
}

struct Writer<'b> {
    builder: FunctionBuilder<'b>,
    calls: ScalarCalls,
    is_fused: bool,
    constants: Constants,
    rows: Rows,
    time: Value,
    n_states: usize,
    width: usize,
    is_active: Vec<bool>,
    values: HashMap<Slot, Value>,
    tangents: Vec<Tangent>,
}

impl<'b> Writer<'b> {
    fn write(&mut self, instructions: &[Instruction], results: &[Slot]) {
        for instruction in instructions {
            let result = instruction.result;
            let (value, by) = match instruction.action {
                Action::Select(mask, x, y) | Action::SelectValue(mask, x, y) => {
                    let (value, bits) = self.select(mask, x, y);
                    (value, Formula::Select(bits, x, y))
                }
                ref other => {
                    let (value, mut terms) = self.value_and_terms(other);
                    terms.retain(|(_, slot)| self.is_active[*slot as usize]);
                    (value, Formula::Sum(terms))
                }
            };
            self.values.insert(result, value);
            if self.is_active[result as usize] {
                self.tangents.push(Tangent { result, by });
            }
        }
        if self.width > 1 {
            self.all_tangents(results);
        }
        for (k, slot) in results.iter().enumerate() {
            let value = self.value(*slot);
            let (slope, at) = (self.rows.slope, self.row(k));
            self.builder.ins().store(flags(), value, slope, at);
        }
    }

    /// The place of a row in bytes.
    fn row(&self, i: usize) -> i32 {
        (i * self.width) as i32 * NUMBER
    }

    /// The row of the state that a slot is.
    fn state_row(&self, slot: Slot) -> Option<usize> {
        let slot = slot as usize;
        (1..=self.n_states).contains(&slot).then(|| slot - 1)
    }

    fn value(&mut self, slot: Slot) -> Value {
        if slot == 0 {
            return self.time;
        }
        if let Some(value) = self.values.get(&slot) {
            return *value;
        }
        let (base, at) = match self.state_row(slot) {
            Some(row) => (self.rows.state, self.row(row)),
            None => (self.rows.workspace, self.row(slot as usize)),
        };
        let value = self.builder.ins().load(types::F64, flags(), base, at);
        self.values.insert(slot, value);
        value
    }

    fn emitter<'a>(&'a mut self, width: Width) -> Emitter<'a, 'b> {
        Emitter {
            builder: &mut self.builder,
            width,
            is_fused: self.is_fused,
            constants: &mut self.constants,
            calls: &mut self.calls,
        }
    }

    /// The value of a selection, and the bits that select tangents.
    fn select(&mut self, mask: Slot, x: Slot, y: Slot) -> (Value, Value) {
        let [mask, x, y] = [mask, x, y].map(|slot| self.value(slot));
        let ins = self.builder.ins();
        let zero = ins.f64const(0.0);
        let holds = self.builder.ins().fcmp(FloatCC::NotEqual, mask, zero);
        let value = self.builder.ins().select(holds, x, y);
        let (all, none) = (self.builder.ins().iconst(types::I64, -1), self.builder.ins().iconst(types::I64, 0));
        (value, self.builder.ins().select(holds, all, none))
    }

    /// An operation's value, and its tangents by those of its operands.
    fn value_and_terms(&mut self, action: &Action) -> (Value, Terms) {
        use Factor::{MinusOne, Number, One};
        match action {
            Action::UnaryValue(unary, x) => {
                let x = self.value(*x);
                let mut e = self.emitter(Width::One);
                (operation::unary(&mut e, *unary, x, false).value, smallvec![])
            }
            Action::Unary(unary, x) => {
                let (value, slope) = self.unary(*unary, *x);
                (value, smallvec![(Number(slope), *x)])
            }
            Action::Negate(x) => (self.unary(Unary::Negate, *x).0, smallvec![(MinusOne, *x)]),
            Action::BinaryValue(binary, x, y) => (self.operation(*binary, *x, *y), smallvec![]),
            Action::Binary(binary, x, y) => {
                let (value, (first, second)) = self.binary(*binary, *x, *y);
                (value, smallvec![(Number(first), *x), (Number(second), *y)])
            }
            Action::Add(x, y) => (self.operation(Binary::Add, *x, *y), smallvec![(One, *x), (One, *y)]),
            Action::Subtract(x, y) => (self.operation(Binary::Subtract, *x, *y), smallvec![(One, *x), (MinusOne, *y)]),
            Action::Multiply(x, y) | Action::Scale(x, y) => {
                let (a, b) = (self.value(*x), self.value(*y));
                (self.operation(Binary::Multiply, *x, *y), smallvec![(Number(b), *x), (Number(a), *y)])
            }
            Action::Divide(x, y) => {
                let (value, b) = (self.operation(Binary::Divide, *x, *y), self.value(*y));
                let mut e = self.emitter(Width::One);
                let one = e.real(1.0);
                let reciprocal = e.divide(one, b);
                let product = e.multiply(value, reciprocal);
                let by_divisor = e.negate(product);
                (value, smallvec![(Number(reciprocal), *x), (Number(by_divisor), *y)])
            }
            // Not compiled, see `SlopeCode::compile`.
            Action::ElementwiseValue(_) | Action::Elementwise(_) | Action::Whole(_) => (self.time, smallvec![]),
            // Have no terms, see `Writer::write`.
            Action::Select(..) | Action::SelectValue(..) => (self.time, smallvec![]),
        }
    }

    fn operation(&mut self, binary: Binary, x: Slot, y: Slot) -> Value {
        let at = (self.value(x), self.value(y));
        let mut e = self.emitter(Width::One);
        operation::binary(&mut e, binary, at, false).value
    }

    fn unary(&mut self, unary: Unary, x: Slot) -> (Value, Value) {
        let x = self.value(x);
        let mut e = self.emitter(Width::One);
        let computed = operation::unary(&mut e, unary, x, true);
        let slope = match computed.slopes {
            Some((slope, _)) => slope,
            None => operation::slope(&mut e, unary, x, computed.value),
        };
        (computed.value, slope)
    }

    fn binary(&mut self, binary: Binary, x: Slot, y: Slot) -> (Value, (Value, Value)) {
        let at = (self.value(x), self.value(y));
        let mut e = self.emitter(Width::One);
        let computed = operation::binary(&mut e, binary, at, true);
        let one = e.real(1.0);
        (computed.value, operation::binary_adjoints(&mut e, binary, at, computed, one))
    }

    /// The tangents of all directions, written out or in a loop over pairs. The first number of a row is no tangent:
    /// what comes out there is overwritten by the value.
    fn all_tangents(&mut self, results: &[Slot]) {
        let n_pairs = self.width / 2;
        if self.tangents.len() * n_pairs <= MAX_WRITTEN_OUT {
            (0..n_pairs).for_each(|pair| self.pair(results, self.rows, pair as i32 * PAIR));
            return;
        }
        // Factors are put into both lanes in front of the loop.
        let (head, body, after) =
            (self.builder.create_block(), self.builder.create_block(), self.builder.create_block());
        self.builder.append_block_param(head, types::I64);
        let zero = self.builder.ins().iconst(types::I64, 0);
        self.builder.ins().jump(head, &[zero.into()]);
        self.builder.switch_to_block(head);
        let offset = self.builder.block_params(head)[0];
        let is_inside = self.builder.ins().icmp_imm(IntCC::UnsignedLessThan, offset, n_pairs as i64 * i64::from(PAIR));
        self.builder.ins().brif(is_inside, body, &[], after, &[]);
        self.builder.switch_to_block(body);
        self.builder.seal_block(body);
        let Rows { workspace, state, slope } = self.rows;
        let moved = [workspace, state, slope].map(|base| self.builder.ins().iadd(base, offset));
        self.pair(results, Rows { workspace: moved[0], state: moved[1], slope: moved[2] }, 0);
        let next = self.builder.ins().iadd_imm(offset, i64::from(PAIR));
        self.builder.ins().jump(head, &[next.into()]);
        self.builder.seal_block(head);
        self.builder.switch_to_block(after);
        self.builder.seal_block(after);
    }

    /// The tangents of two directions.
    fn pair(&mut self, results: &[Slot], rows: Rows, offset: i32) {
        let mut found: HashMap<Slot, Value> = HashMap::new();
        for i in 0..self.tangents.len() {
            let Tangent { result, by } = &self.tangents[i];
            let (result, by) = (*result, by.clone());
            let tangent = match by {
                Formula::Sum(terms) => self.sum(&mut found, rows, &terms, offset),
                Formula::Select(bits, x, y) => {
                    let [x, y] = [x, y].map(|slot| self.tangent(&mut found, rows, slot, offset));
                    let bits = self.builder.ins().splat(types::I64X2, bits);
                    self.emitter(Width::Two).select(bits, x, y)
                }
            };
            found.insert(result, tangent);
        }
        for (k, slot) in results.iter().enumerate() {
            let x = self.tangent(&mut found, rows, *slot, offset);
            let at = self.row(k) + offset;
            self.builder.ins().store(flags(), x, rows.slope, at);
        }
    }

    fn sum(&mut self, found: &mut HashMap<Slot, Value>, rows: Rows, terms: &Terms, offset: i32) -> Value {
        let mut sum: Option<Value> = None;
        for (factor, slot) in terms {
            let x = self.tangent(found, rows, *slot, offset);
            let mut e = self.emitter(Width::Two);
            sum = Some(match (factor, sum) {
                (Factor::One, None) => x,
                (Factor::One, Some(sum)) => e.add(sum, x),
                (Factor::MinusOne, None) => e.negate(x),
                (Factor::MinusOne, Some(sum)) => e.subtract(sum, x),
                (Factor::Number(factor), sum) => {
                    let factor = e.builder.ins().splat(types::F64X2, *factor);
                    match sum {
                        None => e.multiply(factor, x),
                        Some(sum) => e.multiply_add(factor, x, sum),
                    }
                }
            });
        }
        match sum {
            Some(sum) => sum,
            None => self.emitter(Width::Two).real(0.0),
        }
    }

    fn tangent(&mut self, found: &mut HashMap<Slot, Value>, rows: Rows, slot: Slot, offset: i32) -> Value {
        if let Some(x) = found.get(&slot) {
            return *x;
        }
        let x = if self.is_active[slot as usize] {
            let (base, row) = match self.state_row(slot) {
                Some(row) => (rows.state, row),
                None => (rows.workspace, slot as usize),
            };
            let at = self.row(row) + offset;
            self.builder.ins().load(types::F64X2, flags(), base, at)
        } else {
            self.emitter(Width::Two).real(0.0)
        };
        found.insert(slot, x);
        x
    }
}
