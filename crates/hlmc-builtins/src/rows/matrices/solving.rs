//! General square matrices: linear systems, inverses and determinants.

use hlmc_math::Real;
use hlmc_math::linear_algebra as la;

use super::calls::{number_of_matrices, of_matrices};
use super::cholesky::{kind_of, left_signatures, right_signatures};
use super::matrix;
use crate::table::{Chapter, Function};
use crate::value::Kind;

const LEFT: &str = "inverse(a) * b for a square a; the operator `a \\ b` is the same.";
const RIGHT: &str = "b * inverse(a) for a square a, called as mdivide_right(b, a); the operator `b / a` is the same.";

/// The rows of this file.
pub(super) fn rows<A: Real>() -> Vec<Function<A>> {
    let operator = |name, signatures, f, doc| crate::rows::row::whole(Chapter::Operators, name, signatures, f, doc);
    vec![
        operator(
            "operator\\",
            left_signatures!("operator\\"),
            |call| of_matrices!(call, kind_of(call, 1), |m| la::solve(m[0], m[1])),
            "inverse(a) * b for a square a.",
        ),
        operator(
            "operator/",
            right_signatures!("operator/"),
            |call| of_matrices!(call, kind_of(call, 0), |m| la::solve_right(m[0], m[1])),
            "b * inverse(a) for a square a.",
        ),
        matrix(
            "mdivide_left",
            left_signatures!("mdivide_left"),
            |call| of_matrices!(call, kind_of(call, 1), |m| la::solve(m[0], m[1])),
            LEFT,
        ),
        matrix(
            "mdivide_right",
            right_signatures!("mdivide_right"),
            |call| of_matrices!(call, kind_of(call, 0), |m| la::solve_right(m[0], m[1])),
            RIGHT,
        ),
        matrix(
            "inverse",
            &["matrix inverse(matrix)"],
            |call| of_matrices!(call, Kind::Matrix, |m| la::inverse(m[0])),
            "The inverse of a square matrix; not finite if it is singular.",
        ),
        matrix(
            "determinant",
            &["real determinant(matrix)"],
            |call| number_of_matrices!(call, |m| la::determinant(m[0])),
            "The determinant of a square matrix; 1 of an empty one.",
        ),
        matrix(
            "log_determinant",
            &["real log_determinant(matrix)"],
            |call| number_of_matrices!(call, |m| la::log_determinant(m[0])),
            "The logarithm of the absolute value of the determinant of a square matrix.",
        ),
    ]
}
