//! Densities that see their arguments whole: values, derivatives, dropped constants, checks.

use std::collections::HashSet;

use hlmc_builtins::table::{Density, Distribution, Library, Part};
use hlmc_builtins::value::{Entries, Kind, Tensor};
use hlmc_builtins::{Severity, Terms, Value};
use hlmc_math::Real;

use crate::examples::{Example, Moves, examples};
use crate::rows::{Dual, agree, call_with, distributions};

fn row<'a, A: Real>(library: &'a Library<A>, name: &str) -> &'a Distribution<A> {
    library.distributions(name).next().unwrap_or_else(|| panic!("{name} is in the table"))
}

fn value(row: &Distribution<f64>, arguments: Vec<Value<f64>>) -> f64 {
    call_with(row, Part::Density, &arguments, Terms::ALL).unwrap().to_real().unwrap()
}

/// The arguments with `step` added to the entries of argument `i` in `group`.
fn moved(example: &Example, i: usize, group: &[usize], step: f64) -> Vec<Value<f64>> {
    let mut arguments: Vec<Value<f64>> = example.arguments.iter().map(|(value, _)| value.clone()).collect();
    match &mut arguments[i] {
        Value::Real(x) => *x += step,
        Value::Reals(t) => group.iter().for_each(|entry| t.entries.make_auto()[*entry] += step),
        _ => {}
    }
    arguments
}

/// The arguments as dual numbers, with a derivative in the entries of argument `i` in `group`; the other arguments are
/// data, or as numbers of the engine without a derivative.
fn seeded(example: &Example, i: usize, group: &[usize], others_are_data: bool) -> Vec<Value<Dual>> {
    let number = |x: f64, is_seeded: bool| {
        if is_seeded { Dual::from_re(x).derivative(0) } else { Dual::from_re(x) }
    };
    let convert = |(k, (value, _)): (usize, &(Value<f64>, Moves))| match value {
        Value::Int(n) => Value::Int(*n),
        Value::Ints(t) => Value::Ints(t.clone()),
        Value::Real(x) => Value::Real(number(*x, k == i)),
        Value::Reals(Tensor { kind, dims, entries }) => {
            let values = entries.values();
            let entries = if k != i && others_are_data {
                Entries::Data(values.into_owned())
            } else {
                let is_seeded = |entry: usize| k == i && group.contains(&entry);
                Entries::Auto(values.iter().enumerate().map(|(e, x)| number(*x, is_seeded(e))).collect())
            };
            Value::Reals(Tensor { kind: *kind, dims: dims.clone(), entries })
        }
        _ => panic!("examples have no other values"),
    };
    example.arguments.iter().enumerate().map(convert).collect()
}

/// The groups of entries of an argument that are moved together.
fn groups(argument: &Value<f64>, moves: Moves) -> Vec<Vec<usize>> {
    let n = argument.n_entries();
    let size = argument.dims().first().copied().unwrap_or(1);
    let pairs = |least_distance: usize| -> Vec<Vec<usize>> {
        let below = |j: usize| (j + least_distance..size).map(move |i| vec![i + j * size, j + i * size]);
        (0..size).flat_map(below).map(|pair| if pair[0] == pair[1] { vec![pair[0]] } else { pair }).collect()
    };
    match moves {
        Moves::Fixed => vec![],
        Moves::Free => (0..n).map(|entry| vec![entry]).collect(),
        Moves::Symmetric => pairs(0),
        Moves::OffDiagonal => pairs(1),
        Moves::Lower => pairs(0).into_iter().map(|pair| vec![pair[0]]).collect(),
    }
}

#[test]
fn every_density_has_an_example() {
    let library = Library::<f64>::new();
    let named: HashSet<&str> = examples().iter().map(|example| example.name).collect();
    for row in distributions(&library).filter(|row| matches!(row.density, Density::Whole(_)) && row.name != "wiener") {
        assert!(named.contains(row.name), "{} has no example", row.name);
    }
}

#[test]
fn known_values() {
    let library = Library::<f64>::new();
    for example in examples() {
        let found = value(row(&library, example.name), moved(&example, 0, &[], 0.0));
        assert!(agree(found, example.value, 1e-12), "{} is {found}, but should be {}", example.name, example.value);
    }
}

#[test]
fn partials_agree_with_differences_with_and_without_constants() {
    const STEP: f64 = 1e-3;
    let (library, duals) = (Library::<f64>::new(), Library::<Dual>::new());
    for example in examples() {
        let (row, dual_row) = (row(&library, example.name), row(&duals, example.name));
        for (i, (argument, moves)) in example.arguments.iter().enumerate() {
            for group in groups(argument, *moves) {
                let at = |k: f64| value(row, moved(&example, i, &group, k * STEP));
                let expected = (8.0 * (at(1.0) - at(-1.0)) - (at(2.0) - at(-2.0))) / (12.0 * STEP);
                let propto = Terms { propto: true, auto_arguments: 1 << i };
                for (terms, others_are_data) in [(Terms::ALL, true), (Terms::ALL, false), (propto, true)] {
                    let arguments = seeded(&example, i, &group, others_are_data);
                    let found = call_with(dual_row, Part::Density, &arguments, terms).unwrap().to_real().unwrap();
                    let partial = found.partial(0);
                    assert!(
                        agree(partial, expected, 1e-8),
                        "{} in entries {group:?} of argument {i}: {partial}, by differences {expected}",
                        example.name
                    );
                }
            }
        }
    }
}

#[test]
fn without_parameters_everything_is_dropped() {
    let library = Library::<f64>::new();
    let terms = Terms { propto: true, auto_arguments: 0 };
    for example in examples() {
        let arguments = moved(&example, 0, &[], 0.0);
        let found = call_with(row(&library, example.name), Part::Density, &arguments, terms);
        assert_eq!(found, Ok(Value::Real(0.0)), "{}", example.name);
    }
}

#[test]
fn numbers_that_are_not_finite_are_rejected_or_give_no_number() {
    let library = Library::<f64>::new();
    for example in examples() {
        for (i, (argument, moves)) in example.arguments.iter().enumerate() {
            if matches!(argument, Value::Ints(_) | Value::Int(_)) || *moves == Moves::Fixed {
                continue;
            }
            let arguments = moved(&example, i, &[0], f64::NAN);
            match call_with(row(&library, example.name), Part::Density, &arguments, Terms::ALL) {
                Err(fault) => assert_eq!(fault.severity, Severity::Rejection, "{}: {fault}", example.name),
                Ok(found) => assert!(!found.to_real().unwrap().is_finite(), "{} in argument {i}", example.name),
            }
        }
    }
}

#[test]
fn sizes_that_do_not_fit_are_fatal() {
    let library = Library::<f64>::new();
    for example in examples().into_iter().filter(|example| example.name != "multi_gp") {
        for i in 0..example.arguments.len() {
            let mut arguments = moved(&example, 0, &[], 0.0);
            arguments[i] = match &arguments[i] {
                Value::Ints(t) => Value::ints(vec![1; t.entries.len() + 1]),
                Value::Reals(Tensor { kind: Kind::Vector, dims, .. }) if dims.len() == 1 => {
                    Value::vector(vec![0.1, 0.2, 0.3, 0.4, 0.5])
                }
                Value::Reals(Tensor { kind: Kind::Matrix, .. }) => Value::matrix(5, 4, vec![0.1; 20]),
                _ => continue,
            };
            let result = call_with(row(&library, example.name), Part::Density, &arguments, Terms::ALL);
            // There may be any number of outcomes of `categorical`, and of cut points.
            let is_any_size = example.name.starts_with("categorical_") || example.name.starts_with("ordered_");
            let may_fit = is_any_size || example.name == "categorical";
            assert!(result.is_err() || may_fit, "{} takes a wrong size of argument {i}", example.name);
        }
    }
}
