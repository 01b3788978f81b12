//! Entries of a container that every lane has for itself, at positions that differ between lanes.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::Recorder;
use super::loops::int_lanes;
use super::selection::Selection;
use super::stop::{Recorded, Stop, unsupported};
use super::symbol::{Cells, Entries, Symbol};

/// Real entries that one assignment may reach, lane by lane: each becomes a selection.
const MAX_ENTRIES: usize = 32;

impl Recorder<'_> {
    /// The selected entries of a container of ints, which stay ints; `None` for other containers.
    pub(super) fn take_ints_by_lane(&self, container: &Symbol, selection: &Selection) -> Option<Symbol> {
        let Symbol::Cells(Cells { entries: Entries::Each(each), .. }) = container else { return None };
        let int = |at: u32, lane: usize| match each.get(at as usize)? {
            Symbol::Int(i) => Some(*i),
            Symbol::LaneInt(lanes) => lanes.get(lane).copied(),
            _ => None,
        };
        let entry = |i: usize| {
            let positions = selection.positions(i).into_iter().enumerate();
            positions.map(|(lane, at)| int(at, lane)).collect::<Option<Rc<[i64]>>>().map(Symbol::LaneInt)
        };
        let taken = (0..selection.len()).map(entry).collect::<Option<Vec<Symbol>>>()?;
        Some(self.build(selection, taken))
    }

    /// A container with other entries replaced in every lane.
    pub(super) fn replace_by_lane(
        &mut self,
        container: &Symbol,
        selection: &Selection,
        value: &Symbol,
    ) -> Recorded<Symbol> {
        let (kind, dims) = container.shape();
        let new = self.each(value)?;
        if new.len() != selection.len() {
            return unsupported("an assignment of another size");
        }
        let mut each = self.each(container)?;
        let entries = Rc::make_mut(&mut each);
        for (i, value) in new.iter().enumerate() {
            let mut lanes_at: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
            for (lane, at) in selection.positions(i).into_iter().enumerate() {
                lanes_at.entry(at).or_default().push(lane);
            }
            let is_many = lanes_at.len() > MAX_ENTRIES;
            for (at, lanes) in lanes_at {
                let Some(entry) = entries.get_mut(at as usize) else { return unsupported("an index out of range") };
                *entry = match self.ints_replaced(entry, &lanes, value) {
                    Some(ints) => ints,
                    None if is_many => {
                        return Err(Stop::Dependent("iterations write different entries of a container of their own"));
                    }
                    None => self.replaced(entry, &lanes, value)?,
                };
            }
        }
        Ok(Symbol::Cells(Cells { kind, dims, entries: Entries::Each(each) }))
    }

    /// An int that has another value in some lanes; `None` where one of them is no int.
    fn ints_replaced(&self, before: &Symbol, lanes: &[usize], value: &Symbol) -> Option<Symbol> {
        let (mut all, new) = (int_lanes(before, self.lanes())?, int_lanes(value, self.lanes())?);
        lanes.iter().for_each(|lane| all[*lane] = new[*lane]);
        Some(Symbol::LaneInt(all.into()))
    }

    /// A number that has another value in some lanes.
    fn replaced(&mut self, before: &Symbol, lanes: &[usize], value: &Symbol) -> Recorded<Symbol> {
        let mut mask = vec![0.0; self.lanes()];
        lanes.iter().for_each(|lane| mask[*lane] = 1.0);
        let mask = self.graph.known(&mask);
        self.choose(mask, value, before)
    }
}
