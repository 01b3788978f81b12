//! Cells: the lanes of an elementwise expression that have equal data, and so equal values at every position.
//!
//! An expression's leaves are gathers, known columns and known matrices times a vector. Lanes whose positions, numbers
//! (bit by bit) and matrix rows agree at all leaves form a cell, for which any of them can stand.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::graph::{ColumnId, Graph, IndexId, NodeId, Operation};

/// Data in which lanes of an expression differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Leaf {
    /// The positions of a gather.
    Index(IndexId),
    /// A known column.
    Column(ColumnId),
    /// The rows of a known matrix.
    Matrix(ColumnId),
}

/// The leaves of an elementwise expression of so many lanes; `None` if some part of it has a value of its own in each
/// lane.
pub(super) fn leaves(graph: &Graph, node: NodeId, lanes: usize) -> Option<Vec<Leaf>> {
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    let mut open = vec![node];
    while let Some(id) = open.pop() {
        if graph.lanes(id) == 1 && lanes != 1 || !seen.insert(id) {
            continue;
        }
        match &graph.node(id).operation {
            Operation::Constant(_) => {}
            Operation::Known(column) => found.push(Leaf::Column(*column)),
            Operation::Gather(_, index) => found.push(Leaf::Index(*index)),
            Operation::KnownMatrixVector(matrix, _) => found.push(Leaf::Matrix(*matrix)),
            operation @ (Operation::Unary(..)
            | Operation::Binary(..)
            | Operation::Select(..)
            | Operation::Elementwise(..)) => {
                operation.for_each_operand(|operand| open.push(operand));
            }
            _ => return None,
        }
    }
    // Positions first: they are looked up faster than numbers, and tell soonest that there are too many cells.
    found.sort_unstable();
    found.dedup();
    Some(found)
}

/// A partition of lanes.
pub(super) struct Cells {
    /// The cell of each lane.
    pub(super) of: Vec<u32>,
    /// One lane of each cell, the first.
    pub(super) representatives: Vec<u32>,
}

impl Cells {
    /// The lanes by equal leaves; `None` if there are more cells than the limit.
    pub(super) fn find(graph: &Graph, leaves: &[Leaf], lanes: usize, limit: usize) -> Option<Cells> {
        Self::of_rows(graph, leaves, (lanes, lanes), |lane| lane, limit)
    }

    /// The same of rows, each of which sees the leaves at one of so many lanes.
    pub(super) fn of_rows(
        graph: &Graph,
        leaves: &[Leaf],
        (n_rows, lanes): (usize, usize),
        lane: impl Fn(usize) -> usize,
        limit: usize,
    ) -> Option<Cells> {
        let mut cells = Cells { of: vec![0; n_rows], representatives: vec![0] };
        let mut is_fine = true;
        for leaf in leaves {
            match leaf {
                Leaf::Index(index) => {
                    let positions = graph.columns.positions(*index);
                    is_fine &= cells.refine(|row| u64::from(positions[lane(row)]), limit);
                }
                Leaf::Column(column) => {
                    let numbers = graph.columns.numbers(*column);
                    is_fine &= cells.refine(|row| numbers[lane(row)].to_bits(), limit);
                }
                Leaf::Matrix(matrix) => {
                    for column in graph.columns.numbers(*matrix).chunks_exact(lanes.max(1)) {
                        is_fine &= is_fine && cells.refine(|row| column[lane(row)].to_bits(), limit);
                    }
                }
            }
            if !is_fine {
                return None;
            }
        }
        Some(cells)
    }

    /// Splits cells by a key of each lane. False, and no partition, if there are then more cells than the limit.
    fn refine(&mut self, key: impl Fn(usize) -> u64, limit: usize) -> bool {
        let mut table = Table::new();
        self.representatives.clear();
        for (lane, cell) in self.of.iter_mut().enumerate() {
            *cell = table.number(*cell, key(lane));
            if *cell as usize == self.representatives.len() {
                if self.representatives.len() == limit {
                    return false;
                }
                self.representatives.push(lane as u32);
            }
        }
        true
    }

    /// The number of cells.
    pub(super) fn count(&self) -> usize {
        self.representatives.len()
    }

    /// For each cell, the sum of a number of each of its lanes.
    pub(super) fn sums(&self, of_lane: impl Fn(usize) -> f64) -> Vec<f64> {
        let mut sums = vec![0.0; self.count()];
        self.of.iter().enumerate().for_each(|(lane, cell)| sums[*cell as usize] += of_lane(lane));
        sums
    }

    /// An expression at one lane of each cell.
    pub(super) fn at(&self, graph: &mut Graph, node: NodeId) -> NodeId {
        At { lanes: self.of.len(), chosen: &self.representatives, long: None, known: HashMap::new() }.node(graph, node)
    }
}

/// What rows see of an elementwise expression.
pub(super) struct View {
    /// The lane of each row.
    pub(super) lanes: Vec<u32>,
    /// An index that each row sees at a position of its own, whatever its lane has.
    pub(super) long: Option<(IndexId, Vec<u32>)>,
}

impl View {
    /// An expression of so many lanes as the rows see it: gathers are pushed through its operations.
    pub(super) fn of(&self, graph: &mut Graph, node: NodeId, lanes: usize) -> NodeId {
        At { lanes, chosen: &self.lanes, long: self.long.as_ref(), known: HashMap::new() }.node(graph, node)
    }
}

struct At<'a> {
    lanes: usize,
    chosen: &'a [u32],
    long: Option<&'a (IndexId, Vec<u32>)>,
    known: HashMap<NodeId, NodeId>,
}

impl At<'_> {
    fn node(&mut self, graph: &mut Graph, id: NodeId) -> NodeId {
        if graph.lanes(id) != self.lanes || self.lanes == 1 {
            return id;
        }
        if let Some(known) = self.known.get(&id) {
            return *known;
        }
        let operation = graph.node(id).operation.clone();
        let node = match operation {
            Operation::Unary(..) | Operation::Binary(..) | Operation::Select(..) | Operation::Elementwise(..) => {
                let operation = operation.map_operands(|operand| self.node(graph, operand));
                graph.rebuild(operation, self.chosen.len())
            }
            Operation::KnownMatrixVector(matrix, x) => {
                let numbers = Arc::clone(graph.columns.numbers(matrix));
                let columns = numbers.chunks_exact(self.lanes);
                let rows: Vec<f64> =
                    columns.flat_map(|column| self.chosen.iter().map(|lane| column[*lane as usize])).collect();
                graph.known_matrix_vector(&rows, self.chosen.len(), x)
            }
            Operation::Gather(x, index) => match self.long {
                Some((long, positions)) if *long == index => graph.gather(x, positions),
                _ => self.gathered(graph, x, index),
            },
            _ => graph.gather(id, self.chosen),
        };
        self.known.insert(id, node);
        node
    }

    /// What is gathered; one lane where it is the same for all.
    fn gathered(&self, graph: &mut Graph, x: NodeId, index: IndexId) -> NodeId {
        let all = graph.columns.positions(index);
        let positions: Vec<u32> = self.chosen.iter().map(|lane| all[*lane as usize]).collect();
        match positions.split_first() {
            Some((first, others)) if others.iter().all(|position| position == first) => graph.gather(x, &[*first]),
            _ => graph.gather(x, &positions),
        }
    }
}

/// Numbers pairs of a cell and a key in the order in which they first come: open addressing, no allocation a pair.
struct Table {
    /// The number of a pair, or [`FREE`].
    slots: Vec<u32>,
    pairs: Vec<(u32, u64)>,
}

const FREE: u32 = u32::MAX;
const FIRST_SLOTS: usize = 1024;

impl Table {
    fn new() -> Self {
        Table { slots: vec![FREE; FIRST_SLOTS], pairs: Vec::new() }
    }

    fn number(&mut self, cell: u32, key: u64) -> u32 {
        let slot = self.slot(cell, key);
        if self.slots[slot] != FREE {
            return self.slots[slot];
        }
        let number = self.pairs.len() as u32;
        self.slots[slot] = number;
        self.pairs.push((cell, key));
        if 2 * self.pairs.len() > self.slots.len() {
            self.grow();
        }
        number
    }

    /// The slot that holds the pair, or the free one where it belongs.
    fn slot(&self, cell: u32, key: u64) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = mix(cell, key) as usize & mask;
        loop {
            let number = self.slots[slot];
            if number == FREE || self.pairs[number as usize] == (cell, key) {
                return slot;
            }
            slot = (slot + 1) & mask;
        }
    }

    fn grow(&mut self) {
        self.slots = vec![FREE; 4 * self.slots.len()];
        for number in 0..self.pairs.len() {
            let (cell, key) = self.pairs[number];
            let slot = self.slot(cell, key);
            self.slots[slot] = number as u32;
        }
    }
}

/// The finaliser of MurmurHash3 (Appleby 2011), after the cell is spread over the key's bits.
fn mix(cell: u32, key: u64) -> u64 {
    let mut hash = key ^ u64::from(cell).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    hash = (hash ^ hash >> 33).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash = (hash ^ hash >> 33).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ hash >> 33
}
