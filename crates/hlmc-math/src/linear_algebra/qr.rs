//! QR factors by Householder reflections, with Stan's sign convention: the diagonal of R is not negative.

use super::{Matrix, MatrixRef};
use crate::Real;

/// Q with orthonormal columns and R upper trapezoidal with nonnegative diagonal, A = Q R.
#[derive(Clone, Debug, PartialEq)]
pub struct Qr<T> {
    /// Orthonormal columns.
    pub q: Matrix<T>,
    /// Zero below the diagonal.
    pub r: Matrix<T>,
}

/// The thin factors of an M by N matrix: Q is M by min(M, N), R is min(M, N) by N; Stan's `qr_thin_Q` and `qr_thin_R`.
pub fn qr_thin<T: Real>(a: MatrixRef<'_, T>) -> Qr<T> {
    factorise(a, a.rows().min(a.cols()))
}

/// The full factors: Q is M by M, R is M by N; Stan's `qr_Q` and `qr_R`.
pub fn qr_full<T: Real>(a: MatrixRef<'_, T>) -> Qr<T> {
    factorise(a, a.rows())
}

fn factorise<T: Real>(a: MatrixRef<'_, T>, width: usize) -> Qr<T> {
    let (rows, cols) = (a.rows(), a.cols());
    let (zero, one) = (T::constant(0.0), T::constant(1.0));
    let mut r = a.to_matrix();
    let mut reflectors = Vec::with_capacity(rows.min(cols));
    for k in 0..rows.min(cols) {
        let (reflector, factor) = reflector(&r.col(k)[k..]);
        reflect(&mut r, k, k, &reflector, factor);
        reflectors.push((reflector, factor));
    }
    let mut q = Matrix::from_fn(rows, width, |i, j| if i == j { one } else { zero });
    for (k, (reflector, factor)) in reflectors.iter().enumerate().rev() {
        reflect(&mut q, k, 0, reflector, *factor);
    }
    // Rows of R with a negative diagonal change their signs, and the columns of Q with them.
    for k in 0..rows.min(cols) {
        if r[(k, k)].value() < 0.0 {
            (0..cols).for_each(|j| r[(k, j)] = -r[(k, j)]);
            q.col_mut(k).iter_mut().for_each(|entry| *entry = -*entry);
        }
    }
    let r = Matrix::from_fn(width, cols, |i, j| if i > j { zero } else { r[(i, j)] });
    Qr { q, r }
}

/// (v, tau) such that 1 - tau v v' maps x to a multiple of its first unit vector.
fn reflector<T: Real>(x: &[T]) -> (Vec<T>, T) {
    let squared: T = x.iter().map(|&entry| entry * entry).sum();
    let tail: f64 = x.iter().skip(1).map(|entry| entry.value().abs()).sum();
    if squared.value() == 0.0 || (tail == 0.0 && x.iter().skip(1).all(Real::is_constant)) {
        return (x.to_vec(), T::constant(0.0));
    }
    let length = squared.sqrt();
    let mut v = x.to_vec();
    if let Some(first) = v.first_mut() {
        *first += if first.value() >= 0.0 { length } else { -length };
    }
    let norm: T = v.iter().map(|&entry| entry * entry).sum();
    (v, norm.recip() * 2.0)
}

fn reflect<T: Real>(a: &mut Matrix<T>, row: usize, col: usize, v: &[T], factor: T) {
    for j in col..a.cols() {
        let part = a.col_mut(j).get_mut(row..).unwrap_or_default();
        let along = super::dot(part, v) * factor;
        for (x, &v) in part.iter_mut().zip(v) {
            *x -= along * v;
        }
    }
}
