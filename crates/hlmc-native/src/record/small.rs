//! Short vectors and small matrices that differ between lanes: their functions entry by entry, with a node for each entry.
//!
//! So a loop over them is recorded once, and so is one that carries them, such as a Kalman filter.

mod solve;

use hlmc_builtins::Type;
use hlmc_builtins::value::{Dims, Kind};

use super::Recorder;
use super::formula::Formula;
use super::stop::Recorded;
use super::symbol::Symbol;
use crate::graph::NodeId;
pub(super) use solve::whitened;

/// Matrices of more entries are functions of whole columns, of one lane at a time.
const MAX_ENTRIES: usize = 64;

/// The same for triangular matrices that divide.
const MAX_TRIANGLE: usize = 400;

/// A matrix with a node for each entry, column by column. A vector is one column or one row.
#[derive(Clone)]
pub(super) struct Small {
    rows: usize,
    cols: usize,
    entries: Vec<NodeId>,
}

/// The value, for functions that have one here, of arguments of which some differ between lanes.
pub(super) fn by_entries(recorder: &mut Recorder<'_>, name: &str, x: &[Symbol], ty: &Type) -> Recorded<Option<Symbol>> {
    let of = if solve::is_triangular(name) { Small::triangle } else { Small::of };
    let arguments = x.iter().map(|x| of(recorder, x)).collect::<Recorded<Option<Vec<_>>>>()?;
    let Some(arguments) = arguments else { return Ok(None) };
    let f = &mut Formula { recorder };
    let result = match &arguments[..] {
        [a] if a.is_vector() => of_vector(f, name, a)?,
        [a] => of_matrix(f, name, a)?,
        [a, b] => of_two(f, name, a, b)?,
        _ => None,
    };
    Ok(result.map(|result| result.symbol(recorder, ty)))
}

impl Small {
    /// `None` for what has too many entries, or is no vector or matrix.
    pub(super) fn of(recorder: &mut Recorder<'_>, symbol: &Symbol) -> Recorded<Option<Small>> {
        Small::within(recorder, symbol, MAX_ENTRIES)
    }

    /// The same for a triangular matrix that divides, which may be larger: it has half of the entries, and all that is
    /// computed is a product with each.
    pub(super) fn triangle(recorder: &mut Recorder<'_>, symbol: &Symbol) -> Recorded<Option<Small>> {
        Small::within(recorder, symbol, MAX_TRIANGLE)
    }

    fn within(recorder: &mut Recorder<'_>, symbol: &Symbol, most: usize) -> Recorded<Option<Small>> {
        let (kind, dims) = symbol.shape();
        let (rows, cols) = match (kind, &dims[..]) {
            (_, []) if symbol.is_scalar() => (1, 1),
            (Kind::RowVector, [n]) => (1, *n),
            (_, [n]) => (*n, 1),
            (Kind::Matrix, [rows, cols]) => (*rows, *cols),
            _ => return Ok(None),
        };
        if !(1..=most).contains(&(rows * cols)) {
            return Ok(None);
        }
        Ok(Some(Small { rows, cols, entries: recorder.nodes(symbol)? }))
    }

    fn symbol(self, recorder: &Recorder<'_>, ty: &Type) -> Symbol {
        let each: Vec<Symbol> = self.entries.iter().map(|entry| recorder.scalar(*entry)).collect();
        let dims = match Kind::of(ty) {
            Kind::Matrix => Dims::from_slice(&[self.rows, self.cols]),
            _ => Dims::from_elem(each.len(), 1),
        };
        if ty.is_scalar() { each[0].clone() } else { recorder.container(Kind::of(ty), dims, each) }
    }

    fn from_fn(rows: usize, cols: usize, mut entry: impl FnMut(usize, usize) -> NodeId) -> Small {
        let entries = (0..rows * cols).map(|i| entry(i % rows, i / rows)).collect();
        Small { rows, cols, entries }
    }

    fn number(x: NodeId) -> Small {
        Small { rows: 1, cols: 1, entries: vec![x] }
    }

    fn at(&self, row: usize, col: usize) -> NodeId {
        self.entries[row + col * self.rows]
    }

    fn set(&mut self, row: usize, col: usize, entry: NodeId) {
        self.entries[row + col * self.rows] = entry;
    }

    fn is_vector(&self) -> bool {
        self.rows == 1 || self.cols == 1
    }

    fn is_square(&self) -> bool {
        self.rows == self.cols
    }

    fn transposed(&self) -> Small {
        Small::from_fn(self.cols, self.rows, |row, col| self.at(col, row))
    }

    fn diagonal(&self) -> Vec<NodeId> {
        (0..self.rows.min(self.cols)).map(|i| self.at(i, i)).collect()
    }

    fn map(&self, f: impl FnMut(&NodeId) -> NodeId) -> Small {
        Small { entries: self.entries.iter().map(f).collect(), ..*self }
    }

    fn lower_triangle(&self, f: &mut Formula<'_, '_>) -> Small {
        let zero = f.number(0.0);
        Small::from_fn(self.rows, self.cols, |row, col| if row < col { zero } else { self.at(row, col) })
    }
}

fn sum(f: &mut Formula<'_, '_>, terms: impl IntoIterator<Item = NodeId>) -> NodeId {
    let zero = f.number(0.0);
    terms.into_iter().fold(zero, |sum, x| f.add(sum, x))
}

fn dot(f: &mut Formula<'_, '_>, x: &[NodeId], y: &[NodeId]) -> NodeId {
    let products: Vec<NodeId> = x.iter().zip(y).map(|(x, y)| f.multiply(*x, *y)).collect();
    sum(f, products)
}

fn product(f: &mut Formula<'_, '_>, a: &Small, b: &Small) -> Small {
    let rows = a.transposed();
    let (rows, columns) = (rows.entries.chunks(a.cols), b.entries.chunks(b.rows));
    let rows: Vec<&[NodeId]> = rows.collect();
    let entries = columns.flat_map(|column| rows.iter().map(|row| dot(f, row, column)).collect::<Vec<_>>());
    Small { rows: a.rows, cols: b.cols, entries: entries.collect() }
}

fn of_vector(f: &mut Formula<'_, '_>, name: &str, a: &Small) -> Recorded<Option<Small>> {
    let n = a.entries.len() as f64;
    Ok(Some(match name {
        "softmax" => softmax(f, a),
        "log_softmax" => log_softmax(f, a),
        "prod" => Small::number(a.entries[1..].iter().fold(a.entries[0], |product, x| f.multiply(product, *x))),
        "norm1" => {
            let sizes: Vec<NodeId> = a.entries.iter().map(|x| f.abs(*x)).collect();
            Small::number(sum(f, sizes))
        }
        "norm2" => {
            let squares = dot(f, &a.entries, &a.entries);
            Small::number(f.sqrt(squares))
        }
        "variance" | "sd" if a.entries.len() > 1 => {
            let total = sum(f, a.entries.iter().copied());
            let mean = f.times(1.0 / n, total);
            let deviations = a.map(|x| f.subtract(*x, mean));
            let squares = dot(f, &deviations.entries, &deviations.entries);
            let variance = f.times(1.0 / (n - 1.0), squares);
            Small::number(if name == "sd" { f.sqrt(variance) } else { variance })
        }
        _ => return Ok(None),
    }))
}

fn log_softmax(f: &mut Formula<'_, '_>, a: &Small) -> Small {
    let log_total = f.recorder.log_sum_exp(&a.entries);
    a.map(|x| f.subtract(*x, log_total))
}

fn softmax(f: &mut Formula<'_, '_>, a: &Small) -> Small {
    let logs = log_softmax(f, a);
    let shares = logs.map(|log| f.exp(*log));
    f.recorder.simplexes.insert(shares.entries.clone());
    shares
}

fn of_matrix(f: &mut Formula<'_, '_>, name: &str, a: &Small) -> Recorded<Option<Small>> {
    Ok(Some(match name {
        "trace" => Small::number(sum(f, a.diagonal())),
        "crossprod" => product(f, &a.transposed(), a),
        "tcrossprod" => product(f, a, &a.transposed()),
        "multiply_lower_tri_self_transpose" => {
            let lower = a.lower_triangle(f);
            product(f, &lower, &lower.transposed())
        }
        _ => return solve::of_square(f, name, a),
    }))
}

fn of_two(f: &mut Formula<'_, '_>, name: &str, a: &Small, b: &Small) -> Recorded<Option<Small>> {
    Ok(Some(match name {
        "distance" if a.entries.len() == b.entries.len() => {
            let pairs = a.entries.iter().zip(&b.entries);
            let differences: Vec<NodeId> = pairs.map(|(x, y)| f.subtract(*x, *y)).collect();
            let squares = dot(f, &differences, &differences);
            Small::number(f.sqrt(squares))
        }
        "diag_pre_multiply" if a.entries.len() == b.rows => {
            Small::from_fn(b.rows, b.cols, |row, col| f.multiply(a.entries[row], b.at(row, col)))
        }
        "diag_post_multiply" if b.entries.len() == a.cols => {
            Small::from_fn(a.rows, a.cols, |row, col| f.multiply(a.at(row, col), b.entries[col]))
        }
        "rows_dot_product" => {
            let (x, y) = (a.transposed(), b.transposed());
            columns_dot_product(f, &x, &y).transposed()
        }
        "columns_dot_product" => columns_dot_product(f, a, b),
        "add_diag" => Small::from_fn(a.rows, a.cols, |row, col| match row == col {
            true => f.add(a.at(row, col), b.entries[if b.entries.len() == 1 { 0 } else { row }]),
            false => a.at(row, col),
        }),
        "quad_form_diag" if a.is_square() && b.entries.len() == a.rows => {
            let scaled = Small::from_fn(a.rows, a.cols, |row, col| f.multiply(b.entries[row], a.at(row, col)));
            Small::from_fn(a.rows, a.cols, |row, col| f.multiply(scaled.at(row, col), b.entries[col]))
        }
        "quad_form" | "quad_form_sym" | "trace_quad_form" if a.is_square() && b.rows == a.rows => {
            if name == "quad_form_sym" {
                solve::require_symmetric(f, a)?;
            }
            let right = product(f, a, b);
            let form = product(f, &b.transposed(), &right);
            if name == "trace_quad_form" { Small::number(sum(f, form.diagonal())) } else { form }
        }
        _ => return solve::quotient(f, name, a, b),
    }))
}

fn columns_dot_product(f: &mut Formula<'_, '_>, a: &Small, b: &Small) -> Small {
    let columns = a.entries.chunks(a.rows).zip(b.entries.chunks(b.rows));
    let entries: Vec<NodeId> = columns.map(|(x, y)| dot(f, x, y)).collect();
    Small { rows: 1, cols: a.cols, entries }
}
