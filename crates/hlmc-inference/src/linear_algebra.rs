//! The few operations on plain slices that the sampler needs. Slices of one call have one length.

use hlmc_math::linear_algebra::dot_in_lanes;

/// The partial sums of an inner product.
const LANES: usize = 4;

/// The inner product.
#[inline]
pub(crate) fn dot(left: &[f64], right: &[f64]) -> f64 {
    dot_in_lanes::<LANES>(left, right)
}

/// Adds `factor * source` to `target`.
pub(crate) fn add_scaled(target: &mut [f64], factor: f64, source: &[f64]) {
    for (t, s) in target.iter_mut().zip(source) {
        *t += factor * s;
    }
}

/// The lower Cholesky factor of a symmetric matrix (row-major, `dimension` squared values; only its lower triangle is
/// read), or the row at which it turns out not to be positive definite.
pub(crate) fn cholesky_factor(matrix: &[f64], dimension: usize) -> Result<Vec<f64>, usize> {
    let mut factor = vec![0.0; matrix.len()];
    for i in 0..dimension {
        let (done, current) = factor.split_at_mut(i * dimension);
        for j in 0..i {
            let row = &done[j * dimension..][..=j];
            let sum = dot(&current[..j], &row[..j]);
            current[j] = (matrix[i * dimension + j] - sum) / row[j];
        }
        let square = matrix[i * dimension + i] - dot(&current[..i], &current[..i]);
        if !(square > 0.0 && square.is_finite()) {
            return Err(i);
        }
        current[i] = square.sqrt();
    }
    Ok(factor)
}

/// Solves `transpose(factor) * x = b` for a lower triangular factor; `b` comes in and `x` goes out in `vector`.
pub(crate) fn solve_transposed_lower(factor: &[f64], vector: &mut [f64]) {
    let dimension = vector.len();
    for i in (0..dimension).rev() {
        let row = &factor[i * dimension..][..=i];
        let (before, rest) = vector.split_at_mut(i);
        let x = rest[0] / row[i];
        rest[0] = x;
        add_scaled(before, -x, &row[..i]);
    }
}

/// Adds two weights of which the logarithms are given, without overflow: the logarithm of the sum, and the share of
/// `second` in it. Negative infinity stands for a weight of zero; one of the two must be positive.
pub(crate) fn add_log_weights(first: f64, second: f64) -> (f64, f64) {
    let (small, large) = if first < second { (first, second) } else { (second, first) };
    let ratio = (small - large).exp();
    let share_of_large = 1.0 / (1.0 + ratio);
    (large + ratio.ln_1p(), if first < second { share_of_large } else { ratio * share_of_large })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inner_product_agrees_with_the_plain_sum_at_every_length() {
        for n in 0..11 {
            let a: Vec<f64> = (0..n).map(|i| f64::from(i) + 1.0).collect();
            let b: Vec<f64> = (0..n).map(|i| 2.0 * f64::from(i) - 3.0).collect();
            let plain: f64 = a.iter().zip(&b).map(|(x, y)| x * y).sum();
            assert_eq!(dot(&a, &b), plain);
        }
    }

    #[test]
    fn cholesky_factor_of_a_known_matrix() {
        let matrix = [4.0, 12.0, -16.0, 12.0, 37.0, -43.0, -16.0, -43.0, 98.0];
        assert_eq!(cholesky_factor(&matrix, 3), Ok(vec![2.0, 0.0, 0.0, 6.0, 1.0, 0.0, -8.0, 5.0, 3.0]));
    }

    #[test]
    fn cholesky_factor_names_the_row_that_fails() {
        assert_eq!(cholesky_factor(&[1.0, 1.0, 1.0, 1.0], 2), Err(1));
        assert_eq!(cholesky_factor(&[f64::NAN], 1), Err(0));
        assert_eq!(cholesky_factor(&[], 0), Ok(vec![]));
    }

    #[test]
    fn solving_inverts_the_transposed_factor() {
        let factor = [2.0, 0.0, 0.0, 6.0, 1.0, 0.0, -8.0, 5.0, 3.0];
        // The transposed factor times (1, 2, 3) is (2 + 12 - 24, 2 + 15, 9).
        let mut vector = [-10.0, 17.0, 9.0];
        solve_transposed_lower(&factor, &mut vector);
        assert_eq!(vector, [1.0, 2.0, 3.0]);
    }

    #[test]
    fn log_weights_at_their_edges() {
        assert_eq!(add_log_weights(f64::NEG_INFINITY, 3.0), (3.0, 1.0));
        assert_eq!(add_log_weights(3.0, f64::NEG_INFINITY), (3.0, 0.0));
        assert_eq!(add_log_weights(1000.0, 1000.0), (1000.0 + 2.0_f64.ln(), 0.5));
        assert_eq!(add_log_weights(-1000.0, 0.0), (0.0, 1.0));
        let (log_sum, share) = add_log_weights(3.0_f64.ln(), 1.0_f64.ln());
        assert!((log_sum - 4.0_f64.ln()).abs() < 1e-15 && (share - 0.25).abs() < 1e-15);
    }
}
