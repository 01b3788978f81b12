//! What the turns of a loop read and write of the variables that it carries, in the order of the program.
//!
//! The body of a loop that carries values is recorded once for all turns. A read of a carried variable gives a node that
//! is pending, since what was written before it, in an earlier turn or in this one, is known only when the whole body
//! has been recorded. [`Trace::resolve`] then goes through the turns in order and finds for every lane of every read the
//! last write before it.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use hlmc_check::ir::Place;

use crate::graph::NodeId;

/// Which variables a loop carries, and what its turns did to them so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Trace {
    /// The variables that are carried.
    pub(super) places: HashSet<Place>,
    /// What happened to them.
    events: Vec<Event>,
    /// For each context within the loop, the turn that each of its lanes belongs to.
    pub(super) contexts: Vec<Rc<[u32]>>,
}

/// What happens in the body of a loop.
#[derive(Clone, Debug)]
enum Event {
    Read(Access),
    Write(Access),
    /// An inner loop begins; for each of its lanes, that of the loop around it.
    Enter(Rc<[u32]>),
    /// An inner loop ends.
    Leave,
}

/// A read or a write of one position in each lane.
#[derive(Clone, Debug)]
pub(super) struct Access {
    /// The variable.
    pub(super) place: Place,
    /// The position in each lane.
    pub(super) positions: Rc<[u32]>,
    /// For each lane, that of the innermost loop around.
    pub(super) lanes: Rc<[u32]>,
    /// For each lane, its turn.
    pub(super) turns: Rc<[u32]>,
    /// The node that is pending, or the value written.
    pub(super) node: NodeId,
}

/// Where a lane of a read comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// An entry of [`Resolved::before`] of the variable.
    Before(u32),
    /// A lane of a value that was written.
    Written(NodeId, u32),
}

/// A position of a variable that a lane around the loop has to itself.
pub(super) type Entry = (u32, u32);

/// A pending node with its variable, the turns of its lanes, and where they come from.
pub(super) type Read = (NodeId, Place, Rc<[u32]>, Vec<Origin>);

/// Where everything comes from.
#[derive(Debug, Default)]
pub(super) struct Resolved {
    /// Every pending node.
    pub(super) reads: Vec<Read>,
    /// For each variable, which of its entries (lane around the loop, position) are read as they were before the loop.
    pub(super) before: HashMap<Place, Vec<Entry>>,
    /// For each variable, its entries that were written, each with the node and the lane of the last write.
    pub(super) after: HashMap<Place, Vec<(Entry, NodeId, u32)>>,
}

impl Trace {
    /// A trace of the given variables for a loop of so many turns.
    pub(super) fn new(places: HashSet<Place>, turns: usize) -> Self {
        Trace { places, events: Vec::new(), contexts: vec![(0..turns as u32).collect()] }
    }

    pub(super) fn read(&mut self, access: Access) {
        self.events.push(Event::Read(access));
    }

    pub(super) fn write(&mut self, access: Access) {
        self.events.push(Event::Write(access));
    }

    pub(super) fn enter(&mut self, lanes: Rc<[u32]>) {
        self.events.push(Event::Enter(lanes));
    }

    pub(super) fn leave(&mut self) {
        self.events.push(Event::Leave);
    }

    /// What a read of these positions gives, if these lanes of the innermost loop wrote or read these very positions and
    /// nothing came between.
    pub(super) fn current_value(&self, place: Place, positions: &[u32], lanes: &[u32]) -> Option<NodeId> {
        for event in self.events.iter().rev() {
            match event {
                Event::Write(write) if write.place == place => {
                    if write.lanes[..] != *lanes {
                        return None;
                    }
                    if write.positions[..] == *positions {
                        return Some(write.node);
                    }
                    if write.positions.iter().zip(positions).any(|(a, b)| a == b) {
                        return None;
                    }
                }
                Event::Read(read)
                    if read.place == place && read.lanes[..] == *lanes && read.positions[..] == *positions =>
                {
                    return Some(read.node);
                }
                Event::Enter(_) | Event::Leave => return None,
                _ => {}
            }
        }
        None
    }

    /// Finds the last write before every read. Turn `t` belongs to lane `parent[t]` around the loop.
    pub(super) fn resolve(&self, parent: &[u32]) -> Resolved {
        let (body, _) = Block::new(&self.events, 0);
        let mut walk = Walk { events: &self.events, ..Walk::default() };
        let mut places: Vec<Place> = Vec::new();
        for event in &self.events {
            let (place, n_sources) = match event {
                Event::Read(access) => (Some(access.place), access.positions.len()),
                Event::Write(access) => (Some(access.place), 0),
                Event::Enter(_) | Event::Leave => (None, 0),
            };
            walk.sources.push(Vec::with_capacity(n_sources));
            let known = places.iter().position(|other| Some(*other) == place);
            walk.variables.push(known.unwrap_or(places.len()));
            if known.is_none() {
                places.extend(place);
            }
        }
        walk.state.resize_with(places.len(), State::default);
        let mut cursors = vec![0; self.events.len()];
        for (turn, around) in (0..).zip(parent) {
            walk.instance = *around;
            body.run(turn, &mut walk, &mut cursors);
        }
        walk.finish(places)
    }
}

/// The events of a loop's body in order, in stretches of events that the same lanes take part in. Turns that are grouped
/// have a stretch a group, and need not look at those of the others.
#[derive(Default)]
struct Block {
    stretches: Vec<Vec<Item>>,
}

enum Item {
    Access(usize),
    Loop(usize, Block),
}

impl Item {
    /// The event, or that with which the loop begins.
    fn event(&self) -> usize {
        match self {
            Item::Access(at) | Item::Loop(at, _) => *at,
        }
    }
}

impl Event {
    /// For each of its lanes, that of the loop around.
    fn lanes(&self) -> &[u32] {
        match self {
            Event::Read(access) | Event::Write(access) => &access.lanes,
            Event::Enter(lanes) => lanes,
            Event::Leave => &[],
        }
    }
}

impl Block {
    /// The block that begins at an event, and the event behind it.
    fn new(events: &[Event], start: usize) -> (Block, usize) {
        let mut block = Block::default();
        let mut at = start;
        while let Some(event) = events.get(at) {
            match event {
                Event::Read(_) | Event::Write(_) => {
                    block.push(events, Item::Access(at));
                    at += 1;
                }
                Event::Enter(_) => {
                    let (inner, end) = Block::new(events, at + 1);
                    block.push(events, Item::Loop(at, inner));
                    at = end;
                }
                Event::Leave => return (block, at + 1),
            }
        }
        (block, at)
    }

    fn push(&mut self, events: &[Event], item: Item) {
        let lanes = |item: &Item| events[item.event()].lanes();
        match self.stretches.last_mut() {
            Some(stretch) if lanes(&stretch[0]) == lanes(&item) => stretch.push(item),
            _ => self.stretches.push(vec![item]),
        }
    }

    /// What lane `lane` of the loop does. Lanes are walked in order, so that a cursor into each event is enough.
    fn run(&self, lane: u32, walk: &mut Walk<'_>, cursors: &mut [usize]) {
        let events = walk.events;
        let takes_part = |at: usize, cursors: &[usize]| events[at].lanes().get(cursors[at]) == Some(&lane);
        for stretch in &self.stretches {
            if !takes_part(stretch[0].event(), cursors) {
                continue;
            }
            for item in stretch {
                let at = item.event();
                while takes_part(at, cursors) {
                    match (item, &events[at]) {
                        (Item::Access(_), Event::Read(access) | Event::Write(access)) => {
                            walk.access(at, access, cursors[at]);
                        }
                        (Item::Loop(_, inner), _) => inner.run(cursors[at] as u32, walk, cursors),
                        _ => {}
                    }
                    cursors[at] += 1;
                }
            }
        }
    }
}

/// The state of a walk through all turns.
#[derive(Default)]
struct Walk<'a> {
    events: &'a [Event],
    /// The lane around the loop.
    instance: u32,
    /// Where the entries of a variable come from just now.
    state: Vec<State>,
    /// Per event, the number of its variable.
    variables: Vec<usize>,
    /// Per read, where its lanes come from.
    sources: Vec<Vec<Origin>>,
}

/// Where the entries of a variable come from just now, in one lane around the loop.
#[derive(Default)]
struct State {
    instance: u32,
    /// Per position; none where nothing has touched it.
    origins: Vec<Option<Origin>>,
    /// The positions that were touched.
    touched: Vec<u32>,
    before: Vec<Entry>,
    after: Vec<(Entry, NodeId, u32)>,
}

impl State {
    /// The origin of a position.
    fn origin(&mut self, instance: u32, position: u32) -> &mut Option<Origin> {
        if instance != self.instance {
            self.close();
            self.instance = instance;
        }
        let at = position as usize;
        if self.origins.len() <= at {
            self.origins.resize(at + 1, None);
        }
        if self.origins[at].is_none() {
            self.touched.push(position);
        }
        &mut self.origins[at]
    }

    /// Notes what was written last, and forgets all.
    fn close(&mut self) {
        self.touched.sort_unstable();
        for position in self.touched.drain(..) {
            if let Some(Origin::Written(node, lane)) = self.origins[position as usize].take() {
                self.after.push(((self.instance, position), node, lane));
            }
        }
    }
}

impl Walk<'_> {
    fn access(&mut self, event: usize, access: &Access, lane: usize) {
        let (instance, position) = (self.instance, access.positions[lane]);
        let state = &mut self.state[self.variables[event]];
        let n_before = state.before.len() as u32;
        let origin = state.origin(instance, position);
        if matches!(self.events[event], Event::Write(_)) {
            *origin = Some(Origin::Written(access.node, lane as u32));
            return;
        }
        let is_new = origin.is_none();
        let found = *origin.get_or_insert(Origin::Before(n_before));
        if is_new {
            state.before.push((instance, position));
        }
        self.sources[event].push(found);
    }

    fn finish(self, places: Vec<Place>) -> Resolved {
        let mut resolved = Resolved::default();
        for (event, sources) in self.events.iter().zip(self.sources) {
            if let Event::Read(access) = event {
                resolved.reads.push((access.node, access.place, Rc::clone(&access.turns), sources));
            }
        }
        for (place, mut state) in places.into_iter().zip(self.state) {
            state.close();
            if !state.before.is_empty() {
                resolved.before.insert(place, state.before);
            }
            if !state.after.is_empty() {
                resolved.after.insert(place, state.after);
            }
        }
        resolved
    }
}
