//! Eigenvalues and eigenvectors of general matrices: complex, even of real ones.

use hlmc_math::Real;
use hlmc_math::linear_algebra::{GeneralEigen, eigen_general};
use num_complex::Complex;

use super::row::whole;
use crate::arguments::wrong_type;
use crate::fault::Fault;
use crate::table::{Call, Chapter, Function};
use crate::value::{Complexes, Dims, Kind, Value};

/// The rows of this file.
pub(super) fn rows<A: Real>() -> Vec<Function<A>> {
    vec![
        whole(
            Chapter::Complex,
            "eigenvalues",
            &["complex_vector eigenvalues(complex_matrix)"],
            |call| Ok(values(decomposed(call)?)),
            "The eigenvalues of a square matrix.",
        ),
        whole(
            Chapter::Complex,
            "eigenvectors",
            &["complex_matrix eigenvectors(complex_matrix)"],
            |call| Ok(vectors(&decomposed(call)?)),
            "The eigenvectors of a square matrix as columns of length 1, in the order of the eigenvalues.",
        ),
        whole(
            Chapter::Complex,
            "eigendecompose",
            &["tuple(complex_matrix, complex_vector) eigendecompose(complex_matrix)"],
            |call| {
                let found = decomposed(call)?;
                Ok(Value::Tuple(vec![vectors(&found), values(found)]))
            },
            "The eigenvectors and eigenvalues of a square matrix.",
        ),
    ]
}

fn decomposed<A: Real>(call: &Call<'_, A>) -> Result<GeneralEigen<A>, Fault> {
    let Value::Complexes(t) = call.argument(0)? else { return Err(wrong_type(0, "a matrix")) };
    match *t.dims.as_slice() {
        [rows, cols] if rows == cols => {
            eigen_general(&t.entries, rows).map_err(|error| Fault::rejection(error.to_string()))
        }
        [rows, cols] => Err(Fault::fatal(format!("the matrix must be square, but is {rows} by {cols}"))),
        _ => Err(wrong_type(0, "a matrix")),
    }
}

fn values<A: Real>(found: GeneralEigen<A>) -> Value<A> {
    let dims = Dims::from_elem(found.values.len(), 1);
    Value::Complexes(Complexes { kind: Kind::Vector, dims, entries: found.values })
}

fn vectors<A: Real>(found: &GeneralEigen<A>) -> Value<A> {
    let dims = Dims::from_elem(found.values.len(), 2);
    let entries: Vec<Complex<A>> = found.vectors.concat();
    Value::Complexes(Complexes { kind: Kind::Matrix, dims, entries })
}
