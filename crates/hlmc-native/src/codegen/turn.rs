//! What a turn of a map is made of, whichever code runs it: lanes from memory and back, numbers that all lanes share, and
//! totals over all turns.

use super::operation::Operations;
use crate::execute::Slot;
use crate::graph::{ColumnId, IndexId, NodeId};

/// What a map adds up over its lanes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Total {
    /// The lanes of a sum.
    Sum(NodeId),
    /// Contributions to the adjoint of an operand of one lane.
    Adjoint(NodeId),
    /// Contributions to the adjoint of an entry of a known matrix' factor.
    Entry(NodeId, usize),
    /// Contributions to a lane of a workspace.
    Lane(Workspace, usize),
}

/// One of the two workspaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Workspace {
    /// Values, which begin with the position.
    Values,
    /// Adjoints, of the same layout.
    Adjoints,
}

/// One turn under construction: some lanes at a time.
pub(super) trait Turn {
    /// A number a lane.
    type Real: Copy;
    /// Where operations go.
    type Code<'m>: Operations<Real = Self::Real>
    where
        Self: 'm;

    /// Where operations go.
    fn code(&mut self) -> Self::Code<'_>;

    /// The number of a node of one lane, in all lanes.
    fn scalar(&mut self, id: NodeId) -> Self::Real;
    /// Entry `j` of the factor of a known matrix, in all lanes.
    fn entry(&mut self, x: NodeId, j: usize) -> Self::Real;
    /// The adjoint of a sum, in all lanes; `None` where nothing depends on it.
    fn sum_adjoint(&mut self, sum: NodeId) -> Option<Self::Real>;

    /// The turn's lanes of a known column, of those from the lane `start` on.
    fn known(&mut self, column: ColumnId, start: usize) -> Self::Real;
    /// The turn's lanes of the stretch of a workspace that begins at `start`.
    fn load(&mut self, from: Workspace, start: usize) -> Self::Real;
    /// Writes the turn's lanes of a stretch of values.
    fn store(&mut self, start: usize, x: Self::Real);
    /// Adds to the turn's lanes of a stretch of adjoints.
    fn add_lanes(&mut self, start: usize, x: Self::Real);
    /// The entries of a stretch that an index names.
    fn gather(&mut self, from: Workspace, stretch: Slot, index: IndexId) -> Self::Real;
    /// Adds to the entries of a stretch that an index names; two lanes may name one entry.
    fn scatter_add(&mut self, to: Workspace, stretch: Slot, index: IndexId, x: Self::Real);
    /// Adds to a total.
    fn add_total(&mut self, total: Total, x: Self::Real);
}
