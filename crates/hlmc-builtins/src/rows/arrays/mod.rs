//! Reductions, and functions that make, cut, join, sort and convert arrays and vectors.

mod converting;
mod joining;
mod making;
mod products;
mod reductions;
mod sizes;
mod slicing;
mod softmax;
mod sorting;
mod statistics;

use hlmc_math::Real;

use super::row::{Whole, with_signature};
use crate::signature::{Fit, Signature};
use crate::table::{Chapter, Function};
use crate::types::Type;

/// The rows of this chapter.
pub(super) fn rows<A: Real>() -> Vec<Function<A>> {
    let files = [
        reductions::rows(),
        statistics::rows(),
        products::rows(),
        softmax::rows(),
        sizes::rows(),
        making::rows(),
        slicing::rows(),
        joining::rows(),
        sorting::rows(),
        converting::rows(),
    ];
    files.into_iter().flatten().collect()
}

/// A row of this chapter.
fn array<A: Real>(
    name: &'static str,
    signatures: &'static [&'static str],
    f: Whole<A>,
    doc: &'static str,
) -> Function<A> {
    super::row::whole(Chapter::Arrays, name, signatures, f, doc)
}

/// A row of this chapter whose signatures are no finite list.
fn array_by_rule<A: Real>(
    name: &'static str,
    resolve: fn(&[Type]) -> Option<Fit>,
    words: &'static [&'static str],
    f: Whole<A>,
    doc: &'static str,
) -> Function<A> {
    with_signature(Chapter::Arrays, name, Signature::Rule { resolve, words }, f, doc)
}

/// Calls a function that is generic over the number on plain numbers where the entries are, and gives a number of the
/// engine.
macro_rules! on_entries {
    ($entries:expr, $f:expr, $g:expr) => {
        match $entries {
            crate::value::Entries::Data(entries) => A::constant($f(entries)),
            crate::value::Entries::Auto(entries) => $g(entries),
        }
    };
}
use on_entries;
