//! Loops over the columns of matrices, and faer where the matrices are large.

use faer::{MatMut, MatRef};

use super::large;

/// Multiplications from which on a product of matrices goes through faer: below, its preparation costs more than it saves.
const MIN_LARGE_PRODUCT: usize = 20 * 20 * 20;

/// Rows and columns that each factor of a large product has at least.
const MIN_LARGE_SIDE: usize = 4;

/// Partial sums of a dot product, which run at the same time.
const N_PARTIAL_SUMS: usize = 4;

/// `y += a x`
#[inline(always)]
pub fn add_scaled(y: &mut [f64], a: f64, x: &[f64]) {
    y.iter_mut().zip(x).for_each(|(y, x)| *y += a * x);
}

/// `x' y`
#[inline(always)]
#[must_use]
pub fn dot(x: &[f64], y: &[f64]) -> f64 {
    let n = x.len().min(y.len());
    let (x, y) = (&x[..n], &y[..n]);
    let mut sums = [0.0; N_PARTIAL_SUMS];
    let (x_head, y_head) = (x.chunks_exact(N_PARTIAL_SUMS), y.chunks_exact(N_PARTIAL_SUMS));
    let tail: f64 = x_head.remainder().iter().zip(y_head.remainder()).map(|(x, y)| x * y).sum();
    for (x, y) in x_head.zip(y_head) {
        for (sum, (x, y)) in sums.iter_mut().zip(x.iter().zip(y)) {
            *sum += x * y;
        }
    }
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + tail
}

/// A factor of a product: stored column by column, taken as it is or transposed.
#[derive(Clone, Copy, Debug)]
pub struct Factor<'a> {
    /// The entries as stored.
    pub entries: &'a [f64],
    /// Whether the transpose is meant.
    pub is_transposed: bool,
}

impl<'a> Factor<'a> {
    /// The matrix as it is stored.
    #[must_use]
    pub fn plain(entries: &'a [f64]) -> Self {
        Factor { entries, is_transposed: false }
    }

    /// The transpose of what is stored.
    #[must_use]
    pub fn transposed(entries: &'a [f64]) -> Self {
        Factor { entries, is_transposed: true }
    }

    /// The transpose.
    #[must_use]
    pub fn transpose(self) -> Self {
        Factor { is_transposed: !self.is_transposed, ..self }
    }

    /// Entry `(row, col)` of a factor of `rows` by `cols`.
    #[inline]
    fn at(self, row: usize, col: usize, rows: usize, cols: usize) -> f64 {
        self.entries[if self.is_transposed { col + row * cols } else { row + col * rows }]
    }

    fn as_faer(self, rows: usize, cols: usize) -> MatRef<'a, f64> {
        if self.is_transposed {
            MatRef::from_column_major_slice(self.entries, cols, rows).transpose()
        } else {
            MatRef::from_column_major_slice(self.entries, rows, cols)
        }
    }
}

/// `c += scale a b`, where `c` has `rows` by `cols` entries and `a` has `inner` columns.
pub fn multiply_add(
    c: &mut [f64],
    scale: f64,
    a: Factor<'_>,
    b: Factor<'_>,
    (rows, inner, cols): (usize, usize, usize),
) {
    if rows * inner * cols == 0 {
        return;
    }
    if rows * inner * cols >= MIN_LARGE_PRODUCT && rows.min(inner).min(cols) >= MIN_LARGE_SIDE {
        let c = MatMut::from_column_major_slice_mut(c, rows, cols);
        return large::multiply_add(c, scale, a.as_faer(rows, inner), b.as_faer(inner, cols));
    }
    for (j, c) in c.chunks_exact_mut(rows).enumerate() {
        match (a.is_transposed, b.is_transposed) {
            (true, false) => {
                let b = &b.entries[j * inner..][..inner];
                for (c, a) in c.iter_mut().zip(a.entries.chunks_exact(inner)) {
                    *c += scale * dot(a, b);
                }
            }
            (true, true) => {
                for (c, a) in c.iter_mut().zip(a.entries.chunks_exact(inner)) {
                    let b = b.entries[j..].iter().step_by(cols);
                    *c += scale * a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
                }
            }
            (false, _) => {
                for (k, a) in a.entries.chunks_exact(rows).enumerate() {
                    add_scaled(c, scale * b.at(k, j, inner, cols), a);
                }
            }
        }
    }
}
