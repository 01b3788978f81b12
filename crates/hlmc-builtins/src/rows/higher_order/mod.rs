//! Functions that take a function of the program: differential equations, quadrature, systems of equations, sums and maps
//! that could run in parallel.
//!
//! The numerics are in [`hlmc_math`]; here the function of the program becomes what they call. Solutions carry the
//! derivatives of everything that they depend on, limits and times included.

mod inputs;
mod maps;
mod ode;
mod quadrature;
mod roots;

use hlmc_math::Real;
use smallvec::SmallVec;

use super::row::{Whole, with_signature};
use crate::fault::Fault;
use crate::signature::{HigherOrder, Signature};
use crate::table::{Call, Callback, Chapter, Function};
use crate::value::Value;

/// The rows of this chapter.
pub(super) fn rows<A: Real>() -> Vec<Function<A>> {
    let files = [ode::rows(), quadrature::rows(), roots::rows(), maps::rows()];
    files.into_iter().flatten().collect()
}

/// A row of this chapter.
fn higher_order<A: Real>(
    name: &'static str,
    shape: &'static HigherOrder,
    f: Whole<A>,
    doc: &'static str,
) -> Function<A> {
    with_signature(Chapter::HigherOrder, name, Signature::HigherOrder(shape), f, doc)
}

/// A function of the program with the arguments that it takes behind its own.
struct Handed<'c, 'a, A: Real> {
    callback: &'c mut (dyn Callback<A> + 'a),
    extra: &'a [&'a Value<A>],
}

impl<'c, 'a, A: Real> Handed<'c, 'a, A> {
    /// The function of the call, whose extra arguments start at `first_extra`.
    fn of(call: &'c mut Call<'a, A>, first_extra: usize) -> Result<Self, Fault> {
        let extra = call.arguments.get(first_extra..).unwrap_or(&[]);
        let callback = call.callback.as_deref_mut().ok_or_else(|| Fault::fatal("needs a function to call"))?;
        Ok(Handed { callback, extra })
    }

    fn call(&mut self, own: &[&Value<A>]) -> Result<Value<A>, Fault> {
        let arguments: SmallVec<[&Value<A>; 8]> = own.iter().chain(self.extra).copied().collect();
        self.callback.call(&arguments)
    }

    /// Calls a function whose result is a number.
    fn real(&mut self, own: &[&Value<A>]) -> Result<A, Fault> {
        self.call(own)?.to_real().ok_or_else(|| Fault::fatal("the function must return a real number"))
    }

    /// Calls a function whose result is a vector or an array, and copies its entries.
    fn entries(&mut self, own: &[&Value<A>]) -> Result<Vec<A>, Fault> {
        match self.call(own)? {
            Value::Reals(t) => Ok(t.entries.to_auto().into_owned()),
            other => (0..other.n_entries())
                .map(|i| other.real_at(i).ok_or_else(|| Fault::fatal("the function must return real numbers")))
                .collect(),
        }
    }
}
