//! The code of a plan: forwards through its stages, then backwards.
//!
//! Here are the stages and what they share; `scalar` has straight code, `map` the loops over lanes.

mod map;
pub(super) mod scalar;

use std::collections::HashMap;
use std::sync::Arc;

use cranelift_codegen::ir::{AbiParam, Block, InstBuilder, SigRef, Signature, Value, types};
use cranelift_codegen::isa::CallConv;
use cranelift_frontend::FunctionBuilder;

use super::body::Sweep;
use super::calls::ScalarCalls;
use super::machine::{Constants, Emitter, Width};
use super::memory::{Base, Memory};
use super::pair::flags;
use super::plan::{Kind, Plan, Stage, kind};
use super::scan;
use super::turn::Workspace;
use super::wide::{self, WideFunction};
use crate::execute::Slot;
use crate::execute::layout::Layout;
use crate::graph::{ColumnId, IndexId, NodeId, Operation};
use crate::kernel::Machine as _;

/// The size of a number in memory.
pub(super) const SIZE: usize = size_of::<f64>();

/// What the code returns: all went well, or a function faulted.
pub(super) const DONE: i64 = 0;
/// See [`DONE`].
pub(super) const FAULT: i64 = 1;

/// Where the code finds what is not its own: the functions that it calls back.
pub(super) struct Callbacks {
    /// `extern "C" fn(program, instruction, values, adjoints) -> status`
    pub(super) signature: SigRef,
    /// The address of the forward function.
    pub(super) forward: i64,
    /// The address of the reverse function.
    pub(super) reverse: i64,
}

/// A function of wide code, and the place of its address: code that calls it finds it there.
pub(super) struct WideEntry {
    pub(super) function: WideFunction,
    pub(super) address: Box<usize>,
}

/// What a function of the code does, in order.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// The forward sweep of a stage; both sweeps where one pass does both.
    Forward(usize),
    /// The adjoint of the result is 1.
    Seed,
    /// The reverse sweep of a stage.
    Reverse(usize),
}

/// A function under construction.
pub(super) struct Generator<'a, 'b> {
    pub(super) builder: FunctionBuilder<'b>,
    pub(super) plan: &'a Plan,
    pub(super) layout: &'a Layout,
    pub(super) is_fused: bool,
    /// The constants of kernels.
    pub(super) constants: Constants,
    pub(super) calls: ScalarCalls,
    pub(super) callbacks: Callbacks,
    /// The first argument: the program, for calls back.
    pub(super) program: Value,
    /// The workspace of values.
    pub(super) values: Value,
    /// The workspace of adjoints.
    pub(super) adjoints: Value,
    pub(super) position: Value,
    pub(super) gradient: Value,
    /// Where lanes are, and which adjoints are nothing yet.
    pub(super) memory: Memory,
    /// The block in which the function begins, and the one after it.
    entry: Block,
    start: Block,
    /// Nodes that are called back, in the order of the program's instructions.
    pub(super) called: &'a [NodeId],
    /// True for one of several functions: scalars and their adjoints pass from one to the next in memory.
    pub(super) is_part: bool,
    /// The stage being emitted.
    pub(super) stage: usize,
    /// Known columns and indices whose addresses the code holds.
    pub(super) columns: Vec<Arc<[f64]>>,
    pub(super) indices: Vec<Arc<[u32]>>,
    /// Functions of wide code that are called.
    pub(super) wide: Vec<WideEntry>,
    /// How many lanes the turns of maps have, where that is not chosen map by map.
    pub(super) width: Option<wide::Width>,
    wide_signature: SigRef,
    fault: Block,
    scalars: HashMap<NodeId, Value>,
    /// Derivatives that came with the values of scalars.
    slopes: HashMap<NodeId, (Value, Value)>,
    entries: HashMap<(NodeId, usize), Value>,
    /// Registers of two lanes, by the numbers that were taken from them.
    packs: HashMap<[Value; 2], Value>,
    /// The adjoints of sums, as their maps see them.
    sum_adjoints: HashMap<NodeId, Option<Value>>,
    /// Scalars in both lanes of a register, for the map being emitted.
    splats: HashMap<Value, Value>,
    scalar_adjoints: HashMap<NodeId, Value>,
}

impl<'a, 'b> Generator<'a, 'b> {
    /// Begins a function whose block is current and has the arguments program, values, adjoints, position, gradient.
    pub(super) fn new(
        mut builder: FunctionBuilder<'b>,
        (plan, layout, memory): (&'a Plan, &'a Layout, Memory),
        (entry, arguments): (Block, [Value; 5]),
        (calls, callbacks): (ScalarCalls, Callbacks),
        (is_fused, is_part, width): (bool, bool, Option<wide::Width>),
        called: &'a [NodeId],
        mut constants: Constants,
    ) -> Self {
        let (fault, start) = (builder.create_block(), builder.create_block());
        let mut signature = Signature::new(CallConv::SystemV);
        signature.params.extend([AbiParam::new(types::I64); 5]);
        let wide_signature = builder.import_signature(signature);
        constants.anchor(&mut builder);
        builder.switch_to_block(start);
        Generator {
            builder,
            plan,
            layout,
            is_fused,
            constants,
            calls,
            callbacks,
            program: arguments[0],
            values: arguments[1],
            adjoints: arguments[2],
            position: arguments[3],
            gradient: arguments[4],
            memory,
            entry,
            start,
            called,
            is_part,
            stage: 0,
            columns: Vec::new(),
            indices: Vec::new(),
            wide: Vec::new(),
            width,
            wide_signature,
            fault,
            scalars: HashMap::new(),
            slopes: HashMap::new(),
            entries: HashMap::new(),
            packs: HashMap::new(),
            sum_adjoints: HashMap::new(),
            splats: HashMap::new(),
            scalar_adjoints: HashMap::new(),
        }
    }

    /// Emits the steps of the function.
    pub(super) fn run(&mut self, steps: &[Step], result: NodeId) {
        for step in steps {
            match *step {
                Step::Forward(stage) => self.forward(stage),
                Step::Seed => {
                    let one = self.emitter(Width::One).number(1.0);
                    self.add_scalar_adjoint(result, one);
                }
                Step::Reverse(stage) => self.reverse(stage),
            }
        }
        self.finish();
        self.clear_adjoints();
    }

    /// Writes a zero to all adjoints that need one, where the function begins.
    fn clear_adjoints(&mut self) {
        self.builder.switch_to_block(self.entry);
        let lanes = self.memory.to_clear();
        let zero = self.builder.ins().f64const(0.0);
        for lane in lanes {
            let (base, offset) = self.place(Workspace::Adjoints, lane);
            self.builder.ins().store(flags(), zero, base, offset);
        }
        self.builder.ins().jump(self.start, &[]);
        self.builder.seal_block(self.start);
    }

    /// The address from which a lane of a workspace is so many bytes away.
    pub(super) fn place(&self, workspace: Workspace, lane: usize) -> (Value, i32) {
        let base = match self.memory.base(workspace, lane) {
            Base::Values => self.values,
            Base::Adjoints => self.adjoints,
            Base::Position => self.position,
            Base::Gradient => self.gradient,
        };
        (base, (lane * SIZE) as i32)
    }

    /// Adds to a lane of a workspace.
    pub(super) fn add_to_lane(&mut self, workspace: Workspace, lane: usize, x: Value) {
        let (base, offset) = self.place(workspace, lane);
        if workspace == Workspace::Adjoints && self.memory.take_fresh(lane..lane + 1) {
            self.builder.ins().store(flags(), x, base, offset);
        } else {
            self.add_in_memory(base, offset, x);
        }
    }

    fn forward(&mut self, stage: usize) {
        let plan = self.plan;
        self.stage = stage;
        match &plan.stages[stage] {
            Stage::Scalars(nodes) => self.forward_scalars(nodes),
            Stage::Map(map) => self.map(map, if map.is_single_pass { Sweep::Both } else { Sweep::Forward }),
            Stage::Scan(id) => scan::forward(self, *id),
            Stage::Callout(id) => self.call_back(*id, self.callbacks.forward),
        }
    }

    fn reverse(&mut self, stage: usize) {
        let plan = self.plan;
        self.stage = stage;
        match &plan.stages[stage] {
            Stage::Scalars(nodes) => nodes.iter().rev().for_each(|id| self.reverse_scalar(*id)),
            Stage::Map(map) if map.is_single_pass => {}
            Stage::Map(map) => self.map(map, Sweep::Reverse),
            Stage::Scan(id) => scan::reverse(self, *id),
            Stage::Callout(id) => self.call_back(*id, self.callbacks.reverse),
        }
    }

    /// Leaves the adjoints of scalars in memory for the function that comes next.
    fn hand_over(&mut self) {
        let mut adjoints: Vec<(NodeId, Value)> = self.scalar_adjoints.drain().collect();
        adjoints.sort_unstable_by_key(|(id, _)| *id);
        for (id, adjoint) in adjoints {
            self.add_to_lane(Workspace::Adjoints, self.slot(id).start, adjoint);
        }
    }

    /// Ends the function.
    fn finish(&mut self) {
        if self.is_part {
            self.hand_over();
        }
        let done = self.builder.ins().iconst(types::I64, DONE);
        self.builder.ins().return_(&[done]);
        self.builder.switch_to_block(self.fault);
        self.builder.seal_block(self.fault);
        let fault = self.builder.ins().iconst(types::I64, FAULT);
        self.builder.ins().return_(&[fault]);
    }

    fn call_back(&mut self, id: NodeId, function: i64) {
        let instruction = self.called.iter().position(|called| *called == id).unwrap_or(self.called.len());
        let function = self.builder.ins().iconst(types::I64, function);
        let instruction = self.builder.ins().iconst(types::I64, instruction as i64);
        let arguments = [self.program, instruction, self.values, self.adjoints];
        let call = self.builder.ins().call_indirect(self.callbacks.signature, function, &arguments);
        let status = self.builder.inst_results(call)[0];
        let next = self.builder.create_block();
        self.builder.ins().brif(status, self.fault, &[], next, &[]);
        self.builder.switch_to_block(next);
        self.builder.seal_block(next);
    }

    /// The node's stretch of the workspace; the plan stores all that is asked for.
    pub(super) fn slot(&self, id: NodeId) -> Slot {
        self.layout.slot(id).unwrap_or(Slot { start: 0, lanes: 0 })
    }

    /// The node's distance from the start of the workspace, in bytes. Compilation stops before it could overflow.
    pub(super) fn slot_offset(&self, id: NodeId) -> i32 {
        (self.slot(id).start * SIZE) as i32
    }

    /// The address of a known column, which lives as long as the code.
    pub(super) fn keep_column(&mut self, id: ColumnId) -> u64 {
        let column = Arc::clone(self.plan.graph.columns.numbers(id));
        let address = column.as_ptr() as u64;
        self.columns.push(column);
        address
    }

    /// The same as an operand.
    pub(super) fn known_column(&mut self, id: ColumnId) -> Value {
        let address = self.keep_column(id);
        self.builder.ins().iconst(types::I64, address as i64)
    }

    /// The address of the lanes of a node that is known or stored.
    pub(super) fn column(&mut self, id: NodeId) -> Value {
        if let Some(column) = self.plan.graph.known_column(id) {
            let address = self.builder.ins().iconst(types::I64, column.as_ptr() as i64);
            self.columns.push(column);
            return address;
        }
        let (base, offset) = self.place(Workspace::Values, self.slot(id).start);
        self.builder.ins().iadd_imm(base, i64::from(offset))
    }

    /// The address of an index, which lives as long as the code.
    pub(super) fn keep_index(&mut self, id: IndexId) -> u64 {
        let index = Arc::clone(self.plan.graph.columns.positions(id));
        let address = index.as_ptr() as u64;
        self.indices.push(index);
        address
    }

    /// The same as an operand.
    pub(super) fn index(&mut self, id: IndexId) -> Value {
        let address = self.keep_index(id);
        self.builder.ins().iconst(types::I64, address as i64)
    }

    /// The number of a node of one lane.
    pub(super) fn scalar(&mut self, id: NodeId) -> Value {
        if let Some(value) = self.plan.graph.constant_value(id) {
            return self.emitter(Width::One).number(value);
        }
        if let Some(value) = self.scalars.get(&id) {
            return *value;
        }
        let (base, offset) = self.place(Workspace::Values, self.slot(id).start);
        let value = self.builder.ins().load(types::F64, flags(), base, offset);
        self.scalars.insert(id, value);
        value
    }

    /// Entry `j` of the factor of a known matrix.
    pub(super) fn entry(&mut self, x: NodeId, j: usize) -> Value {
        if self.plan.graph.lanes(x) == 1 {
            return self.scalar(x);
        }
        if let Some(value) = self.entries.get(&(x, j)) {
            return *value;
        }
        let (base, offset) = self.place(Workspace::Values, self.slot(x).start + j);
        let value = self.builder.ins().load(types::F64, flags(), base, offset);
        self.entries.insert((x, j), value);
        value
    }

    /// A scalar in both lanes of a register; made before the loop of a map where that was asked for.
    pub(super) fn splat(&mut self, scalar: Value) -> Value {
        match self.splats.get(&scalar) {
            Some(both) => *both,
            None => self.builder.ins().splat(types::F64X2, scalar),
        }
    }

    /// Makes a splat ready for the loop of a map.
    fn hoist(&mut self, scalar: Value) {
        if !self.splats.contains_key(&scalar) {
            let both = self.builder.ins().splat(types::F64X2, scalar);
            self.splats.insert(scalar, both);
        }
    }

    /// The adjoint of a sum for its map: before the sum where a single pass needs it.
    pub(super) fn sum_adjoint(&mut self, sum: NodeId) -> Option<Value> {
        if let Some(adjoint) = self.sum_adjoints.get(&sum) {
            return *adjoint;
        }
        let is_early = matches!(&self.plan.stages[self.stage], Stage::Map(map) if map.is_single_pass);
        let adjoint = match self.plan.coefficients.get(&sum) {
            Some(coefficient) if is_early => Some(self.scalar(*coefficient)),
            _ => self.take_scalar_adjoint(sum),
        };
        self.sum_adjoints.insert(sum, adjoint);
        adjoint
    }

    /// Where instructions go.
    pub(super) fn emitter(&mut self, width: Width) -> Emitter<'_, 'b> {
        Emitter {
            builder: &mut self.builder,
            width,
            is_fused: self.is_fused,
            constants: &mut self.constants,
            calls: &mut self.calls,
        }
    }

    fn set_scalar(&mut self, id: NodeId, value: Value) {
        self.scalars.insert(id, value);
        if self.plan.is_stored[id.index()] {
            let offset = self.slot_offset(id);
            self.builder.ins().store(flags(), value, self.values, offset);
        }
    }

    /// Adds to the adjoint of a node of one lane.
    pub(super) fn add_scalar_adjoint(&mut self, id: NodeId, adjoint: Value) {
        if self.plan.graph.is_known(id) {
            return;
        }
        let is_in_register = matches!(
            self.plan.graph.node(id).operation,
            Operation::Unary(..)
                | Operation::Binary(..)
                | Operation::Select(..)
                | Operation::Sum(_)
                | Operation::Position(_)
        );
        if is_in_register {
            let after = match self.scalar_adjoints.get(&id).copied() {
                Some(before) => self.emitter(Width::One).add(before, adjoint),
                None => adjoint,
            };
            self.scalar_adjoints.insert(id, after);
        } else {
            self.add_to_lane(Workspace::Adjoints, self.slot(id).start, adjoint);
        }
    }

    /// Adds to a number in memory.
    pub(super) fn add_in_memory(&mut self, base: Value, offset: i32, x: Value) {
        let before = self.builder.ins().load(types::F64, flags(), base, offset);
        let after = self.builder.ins().fadd(before, x);
        self.builder.ins().store(flags(), after, base, offset);
    }

    /// The adjoint of a computed scalar, with what calls have added in memory.
    fn take_scalar_adjoint(&mut self, id: NodeId) -> Option<Value> {
        let here = self.scalar_adjoints.remove(&id);
        let is_called =
            |user: &NodeId| matches!(kind(&self.plan.graph, *user), Kind::Callout | Kind::Scan | Kind::Alias);
        if !self.is_part && !self.plan.users[id.index()].iter().any(is_called) {
            return here;
        }
        let lane = self.slot(id).start;
        self.memory.touch(Workspace::Adjoints, lane..lane + 1);
        let (base, offset) = self.place(Workspace::Adjoints, lane);
        let there = self.builder.ins().load(types::F64, flags(), base, offset);
        Some(match here {
            Some(here) => self.builder.ins().fadd(here, there),
            None => there,
        })
    }
}
