//! The nodes of a graph by a hash of what they compute, so that equal ones are found again.

use std::collections::HashMap;

use rustc_hash::FxBuildHasher;

use super::NodeId;

/// Nodes by hash. A hash is that of several nodes now and then: each leads to the one before it.
#[derive(Clone, Debug, Default)]
pub(super) struct Interned {
    newest: HashMap<u64, NodeId, FxBuildHasher>,
    /// For each node its hash, and the node before it that has the same.
    chain: Vec<(u64, Option<NodeId>)>,
}

impl Interned {
    /// The nodes with a hash, the newest first.
    pub(super) fn with_hash(&self, hash: u64) -> impl Iterator<Item = NodeId> {
        std::iter::successors(self.newest.get(&hash).copied(), |node| self.chain[node.index()].1)
    }

    /// Adds the next node of the graph.
    pub(super) fn push(&mut self, hash: u64) {
        let node = NodeId(self.chain.len() as u32);
        let before = self.newest.insert(hash, node);
        self.chain.push((hash, before));
    }

    /// Forgets all nodes from a number on, and gives their hashes.
    pub(super) fn split_off(&mut self, n_nodes: usize) -> Vec<u64> {
        let chain = self.chain.split_off(n_nodes);
        for (hash, before) in chain.iter().rev() {
            match before {
                Some(before) => self.newest.insert(*hash, *before),
                None => self.newest.remove(hash),
            };
        }
        chain.into_iter().map(|(hash, _)| hash).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(interned: &Interned, hash: u64) -> Vec<u32> {
        interned.with_hash(hash).map(|node| node.0).collect()
    }

    #[test]
    fn nodes_of_one_hash_are_found_until_they_are_forgotten() {
        let mut interned = Interned::default();
        [7, 8, 7, 7].into_iter().for_each(|hash| interned.push(hash));
        assert_eq!((found(&interned, 7), found(&interned, 8)), (vec![3, 2, 0], vec![1]));
        assert_eq!(interned.split_off(3), [7]);
        assert_eq!((found(&interned, 7), found(&interned, 8)), (vec![2, 0], vec![1]));
        assert_eq!(interned.split_off(1), [8, 7]);
        assert_eq!((found(&interned, 7), found(&interned, 8)), (vec![0], vec![]));
        interned.push(8);
        assert_eq!((found(&interned, 7), found(&interned, 8)), (vec![0], vec![1]));
    }
}
