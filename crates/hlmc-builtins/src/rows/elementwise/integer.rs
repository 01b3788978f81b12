//! Functions whose arguments or results are integers.

use hlmc_math::Real;

use super::{DEFINITION, row};
use crate::fault::Fault;
use crate::rows::row::whole;
use crate::signature::{Fit, Signature};
use crate::table::{Call, Case, Chapter, Function, Implementation};
use crate::types::Type;
use crate::value::{Ints, Value};

/// The rows of this file.
pub(super) fn rows<A: Real>() -> Vec<Function<A>> {
    let entrywise =
        |name, arity, f, doc, cases| row(name, Signature::ElementwiseInt(arity), Implementation::Int(f), doc, cases);
    let test = |name, signatures, f, doc| whole(Chapter::Elementwise, name, signatures, f, doc);
    vec![
        entrywise("abs", 1, |n| fitting(n[0].checked_abs()), "The absolute value.", ABS),
        entrywise("choose", 2, |n| choose(n[0], n[1]), "The binomial coefficient of n over k, 0 for k > n.", CHOOSE),
        entrywise("falling_factorial", 2, |n| factors(n[0], n[1], -1), "x (x - 1) ... (x - n + 1).", FALLING),
        entrywise("rising_factorial", 2, |n| factors(n[0], n[1], 1), "x (x + 1) ... (x + n - 1).", RISING),
        row(
            "min",
            Signature::Listed(&["int min(int, int)"]),
            Implementation::Int(|n| Ok(n[0].min(n[1]))),
            "The smaller of two integers.",
            MIN,
        ),
        row(
            "max",
            Signature::Listed(&["int max(int, int)"]),
            Implementation::Int(|n| Ok(n[0].max(n[1]))),
            "The larger of two integers.",
            MAX,
        ),
        test(
            "int_step",
            &["int int_step(int)", "int int_step(real)"],
            |call| Ok(truth(call.real(0)?.value() > 0.0)),
            "1 for numbers above 0, otherwise 0.",
        ),
        test(
            "is_inf",
            &["int is_inf(real)"],
            |call| Ok(truth(call.real(0)?.value().is_infinite())),
            "1 for inf, -inf.",
        ),
        test("is_nan", &["int is_nan(real)"], |call| Ok(truth(call.real(0)?.value().is_nan())), "1 for NaN, else 0."),
        Function {
            name: "to_int",
            signature: Signature::Rule { resolve: to_int_fit, words: &["T<int> to_int(data T<real>)"] },
            implementation: Implementation::Whole(to_int),
            chapter: Chapter::Elementwise,
            doc: "The integer part, towards 0, of data; an error if it is NaN or no 32-bit integer.",
            cases: &[],
        },
    ]
}

const ABS: &[Case] = &[Case { at: &[-3.0], value: 3.0, source: DEFINITION }];
const CHOOSE: &[Case] = &[
    Case { at: &[7.0, 3.0], value: 35.0, source: DEFINITION },
    Case { at: &[3.0, 7.0], value: 0.0, source: DEFINITION },
];
const FALLING: &[Case] = &[Case { at: &[5.0, 3.0], value: 60.0, source: DEFINITION }];
const RISING: &[Case] = &[Case { at: &[5.0, 3.0], value: 210.0, source: DEFINITION }];
const MIN: &[Case] = &[Case { at: &[5.0, 3.0], value: 3.0, source: DEFINITION }];
const MAX: &[Case] = &[Case { at: &[5.0, 3.0], value: 5.0, source: DEFINITION }];

fn truth<A>(holds: bool) -> Value<A> {
    Value::Int(i64::from(holds))
}

/// The result, if it is a 32-bit integer.
fn fitting(n: Option<i64>) -> Result<i64, Fault> {
    n.filter(|n| i32::try_from(*n).is_ok()).ok_or_else(|| Fault::fatal("the result is no 32-bit integer"))
}

fn choose(n: i64, k: i64) -> Result<i64, Fault> {
    if n < 0 || k < 0 {
        return Err(Fault::rejection(format!("n is {n} and k is {k}, but both must be nonnegative")));
    }
    if k > n {
        return Ok(0);
    }
    let mut coefficient = 1i64;
    for i in 1..=k.min(n - k) {
        // Exact: the product of i consecutive coefficients' factors is divisible by i.
        coefficient = fitting(coefficient.checked_mul(n - i + 1).map(|product| product / i))?;
    }
    Ok(coefficient)
}

fn factors(x: i64, n: i64, step: i64) -> Result<i64, Fault> {
    if n < 0 {
        return Err(Fault::rejection(format!("n is {n}, but must be nonnegative")));
    }
    let mut product = 1i64;
    for i in 0..n {
        product = fitting(product.checked_mul(x + step * i))?;
        if product == 0 {
            break;
        }
    }
    Ok(product)
}

fn to_int_fit(arguments: &[Type]) -> Option<Fit> {
    let [ty] = arguments else { return None };
    let (inner, depth) = ty.unwind_array();
    let result = Type::Int.in_array(depth);
    matches!(inner, Type::Int | Type::Real).then(|| Fit { parameters: vec![ty.clone()], data_only: vec![true], result })
}

fn to_int<A: Real>(call: &mut Call<'_, A>) -> Result<Value<A>, Fault> {
    let whole = |x: f64| {
        let n = x.trunc();
        let fits = n >= f64::from(i32::MIN) && n <= f64::from(i32::MAX);
        fits.then_some(n as i64).ok_or_else(|| Fault::rejection(format!("of {x}: no 32-bit integer")))
    };
    Ok(match call.argument(0)? {
        Value::Real(x) => Value::Int(whole(x.value())?),
        Value::Reals(t) => {
            let entries = t.entries.values().iter().map(|x| whole(*x)).collect::<Result<_, _>>()?;
            Value::Ints(Ints { kind: t.kind, dims: t.dims.clone(), entries })
        }
        other => other.clone(),
    })
}
