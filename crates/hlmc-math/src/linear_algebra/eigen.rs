//! Eigenvalues and eigenvectors of symmetric matrices, and the matrix functions that rest on them.
//!
//! Householder tridiagonalisation and implicit QR steps with Wilkinson's shift (Golub and Van Loan, sections 8.3.1 and
//! 8.3.3), in the order and with the signs of Eigen, which Stan uses. Derivatives are those of perturbation theory; those
//! of eigenvectors do not exist at repeated eigenvalues, and are infinite or NaN there.

use super::{Matrix, MatrixError, MatrixRef, check_symmetric, multiply};
use crate::Real;

/// Eigenvalues in increasing order, and their eigenvectors of length 1 as columns.
#[derive(Clone, Debug, PartialEq)]
pub struct SymmetricEigen<T> {
    /// The eigenvalues, increasing.
    pub values: Vec<T>,
    /// Column k belongs to eigenvalue k.
    pub vectors: Matrix<T>,
}

/// QR steps allowed for each eigenvalue; two or three are usual.
const MAX_STEPS_PER_VALUE: usize = 30;

/// The eigenvalues and eigenvectors of a symmetric matrix.
///
/// # Errors
/// [`MatrixError::Size`], [`MatrixError::NotSymmetric`], or [`MatrixError::NoConvergence`].
pub fn eigen_symmetric<T: Real>(a: MatrixRef<'_, T>) -> Result<SymmetricEigen<T>, MatrixError> {
    check_symmetric(a)?;
    decompose(a)
}

/// [`eigen_symmetric`] of a matrix that is known to be symmetric.
fn decompose<T: Real>(a: MatrixRef<'_, T>) -> Result<SymmetricEigen<T>, MatrixError> {
    let n = a.rows();
    if T::NDERIV == 0 {
        let plain = Matrix::from_fn(n, n, |i, j| a[(i, j)].value());
        let (values, vectors) = decompose_values(plain)?;
        return Ok(SymmetricEigen {
            values: values.into_iter().map(T::constant).collect(),
            vectors: Matrix::from_fn(n, n, |i, j| T::constant(vectors[(i, j)])),
        });
    }
    let below = Matrix::from_fn(n, n, |i, j| a[(i, j)].lower());
    let SymmetricEigen { values, vectors } = decompose(below.view())?;
    let vectors = lift(&vectors);
    // In the basis of the eigenvectors the matrix is diagonal but for its derivatives: first-order perturbation theory
    // is exact. What stands beside the diagonal for rounding's sake is replaced by 0.
    let transposed = vectors.view().transpose();
    let rotated: Matrix<T> = multiply(multiply(transposed.view(), a)?.view(), vectors.view())?;
    let (zero, one) = (T::Lower::constant(0.0), T::Lower::constant(1.0));
    let turn = Matrix::from_fn(n, n, |i, j| match i == j {
        true => T::constant(1.0),
        false => rotated[(i, j)].chain(zero, one / (values[j] - values[i])),
    });
    Ok(SymmetricEigen {
        values: (0..n).map(|k| rotated[(k, k)].chain(values[k], one)).collect(),
        vectors: multiply(vectors.view(), turn.view())?,
    })
}

/// The same numbers without derivatives of the outermost order.
pub(super) fn lift<T: Real>(lower: &Matrix<T::Lower>) -> Matrix<T> {
    let nothing = T::constant(0.0);
    Matrix::from_fn(lower.rows(), lower.cols(), |i, j| nothing.chain(lower[(i, j)], lower[(i, j)]))
}

fn decompose_values(mut a: Matrix<f64>) -> Result<(Vec<f64>, Matrix<f64>), MatrixError> {
    let n = a.rows();
    let scale = a.as_slice().iter().fold(0.0_f64, |largest, entry| largest.max(entry.abs()));
    if !a.as_slice().iter().all(|entry| entry.is_finite()) {
        return Err(MatrixError::NoConvergence);
    }
    let scale = if scale == 0.0 { 1.0 } else { scale };
    for j in 0..n {
        a.col_mut(j).iter_mut().for_each(|entry| *entry /= scale);
    }
    let Tridiagonal { mut diagonal, mut subdiagonal, mut basis } = tridiagonalise(a);
    iterate(&mut diagonal, &mut subdiagonal, &mut basis)?;
    for i in 0..n {
        let mut least = i;
        for k in i + 1..n {
            if diagonal[k] < diagonal[least] {
                least = k;
            }
        }
        if least != i {
            diagonal.swap(i, least);
            for row in 0..n {
                let (left, right) = (basis[(row, i)], basis[(row, least)]);
                (basis[(row, i)], basis[(row, least)]) = (right, left);
            }
        }
    }
    diagonal.iter_mut().for_each(|value| *value *= scale);
    Ok((diagonal, basis))
}

/// Q' A Q: its diagonals, and Q.
struct Tridiagonal {
    diagonal: Vec<f64>,
    subdiagonal: Vec<f64>,
    basis: Matrix<f64>,
}

fn tridiagonalise(mut a: Matrix<f64>) -> Tridiagonal {
    let n = a.rows();
    let mut basis = Matrix::identity(n);
    let mut subdiagonal = vec![0.0; n.saturating_sub(1)];
    for (k, entry) in subdiagonal.iter_mut().enumerate() {
        let column: Vec<f64> = a.col(k).get(k + 1..).unwrap_or_default().to_vec();
        let (reflector, factor, norm) = householder(&column);
        *entry = norm;
        if factor == 0.0 {
            continue;
        }
        // A <- H A H on the rest, and Q <- Q H.
        let at = k + 1;
        reflect_columns(&mut a, at, at, &reflector, factor);
        let mirrored = a.view().transpose();
        a = mirrored;
        reflect_columns(&mut a, at, at, &reflector, factor);
        let mut transposed = basis.view().transpose();
        reflect_columns(&mut transposed, at, 0, &reflector, factor);
        basis = transposed.view().transpose();
    }
    Tridiagonal { diagonal: (0..n).map(|i| a[(i, i)]).collect(), subdiagonal, basis }
}

/// (v, tau, norm) with v_0 = 1 such that (1 - tau v v') x = norm e_0; the sign of norm is opposite to that of x_0.
fn householder(x: &[f64]) -> (Vec<f64>, f64, f64) {
    let first = x.first().copied().unwrap_or(0.0);
    let tail: f64 = x.iter().skip(1).map(|entry| entry * entry).sum();
    let mut reflector = x.to_vec();
    if tail <= f64::MIN_POSITIVE {
        return (reflector, 0.0, first);
    }
    let length = (first * first + tail).sqrt();
    let norm = if first >= 0.0 { -length } else { length };
    for entry in &mut reflector {
        *entry /= first - norm;
    }
    if let Some(entry) = reflector.first_mut() {
        *entry = 1.0;
    }
    (reflector, (norm - first) / norm, norm)
}

/// Applies 1 - factor v v' to the rows from `row` on of the columns from `col` on.
fn reflect_columns(a: &mut Matrix<f64>, row: usize, col: usize, v: &[f64], factor: f64) {
    for j in col..a.cols() {
        let part = a.col_mut(j).get_mut(row..).unwrap_or_default();
        let along: f64 = part.iter().zip(v).map(|(x, v)| x * v).sum();
        for (x, v) in part.iter_mut().zip(v) {
            *x -= factor * along * v;
        }
    }
}

fn iterate(diagonal: &mut [f64], subdiagonal: &mut [f64], basis: &mut Matrix<f64>) -> Result<(), MatrixError> {
    let n = diagonal.len();
    let Some(mut end) = n.checked_sub(1) else { return Ok(()) };
    let mut steps = 0;
    while end > 0 {
        for i in 0..end {
            let scaled = subdiagonal[i] / f64::EPSILON;
            let negligible = scaled * scaled <= diagonal[i].abs() + diagonal[i + 1].abs();
            if negligible || subdiagonal[i].abs() < f64::MIN_POSITIVE {
                subdiagonal[i] = 0.0;
            }
        }
        while end > 0 && subdiagonal[end - 1] == 0.0 {
            end -= 1;
        }
        if end == 0 {
            break;
        }
        steps += 1;
        if steps > MAX_STEPS_PER_VALUE * n {
            return Err(MatrixError::NoConvergence);
        }
        let mut start = end - 1;
        while start > 0 && subdiagonal[start - 1] != 0.0 {
            start -= 1;
        }
        qr_step(diagonal, subdiagonal, basis, start, end);
    }
    Ok(())
}

/// One implicit QR step on the rows from `start` to `end`.
fn qr_step(diagonal: &mut [f64], subdiagonal: &mut [f64], basis: &mut Matrix<f64>, start: usize, end: usize) {
    let mut x = diagonal[start] - wilkinson_shift(diagonal[end - 1], diagonal[end], subdiagonal[end - 1]);
    let mut z = subdiagonal[start];
    for k in start..end {
        if z == 0.0 {
            break;
        }
        let (c, s) = givens(x, z);
        let below = s * diagonal[k] + c * subdiagonal[k];
        let next = s * subdiagonal[k] + c * diagonal[k + 1];
        diagonal[k] = c * (c * diagonal[k] - s * subdiagonal[k]) - s * (c * subdiagonal[k] - s * diagonal[k + 1]);
        diagonal[k + 1] = s * below + c * next;
        subdiagonal[k] = c * below - s * next;
        if k > start {
            subdiagonal[k - 1] = c * subdiagonal[k - 1] - s * z;
        }
        x = subdiagonal[k];
        if k + 1 < end {
            z = -s * subdiagonal[k + 1];
            subdiagonal[k + 1] *= c;
        }
        for row in 0..basis.rows() {
            let (left, right) = (basis[(row, k)], basis[(row, k + 1)]);
            basis[(row, k)] = c * left - s * right;
            basis[(row, k + 1)] = s * left + c * right;
        }
    }
}

/// The eigenvalue of [[a, e], [e, b]] that is nearer to b.
fn wilkinson_shift(a: f64, b: f64, e: f64) -> f64 {
    let half_difference = 0.5 * (a - b);
    if half_difference == 0.0 {
        return b - e.abs();
    }
    if e == 0.0 {
        return b;
    }
    let size = half_difference.hypot(e).copysign(half_difference);
    b - e / ((half_difference + size) / e)
}

/// The rotation (c, s) that turns (p, q) so that its second coordinate s p + c q is 0.
fn givens(p: f64, q: f64) -> (f64, f64) {
    if q == 0.0 {
        (if p < 0.0 { -1.0 } else { 1.0 }, 0.0)
    } else if p == 0.0 {
        (0.0, if q < 0.0 { 1.0 } else { -1.0 })
    } else if p.abs() > q.abs() {
        let t = q / p;
        let c = 1.0 / (1.0 + t * t).sqrt().copysign(p);
        (c, -t * c)
    } else {
        let t = p / q;
        let s = -1.0 / (1.0 + t * t).sqrt().copysign(q);
        (-t * s, s)
    }
}
