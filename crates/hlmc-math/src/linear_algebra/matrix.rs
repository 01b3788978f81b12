//! The matrix, its view, and products.

use std::ops::{Index, IndexMut};

use super::MatrixError;
use crate::Real;

/// A dense column-major matrix. Indexing by `(row, col)`, from 0, panics outside of it, as slices do.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix<T> {
    rows: usize,
    cols: usize,
    entries: Vec<T>,
}

/// A view of a dense column-major matrix. Indexing by `(row, col)`, from 0, panics outside of it, as slices do.
#[derive(Clone, Copy, Debug)]
pub struct MatrixRef<'a, T> {
    rows: usize,
    cols: usize,
    entries: &'a [T],
}

impl<T: Real> Matrix<T> {
    /// The matrix of zeros.
    pub fn zeros(rows: usize, cols: usize) -> Self {
        Self { rows, cols, entries: vec![T::constant(0.0); rows.saturating_mul(cols)] }
    }

    /// The identity of size `n`.
    pub fn identity(n: usize) -> Self {
        Self::from_fn(n, n, |i, j| T::constant(if i == j { 1.0 } else { 0.0 }))
    }

    /// The matrix with entry `f(row, col)`, indices from 0.
    pub fn from_fn(rows: usize, cols: usize, mut f: impl FnMut(usize, usize) -> T) -> Self {
        let mut entries = Vec::with_capacity(rows.saturating_mul(cols));
        for j in 0..cols {
            entries.extend((0..rows).map(|i| f(i, j)));
        }
        Self { rows, cols, entries }
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The number of columns.
    pub fn cols(&self) -> usize {
        self.cols
    }

    /// A view of the whole.
    pub fn view(&self) -> MatrixRef<'_, T> {
        MatrixRef { rows: self.rows, cols: self.cols, entries: &self.entries }
    }

    /// The entries, column by column.
    pub fn as_slice(&self) -> &[T] {
        &self.entries
    }

    /// The entries, column by column.
    pub fn as_mut_slice(&mut self) -> &mut [T] {
        &mut self.entries
    }

    /// The entries, column by column.
    pub fn into_entries(self) -> Vec<T> {
        self.entries
    }

    /// Column `j`; empty if there is none.
    pub fn col(&self, j: usize) -> &[T] {
        self.view().col(j)
    }

    /// Column `j`, for writing; empty if there is none.
    pub fn col_mut(&mut self, j: usize) -> &mut [T] {
        let start = j.saturating_mul(self.rows);
        self.entries.get_mut(start..start.saturating_add(self.rows)).unwrap_or_default()
    }
}

impl<'a, T: Real> MatrixRef<'a, T> {
    /// The view of `entries` as a matrix of this size.
    ///
    /// # Errors
    /// [`MatrixError::Size`] if the number of entries is another.
    pub fn new(entries: &'a [T], rows: usize, cols: usize) -> Result<Self, MatrixError> {
        if rows.checked_mul(cols) != Some(entries.len()) {
            return Err(MatrixError::Size(format!("a {rows} by {cols} matrix cannot have {} entries", entries.len())));
        }
        Ok(Self { rows, cols, entries })
    }

    /// The view of a vector as a matrix of one column.
    pub fn column(entries: &'a [T]) -> Self {
        Self { rows: entries.len(), cols: 1, entries }
    }

    /// The view of a row vector as a matrix of one row.
    pub fn row(entries: &'a [T]) -> Self {
        Self { rows: 1, cols: entries.len(), entries }
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The number of columns.
    pub fn cols(&self) -> usize {
        self.cols
    }

    /// The entries, column by column.
    pub fn as_slice(&self) -> &'a [T] {
        self.entries
    }

    /// Column `j`; empty if there is none.
    pub fn col(&self, j: usize) -> &'a [T] {
        let start = j.saturating_mul(self.rows);
        self.entries.get(start..start.saturating_add(self.rows)).unwrap_or_default()
    }

    /// A copy.
    pub fn to_matrix(&self) -> Matrix<T> {
        Matrix { rows: self.rows, cols: self.cols, entries: self.entries.to_vec() }
    }

    /// The transpose.
    pub fn transpose(&self) -> Matrix<T> {
        Matrix::from_fn(self.cols, self.rows, |i, j| self[(j, i)])
    }

    /// The size of a square matrix.
    ///
    /// # Errors
    /// [`MatrixError::Size`] if it is not square.
    pub fn square_size(&self) -> Result<usize, MatrixError> {
        if self.rows == self.cols {
            return Ok(self.rows);
        }
        Err(MatrixError::Size(format!("expected a square matrix, found {} by {}", self.rows, self.cols)))
    }
}

impl<T: Real> Index<(usize, usize)> for Matrix<T> {
    type Output = T;

    #[inline]
    fn index(&self, (i, j): (usize, usize)) -> &T {
        &self.entries[j * self.rows + i]
    }
}

impl<T: Real> IndexMut<(usize, usize)> for Matrix<T> {
    #[inline]
    fn index_mut(&mut self, (i, j): (usize, usize)) -> &mut T {
        &mut self.entries[j * self.rows + i]
    }
}

impl<T: Real> Index<(usize, usize)> for MatrixRef<'_, T> {
    type Output = T;

    #[inline]
    fn index(&self, (i, j): (usize, usize)) -> &T {
        &self.entries[j * self.rows + i]
    }
}

/// The inner product of two slices, up to the shorter's end.
#[inline]
pub fn dot<T: Real>(x: &[T], y: &[T]) -> T {
    let mut sum = T::constant(0.0);
    for (&a, &b) in x.iter().zip(y) {
        sum += a * b;
    }
    sum
}

/// The inner product of plain numbers, of one length, in `LANES` independent partial sums: so the compiler can use vector
/// registers.
#[inline]
#[must_use]
pub fn dot_in_lanes<const LANES: usize>(x: &[f64], y: &[f64]) -> f64 {
    let (x_blocks, x_rest) = x.as_chunks::<LANES>();
    let (y_blocks, y_rest) = y.as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for (a, b) in x_blocks.iter().zip(y_blocks) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    let rest: f64 = x_rest.iter().zip(y_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f64>() + rest
}

/// A B.
///
/// # Errors
/// [`MatrixError::Size`] if A has not as many columns as B has rows.
pub fn multiply<T: Real>(a: MatrixRef<'_, T>, b: MatrixRef<'_, T>) -> Result<Matrix<T>, MatrixError> {
    if a.cols != b.rows {
        return Err(MatrixError::Size(format!(
            "cannot multiply {} by {} with {} by {}",
            a.rows, a.cols, b.rows, b.cols
        )));
    }
    let mut product = Matrix::zeros(a.rows, b.cols);
    for j in 0..b.cols {
        let column = product.col_mut(j);
        for (k, &factor) in b.col(j).iter().enumerate() {
            for (entry, &left) in column.iter_mut().zip(a.col(k)) {
                *entry += left * factor;
            }
        }
    }
    Ok(product)
}

/// A' A, symmetric to the last bit.
pub fn crossprod<T: Real>(a: MatrixRef<'_, T>) -> Matrix<T> {
    let mut product = Matrix::zeros(a.cols, a.cols);
    for j in 0..a.cols {
        for i in 0..=j {
            let entry = dot(a.col(i), a.col(j));
            product[(i, j)] = entry;
            product[(j, i)] = entry;
        }
    }
    product
}

/// A A', symmetric to the last bit.
pub fn tcrossprod<T: Real>(a: MatrixRef<'_, T>) -> Matrix<T> {
    crossprod(a.transpose().view())
}
