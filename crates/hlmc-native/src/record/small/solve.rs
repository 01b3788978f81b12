//! Factors of small matrices, and systems of equations.

use hlmc_builtins::table::Domain;
use hlmc_math::linear_algebra::SYMMETRY_TOLERANCE;

use super::{Small, dot, sum};
use crate::graph::NodeId;
use crate::record::formula::Formula;
use crate::record::stop::Recorded;

/// Larger general matrices are not taken apart: every pivot is a selection among the rows that are left.
const MAX_PIVOTED: usize = 4;

/// Products of a division by a triangular matrix, at most: each is a node.
const MAX_PRODUCTS: usize = 300;

/// True for divisions by a triangular matrix.
pub(super) fn is_triangular(name: &str) -> bool {
    matches!(name, "mdivide_left_tri_low" | "mdivide_right_tri_low")
}

/// Functions of one square matrix.
pub(super) fn of_square(f: &mut Formula<'_, '_>, name: &str, a: &Small) -> Recorded<Option<Small>> {
    if !a.is_square() {
        return Ok(None);
    }
    Ok(Some(match name {
        "cholesky_decompose" => cholesky(f, a)?,
        "log_determinant_spd" => {
            let factor = cholesky(f, a)?;
            let half = log_diagonal(f, &factor.diagonal());
            Small::number(f.times(2.0, half))
        }
        "inverse_spd" | "chol2inv" => {
            let factor = if name == "chol2inv" { a.clone() } else { cholesky(f, a)? };
            let identity = identity(f, a.rows);
            divide_by_factor(f, &factor, identity)
        }
        "inverse" if a.rows <= MAX_PIVOTED => {
            let identity = identity(f, a.rows);
            divide(f, a, identity).0
        }
        "log_determinant" if a.rows <= MAX_PIVOTED => {
            let nothing = Small { rows: a.rows, cols: 0, entries: Vec::new() };
            let (_, pivots) = divide(f, a, nothing);
            let sizes: Vec<NodeId> = pivots.iter().map(|pivot| f.abs(*pivot)).collect();
            Small::number(log_diagonal(f, &sizes))
        }
        _ => return Ok(None),
    }))
}

/// What divides is the second argument of the functions with the matrix on the right.
pub(super) fn quotient(f: &mut Formula<'_, '_>, name: &str, x: &Small, y: &Small) -> Recorded<Option<Small>> {
    let is_left = matches!(name, "mdivide_left" | "operator\\" | "mdivide_left_spd" | "mdivide_left_tri_low");
    // B A⁻¹ = (A'⁻¹ B')'
    let (a, b) = if is_left { (x.clone(), y.clone()) } else { (y.clone(), x.transposed()) };
    if !a.is_square() || a.rows != b.rows {
        return Ok(None);
    }
    let solution = match name {
        "mdivide_left" | "operator\\" if a.rows <= MAX_PIVOTED => divide(f, &a, b).0,
        "mdivide_right" | "operator/" if a.rows <= MAX_PIVOTED => divide(f, &a.transposed(), b).0,
        "mdivide_left_spd" | "mdivide_right_spd" => {
            let factor = cholesky(f, &a)?;
            divide_by_factor(f, &factor, b)
        }
        _ if is_triangular(name) && a.rows * (a.rows + 1) / 2 * b.cols > MAX_PRODUCTS => return Ok(None),
        "mdivide_left_tri_low" => divide_by_lower(f, &a, b),
        "mdivide_right_tri_low" => divide_by_upper(f, &a, b),
        _ => return Ok(None),
    };
    Ok(Some(if is_left { solution } else { solution.transposed() }))
}

/// A vector divided by the Cholesky factor of a covariance matrix, or by the factor if that is given; and the logarithm of
/// the factor's determinant.
pub(in crate::record) fn whitened(
    f: &mut Formula<'_, '_>,
    (matrix, is_factor): (&Small, bool),
    deviations: Vec<NodeId>,
) -> Recorded<(Vec<NodeId>, NodeId)> {
    let factor = if is_factor { matrix.clone() } else { cholesky(f, matrix)? };
    let column = Small { rows: deviations.len(), cols: 1, entries: deviations };
    let log_determinant = log_diagonal(f, &factor.diagonal());
    Ok((divide_by_lower(f, &factor, column).entries, log_determinant))
}

fn identity(f: &mut Formula<'_, '_>, size: usize) -> Small {
    Small::from_fn(size, size, |row, col| f.number(if row == col { 1.0 } else { 0.0 }))
}

fn log_diagonal(f: &mut Formula<'_, '_>, diagonal: &[NodeId]) -> NodeId {
    let logs: Vec<NodeId> = diagonal.iter().map(|x| f.log(*x)).collect();
    sum(f, logs)
}

/// The matrix equals its transpose, or the point is rejected.
pub(super) fn require_symmetric(f: &mut Formula<'_, '_>, a: &Small) -> Recorded<()> {
    for (row, col) in (0..a.rows).flat_map(|row| (0..row).map(move |col| (row, col))) {
        let (below, above) = (a.at(row, col), a.at(col, row));
        if below != above {
            let difference = f.subtract(below, above);
            f.require(difference, Domain::Between(-SYMMETRY_TOLERANCE, SYMMETRY_TOLERANCE))?;
        }
    }
    Ok(())
}

/// The Cholesky factor of a symmetric matrix, of which the lower triangle is read.
fn cholesky(f: &mut Formula<'_, '_>, a: &Small) -> Recorded<Small> {
    require_symmetric(f, a)?;
    let mut factor = a.lower_triangle(f);
    for j in 0..a.rows {
        for i in j..a.rows {
            // Entry (i, j) less what the columns before it explain.
            let row = |i: usize| (0..j).map(|k| factor.at(i, k)).collect::<Vec<_>>();
            let explained = dot(f, &row(i), &row(j));
            let rest = f.subtract(factor.at(i, j), explained);
            let entry = if i == j {
                f.require(rest, Domain::PositiveFinite)?;
                f.sqrt(rest)
            } else {
                f.divide(rest, factor.at(j, j))
            };
            factor.set(i, j, entry);
        }
    }
    Ok(factor)
}

/// `L⁻¹ B`
fn divide_by_lower(f: &mut Formula<'_, '_>, lower: &Small, b: Small) -> Small {
    substitute(f, b, (0..lower.rows).collect(), |row, col| lower.at(row, col))
}

/// `L'⁻¹ B`
fn divide_by_upper(f: &mut Formula<'_, '_>, lower: &Small, b: Small) -> Small {
    substitute(f, b, (0..lower.rows).rev().collect(), |row, col| lower.at(col, row))
}

/// `(L L')⁻¹ B`
fn divide_by_factor(f: &mut Formula<'_, '_>, factor: &Small, b: Small) -> Small {
    let half = divide_by_lower(f, factor, b);
    divide_by_upper(f, factor, half)
}

/// The solution of a triangular system, row by row in an order in which each row has those before it alone.
fn substitute(
    f: &mut Formula<'_, '_>,
    mut b: Small,
    order: Vec<usize>,
    matrix: impl Fn(usize, usize) -> NodeId,
) -> Small {
    for (n_known, row) in order.iter().enumerate() {
        let known = &order[..n_known];
        let weights: Vec<NodeId> = known.iter().map(|other| matrix(*row, *other)).collect();
        for col in 0..b.cols {
            let values: Vec<NodeId> = known.iter().map(|other| b.at(*other, col)).collect();
            let explained = dot(f, &weights, &values);
            let rest = f.subtract(b.at(*row, col), explained);
            b.set(*row, col, f.divide(rest, matrix(*row, *row)));
        }
    }
    b
}

/// `A⁻¹ B` by elimination with the largest pivots of the columns, and the pivots.
fn divide(f: &mut Formula<'_, '_>, a: &Small, mut b: Small) -> (Small, Vec<NodeId>) {
    let mut a = a.clone();
    for k in 0..a.rows {
        for row in k + 1..a.rows {
            let (size, other) = (f.abs(a.at(k, k)), f.abs(a.at(row, k)));
            let is_larger = f.less(size, other);
            exchange(f, is_larger, &mut a, (k, row), k);
            exchange(f, is_larger, &mut b, (k, row), 0);
        }
        for row in k + 1..a.rows {
            let share = f.divide(a.at(row, k), a.at(k, k));
            subtract_row(f, share, &mut a, (k, row), k + 1);
            subtract_row(f, share, &mut b, (k, row), 0);
        }
    }
    let pivots = a.diagonal();
    (substitute(f, b, (0..a.rows).rev().collect(), |row, col| a.at(row, col)), pivots)
}

/// Exchanges two rows, from a column on, where the mask holds.
fn exchange(f: &mut Formula<'_, '_>, mask: NodeId, a: &mut Small, (row, other): (usize, usize), first: usize) {
    for col in first..a.cols {
        let (x, y) = (a.at(row, col), a.at(other, col));
        a.set(row, col, f.graph().select(mask, y, x));
        a.set(other, col, f.graph().select(mask, x, y));
    }
}

/// Takes a share of one row, from a column on, from another.
fn subtract_row(f: &mut Formula<'_, '_>, share: NodeId, a: &mut Small, (row, other): (usize, usize), first: usize) {
    for col in first..a.cols {
        let part = f.multiply(share, a.at(row, col));
        a.set(other, col, f.subtract(a.at(other, col), part));
    }
}
