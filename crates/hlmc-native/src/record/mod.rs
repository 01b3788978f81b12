//! Recording: the program runs once with the data known and the parameters as nodes of a graph.
//!
//! What depends on data alone is computed on the way and leaves nothing behind. User functions are followed to where they
//! lead, branches on data are decided, and a loop whose iterations are independent is run once for all of them, see
//! `record/lanes`. Where a loop is not of that kind it is unrolled; what cannot be expressed at all stops the recording with
//! its reason, and another engine runs the program.

mod ahead;
mod algebra;
mod apart;
mod assign;
mod branch;
mod by_lane;
mod call;
mod carry;
mod check;
mod components;
mod constraint;
mod covariance;
mod cycle;
mod density;
mod each_lane;
mod elements;
mod entries;
mod expression;
mod flow;
mod formula;
mod function;
mod higher_order;
mod hoist;
mod index;
mod lanes;
mod leave;
mod linear;
mod log_sum_exp;
mod loops;
mod matrix;
mod multivariate;
mod neighbours;
mod parameters;
mod part;
mod ragged;
mod repeat;
mod scalar;
mod scan;
mod selection;
mod shorter;
mod small;
mod spread;
mod squared;
mod statement;
mod stop;
mod structure;
mod symbol;
mod together;
mod trace;
mod truncation;
mod whole;

use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use hlmc_builtins::Value;
use hlmc_check::ir::{Place, Program};
use hlmc_syntax::Span;

use crate::apply::Tables;
use crate::graph::{Binary, Graph, NodeId, OriginId};
use crate::rewrite::Applied;
use lanes::Context;
pub use stop::Stop;
use stop::{Recorded, unsupported};
use symbol::Symbol;

/// Nodes beyond which a graph is taken as a sign of an unrolled loop that is too long to be worth it.
const MAX_NODES: usize = 1_000_000;

/// Calls of user functions within one another beyond which recording stops.
const MAX_CALL_DEPTH: usize = 200;

/// A recorded log density.
#[derive(Clone)]
pub struct Recording {
    /// The graph.
    pub graph: Graph,
    /// The log density: one lane.
    pub result: NodeId,
    /// What the log density is the sum of, each term by the statement that adds it.
    pub terms: Vec<(NodeId, Option<OriginId>)>,
    /// The number of unconstrained coordinates.
    pub dimension: usize,
    /// What rewrites did to it.
    pub applied: Vec<Applied>,
    /// The number of conditions whose outcome at the present point was assumed.
    pub n_guards: usize,
}

/// Every coordinate of the point at which a program is recorded first: not 0, where many conditions are on the edge.
const FIRST_COORDINATE: f64 = 0.125;

/// Records the log density of a program that is bound to data: constants dropped under `~`, Jacobians included.
///
/// Conditions on parameters that cannot be selections are decided at `position`, or at a point near the middle of the
/// unconstrained space if there is none.
///
/// # Errors
/// [`Stop::Unsupported`] with the reason why the graph cannot express it.
pub fn record(
    program: &Program,
    data: &[Arc<Value<f64>>],
    tables: &Arc<Tables>,
    position: Option<&[f64]>,
) -> Result<Recording, Stop> {
    record_or_place(program, data, tables, position).map_err(|(stop, _)| stop)
}

/// The same, where the place of the statement that stops the recording goes with the reason.
pub(crate) fn record_or_place(
    program: &Program,
    data: &[Arc<Value<f64>>],
    tables: &Arc<Tables>,
    position: Option<&[f64]>,
) -> Result<Recording, (Stop, Option<Span>)> {
    let data = data.iter().cloned().map(known).collect();
    let mut recorder = Recorder::new(program, data, Arc::clone(tables));
    match recorder.run_program(position) {
        Ok(dimension) => {
            let terms = std::mem::take(&mut recorder.terms);
            let result = recorder.add_up(&terms);
            let n_guards = recorder.graph.checks.iter().filter(|check| check.is_guard).count();
            Ok(Recording { graph: recorder.graph, result, terms, dimension, n_guards, applied: Vec::new() })
        }
        Err(stop) => Err((stop, recorder.stopped_at)),
    }
}

/// A known value as a symbol; a container is shared, not copied.
fn known(value: Arc<Value<f64>>) -> Symbol {
    match &*value {
        Value::Int(i) => Symbol::Int(*i),
        Value::Real(x) => Symbol::Real(*x),
        Value::Tuple(slots) => Symbol::Tuple(Rc::new(slots.iter().cloned().map(Arc::new).map(known).collect())),
        _ => Symbol::Known(value),
    }
}

/// The variables of a function or block that is being recorded.
#[derive(Clone, Debug, Default)]
struct Frame {
    slots: Vec<Symbol>,
    /// For each slot, the number of contexts of lanes around its declaration.
    depths: Vec<usize>,
    /// For each slot, the number of branches on parameters around its declaration.
    masks: Vec<usize>,
    /// Tuples of which every slot is a variable of its own, and these variables.
    apart: HashMap<Place, Rc<[Place]>>,
    /// How parameters end the innermost loop.
    exit: leave::Exit,
    /// Whether and what the function has returned, if it is one that parameters may leave from within a loop.
    returned: Option<leave::Returned>,
    /// True when constants are dropped by `_lupdf` in this function.
    propto: bool,
}

struct Recorder<'a> {
    program: &'a Program,
    tables: Arc<Tables>,
    graph: Graph,
    data: Vec<Symbol>,
    model: Vec<Symbol>,
    model_depths: Vec<usize>,
    model_masks: Vec<usize>,
    frame: Frame,
    call_depth: usize,
    contexts: Vec<Context>,
    /// The masks of the branches on parameters that are being recorded.
    masks: Vec<NodeId>,
    /// The present point.
    position: Vec<f64>,
    /// The terms of the log density, one lane each, with the statements that add them.
    terms: Vec<(NodeId, Option<OriginId>)>,
    /// The innermost statement that could not be recorded.
    stopped_at: Option<Span>,
    /// Loops whose iterations turned out to depend on one another in ways that no scan can express.
    unrolled: HashSet<Span>,
    /// Entries that are the softmax of others, and so need no check that they are a simplex.
    simplexes: HashSet<Vec<NodeId>>,
    /// All loops are unrolled: the graph is that of a small function, which falls apart into scalars anyway.
    unrolls_all: bool,
    /// Densities that share a matrix are recorded lane by lane, since the loop around carries them.
    is_lane_by_lane: bool,
    /// Pending columns that stand for numbers which are known in every lane, but differ between lanes.
    known_in_lanes: HashSet<NodeId>,
    /// The number of nodes beyond which another form of the loop that is recorded is shorter.
    most_nodes: usize,
    /// The number of turns beyond which the next loop is not run turn by turn.
    most_turns: usize,
    /// The size in which the lanes of a loop were last found to differ.
    sizes: Option<ragged::Sizes>,
    /// The variable through which iterations were last found to depend on one another, with its depth.
    conflict: Option<(Place, usize)>,
    /// The variable that kept the turns of the last loop from being recorded together.
    handed_on: Option<Place>,
    /// The inner loop that last turned out to carry values within one that does.
    inner: Option<hoist::InnerLoop>,
}

impl<'a> Recorder<'a> {
    fn new(program: &'a Program, data: Vec<Symbol>, tables: Arc<Tables>) -> Self {
        let n = program.model_variables.len();
        Recorder {
            program,
            graph: Graph::new(Arc::clone(&tables)),
            tables,
            data,
            model: vec![Symbol::Real(f64::NAN); n],
            model_depths: vec![0; n],
            model_masks: vec![0; n],
            frame: Frame { propto: true, ..Frame::default() },
            call_depth: 0,
            contexts: Vec::new(),
            masks: Vec::new(),
            position: Vec::new(),
            terms: Vec::new(),
            stopped_at: None,
            unrolled: HashSet::new(),
            simplexes: HashSet::new(),
            unrolls_all: false,
            is_lane_by_lane: false,
            known_in_lanes: HashSet::new(),
            most_nodes: usize::MAX,
            most_turns: usize::MAX,
            sizes: None,
            conflict: None,
            handed_on: None,
            inner: None,
        }
    }

    /// All that the log density consists of; gives the number of unconstrained coordinates.
    fn run_program(&mut self, position: Option<&[f64]>) -> Recorded<usize> {
        let program = self.program;
        let dimension = self.declare_parameters()?;
        self.position = position.map_or_else(|| vec![FIRST_COORDINATE; dimension], <[f64]>::to_vec);
        self.run_body(&program.transformed_parameters)?;
        self.check_transformed_parameters()?;
        self.run_body(&program.model)?;
        Ok(dimension)
    }

    /// The number of lanes that run together.
    fn lanes(&self) -> usize {
        self.contexts.last().map_or(1, |context| context.lanes)
    }

    /// The symbol of a variable as it stands, without a look at loops.
    fn variable(&self, place: Place) -> Recorded<&Symbol> {
        let found = match place {
            Place::Data(i) => self.data.get(i as usize),
            Place::Model(i) => self.model.get(i as usize),
            Place::Local(i) => self.frame.slots.get(i as usize),
        };
        found.map_or_else(|| unsupported("a variable without a place"), Ok)
    }

    fn variable_mut(&mut self, place: Place) -> Recorded<&mut Symbol> {
        let found = match place {
            Place::Data(i) => self.data.get_mut(i as usize),
            Place::Model(i) => self.model.get_mut(i as usize),
            Place::Local(i) => self.frame.slots.get_mut(i as usize),
        };
        found.map_or_else(|| unsupported("a variable without a place"), Ok)
    }

    /// The number of contexts of lanes that a variable is watched by none of: those around its declaration, and the
    /// loops in which it is a temporary, since every iteration has one of its own.
    fn depth(&self, place: Place) -> usize {
        let declared = self.declared_depth(place);
        let is_temporary = |context: &Context| {
            let touched = context.effects.as_ref().and_then(|effects| effects.variables.get(&place));
            touched.is_some_and(|touched| touched.is_temporary)
        };
        let inside = (declared..self.contexts.len()).rev().find(|i| is_temporary(&self.contexts[*i]));
        inside.map_or(declared, |i| i + 1)
    }

    /// The number of contexts of lanes around a variable's declaration.
    fn declared_depth(&self, place: Place) -> usize {
        match place {
            Place::Data(_) => 0,
            Place::Model(i) => self.model_depths.get(i as usize).copied().unwrap_or(0),
            Place::Local(i) => self.frame.depths.get(i as usize).copied().unwrap_or(0),
        }
    }

    /// A variable comes into being in the present context of lanes.
    fn declare(&mut self, place: Place, symbol: Symbol) -> Recorded<()> {
        let depth = self.contexts.len();
        match place {
            Place::Model(i) => {
                self.model_depths[i as usize] = depth;
                self.model_masks[i as usize] = self.masks.len();
            }
            Place::Local(i) => {
                let i = i as usize;
                if self.frame.slots.len() <= i {
                    self.frame.slots.resize(i + 1, Symbol::Real(f64::NAN));
                    self.frame.depths.resize(i + 1, depth);
                    self.frame.masks.resize(i + 1, self.masks.len());
                }
                self.frame.depths[i] = depth;
                self.frame.masks[i] = self.masks.len();
            }
            Place::Data(_) => {}
        }
        *self.variable_mut(place)? = symbol;
        Ok(())
    }

    /// Adds to the log density: the sum over all entries and lanes.
    fn increment(&mut self, value: &Symbol) -> Recorded<()> {
        let value = self.total(value)?;
        let mut value = self.node(&value)?;
        if let Some(mask) = self.mask_since(0) {
            let zero = self.graph.constant(0.0);
            value = self.graph.select(mask, value, zero);
        }
        let lanes = self.lanes();
        let term = self.graph.sum_over(value, lanes);
        self.add_term(term);
        Ok(())
    }

    /// Adds a node of one lane to the log density.
    fn add_term(&mut self, term: NodeId) {
        self.terms.push((term, self.graph.origins.current()));
    }

    /// Stops when unrolled loops have made the graph too large, or when a loop is shorter in another form.
    fn check_size(&self) -> Recorded<()> {
        match self.graph.nodes().len() {
            n if n > MAX_NODES => unsupported("a loop that is too long to be unrolled"),
            n if n > self.most_nodes => Err(Stop::Longer),
            _ => Ok(()),
        }
    }

    /// The sum of nodes of one lane.
    fn add_up(&mut self, terms: &[(NodeId, Option<OriginId>)]) -> NodeId {
        let zero = self.graph.constant(0.0);
        terms.iter().fold(zero, |sum, (term, _)| self.graph.binary(Binary::Add, sum, *term))
    }
}
