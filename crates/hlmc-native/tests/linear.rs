//! The adjoints by hand against central differences.
#![allow(clippy::unwrap_used, reason = "helpers of tests are parts of tests, though not in test functions")]

use hlmc_native::apply::Whole;
use hlmc_native::linear::Operand::Input;
use hlmc_native::linear::cholesky::Cholesky;
use hlmc_native::linear::constraint::{CorrelationFactor, SumToZero};
use hlmc_native::linear::eigen::SymmetricEigen;
use hlmc_native::linear::general::{Inverse, LogDeterminant, Solution};
use hlmc_native::linear::product::Product;
use hlmc_native::linear::reduction::{CumulativeSum, LogSoftmax, LogSumExp, ProductOfAll, Softmax};
use hlmc_native::linear::triangular::{Side, TriangularSolution};
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// Half the distance of the differences.
const STEP: f64 = 1e-5;

/// What differences of this step are worth.
const TOLERANCE: f64 = 1e-6;

fn numbers(n: usize, seed: u64) -> Vec<f64> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    (0..n).map(|_| 2.0 * rng.random::<f64>() - 1.0).collect()
}

/// A symmetric matrix with a heavy diagonal.
fn positive_definite(n: usize) -> Vec<f64> {
    let a = numbers(n * n, 7);
    let entry = |i: usize, j: usize| 0.5 * (a[i + j * n] + a[j + i * n]) + if i == j { n as f64 } else { 0.0 };
    (0..n * n).map(|at| entry(at % n, at / n)).collect()
}

/// The adjoint of the inputs, when `n_read` of `n_outputs` outputs count, each with a weight of its own. `mirror` says which
/// entry changes with an entry.
fn check(
    function: &dyn Whole,
    inputs: &[f64],
    n_outputs: usize,
    n_read: usize,
    mirror: impl Fn(usize) -> Option<usize>,
) {
    let weights = numbers(n_read, 3);
    let value = |inputs: &[f64]| {
        let mut outputs = vec![0.0; n_outputs];
        function.forward(inputs, &mut outputs).unwrap();
        outputs.iter().zip(&weights).map(|(x, weight)| x * weight).sum::<f64>()
    };
    let mut outputs = vec![0.0; n_outputs];
    function.forward(inputs, &mut outputs).unwrap();
    let mut adjoint_outputs = vec![0.0; n_outputs];
    adjoint_outputs[..n_read].copy_from_slice(&weights);
    // What is there already is added to.
    let mut adjoint = vec![0.25; inputs.len()];
    function.reverse(inputs, &outputs, &mut adjoint_outputs, &mut adjoint).unwrap();
    for i in 0..inputs.len() {
        let moved = |step: f64| {
            let mut inputs = inputs.to_vec();
            inputs[i] += step;
            if let Some(other) = mirror(i).filter(|other| *other != i) {
                inputs[other] += step;
            }
            value(&inputs)
        };
        let difference = (moved(STEP) - moved(-STEP)) / (2.0 * STEP);
        let others = mirror(i).filter(|other| *other != i).map_or(0.0, |other| adjoint[other] - 0.25);
        let found = adjoint[i] - 0.25 + others;
        assert!(
            (found - difference).abs() <= TOLERANCE * difference.abs().max(1.0),
            "{function:?}: adjoint[{i}] {found} against {difference}"
        );
    }
}

#[test]
fn products() {
    for (rows, inner, cols) in [(2, 3, 4), (1, 5, 3), (24, 22, 21)] {
        for (is_left_transposed, is_right_transposed) in [(false, false), (true, false), (false, true), (true, true)] {
            let product =
                Product { rows, inner, cols, left: Input, is_left_transposed, right: Input, is_right_transposed };
            check(&product, &numbers(inner * (rows + cols), 1), rows * cols, rows * cols, |_| None);
        }
    }
}

#[test]
fn cholesky_factors_of_one_panel_and_of_several() {
    for n in [1, 2, 5, 17, 35] {
        let mirror = |i: usize| Some(i / n + i % n * n);
        check(&Cholesky { size: n }, &positive_definite(n), n * n, n * n, mirror);
    }
}

#[test]
fn eigenvalues_and_eigenvectors() {
    for n in [1, 2, 5] {
        let eigen = SymmetricEigen { size: n };
        let mirror = |i: usize| Some(i / n + i % n * n);
        check(&eigen, &positive_definite(n), eigen.n_outputs(), n * (n + 1), mirror);
    }
}

#[test]
fn triangular_systems() {
    for (size, count) in [(1, 1), (2, 3), (5, 1), (17, 4), (30, 20)] {
        for side in [Side::Left, Side::Right] {
            for is_transposed in [false, true] {
                let mut inputs = positive_definite(size);
                inputs.extend(numbers(size * count, 2));
                let (matrix, right_hand_side) = (Input, Input);
                let solution = TriangularSolution { size, count, side, is_transposed, matrix, right_hand_side };
                check(&solution, &inputs, size * count, size * count, |_| None);
            }
        }
    }
}

#[test]
fn general_matrices() {
    for n in [1, 2, 5, 17] {
        // The largest entries are not on the diagonal: rows are exchanged.
        let mut matrix = positive_definite(n);
        matrix.rotate_left(n);
        let inverse = Inverse { size: n };
        check(&inverse, &matrix, inverse.n_outputs(), n * n, |_| None);
        let log_determinant = LogDeterminant { size: n };
        check(&log_determinant, &matrix, log_determinant.n_outputs(), 1, |_| None);
        matrix.extend(numbers(3 * n, 5));
        let solution = Solution { size: n, count: 3, matrix: Input, right_hand_side: Input };
        check(&solution, &matrix, solution.n_outputs(), 3 * n, |_| None);
    }
}

#[test]
fn reductions_and_constraints() {
    for n in [1, 2, 5, 17] {
        let x = numbers(n, 4);
        check(&CumulativeSum, &x, n, n, |_| None);
        check(&ProductOfAll, &x, n + 1, 1, |_| None);
        check(&LogSumExp, &x, 1, 1, |_| None);
        check(&Softmax, &x, n, n, |_| None);
        check(&LogSoftmax, &x, n, n, |_| None);
        check(&SumToZero, &x, n + 1, n + 1, |_| None);
        let factor = CorrelationFactor { size: n };
        check(&factor, &numbers(n * (n - 1), 6), factor.n_outputs(), factor.n_entries(), |_| None);
    }
}

#[test]
fn a_matrix_that_is_not_positive_definite_or_not_symmetric_faults() {
    let factor = |matrix: &[f64]| Cholesky { size: 2 }.forward(matrix, &mut [0.0; 4]);
    assert!(factor(&[1.0, 2.0, 2.0, 1.0]).is_err());
    assert!(factor(&[1.0, 0.5, 0.25, 1.0]).is_err());
    assert!(factor(&[f64::NAN, 0.0, 0.0, 1.0]).is_err());
    assert!(factor(&[2.0, 1.0, 1.0, 2.0]).is_ok());
}
