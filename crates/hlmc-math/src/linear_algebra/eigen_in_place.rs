//! Eigenvalues and eigenvectors of symmetric matrices of plain numbers, in room that the caller brings.
//!
//! Householder tridiagonalisation and implicit QR steps with Wilkinson's shift (Golub and Van Loan, sections 8.3.1 and
//! 8.3.3), in the order and with the signs of Eigen, which Stan uses. Everything is a loop down a column of the lower
//! triangle or of the eigenvectors. The functions are inlined, so that a caller that was compiled for wide vectors has
//! these loops use them; no sum is taken in another order for that, and the results are the same to the last digit.

use super::MatrixError;

/// QR steps allowed for each eigenvalue; two or three are usual.
const MAX_STEPS_PER_VALUE: usize = 30;

/// Partial sums of a dot product, which run at the same time.
const N_PARTIAL_SUMS: usize = 8;

/// Numbers of room that [`eigen_symmetric_in_place`] works in for a matrix of size `n`.
#[must_use]
pub fn eigen_symmetric_room(n: usize) -> usize {
    3 * n
}

/// The eigenvalues of a symmetric matrix in increasing order, and their eigenvectors of length 1 as columns.
///
/// Of `matrix`, of size `values.len()`, the lower triangle is read, and it is overwritten. `vectors` is of the same size,
/// `room` of [`eigen_symmetric_room`].
///
/// # Errors
/// [`MatrixError::Size`] where a slice is too short, and [`MatrixError::NoConvergence`], also for entries that are not
/// finite.
#[inline(always)]
pub fn eigen_symmetric_in_place(
    matrix: &mut [f64],
    values: &mut [f64],
    vectors: &mut [f64],
    room: &mut [f64],
) -> Result<(), MatrixError> {
    let n = values.len();
    if n == 0 {
        return Ok(());
    }
    if matrix.len() < n * n || vectors.len() < n * n || room.len() < eigen_symmetric_room(n) {
        return Err(MatrixError::Size(format!("the eigenvalues of a matrix of size {n} need more room")));
    }
    let (matrix, vectors) = (&mut matrix[..n * n], &mut vectors[..n * n]);
    let (subdiagonal, room) = room.split_at_mut(n);
    let (factors, product) = room.split_at_mut(n);
    let mut scale = 0.0_f64;
    for (j, column) in matrix.chunks_exact(n).enumerate() {
        if !column[j..].iter().all(|entry| entry.is_finite()) {
            return Err(MatrixError::NoConvergence);
        }
        scale = column[j..].iter().fold(scale, |largest, entry| largest.max(entry.abs()));
    }
    let scale = if scale == 0.0 { 1.0 } else { scale };
    matrix.iter_mut().for_each(|entry| *entry /= scale);
    tridiagonalise(matrix, subdiagonal, factors, &mut product[..n]);
    (0..n).for_each(|k| values[k] = matrix[k * (n + 1)]);
    make_basis(matrix, factors, vectors);
    iterate(values, subdiagonal, vectors)?;
    sort(values, vectors);
    values.iter_mut().for_each(|value| *value *= scale);
    Ok(())
}

/// `Q' A Q` is tridiagonal: its diagonal replaces that of `A`, and the column below holds the vector `v` of the
/// reflection `1 - factor v v'` that made it, from the entry on that is 1.
#[inline(always)]
fn tridiagonalise(a: &mut [f64], subdiagonal: &mut [f64], factors: &mut [f64], product: &mut [f64]) {
    let n = factors.len();
    for k in 0..n - 1 {
        let (before, rest) = a.split_at_mut((k + 1) * n);
        let v = &mut before[k * n + k + 1..];
        let product = &mut product[..v.len()];
        (factors[k], subdiagonal[k]) = householder(v);
        if factors[k] == 0.0 {
            continue;
        }
        // H A H = A - v w' - w v' with w = p - v (p' v) factor / 2 and p = factor A v.
        multiply_symmetric(rest, n, k + 1, v, product);
        product.iter_mut().for_each(|p| *p *= factors[k]);
        let half = 0.5 * factors[k] * dot(product, v);
        product.iter_mut().zip(&*v).for_each(|(p, v)| *p -= half * v);
        for (j, column) in rest.chunks_exact_mut(n).enumerate() {
            let (v_j, w_j) = (v[j], product[j]);
            let below = column[k + 1 + j..].iter_mut().zip(v[j..].iter().zip(&product[j..]));
            below.for_each(|(a, (v, w))| *a -= v * w_j + w * v_j);
        }
    }
}

/// `product = A v`, where `columns` are those of the lower triangle of `A` from row `first` on.
#[inline(always)]
fn multiply_symmetric(columns: &[f64], n: usize, first: usize, v: &[f64], product: &mut [f64]) {
    product.fill(0.0);
    for (j, column) in columns.chunks_exact(n).enumerate() {
        let (diagonal, below) = (column[first + j], &column[first + j + 1..]);
        let (head, tail) = product.split_at_mut(j + 1);
        tail.iter_mut().zip(below).for_each(|(p, a)| *p += v[j] * a);
        head[j] += diagonal * v[j] + dot(below, &v[j + 1..]);
    }
}

/// Turns `x` into `v` with `v_0 = 1` such that `(1 - factor v v') x = norm e_0`, and gives factor and norm; the sign of norm
/// is opposite to that of `x_0`.
#[inline(always)]
fn householder(x: &mut [f64]) -> (f64, f64) {
    let (first, tail) = (x[0], dot(&x[1..], &x[1..]));
    if tail <= f64::MIN_POSITIVE {
        return (0.0, first);
    }
    let length = (first * first + tail).sqrt();
    let norm = if first >= 0.0 { -length } else { length };
    x.iter_mut().for_each(|entry| *entry /= first - norm);
    x[0] = 1.0;
    ((norm - first) / norm, norm)
}

/// The product of the reflections, from the last to the first, so that each meets only what those behind it have filled.
#[inline(always)]
fn make_basis(reflections: &[f64], factors: &[f64], basis: &mut [f64]) {
    let n = factors.len();
    basis.fill(0.0);
    (0..n).for_each(|k| basis[k * (n + 1)] = 1.0);
    for k in (0..n - 1).rev().filter(|k| factors[*k] != 0.0) {
        let v = &reflections[k * n + k + 1..(k + 1) * n];
        for column in basis[(k + 1) * n..].chunks_exact_mut(n) {
            let column = &mut column[k + 1..];
            let along = factors[k] * dot(column, v);
            column.iter_mut().zip(v).for_each(|(x, v)| *x -= along * v);
        }
    }
}

/// QR steps until the subdiagonal is gone.
#[inline(always)]
fn iterate(diagonal: &mut [f64], subdiagonal: &mut [f64], basis: &mut [f64]) -> Result<(), MatrixError> {
    let n = diagonal.len();
    let mut end = n - 1;
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
#[inline(always)]
fn qr_step(diagonal: &mut [f64], subdiagonal: &mut [f64], basis: &mut [f64], start: usize, end: usize) {
    let n = diagonal.len();
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
        let (left, right) = basis[k * n..][..2 * n].split_at_mut(n);
        for (left, right) in left.iter_mut().zip(right) {
            (*left, *right) = (c * *left - s * *right, s * *left + c * *right);
        }
    }
}

/// The eigenvalue of [[a, e], [e, b]] that is nearer to b.
#[inline(always)]
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
#[inline(always)]
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

/// Puts the eigenvalues in increasing order, with their vectors.
fn sort(values: &mut [f64], vectors: &mut [f64]) {
    let n = values.len();
    for i in 0..n {
        let mut least = i;
        for k in i + 1..n {
            if values[k] < values[least] {
                least = k;
            }
        }
        if least != i {
            values.swap(i, least);
            let (before, from) = vectors.split_at_mut(least * n);
            before[i * n..][..n].swap_with_slice(&mut from[..n]);
        }
    }
}

/// `x' y`, in partial sums that do not depend on how wide the machine's vectors are.
#[inline(always)]
fn dot(x: &[f64], y: &[f64]) -> f64 {
    let mut sums = [0.0; N_PARTIAL_SUMS];
    let (x_head, y_head) = (x.chunks_exact(N_PARTIAL_SUMS), y.chunks_exact(N_PARTIAL_SUMS));
    let tail: f64 = x_head.remainder().iter().zip(y_head.remainder()).map(|(x, y)| x * y).sum();
    for (x, y) in x_head.zip(y_head) {
        for (sum, (x, y)) in sums.iter_mut().zip(x.iter().zip(y)) {
            *sum += x * y;
        }
    }
    sums.iter().sum::<f64>() + tail
}
