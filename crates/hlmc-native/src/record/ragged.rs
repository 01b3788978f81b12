//! Vectors whose sizes differ between the turns of a loop.
//!
//! Inside of lanes a vector has a node an entry, so that all lanes agree on its size. Where an integer that decides about
//! sizes turns out to differ, the turns are grouped by it, and the body is recorded anew, once for each group, as if it
//! stood in branches on that integer. Turns of several sizes are grouped one size after the other, until the turns of
//! each group agree in all. What the turns read and write is watched by the one loop around all groups.

use std::rc::Rc;

use super::Recorder;
use super::selection::Along;
use super::stop::{Recorded, Stop, unsupported};
use super::symbol::Symbol;

/// Turns that a group has at least, on average: below, unrolling is the simpler graph.
const MIN_TURNS_A_GROUP: usize = 2;

/// An integer that decides about sizes, for each turn of a loop that came to it.
pub(super) struct Sizes {
    /// The number of contexts around the loop.
    around: usize,
    by_turn: Vec<Option<i64>>,
}

/// The turns of a loop, grouped: those of a group have vectors of equal sizes.
pub(super) struct Groups(Vec<Vec<u32>>);

impl Groups {
    /// All turns in one group.
    pub(super) fn new(n_turns: usize) -> Self {
        Groups(vec![(0..n_turns as u32).collect()])
    }

    /// The turns of each group.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[u32]> {
        self.0.iter().map(Vec::as_slice)
    }

    /// Takes groups apart by a size. False if that gives no more groups, or too many.
    pub(super) fn split(&mut self, sizes: &[Option<i64>]) -> bool {
        let mut parts: Vec<Vec<u32>> = Vec::new();
        for group in &self.0 {
            let mut by_size: Vec<(Option<i64>, Vec<u32>)> = Vec::new();
            for turn in group {
                let size = sizes[*turn as usize];
                match by_size.iter_mut().find(|(other, _)| *other == size) {
                    Some((_, turns)) => turns.push(*turn),
                    None => by_size.push((size, vec![*turn])),
                }
            }
            parts.extend(by_size.into_iter().map(|(_, turns)| turns));
        }
        if parts.len() == self.0.len() || parts.len() * MIN_TURNS_A_GROUP > sizes.len() {
            return false;
        }
        self.0 = parts;
        true
    }
}

impl Recorder<'_> {
    /// Stops since an integer that decides about sizes differs between lanes; it is noted turn by turn of the innermost
    /// loop, unless the lanes of one turn differ as well.
    pub(super) fn sizes_differ<T>(&mut self, lanes: &[i64]) -> Recorded<T> {
        self.sizes = self.sizes_by_turn(lanes);
        Err(Stop::Dependent("sizes differ between iterations"))
    }

    fn sizes_by_turn(&self, lanes: &[i64]) -> Option<Sizes> {
        let around = self.contexts.iter().rposition(|context| context.effects.is_some())?;
        let mut by_turn = vec![None; self.contexts[around].lanes];
        for (turn, size) in self.lanes_of_context(around).iter().zip(lanes) {
            let noted = by_turn[*turn as usize].get_or_insert(*size);
            if noted != size {
                return None;
            }
        }
        Some(Sizes { around, by_turn })
    }

    /// The size in which the turns of the loop differ that was last tried with so many contexts around it.
    pub(super) fn take_sizes(&mut self, around: usize) -> Option<Vec<Option<i64>>> {
        self.sizes.take().filter(|sizes| sizes.around == around).map(|sizes| sizes.by_turn)
    }

    /// So many neighbours from a position on.
    pub(super) fn window(&mut self, first: &Symbol, length: &Symbol) -> Recorded<Along> {
        let length = self.uniform_int(length)?;
        if length < 0 {
            return unsupported("a negative number of entries");
        }
        Ok(match first {
            Symbol::LaneInt(first) if length > 0 => Along::Window(Rc::clone(first), length),
            Symbol::LaneInt(_) => Along::Several(Vec::new()),
            other => {
                let first = self.uniform_int(other)?;
                Along::Several((first..first + length).collect())
            }
        })
    }

    /// The neighbours between two bounds.
    pub(super) fn between(&mut self, first: &Symbol, last: &Symbol) -> Recorded<Along> {
        if let (Symbol::LaneInt(_), _) | (_, Symbol::LaneInt(_)) = (first, last) {
            let at = |bound: &Symbol, lane: usize| match bound {
                Symbol::LaneInt(lanes) => lanes.get(lane).copied(),
                Symbol::Int(i) => Some(*i),
                _ => None,
            };
            let length = |lane: usize| Some((at(last, lane)? - at(first, lane)? + 1).max(0));
            if let Some(lengths) = (0..self.lanes()).map(length).collect::<Option<Vec<i64>>>() {
                return self.window(first, &Symbol::LaneInt(lengths.into()));
            }
        }
        Ok(Along::Several((self.uniform_int(first)?..=self.uniform_int(last)?).collect()))
    }
}
