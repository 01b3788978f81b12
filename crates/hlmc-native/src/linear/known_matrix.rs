//! A known matrix times a vector, and its transpose times an adjoint: the linear predictor of a regression.
//!
//! A matrix of which most entries are zero (splines, indicators, sparse designs) keeps the others alone.

use pulp::{Arch, Simd, WithSimd};

/// Entries below which a matrix is not looked at for zeros.
const MIN_SPARSE_ENTRIES: usize = 64;

/// The share of entries that are not zero, in percent, up to which a matrix is kept sparse: an entry there costs an index.
const MAX_SPARSE_PERCENT: usize = 30;

/// Rows from which on vector instructions are found at run time.
const MIN_VECTOR_ROWS: usize = 16;

/// Rows worked off at a time, so that what is added to stays in the first-level cache.
const ROWS_AT_A_TIME: usize = 1024;

/// Columns that are read together.
const COLUMNS_AT_A_TIME: usize = 4;

/// A known matrix.
#[derive(Clone, Debug)]
pub struct KnownMatrix {
    rows: usize,
    storage: Storage,
}

#[derive(Clone, Debug)]
enum Storage {
    /// Column by column.
    Dense(Vec<f64>),
    /// The entries that are not zero, row by row: where the rows start, the columns, the numbers.
    Sparse { starts: Vec<u32>, columns: Vec<u32>, numbers: Vec<f64> },
}

impl KnownMatrix {
    /// A matrix of `rows` rows, given column by column.
    #[must_use]
    pub fn new(entries: &[f64], rows: usize) -> Self {
        let n_other = entries.iter().filter(|x| **x != 0.0).count();
        let is_sparse = entries.len() >= MIN_SPARSE_ENTRIES && n_other * 100 <= entries.len() * MAX_SPARSE_PERCENT;
        let storage = if is_sparse { sparse(entries, rows) } else { Storage::Dense(entries.to_vec()) };
        KnownMatrix { rows, storage }
    }

    /// `out = M x`
    pub fn multiply(&self, x: &[f64], out: &mut [f64]) {
        match &self.storage {
            Storage::Dense(entries) if self.rows >= MIN_VECTOR_ROWS => {
                out.fill(0.0);
                Arch::new().dispatch(AddProduct { entries, x, out });
            }
            Storage::Dense(entries) => {
                out.fill(0.0);
                for (column, x) in entries.chunks_exact(self.rows.max(1)).zip(x) {
                    super::dense::add_scaled(out, *x, column);
                }
            }
            Storage::Sparse { starts, columns, numbers } => {
                // Zero times what is not finite is no number, also where the zero is not kept.
                if !x.iter().all(|x| x.is_finite()) {
                    return out.fill(f64::NAN);
                }
                for (row, out) in starts.windows(2).zip(out) {
                    let row = row[0] as usize..row[1] as usize;
                    *out = columns[row.clone()].iter().zip(&numbers[row]).map(|(col, a)| a * x[*col as usize]).sum();
                }
            }
        }
    }

    /// `sum += M' adjoint`
    pub fn add_transposed_product(&self, adjoint: &[f64], sum: &mut [f64]) {
        match &self.storage {
            Storage::Dense(entries) if self.rows >= MIN_VECTOR_ROWS => {
                Arch::new().dispatch(AddTransposedProduct { entries, adjoint, sum });
            }
            Storage::Dense(entries) => {
                for (column, sum) in entries.chunks_exact(self.rows.max(1)).zip(sum) {
                    *sum += super::dense::dot(column, adjoint);
                }
            }
            Storage::Sparse { starts, columns, numbers } => {
                for (row, adjoint) in starts.windows(2).zip(adjoint) {
                    let row = row[0] as usize..row[1] as usize;
                    for (col, a) in columns[row.clone()].iter().zip(&numbers[row]) {
                        sum[*col as usize] += a * adjoint;
                    }
                }
            }
        }
    }
}

fn sparse(entries: &[f64], rows: usize) -> Storage {
    let cols = entries.len() / rows.max(1);
    let (mut starts, mut columns, mut numbers) = (vec![0], Vec::new(), Vec::new());
    for row in 0..rows {
        for col in 0..cols {
            let entry = entries[row + col * rows];
            if entry != 0.0 {
                columns.push(col as u32);
                numbers.push(entry);
            }
        }
        starts.push(numbers.len() as u32);
    }
    Storage::Sparse { starts, columns, numbers }
}

/// `out += M x`, a block of rows after the other.
struct AddProduct<'a> {
    entries: &'a [f64],
    x: &'a [f64],
    out: &'a mut [f64],
}

impl WithSimd for AddProduct<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let rows = self.out.len();
        for (block, out) in self.out.chunks_mut(ROWS_AT_A_TIME).enumerate() {
            let first = block * ROWS_AT_A_TIME;
            let mut columns = self.entries.chunks_exact(COLUMNS_AT_A_TIME * rows);
            let mut factors = self.x.chunks_exact(COLUMNS_AT_A_TIME);
            for (columns, x) in columns.by_ref().zip(factors.by_ref()) {
                let column = |k: usize| &columns[k * rows + first..][..out.len()];
                let columns: [&[f64]; COLUMNS_AT_A_TIME] = std::array::from_fn(column);
                add_columns(simd, columns, x, out);
            }
            for (column, x) in columns.remainder().chunks_exact(rows).zip(factors.remainder()) {
                add_columns(simd, [&column[first..][..out.len()]], &[*x], out);
            }
        }
    }
}

/// `out += sum of x[k] columns[k]`
#[inline(always)]
fn add_columns<S: Simd, const N: usize>(simd: S, columns: [&[f64]; N], x: &[f64], out: &mut [f64]) {
    let (out_vectors, out_tail) = S::as_mut_simd_f64s(out);
    let split = columns.map(|column| S::as_simd_f64s(column));
    let factors: [S::f64s; N] = std::array::from_fn(|k| simd.splat_f64s(x[k]));
    let vectors: [&[S::f64s]; N] = std::array::from_fn(|k| &split[k].0[..out_vectors.len()]);
    for (i, out) in out_vectors.iter_mut().enumerate() {
        let mut sum = *out;
        for k in 0..N {
            sum = simd.mul_add_e_f64s(vectors[k][i], factors[k], sum);
        }
        *out = sum;
    }
    for (i, out) in out_tail.iter_mut().enumerate() {
        for k in 0..N {
            *out += split[k].1[i] * x[k];
        }
    }
}

/// `sum += M' adjoint`, some columns at a time.
struct AddTransposedProduct<'a> {
    entries: &'a [f64],
    adjoint: &'a [f64],
    sum: &'a mut [f64],
}

impl WithSimd for AddTransposedProduct<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let rows = self.adjoint.len();
        let mut columns = self.entries.chunks_exact(COLUMNS_AT_A_TIME * rows);
        let mut sums = self.sum.chunks_exact_mut(COLUMNS_AT_A_TIME);
        for (columns, sums) in columns.by_ref().zip(sums.by_ref()) {
            let columns: [&[f64]; COLUMNS_AT_A_TIME] = std::array::from_fn(|k| &columns[k * rows..][..rows]);
            let products = dot_columns(simd, columns, self.adjoint);
            sums.iter_mut().zip(products).for_each(|(sum, product)| *sum += product);
        }
        for (column, sum) in columns.remainder().chunks_exact(rows).zip(sums.into_remainder()) {
            *sum += dot_columns(simd, [column], self.adjoint)[0];
        }
    }
}

/// The dot products of columns with one vector; every product has two sums that run at the same time.
#[inline(always)]
fn dot_columns<S: Simd, const N: usize>(simd: S, columns: [&[f64]; N], y: &[f64]) -> [f64; N] {
    let (y_vectors, y_tail) = S::as_simd_f64s(y);
    let split = columns.map(|column| S::as_simd_f64s(column));
    let vectors: [&[S::f64s]; N] = std::array::from_fn(|k| &split[k].0[..y_vectors.len()]);
    let mut sums = [[simd.splat_f64s(0.0); 2]; N];
    let n_pairs = y_vectors.len() / 2;
    for i in 0..n_pairs {
        for k in 0..N {
            sums[k][0] = simd.mul_add_e_f64s(vectors[k][2 * i], y_vectors[2 * i], sums[k][0]);
            sums[k][1] = simd.mul_add_e_f64s(vectors[k][2 * i + 1], y_vectors[2 * i + 1], sums[k][1]);
        }
    }
    for i in 2 * n_pairs..y_vectors.len() {
        for k in 0..N {
            sums[k][0] = simd.mul_add_e_f64s(vectors[k][i], y_vectors[i], sums[k][0]);
        }
    }
    std::array::from_fn(|k| {
        let tail: f64 = split[k].1.iter().zip(y_tail).map(|(a, b)| a * b).sum();
        simd.reduce_sum_f64s(simd.add_f64s(sums[k][0], sums[k][1])) + tail
    })
}
