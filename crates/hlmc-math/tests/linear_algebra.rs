//! Linear algebra by its laws, at random matrices, with derivatives against central differences.
#![allow(clippy::panic, clippy::expect_used, reason = "clippy exempts test functions, but not what they call")]

use hlmc_math::Real;
use hlmc_math::linear_algebra::*;
use num_dual::DualSVec64;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

const MAX_SIZE: usize = 5;
type Dual = DualSVec64<1>;

/// Runs `law` on random square matrices of size 1 to 5, with entries up to 2 in size, and a direction to differentiate
/// in.
fn for_random_matrices(law: impl Fn(&Matrix<f64>, &Matrix<f64>) -> Result<(), TestCaseError>) {
    let config = Config { cases: 60, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let entries = || prop::collection::vec(-2.0..2.0_f64, MAX_SIZE * MAX_SIZE);
    runner
        .run(&(1..=MAX_SIZE, entries(), entries()), |(n, entries, direction)| {
            let square = |entries: &[f64]| Matrix::from_fn(n, n, |i, j| entries[j * MAX_SIZE + i]);
            law(&square(&entries), &square(&direction))
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
}

fn distance(a: &Matrix<f64>, b: &Matrix<f64>) -> f64 {
    assert_eq!((a.rows(), a.cols()), (b.rows(), b.cols()));
    a.as_slice().iter().zip(b.as_slice()).map(|(x, y)| (x - y).abs()).fold(0.0, f64::max)
}

fn size(a: &Matrix<f64>) -> f64 {
    a.as_slice().iter().fold(1.0, |largest, entry| largest.max(entry.abs()))
}

/// A positive definite matrix, not far from singular.
fn positive_definite<T: Real>(a: &Matrix<T>) -> Matrix<T> {
    let mut product = tcrossprod(a.view());
    for i in 0..a.rows() {
        product[(i, i)] += 0.1;
    }
    product
}

/// Checks the derivative of `f` along `direction` against central differences of its values.
fn check_derivative(
    at: &Matrix<f64>,
    direction: &Matrix<f64>,
    of_values: impl Fn(&Matrix<f64>) -> Vec<f64>,
    of_duals: impl Fn(&Matrix<Dual>) -> Vec<Dual>,
) -> Result<(), TestCaseError> {
    const STEP: f64 = 1e-6;
    let moved = |step: f64| Matrix::from_fn(at.rows(), at.cols(), |i, j| at[(i, j)] + step * direction[(i, j)]);
    let seed = Dual::from_re(0.0).derivative(0);
    let along = Matrix::from_fn(at.rows(), at.cols(), |i, j| seed * direction[(i, j)] + at[(i, j)]);
    let (here, duals) = (of_values(at), of_duals(&along));
    for (index, (above, below)) in of_values(&moved(STEP)).iter().zip(of_values(&moved(-STEP))).enumerate() {
        prop_assert!((duals[index].value() - here[index]).abs() <= 1e-9 * here[index].abs().max(1.0));
        let (expected, found) = ((above - below) / (2.0 * STEP), duals[index].partial(0));
        let tolerance = 1e-4 * expected.abs().max(found.abs()).max(here[index].abs()).max(1.0);
        prop_assert!((found - expected).abs() < tolerance, "entry {index}: {found} instead of {expected}");
    }
    Ok(())
}

/// Checks the derivative of a generic function of a matrix.
macro_rules! check_derivative {
    ($at:expr, $direction:expr, |$a:ident| $f:expr) => {
        check_derivative($at, $direction, |$a: &Matrix<f64>| $f, |$a: &Matrix<Dual>| $f)?
    };
}

/// Whether the matrix is far enough from singular for differences to mean something.
fn is_regular(a: &Matrix<f64>) -> bool {
    determinant(a.view()).expect("square").abs() > 0.05
}

#[test]
fn cholesky_factors_multiply_to_the_matrix() {
    for_random_matrices(|a, direction| {
        let matrix = positive_definite(a);
        let factor = cholesky(matrix.view()).expect("positive definite");
        prop_assert!(distance(&tcrossprod(factor.view()), &matrix) < 1e-13 * size(&matrix));
        if is_regular(a) {
            check_derivative!(a, direction, |a| cholesky(positive_definite(a).view()).expect("factor").into_entries());
        }
        Ok(())
    });
}

#[test]
fn solutions_solve_their_equations() {
    for_random_matrices(|a, b| {
        let spd = positive_definite(a);
        let lower = cholesky(spd.view()).expect("factor");
        let upper = lower.view().transpose();
        let b = b.view();
        for (matrix, solution) in [
            (&lower, solve_lower(lower.view(), b)),
            (&upper, solve_lower_transposed(lower.view(), b)),
            (&upper, solve_upper(upper.view(), b)),
            (&spd, solve_spd(spd.view(), b)),
            (&spd, solve(spd.view(), b)),
        ] {
            let product = multiply(matrix.view(), solution.expect("a solution").view()).expect("sizes fit");
            prop_assert!(distance(&product, &b.to_matrix()) < 1e-9, "{product:?}");
        }
        let right = multiply(solve_right(b, spd.view()).expect("solution").view(), spd.view()).expect("sizes fit");
        prop_assert!(distance(&right, &b.to_matrix()) < 1e-9);
        Ok(())
    });
}

#[test]
fn inverses_and_determinants_agree() {
    for_random_matrices(|a, direction| {
        if !is_regular(a) {
            return Ok(());
        }
        let inverted = inverse(a.view()).expect("square");
        let product = multiply(a.view(), inverted.view()).expect("sizes fit");
        prop_assert!(distance(&product, &Matrix::identity(a.rows())) < 1e-10);
        let product = determinant(a.view()).unwrap() * determinant(inverted.view()).unwrap();
        prop_assert!((product - 1.0).abs() < 1e-10);
        prop_assert!((log_determinant(a.view()).unwrap() - determinant(a.view()).unwrap().abs().ln()).abs() < 1e-12);
        let spd = positive_definite(a);
        prop_assert!((log_determinant_spd(spd.view()).unwrap() - log_determinant(spd.view()).unwrap()).abs() < 1e-9);
        prop_assert!(distance(&inverse_spd(spd.view()).unwrap(), &inverse(spd.view()).unwrap()) < 1e-8);
        check_derivative!(a, direction, |a| vec![determinant(a.view()).unwrap(), log_determinant(a.view()).unwrap()]);
        check_derivative!(a, direction, |a| inverse(a.view()).unwrap().into_entries());
        Ok(())
    });
}

#[test]
fn quadratic_forms_agree_with_plain_products() {
    for_random_matrices(|a, b| {
        let form = quad_form(a.view(), b.view()).unwrap();
        let plain = multiply(multiply(b.view().transpose().view(), a.view()).unwrap().view(), b.view()).unwrap();
        prop_assert!(distance(&form, &plain) < 1e-11);
        prop_assert!((trace_quad_form(a.view(), b.view()).unwrap() - trace(plain.view())).abs() < 1e-11);
        let general = trace_gen_quad_form(a.view(), a.view(), b.view()).unwrap();
        prop_assert!((general - trace(multiply(a.view(), plain.view()).unwrap().view())).abs() < 1e-10);
        let d = b.col(0);
        let diagonal = Matrix::from_fn(d.len(), d.len(), |i, j| if i == j { d[i] } else { 0.0 });
        let scaled = quad_form(a.view(), diagonal.view()).unwrap();
        prop_assert!(distance(&quad_form_diag(a.view(), d).unwrap(), &scaled) < 1e-13);
        let both = diag_post_multiply(diag_pre_multiply(d, a.view()).unwrap().view(), d).unwrap();
        prop_assert!(distance(&both, &scaled) < 1e-13);
        Ok(())
    });
}

fn symmetric<T: Real>(a: &Matrix<T>) -> Matrix<T> {
    Matrix::from_fn(a.rows(), a.rows(), |i, j| (a[(i, j)] + a[(j, i)]) * 0.5)
}

fn diagonal(values: &[f64]) -> Matrix<f64> {
    Matrix::from_fn(values.len(), values.len(), |i, j| if i == j { values[i] } else { 0.0 })
}

/// Whether neighbouring values keep a distance at which differences of vectors mean something.
fn are_apart(values: &[f64]) -> bool {
    values.windows(2).all(|pair| (pair[1] - pair[0]).abs() > 0.1)
}

#[test]
fn eigenvectors_turn_a_symmetric_matrix_into_its_eigenvalues() {
    for_random_matrices(|a, direction| {
        let matrix = symmetric(a);
        let SymmetricEigen { values, vectors } = eigen_symmetric(matrix.view()).expect("an answer");
        prop_assert!(values.windows(2).all(|pair| pair[0] <= pair[1]));
        prop_assert!(distance(&crossprod(vectors.view()), &Matrix::identity(a.rows())) < 1e-13);
        let back = multiply(
            multiply(vectors.view(), diagonal(&values).view()).unwrap().view(),
            vectors.view().transpose().view(),
        );
        prop_assert!(distance(&back.unwrap(), &matrix) < 1e-13);
        check_derivative!(a, direction, |a| eigen_symmetric(symmetric(a).view()).expect("an answer").values);
        if are_apart(&values) {
            check_derivative!(a, direction, |a| {
                eigen_symmetric(symmetric(a).view()).expect("an answer").vectors.into_entries()
            });
        }
        Ok(())
    });
}

#[test]
fn equal_eigenvalues_are_no_trouble() {
    let identity = Matrix::<Dual>::identity(3);
    assert!(eigen_symmetric(identity.view()).unwrap().values.iter().all(|value| value.value() == 1.0));
    assert_eq!(eigen_symmetric(Matrix::<f64>::zeros(2, 2).view()).unwrap().values, [0.0, 0.0]);
}

#[test]
fn singular_vectors_turn_a_matrix_into_its_singular_values() {
    for_random_matrices(|a, direction| {
        // A wide, a square and a tall part of the matrix in turn.
        for (rows, cols) in [(a.rows(), a.rows()), (a.rows(), a.rows().div_ceil(2)), (a.rows().div_ceil(2), a.rows())] {
            let (part, along) = (block(a, rows, cols), block(direction, rows, cols));
            let Svd { u, values, v } = svd(part.view()).expect("an answer");
            let back =
                multiply(multiply(u.view(), diagonal(&values).view()).unwrap().view(), v.view().transpose().view());
            prop_assert!(distance(&back.unwrap(), &part) < 1e-12);
            prop_assert!(distance(&crossprod(u.view()), &Matrix::identity(values.len())) < 1e-12);
            prop_assert!(distance(&crossprod(v.view()), &Matrix::identity(values.len())) < 1e-12);
            prop_assert!(values.windows(2).all(|pair| pair[0] >= pair[1]));
            if are_apart(&values) && values.last().is_some_and(|&least| least > 0.1) {
                check_derivative!(&part, &along, |a| singular_values(a.view()).expect("an answer"));
                check_derivative!(&part, &along, |a| svd(a.view()).expect("an answer").u.into_entries());
                check_derivative!(&part, &along, |a| svd(a.view()).expect("an answer").v.into_entries());
            }
        }
        Ok(())
    });
}

fn block<T: Real>(a: &Matrix<T>, rows: usize, cols: usize) -> Matrix<T> {
    Matrix::from_fn(rows, cols, |i, j| a[(i, j)])
}

#[test]
fn a_matrix_of_rank_one_has_orthonormal_singular_vectors() {
    let ones = Matrix::from_fn(3, 3, |_, _| 1.0);
    let Svd { u, values, v } = svd(ones.view()).unwrap();
    assert!((values[0] - 3.0).abs() < 1e-14 && values[1].abs() < 1e-15 && values[2].abs() < 1e-15);
    assert!(distance(&crossprod(u.view()), &Matrix::identity(3)) < 1e-12);
    assert!(distance(&crossprod(v.view()), &Matrix::identity(3)) < 1e-12);
}

#[test]
fn qr_factors_multiply_to_the_matrix() {
    for_random_matrices(|a, direction| {
        for (rows, cols) in [(a.rows(), a.rows()), (a.rows(), a.rows().div_ceil(2)), (a.rows().div_ceil(2), a.rows())] {
            let (part, along) = (block(a, rows, cols), block(direction, rows, cols));
            for Qr { q, r } in [qr_thin(part.view()), qr_full(part.view())] {
                prop_assert!(distance(&multiply(q.view(), r.view()).unwrap(), &part) < 1e-13);
                prop_assert!(distance(&crossprod(q.view()), &Matrix::identity(q.cols())) < 1e-13);
                for j in 0..r.cols() {
                    prop_assert!(j >= r.rows() || r[(j, j)] >= 0.0);
                    prop_assert!((j + 1..r.rows()).all(|i| r[(i, j)] == 0.0));
                }
            }
            if rows <= cols && is_regular(&block(a, rows, rows)) {
                check_derivative!(&part, &along, |a| qr_thin(a.view()).q.into_entries());
                check_derivative!(&part, &along, |a| qr_thin(a.view()).r.into_entries());
            }
        }
        Ok(())
    });
}

#[test]
fn the_matrix_exponential_is_that_of_the_eigenvalues() {
    for_random_matrices(|a, direction| {
        let matrix = symmetric(a);
        let SymmetricEigen { values, vectors } = eigen_symmetric(matrix.view()).expect("an answer");
        let exponentials: Vec<f64> = values.iter().map(|value| value.exp()).collect();
        let expected = multiply(
            multiply(vectors.view(), diagonal(&exponentials).view()).unwrap().view(),
            vectors.view().transpose().view(),
        )
        .unwrap();
        let found = matrix_exp(matrix.view()).unwrap();
        prop_assert!(distance(&found, &expected) < 1e-12 * size(&expected));
        check_derivative!(a, direction, |a| matrix_exp(a.view()).unwrap().into_entries());
        Ok(())
    });
    let nilpotent = Matrix::from_fn(2, 2, |i, j| if i < j { 1e3 } else { 0.0 });
    let found = matrix_exp(nilpotent.view()).unwrap();
    assert!((found[(0, 1)] - 1e3).abs() < 1e-9 && (found[(0, 0)] - 1.0).abs() < 1e-12, "{found:?}");
}

#[test]
fn a_singular_matrix_has_no_finite_inverse_and_an_infinite_log_determinant() {
    let singular = [1.0, 2.0, 2.0, 4.0];
    let view = MatrixRef::new(&singular, 2, 2).unwrap();
    assert_eq!(log_determinant(view).unwrap(), f64::NEG_INFINITY);
    assert_eq!(determinant(view).unwrap(), 0.0);
    assert!(inverse(view).unwrap().as_slice().iter().all(|entry| !entry.is_finite()));
    assert_eq!(cholesky(view).unwrap_err(), MatrixError::NotPositiveDefinite);
}

#[test]
fn the_empty_matrix_is_regular() {
    let empty = MatrixRef::<f64>::new(&[], 0, 0).unwrap();
    assert_eq!((determinant(empty).unwrap(), log_determinant(empty).unwrap()), (1.0, 0.0));
    assert!(cholesky(empty).unwrap().as_slice().is_empty());
}

#[test]
fn sizes_that_do_not_fit_are_refused() {
    let entries = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    let (wide, tall) = (MatrixRef::new(&entries, 2, 3).unwrap(), MatrixRef::new(&entries, 3, 2).unwrap());
    assert!(MatrixRef::new(&entries, 2, 2).is_err());
    assert!(multiply(wide, wide).is_err());
    assert!(multiply(wide, tall).is_ok());
    assert!(inverse(wide).is_err());
    assert!(cholesky(wide).is_err());
    assert!(quad_form_diag(wide, &entries).is_err());
    let tilted = MatrixRef::new(&entries[..4], 2, 2).unwrap();
    assert_eq!(cholesky(tilted).unwrap_err(), MatrixError::NotSymmetric { row: 1, col: 0 });
    assert!(solve_lower(tilted, tall).is_err());
}
