//! Sums of neighbouring entries: every lane adds up a window of one column, as in seasonal components and moving averages.
//!
//! Windows overlap, so that sums of two, four, eight neighbours serve many lanes: a window of `n` entries takes about
//! `log2(n)` additions and not `n`, and as many fewer gathers. Nothing is subtracted, so that no digits are lost.

use super::Recorder;
use crate::graph::{Binary, NodeId, Operation};

/// Windows of fewer entries are added up entry by entry.
const MIN_WINDOW: usize = 4;

/// How many additions inside of a lane one addition of shared columns costs: its result is written and read.
const SHARED_COST: usize = 2;

impl Recorder<'_> {
    /// The sum of entries that are neighbours in one column, in every lane, if many lanes share them.
    pub(super) fn sum_of_neighbours(&mut self, entries: &[NodeId]) -> Option<NodeId> {
        let n = entries.len();
        if n < MIN_WINDOW || self.is_scanning() {
            return None;
        }
        let (column, first) = self.windows(entries)?;
        let (low, high) = (*first.iter().min()?, *first.iter().max()?);
        let n_windows = (high - low) as usize + 1;
        let n_additions = (n.ilog2() + n.count_ones() - 1) as usize;
        if (n_windows + n) * n_additions * SHARED_COST > first.len() * n {
            return None;
        }
        let sums = self.window_sums(column, low, (n, n_windows));
        let index: Vec<u32> = first.iter().map(|first| first - low).collect();
        Some(self.graph.gather(sums, &index))
    }

    /// The column in which the entries are neighbours, and where in it each lane's first entry is.
    fn windows(&mut self, entries: &[NodeId]) -> Option<(NodeId, Vec<u32>)> {
        let (source, first) = self.gathered(*entries.first()?)?;
        for (distance, entry) in (0..).zip(entries) {
            let (other, positions) = self.gathered(*entry)?;
            let is_next = |(first, position): (&u32, &u32)| first + distance == *position;
            if other != source || positions.len() != first.len() || !first.iter().zip(&positions).all(is_next) {
                return None;
            }
        }
        if let Some(column) = source {
            return Some((column, first));
        }
        let low = *first.iter().min()?;
        let length = (first.iter().max()? - low) as usize + entries.len();
        Some((self.graph.position(low as usize, length), first.into_iter().map(|first| first - low).collect()))
    }

    /// The column that a node takes its lanes from, where it is not the unconstrained position, and where from.
    fn gathered(&self, node: NodeId) -> Option<(Option<NodeId>, Vec<u32>)> {
        match self.graph.node(node).operation {
            Operation::Gather(column, index) => Some((Some(column), self.graph.columns.positions(index).to_vec())),
            Operation::Position(offset) => {
                let lanes = self.graph.lanes(node) as u32;
                Some((None, (offset..offset + lanes).collect()))
            }
            _ => None,
        }
    }

    /// The sums of `n` neighbours each, for windows that begin at `low` and at the places behind it.
    fn window_sums(&mut self, column: NodeId, low: u32, (n, n_windows): (usize, usize)) -> NodeId {
        // What the windows consist of: sums of widths that are powers of two, the narrowest first.
        let mut pieces = Vec::new();
        let (mut width, mut covered) = (1, 0);
        let mut sums = self.stretch(column, low as usize, n_windows + n - 1);
        loop {
            if n & width != 0 {
                pieces.push(self.stretch(sums, covered, n_windows));
                covered += width;
            }
            if 2 * width > n {
                break;
            }
            let length = n_windows + n - 2 * width;
            let (left, right) = (self.stretch(sums, 0, length), self.stretch(sums, width, length));
            sums = self.graph.binary(Binary::Add, left, right);
            width *= 2;
        }
        let zero = self.graph.constant(0.0);
        pieces.into_iter().fold(zero, |sum, piece| self.graph.binary(Binary::Add, sum, piece))
    }

    /// So many lanes from one on.
    fn stretch(&mut self, column: NodeId, from: usize, length: usize) -> NodeId {
        let index: Vec<u32> = (from as u32..(from + length) as u32).collect();
        self.graph.gather(column, &index)
    }
}
