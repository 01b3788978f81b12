//! Whether a value keeps the constraint of its declaration (reference manual, "Constrained data types"): data when they
//! are read, transformed parameters and generated quantities at the end of their block.

use hlmc_builtins::Value;
use hlmc_builtins::value::{Kind, Reals};
use hlmc_check::ir::{Expression, SizedBase, SizedType, Transform};
use hlmc_math::Real;

use crate::evaluate::{Machine, format_real};
use crate::failure::Eval;
use crate::frame::Frame;
use crate::layout::index_at;

/// How far sums and symmetries may be off, as in Stan.
const TOLERANCE: f64 = 1e-8;

/// A violated constraint.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Violation {
    /// What is where, and what was expected.
    pub(crate) message: String,
    /// The index of the entry or element, counting from 1; empty for the whole.
    pub(crate) index: Vec<usize>,
}

/// Every violation of a declaration's constraint by a value of its shape, at most one an element.
pub(crate) fn violations<A: Real>(
    machine: &Machine<'_, A>,
    frame: &Frame<'_, A>,
    ty: &SizedType,
    name: &str,
    value: &Value<A>,
) -> Eval<Vec<Violation>> {
    let mut found = Vec::new();
    check(machine, frame, ty, name, value, &mut found)?;
    Ok(found)
}

fn check<A: Real>(
    machine: &Machine<'_, A>,
    frame: &Frame<'_, A>,
    ty: &SizedType,
    name: &str,
    value: &Value<A>,
    found: &mut Vec<Violation>,
) -> Eval<()> {
    if let SizedBase::Tuple(slots) = &ty.base {
        return check_tuples(machine, frame, slots, name, value, found);
    }
    let mut bound = |e: &Expression, is_lower: bool| -> Eval<()> {
        let bound = machine.value(frame, e)?;
        check_bound(value, &bound, is_lower, name, found);
        Ok(())
    };
    match &ty.transform {
        Transform::Identity | Transform::OffsetMultiplier(..) => Ok(()),
        Transform::Lower(e) => bound(e, true),
        Transform::Upper(e) => bound(e, false),
        Transform::LowerUpper(lower, upper) => {
            bound(lower, true)?;
            bound(upper, false)
        }
        structured => {
            if let Value::Reals(t) = value {
                check_elements(structured, t, name, found);
            }
            Ok(())
        }
    }
}

fn check_tuples<A: Real>(
    machine: &Machine<'_, A>,
    frame: &Frame<'_, A>,
    slots: &[SizedType],
    name: &str,
    value: &Value<A>,
    found: &mut Vec<Violation>,
) -> Eval<()> {
    match value {
        Value::Array(elements) => {
            for (i, element) in elements.iter().enumerate() {
                check_tuples(machine, frame, slots, &format!("{name}[{}]", i + 1), element, found)?;
            }
        }
        Value::Tuple(parts) => {
            for (i, (slot, part)) in slots.iter().zip(parts).enumerate() {
                let mut inner = Vec::new();
                check(machine, frame, slot, &format!("{name}.{}", i + 1), part, &mut inner)?;
                // The index leads through the slot; the place of the whole is what can be told.
                found.extend(inner.into_iter().map(|violation| Violation { index: Vec::new(), ..violation }));
            }
        }
        _ => {}
    }
    Ok(())
}

/// Entries against a bound, which is one number or has as many entries as an element.
fn check_bound<A: Real>(value: &Value<A>, bound: &Value<A>, is_lower: bool, name: &str, found: &mut Vec<Violation>) {
    let n_bounds = if bound.is_scalar() { 1 } else { bound.n_entries() };
    for i in 0..value.n_entries() {
        let (Some(x), Some(limit)) = (value.real_at(i), bound.real_at(i % n_bounds.max(1))) else { return };
        let (x, limit) = (x.value(), limit.value());
        // NaN keeps no bound.
        let holds = if is_lower { x >= limit } else { x <= limit };
        if !holds {
            let relation = if is_lower { "greater than or equal to" } else { "less than or equal to" };
            let index = match value {
                Value::Ints(t) => index_at(t.kind, &t.dims, i),
                Value::Reals(t) => index_at(t.kind, &t.dims, i),
                _ => Vec::new(),
            };
            let entry = format!("{name}{}", bracketed(&index));
            let message = format!("`{entry}` is {}, but must be {relation} {}", format_real(x), format_real(limit));
            found.push(Violation { message, index });
        }
    }
}

fn bracketed(index: &[usize]) -> String {
    if index.is_empty() {
        return String::new();
    }
    format!("[{}]", index.iter().map(ToString::to_string).collect::<Vec<_>>().join(","))
}

/// Vectors and matrices, one by one.
fn check_elements<A: Real>(transform: &Transform, t: &Reals<A>, name: &str, found: &mut Vec<Violation>) {
    let n_array = t.dims.len() - t.kind.n_dims().min(t.dims.len());
    let (array, inner) = t.dims.split_at(n_array);
    let (rows, cols) = match *inner {
        [n] => (n, 1),
        [rows, cols] => (rows, cols),
        _ => return,
    };
    let size = rows * cols;
    let values = t.entries.values();
    for i in 0..array.iter().product() {
        let element = Matrix { rows, cols, entries: values.get(i * size..(i + 1) * size).unwrap_or(&[]) };
        if let Err(message) = check_structure(transform, &element) {
            let index = index_at(Kind::Scalar, array, i);
            found.push(Violation { message: format!("`{name}{}` {message}", bracketed(&index)), index });
        }
    }
}

/// A vector (one column) or matrix, column by column.
struct Matrix<'v> {
    rows: usize,
    cols: usize,
    entries: &'v [f64],
}

impl Matrix<'_> {
    fn at(&self, i: usize, j: usize) -> f64 {
        self.entries.get(j * self.rows + i).copied().unwrap_or(f64::NAN)
    }

    fn row(&self, i: usize) -> impl Iterator<Item = f64> + Clone + '_ {
        (0..self.cols).map(move |j| self.at(i, j))
    }

    fn col(&self, j: usize) -> impl Iterator<Item = f64> + Clone + '_ {
        (0..self.rows).map(move |i| self.at(i, j))
    }
}

type Structure = Result<(), String>;

fn check_structure(transform: &Transform, m: &Matrix<'_>) -> Structure {
    match transform {
        Transform::Ordered => ordered(m.entries),
        Transform::PositiveOrdered => {
            if let Some(first) = m.entries.first() {
                require(*first >= 0.0, || format!("must not be negative, but starts with {}", format_real(*first)))?;
            }
            ordered(m.entries)
        }
        Transform::Simplex => {
            require(!m.entries.is_empty(), || "is a simplex and must have an entry".into())?;
            simplex(m.entries.iter().copied(), "")
        }
        Transform::UnitVector => {
            let norm: f64 = m.entries.iter().map(|x| x * x).sum();
            require((norm - 1.0).abs() <= TOLERANCE, || {
                format!("is no unit vector: its squares sum to {}", precise(norm))
            })
        }
        Transform::SumToZeroVector => sum_to_zero(m.entries.iter().copied(), ""),
        Transform::SumToZeroMatrix => {
            (0..m.rows).try_for_each(|i| sum_to_zero(m.row(i), &format!(" in row {}", i + 1)))?;
            (0..m.cols).try_for_each(|j| sum_to_zero(m.col(j), &format!(" in column {}", j + 1)))
        }
        Transform::RowStochasticMatrix => {
            (0..m.rows).try_for_each(|i| simplex(m.row(i), &format!(" in row {}", i + 1)))
        }
        Transform::ColumnStochasticMatrix => {
            (0..m.cols).try_for_each(|j| simplex(m.col(j), &format!(" in column {}", j + 1)))
        }
        Transform::CholeskyFactorCov => cholesky_factor(m),
        Transform::CholeskyFactorCorr => {
            cholesky_factor(m)?;
            (0..m.rows).try_for_each(|i| {
                let norm: f64 = m.row(i).map(|x| x * x).sum();
                require((norm - 1.0).abs() <= TOLERANCE, || {
                    format!(
                        "is no Cholesky factor of a correlation matrix: squares sum to {} in row {}",
                        precise(norm),
                        i + 1
                    )
                })
            })
        }
        Transform::CovMatrix => {
            symmetric(m)?;
            positive_definite(m)
        }
        Transform::CorrMatrix => {
            symmetric(m)?;
            (0..m.rows).try_for_each(|i| {
                require((m.at(i, i) - 1.0).abs() <= TOLERANCE, || {
                    format!("is no correlation matrix: entry [{0},{0}] is {1}", i + 1, precise(m.at(i, i)))
                })
            })?;
            positive_definite(m)
        }
        Transform::Identity
        | Transform::Lower(_)
        | Transform::Upper(_)
        | Transform::LowerUpper(..)
        | Transform::OffsetMultiplier(..) => Ok(()),
    }
}

fn require(holds: bool, message: impl FnOnce() -> String) -> Structure {
    if holds { Ok(()) } else { Err(message()) }
}

/// With all the digits that it takes to see how far off a number is.
fn precise(x: f64) -> String {
    x.to_string()
}

fn ordered(entries: &[f64]) -> Structure {
    entries.windows(2).enumerate().try_for_each(|(i, pair)| {
        require(pair[1] > pair[0], || {
            format!(
                "is not ordered: entry {} is {}, and entry {} is {}",
                i + 1,
                format_real(pair[0]),
                i + 2,
                format_real(pair[1])
            )
        })
    })
}

fn simplex(entries: impl Iterator<Item = f64> + Clone, place: &str) -> Structure {
    let sum: f64 = entries.clone().sum();
    require((sum - 1.0).abs() <= TOLERANCE, || format!("is no simplex: entries sum to {}{place}", precise(sum)))?;
    let mut entries = entries.enumerate();
    match entries.find(|(_, x)| !(*x >= 0.0)) {
        Some((i, x)) => Err(format!("is no simplex: entry {} is {}{place}", i + 1, format_real(x))),
        None => Ok(()),
    }
}

fn sum_to_zero(entries: impl Iterator<Item = f64>, place: &str) -> Structure {
    let sum: f64 = entries.sum();
    require(sum.abs() <= TOLERANCE, || format!("must sum to 0, but sums to {}{place}", precise(sum)))
}

fn symmetric(m: &Matrix<'_>) -> Structure {
    require(m.rows == m.cols, || format!("is not square, but {} by {}", m.rows, m.cols))?;
    for j in 0..m.cols {
        for i in 0..j {
            let (above, below) = (m.at(i, j), m.at(j, i));
            require((above - below).abs() <= TOLERANCE, || {
                let (i, j) = (i + 1, j + 1);
                format!("is not symmetric: [{i},{j}] is {}, but [{j},{i}] is {}", precise(above), precise(below))
            })?;
        }
    }
    Ok(())
}

fn cholesky_factor(m: &Matrix<'_>) -> Structure {
    require(m.rows >= m.cols, || format!("has fewer rows than columns: {} by {}", m.rows, m.cols))?;
    for j in 0..m.cols {
        require(m.at(j, j) > 0.0, || {
            format!("has {} at [{1},{1}], but its diagonal must be positive", format_real(m.at(j, j)), j + 1)
        })?;
        for i in 0..j {
            require(m.at(i, j) == 0.0, || {
                let (i, j) = (i + 1, j + 1);
                format!("is not lower triangular: [{i},{j}] is {}", format_real(m.at(i - 1, j - 1)))
            })?;
        }
    }
    Ok(())
}

/// By the pivots of a Cholesky decomposition.
fn positive_definite(m: &Matrix<'_>) -> Structure {
    let n = m.rows;
    let mut factor = m.entries.to_vec();
    for j in 0..n {
        let pivot = factor[j * n + j] - (0..j).map(|k| factor[k * n + j].powi(2)).sum::<f64>();
        require(pivot > 0.0 && pivot.is_finite(), || "is not positive definite".into())?;
        let root = pivot.sqrt();
        factor[j * n + j] = root;
        for i in j + 1..n {
            let dot: f64 = (0..j).map(|k| factor[k * n + i] * factor[k * n + j]).sum();
            factor[j * n + i] = (factor[j * n + i] - dot) / root;
        }
    }
    Ok(())
}
