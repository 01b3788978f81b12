//! What holds for every function of the table, as loops over its rows.
#![allow(clippy::unwrap_used, reason = "helpers of tests, though not in test functions")]

use std::collections::HashSet;

use hlmc_builtins::signature::{Overload, Pattern, Signature};
use hlmc_builtins::table::{Function, Implementation};
use hlmc_builtins::value::{Entries, Kind};
use hlmc_builtins::{Call, Dual, Fault, Library, Part, Row, Terms, Type, Value};
use hlmc_math::Real;

/// How far known values may be from what the functions give, relative to their size.
const CASE_TOLERANCE: f64 = 2e-14;
/// The step of central differences, relative to the argument.
const STEP: f64 = 1e-4;
/// How far extrapolated central differences may be from the derivative.
const DIFFERENCE_TOLERANCE: f64 = 1e-7;

fn functions<A: Real>(library: &Library<A>) -> impl Iterator<Item = &Function<A>> {
    library.rows().iter().filter_map(|row| match row {
        Row::Function(function) => Some(function),
        Row::Distribution(_) => None,
    })
}

fn call<A: Real>(row: &Row<A>, arguments: &[Value<A>]) -> Result<Value<A>, Fault> {
    let arguments: Vec<&Value<A>> = arguments.iter().collect();
    row.call(
        Part::Function,
        &mut Call { arguments: &arguments, terms: Terms::ALL, rng: None, callback: None, log_jacobian: None },
    )
}

fn is_close(a: f64, b: f64, tolerance: f64) -> bool {
    a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= tolerance * (1e-300 + a.abs().max(b.abs()))
}

/// All numbers of a value, in order.
fn numbers<A: Real>(value: &Value<A>) -> Vec<A> {
    match value {
        Value::Complex(z) => vec![z.re, z.im],
        Value::Complexes(t) => t.entries.iter().flat_map(|z| [z.re, z.im]).collect(),
        Value::Tuple(parts) | Value::Array(parts) => parts.iter().flat_map(numbers).collect(),
        _ => (0..value.n_entries()).filter_map(|i| value.real_at(i)).collect(),
    }
}

fn plain<A: Real>(value: &Value<A>) -> Vec<f64> {
    numbers(value).iter().map(Real::value).collect()
}

fn takes_scalars<A: Real>(function: &Function<A>) -> bool {
    !matches!(function.implementation, Implementation::Whole(_))
}

#[test]
fn signatures_are_in_stans_notation_and_name_their_row() {
    for function in functions(&Library::<f64>::new()) {
        if let Signature::Listed(list) = function.signature {
            for text in list {
                assert!(Overload::parse(text).is_some(), "{text}");
                assert!(text.contains(&format!(" {}(", function.name)), "{text} in the row of {}", function.name);
            }
        }
    }
}

#[test]
fn no_signature_is_there_twice() {
    let mut seen = HashSet::new();
    for function in functions(&Library::<f64>::new()) {
        for line in function.signature.describe(function.name) {
            assert!(seen.insert(line.clone()), "{line}");
        }
    }
}

#[test]
fn every_function_is_known_to_stan_or_an_operator() {
    for function in functions(&Library::<f64>::new()) {
        let is_operator = function.name.starts_with("operator");
        assert!(is_operator || hlmc_builtins::known_names::is_known_to_stan(function.name), "{}", function.name);
    }
}

#[test]
fn every_function_is_documented_and_those_of_scalars_have_a_known_value() {
    for function in functions(&Library::<f64>::new()) {
        assert!(function.doc.ends_with('.'), "{}: {:?}", function.name, function.doc);
        assert!(!takes_scalars(function) || !function.cases.is_empty(), "{} has no case", function.name);
    }
}

#[test]
fn known_values_are_met() {
    let library = Library::<f64>::new();
    for row in library.rows() {
        let Row::Function(function) = row else { continue };
        for case in function.cases {
            let arguments: Vec<Value<f64>> = match function.implementation {
                Implementation::Int(_) => case.at.iter().map(|x| Value::Int(*x as i64)).collect(),
                _ => case.at.iter().map(|x| Value::Real(*x)).collect(),
            };
            let value = plain(&call(row, &arguments).unwrap())[0];
            assert!(
                is_close(value, case.value, CASE_TOLERANCE),
                "{}{:?} is {value}, but by {} {}",
                function.name,
                case.at,
                case.source,
                case.value
            );
        }
    }
}

/// The positions of the arguments of `n` scalars that are real, in the signature that takes most of them as real.
fn real_positions<A: Real>(function: &Function<A>, n: usize) -> Vec<usize> {
    let types =
        |mask: usize| (0..n).map(|i| if mask >> i & 1 == 1 { Type::Real } else { Type::Int }).collect::<Vec<_>>();
    let mask = (0..1usize << n).rev().find(|mask| !function.signature.fits(&types(*mask)).is_empty()).unwrap_or(0);
    (0..n).filter(|i| mask >> i & 1 == 1).collect()
}

#[test]
fn derivatives_agree_with_central_differences() {
    let (plain_library, dual_library) = (Library::<f64>::new(), Library::<Dual>::new());
    for (row, dual_row) in plain_library.rows().iter().zip(dual_library.rows()) {
        let (Row::Function(function), Row::Function(_)) = (row, dual_row) else { continue };
        for case in function.cases.iter().filter(|_| !matches!(function.implementation, Implementation::Int(_))) {
            for position in real_positions(function, case.at.len()) {
                for shift in [1.0, 0.97, 1.02] {
                    let mut at = case.at.to_vec();
                    at[position] *= shift;
                    check_derivative(function.name, row, dual_row, &at, position);
                }
            }
        }
    }
}

fn check_derivative(name: &str, row: &Row<f64>, dual_row: &Row<Dual>, at: &[f64], position: usize) {
    let value = |x: f64| {
        let mut at = at.to_vec();
        at[position] = x;
        call(row, &at.into_iter().map(Value::Real).collect::<Vec<_>>()).ok().map(|value| plain(&value)[0])
    };
    let x = at[position];
    let Some((expected, error)) = derivative_by_differences(value, x) else { return };
    let here = value(x).unwrap();
    let arguments: Vec<Value<Dual>> = at
        .iter()
        .enumerate()
        .map(|(i, x)| Value::Real(if i == position { Dual::from_re(*x).derivative(1) } else { Dual::constant(*x) }))
        .collect();
    let dual = numbers(&call(dual_row, &arguments).unwrap())[0];
    assert!(is_close(dual.value(), here, 1e-14), "{name}{at:?} is {} with derivatives, {here} without", dual.value());
    assert_eq!(dual.partial(0), 0.0, "{name}{at:?}");
    assert!(
        (dual.partial(1) - expected).abs() <= DIFFERENCE_TOLERANCE * (1.0 + expected.abs()) + error,
        "{name}{at:?}: derivative {} in argument {position}, but by differences {expected}",
        dual.partial(1)
    );
}

/// The derivative of `f` at `x` by extrapolated central differences, and a bound of its error; `None` at the border of
/// its domain, at jumps, kinks and poles.
fn derivative_by_differences(f: impl Fn(f64) -> Option<f64>, x: f64) -> Option<(f64, f64)> {
    let step = STEP * x.abs().max(0.1);
    let central = |h: f64| Some((f(x + h)? - f(x - h)?) / (2.0 * h));
    let (fine, coarse, here) = (central(step)?, central(2.0 * step)?, f(x)?);
    let extrapolated = (4.0 * fine - coarse) / 3.0;
    let one_sided = (f(x + step)? - here) / step;
    let is_smooth = here.is_finite() && (one_sided - extrapolated).abs() <= 0.1 * extrapolated.abs().max(0.1);
    is_smooth.then_some((extrapolated, 0.1 * (fine - coarse).abs()))
}

#[test]
fn a_vectorised_call_is_scalar_calls_one_by_one() {
    for row in Library::<f64>::new().rows() {
        let Row::Function(function) = row else { continue };
        let (Signature::Elementwise(_), [case, ..]) = (function.signature, function.cases) else { continue };
        let factors = [1.0, 0.9, 1.05];
        let container = |i: usize| {
            let entries = Entries::Data(factors.iter().map(|factor| case.at[i] * factor).collect());
            let dims = [factors.len()].into_iter().collect();
            Value::Reals(hlmc_builtins::value::Reals { kind: Kind::RowVector, dims, entries })
        };
        let whole = call(row, &(0..case.at.len()).map(container).collect::<Vec<_>>());
        let one_by_one: Result<Vec<f64>, Fault> = factors
            .iter()
            .map(|factor| {
                let scalars: Vec<Value<f64>> = case.at.iter().map(|x| Value::Real(x * factor)).collect();
                call(row, &scalars).map(|value| plain(&value)[0])
            })
            .collect();
        if let Ok(Value::Reals(t)) = &whole {
            assert_eq!(t.kind, Kind::RowVector, "{}", function.name);
        }
        assert_eq!(format!("{:?}", whole.map(|w| plain(&w))), format!("{one_by_one:?}"), "{}", function.name);
    }
}

/// A small value of a type, well inside most domains: matrices are symmetric and positive definite.
fn sample<A: Real>(ty: &Type) -> Value<A> {
    let real = |x: f64| A::constant(x);
    match ty {
        Type::Int => Value::Int(2),
        Type::Real => Value::Real(real(0.4)),
        Type::Complex => Value::Complex(num_complex::Complex::new(real(0.4), real(-0.3))),
        Type::Vector => Value::vector([0.3, 0.5, 0.2].map(real).to_vec()),
        Type::RowVector => Value::row_vector([0.3, 0.5, 0.2].map(real).to_vec()),
        Type::Matrix => Value::matrix(3, 3, [2.0, 0.3, 0.1, 0.3, 1.5, -0.2, 0.1, -0.2, 1.0].map(real).to_vec()),
        Type::ComplexVector | Type::ComplexRowVector | Type::ComplexMatrix => {
            let dims: &[usize] = if *ty == Type::ComplexMatrix { &[3, 3] } else { &[3] };
            let n: usize = dims.iter().product();
            let entry = |i: usize| num_complex::Complex::new(real(1.0 / (i as f64 + 1.0)), real(0.3 * i as f64));
            Value::Complexes(hlmc_builtins::value::Complexes {
                kind: Kind::of(ty),
                dims: dims.iter().copied().collect(),
                entries: (0..n).map(entry).collect(),
            })
        }
        Type::Tuple(slots) => Value::Tuple(slots.iter().map(sample).collect()),
        Type::Array(element) => array_of(sample(element)),
        Type::Void => Value::Tuple(Vec::new()),
    }
}

/// Three times the same element.
fn array_of<A: Real>(element: Value<A>) -> Value<A> {
    let mut dims = element.dims();
    dims.insert(0, 3);
    match element {
        Value::Int(n) => Value::ints(vec![n; 3]),
        Value::Real(x) => Value::array(vec![x; 3]),
        Value::Ints(mut t) => {
            t.entries = t.entries.repeat(3);
            Value::Ints(hlmc_builtins::value::Ints { dims, ..t })
        }
        Value::Reals(t) => Value::tensor(t.kind, dims, t.entries.to_auto().repeat(3)),
        Value::Complex(z) => {
            Value::Complexes(hlmc_builtins::value::Complexes { kind: Kind::Scalar, dims, entries: vec![z; 3] })
        }
        Value::Complexes(t) => {
            Value::Complexes(hlmc_builtins::value::Complexes { kind: t.kind, dims, entries: t.entries.repeat(3) })
        }
        other => Value::Array(vec![other.clone(), other.clone(), other]),
    }
}

/// The types that a pattern stands for.
fn members(pattern: &Pattern) -> Vec<Type> {
    match pattern {
        Pattern::Exactly(ty) => vec![ty.clone()],
        Pattern::Reals => vec![Type::Real, Type::Vector, Type::RowVector, Type::Real.in_array(1)],
        Pattern::Ints => vec![Type::Int, Type::Int.in_array(1)],
        Pattern::Vectors => vec![Type::Vector, Type::Vector.in_array(1)],
    }
}

#[test]
fn every_listed_signature_gives_the_same_with_and_without_derivatives() {
    let (plain_library, dual_library) = (Library::<f64>::new(), Library::<Dual>::new());
    for (row, dual_row) in plain_library.rows().iter().zip(dual_library.rows()) {
        let Row::Function(Function { signature: Signature::Listed(list), .. }) = row else { continue };
        for text in *list {
            let overload = Overload::parse(text).unwrap();
            let types: Vec<Type> = overload.parameters.iter().map(|(pattern, _)| members(pattern)[0].clone()).collect();
            let arguments: Vec<Value<f64>> = types.iter().map(sample).collect();
            let dual_arguments: Vec<Value<Dual>> = types.iter().map(sample).collect();
            match (call(row, &arguments), call(dual_row, &dual_arguments)) {
                (Ok(value), Ok(dual)) => {
                    let (a, b) = (plain(&value), plain(&dual));
                    assert_eq!(a.len(), b.len(), "{text}");
                    let agree = a.iter().zip(&b).all(|(a, b)| is_close(*a, *b, 1e-12) || (a - b).abs() < 1e-12);
                    assert!(agree, "{text}: {a:?} and {b:?}");
                    assert_eq!(value.dims(), dual.dims(), "{text}");
                    assert_result_type(text, &overload.result, &value);
                }
                (Err(a), Err(b)) => assert_eq!(a, b, "{text}"),
                (a, b) => panic!("{text}: {a:?} and {b:?}"),
            }
        }
    }
}

fn assert_result_type(text: &str, wanted: &Type, value: &Value<f64>) {
    let fits = match (wanted, value) {
        (Type::Int, Value::Int(_)) | (Type::Real, Value::Real(_)) | (Type::Complex, Value::Complex(_)) => true,
        (Type::Tuple(slots), Value::Tuple(parts)) => slots.len() == parts.len(),
        (_, Value::Ints(_)) => wanted.scalar() == Type::Int && value.dims().len() == wanted.n_dims(),
        (_, Value::Reals(t)) => {
            t.kind == Kind::of(wanted) && wanted.scalar() == Type::Real && t.dims.len() == wanted.n_dims()
        }
        (_, Value::Complexes(t)) => {
            t.kind == Kind::of(wanted) && wanted.scalar() == Type::Complex && t.dims.len() == wanted.n_dims()
        }
        (Type::Array(_), Value::Array(_)) => true,
        _ => false,
    };
    assert!(fits, "{text} gave {value:?}");
    if let Value::Reals(t) = value {
        assert_eq!(t.dims.iter().product::<usize>(), t.entries.len(), "{text}");
    }
}
