//! Transforms of single values, entry by entry: bounds, and offset with multiplier.

use std::borrow::Cow;

use hlmc_math::Real;
use hlmc_math::constraints::{Constraint, Elementwise, Rule};

use super::{constrain_doc, jacobian_doc, of_violation, unconstrain_doc};
use crate::arguments::wrong_type;
use crate::fault::Fault;
use crate::rows::row::with_signature;
use crate::signature::{Fit, Signature, with_scalar};
use crate::table::{Call, Chapter, Function};
use crate::types::Type;
use crate::value::{Entries, Reals, Value};

/// Makes a rule of its one or two parameters.
type MakeRule<A> = for<'a> fn(&'a [A], &'a [A]) -> Rule<'a, A>;

/// Three functions for each: the stem of the names, the signature's fit, its parameters in words, the rule, and what
/// the values are.
macro_rules! elementwise {
    ($($stem:literal, $fit:path, $parameters:literal, $rule:expr, $what:literal;)*) => {
        vec![$(
            with_signature(
                Chapter::Transforms,
                concat!($stem, "_constrain"),
                Signature::Rule { resolve: $fit, words: &[concat!("T ", $stem, "_constrain(T, ", $parameters, ")")] },
                |call| constrained(call, $rule, false),
                constrain_doc!($what),
            ),
            with_signature(
                Chapter::Transforms,
                concat!($stem, "_jacobian"),
                Signature::Rule { resolve: $fit, words: &[concat!("T ", $stem, "_jacobian(T, ", $parameters, ")")] },
                |call| constrained(call, $rule, true),
                jacobian_doc!($what),
            ),
            with_signature(
                Chapter::Transforms,
                concat!($stem, "_unconstrain"),
                Signature::Rule { resolve: $fit, words: &[concat!("T ", $stem, "_unconstrain(T, ", $parameters, ")")] },
                |call| unconstrained(call, $rule),
                unconstrain_doc!($what),
            ),
        )*]
    };
}

pub(super) fn rows<A: Real>() -> Vec<Function<A>> {
    elementwise![
        "lower_bound", one_parameter, "real | T", |lower, _| Rule::Lower(lower), "values above a lower bound";
        "upper_bound", one_parameter, "real | T", |upper, _| Rule::Upper(upper), "values below an upper bound";
        "lower_upper_bound", two_parameters, "real | T, real | T", |lower, upper| Rule::LowerUpper(lower, upper),
            "values between two bounds";
        "offset_multiplier", two_parameters, "real | T, real | T",
            |offset, multiplier| Rule::OffsetMultiplier(offset, multiplier), "values with an offset and a multiplier";
    ]
}

fn one_parameter(arguments: &[Type]) -> Option<Fit> {
    fit(arguments, 1)
}

fn two_parameters(arguments: &[Type]) -> Option<Fit> {
    fit(arguments, 2)
}

/// The values of any shape; each parameter is a number or has the shape of the values.
fn fit(arguments: &[Type], n_parameters: usize) -> Option<Fit> {
    if arguments.len() != n_parameters + 1 {
        return None;
    }
    let types: Vec<Type> = arguments.iter().map(|ty| with_scalar(ty, &Type::Real)).collect::<Option<_>>()?;
    let shape = types.first()?.clone();
    types.iter().all(|ty| *ty == Type::Real || *ty == shape).then(|| Fit::new(types, shape))
}

fn constrained<A: Real>(call: &mut Call<'_, A>, rule: MakeRule<A>, is_counted: bool) -> Result<Value<A>, Fault> {
    let free = entries(call, 0)?;
    let [first, second] = parameters(call)?;
    let constraint = Elementwise { size: free.len(), rule: rule(&first, &second) };
    let mut values = vec![A::zero(); free.len()];
    let log_jacobian = constraint.constrain(&free, &mut values).map_err(|violation| of_violation(&violation))?;
    if let (true, Some(total)) = (is_counted, call.log_jacobian.as_deref_mut()) {
        *total += log_jacobian;
    }
    in_shape(call.argument(0)?, values)
}

fn unconstrained<A: Real>(call: &mut Call<'_, A>, rule: MakeRule<A>) -> Result<Value<A>, Fault> {
    let values = entries(call, 0)?;
    let [first, second] = parameters(call)?;
    let constraint = Elementwise { size: values.len(), rule: rule(&first, &second) };
    let mut free = vec![A::zero(); values.len()];
    constraint.unconstrain(&values, &mut free).map_err(|violation| of_violation(&violation))?;
    in_shape(call.argument(0)?, free)
}

/// The two parameters of a rule; a rule of one parameter has it for both.
fn parameters<'a, A: Real>(call: &Call<'a, A>) -> Result<[Cow<'a, [A]>; 2], Fault> {
    let last = call.arguments.len().saturating_sub(1);
    Ok([entries(call, 1)?, entries(call, last)?])
}

/// All entries of an argument; one for a number.
fn entries<'a, A: Real>(call: &Call<'a, A>, i: usize) -> Result<Cow<'a, [A]>, Fault> {
    match call.argument(i)? {
        Value::Reals(t) => Ok(t.entries.to_auto()),
        Value::Ints(t) => Ok(t.entries.iter().map(|n| A::constant(*n as f64)).collect()),
        other => {
            other.to_real().map(|x| Cow::Owned(vec![x])).ok_or_else(|| wrong_type(i, "a real number or container"))
        }
    }
}

/// The entries as a value with the dimensions of `like`.
fn in_shape<A: Real>(like: &Value<A>, entries: Vec<A>) -> Result<Value<A>, Fault> {
    if like.is_scalar() {
        return entries.first().map(|x| Value::Real(*x)).ok_or_else(|| wrong_type(0, "a number"));
    }
    let entries = Entries::Auto(entries).simplified();
    Ok(Value::Reals(Reals { kind: like.kind(), dims: like.dims(), entries }))
}
