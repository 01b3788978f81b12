//! Functions of vectors and matrices: parts, products, linear systems, decompositions, covariance functions.
//!
//! The algorithms are in [`hlmc_math::linear_algebra`]; here are signatures, sizes and which results are data.

mod calls;
mod cholesky;
mod decompositions;
mod gaussian_process;
mod products;
mod scaling;
mod solving;
mod sparse;
mod structure;

use hlmc_math::Real;

use super::row::Whole;
use crate::fault::Fault;
use crate::table::{Chapter, Function};

/// The rows of this chapter.
pub(super) fn rows<A: Real>() -> Vec<Function<A>> {
    let files = [
        structure::rows(),
        scaling::rows(),
        products::rows(),
        sparse::rows(),
        gaussian_process::rows(),
        cholesky::rows(),
        solving::rows(),
        decompositions::rows(),
    ];
    files.into_iter().flatten().collect()
}

/// A row of this chapter.
fn matrix<A: Real>(
    name: &'static str,
    signatures: &'static [&'static str],
    f: Whole<A>,
    doc: &'static str,
) -> Function<A> {
    super::row::whole(Chapter::Matrices, name, signatures, f, doc)
}

/// How far an entry may be from its mirror image: Stan's `CONSTRAINT_TOLERANCE`.
const SYMMETRY_TOLERANCE: f64 = 1e-8;

/// Rejects an `n` by `n` matrix that is not symmetric.
fn check_symmetric(entries: &[f64], n: usize) -> Result<(), Fault> {
    for j in 0..n {
        for i in 0..j {
            let (upper, lower) = (entries[j * n + i], entries[i * n + j]);
            let difference = (upper - lower).abs();
            if difference.is_nan() || difference > SYMMETRY_TOLERANCE {
                let (i, j) = (i + 1, j + 1);
                let message =
                    format!("the matrix is not symmetric: entry [{i}, {j}] is {upper}, but [{j}, {i}] {lower}");
                return Err(Fault::rejection(message));
            }
        }
    }
    Ok(())
}
