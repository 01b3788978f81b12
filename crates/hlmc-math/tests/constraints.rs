//! Constraint transforms: against values recorded from Stan, and by their laws: there and back again, the log Jacobian
//! against the determinant of the derivatives, refusal of values that violate the constraint.
//!
//! `reference/constraints.tsv`: name of the recorded program and point, constraints, unconstrained values, constrained
//! values, log Jacobian; from Stan 2.35 (Math 4.9.0), simplexes from stanli 0.24 with the transform of Stan 2.37.

#![allow(clippy::panic, clippy::expect_used, reason = "clippy exempts test functions, but not what they call")]

use hlmc_math::Real;
use hlmc_math::constraints::{
    CholeskyFactorCorr, CholeskyFactorCov, ColumnStochasticMatrix, Constraint, CorrMatrix, CovMatrix, Elementwise,
    Ordered, PositiveOrdered, RowStochasticMatrix, Rule, Simplex, SumToZeroMatrix, SumToZeroVector, UnitVector,
    Violation,
};
use hlmc_math::linear_algebra::{Matrix, crossprod, log_determinant_spd};
use num_dual::DualSVec64;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// More directions than any constraint tested here has coordinates.
const MAX_DIRECTIONS: usize = 12;
type Dual = DualSVec64<MAX_DIRECTIONS>;

/// A constraint by name and sizes; bounds are borrowed from `bounds`.
fn constraint<'a, T: Real>(name: &str, size: &[usize], bounds: &'a [T]) -> Box<dyn Constraint<T> + 'a> {
    let elementwise = |rule| Elementwise { size: size[0], rule };
    let (first, second) = (bounds.get(0..1).unwrap_or_default(), bounds.get(1..2).unwrap_or_default());
    match name {
        "free" => Box::new(elementwise(Rule::Free)),
        "lower" => Box::new(elementwise(Rule::Lower(first))),
        "upper" => Box::new(elementwise(Rule::Upper(first))),
        "lower_upper" => Box::new(elementwise(Rule::LowerUpper(first, second))),
        "offset_multiplier" => Box::new(elementwise(Rule::OffsetMultiplier(first, second))),
        "ordered" => Box::new(Ordered { size: size[0] }),
        "positive_ordered" => Box::new(PositiveOrdered { size: size[0] }),
        "simplex" => Box::new(Simplex { size: size[0] }),
        "unit_vector" => Box::new(UnitVector { size: size[0] }),
        "sum_to_zero_vector" => Box::new(SumToZeroVector { size: size[0] }),
        "sum_to_zero_matrix" => Box::new(SumToZeroMatrix { rows: size[0], cols: size[1] }),
        "column_stochastic_matrix" => Box::new(ColumnStochasticMatrix { rows: size[0], cols: size[1] }),
        "row_stochastic_matrix" => Box::new(RowStochasticMatrix { rows: size[0], cols: size[1] }),
        "cholesky_factor_corr" => Box::new(CholeskyFactorCorr { size: size[0] }),
        "corr_matrix" => Box::new(CorrMatrix { size: size[0] }),
        "cholesky_factor_cov" => Box::new(CholeskyFactorCov { rows: size[0], cols: size[1] }),
        "cov_matrix" => Box::new(CovMatrix { size: size[0] }),
        _ => panic!("no constraint {name}"),
    }
}

/// Which of the values are coordinates of the set, so that the log Jacobian is the log determinant of their derivatives.
fn is_coordinate(name: &str, size: &[usize], index: usize) -> bool {
    let (row, col) = (index % size[0], index / size[0]);
    match name {
        "simplex" => index + 1 < size[0],
        "column_stochastic_matrix" => row + 1 < size[0],
        "row_stochastic_matrix" => col + 1 < size[1],
        "cholesky_factor_corr" | "corr_matrix" => row > col,
        "cholesky_factor_cov" | "cov_matrix" => row >= col,
        _ => true,
    }
}

const CASES: [(&str, &[usize], &[f64]); 22] = [
    ("free", &[3], &[]),
    ("lower", &[3], &[-1.5]),
    ("upper", &[3], &[2.5]),
    ("lower_upper", &[3], &[-1.0, 4.0]),
    ("lower_upper", &[2], &[f64::NEG_INFINITY, 4.0]),
    ("offset_multiplier", &[3], &[0.5, 3.0]),
    ("ordered", &[4], &[]),
    ("positive_ordered", &[4], &[]),
    ("simplex", &[5], &[]),
    ("simplex", &[1], &[]),
    ("sum_to_zero_vector", &[5], &[]),
    ("sum_to_zero_matrix", &[3, 4], &[]),
    ("sum_to_zero_matrix", &[1, 4], &[]),
    ("column_stochastic_matrix", &[3, 2], &[]),
    ("row_stochastic_matrix", &[3, 4], &[]),
    ("cholesky_factor_corr", &[4], &[]),
    ("corr_matrix", &[4], &[]),
    ("corr_matrix", &[1], &[]),
    ("cholesky_factor_cov", &[3, 3], &[]),
    ("cholesky_factor_cov", &[4, 2], &[]),
    ("cov_matrix", &[3], &[]),
    ("unit_vector", &[4], &[]),
];

/// Runs `law` on every case at random points of unconstrained space.
fn for_random_points(law: impl Fn(&str, &[usize], &[f64], &[f64]) -> Result<(), TestCaseError>) {
    let config = Config { cases: 40, failure_persistence: None, ..Config::default() };
    for (name, size, bounds) in CASES {
        let n = constraint(name, size, bounds).n_unconstrained();
        let mut runner = TestRunner::new_with_rng(
            config.clone(),
            proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
        );
        runner
            .run(&prop::collection::vec(-2.5..2.5_f64, n), |point| law(name, size, bounds, &point))
            .unwrap_or_else(|failure| panic!("{name} {size:?}: {failure}"));
    }
}

fn is_near(found: f64, expected: f64) -> bool {
    (found - expected).abs() <= 1e-9 * expected.abs().max(1.0)
}

#[test]
fn values_and_jacobians_are_those_of_stan() {
    for line in include_str!("reference/constraints.tsv").lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let numbers = |text: &str| -> Vec<f64> { text.split(',').map(|number| number.parse().unwrap()).collect() };
        let (point, values) = (numbers(fields[2]), numbers(fields[3]));
        let (mut from, mut to, mut log_jacobian) = (0, 0, 0.0);
        for description in fields[1].split(';') {
            let words: Vec<&str> = description.split(' ').collect();
            let is_elementwise = ["lower", "upper", "lower_upper", "offset_multiplier"].contains(&words[0]);
            let n_sizes = if is_elementwise { 1 } else { words.len() - 1 };
            let size: Vec<usize> = words[1..=n_sizes].iter().map(|word| word.parse().unwrap()).collect();
            let bounds: Vec<f64> = words[n_sizes + 1..].iter().map(|word| word.parse().unwrap()).collect();
            let part = constraint(words[0], &size, &bounds);
            let mut found = vec![0.0; part.n_constrained()];
            log_jacobian += part.constrain(&point[from..from + part.n_unconstrained()], &mut found).unwrap();
            for (index, (&found, &expected)) in found.iter().zip(&values[to..]).enumerate() {
                assert!(
                    (found - expected).abs() <= 1e-13 * expected.abs().max(1e-2),
                    "{line}\n{description}, {index}: {found}"
                );
            }
            from += part.n_unconstrained();
            to += part.n_constrained();
        }
        assert_eq!((from, to), (point.len(), values.len()), "{line}");
        if let Ok(expected) = fields[4].parse() {
            assert!(is_near(log_jacobian, expected), "{line}\n{log_jacobian}");
        }
    }
}

#[test]
fn the_simplex_has_the_log_jacobian_of_stan() {
    // tf_simplex at p2: lp__ less the terms of the target, which is linear but for 0.5 log_sum_exp(3 a).
    let mut values = [0.0; 4];
    let log_jacobian = Simplex { size: 4 }.constrain(&[0.43354, 0.590371, -0.682933], &mut values).unwrap();
    let weights = [1.118034, 0.736068, 1.354102, 0.972136];
    let linear: f64 = values.iter().zip(weights).map(|(value, weight)| value * weight).sum();
    let log_sum: f64 = values.iter().map(|value| (3.0 * value).exp()).sum::<f64>().ln();
    assert!(is_near(linear + 0.59017 + 0.5 * log_sum + log_jacobian, -2.6167222482809374));
}

#[test]
fn values_are_valid_and_come_back_to_where_they_came_from() {
    for_random_points(|name, size, bounds, point| {
        let transform = constraint(name, size, bounds);
        let mut values = vec![f64::NAN; transform.n_constrained()];
        transform.constrain(point, &mut values).map_err(|error| TestCaseError::fail(error.to_string()))?;
        transform.check(&values).map_err(|error| TestCaseError::fail(error.to_string()))?;
        let mut back = vec![f64::NAN; point.len()];
        transform.unconstrain(&values, &mut back).map_err(|error| TestCaseError::fail(error.to_string()))?;
        // The length of the unconstrained vector behind a unit vector is lost: the length 1 comes back.
        let expected = if name == "unit_vector" { &values } else { point };
        for (found, &expected) in back.iter().zip(expected) {
            prop_assert!((found - expected).abs() < 1e-8, "{back:?} instead of {expected:?}");
        }
        Ok(())
    });
}

#[test]
fn the_log_jacobian_is_the_log_determinant_of_the_derivatives() {
    for_random_points(|name, size, bounds, point| {
        if name == "unit_vector" {
            return Ok(());
        }
        let bounds: Vec<Dual> = bounds.iter().map(|&bound| Dual::constant(bound)).collect();
        let transform = constraint(name, size, &bounds);
        let seeded: Vec<Dual> = point.iter().enumerate().map(|(k, &y)| Dual::from_re(y).derivative(k)).collect();
        let mut values = vec![Dual::constant(0.0); transform.n_constrained()];
        let log_jacobian = transform.constrain(&seeded, &mut values).unwrap();
        let rows: Vec<&Dual> = values
            .iter()
            .enumerate()
            .filter(|(index, _)| is_coordinate(name, size, *index))
            .map(|(_, value)| value)
            .collect();
        // sqrt |J'J| is |J| where J is square, and the volume factor of the embedding where it is not.
        let jacobian = Matrix::from_fn(rows.len(), point.len(), |i, k| rows[i].partial(k));
        let expected = 0.5 * log_determinant_spd(crossprod(jacobian.view()).view()).unwrap();
        // Squaring J loses half of the digits.
        let difference = (log_jacobian.value() - expected).abs();
        prop_assert!(difference < 1e-6, "{} instead of {expected}", log_jacobian.value());
        Ok(())
    });
}

#[test]
fn the_log_density_of_a_unit_vectors_length_is_that_of_a_standard_normal() {
    let mut values = [0.0; 3];
    let log_jacobian = UnitVector { size: 3 }.constrain(&[1.0, -2.0, 2.0], &mut values).unwrap();
    assert_eq!(log_jacobian, -4.5);
    assert!(is_near(values[1], -2.0 / 3.0));
}

#[test]
fn bounds_carry_derivatives() {
    let (lower, upper) = (Dual::from_re(1.0).derivative(0), Dual::from_re(3.0).derivative(1));
    let mut value = [Dual::constant(0.0)];
    let rule = Rule::LowerUpper(std::slice::from_ref(&lower), std::slice::from_ref(&upper));
    let log_jacobian = Elementwise { size: 1, rule }.constrain(&[Dual::constant(0.0)], &mut value).unwrap();
    assert_eq!((value[0].value(), value[0].partial(0), value[0].partial(1)), (2.0, 0.5, 0.5));
    assert_eq!((log_jacobian.partial(0), log_jacobian.partial(1)), (-0.5, 0.5));
}

#[test]
fn each_value_may_have_its_own_bound() {
    let rule = Rule::Lower(&[0.0, f64::NEG_INFINITY]);
    let mut values = [0.0; 2];
    Elementwise { size: 2, rule }.constrain(&[0.0, -3.0], &mut values).unwrap();
    assert_eq!(values, [1.0, -3.0]);
}

fn violation(name: &str, size: &[usize], bounds: &[f64], values: &[f64]) -> Violation {
    constraint(name, size, bounds).check(values).expect_err("a violation")
}

#[test]
fn values_that_violate_their_constraint_are_named() {
    let tilted = [1.0, 0.2, 0.3, 1.0];
    let indefinite = [1.0, 2.0, 2.0, 1.0];
    for (name, size, bounds, values, index) in [
        ("lower", vec![2], vec![0.0], vec![1.0, -0.1], Some(1)),
        ("upper", vec![1], vec![0.0], vec![f64::NAN], Some(0)),
        ("lower_upper", vec![1], vec![0.0, 1.0], vec![1.5], Some(0)),
        ("ordered", vec![3], vec![], vec![1.0, 3.0, 3.0], Some(2)),
        ("positive_ordered", vec![2], vec![], vec![-1.0, 3.0], Some(0)),
        ("simplex", vec![2], vec![], vec![0.5, 0.4], None),
        ("simplex", vec![2], vec![], vec![1.5, -0.5], Some(1)),
        ("unit_vector", vec![2], vec![], vec![0.6, 0.9], None),
        ("sum_to_zero_vector", vec![2], vec![], vec![0.6, 0.9], None),
        ("cov_matrix", vec![2], vec![], tilted.to_vec(), Some(1)),
        ("cov_matrix", vec![2], vec![], indefinite.to_vec(), None),
        ("corr_matrix", vec![2], vec![], vec![1.0, 0.1, 0.1, 1.1], Some(3)),
        ("cholesky_factor_cov", vec![2, 2], vec![], vec![1.0, 0.1, 0.1, 1.1], Some(2)),
        ("cholesky_factor_corr", vec![2], vec![], vec![1.0, 0.1, 0.0, 0.9], None),
    ] {
        assert_eq!(violation(name, &size, &bounds, &values).index, index, "{name} {values:?}");
    }
    let said = violation("lower", &[2], &[0.0], &[1.0, -0.1]).to_string();
    assert_eq!(said, "element 2 is -0.1, but must be greater than or equal to 0");
}

#[test]
fn slices_of_the_wrong_length_are_refused() {
    for (name, size, bounds) in CASES {
        let transform = constraint(name, size, bounds);
        let mut values = vec![0.0; transform.n_constrained() + 1];
        assert!(transform.constrain(&vec![0.1; transform.n_unconstrained()], &mut values).is_err(), "{name}");
        assert!(transform.check(&values).is_err(), "{name}");
        assert!(transform.unconstrain(&values, &mut [0.0; 40]).is_err(), "{name}");
    }
}
