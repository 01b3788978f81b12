//! The log density as a graph of columns.
//!
//! A node is a column of numbers, one a *lane*: a scalar has one lane, a vector one an entry, a statement inside a loop
//! one an iteration. An elementwise operation takes operands of its own length or of length one. Nodes are only
//! appended, operands before the nodes that use them, so that the order of the nodes is an order of evaluation. What is
//! known when the graph is recorded (data, and all that follows from data) is a constant or a known column.
//!
//! Equal nodes are one node: building a node that is there already gives the old one (law of common subexpressions).

mod build;
mod column;
mod interned;
mod operation;
mod origin;
mod prefixes;
mod range;
mod rebuild;
pub mod scan;

use std::collections::HashMap;
use std::sync::Arc;

pub use column::{ColumnId, Columns, IndexId};
pub use operation::{Binary, Unary};
pub use origin::{LoopForm, Origin, OriginId, Origins};
pub use range::Range;

use crate::apply::{Elementwise, Tables, Whole};
use hlmc_builtins::table::Domain;
use interned::Interned;
use scan::Scan;

/// A node of a graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u32);

impl NodeId {
    /// The node's place in the graph's order.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// What a node computes.
#[derive(Clone, Debug, PartialEq)]
pub enum Operation {
    /// Coordinates of the unconstrained position, from this one on.
    Position(u32),
    /// A known number; one lane.
    Constant(f64),
    /// A known column.
    Known(ColumnId),
    /// An operation of one number.
    Unary(Unary, NodeId),
    /// An operation of two numbers.
    Binary(Binary, NodeId, NodeId),
    /// The second operand in the lanes where the first, the mask, is not 0; the third in all others.
    Select(NodeId, NodeId, NodeId),
    /// A scalar function or density of the table, which brings its own derivatives.
    Elementwise(Elementwise, Box<[NodeId]>),
    /// Lane `i` is lane `index[i]` of the operand.
    Gather(NodeId, IndexId),
    /// The operands' lanes, one operand after the other.
    Concatenate(Box<[NodeId]>),
    /// The sum of all lanes.
    Sum(NodeId),
    /// Lane `i` is the sum of the operand's lanes `j` with `index[j] == i`.
    ScatterSum(NodeId, IndexId),
    /// A known matrix, column by column, times the operand.
    KnownMatrixVector(ColumnId, NodeId),
    /// A function of whole columns, which brings its own derivatives: its operands concatenated in, its results out.
    Whole(WholeId, NodeId),
    /// A loop that carries values from turn to turn, with its inputs; see [`scan`] for its lanes.
    Scan(ScanId, Box<[NodeId]>),
    /// A value that is not known yet while a loop is recorded. None is left in what a finished recording needs.
    Pending(u32),
}

/// A function of whole columns of [`Graph::wholes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct WholeId(pub u32);

/// A scan of [`Graph::scans`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ScanId(pub u32);

/// A node with the number of its lanes.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it computes.
    pub operation: Operation,
    /// The number of lanes.
    pub lanes: u32,
}

/// A condition that a point must satisfy, or it is rejected: some lane out of its domain.
#[derive(Clone, Debug)]
pub struct Check {
    /// What is looked at.
    pub node: NodeId,
    /// Where every lane must lie.
    pub domain: Domain,
    /// True for what was assumed when the graph was recorded: at a point where it does not hold, the point is not at
    /// fault, but another graph is needed.
    pub is_guard: bool,
}

/// A graph under construction, and its results.
#[derive(Clone)]
pub struct Graph {
    tables: Arc<Tables>,
    nodes: Vec<Node>,
    ranges: Vec<Range>,
    interned: Interned,
    /// Known columns and indices, each kept once.
    pub columns: Columns,
    /// Functions of whole columns.
    pub wholes: Vec<Arc<dyn Whole>>,
    /// Loops that carry values.
    pub scans: Vec<Arc<Scan>>,
    /// Functions of whole columns by all that distinguishes them: equal ones are one.
    shared_wholes: HashMap<String, WholeId>,
    /// What must hold at a point.
    pub checks: Vec<Check>,
    /// Which statements built the nodes.
    pub origins: Origins,
    /// While a branch is recorded that some lanes or points do not take: the mask of those that do. Operands of
    /// operations that are not defined everywhere are harmless numbers in all others, so that no derivative there is
    /// infinite.
    pub mask: Option<NodeId>,
}

impl Graph {
    /// An empty graph whose functions are those of the table.
    #[must_use]
    pub fn new(tables: Arc<Tables>) -> Self {
        Graph {
            tables,
            nodes: Vec::new(),
            ranges: Vec::new(),
            interned: Interned::default(),
            columns: Columns::default(),
            wholes: Vec::new(),
            scans: Vec::new(),
            shared_wholes: HashMap::new(),
            checks: Vec::new(),
            origins: Origins::default(),
            mask: None,
        }
    }

    /// The nodes in order.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// One node.
    #[must_use]
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.index()]
    }

    /// The number of lanes of a node.
    #[must_use]
    pub fn lanes(&self, id: NodeId) -> usize {
        self.node(id).lanes as usize
    }

    /// Bounds that the node's lanes are known to keep.
    #[must_use]
    pub fn range(&self, id: NodeId) -> Range {
        self.ranges[id.index()]
    }

    /// The number, if the node is a constant.
    #[must_use]
    pub fn constant_value(&self, id: NodeId) -> Option<f64> {
        match self.node(id).operation {
            Operation::Constant(value) => Some(value),
            _ => None,
        }
    }

    /// The column, if all lanes are known.
    #[must_use]
    pub fn known_column(&self, id: NodeId) -> Option<Arc<[f64]>> {
        match self.node(id).operation {
            Operation::Constant(value) => Some(Arc::from([value])),
            Operation::Known(column) => Some(Arc::clone(self.columns.numbers(column))),
            _ => None,
        }
    }

    /// True when all lanes are known.
    #[must_use]
    pub fn is_known(&self, id: NodeId) -> bool {
        matches!(self.node(id).operation, Operation::Constant(_) | Operation::Known(_))
    }

    /// The first position of an index whose positions follow one another.
    #[must_use]
    pub fn contiguous_from(&self, index: IndexId) -> Option<usize> {
        let positions = self.columns.positions(index);
        build::is_contiguous(positions).then(|| positions[0] as usize)
    }

    /// A mark to return to with [`Graph::truncate`].
    #[must_use]
    pub fn mark(&self) -> Mark {
        Mark { nodes: self.nodes.len(), checks: self.checks.len(), scans: self.scans.len() }
    }

    /// Forgets all nodes, checks and scans that came after the mark.
    pub fn truncate(&mut self, mark: Mark) {
        drop(self.split_off(mark));
    }

    /// Takes out all nodes, checks and scans that came after the mark.
    pub fn split_off(&mut self, mark: Mark) -> Stretch {
        Stretch {
            nodes: self.nodes.split_off(mark.nodes),
            ranges: self.ranges.split_off(mark.nodes),
            hashes: self.interned.split_off(mark.nodes),
            checks: self.checks.split_off(mark.checks),
            scans: self.scans.split_off(mark.scans),
            origins: self.origins.split_off(mark.nodes),
        }
    }

    /// Puts back what was taken out, where it was.
    pub fn append(&mut self, stretch: Stretch) {
        self.nodes.extend(stretch.nodes);
        self.ranges.extend(stretch.ranges);
        stretch.hashes.into_iter().for_each(|hash| self.interned.push(hash));
        self.checks.extend(stretch.checks);
        self.scans.extend(stretch.scans);
        self.origins.append(stretch.origins);
    }

    /// The node of an operation: the one that is there already, or a new one.
    fn intern(&mut self, operation: Operation, lanes: usize) -> NodeId {
        let hash = build::hash(&operation, lanes);
        let same = |id: &NodeId| {
            let node = &self.nodes[id.index()];
            node.lanes as usize == lanes && is_same(&node.operation, &operation)
        };
        if let Some(id) = self.interned.with_hash(hash).find(same) {
            if self.nodes[id.index()].operation.is_computed() {
                self.origins.node_is_found(id);
            }
            return id;
        }
        let id = NodeId(self.nodes.len() as u32);
        self.ranges.push(range::of(self, &operation));
        self.origins.node_is_built();
        self.nodes.push(Node { operation, lanes: lanes as u32 });
        self.interned.push(hash);
        id
    }
}

/// True for equal operations; a constant that is no number is equal to itself.
fn is_same(a: &Operation, b: &Operation) -> bool {
    match (a, b) {
        (Operation::Constant(x), Operation::Constant(y)) => x.to_bits() == y.to_bits(),
        _ => a == b,
    }
}

/// A point in a graph's construction.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    nodes: usize,
    checks: usize,
    scans: usize,
}

/// Nodes of a graph that were taken out of it, with all that came with them.
#[derive(Debug)]
pub struct Stretch {
    nodes: Vec<Node>,
    ranges: Vec<Range>,
    hashes: Vec<u64>,
    checks: Vec<Check>,
    scans: Vec<Arc<Scan>>,
    origins: origin::Stretch,
}

impl Operation {
    /// False for what is there without being computed: coordinates, known numbers, and lanes of other columns.
    #[must_use]
    pub fn is_computed(&self) -> bool {
        !matches!(
            self,
            Operation::Position(_)
                | Operation::Constant(_)
                | Operation::Known(_)
                | Operation::Gather(..)
                | Operation::Concatenate(_)
                | Operation::Pending(_)
        )
    }

    /// Calls `f` on every operand.
    pub fn for_each_operand(&self, mut f: impl FnMut(NodeId)) {
        match self {
            Operation::Position(_) | Operation::Constant(_) | Operation::Known(_) | Operation::Pending(_) => {}
            Operation::Unary(_, x)
            | Operation::Gather(x, _)
            | Operation::Sum(x)
            | Operation::ScatterSum(x, _)
            | Operation::KnownMatrixVector(_, x)
            | Operation::Whole(_, x) => f(*x),
            Operation::Binary(_, x, y) => {
                f(*x);
                f(*y);
            }
            Operation::Select(mask, x, y) => [mask, x, y].into_iter().for_each(|id| f(*id)),
            Operation::Elementwise(_, operands) | Operation::Concatenate(operands) | Operation::Scan(_, operands) => {
                operands.iter().for_each(|id| f(*id));
            }
        }
    }
}
