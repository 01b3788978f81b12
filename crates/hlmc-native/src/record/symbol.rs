//! Values while the program is recorded: known, or nodes of the graph.
//!
//! Inside a recorded loop a scalar may differ from lane to lane; containers then hold one scalar a cell.

use std::rc::Rc;
use std::sync::Arc;

use hlmc_builtins::Value;
use hlmc_builtins::value::{Dims, Kind};

use crate::graph::NodeId;

/// A value while the program is recorded. Two are equal where one may stand for the other: what is no number, such as an
/// entry without a value, is equal to itself.
#[derive(Clone, Debug)]
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
#[derive(Clone, Debug)]
pub(crate) enum Entries {
    /// One column holds them; the same in all lanes of a loop.
    Packed(NodeId),
    /// One scalar each.
    Each(Rc<Vec<Symbol>>),
}

impl PartialEq for Entries {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Entries::Packed(a), Entries::Packed(b)) => a == b,
            (Entries::Each(a), Entries::Each(b)) => Rc::ptr_eq(a, b) || a == b,
            _ => false,
        }
    }
}

impl Cells {
    /// The number of entries.
    pub(crate) fn len(&self) -> usize {
        self.dims.iter().product()
    }
}

impl PartialEq for Symbol {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Symbol::Int(a), Symbol::Int(b)) => a == b,
            (Symbol::LaneInt(a), Symbol::LaneInt(b)) => a == b,
            (Symbol::Real(a), Symbol::Real(b)) => a.to_bits() == b.to_bits(),
            (Symbol::Node(a), Symbol::Node(b)) => a == b,
            (Symbol::Known(a), Symbol::Known(b)) => Arc::ptr_eq(a, b) || a == b,
            (Symbol::Cells(a), Symbol::Cells(b)) => a == b,
            (Symbol::Tuple(a), Symbol::Tuple(b)) => Rc::ptr_eq(a, b) || a == b,
            _ => false,
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_value_is_equal_to_itself() {
        let known = Symbol::Known(Arc::new(Value::tensor(Kind::Vector, Dims::from_slice(&[2]), vec![f64::NAN, 1.0])));
        let each = Entries::Each(Rc::new(vec![Symbol::Real(f64::NAN), Symbol::Int(1)]));
        let cells = Symbol::Cells(Cells { kind: Kind::Vector, dims: Dims::from_slice(&[2]), entries: each });
        for symbol in [Symbol::Real(f64::NAN), Symbol::Tuple(Rc::new(vec![known.clone(), cells.clone()])), known, cells]
        {
            assert_eq!(symbol, symbol.clone());
        }
        assert_ne!(Symbol::Real(0.0), Symbol::Real(-0.0));
    }
}
