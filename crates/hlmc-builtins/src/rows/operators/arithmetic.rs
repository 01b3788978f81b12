//! `+`, `-`, `.*`, `./` and `/` by a scalar.

use hlmc_math::Real;

use super::entrywise::{Arithmetic, Operation, entrywise};
use crate::rows::row::whole;
use crate::table::{Chapter, Function};

struct Add;
struct Subtract;
pub(super) struct Multiply;
struct Divide;

impl Operation for Add {
    fn apply<T: Arithmetic>(x: T, y: T) -> T {
        x + y
    }
    fn apply_int(x: i64, y: i64) -> Option<i64> {
        x.checked_add(y)
    }
}

impl Operation for Subtract {
    fn apply<T: Arithmetic>(x: T, y: T) -> T {
        x - y
    }
    fn apply_int(x: i64, y: i64) -> Option<i64> {
        x.checked_sub(y)
    }
}

impl Operation for Multiply {
    fn apply<T: Arithmetic>(x: T, y: T) -> T {
        x * y
    }
    fn apply_int(x: i64, y: i64) -> Option<i64> {
        x.checked_mul(y)
    }
}

impl Operation for Divide {
    fn apply<T: Arithmetic>(x: T, y: T) -> T {
        x / y
    }
    fn apply_int(x: i64, y: i64) -> Option<i64> {
        x.checked_div(y)
    }
}

/// The signatures of an operation on entries, both ways round with a scalar.
macro_rules! entrywise_signatures {
    ($name:literal) => {
        &[
            concat!("int ", $name, "(int, int)"),
            concat!("real ", $name, "(real, real)"),
            concat!("complex ", $name, "(complex, complex)"),
            concat!("vector ", $name, "(vector, vector)"),
            concat!("vector ", $name, "(real, vector)"),
            concat!("vector ", $name, "(vector, real)"),
            concat!("row_vector ", $name, "(row_vector, row_vector)"),
            concat!("row_vector ", $name, "(real, row_vector)"),
            concat!("row_vector ", $name, "(row_vector, real)"),
            concat!("matrix ", $name, "(matrix, matrix)"),
            concat!("matrix ", $name, "(real, matrix)"),
            concat!("matrix ", $name, "(matrix, real)"),
            concat!("complex_vector ", $name, "(complex_vector, complex_vector)"),
            concat!("complex_vector ", $name, "(complex, complex_vector)"),
            concat!("complex_vector ", $name, "(complex_vector, complex)"),
            concat!("complex_row_vector ", $name, "(complex_row_vector, complex_row_vector)"),
            concat!("complex_row_vector ", $name, "(complex, complex_row_vector)"),
            concat!("complex_row_vector ", $name, "(complex_row_vector, complex)"),
            concat!("complex_matrix ", $name, "(complex_matrix, complex_matrix)"),
            concat!("complex_matrix ", $name, "(complex, complex_matrix)"),
            concat!("complex_matrix ", $name, "(complex_matrix, complex)"),
        ]
    };
}

/// The signatures of division, which takes a container by a scalar and, but for `operator/`, the reverse.
macro_rules! division_signatures {
    ($name:literal) => {
        &[
            concat!("int ", $name, "(int, int)"),
            concat!("real ", $name, "(real, real)"),
            concat!("complex ", $name, "(complex, complex)"),
            concat!("vector ", $name, "(vector, real)"),
            concat!("vector ", $name, "(real, vector)"),
            concat!("row_vector ", $name, "(row_vector, real)"),
            concat!("row_vector ", $name, "(real, row_vector)"),
            concat!("matrix ", $name, "(matrix, real)"),
            concat!("matrix ", $name, "(real, matrix)"),
            concat!("complex_vector ", $name, "(complex_vector, complex)"),
            concat!("complex_vector ", $name, "(complex, complex_vector)"),
            concat!("complex_row_vector ", $name, "(complex_row_vector, complex)"),
            concat!("complex_row_vector ", $name, "(complex, complex_row_vector)"),
            concat!("complex_matrix ", $name, "(complex_matrix, complex)"),
            concat!("complex_matrix ", $name, "(complex, complex_matrix)"),
        ]
    };
}

/// The operator and the function of the same meaning, with one documentation.
macro_rules! pair {
    ($operation:ty, $signatures:ident, $operator:literal, $function:literal, $doc:literal) => {
        [
            whole(
                Chapter::Operators,
                $operator,
                $signatures!($operator),
                |call| entrywise::<A, $operation>(call.argument(0)?, call.argument(1)?),
                $doc,
            ),
            whole(
                Chapter::Operators,
                $function,
                $signatures!($function),
                |call| entrywise::<A, $operation>(call.argument(0)?, call.argument(1)?),
                $doc,
            ),
        ]
    };
}

/// The rows of this file.
pub(super) fn rows<A: Real>() -> Vec<Function<A>> {
    let rows = [
        pair!(Add, entrywise_signatures, "operator+", "add", "The sum, entry by entry; a scalar is added to each."),
        pair!(
            Subtract,
            entrywise_signatures,
            "operator-",
            "subtract",
            "The difference, entry by entry; a scalar goes with each."
        ),
        pair!(
            Multiply,
            entrywise_signatures,
            "operator.*",
            "elt_multiply",
            "The product, entry by entry; a scalar multiplies each."
        ),
        pair!(
            Divide,
            entrywise_signatures,
            "operator./",
            "elt_divide",
            "The quotient, entry by entry; integers are divided towards zero, and division of an integer by 0 is an error."
        ),
        pair!(
            Divide,
            division_signatures,
            "operator/",
            "divide",
            "The quotient of scalars, and of each entry by a scalar; integers are divided towards zero, and division of \
         an integer by 0 is an error."
        ),
    ];
    rows.into_iter().flatten().collect()
}
