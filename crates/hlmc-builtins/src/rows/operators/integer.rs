//! Operators of integers only: `%/%` and `%`.

use hlmc_math::Real;

use super::entrywise::no_int;
use crate::fault::Fault;
use crate::rows::row::whole;
use crate::table::{Call, Chapter, Function};
use crate::value::Value;

const MODULUS: &str = "The remainder of the division towards zero: its sign is that of the first operand. A second \
                       operand of 0 is an error.";

/// The rows of this file.
pub(super) fn rows<A: Real>() -> Vec<Function<A>> {
    vec![
        whole(
            Chapter::Operators,
            "operator%/%",
            &["int operator%/%(int, int)"],
            |call| integer(call, i64::checked_div),
            "The quotient of integers, towards zero. A second operand of 0 is an error.",
        ),
        whole(
            Chapter::Operators,
            "operator%",
            &["int operator%(int, int)"],
            |call| integer(call, i64::checked_rem),
            MODULUS,
        ),
        whole(
            Chapter::Operators,
            "modulus",
            &["int modulus(int, int)"],
            |call| integer(call, i64::checked_rem),
            MODULUS,
        ),
    ]
}

fn integer<A: Real>(call: &Call<'_, A>, f: fn(i64, i64) -> Option<i64>) -> Result<Value<A>, Fault> {
    let (x, y) = (call.int(0)?, call.int(1)?);
    f(x, y).map(Value::Int).ok_or_else(|| no_int(x, y))
}
