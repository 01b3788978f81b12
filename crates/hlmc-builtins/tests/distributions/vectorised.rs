//! Vectorised calls are sums of scalar calls; sizes and domains are checked and named.

use hlmc_builtins::table::{Argument, Distribution, Domain, Library, Part};
use hlmc_builtins::{Severity, Terms, Value};

use crate::rows::{agree, call_scalars, call_with, points, real_parts, scalar_distributions};

/// Argument `i` of several points as one container.
fn column(row: &Distribution<f64>, points: &[Vec<f64>], i: usize) -> Value<f64> {
    let entries = points.iter().map(|point| point[i]);
    match row.arguments[i].ty {
        "ints" => Value::ints(entries.map(|x| x as i64).collect()),
        _ if i.is_multiple_of(2) => Value::array(entries.collect()),
        _ => Value::vector(entries.collect()),
    }
}

fn is_vectorised(row: &Distribution<f64>) -> bool {
    row.arguments.iter().all(|argument| matches!(argument.ty, "reals" | "ints"))
}

#[test]
fn a_vectorised_call_is_the_sum_of_scalar_calls() {
    let library = Library::<f64>::new();
    for row in scalar_distributions(&library).filter(|row| is_vectorised(row)) {
        let points = points(row);
        for part in real_parts(row) {
            let scalars: Vec<f64> = points.iter().map(|x| call_scalars(row, part, x, Terms::ALL).unwrap()).collect();
            let expected: f64 = if part == Part::Cdf { scalars.iter().product() } else { scalars.iter().sum() };
            let columns: Vec<Value<f64>> = (0..row.arguments.len()).map(|i| column(row, &points, i)).collect();
            let found = call_with(row, part, &columns, Terms::ALL).unwrap().to_real().unwrap();
            assert!(agree(found, expected, 1e-13), "{} {part:?}: {found}, {expected}", row.name);
        }
    }
}

#[test]
fn no_observations_give_the_empty_sum() {
    let library = Library::<f64>::new();
    for row in scalar_distributions(&library).filter(|row| is_vectorised(row)) {
        let mut arguments: Vec<Value<f64>> = row.cases[0].at.iter().map(|x| Value::Real(*x)).collect();
        arguments[0] = column(row, &[], 0);
        for part in real_parts(row) {
            let expected = if part == Part::Cdf { 1.0 } else { 0.0 };
            assert_eq!(call_with(row, part, &arguments, Terms::ALL), Ok(Value::Real(expected)), "{}", row.name);
        }
    }
}

#[test]
fn unequal_sizes_are_fatal_and_named() {
    let library = Library::<f64>::new();
    for row in scalar_distributions(&library).filter(|row| is_vectorised(row) && row.arguments.len() > 1) {
        let at = row.cases[0].at.to_vec();
        let mut arguments: Vec<Value<f64>> = at.iter().map(|x| Value::Real(*x)).collect();
        arguments[0] = column(row, &[at.clone(), at.clone()], 0);
        arguments[1] = column(row, &[at.clone(), at.clone(), at], 1);
        let fault = call_with(row, Part::Density, &arguments, Terms::ALL).unwrap_err();
        assert_eq!(fault.severity, Severity::Fatal, "{}", row.name);
        let names = [row.arguments[0].name, row.arguments[1].name];
        assert!(names.iter().all(|name| fault.message.contains(name)), "{}: {fault}", row.name);
    }
}

/// Numbers outside a domain.
fn outside(domain: Domain) -> Vec<f64> {
    let infinities = [f64::INFINITY, f64::NEG_INFINITY];
    match domain {
        Domain::Unchecked => vec![],
        Domain::NotNan => vec![f64::NAN],
        Domain::Finite => [f64::NAN].into_iter().chain(infinities).collect(),
        Domain::Positive => vec![f64::NAN, 0.0, -1.0],
        Domain::PositiveFinite => vec![f64::NAN, 0.0, -1.0, f64::INFINITY],
        Domain::NonNegative => vec![f64::NAN, -1.0],
        Domain::NonNegativeFinite => vec![f64::NAN, -1.0, f64::INFINITY],
        Domain::Probability => vec![f64::NAN, -0.5, 1.5],
        Domain::Between(low, high) => vec![f64::NAN, low - 1.0, high + 1.0],
    }
}

#[test]
fn arguments_outside_their_domain_are_rejected_and_named() {
    let library = Library::<f64>::new();
    for row in scalar_distributions(&library) {
        for (i, Argument { name, domain, .. }) in row.arguments.iter().enumerate() {
            for bad in outside(*domain) {
                let mut x = row.cases[0].at.to_vec();
                x[i] = bad;
                let fault = row.scalar_density(&x, Terms::ALL).unwrap_err();
                assert_eq!(fault.severity, Severity::Rejection, "{}", row.name);
                assert!(fault.message.starts_with(&format!("{name} is {bad}")), "{}: {fault}", row.name);
            }
        }
    }
}
