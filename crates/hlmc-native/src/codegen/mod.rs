//! Machine code for a graph, through Cranelift.
//!
//! | module | what is there |
//! | --- | --- |
//! | [`early`] | adjoints that are known before their node |
//! | [`form`] | in which form each node runs, for those who ask |
//! | [`plan`] | which nodes run together, and which are kept in memory |
//! | [`generator`] | both sweeps over the plan's stages |
//! | [`body`] | one turn of a map: its operations and their adjoints |
//! | [`turn`] | what a turn is made of |
//! | [`pair`] | a turn of two lanes, or one |
//! | [`wide`] | turns of four lanes or eight |
//! | [`scan`] | loops that carry values |
//! | [`operation`] | elementwise operations and their adjoints |
//! | [`calls`] | calls of what has no kernel |
//! | [`slope`] | right-hand sides of differential equations |
//! | [`machine`] | kernels as instructions |
//! | [`memory`] | where lanes are, and which adjoints are nothing yet |
//!
//! This is the one place with unsafe code. Its invariants: the code is called with workspaces of the length that its layout
//! states, and a position and a gradient of the program's dimension ([`Code::call`] checks); all positions of gathers and scatters are
//! lanes of their columns, as construction of the graph checks; known columns, indices and operations whose addresses the
//! code holds live as long as the code, which owns a share of them.

mod body;
mod calls;
mod early;
pub(crate) mod form;
mod generator;
mod machine;
mod memory;
mod operation;
mod pair;
mod plan;
mod scan;
mod side_by_side;
mod slope;
mod turn;
mod wide;

use std::sync::{Arc, Mutex};

use cranelift_codegen::ir::{AbiParam, Signature, types};
use cranelift_codegen::settings::{self, Configurable};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use cranelift_jit::{JITBuilder, JITModule};
use cranelift_module::{Linkage, Module, ModuleError, default_libcall_names};

use crate::apply::Tables;
use crate::execute::layout::Layout;
use crate::execute::schedule::{checks, instruction};
use crate::execute::{Instruction, Program};
use crate::graph::{Graph, NodeId};
use calls::ScalarCalls;
use generator::{Callbacks, DONE, FAULT, Generator, Step};
use machine::Constants;
use memory::Memory;
use operation::Called;
use plan::Plan;
pub(crate) use slope::SlopeCode;
pub use wide::Width;

/// Graphs of more nodes take longer to compile than they save.
const MAX_NODES: usize = 24_000;

/// A function of more instructions, about, is cut in several: the time to allocate registers grows faster than the code.
const MAX_WEIGHT: usize = 2_500;

/// Workspaces of more lanes are out of reach of the addresses in instructions, which have 32 bits and a sign.
const MAX_LANES: usize = (i32::MAX as usize) / size_of::<f64>();

/// The arguments are the program, values, adjoints, the position, and where the gradient goes.
type Entry = unsafe extern "C" fn(*const Program, *mut f64, *mut f64, *const f64, *mut f64) -> i64;

/// Code for both sweeps of a program.
pub(crate) struct Code {
    entries: Vec<Entry>,
    /// True when the code reads the position and writes the gradient itself, and clears adjoints; see [`memory`].
    is_direct: bool,
    /// Owns the memory of the code; taken when that is freed.
    module: Mutex<Option<JITModule>>,
    _owned: Owned,
}

/// What the code holds addresses of.
#[derive(Default)]
struct Owned {
    constants: Constants,
    columns: Vec<Arc<[f64]>>,
    indices: Vec<Arc<[u32]>>,
    called: Vec<Arc<Called>>,
    masks: Vec<Arc<[u16]>>,
    /// The addresses of wide functions.
    #[allow(clippy::vec_box, reason = "code reads the addresses at the places where they are")]
    addresses: Vec<Box<usize>>,
}

impl Drop for Code {
    #[allow(unsafe_code, reason = "freeing the memory of code")]
    fn drop(&mut self) {
        let module = self.module.get_mut().ok().and_then(Option::take);
        if let Some(module) = module {
            // SAFETY: `entries` are the only pointers into this memory, and it goes with `self`.
            unsafe { module.free_memory() };
        }
    }
}

/// Where a call of the code reads and writes.
pub(crate) struct Buffers<'a> {
    pub(crate) position: &'a [f64],
    pub(crate) gradient: &'a mut [f64],
    pub(crate) values: &'a mut [f64],
    pub(crate) adjoints: &'a mut [f64],
}

impl Buffers<'_> {
    /// True when all are as long as the code of a program needs them.
    #[inline]
    fn fit(&self, program: &Program) -> bool {
        let (length, dimension) = (program.workspace_length, program.dimension);
        let is_wide = self.values.len() >= length && self.adjoints.len() >= length;
        is_wide && self.position.len() >= dimension && self.gradient.len() >= dimension
    }
}

impl Code {
    /// Runs both sweeps, from the position to the gradient. False when a function faulted, or a slice is too short.
    #[inline]
    pub(crate) fn run(&self, program: &Program, buffers: Buffers<'_>) -> bool {
        if self.is_direct { self.call(program, buffers) } else { self.run_indirectly(program, buffers) }
    }

    /// The same where coordinates and their adjoints are in the workspaces.
    #[inline(never)]
    fn run_indirectly(&self, program: &Program, buffers: Buffers<'_>) -> bool {
        if !buffers.fit(program) {
            return false;
        }
        let dimension = program.dimension;
        let Buffers { position, gradient, values, adjoints } = buffers;
        values[..dimension].copy_from_slice(&position[..dimension]);
        adjoints.fill(0.0);
        let is_fine = self.call(program, Buffers { position, gradient, values, adjoints });
        gradient[..dimension].copy_from_slice(&adjoints[..dimension]);
        is_fine
    }

    /// Calls the functions of the code.
    #[inline]
    #[allow(unsafe_code, reason = "calling generated code")]
    fn call(&self, program: &Program, buffers: Buffers<'_>) -> bool {
        if !buffers.fit(program) {
            return false;
        }
        let (values, adjoints) = (buffers.values.as_mut_ptr(), buffers.adjoints.as_mut_ptr());
        let (position, gradient) = (buffers.position.as_ptr(), buffers.gradient.as_mut_ptr());
        // SAFETY: the code was generated for this program's layout; both workspaces have its length, position and gradient
        // its dimension, as was just seen, and nothing else refers to them during the calls.
        self.entries.iter().all(|entry| unsafe { entry(program, values, adjoints, position, gradient) } == DONE)
    }
}

/// Calls the interpreter for one instruction of the forward sweep.
#[allow(unsafe_code, reason = "called by generated code with raw pointers")]
unsafe extern "C" fn forward(program: *const Program, instruction: usize, values: *mut f64, _: *mut f64) -> i64 {
    // SAFETY: the code passes on what `Code::run` gave it.
    let (program, values) = unsafe { (&*program, std::slice::from_raw_parts_mut(values, (*program).workspace_length)) };
    status(program.forward_one(instruction, values))
}

/// Calls the interpreter for one instruction of the reverse sweep.
#[allow(unsafe_code, reason = "called by generated code with raw pointers")]
unsafe extern "C" fn reverse(program: *const Program, instruction: usize, values: *mut f64, adjoints: *mut f64) -> i64 {
    // SAFETY: the code passes on what `Code::run` gave it: two workspaces, which do not overlap.
    let (program, values, adjoints) = unsafe {
        let length = (*program).workspace_length;
        (&*program, std::slice::from_raw_parts(values, length), std::slice::from_raw_parts_mut(adjoints, length))
    };
    status(program.reverse_one(instruction, values, adjoints))
}

fn status(result: Result<(), hlmc_builtins::Fault>) -> i64 {
    if result.is_ok() { DONE } else { FAULT }
}

/// Compiles a graph, with turns of a width if one is given, else of what each map is worth. `None` where the graph is too
/// large, or where the machine refuses code: then it is interpreted.
pub(crate) fn compile(
    graph: &Graph,
    result: NodeId,
    dimension: usize,
    tables: &Arc<Tables>,
    width: Option<Width>,
) -> Option<Program> {
    let mut plan = Plan::new(graph, result);
    let n_nodes = plan.needed.iter().filter(|is_needed| **is_needed).count();
    if n_nodes > MAX_NODES || plan.graph.is_known(result) {
        return None;
    }
    let parts = parts(&plan);
    if parts.len() > 1 {
        plan.store_scalars();
    }
    let layout = Layout::new(&plan.graph, &plan.needed, |id| plan.is_stored[id.index()], dimension);
    if layout.length() > MAX_LANES {
        return None;
    }
    let called = plan.called();
    let code = generate(&plan, &layout, (&called, &parts), (result, dimension, width)).ok()?;
    let instructions: Vec<Instruction> = called.iter().map(|id| instruction(&plan.graph, &layout, *id)).collect();
    Some(Program {
        tables: Arc::clone(tables),
        instructions,
        steps: Vec::new(),
        checks: checks(&plan.graph, &layout),
        result: layout.operand(&plan.graph, result),
        workspace_length: layout.length(),
        dimension,
        code: Some(code),
    })
}

/// The functions of the code: one where that is not long, else one after the other.
fn parts(plan: &Plan) -> Vec<Vec<Step>> {
    let n = plan.stages.len();
    let forward = (0..n).map(Step::Forward);
    let steps = forward.chain([Step::Seed]).chain((0..n).rev().map(Step::Reverse));
    let weights: Vec<usize> = plan.stages.iter().map(|stage| plan.weight(stage)).collect();
    if weights.iter().sum::<usize>() <= MAX_WEIGHT {
        return vec![steps.collect()];
    }
    let mut parts = vec![Vec::new()];
    let mut weight = 0;
    for step in steps {
        let own = match step {
            Step::Forward(stage) | Step::Reverse(stage) => weights[stage],
            Step::Seed => 0,
        };
        if weight + own > MAX_WEIGHT && weight > 0 {
            parts.push(Vec::new());
            weight = 0;
        }
        weight += own;
        if let Some(last) = parts.last_mut() {
            last.push(step);
        }
    }
    parts
}

/// The code of a plan, function by function.
fn generate(
    plan: &Plan,
    layout: &Layout,
    (called, parts): (&[NodeId], &[Vec<Step>]),
    (result, dimension, width): (NodeId, usize, Option<Width>),
) -> Result<Code, Box<ModuleError>> {
    let mut is_direct = false;
    let mut module = module()?;
    let mut owned = Owned::default();
    let mut functions = Vec::with_capacity(parts.len());
    let mut wide_functions = Vec::new();
    let mut builder_context = FunctionBuilderContext::new();
    for (i, steps) in parts.iter().enumerate() {
        let convention = module.isa().default_call_conv();
        let pointer = module.target_config().pointer_type();
        let mut signature = Signature::new(convention);
        signature.params.extend([AbiParam::new(pointer); 5]);
        signature.returns.push(AbiParam::new(types::I64));
        let function = module.declare_function(&format!("part_{i}"), Linkage::Export, &signature)?;
        let mut context = module.make_context();
        context.func.signature = signature;
        let mut builder = FunctionBuilder::new(&mut context.func, &mut builder_context);
        let entry = builder.create_block();
        builder.append_block_params_for_function_params(entry);
        builder.switch_to_block(entry);
        builder.seal_block(entry);
        let arguments = [0, 1, 2, 3, 4].map(|i| builder.block_params(entry)[i]);
        let mut back = Signature::new(convention);
        back.params.extend([AbiParam::new(pointer); 4]);
        back.returns.push(AbiParam::new(types::I64));
        let callbacks = Callbacks {
            signature: builder.import_signature(back),
            forward: forward as *const () as i64,
            reverse: reverse as *const () as i64,
        };
        let calls = ScalarCalls::new(&mut builder, convention);
        let flags = (has_fused_multiply_add(), parts.len() > 1, width);
        let memory = Memory::new((plan, layout), result, dimension, parts.len());
        is_direct = memory.is_direct();
        let mut generator = Generator::new(
            builder,
            (plan, layout, memory),
            (entry, arguments),
            (calls, callbacks),
            flags,
            called,
            std::mem::take(&mut owned.constants),
        );
        generator.run(steps, result);
        let Generator { builder, calls, columns, indices, constants, wide, .. } = generator;
        owned.constants = constants;
        builder.finalize();
        module.define_function(function, &mut context)?;
        functions.push(function);
        owned.columns.extend(columns);
        owned.indices.extend(indices);
        owned.called.extend(calls.called);
        for entry in wide {
            let id = module.declare_anonymous_function(&Signature::new(convention))?;
            module.define_function_bytes(id, wide::ALIGNMENT as u64, &entry.function.bytes, &[])?;
            owned.called.extend(entry.function.called);
            owned.masks.extend(entry.function.masks);
            wide_functions.push((id, entry.address));
        }
    }
    module.finalize_definitions()?;
    for (id, mut address) in wide_functions {
        *address = module.get_finalized_function(id) as usize;
        owned.addresses.push(address);
    }
    #[allow(unsafe_code, reason = "the address of generated code as a function")]
    // SAFETY: the functions were declared with this signature.
    let entry = |function| unsafe { std::mem::transmute::<*const u8, Entry>(module.get_finalized_function(function)) };
    let entries = functions.into_iter().map(entry).collect();
    Ok(Code { entries, is_direct, module: Mutex::new(Some(module)), _owned: owned })
}

/// A module for this machine's instructions. Cranelift's own optimisations stay off: the graph has no common
/// subexpressions left, the generator hoists what loops share, and moving a kernel's constants out of a loop, as Cranelift
/// would, costs more than it saves.
fn module() -> Result<JITModule, Box<ModuleError>> {
    let mut flags = settings::builder();
    for (name, value) in [
        ("opt_level", "none"),
        ("use_colocated_libcalls", "false"),
        ("is_pic", "false"),
        ("enable_verifier", if cfg!(debug_assertions) { "true" } else { "false" }),
    ] {
        flags.set(name, value).map_err(|error| ModuleError::Backend(error.into()))?;
    }
    let unsupported = |message: &str| ModuleError::Backend(std::io::Error::other(message.to_owned()).into());
    let isa = cranelift_native::builder().map_err(unsupported)?;
    let isa = isa.finish(settings::Flags::new(flags)).map_err(ModuleError::from)?;
    Ok(JITModule::new(JITBuilder::with_isa(isa, default_libcall_names())))
}

/// True when the machine multiplies and adds in one instruction.
fn has_fused_multiply_add() -> bool {
    #[cfg(target_arch = "x86_64")]
    {
        std::arch::is_x86_feature_detected!("fma")
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        cfg!(target_arch = "aarch64")
    }
}
