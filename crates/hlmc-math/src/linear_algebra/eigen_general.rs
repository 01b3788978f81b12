//! Eigenvalues and eigenvectors of general complex matrices.
//!
//! Householder reduction to Hessenberg form and QR steps with one shift, the eigenvalue of the last block of two that is
//! nearer to its last entry (Golub and Van Loan, sections 7.4 and 7.5); then eigenvectors of the triangular factor by
//! substitution. Order and lengths are those of Eigen, which Stan uses; an eigenvector's phase is not determined by the
//! matrix, and derivatives leave it where it is. Derivatives are those of perturbation theory: those of eigenvectors do
//! not exist at repeated eigenvalues, and are infinite or NaN there.

use num_complex::Complex;

use super::MatrixError;
use crate::Real;
use crate::complex::norm;
use crate::special::inv_sqrt;

/// A square complex matrix as its columns.
pub type ComplexColumns<T> = Vec<Vec<Complex<T>>>;

/// Eigenvalues and their eigenvectors of length 1.
#[derive(Clone, Debug, PartialEq)]
pub struct GeneralEigen<T> {
    /// The eigenvalues.
    pub values: Vec<Complex<T>>,
    /// Column k belongs to eigenvalue k.
    pub vectors: ComplexColumns<T>,
}

/// QR steps allowed for each eigenvalue; two or three are usual.
const MAX_STEPS_PER_VALUE: usize = 30;
/// The steps on one eigenvalue after which the usual shift is taken to go in circles.
const EXCEPTIONAL_STEPS: [usize; 2] = [10, 20];

/// The eigenvalues and eigenvectors of a square matrix, given column by column.
///
/// # Errors
/// [`MatrixError::Size`], or [`MatrixError::NoConvergence`], also where an entry is not finite.
pub fn eigen_general<T: Real>(a: &[Complex<T>], n: usize) -> Result<GeneralEigen<T>, MatrixError> {
    if n.checked_mul(n) != Some(a.len()) {
        return Err(MatrixError::Size(format!("the matrix must be square, but {} entries are not {n}²", a.len())));
    }
    let columns: ComplexColumns<T> = (0..n).map(|j| a[j * n..(j + 1) * n].to_vec()).collect();
    decompose(&columns)
}

fn decompose<T: Real>(a: &ComplexColumns<T>) -> Result<GeneralEigen<T>, MatrixError> {
    if T::NDERIV == 0 {
        let plain = map(a, |z| Complex::new(z.re.value(), z.im.value()));
        let (values, vectors) = decompose_values(plain)?;
        let constant = |z: &Complex<f64>| Complex::new(T::constant(z.re), T::constant(z.im));
        return Ok(GeneralEigen { values: values.iter().map(constant).collect(), vectors: map(&vectors, constant) });
    }
    let lower = decompose(&map(a, |z| Complex::new(z.re.lower(), z.im.lower())))?;
    let values: Vec<Complex<T>> = lower.values.iter().map(lift).collect();
    let vectors = map(&lower.vectors, lift);
    // In the basis of the eigenvectors the matrix is diagonal but for its derivatives.
    let rotated = solve(vectors.clone(), multiply(a, &vectors));
    let n = values.len();
    let turn = (0..n).map(|j| {
        let entry = |i: usize| match i == j {
            true => Complex::new(T::constant(1.0), T::constant(0.0)),
            false => derivative_of(rotated[j][i]) / (values[j] - values[i]),
        };
        (0..n).map(entry).collect()
    });
    let mut turned = multiply(&vectors, &turn.collect());
    turned.iter_mut().for_each(|column| normalise(column));
    let values = (0..n).map(|k| values[k] + derivative_of(rotated[k][k])).collect();
    Ok(GeneralEigen { values, vectors: turned })
}

/// The number with the same derivatives of the outermost order, and with value 0.
fn derivative_of<T: Real>(z: Complex<T>) -> Complex<T> {
    let (zero, one) = (T::Lower::constant(0.0), T::Lower::constant(1.0));
    Complex::new(z.re.chain(zero, one), z.im.chain(zero, one))
}

/// The same number without derivatives of the outermost order.
fn lift<T: Real>(z: &Complex<T::Lower>) -> Complex<T> {
    let nothing = T::constant(0.0);
    Complex::new(nothing.chain(z.re, z.re), nothing.chain(z.im, z.im))
}

fn map<S, R>(a: &[Vec<Complex<S>>], f: impl Fn(&Complex<S>) -> Complex<R>) -> ComplexColumns<R> {
    a.iter().map(|column| column.iter().map(&f).collect()).collect()
}

fn zero<T: Real>() -> Complex<T> {
    Complex::new(T::constant(0.0), T::constant(0.0))
}

fn multiply<T: Real>(a: &ComplexColumns<T>, b: &ComplexColumns<T>) -> ComplexColumns<T> {
    let product = |column: &Vec<Complex<T>>| {
        let mut sum = vec![zero::<T>(); a.len()];
        for (weight, a_column) in column.iter().zip(a) {
            sum.iter_mut().zip(a_column).for_each(|(s, x)| *s += *x * *weight);
        }
        sum
    };
    b.iter().map(product).collect()
}

/// The solution of a X = b by elimination with row pivots; not finite where `a` is singular.
fn solve<T: Real>(mut a: ComplexColumns<T>, mut b: ComplexColumns<T>) -> ComplexColumns<T> {
    let n = a.len();
    let size = |z: &Complex<T>| norm(*z).value();
    for k in 0..n {
        let pivot = (k..n).max_by(|i, j| size(&a[k][*i]).total_cmp(&size(&a[k][*j]))).unwrap_or(k);
        a.iter_mut().chain(&mut b).for_each(|column| column.swap(k, pivot));
        for i in k + 1..n {
            let factor = a[k][i] / a[k][k];
            let eliminate = |column: &mut Vec<Complex<T>>| column[i] = column[i] - factor * column[k];
            a.iter_mut().skip(k).chain(&mut b).for_each(eliminate);
        }
    }
    for column in &mut b {
        for k in (0..n).rev() {
            column[k] /= a[k][k];
            for i in 0..k {
                column[i] = column[i] - a[k][i] * column[k];
            }
        }
    }
    b
}

fn normalise<T: Real>(column: &mut [Complex<T>]) {
    let squared: T = column.iter().map(|z| norm(*z)).sum();
    if squared.value() > 0.0 {
        let scale = inv_sqrt(squared);
        column.iter_mut().for_each(|z| *z *= scale);
    }
}

fn decompose_values(mut t: ComplexColumns<f64>) -> Result<(Vec<Complex<f64>>, ComplexColumns<f64>), MatrixError> {
    let n = t.len();
    if t.iter().flatten().any(|z| !z.is_finite()) {
        return Err(MatrixError::NoConvergence);
    }
    let unit = |j: usize| (0..n).map(|i| Complex::new(f64::from(u8::from(i == j)), 0.0)).collect();
    let mut u: ComplexColumns<f64> = (0..n).map(unit).collect();
    reduce_to_hessenberg(&mut t, &mut u);
    iterate(&mut t, &mut u)?;
    let mut vectors = multiply(&u, &triangular_vectors(&t));
    vectors.iter_mut().for_each(|column| normalise(column));
    Ok(((0..n).map(|k| t[k][k]).collect(), vectors))
}

/// Reflects `t` to zeros below its subdiagonal, and gathers the reflections in `u`.
fn reduce_to_hessenberg(t: &mut ComplexColumns<f64>, u: &mut ComplexColumns<f64>) {
    let n = t.len();
    for k in 0..n.saturating_sub(2) {
        let mut v = t[k][k + 1..].to_vec();
        let tail: f64 = v[1..].iter().map(Complex::norm_sqr).sum();
        if tail == 0.0 {
            continue;
        }
        let length = v.iter().map(Complex::norm_sqr).sum::<f64>().sqrt();
        let phase = if v[0].norm() == 0.0 { Complex::new(1.0, 0.0) } else { v[0] / v[0].norm() };
        v[0] += phase * length;
        let squared: f64 = v.iter().map(Complex::norm_sqr).sum();
        for column in t.iter_mut() {
            let along: Complex<f64> = v.iter().zip(&column[k + 1..]).map(|(v, x)| v.conj() * x).sum();
            column[k + 1..].iter_mut().zip(&v).for_each(|(x, v)| *x -= v * along * (2.0 / squared));
        }
        for matrix in [&mut *t, &mut *u] {
            for i in 0..n {
                let along: Complex<f64> = v.iter().zip(&matrix[k + 1..]).map(|(v, column)| column[i] * v).sum();
                let columns = matrix[k + 1..].iter_mut().zip(&v);
                columns.for_each(|(column, v)| column[i] -= along * v.conj() * (2.0 / squared));
            }
        }
    }
}

/// QR steps on the Hessenberg matrix `t`, until it is triangular; `u` gathers the rotations.
fn iterate(t: &mut ComplexColumns<f64>, u: &mut ComplexColumns<f64>) -> Result<(), MatrixError> {
    let n = t.len();
    let (mut last, mut steps) = (n.saturating_sub(1), 0);
    let mut left = MAX_STEPS_PER_VALUE.saturating_mul(n);
    while last > 0 {
        if is_negligible(t, last - 1) {
            (last, steps) = (last - 1, 0);
            continue;
        }
        left = left.checked_sub(1).ok_or(MatrixError::NoConvergence)?;
        steps += 1;
        let mut first = last - 1;
        while first > 0 && !is_negligible(t, first - 1) {
            first -= 1;
        }
        let shift = shift(t, last, steps);
        let (mut x, mut y) = (t[first][first] - shift, t[first][first + 1]);
        for i in first..last {
            rotate(t, u, i, (x, y));
            if i + 1 < last {
                (x, y) = (t[i][i + 1], t[i][i + 2]);
            }
        }
    }
    // What is left below the diagonal was found negligible.
    t.iter_mut().enumerate().for_each(|(j, column)| column[j + 1..].fill(Complex::new(0.0, 0.0)));
    Ok(())
}

fn is_negligible(t: &ComplexColumns<f64>, i: usize) -> bool {
    t[i][i + 1].l1_norm() <= f64::EPSILON * (t[i][i].l1_norm() + t[i + 1][i + 1].l1_norm())
}

/// The eigenvalue of the block of two that ends at `last` nearer to its last entry.
fn shift(t: &ComplexColumns<f64>, last: usize, steps: usize) -> Complex<f64> {
    if EXCEPTIONAL_STEPS.contains(&steps) {
        let above = if last > 1 { t[last - 2][last - 1].re.abs() } else { 0.0 };
        return Complex::new(t[last - 1][last].re.abs() + above, 0.0);
    }
    let (a, d) = (t[last - 1][last - 1], t[last][last]);
    let product = t[last][last - 1] * t[last - 1][last];
    let root = ((a - d) * (a - d) + product * 4.0).sqrt();
    let (plus, minus) = ((a + d + root) * 0.5, (a + d - root) * 0.5);
    if (plus - d).l1_norm() < (minus - d).l1_norm() { plus } else { minus }
}

/// Rotates rows and columns i and i + 1 such that (x, y) would become (r, 0).
fn rotate(t: &mut ComplexColumns<f64>, u: &mut ComplexColumns<f64>, i: usize, (x, y): (Complex<f64>, Complex<f64>)) {
    let length = x.norm().hypot(y.norm());
    if length == 0.0 {
        return;
    }
    let (c, s) = (x / length, y / length);
    for column in t.iter_mut() {
        let (p, q) = (column[i], column[i + 1]);
        (column[i], column[i + 1]) = (c.conj() * p + s.conj() * q, c * q - s * p);
    }
    for matrix in [t, u] {
        if let [left, right] = &mut matrix[i..i + 2] {
            for (p, q) in left.iter_mut().zip(right) {
                (*p, *q) = (*p * c + *q * s, *q * c.conj() - *p * s.conj());
            }
        }
    }
}

/// The eigenvectors of an upper triangular matrix; entry k of eigenvector k is 1.
fn triangular_vectors(t: &ComplexColumns<f64>) -> ComplexColumns<f64> {
    let n = t.len();
    let size = t.iter().flatten().map(|z| z.norm()).fold(0.0, f64::max);
    let vector = |k: usize| {
        let mut x = vec![Complex::new(0.0, 0.0); n];
        x[k] = Complex::new(1.0, 0.0);
        for i in (0..k).rev() {
            let sum: Complex<f64> = (i + 1..=k).map(|j| t[j][i] * x[j]).sum();
            let gap = t[i][i] - t[k][k];
            // A repeated eigenvalue is moved apart by a rounding error, as Eigen does.
            let gap =
                if gap.norm() == 0.0 { Complex::new(f64::EPSILON * size.max(f64::MIN_POSITIVE), 0.0) } else { gap };
            x[i] = -sum / gap;
        }
        x
    };
    (0..n).map(vector).collect()
}

#[cfg(test)]
mod tests {
    use num_dual::DualSVec64;

    use super::*;

    fn entry(n: usize, i: usize, j: usize) -> Complex<f64> {
        Complex::new(
            (1.3 * i as f64 + 2.1 * j as f64).sin(),
            if n > 4 { 0.0 } else { (i as f64 - j as f64 * 0.7).cos() },
        )
    }

    fn matrix(n: usize) -> Vec<Complex<f64>> {
        (0..n * n).map(|k| entry(n, k % n, k / n) + if k % (n + 1) == 0 { k as f64 * 0.1 } else { 0.0 }).collect()
    }

    #[test]
    fn the_matrix_stretches_each_eigenvector_by_its_eigenvalue() {
        for n in 0..9 {
            let a = matrix(n);
            let found = eigen_general(&a, n).unwrap();
            for (value, vector) in found.values.iter().zip(&found.vectors) {
                assert!((vector.iter().map(Complex::norm_sqr).sum::<f64>() - 1.0).abs() < 1e-14);
                for i in 0..n {
                    let product: Complex<f64> = (0..n).map(|j| a[j * n + i] * vector[j]).sum();
                    assert!((product - value * vector[i]).norm() < 1e-13 * n as f64, "{n}: {product}");
                }
            }
        }
    }

    #[test]
    fn a_rotation_has_a_conjugate_pair_of_eigenvalues() {
        let real = |x: f64| Complex::new(x, 0.0);
        let found = eigen_general(&[real(0.0), real(1.0), real(-1.0), real(0.0)], 2).unwrap();
        let mut parts: Vec<f64> = found.values.iter().map(|z| z.im).collect();
        parts.sort_by(f64::total_cmp);
        assert!((parts[0] + 1.0).abs() < 1e-15 && (parts[1] - 1.0).abs() < 1e-15);
        assert!(found.values.iter().all(|z| z.re.abs() < 1e-15));
    }

    #[test]
    fn derivatives_satisfy_the_derivative_of_the_eigenvalue_equation() {
        let n = 4;
        let moving = |k: usize, z: &Complex<f64>| {
            let along = |x: f64, by: f64| DualSVec64::<1>::from_re(x) + DualSVec64::from_re(0.0).derivative(0) * by;
            Complex::new(along(z.re, (k as f64).cos()), along(z.im, (k as f64 * 0.4).sin()))
        };
        let a: Vec<_> = matrix(n).iter().enumerate().map(|(k, z)| moving(k, z)).collect();
        let found = eigen_general(&a, n).unwrap();
        for (value, vector) in found.values.iter().zip(&found.vectors) {
            for i in 0..n {
                let product: Complex<DualSVec64<1>> = (0..n).fold(zero(), |sum, j| sum + a[j * n + i] * vector[j]);
                let difference = product - *value * vector[i];
                assert!(difference.re.value().abs() < 1e-13 && difference.im.value().abs() < 1e-13);
                assert!(difference.re.partial(0).abs() < 1e-11 && difference.im.partial(0).abs() < 1e-11);
            }
        }
    }

    #[test]
    fn entries_that_are_not_finite_and_sizes_that_do_not_fit_are_errors() {
        let nan = Complex::new(f64::NAN, 0.0);
        assert_eq!(eigen_general(&[nan], 1), Err(MatrixError::NoConvergence));
        assert!(matches!(eigen_general(&[nan; 3], 2), Err(MatrixError::Size(_))));
    }
}
