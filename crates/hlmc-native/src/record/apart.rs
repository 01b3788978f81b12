//! Tuples that the turns of a loop write slot by slot: while the loop is recorded, every slot is a variable of its own.

use std::rc::Rc;

use hlmc_check::ir::{Place, Statement};

use super::Recorder;
use super::ahead::tuples_handed_on;
use super::stop::{Recorded, unsupported};
use super::symbol::Symbol;

impl Recorder<'_> {
    /// Takes apart the tuples from outside that a loop's body hands on from turn to turn; gives those.
    pub(super) fn take_apart(&mut self, body: &[Statement]) -> Recorded<Vec<Place>> {
        let mut apart = Vec::new();
        for place in tuples_handed_on(body) {
            // What a loop around watches, that has taken apart.
            if self.watching_loop(self.depth(place)).is_none() {
                self.take_apart_one(place, &mut apart)?;
            }
        }
        Ok(apart)
    }

    fn take_apart_one(&mut self, place: Place, apart: &mut Vec<Place>) -> Recorded<()> {
        let Ok(Symbol::Tuple(slots)) = self.variable(place).cloned() else { return Ok(()) };
        if self.frame.apart.contains_key(&place) {
            return Ok(());
        }
        let slots: Rc<[Place]> = slots.iter().map(|slot| self.hidden(slot.clone())).collect::<Recorded<_>>()?;
        self.frame.apart.insert(place, Rc::clone(&slots));
        apart.push(place);
        slots.iter().try_for_each(|slot| self.take_apart_one(*slot, apart))
    }

    /// Makes tuples of the slots again, if the loop was recorded.
    pub(super) fn put_together(&mut self, apart: &[Place], is_recorded: bool) -> Recorded<()> {
        for place in apart.iter().rev() {
            let Some(slots) = self.frame.apart.remove(place) else { continue };
            if is_recorded {
                let slots = slots.iter().map(|slot| self.variable(*slot).cloned());
                let tuple = Symbol::Tuple(Rc::new(slots.collect::<Recorded<_>>()?));
                // Where the branches around are not taken, it stays what it was.
                self.store_variable(*place, &tuple)?;
            }
        }
        Ok(())
    }

    /// Calls `f` with the variables that are the slots of a tuple, and of tuples within it.
    pub(super) fn slots_within(&self, tuple: Place, f: &mut dyn FnMut(Place)) {
        for slot in self.frame.apart.get(&tuple).into_iter().flat_map(|slots| slots.iter()) {
            f(*slot);
            self.slots_within(*slot, f);
        }
    }

    /// The variable that is a slot of a tuple, if that is taken apart.
    pub(super) fn slot_apart(&self, tuple: Place, slot: usize) -> Recorded<Option<Place>> {
        match self.frame.apart.get(&tuple) {
            Some(slots) => match slots.get(slot) {
                Some(place) => Ok(Some(*place)),
                None => unsupported("a slot that a tuple does not have"),
            },
            None => Ok(None),
        }
    }
}
