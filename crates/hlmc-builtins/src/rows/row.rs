//! Short ways to write a row.

use hlmc_math::Real;

use crate::fault::Fault;
use crate::signature::Signature;
use crate::table::{Call, Chapter, Function, Implementation};
use crate::value::Value;

/// What a row that sees its arguments whole does.
pub(super) type Whole<A> = fn(&mut Call<'_, A>) -> Result<Value<A>, Fault>;

/// A function that sees its arguments whole, with the signatures listed in Stan's notation.
pub(super) fn whole<A: Real>(
    chapter: Chapter,
    name: &'static str,
    signatures: &'static [&'static str],
    f: Whole<A>,
    doc: &'static str,
) -> Function<A> {
    with_signature(chapter, name, Signature::Listed(signatures), f, doc)
}

/// A function that sees its arguments whole, with any signature.
pub(super) fn with_signature<A: Real>(
    chapter: Chapter,
    name: &'static str,
    signature: Signature,
    f: Whole<A>,
    doc: &'static str,
) -> Function<A> {
    Function { name, signature, implementation: Implementation::Whole(f), chapter, doc, cases: &[] }
}
