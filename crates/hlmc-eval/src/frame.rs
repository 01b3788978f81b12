//! Where variables live at run time.

use std::borrow::Cow;
use std::sync::Arc;

use hlmc_builtins::Value;
use hlmc_check::ir::Place;
use hlmc_math::Real;

/// The variables that the running block or function sees. Arguments of functions are borrowed from the caller: the
/// language passes by value, but nothing can be assigned to an argument.
#[derive(Clone, Debug)]
pub(crate) struct Frame<'a, A: Real> {
    /// Data and transformed data, which all who evaluate a model share; empty inside functions, which cannot see them.
    pub(crate) data: Vec<Arc<Value<A>>>,
    /// Parameters, transformed parameters and generated quantities; empty inside functions.
    pub(crate) model: Vec<Value<A>>,
    /// Locals, loop variables and arguments.
    pub(crate) locals: Vec<Cow<'a, Value<A>>>,
    /// What a `return` hands out.
    pub(crate) result: Option<Value<A>>,
    /// True where `~` and `_lupdf` drop constant terms.
    pub(crate) propto: bool,
}

/// What a slot holds before its declaration has run.
pub(crate) fn unset<A: Real>() -> Value<A> {
    Value::Int(0)
}

impl<'a, A: Real> Frame<'a, A> {
    pub(crate) fn new(propto: bool) -> Self {
        Frame { data: Vec::new(), model: Vec::new(), locals: Vec::new(), result: None, propto }
    }

    /// Makes room for the locals of a body; what slots held before is left for its declarations to reuse.
    pub(crate) fn reserve(&mut self, n_locals: u32) {
        let wanted = (n_locals as usize).max(self.locals.len());
        self.locals.resize_with(wanted, || Cow::Owned(unset()));
    }

    #[inline]
    pub(crate) fn get(&self, place: Place) -> Option<&Value<A>> {
        match place {
            Place::Data(i) => self.data.get(i as usize).map(|slot| &**slot),
            Place::Model(i) => self.model.get(i as usize),
            Place::Local(i) => self.locals.get(i as usize).map(|slot| &**slot),
        }
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, place: Place) -> Option<&mut Value<A>> {
        match place {
            Place::Data(i) => self.data.get_mut(i as usize).map(Arc::make_mut),
            Place::Model(i) => self.model.get_mut(i as usize),
            Place::Local(i) => self.locals.get_mut(i as usize).map(Cow::to_mut),
        }
    }

    /// Overwrites a place; false when there is none.
    #[inline]
    pub(crate) fn set(&mut self, place: Place, value: Value<A>) -> bool {
        match place {
            Place::Local(i) => match self.locals.get_mut(i as usize) {
                Some(slot) => *slot = Cow::Owned(value),
                None => return false,
            },
            _ => match self.get_mut(place) {
                Some(slot) => *slot = value,
                None => return false,
            },
        }
        true
    }
}
