//! Cholesky factors, and systems with positive definite and triangular matrices.

use hlmc_math::linear_algebra as la;
use hlmc_math::{Real, linear_algebra::MatrixRef as View};

use super::calls::{number_of_matrices, of_matrices};
use super::matrix;
use crate::table::{Call, Function};
use crate::value::Kind;

/// The signatures of the solution of a system, the matrix on the left.
macro_rules! left_signatures {
    ($name:literal) => {
        &[concat!("vector ", $name, "(matrix, vector)"), concat!("matrix ", $name, "(matrix, matrix)")]
    };
}

/// The signatures of the solution of a system, the matrix on the right.
macro_rules! right_signatures {
    ($name:literal) => {
        &[concat!("row_vector ", $name, "(row_vector, matrix)"), concat!("matrix ", $name, "(matrix, matrix)")]
    };
}
pub(super) use {left_signatures, right_signatures};

/// The rows of this file.
pub(super) fn rows<A: Real>() -> Vec<Function<A>> {
    vec![
        matrix(
            "cholesky_decompose",
            &["matrix cholesky_decompose(matrix)"],
            |call| of_matrices!(call, Kind::Matrix, |m| la::cholesky(m[0])),
            "The lower triangular l with positive diagonal and l * l' = m. Rejects an m that is not symmetric and \
             positive definite.",
        ),
        matrix(
            "inverse_spd",
            &["matrix inverse_spd(matrix)"],
            |call| of_matrices!(call, Kind::Matrix, |m| la::inverse_spd(m[0])),
            "The inverse of a symmetric positive definite matrix. Rejects others.",
        ),
        matrix(
            "chol2inv",
            &["matrix chol2inv(matrix)"],
            |call| of_matrices!(call, Kind::Matrix, |m| la::inverse_from_cholesky(m[0])),
            "The inverse of l * l', where l is lower triangular.",
        ),
        matrix(
            "log_determinant_spd",
            &["real log_determinant_spd(matrix)"],
            |call| number_of_matrices!(call, |m| la::log_determinant_spd(m[0])),
            "The logarithm of the determinant of a symmetric positive definite matrix. Rejects others.",
        ),
        matrix(
            "mdivide_left_spd",
            left_signatures!("mdivide_left_spd"),
            |call| of_matrices!(call, kind_of(call, 1), |m| la::solve_spd(m[0], m[1])),
            "inverse_spd(a) * b for a symmetric positive definite a. Rejects others.",
        ),
        matrix(
            "mdivide_right_spd",
            right_signatures!("mdivide_right_spd"),
            |call| {
                of_matrices!(call, kind_of(call, 0), |m| {
                    Ok(la::solve_spd(m[1], m[0].transpose().view())?.view().transpose())
                })
            },
            "b * inverse_spd(a), called as mdivide_right_spd(b, a), for a symmetric positive definite a. Rejects others.",
        ),
        matrix(
            "mdivide_left_tri_low",
            left_signatures!("mdivide_left_tri_low"),
            |call| of_matrices!(call, kind_of(call, 1), |m| la::solve_lower(m[0], m[1])),
            "inverse(l) * b, where l is the lower triangle of the first argument.",
        ),
        matrix(
            "mdivide_right_tri_low",
            right_signatures!("mdivide_right_tri_low"),
            |call| {
                of_matrices!(call, kind_of(call, 0), |m: &[View<'_, _>]| {
                    Ok(la::solve_lower_transposed(m[1], m[0].transpose().view())?.view().transpose())
                })
            },
            "b * inverse(l), called as mdivide_right_tri_low(b, l), where l is the lower triangle of the second argument.",
        ),
    ]
}

/// The kind of an argument, which that of the result follows.
pub(super) fn kind_of<A: Real>(call: &Call<'_, A>, i: usize) -> Kind {
    call.argument(i).map_or(Kind::Matrix, |value| value.kind())
}
