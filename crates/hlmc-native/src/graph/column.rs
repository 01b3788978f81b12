//! Known columns and indices, each kept once however often it is used.

use std::collections::HashMap;
use std::hash::Hasher;
use std::sync::Arc;

use rustc_hash::{FxBuildHasher, FxHasher};

/// A known column of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ColumnId(pub u32);

/// A known column of lane positions, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IndexId(pub u32);

/// The store of known columns and indices.
#[derive(Clone, Debug, Default)]
pub struct Columns {
    numbers: Vec<Arc<[f64]>>,
    indices: Vec<Arc<[u32]>>,
    numbers_by_hash: HashMap<u64, Vec<u32>, FxBuildHasher>,
    indices_by_hash: HashMap<u64, Vec<u32>, FxBuildHasher>,
}

impl Columns {
    /// Keeps a column of numbers; equal ones (bit by bit) are one. Only one that is new is copied.
    pub fn add_numbers(&mut self, column: impl AsRef<[f64]> + Into<Arc<[f64]>>) -> ColumnId {
        let numbers = column.as_ref();
        let mut hasher = FxHasher::default();
        numbers.iter().for_each(|x| hasher.write_u64(x.to_bits()));
        let candidates = self.numbers_by_hash.entry(hasher.finish()).or_default();
        let same = |id: &&u32| {
            let other = &self.numbers[**id as usize];
            other.len() == numbers.len() && other.iter().zip(numbers).all(|(a, b)| a.to_bits() == b.to_bits())
        };
        if let Some(id) = candidates.iter().find(same) {
            return ColumnId(*id);
        }
        let id = self.numbers.len() as u32;
        self.numbers.push(column.into());
        candidates.push(id);
        ColumnId(id)
    }

    /// Keeps an index; equal ones are one. Only one that is new is copied.
    pub fn add_index(&mut self, index: impl AsRef<[u32]> + Into<Arc<[u32]>>) -> IndexId {
        let positions = index.as_ref();
        let mut hasher = FxHasher::default();
        positions.iter().for_each(|i| hasher.write_u32(*i));
        let candidates = self.indices_by_hash.entry(hasher.finish()).or_default();
        if let Some(id) = candidates.iter().find(|id| *self.indices[**id as usize] == *positions) {
            return IndexId(*id);
        }
        let id = self.indices.len() as u32;
        self.indices.push(index.into());
        candidates.push(id);
        IndexId(id)
    }

    /// The numbers of a column.
    #[must_use]
    pub fn numbers(&self, id: ColumnId) -> &Arc<[f64]> {
        &self.numbers[id.0 as usize]
    }

    /// The positions of an index.
    #[must_use]
    pub fn positions(&self, id: IndexId) -> &Arc<[u32]> {
        &self.indices[id.0 as usize]
    }
}
