//! Which register holds what, while a tape becomes instructions.
//!
//! Straight code needs no more than a walk: a result takes a free register, or that of the value whose next use is
//! farthest away, which goes to memory (Belady, "A study of replacement algorithms", 1966) and is used from there.

use super::tape::{Tape, Var};

/// Where the lanes of a value are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Home {
    /// In a register, by its number.
    Register(u8),
    /// In a slot on the stack, by its number.
    Slot(u32),
    /// Nowhere: not computed yet, used up, or a constant.
    None,
}

/// The uses of each value, in order.
#[derive(Debug)]
pub(super) struct Uses {
    /// The places of the uses of all values, value after value.
    places: Vec<u32>,
    /// For each value, where its uses that are still to come begin.
    next: Vec<u32>,
    /// For each value, where its uses end.
    end: Vec<u32>,
}

impl Uses {
    /// The uses by operations that are needed.
    pub(super) fn new(tape: &Tape) -> Self {
        let counts = tape.uses();
        let mut next = Vec::with_capacity(counts.len());
        let mut total = 0;
        for count in &counts {
            next.push(total);
            total += count;
        }
        let mut end = next.clone();
        let mut places = vec![0; total as usize];
        for (i, op) in tape.ops.iter().enumerate() {
            if op.is_effect() || counts[i] > 0 {
                op.for_each_operand(|x| {
                    let at = &mut end[x.index()];
                    places[*at as usize] = i as u32;
                    *at += 1;
                });
            }
        }
        Uses { places, next, end }
    }

    /// Forgets the uses by the operation at a place.
    pub(super) fn pass(&mut self, x: Var, place: usize) {
        let i = x.index();
        while self.next[i] < self.end[i] && self.places[self.next[i] as usize] as usize <= place {
            self.next[i] += 1;
        }
    }

    /// The place of the next use.
    pub(super) fn next(&self, x: Var) -> Option<usize> {
        let i = x.index();
        (self.next[i] < self.end[i]).then(|| self.places[self.next[i] as usize] as usize)
    }

    /// True when nothing but the operation at a place uses the value any more.
    pub(super) fn is_last(&self, x: Var, place: usize) -> bool {
        let i = x.index();
        (self.next[i]..self.end[i]).all(|at| self.places[at as usize] as usize <= place)
    }
}

/// Registers of one kind.
#[derive(Debug)]
pub(super) struct Bank {
    free: Vec<u8>,
    held: Vec<(u8, Var)>,
}

impl Bank {
    /// Registers by their numbers.
    pub(super) fn new(numbers: impl DoubleEndedIterator<Item = u8>) -> Self {
        Bank { free: numbers.rev().collect(), held: Vec::new() }
    }

    /// A free register, if there is one.
    pub(super) fn take(&mut self, x: Var) -> Option<u8> {
        let number = self.free.pop()?;
        self.held.push((number, x));
        Some(number)
    }

    /// The held value whose next use is farthest away, but for some.
    pub(super) fn farthest(&self, uses: &Uses, but: &[Var]) -> Option<Var> {
        let candidates = self.held.iter().map(|(_, x)| *x).filter(|x| !but.contains(x));
        candidates.max_by_key(|x| uses.next(*x).unwrap_or(usize::MAX))
    }

    /// Gives a value's register back.
    pub(super) fn release(&mut self, x: Var) {
        if let Some(at) = self.held.iter().position(|(_, held)| *held == x) {
            let (number, _) = self.held.swap_remove(at);
            self.free.push(number);
        }
    }

    /// Hands a value's register on to another.
    pub(super) fn rename(&mut self, x: Var, to: Var) {
        if let Some(held) = self.held.iter_mut().find(|(_, held)| *held == x) {
            held.1 = to;
        }
    }

    /// All held values.
    pub(super) fn held(&self) -> Vec<Var> {
        self.held.iter().map(|(_, x)| *x).collect()
    }
}
