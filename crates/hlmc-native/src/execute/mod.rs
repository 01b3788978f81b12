//! Running a graph: forwards for the value, backwards for the gradient.
//!
//! Nodes that the result does not need are left out. Consecutive elementwise nodes of equal length form one *map*, which
//! runs block by block so that its columns stay in the cache. All buffers are laid out once; a gradient allocates nothing
//! but what functions of the table that see whole columns need for themselves.

mod forward;
pub(crate) mod layout;
mod reverse;
pub(crate) mod scan;
pub(crate) mod schedule;

use std::sync::Arc;

use hlmc_builtins::Fault;
use hlmc_builtins::table::Domain;
use hlmc_math::{LogDensity, Rejection};

use crate::apply::{Elementwise, Tables, Whole};
pub use crate::codegen::Width;
use crate::codegen::{self, Buffers, Code};
use crate::graph::{Binary, Graph, NodeId, Unary};
use crate::linear::known_matrix::KnownMatrix;
use scan::Recurrence;
pub(crate) use scan::known_scan;

/// Lanes of one block of a map: a dozen columns of a block fit in the first-level cache.
const BLOCK: usize = 256;

/// Where an operand's lanes are.
#[derive(Clone, Debug)]
pub(crate) enum Operand {
    /// In the workspace.
    Slot(Slot),
    /// Known.
    Known(Arc<[f64]>),
}

/// A stretch of the workspace.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slot {
    pub(crate) start: usize,
    pub(crate) lanes: usize,
}

/// One operation with its buffers.
#[derive(Clone, Debug)]
pub(crate) struct Instruction {
    action: Action,
    /// Where the result goes.
    result: Slot,
}

/// What an instruction does.
#[derive(Clone, Debug)]
enum Action {
    Unary(Unary, Operand),
    Binary(Binary, Operand, Operand),
    /// Mask, what is taken where it is not 0, and elsewhere.
    Select(Operand, Operand, Operand),
    /// The partial derivatives lie in the workspace from the offset on, argument by argument.
    Elementwise(Elementwise, Box<[Operand]>, usize),
    Gather(Slot, Arc<[u32]>),
    Concatenate(Box<[Operand]>),
    Sum(Slot),
    ScatterSum(Operand, Arc<[u32]>),
    KnownMatrixVector(Arc<KnownMatrix>, Slot),
    Whole(Arc<dyn Whole>, Slot),
    Scan(Box<Recurrence>),
}

/// Instructions that run together.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    instructions: std::ops::Range<usize>,
    /// The lanes that all of them have, walked block by block; `None` for a single instruction that runs at once.
    lanes: Option<usize>,
}

/// What is checked of a result before it counts.
#[derive(Clone, Debug)]
pub(crate) struct CheckedSlot {
    slot: Slot,
    domain: Domain,
    is_guard: bool,
}

impl CheckedSlot {
    fn holds(&self, values: &[f64]) -> bool {
        values[self.slot.start..][..self.slot.lanes].iter().all(|x| self.domain.contains(*x))
    }
}

/// A scheduled graph: shared by all chains.
pub struct Program {
    pub(crate) tables: Arc<Tables>,
    /// All instructions, or those for which code calls back.
    pub(crate) instructions: Vec<Instruction>,
    /// How the interpreter groups them.
    pub(crate) steps: Vec<Step>,
    pub(crate) checks: Vec<CheckedSlot>,
    pub(crate) result: Operand,
    pub(crate) workspace_length: usize,
    pub(crate) dimension: usize,
    /// Machine code for both sweeps.
    pub(crate) code: Option<Code>,
}

impl Program {
    /// Machine code for what `result` (one lane) and the graph's checks need, for positions of this dimension; the
    /// interpreter's program where the graph is too large for that or the machine refuses code.
    #[must_use]
    pub fn new(graph: &Graph, result: NodeId, dimension: usize, tables: &Arc<Tables>) -> Self {
        Self::compiled(graph, result, dimension, tables, None)
    }

    /// The same with turns of so many lanes, worth it or not, or of two where the machine has fewer.
    #[must_use]
    pub fn of_width(graph: &Graph, result: NodeId, dimension: usize, tables: &Arc<Tables>, width: Width) -> Self {
        Self::compiled(graph, result, dimension, tables, Some(width))
    }

    fn compiled(graph: &Graph, result: NodeId, dimension: usize, tables: &Arc<Tables>, width: Option<Width>) -> Self {
        codegen::compile(graph, result, dimension, tables, width)
            .unwrap_or_else(|| Self::interpreted(graph, result, dimension, tables))
    }

    /// The result, when it has been computed.
    #[inline]
    fn result_in(&self, values: &[f64]) -> f64 {
        match &self.result {
            Operand::Slot(slot) => values[slot.start],
            Operand::Known(column) => column.first().copied().unwrap_or(0.0),
        }
    }

    /// True when machine code runs.
    #[must_use]
    pub fn is_compiled(&self) -> bool {
        self.code.is_some()
    }
}

/// A program with the buffers of one chain.
pub struct Runner {
    program: Arc<Program>,
    values: Vec<f64>,
    adjoints: Vec<f64>,
}

impl Runner {
    /// Buffers for one chain.
    #[must_use]
    pub fn new(program: Arc<Program>) -> Self {
        let length = program.workspace_length;
        Runner { program, values: vec![0.0; length], adjoints: vec![0.0; length] }
    }

    /// Value and gradient at a point where the value is finite and all checks hold. The way of every leapfrog step: it makes
    /// no words for points that it has nothing to say about.
    #[inline]
    pub fn evaluate(&mut self, position: &[f64], gradient: &mut [f64]) -> Option<f64> {
        let value = if self.program.code.is_some() {
            self.run_code(position, gradient)?
        } else {
            self.interpret(position, gradient).ok()?
        };
        self.counts(value).then_some(value)
    }

    #[inline]
    fn run_code(&mut self, position: &[f64], gradient: &mut [f64]) -> Option<f64> {
        let Runner { program, values, adjoints } = self;
        let code = program.code.as_ref()?;
        code.run(program, Buffers { position, gradient, values, adjoints }).then(|| program.result_in(values))
    }

    #[cold]
    fn interpret(&mut self, position: &[f64], gradient: &mut [f64]) -> Result<f64, Fault> {
        let Runner { program, values, adjoints } = self;
        values[..position.len()].copy_from_slice(position);
        adjoints.fill(0.0);
        forward::run(program, values)?;
        let value = program.result_in(values);
        if !value.is_finite() {
            return Ok(value);
        }
        if let Operand::Slot(result) = &program.result {
            adjoints[result.start] = 1.0;
            reverse::run(program, values, adjoints)?;
        }
        gradient.copy_from_slice(&adjoints[..position.len()]);
        Ok(value)
    }

    /// True when a value, the last, is finite and all checks hold.
    #[inline]
    fn counts(&self, value: f64) -> bool {
        value.is_finite() && self.program.checks.iter().all(|check| check.holds(&self.values))
    }

    /// True when what was assumed of the last point as the graph was recorded is so. Where it is not, another recording
    /// may have a value at the point.
    #[must_use]
    pub fn guards_hold(&self) -> bool {
        self.program.checks.iter().filter(|check| check.is_guard).all(|check| check.holds(&self.values))
    }
}

/// The lanes of a node at a position.
///
/// # Errors
/// What a function of the table faults with.
pub fn lanes_at(graph: &Graph, node: NodeId, position: &[f64], tables: &Arc<Tables>) -> Result<Vec<f64>, Fault> {
    if let Some(column) = graph.known_column(node) {
        return Ok(column.to_vec());
    }
    let program = Program::interpreted(graph, node, position.len(), tables);
    let mut values = vec![0.0; program.workspace_length];
    values[..position.len()].copy_from_slice(position);
    forward::run(&program, &mut values)?;
    Ok(match &program.result {
        Operand::Slot(slot) => values[slot.start..][..slot.lanes].to_vec(),
        Operand::Known(column) => column.to_vec(),
    })
}

/// Why a point has no value here; the caller asks the evaluator for the words.
fn rejection(message: &str) -> Rejection {
    Rejection { message: message.to_owned(), fatal: false }
}

impl LogDensity for Runner {
    fn dimension(&self) -> usize {
        self.program.dimension
    }

    fn log_density_gradient(&mut self, position: &[f64], gradient: &mut [f64]) -> Result<f64, Rejection> {
        let value = if self.program.code.is_some() {
            self.run_code(position, gradient).ok_or_else(|| rejection("a function is outside of its domain"))?
        } else {
            self.interpret(position, gradient).map_err(|fault| rejection(&fault.message))?
        };
        if self.counts(value) { Ok(value) } else { Err(rejection("the log density is not finite")) }
    }
}
