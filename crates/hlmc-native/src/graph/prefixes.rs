//! Columns that begin with all of another column.

use std::collections::HashMap;

use super::{Graph, NodeId, Operation};

/// Shorter columns are put together from their parts.
const MIN_PARTS: usize = 4;

/// A column of which another one begins with all but so many parts is looked for.
const MAX_MORE_PARTS: usize = 4;

impl Graph {
    /// Puts columns that begin with another one together from that and what is behind: a column that grows by an entry in
    /// every turn of a loop is then copied as one, and not part by part.
    ///
    /// It is the last thing that is done to a graph: construction takes nested columns apart.
    pub fn share_prefixes(&mut self, result: NodeId) {
        let needed = self.needed(result);
        let mut columns: HashMap<Box<[NodeId]>, NodeId> = HashMap::new();
        for (i, is_needed) in needed.into_iter().enumerate() {
            let Operation::Concatenate(parts) = &self.nodes[i].operation else { continue };
            if !is_needed || parts.len() < MIN_PARTS {
                continue;
            }
            let parts = parts.clone();
            let lengths = (MIN_PARTS..parts.len()).rev().take(MAX_MORE_PARTS);
            let begin = lengths.into_iter().find_map(|n| Some((*columns.get(&parts[..n])?, n)));
            if let Some((column, n)) = begin {
                let nested = std::iter::once(column).chain(parts[n..].iter().copied()).collect();
                self.nodes[i].operation = Operation::Concatenate(nested);
            }
            columns.insert(parts, NodeId(i as u32));
        }
    }
}
