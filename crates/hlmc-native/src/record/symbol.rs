//! Values while the program is recorded: known, or nodes of the graph.
//!
//! Inside a recorded loop a scalar may differ from lane to lane; containers then hold one scalar a cell.

use std::rc::Rc;
use std::sync::Arc;

use hlmc_builtins::Value;
use hlmc_builtins::value::{Dims, Kind};

use crate::graph::NodeId;

/// A value while the program is recorded.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Symbol {
    /// A known integer, the same in all lanes.
    Int(i64),
    /// A known integer, one a lane.
    LaneInt(Rc<[i64]>),
    /// A known real number, the same in all lanes.
    Real(f64),
    /// A real number of the graph: of one lane when it is the same in all, else one a lane. May be known.
    Node(NodeId),
    /// A known container, the same in all lanes.
    Known(Arc<Value<f64>>),
    /// A container of reals, or of ints that differ between lanes.
    Cells(Cells),
    /// A tuple.
    Tuple(Rc<Vec<Symbol>>),
}

/// A container with its entries.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cells {
    /// What the innermost dimensions are.
    pub(crate) kind: Kind,
    /// Sizes, outermost first.
    pub(crate) dims: Dims,
    /// The entries, in the order of values.
    pub(crate) entries: Entries,
}

/// The entries of a container.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Entries {
    /// One column holds them; the same in all lanes of a loop.
    Packed(NodeId),
    /// One scalar each.
    Each(Rc<Vec<Symbol>>),
}

impl Cells {
    /// The number of entries.
    pub(crate) fn len(&self) -> usize {
        self.dims.iter().product()
    }
}

impl Symbol {
    /// True for int and real scalars.
    pub(crate) fn is_scalar(&self) -> bool {
        matches!(self, Symbol::Int(_) | Symbol::LaneInt(_) | Symbol::Real(_) | Symbol::Node(_))
    }

    /// The shape of a container; empty dimensions for scalars and tuples.
    pub(crate) fn shape(&self) -> (Kind, Dims) {
        match self {
            Symbol::Known(value) => (kind(value), value.dims()),
            Symbol::Cells(cells) => (cells.kind, cells.dims.clone()),
            _ => (Kind::Scalar, Dims::new()),
        }
    }
}

/// The kind of a known container.
pub(crate) fn kind(value: &Value<f64>) -> Kind {
    match value {
        Value::Reals(tensor) => tensor.kind,
        Value::Complexes(tensor) => tensor.kind,
        _ => Kind::Scalar,
    }
}
