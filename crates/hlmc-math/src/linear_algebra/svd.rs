//! The singular value decomposition, by one-sided Jacobi rotations (Golub and Van Loan, section 8.6.3).
//!
//! Small singular values keep their relative accuracy. Derivatives of singular vectors do not exist at repeated
//! singular values. Signs: the largest entry of each left vector is positive.

use super::eigen::lift;
use super::{Matrix, MatrixError, MatrixRef, dot, multiply};
use crate::Real;

/// A = U diag(values) V', thin: with K = min(M, N) columns in U and V.
#[derive(Clone, Debug, PartialEq)]
pub struct Svd<T> {
    /// Left singular vectors, M by K.
    pub u: Matrix<T>,
    /// Singular values, decreasing.
    pub values: Vec<T>,
    /// Right singular vectors, N by K.
    pub v: Matrix<T>,
}

const MAX_SWEEPS: usize = 60;

/// The thin singular value decomposition.
///
/// # Errors
/// [`MatrixError::NoConvergence`], also if an entry is not finite.
pub fn svd<T: Real>(a: MatrixRef<'_, T>) -> Result<Svd<T>, MatrixError> {
    if a.rows() < a.cols() {
        let Svd { u, values, v } = svd(a.transpose().view())?;
        return Ok(Svd { u: v, values, v: u });
    }
    if T::NDERIV == 0 {
        return decompose_values(a);
    }
    let below = Matrix::from_fn(a.rows(), a.cols(), |i, j| a[(i, j)].lower());
    let decomposed = svd(below.view())?;
    perturb(a, &decomposed)
}

/// The singular values, decreasing.
///
/// # Errors
/// As [`svd`].
pub fn singular_values<T: Real>(a: MatrixRef<'_, T>) -> Result<Vec<T>, MatrixError> {
    Ok(svd(a)?.values)
}

/// The decomposition of a matrix with derivatives, from that of its values; first-order perturbation theory.
fn perturb<T: Real>(a: MatrixRef<'_, T>, below: &Svd<T::Lower>) -> Result<Svd<T>, MatrixError> {
    let (k, s) = (a.cols(), &below.values);
    let (u, v) = (lift::<T>(&below.u), lift::<T>(&below.v));
    let image: Matrix<T> = multiply(a, v.view())?;
    let rotated: Matrix<T> = multiply(u.view().transpose().view(), image.view())?;
    let (zero, one) = (T::Lower::constant(0.0), T::Lower::constant(1.0));
    let turn = |on_the_left: bool| {
        Matrix::from_fn(k, k, |i, j| {
            if i == j {
                return T::constant(1.0);
            }
            let per_gap = one / ((s[j] - s[i]) * (s[j] + s[i]));
            let (of_entry, of_mirrored) = if on_the_left { (s[j], s[i]) } else { (s[i], s[j]) };
            rotated[(i, j)].chain(zero, of_entry * per_gap) + rotated[(j, i)].chain(zero, of_mirrored * per_gap)
        })
    };
    let mut left = multiply(u.view(), turn(true).view())?;
    // What of the image lies outside of the space of the left vectors.
    let inside = multiply(u.view(), rotated.view())?;
    for j in 0..k {
        for i in 0..a.rows() {
            left[(i, j)] += (image[(i, j)] - inside[(i, j)]).chain(zero, one / s[j]);
        }
    }
    let right = multiply(v.view(), turn(false).view())?;
    Ok(Svd { u: left, values: (0..k).map(|i| rotated[(i, i)].chain(s[i], one)).collect(), v: right })
}

fn decompose_values<T: Real>(a: MatrixRef<'_, T>) -> Result<Svd<T>, MatrixError> {
    let (m, n) = (a.rows(), a.cols());
    let mut scaled = Matrix::from_fn(m, n, |i, j| a[(i, j)].value());
    if !scaled.as_slice().iter().all(|entry| entry.is_finite()) {
        return Err(MatrixError::NoConvergence);
    }
    let mut v = Matrix::<f64>::identity(n);
    orthogonalise(&mut scaled, &mut v)?;
    let lengths: Vec<f64> = (0..n).map(|j| dot(scaled.col(j), scaled.col(j)).sqrt()).collect();
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&i, &j| lengths[j].total_cmp(&lengths[i]));
    let mut u = Matrix::<f64>::zeros(m, n);
    for (k, &j) in order.iter().enumerate() {
        if lengths[j] > 0.0 {
            let column: Vec<f64> = scaled.col(j).iter().map(|entry| entry / lengths[j]).collect();
            u.col_mut(k).copy_from_slice(&column);
        } else {
            complete(&mut u, k);
        }
    }
    let signs: Vec<f64> = (0..n).map(|k| sign_of_largest(u.col(k))).collect();
    Ok(Svd {
        u: Matrix::from_fn(m, n, |i, k| T::constant(signs[k] * u[(i, k)])),
        values: order.iter().map(|&j| T::constant(lengths[j])).collect(),
        v: Matrix::from_fn(n, n, |i, k| T::constant(signs[k] * v[(i, order[k])])),
    })
}

/// Rotates pairs of columns of `a`, and of `v` with them, until all are orthogonal.
fn orthogonalise(a: &mut Matrix<f64>, v: &mut Matrix<f64>) -> Result<(), MatrixError> {
    let n = a.cols();
    for _ in 0..MAX_SWEEPS {
        let mut rotated = false;
        for p in 0..n {
            for q in p + 1..n {
                let (pp, qq, pq) = (dot(a.col(p), a.col(p)), dot(a.col(q), a.col(q)), dot(a.col(p), a.col(q)));
                if pq.abs() <= f64::EPSILON * (pp * qq).sqrt() {
                    continue;
                }
                rotated = true;
                let zeta = (qq - pp) / (2.0 * pq);
                let t = 1.0 / (zeta.abs() + zeta.hypot(1.0)).copysign(zeta);
                let c = 1.0 / t.hypot(1.0);
                rotate(a, p, q, c, c * t);
                rotate(v, p, q, c, c * t);
            }
        }
        if !rotated {
            return Ok(());
        }
    }
    Err(MatrixError::NoConvergence)
}

fn rotate(a: &mut Matrix<f64>, p: usize, q: usize, c: f64, s: f64) {
    for i in 0..a.rows() {
        let (left, right) = (a[(i, p)], a[(i, q)]);
        a[(i, p)] = c * left - s * right;
        a[(i, q)] = s * left + c * right;
    }
}

/// Makes column `k` a unit vector orthogonal to the columns before it.
fn complete(u: &mut Matrix<f64>, k: usize) {
    const INDEPENDENT: f64 = 0.5;
    let m = u.rows();
    for axis in 0..m {
        let mut candidate: Vec<f64> = (0..m).map(|i| f64::from(u8::from(i == axis))).collect();
        for j in (0..k).chain(0..k) {
            let along = dot(&candidate, u.col(j));
            candidate.iter_mut().zip(u.col(j)).for_each(|(x, y)| *x -= along * y);
        }
        let length = dot(&candidate, &candidate).sqrt();
        // Among the m axes at least one keeps this share of its length outside of a space of fewer dimensions.
        if length * (m as f64).sqrt() > INDEPENDENT {
            candidate.iter_mut().for_each(|x| *x /= length);
            u.col_mut(k).copy_from_slice(&candidate);
            return;
        }
    }
}

fn sign_of_largest(x: &[f64]) -> f64 {
    let largest = x.iter().fold(0.0_f64, |largest, &entry| if entry.abs() > largest.abs() { entry } else { largest });
    if largest < 0.0 { -1.0 } else { 1.0 }
}
