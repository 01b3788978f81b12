//! Lanes: what runs together while a loop is recorded, and what the iterations read and write outside of it.
//!
//! A loop whose iterations are independent is run once for all values of its index. Every context of lanes knows, for
//! each of its lanes, the lane of the context around it. Variables of outer contexts are read and written by position;
//! the iterations are independent as long as no position is written by one and touched by another.

use std::collections::HashMap;
use std::rc::Rc;

use hlmc_check::ir::Place;

use super::stop::{Recorded, Stop};
use super::trace::Trace;
use crate::graph::NodeId;

/// A set of lanes that run together.
#[derive(Clone, Debug)]
pub(super) struct Context {
    /// The number of lanes.
    pub(super) lanes: usize,
    /// For each lane, that of the context around it; lane 0 where there is none around.
    pub(super) parent: Rc<[u32]>,
    /// What a loop's iterations do to variables from outside; a branch taken by some of the lanes has none of its own.
    pub(super) effects: Option<Effects>,
    /// What is carried from turn to turn, when the loop is recorded as a scan.
    pub(super) trace: Option<Trace>,
}

/// What the iterations of a loop read and write of variables that were declared outside of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Effects {
    /// Variables that were declared just outside of it.
    pub(super) variables: HashMap<Place, Touched>,
    /// Variables that loops around it watch as well.
    pub(super) crossings: HashMap<Place, Crossings>,
}

impl Effects {
    /// The effects of a loop whose iterations have these variables for themselves.
    pub(super) fn with_temporaries(places: &[Place]) -> Self {
        let temporary = |place: &Place| (*place, Touched { is_temporary: true, ..Touched::default() });
        Effects { variables: places.iter().map(temporary).collect(), crossings: HashMap::new() }
    }
}

/// Which iterations of an inner loop read and wrote the positions of a variable that a loop around it watches.
#[derive(Clone, Debug, Default)]
pub(super) struct Crossings {
    /// For each position, who read it (lane + 1; 0 for nobody; [`MANY`] for several lanes).
    readers: Vec<u32>,
    /// For each position, who wrote it (lane + 1; 0 for nobody).
    writers: Vec<u32>,
}

impl Crossings {
    fn reserve(&mut self, length: usize) {
        if self.readers.len() < length {
            self.readers.resize(length, 0);
            self.writers.resize(length, 0);
        }
    }

    /// Lanes `origin` of the loop read `positions` of a variable of `length` entries.
    pub(super) fn read(&mut self, length: usize, positions: &[u32], origin: &[u32]) -> Recorded<()> {
        self.reserve(length);
        for (position, lane) in positions.iter().zip(origin) {
            let at = *position as usize;
            if self.writers[at] == lane + 1 {
                continue;
            }
            if self.writers[at] != 0 {
                return Err(Stop::Dependent("an iteration reads what another wrote"));
            }
            mark_reader(&mut self.readers[at], *lane);
        }
        Ok(())
    }

    /// Lanes `origin` of the loop write `positions` of a variable of `length` entries.
    pub(super) fn write(&mut self, length: usize, positions: &[u32], origin: &[u32]) -> Recorded<()> {
        self.reserve(length);
        for (position, lane) in positions.iter().zip(origin) {
            let at = *position as usize;
            let is_foreign = |other: u32| other != 0 && other != lane + 1;
            if is_foreign(self.writers[at]) || is_foreign(self.readers[at]) {
                return Err(Stop::Dependent("an iteration writes what another touched"));
            }
            self.writers[at] = lane + 1;
        }
        Ok(())
    }
}

fn mark_reader(reader: &mut u32, lane: u32) {
    *reader = if *reader == 0 || *reader == lane + 1 { lane + 1 } else { MANY };
}

/// What the iterations did to one variable.
#[derive(Clone, Debug, Default)]
pub(super) struct Touched {
    /// The variable was read as a whole before anything was written.
    pub(super) is_read_whole: bool,
    /// The variable is given a value by each iteration before it is read: it is a temporary.
    pub(super) is_temporary: bool,
    /// What is added to a scalar, one node of one lane each.
    pub(super) added: Vec<NodeId>,
    /// For each position, who read it (lane + 1; 0 for nobody; [`MANY`] for several lanes).
    readers: Vec<u32>,
    /// For each position, the number of the write (+ 1) and its lane there.
    writers: Vec<(u32, u32)>,
    /// For each position, the lane of the loop that wrote it.
    writer_lanes: Vec<u32>,
    /// The values written, a node of as many lanes as positions were written at once.
    pub(super) written: Vec<NodeId>,
}

/// Several lanes read a position.
const MANY: u32 = u32::MAX;

/// Where the entries that are read come from.
pub(super) enum Source {
    /// From the variable as it was before the loop.
    Before,
    /// From the writes, concatenated in their order: the lane there, for each position.
    Written(Vec<u32>),
    /// From the variable as it was before the loop (first) and the writes behind it, concatenated.
    Mixed(Vec<u32>),
}

impl Touched {
    fn reserve(&mut self, length: usize) {
        if self.readers.len() < length {
            self.readers.resize(length, 0);
            self.writers.resize(length, (0, 0));
            self.writer_lanes.resize(length, 0);
        }
    }

    /// True when nothing was written or added.
    pub(super) fn is_unwritten(&self) -> bool {
        self.written.is_empty() && self.added.is_empty()
    }

    /// True when nothing was read either, neither the whole nor an entry.
    pub(super) fn is_untouched(&self) -> bool {
        self.is_unwritten() && !self.is_read_whole && self.readers.iter().all(|reader| *reader == 0)
    }

    /// Lanes `origin` of the loop read `positions` of a variable of `length` entries.
    pub(super) fn read(
        &mut self,
        length: usize,
        positions: &[u32],
        origin: &[u32],
        lanes_of: impl Fn(NodeId) -> usize,
    ) -> Recorded<Source> {
        if !self.added.is_empty() {
            return Err(Stop::Dependent("a running sum is read inside its loop"));
        }
        self.reserve(length);
        let mut starts = Vec::with_capacity(self.written.len());
        let mut total = 0;
        for node in &self.written {
            starts.push(total);
            total += lanes_of(*node) as u32;
        }
        let mut sources = Vec::with_capacity(positions.len());
        let mut n_written = 0;
        for (position, lane) in positions.iter().zip(origin) {
            let at = *position as usize;
            let (write, lane_there) = self.writers[at];
            if write > 0 {
                if self.writer_lanes[at] != *lane {
                    return Err(Stop::Dependent("an iteration reads what another wrote"));
                }
                n_written += 1;
                sources.push((true, starts[write as usize - 1] + lane_there));
            } else {
                mark_reader(&mut self.readers[at], *lane);
                sources.push((false, *position));
            }
        }
        Ok(match n_written {
            0 => Source::Before,
            n if n == positions.len() => Source::Written(sources.into_iter().map(|(_, lane)| lane).collect()),
            _ => {
                let offset = |(is_written, lane): (bool, u32)| if is_written { lane + length as u32 } else { lane };
                Source::Mixed(sources.into_iter().map(offset).collect())
            }
        })
    }

    /// Lanes `origin` of the loop write `value`, lane by lane, to `positions` of a variable of `length` entries.
    pub(super) fn write(&mut self, length: usize, positions: &[u32], origin: &[u32], value: NodeId) -> Recorded<()> {
        if self.is_read_whole || !self.added.is_empty() {
            return Err(Stop::Dependent("a variable is read as a whole and written in one loop"));
        }
        self.reserve(length);
        self.written.push(value);
        let write = self.written.len() as u32;
        for (lane_there, (position, lane)) in (0..).zip(positions.iter().zip(origin)) {
            let at = *position as usize;
            let is_free = self.writers[at].0 == 0 || self.writer_lanes[at] == *lane && self.writers[at].0 != write;
            if !is_free {
                return Err(Stop::Dependent("two iterations write one entry"));
            }
            if self.readers[at] != 0 && self.readers[at] != lane + 1 {
                return Err(Stop::Dependent("an iteration writes what another read"));
            }
            self.writers[at] = (write, lane_there);
            self.writer_lanes[at] = *lane;
        }
        Ok(())
    }

    /// For each of the variable's entries after the loop, its lane in the old entries and the writes behind them.
    pub(super) fn after(&self, length: usize, lanes_of: impl Fn(NodeId) -> usize) -> Vec<u32> {
        let mut starts = Vec::with_capacity(self.written.len());
        let mut total = length as u32;
        for node in &self.written {
            starts.push(total);
            total += lanes_of(*node) as u32;
        }
        (0..length)
            .map(|at| match self.writers.get(at) {
                Some((write, lane)) if *write > 0 => starts[*write as usize - 1] + lane,
                _ => at as u32,
            })
            .collect()
    }
}
