//! Known results of functions of containers, each checked on data and on numbers with derivatives.
#![allow(clippy::unwrap_used, reason = "helpers of tests, though not in test functions")]

use hlmc_builtins::value::{Entries, Kind, Reals};
use hlmc_builtins::{Call, Dual, Fault, Library, Number, Severity, Terms, Type, Value};
use hlmc_math::Real;

fn data<A>(kind: Kind, dims: &[usize], entries: &[f64]) -> Value<A> {
    Value::Reals(Reals { kind, dims: dims.iter().copied().collect(), entries: Entries::Data(entries.to_vec()) })
}

fn type_of<A: Real>(value: &Value<A>) -> Type {
    let inner = match value.kind() {
        Kind::Vector => Type::Vector,
        Kind::RowVector => Type::RowVector,
        Kind::Matrix => Type::Matrix,
        Kind::Scalar if matches!(value, Value::Int(_) | Value::Ints(_)) => Type::Int,
        Kind::Scalar => Type::Real,
    };
    inner.in_array(value.dims().len() - value.kind().n_dims())
}

/// The call of a function by name, found as the type checker finds it.
fn call<A: Number>(name: &str, arguments: &[Value<A>]) -> Result<Value<A>, Fault> {
    let library = Library::<A>::new();
    let types: Vec<Type> = arguments.iter().map(type_of).collect();
    let found = library.resolve(name, &types).unwrap();
    let arguments: Vec<&Value<A>> = arguments.iter().collect();
    let mut call = Call { arguments: &arguments, terms: Terms::ALL, rng: None, callback: None, log_jacobian: None };
    library.row(found.function).unwrap().call(found.function.part, &mut call)
}

fn numbers<A: Real>(value: &Value<A>) -> Vec<f64> {
    (0..value.n_entries()).filter_map(|i| value.real_at(i)).map(|x| x.value()).collect()
}

/// The arguments with every real entry moving along the one direction of differentiation.
fn moving(value: &Value<f64>) -> Value<Dual> {
    match value {
        Value::Reals(t) => {
            let entries = t.entries.iter().map(|x| Dual::from_re(x).derivative(0)).collect();
            Value::Reals(Reals { kind: t.kind, dims: t.dims.clone(), entries: Entries::Auto(entries) })
        }
        Value::Ints(t) => Value::Ints(t.clone()),
        Value::Int(n) => Value::Int(*n),
        other => Value::Real(Dual::from_re(other.to_real().unwrap()).derivative(0)),
    }
}

#[track_caller]
fn assert_gives(name: &str, arguments: &[Value<f64>], dims: &[usize], expected: &[f64]) {
    let found = call(name, arguments).unwrap();
    let dual = call(name, &arguments.iter().map(moving).collect::<Vec<_>>()).unwrap();
    for (entries, found_dims) in [(numbers(&found), found.dims()), (numbers(&dual), dual.dims())] {
        assert_eq!(found_dims.as_slice(), dims, "{name}");
        let is_close = entries.len() == expected.len()
            && entries.iter().zip(expected).all(|(x, y)| (x - y).abs() <= 1e-12 * (1.0 + y.abs()));
        assert!(is_close, "{name}: {entries:?} instead of {expected:?}");
    }
}

fn matrix(rows: usize, cols: usize, entries: &[f64]) -> Value<f64> {
    data(Kind::Matrix, &[rows, cols], entries)
}

fn vector(entries: &[f64]) -> Value<f64> {
    data(Kind::Vector, &[entries.len()], entries)
}

fn row_vector(entries: &[f64]) -> Value<f64> {
    data(Kind::RowVector, &[entries.len()], entries)
}

#[test]
fn products_of_vectors_and_matrices() {
    let m = matrix(2, 3, &[1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
    assert_gives("operator*", &[m.clone(), vector(&[1.0, 0.0, -1.0])], &[2], &[-2.0, -2.0]);
    assert_gives("operator*", &[row_vector(&[1.0, -1.0]), m.clone()], &[3], &[-3.0, -3.0, -3.0]);
    assert_gives("operator*", &[row_vector(&[1.0, 2.0]), vector(&[3.0, 4.0])], &[], &[11.0]);
    assert_gives("operator*", &[vector(&[1.0, 2.0]), row_vector(&[3.0, 4.0])], &[2, 2], &[3.0, 6.0, 4.0, 8.0]);
    assert_gives("operator'", std::slice::from_ref(&m), &[3, 2], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    assert_gives("tcrossprod", std::slice::from_ref(&m), &[2, 2], &[14.0, 32.0, 32.0, 77.0]);
    assert_gives("operator*", &[matrix(2, 0, &[]), matrix(0, 1, &[])], &[2, 1], &[0.0, 0.0]);
    let fault = call("operator*", &[m, vector(&[1.0])]).unwrap_err();
    assert_eq!(fault.severity, Severity::Fatal);
    assert!(fault.message.contains("2 by 3"), "{fault}");
}

#[test]
fn parts_and_joins() {
    let m = matrix(2, 3, &[1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
    assert_gives("row", &[m.clone(), Value::Int(2)], &[3], &[4.0, 5.0, 6.0]);
    assert_gives(
        "append_row",
        &[m.clone(), row_vector(&[7.0, 8.0, 9.0])],
        &[3, 3],
        &[1.0, 4.0, 7.0, 2.0, 5.0, 8.0, 3.0, 6.0, 9.0],
    );
    assert_gives("append_col", &[m.clone(), vector(&[7.0, 8.0])], &[2, 4], &[1.0, 4.0, 2.0, 5.0, 3.0, 6.0, 7.0, 8.0]);
    assert_gives("to_array_2d", std::slice::from_ref(&m), &[2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let entries = vector(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let by_rows = [entries.clone(), Value::Int(2), Value::Int(3), Value::Int(0)];
    assert_gives("to_matrix", &by_rows, &[2, 3], &[1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
    assert_gives("segment", &[entries, Value::Int(2), Value::Int(3)], &[3], &[2.0, 3.0, 4.0]);
    assert_gives("dims", &[data(Kind::RowVector, &[2, 3], &[0.0; 6])], &[3], &[2.0, 1.0, 3.0]);
    assert!(call("row", &[m, Value::Int(3)]).is_err());
}

#[test]
fn reductions_of_containers_and_of_none() {
    let v = vector(&[3.0, -1.0, 2.0]);
    assert_gives("sum", std::slice::from_ref(&v), &[], &[4.0]);
    assert_gives("variance", std::slice::from_ref(&v), &[], &[13.0 / 3.0]);
    assert_gives("sort_desc", std::slice::from_ref(&v), &[3], &[3.0, 2.0, -1.0]);
    assert_gives("cumulative_sum", std::slice::from_ref(&v), &[3], &[3.0, 2.0, 4.0]);
    assert_gives("quantile", &[v, Value::Real(0.25)], &[], &[0.5]);
    assert_eq!(numbers(&call("max", &[vector(&[])]).unwrap()), [f64::NEG_INFINITY]);
    assert!(call("mean", &[vector(&[])]).is_err());
}

#[test]
fn systems_and_inverses() {
    let spd = matrix(2, 2, &[4.0, 2.0, 2.0, 3.0]);
    assert_gives("cholesky_decompose", std::slice::from_ref(&spd), &[2, 2], &[2.0, 1.0, 0.0, 2f64.sqrt()]);
    assert_gives("operator\\", &[spd.clone(), vector(&[8.0, 8.0])], &[2], &[1.0, 2.0]);
    assert_gives("mdivide_right_spd", &[row_vector(&[8.0, 8.0]), spd.clone()], &[2], &[1.0, 2.0]);
    assert_gives("log_determinant", &[spd], &[], &[8f64.ln()]);
    let fault = call("cholesky_decompose", &[matrix(2, 2, &[1.0, 2.0, 2.0, 1.0])]).unwrap_err();
    assert_eq!(fault.severity, Severity::Rejection);
}

#[test]
fn absurd_sizes_are_faults_and_no_allocations() {
    let huge = Value::Int(2_000_000_000);
    assert!(call("rep_vector", &[Value::Real(1.0), huge.clone()]).is_err());
    assert!(call("rep_matrix", &[Value::Real(1.0), Value::Int(100_000), Value::Int(100_000)]).is_err());
    assert!(call::<f64>("identity_matrix", &[huge]).is_err());
    assert!(call::<f64>("zeros_vector", &[Value::Int(-1)]).is_err());
}

#[test]
fn integers_overflow_and_divide_by_zero_as_faults() {
    let int = Value::<f64>::Int;
    assert!(call("operator+", &[int(2_147_483_647), int(1)]).is_err());
    assert!(call("operator%/%", &[int(1), int(0)]).is_err());
    assert!(call("operator/", &[int(i64::from(i32::MIN)), int(-1)]).is_err());
    assert_gives("operator%", &[int(-7), int(3)], &[], &[-1.0]);
}
