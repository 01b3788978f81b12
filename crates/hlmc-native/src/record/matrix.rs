//! Functions of vectors and matrices that are short formulas of the graph's operations.

use std::sync::Arc;

use hlmc_builtins::value::{Dims, Kind};
use hlmc_builtins::{FunctionId, Type, Value};

use super::Recorder;
use super::stop::Recorded;
use super::symbol::{Symbol, kind};
use crate::graph::{Binary, NodeId, Unary};

/// Containers of at most so many entries are folded entry by entry.
const MAX_FOLDED: usize = 32;

/// Products of matrices of at most so many column operations are written out.
const MAX_COLUMN_OPERATIONS: usize = 512;

/// The value by formulas, for functions that have one here.
pub(super) fn by_formula(
    recorder: &mut Recorder<'_>,
    name: &str,
    function: FunctionId,
    x: &[Symbol],
    ty: &Type,
) -> Recorded<Option<Symbol>> {
    Ok(Some(match (name, x) {
        ("sum", [a]) => recorder.total(a)?,
        ("mean", [a]) => {
            let n: usize = a.shape().1.iter().product();
            let total = recorder.total(a)?;
            recorder.scaled(&total, 1.0 / n as f64)?
        }
        ("dot_product", [a, b]) => recorder.dot(a, b)?,
        ("dot_self", [a]) => recorder.dot(a, a)?,
        ("squared_distance", [a, b]) => {
            let (a, b) = (recorder.flat_vector(a)?, recorder.flat_vector(b)?);
            let difference = recorder.elementwise(Binary::Subtract, &a, &b)?;
            recorder.dot(&difference, &difference)?
        }
        ("operator+", [a]) => a.clone(),
        ("operator-", [a]) => recorder.map(std::slice::from_ref(a), |r, x| Ok(r.graph.unary(Unary::Negate, x[0])))?,
        ("operator+", [a, b]) => recorder.elementwise(Binary::Add, a, b)?,
        ("operator-", [a, b]) => recorder.elementwise(Binary::Subtract, a, b)?,
        ("operator.*", [a, b]) => recorder.elementwise(Binary::Multiply, a, b)?,
        ("operator./", [a, b]) => recorder.elementwise(Binary::Divide, a, b)?,
        ("operator/", [a, b]) if b.is_scalar() => recorder.elementwise(Binary::Divide, a, b)?,
        ("operator*", [a, b]) if a.is_scalar() || b.is_scalar() => recorder.elementwise(Binary::Multiply, a, b)?,
        ("operator*", [a, b]) => return recorder.product_of_entries(a, b, ty),
        ("operator.^" | "operator^", [a, b]) if !ty.is_scalar() && a.shape().0 != Kind::Matrix => {
            recorder.map(&[a.clone(), b.clone()], |r, x| {
                let power = r.tables.plain.functions("pow").first().copied();
                let power = power.ok_or_else(|| super::Stop::Unsupported("pow".into()))?;
                r.apply(power, hlmc_builtins::Terms::ALL, x)
            })?
        }
        ("diag_pre_multiply", [v, m]) if recorder.is_uniform(v) && recorder.is_uniform(m) => {
            let (rows, cols) = matrix_size(m);
            let index: Vec<u32> = (0..rows * cols).map(|i| (i % rows) as u32).collect();
            recorder.scale_entries(v, m, &index)?
        }
        ("diag_post_multiply", [m, v]) if recorder.is_uniform(v) && recorder.is_uniform(m) => {
            let (rows, cols) = matrix_size(m);
            let index: Vec<u32> = (0..rows * cols).map(|i| (i / rows) as u32).collect();
            recorder.scale_entries(v, m, &index)?
        }
        ("rows_dot_product", [a, b]) if recorder.is_uniform(a) && recorder.is_uniform(b) => {
            recorder.grouped_product(a, b, ty, |i, rows| i % rows)?
        }
        ("columns_dot_product", [a, b]) if recorder.is_uniform(a) && recorder.is_uniform(b) => {
            recorder.grouped_product(a, b, ty, |i, rows| i / rows.max(1))?
        }
        ("log_sum_exp", [a]) if (1..=MAX_FOLDED).contains(&a.shape().1.iter().product()) => {
            let entries = recorder.nodes(a)?;
            let total = recorder.log_sum_exp(&entries);
            recorder.scalar(total)
        }
        ("max" | "min", [a]) if (1..=MAX_FOLDED).contains(&a.shape().1.iter().product()) => {
            recorder.extreme(a, name == "max")?
        }
        ("cumulative_sum", [a]) => {
            let each = recorder.each(a)?;
            let (kind, dims) = a.shape();
            let mut sums: Vec<Symbol> = Vec::with_capacity(each.len());
            for entry in each.iter() {
                let sum = match sums.last() {
                    Some(before) => recorder.elementwise(Binary::Add, &before.clone(), entry)?,
                    None => entry.clone(),
                };
                sums.push(sum);
            }
            recorder.container(kind, dims, sums)
        }
        ("size" | "num_elements" | "rows" | "cols" | "dims", [a]) => return recorder.shape_function(function, a),
        _ => return Ok(None),
    }))
}

/// Rows and columns of a matrix.
fn matrix_size(symbol: &Symbol) -> (usize, usize) {
    match symbol.shape().1[..] {
        [rows, cols] => (rows, cols),
        _ => (0, 0),
    }
}

impl Recorder<'_> {
    /// An operation of two numbers entry by entry; a scalar meets every entry.
    pub(super) fn elementwise(&mut self, binary: Binary, a: &Symbol, b: &Symbol) -> Recorded<Symbol> {
        self.map(&[a.clone(), b.clone()], |recorder, x| Ok(recorder.graph.binary(binary, x[0], x[1])))
    }

    fn scaled(&mut self, a: &Symbol, factor: f64) -> Recorded<Symbol> {
        self.elementwise(Binary::Multiply, a, &Symbol::Real(factor))
    }

    fn dot(&mut self, a: &Symbol, b: &Symbol) -> Recorded<Symbol> {
        let (a, b) = (self.flat_vector(a)?, self.flat_vector(b)?);
        let products = self.elementwise(Binary::Multiply, &a, &b)?;
        self.total(&products)
    }

    /// A row vector as a vector, so that shapes agree.
    fn flat_vector(&mut self, a: &Symbol) -> Recorded<Symbol> {
        let dims = Dims::from_elem(a.shape().1.iter().product(), 1);
        if self.is_uniform(a) {
            let column = self.pack(a)?;
            return Ok(self.packed(Kind::Vector, dims, column));
        }
        let each = self.each(a)?;
        Ok(self.container(Kind::Vector, dims, each.to_vec()))
    }

    /// The entries, a node each.
    pub(super) fn nodes(&mut self, a: &Symbol) -> Recorded<Vec<NodeId>> {
        self.each(a)?.iter().map(|entry| self.node(entry)).collect()
    }

    /// The entries joined by an operation; none if there are none.
    pub(super) fn fold(&mut self, a: &Symbol, binary: Binary) -> Recorded<Option<Symbol>> {
        let mut nodes = self.nodes(a)?.into_iter();
        let Some(mut total) = nodes.next() else { return Ok(None) };
        for node in nodes {
            total = self.graph.binary(binary, total, node);
        }
        Ok(Some(self.scalar(total)))
    }

    /// The largest or smallest entry, the first of equal ones.
    fn extreme(&mut self, a: &Symbol, is_largest: bool) -> Recorded<Symbol> {
        let each = self.each(a)?;
        let mut extreme = self.node(&each[0])?;
        for entry in &each[1..] {
            let entry = self.node(entry)?;
            let (low, high) = if is_largest { (extreme, entry) } else { (entry, extreme) };
            let is_beyond = self.graph.binary(Binary::Less, low, high);
            extreme = self.graph.select(is_beyond, entry, extreme);
        }
        Ok(self.scalar(extreme))
    }

    fn scale_entries(&mut self, vector: &Symbol, matrix: &Symbol, index: &[u32]) -> Recorded<Symbol> {
        let (kind, dims) = matrix.shape();
        let (v, m) = (self.pack(vector)?, self.pack(matrix)?);
        let factors = self.graph.gather(v, index);
        let scaled = self.graph.binary(Binary::Multiply, factors, m);
        Ok(self.packed(kind, dims, scaled))
    }

    /// The sums, over groups of entries, of the products of two matrices' entries.
    fn grouped_product(
        &mut self,
        a: &Symbol,
        b: &Symbol,
        ty: &Type,
        group: impl Fn(usize, usize) -> usize,
    ) -> Recorded<Symbol> {
        let products = self.elementwise(Binary::Multiply, a, b)?;
        let (rows, cols) = matrix_size(a);
        let column = self.pack(&products)?;
        let index: Vec<u32> = (0..rows * cols).map(|i| group(i, rows) as u32).collect();
        let groups = index.iter().max().map_or(0, |last| *last as usize + 1);
        let sums = self.graph.scatter_sum(column, &index, groups);
        Ok(self.packed(Kind::of(ty), Dims::from_elem(groups, 1), sums))
    }

    /// Products of containers that differ between lanes, entry by entry.
    fn product_of_entries(&mut self, a: &Symbol, b: &Symbol, ty: &Type) -> Recorded<Option<Symbol>> {
        let ((left, left_dims), (right, right_dims)) = (a.shape(), b.shape());
        let (rows, inner) = as_matrix(left, &left_dims);
        let (_, cols) = as_matrix(right, &right_dims);
        if rows * inner * cols > MAX_COLUMN_OPERATIONS {
            return Ok(None);
        }
        let (x, y) = (self.each(a)?, self.each(b)?);
        let mut each = Vec::with_capacity(rows * cols);
        for col in 0..cols {
            for row in 0..rows {
                let mut sum = Symbol::Real(0.0);
                for k in 0..inner {
                    let term = self.elementwise(Binary::Multiply, &x[row + k * rows], &y[k + col * inner])?;
                    sum = self.elementwise(Binary::Add, &sum, &term)?;
                }
                each.push(sum);
            }
        }
        if ty.is_scalar() {
            return Ok(each.pop());
        }
        let dims = if Kind::of(ty) == Kind::Matrix {
            Dims::from_slice(&[rows, cols])
        } else {
            Dims::from_elem(rows * cols, 1)
        };
        Ok(Some(self.container(Kind::of(ty), dims, each)))
    }

    /// Functions that look at sizes alone.
    fn shape_function(&mut self, function: FunctionId, a: &Symbol) -> Recorded<Option<Symbol>> {
        let (kind_of, dims) = a.shape();
        let blank = Value::tensor(kind_of, dims.clone(), vec![0.0; dims.iter().product()]);
        debug_assert!(a.is_scalar() || kind(&blank) == kind_of);
        if a.is_scalar() {
            return Ok(None);
        }
        let tables = std::sync::Arc::clone(&self.tables);
        let Some(row) = tables.plain.row(function) else { return Ok(None) };
        let arguments = [&blank];
        let mut call = hlmc_builtins::Call {
            arguments: &arguments,
            terms: hlmc_builtins::Terms::ALL,
            rng: None,
            callback: None,
            log_jacobian: None,
        };
        Ok(row.call(function.part, &mut call).ok().map(|value| super::known(Arc::new(value))))
    }
}

/// Rows and columns of a vector or a matrix.
fn as_matrix(kind: Kind, dims: &Dims) -> (usize, usize) {
    match (kind, &dims[..]) {
        (Kind::Vector, [n]) => (*n, 1),
        (Kind::RowVector, [n]) => (1, *n),
        (Kind::Matrix, [rows, cols]) => (*rows, *cols),
        _ => (0, 0),
    }
}
