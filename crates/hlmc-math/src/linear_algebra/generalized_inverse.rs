//! The Moore-Penrose inverse.

use super::{Matrix, MatrixError, MatrixRef, Svd, multiply, qr_thin, solve_upper, svd};
use crate::Real;

/// Diagonal entries of R, or singular values, this small beside the largest say that the matrix has not full rank.
const RANK_TOLERANCE: f64 = 1e-14;

/// The Moore-Penrose inverse, from the QR factors of a matrix of full rank, else from its singular values; the derivative
/// of the latter exists only if the rank does not change nearby, and is not promised here.
///
/// # Errors
/// [`MatrixError::NoConvergence`] if an entry is not finite and the rank is not full.
pub fn generalized_inverse<T: Real>(a: MatrixRef<'_, T>) -> Result<Matrix<T>, MatrixError> {
    if a.rows() < a.cols() {
        return Ok(generalized_inverse(a.transpose().view())?.view().transpose());
    }
    let factors = qr_thin(a);
    let diagonal = (0..factors.r.rows()).map(|i| factors.r[(i, i)].value().abs());
    let (least, largest) = diagonal.fold((f64::INFINITY, 0.0), |(low, high), x| (x.min(low), x.max(high)));
    if least > RANK_TOLERANCE * largest || a.cols() == 0 {
        return solve_upper(factors.r.view(), factors.q.view().transpose().view());
    }
    let Svd { u, values, v } = svd(a)?;
    let smallest = RANK_TOLERANCE * values.first().map_or(0.0, Real::value);
    let inverse = |s: T| if s.value() > smallest { s.recip() } else { T::constant(0.0) };
    let scaled = Matrix::from_fn(v.rows(), v.cols(), |i, j| v[(i, j)] * inverse(values[j]));
    multiply(scaled.view(), u.view().transpose().view())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_is_inverse(entries: &[f64], rows: usize, cols: usize) {
        let a = MatrixRef::new(entries, rows, cols).unwrap();
        let inverse = generalized_inverse(a).unwrap();
        assert_eq!((inverse.rows(), inverse.cols()), (cols, rows));
        // The first two of Penrose's conditions.
        let there_and_back = multiply(multiply(a, inverse.view()).unwrap().view(), a).unwrap();
        assert!(there_and_back.as_slice().iter().zip(entries).all(|(x, y)| (x - y).abs() < 1e-12));
        let back_and_there = multiply(multiply(inverse.view(), a).unwrap().view(), inverse.view()).unwrap();
        assert!(back_and_there.as_slice().iter().zip(inverse.as_slice()).all(|(x, y)| (x - y).abs() < 1e-12));
    }

    #[test]
    fn penroses_conditions_hold_for_tall_wide_square_and_deficient_matrices() {
        let entries = [1.0, 0.5, -0.3, 0.2, 2.0, 0.7];
        assert_is_inverse(&entries, 3, 2);
        assert_is_inverse(&entries, 2, 3);
        assert_is_inverse(&entries[..4], 2, 2);
        assert_is_inverse(&[1.0, 2.0, 3.0, 2.0, 4.0, 6.0], 3, 2);
        assert_is_inverse(&[], 0, 0);
    }
}
