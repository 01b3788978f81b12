//! Operators, under the names `operator+` and so on, and the functions that mean the same (`add`, `multiply`, ...).
//!
//! A unary operator has the name of its binary one and takes one argument. The engines compute the most frequent cases
//! (two ints or two reals) by themselves; these rows are what they agree with. Linear systems (`A / B`, `A \ B` of
//! matrices) are in the chapter of matrices.

mod arithmetic;
mod comparison;
mod entrywise;
mod integer;
pub(super) mod products;
mod unary;

use hlmc_math::Real;

use crate::table::Function;

/// The rows of this chapter.
pub(super) fn rows<A: Real>() -> Vec<Function<A>> {
    let files = [arithmetic::rows(), products::rows(), comparison::rows(), integer::rows(), unary::rows()];
    files.into_iter().flatten().collect()
}
