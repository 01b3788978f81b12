//! Functions of vectors and matrices by the functions of whole columns in `crate::linear`.

use hlmc_builtins::table::Domain;
use hlmc_builtins::value::{Dims, Kind};
use hlmc_builtins::{Type, Value};
use hlmc_math::linear_algebra::SYMMETRY_TOLERANCE;

use super::algebra::Factor;
use super::stop::Recorded;
use super::symbol::Symbol;
use super::{Recorder, small};
use crate::graph::{Binary, NodeId, Unary};
use crate::linear::reduction::{CumulativeSum, LogSoftmax, LogSumExp, ProductOfAll, Softmax};
use crate::linear::triangular::Side;

/// A matrix or vector with its sizes.
#[derive(Clone, Copy)]
struct Matrix {
    node: NodeId,
    rows: usize,
    cols: usize,
}

/// The value, for functions that have one here.
pub(super) fn by_linear_algebra(
    recorder: &mut Recorder<'_>,
    name: &str,
    x: &[Symbol],
    ty: &Type,
) -> Recorded<Option<Symbol>> {
    if x.iter().any(|x| !x.is_scalar() && x.shape().1.iter().product::<usize>() == 0) {
        return Ok(None);
    }
    if x.iter().any(|x| !recorder.is_uniform(x)) {
        let mask = recorder.mask_since(0);
        return recorder.with_mask(mask, |recorder| small::by_entries(recorder, name, x, ty));
    }
    if let Some(result) = recorder.of_vector(name, x, ty)? {
        return Ok(Some(result));
    }
    let is_matrix = |x: &Symbol| x.is_scalar() || matches!(x.shape().1.len(), 1 | 2);
    if !x.iter().all(is_matrix) {
        return Ok(None);
    }
    let node = match x {
        [a] => recorder.of_matrix(name, a)?,
        [a, b] => recorder.of_matrices(name, a, b)?,
        [_, _, w, columns, starts, b] if name == "csr_matrix_times_vector" => {
            recorder.sparse_product(x, w, columns, starts, b)?
        }
        _ => None,
    };
    let Some((node, rows, cols)) = node.map(|m| (m.node, m.rows, m.cols)) else { return Ok(None) };
    if ty.is_scalar() {
        return Ok(Some(recorder.scalar(node)));
    }
    let dims = match Kind::of(ty) {
        Kind::Matrix => Dims::from_slice(&[rows, cols]),
        _ => Dims::from_elem(rows * cols, 1),
    };
    Ok(Some(recorder.packed(Kind::of(ty), dims, node)))
}

impl Recorder<'_> {
    fn matrix(&mut self, symbol: &Symbol) -> Recorded<Matrix> {
        let (kind, dims) = symbol.shape();
        let (rows, cols) = match (kind, &dims[..]) {
            (Kind::RowVector, [n]) => (1, *n),
            (_, [n]) => (*n, 1),
            (_, [rows, cols]) => (*rows, *cols),
            _ => (1, 1),
        };
        Ok(Matrix { node: self.pack(symbol)?, rows, cols })
    }

    /// Functions of one vector, whatever its kind.
    fn of_vector(&mut self, name: &str, x: &[Symbol], ty: &Type) -> Recorded<Option<Symbol>> {
        let [a] = x else { return Ok(None) };
        let (kind, dims) = a.shape();
        let n: usize = dims.iter().product();
        let is_one_vector = dims.len() == 1;
        if n == 0 || !matches!(kind, Kind::Scalar | Kind::Vector | Kind::RowVector | Kind::Matrix) {
            return Ok(None);
        }
        let value = match name {
            "cumulative_sum"
                if is_one_vector && !matches!(a, Symbol::Known(value) if matches!(**value, Value::Ints(_))) =>
            {
                let x = self.pack(a)?;
                let sums = self.whole_of_one(CumulativeSum, x, n)?;
                return Ok(Some(self.packed(kind, dims, sums)));
            }
            "softmax" | "log_softmax" if is_one_vector => {
                let x = self.pack(a)?;
                let normalised = if name == "softmax" {
                    self.whole_of_one(Softmax, x, n)?
                } else {
                    self.whole_of_one(LogSoftmax, x, n)?
                };
                return Ok(Some(self.packed(kind, dims, normalised)));
            }
            "log_sum_exp" if n > 2 => {
                let x = self.pack(a)?;
                self.whole_of_one(LogSumExp, x, 1)?
            }
            "prod" if ty.is_scalar() => {
                let x = self.pack(a)?;
                let all = self.whole_of_one(ProductOfAll, x, n + 1)?;
                self.head(all, 1)
            }
            "variance" | "sd" if n > 1 => {
                let x = self.pack(a)?;
                let variance = self.variance(x);
                if name == "sd" { self.graph.unary(Unary::Sqrt, variance) } else { variance }
            }
            _ => return Ok(None),
        };
        Ok(Some(self.scalar(value)))
    }

    /// The sum of squared deviations from the mean, divided by their number less one.
    fn variance(&mut self, x: NodeId) -> NodeId {
        let n = self.graph.lanes(x) as f64;
        let total = self.graph.sum(x);
        let share = self.graph.constant(1.0 / n);
        let mean = self.graph.binary(Binary::Multiply, share, total);
        let deviations = self.graph.binary(Binary::Subtract, x, mean);
        let squares = self.graph.unary(Unary::Square, deviations);
        let sum = self.graph.sum(squares);
        let scale = self.graph.constant(1.0 / (n - 1.0));
        self.graph.binary(Binary::Multiply, scale, sum)
    }

    /// Functions of one matrix.
    fn of_matrix(&mut self, name: &str, a: &Symbol) -> Recorded<Option<Matrix>> {
        if a.shape().0 != Kind::Matrix {
            return Ok(None);
        }
        let Matrix { node, rows, cols } = self.matrix(a)?;
        let square = |node| Some(Matrix { node, rows, cols });
        let number = |node| Some(Matrix { node, rows: 1, cols: 1 });
        let is_square = rows == cols;
        Ok(match name {
            "crossprod" => {
                let node = self.matrix_product(Factor::transposed(node), Factor::plain(node), (cols, rows, cols))?;
                Some(Matrix { node, rows: cols, cols })
            }
            "tcrossprod" | "multiply_lower_tri_self_transpose" => {
                let node = if name == "tcrossprod" { node } else { self.lower_triangle(node, rows) };
                let node = self.matrix_product(Factor::plain(node), Factor::transposed(node), (rows, cols, rows))?;
                Some(Matrix { node, rows, cols: rows })
            }
            "trace" if is_square => {
                let diagonal = self.diagonal(node, rows);
                number(self.graph.sum(diagonal))
            }
            "cholesky_decompose" if is_square => square(self.cholesky(node, rows)?),
            "inverse_spd" if is_square => {
                let factor = self.cholesky(node, rows)?;
                square(self.inverse_of_factor(factor, rows)?)
            }
            "chol2inv" if is_square => square(self.inverse_of_factor(node, rows)?),
            "log_determinant_spd" if is_square => {
                let factor = self.cholesky(node, rows)?;
                let half = self.log_diagonal(factor, rows);
                let two = self.graph.constant(2.0);
                number(self.graph.binary(Binary::Multiply, two, half))
            }
            "eigenvalues_sym" if is_square => {
                let all = self.eigen(node, rows)?;
                Some(Matrix { node: self.head(all, rows), rows, cols: 1 })
            }
            "eigenvectors_sym" if is_square => {
                let all = self.eigen(node, rows)?;
                let index: Vec<u32> = (rows..rows + rows * rows).map(|i| i as u32).collect();
                square(self.graph.gather(all, &index))
            }
            "inverse" if is_square => square(self.inverse(node, rows)?),
            "log_determinant" if is_square => number(self.log_determinant(node, rows)?),
            _ => None,
        })
    }

    /// Functions of two matrices or vectors.
    fn of_matrices(&mut self, name: &str, a: &Symbol, b: &Symbol) -> Recorded<Option<Matrix>> {
        if a.is_scalar() || b.is_scalar() {
            return if name == "add_diag" && b.is_scalar() { self.add_diagonal(a, b) } else { Ok(None) };
        }
        let (x, y) = (self.matrix(a)?, self.matrix(b)?);
        let shaped = |node, shape: Matrix| Some(Matrix { node, ..shape });
        // What divides is the second argument of the functions with the matrix on the right.
        let fits_left = x.rows == x.cols && y.rows == x.rows;
        let fits_right = y.rows == y.cols && x.cols == y.rows;
        Ok(match name {
            "operator*" if x.cols == y.rows => {
                let sizes = (x.rows, x.cols, y.cols);
                let node = self.matrix_product(Factor::plain(x.node), Factor::plain(y.node), sizes)?;
                Some(Matrix { node, rows: x.rows, cols: y.cols })
            }
            "mdivide_left" | "operator\\" if fits_left => shaped(self.divide_by_matrix(x.node, x.rows, y.node)?, y),
            "mdivide_right" | "operator/" if fits_right => {
                // B A⁻¹ = (A'⁻¹ B')'
                let (matrix, b) = (self.transpose(y.node, y.rows), self.transpose(x.node, x.rows));
                let node = self.divide_by_matrix(matrix, y.rows, b)?;
                shaped(self.transpose(node, y.rows), x)
            }
            "mdivide_left_spd" if fits_left => {
                let factor = self.cholesky(x.node, x.rows)?;
                shaped(self.divide_by_factor(factor, x.rows, y.node)?, y)
            }
            "mdivide_right_spd" if fits_right => {
                let factor = self.cholesky(y.node, y.rows)?;
                let half = self.divide_by_triangle(Side::Right, Factor::transposed(factor), y.rows, x.node)?;
                shaped(self.divide_by_triangle(Side::Right, Factor::plain(factor), y.rows, half)?, x)
            }
            "mdivide_left_tri_low" if fits_left => {
                shaped(self.divide_by_triangle(Side::Left, Factor::plain(x.node), x.rows, y.node)?, y)
            }
            "mdivide_right_tri_low" if fits_right => {
                shaped(self.divide_by_triangle(Side::Right, Factor::plain(y.node), y.rows, x.node)?, x)
            }
            "quad_form" | "quad_form_sym" | "trace_quad_form" if fits_left => self.quadratic_form(name, x, y)?,
            "quad_form_diag" if x.rows == x.cols && y.rows * y.cols == x.rows => {
                let outer =
                    self.matrix_product(Factor::plain(y.node), Factor::transposed(y.node), (x.rows, 1, x.rows))?;
                shaped(self.graph.binary(Binary::Multiply, x.node, outer), x)
            }
            "add_diag" => return self.add_diagonal(a, b),
            _ => None,
        })
    }

    /// `B' A B`, or its trace.
    fn quadratic_form(&mut self, name: &str, a: Matrix, b: Matrix) -> Recorded<Option<Matrix>> {
        let right = self.matrix_product(Factor::plain(a.node), Factor::plain(b.node), (a.rows, a.rows, b.cols))?;
        if name == "trace_quad_form" {
            let products = self.graph.binary(Binary::Multiply, b.node, right);
            return Ok(Some(Matrix { node: self.graph.sum(products), rows: 1, cols: 1 }));
        }
        let sizes = (b.cols, a.rows, b.cols);
        let mut node = self.matrix_product(Factor::transposed(b.node), Factor::plain(right), sizes)?;
        if name == "quad_form_sym" {
            let mirrored = self.transpose(a.node, a.rows);
            let difference = self.graph.binary(Binary::Subtract, a.node, mirrored);
            self.require(difference, Domain::Between(-SYMMETRY_TOLERANCE, SYMMETRY_TOLERANCE))?;
            let mirrored = self.transpose(node, b.cols);
            let sum = self.graph.binary(Binary::Add, node, mirrored);
            let half = self.graph.constant(0.5);
            node = self.graph.binary(Binary::Multiply, half, sum);
        }
        Ok(Some(Matrix { node, rows: b.cols, cols: b.cols }))
    }

    /// A matrix with a vector, or one number, added to its diagonal.
    fn add_diagonal(&mut self, matrix: &Symbol, diagonal: &Symbol) -> Recorded<Option<Matrix>> {
        let (a, d) = (self.matrix(matrix)?, self.matrix(diagonal)?);
        let n = a.rows.min(a.cols);
        if !matches!(self.graph.lanes(d.node), 1) && self.graph.lanes(d.node) != n {
            return Ok(None);
        }
        let each = self.graph.broadcast(d.node, n);
        let zero = self.graph.constant(0.0);
        let with_zero = self.graph.concatenate(&[zero, each]);
        let entry = |i: usize| if i % a.rows == i / a.rows { (i % a.rows + 1) as u32 } else { 0 };
        let index: Vec<u32> = (0..a.rows * a.cols).map(entry).collect();
        let added = self.graph.gather(with_zero, &index);
        Ok(Some(Matrix { node: self.graph.binary(Binary::Add, a.node, added), ..a }))
    }

    /// A sparse matrix, row by row (entries, their columns, where rows start; counted from 1), times a vector.
    fn sparse_product(
        &mut self,
        arguments: &[Symbol],
        entries: &Symbol,
        columns: &Symbol,
        starts: &Symbol,
        vector: &Symbol,
    ) -> Recorded<Option<Matrix>> {
        let ints = |symbol: &Symbol| match symbol {
            Symbol::Known(value) => match &**value {
                Value::Ints(ints) => Some(ints.entries.clone()),
                _ => None,
            },
            _ => None,
        };
        let (Some(columns), Some(starts)) = (ints(columns), ints(starts)) else { return Ok(None) };
        let rows = self.uniform_int(&arguments[0])? as usize;
        let (w, b) = (self.pack(entries)?, self.pack(vector)?);
        let n_columns = self.graph.lanes(b) as i64;
        let is_valid = starts.len() == rows + 1
            && rows > 0
            && starts.first() == Some(&1)
            && starts.windows(2).all(|pair| pair[0] <= pair[1])
            && starts.last() == Some(&(columns.len() as i64 + 1))
            && columns.len() == self.graph.lanes(w)
            && columns.iter().all(|column| (1..=n_columns).contains(column));
        if !is_valid {
            return Ok(None);
        }
        let picked: Vec<u32> = columns.iter().map(|column| *column as u32 - 1).collect();
        let owners: Vec<u32> = (0u32..)
            .zip(starts.windows(2))
            .flat_map(|(row, pair)| std::iter::repeat_n(row, (pair[1] - pair[0]) as usize))
            .collect();
        let factors = self.graph.gather(b, &picked);
        let products = self.graph.binary(Binary::Multiply, w, factors);
        let node = self.graph.scatter_sum(products, &owners, rows);
        Ok(Some(Matrix { node, rows, cols: 1 }))
    }
}
