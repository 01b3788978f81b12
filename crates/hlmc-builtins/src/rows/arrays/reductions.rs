//! Sums, products and extremes over all entries.

use hlmc_math::Real;
use num_complex::Complex;

use super::{array, on_entries};
use crate::fault::Fault;
use crate::table::{Call, Function};
use crate::value::Value;

/// The signatures of a reduction that integers, reals and complex numbers have.
macro_rules! total_signatures {
    ($name:literal) => {
        &[
            concat!("int ", $name, "(array[] int)"),
            concat!("real ", $name, "(array[] real)"),
            concat!("real ", $name, "(vector)"),
            concat!("real ", $name, "(row_vector)"),
            concat!("real ", $name, "(matrix)"),
            concat!("complex ", $name, "(array[] complex)"),
            concat!("complex ", $name, "(complex_vector)"),
            concat!("complex ", $name, "(complex_row_vector)"),
            concat!("complex ", $name, "(complex_matrix)"),
        ]
    };
}

/// The signatures of a reduction that needs an order.
macro_rules! extreme_signatures {
    ($name:literal) => {
        &[
            concat!("int ", $name, "(array[] int)"),
            concat!("real ", $name, "(array[] real)"),
            concat!("real ", $name, "(vector)"),
            concat!("real ", $name, "(row_vector)"),
            concat!("real ", $name, "(matrix)"),
        ]
    };
}

/// The rows of this file.
pub(super) fn rows<A: Real>() -> Vec<Function<A>> {
    vec![
        array("sum", total_signatures!("sum"), sum, "The sum of all entries; 0 if there are none."),
        array("prod", total_signatures!("prod"), prod, "The product of all entries; 1 if there are none."),
        array(
            "max",
            extreme_signatures!("max"),
            |call| extreme(call, |x, y| x > y, f64::NEG_INFINITY),
            "The largest entry; -inf if there are no reals, and an error if there are no integers.",
        ),
        array(
            "min",
            extreme_signatures!("min"),
            |call| extreme(call, |x, y| x < y, f64::INFINITY),
            "The smallest entry; inf if there are no reals, and an error if there are no integers.",
        ),
    ]
}

fn sum<A: Real>(call: &mut Call<'_, A>) -> Result<Value<A>, Fault> {
    match call.argument(0)? {
        Value::Ints(t) => in_range(t.entries.iter().try_fold(0i64, |sum, n| sum.checked_add(*n))),
        Value::Complexes(t) => {
            let zero = Complex::new(A::constant(0.0), A::constant(0.0));
            Ok(Value::Complex(t.entries.iter().fold(zero, |sum, z| sum + *z)))
        }
        _ => {
            let x = call.reals(0)?;
            Ok(Value::Real(on_entries!(&x.entries, |x: &[f64]| x.iter().sum(), |x: &[A]| x.iter().copied().sum())))
        }
    }
}

fn prod<A: Real>(call: &mut Call<'_, A>) -> Result<Value<A>, Fault> {
    match call.argument(0)? {
        Value::Ints(t) => in_range(t.entries.iter().try_fold(1i64, |product, n| product.checked_mul(*n))),
        Value::Complexes(t) => {
            let one = Complex::new(A::constant(1.0), A::constant(0.0));
            Ok(Value::Complex(t.entries.iter().fold(one, |product, z| product * *z)))
        }
        _ => {
            let x = call.reals(0)?;
            Ok(Value::Real(on_entries!(&x.entries, |x: &[f64]| x.iter().product(), |x: &[A]| x
                .iter()
                .copied()
                .product())))
        }
    }
}

fn in_range<A>(n: Option<i64>) -> Result<Value<A>, Fault> {
    let n = n.filter(|n| i32::try_from(*n).is_ok());
    n.map(Value::Int).ok_or_else(|| Fault::fatal("the result is no 32-bit integer"))
}

/// The first entry that no other is `before`; `empty` of no reals.
fn extreme<A: Real>(call: &Call<'_, A>, before: fn(f64, f64) -> bool, empty: f64) -> Result<Value<A>, Fault> {
    if let Value::Ints(t) = call.argument(0)? {
        let found = t.entries.iter().copied().reduce(|best, n| if before(n as f64, best as f64) { n } else { best });
        return found.map(Value::Int).ok_or_else(|| Fault::fatal("there are no integers to choose from"));
    }
    let x = call.reals(0)?;
    let found = x.entries.iter().reduce(|best, x| if before(x.value(), best.value()) { x } else { best });
    Ok(Value::Real(found.unwrap_or_else(|| A::constant(empty))))
}
