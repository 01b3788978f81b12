//! Where control goes after a statement: on, or out of its block, in all lanes alike or in each its own way.

use super::Recorder;
use super::stop::Recorded;
use super::symbol::Symbol;

/// What a statement does to the flow of control.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Flow {
    /// The next statement follows.
    Next,
    /// The loop ends.
    Break,
    /// The loop goes on with its next turn.
    Continue,
    /// The function ends.
    Return(Option<Symbol>),
    /// Lanes go different ways: every lane is on one of the ways.
    Split(Vec<Way>),
}

/// Lanes that go the same way.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Way {
    /// The lanes, in order.
    pub(super) lanes: Vec<u32>,
    /// Where they go; no split.
    pub(super) flow: Flow,
}

impl Flow {
    /// The ways that lanes go which took part in a statement.
    pub(super) fn ways(self, taking: &[u32]) -> Vec<Way> {
        let Flow::Split(mut ways) = self else { return vec![Way { lanes: taking.to_vec(), flow: self }] };
        for way in &mut ways {
            way.lanes.iter_mut().for_each(|lane| *lane = taking[*lane as usize]);
        }
        ways
    }

    /// Where lanes go of which each is on one of these ways; ways without lanes do not count.
    pub(super) fn joined(mut ways: Vec<Way>) -> Flow {
        ways.retain(|way| !way.lanes.is_empty());
        match &ways[..] {
            [] => Flow::Next,
            [only] => only.flow.clone(),
            // Returned values are each for the lanes of their way.
            [first, others @ ..] if !matches!(first.flow, Flow::Return(Some(_))) => {
                let is_one_way = others.iter().all(|other| other.flow == first.flow);
                if is_one_way { first.flow.clone() } else { Flow::Split(ways) }
            }
            _ => Flow::Split(ways),
        }
    }
}

/// The lanes that a loop goes on for, turn by turn.
#[derive(Clone, Debug)]
pub(super) struct Going {
    /// In order.
    pub(super) lanes: Vec<u32>,
    returned: Vec<Way>,
}

impl Going {
    /// A loop of so many lanes begins.
    pub(super) fn all(lanes: usize) -> Self {
        Going { lanes: (0..lanes as u32).collect(), returned: Vec::new() }
    }

    /// A turn is over, in which these lanes took part.
    pub(super) fn after(&mut self, taking: &[u32], flow: Flow) {
        for way in flow.ways(taking) {
            if matches!(way.flow, Flow::Next | Flow::Continue) {
                continue;
            }
            self.lanes.retain(|lane| way.lanes.binary_search(lane).is_err());
            if let Flow::Return(_) = way.flow {
                self.returned.push(way);
            }
        }
    }

    /// The loop of so many lanes is over.
    pub(super) fn flow(mut self, lanes: usize) -> Flow {
        let is_back = |lane: &u32| self.returned.iter().any(|way| way.lanes.binary_search(lane).is_ok());
        let next = (0..lanes as u32).filter(|lane| !is_back(lane)).collect();
        self.returned.push(Way { lanes: next, flow: Flow::Next });
        Flow::joined(self.returned)
    }
}

impl Recorder<'_> {
    /// What a function returns where lanes return from different places; nothing if it returns nothing.
    pub(super) fn returned_by_lanes(&mut self, ways: Vec<Way>) -> Recorded<Symbol> {
        let mut all: Option<(Vec<u32>, Symbol)> = None;
        for Way { lanes, flow } in ways {
            let Flow::Return(Some(value)) = flow else { return Ok(Symbol::Real(f64::NAN)) };
            let Some((before, values)) = all else {
                all = Some((lanes, value));
                continue;
            };
            let mut both = [&before[..], &lanes].concat();
            both.sort_unstable();
            // Lanes by their place among those that have returned so far.
            let places = |lanes: &[u32]| -> Vec<u32> {
                lanes.iter().map(|lane| both.partition_point(|other| other < lane) as u32).collect()
            };
            let merged = self.merge(&values, &places(&before), &value, &places(&lanes))?;
            all = Some((both, merged));
        }
        Ok(all.map_or(Symbol::Real(f64::NAN), |(_, value)| value))
    }
}
