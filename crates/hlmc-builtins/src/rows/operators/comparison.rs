//! Comparisons and logic: 1 for true, 0 for false.

use hlmc_math::Real;

use crate::fault::Fault;
use crate::rows::row::whole;
use crate::table::{Call, Chapter, Function};
use crate::value::Value;

/// The signatures of an order comparison.
macro_rules! order_signatures {
    ($name:literal) => {
        &[
            concat!("int ", $name, "(int, int)"),
            concat!("int ", $name, "(int, real)"),
            concat!("int ", $name, "(real, int)"),
            concat!("int ", $name, "(real, real)"),
        ]
    };
}

/// The signatures of a comparison for equality, which complex numbers have too.
macro_rules! equality_signatures {
    ($name:literal) => {
        &[
            concat!("int ", $name, "(int, int)"),
            concat!("int ", $name, "(int, real)"),
            concat!("int ", $name, "(real, int)"),
            concat!("int ", $name, "(real, real)"),
            concat!("int ", $name, "(real, complex)"),
            concat!("int ", $name, "(complex, real)"),
            concat!("int ", $name, "(complex, complex)"),
        ]
    };
}

/// The signatures of an operation on two truth values.
macro_rules! logic_signatures {
    ($name:literal) => {
        &[concat!("int ", $name, "(int, int)")]
    };
}

/// The signatures of negation.
macro_rules! not_signatures {
    ($name:literal) => {
        &[concat!("int ", $name, "(int)")]
    };
}

/// The operator and the function of the same meaning.
macro_rules! pair {
    ($signatures:ident, $operator:literal, $function:literal, $test:expr, $doc:literal) => {
        [
            whole(Chapter::Operators, $operator, $signatures!($operator), |call| $test(call), $doc),
            whole(Chapter::Operators, $function, $signatures!($function), |call| $test(call), $doc),
        ]
    };
}

/// The rows of this file.
pub(super) fn rows<A: Real>() -> Vec<Function<A>> {
    let rows = [
        pair!(
            equality_signatures,
            "operator==",
            "logical_eq",
            |call| are_equal(call).map(truth),
            "1 if both are equal, otherwise 0."
        ),
        pair!(
            equality_signatures,
            "operator!=",
            "logical_neq",
            |call| are_equal(call).map(|equal| truth(!equal)),
            "1 if they differ, otherwise 0."
        ),
        pair!(
            order_signatures,
            "operator<",
            "logical_lt",
            |call| order(call, f64::lt),
            "1 if the first is less than the second, otherwise 0."
        ),
        pair!(
            order_signatures,
            "operator<=",
            "logical_lte",
            |call| order(call, f64::le),
            "1 if the first is at most the second, otherwise 0."
        ),
        pair!(
            order_signatures,
            "operator>",
            "logical_gt",
            |call| order(call, f64::gt),
            "1 if the first is greater than the second, otherwise 0."
        ),
        pair!(
            order_signatures,
            "operator>=",
            "logical_gte",
            |call| order(call, f64::ge),
            "1 if the first is at least the second, otherwise 0."
        ),
        pair!(not_signatures, "operator!", "logical_negation", |call| logic(call, |x| x[0] == 0), "1 for 0, else 0."),
        pair!(
            logic_signatures,
            "operator&&",
            "logical_and",
            |call| logic(call, |x| x.iter().all(|x| *x != 0)),
            "1 if neither is 0, otherwise 0. The operator does not evaluate its second operand where the first decides."
        ),
        pair!(
            logic_signatures,
            "operator||",
            "logical_or",
            |call| logic(call, |x| x.iter().any(|x| *x != 0)),
            "1 unless both are 0. The operator does not evaluate its second operand where the first decides."
        ),
    ];
    rows.into_iter().flatten().collect()
}

fn truth<A>(holds: bool) -> Value<A> {
    Value::Int(i64::from(holds))
}

fn order<A: Real>(call: &Call<'_, A>, test: fn(&f64, &f64) -> bool) -> Result<Value<A>, Fault> {
    Ok(truth(test(&call.real(0)?.value(), &call.real(1)?.value())))
}

/// Equality of values; derivatives do not matter.
fn are_equal<A: Real>(call: &Call<'_, A>) -> Result<bool, Fault> {
    let parts = |i: usize| match call.argument(i)? {
        Value::Complex(z) => Ok((z.re.value(), z.im.value())),
        _ => Ok((call.real(i)?.value(), 0.0)),
    };
    Ok(parts(0)? == parts(1)?)
}

fn logic<A: Real>(call: &Call<'_, A>, test: fn(&[i64]) -> bool) -> Result<Value<A>, Fault> {
    let operands: Vec<i64> = (0..call.arguments.len()).map(|i| call.int(i)).collect::<Result<_, _>>()?;
    Ok(truth(test(&operands)))
}
