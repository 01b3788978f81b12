//! Reading the arguments of a row that sees them whole: scalars, vectors, arrays of vectors and matrices, with the
//! faults of sizes that do not fit.

use hlmc_math::Real;

use crate::fault::Fault;
use crate::table::{Call, Domain};
use crate::value::{Entries, Kind, Value};

/// The largest deviation from 1 that the sum of a simplex may have (Stan's `CONSTRAINT_TOLERANCE`).
pub(super) const CONSTRAINT_TOLERANCE: f64 = 1e-8;

/// What a call holds at a position that the signature does not have.
fn missing(i: usize) -> Fault {
    Fault::fatal(format!("needs an argument {}", i + 1))
}

/// Argument `i`, from 0.
pub(super) fn argument<'a, A: Real>(call: &Call<'a, A>, i: usize) -> Result<&'a Value<A>, Fault> {
    call.arguments.get(i).copied().ok_or_else(|| missing(i))
}

/// Argument `i` as a scalar number.
pub(super) fn real<A: Real>(call: &Call<'_, A>, i: usize) -> Result<A, Fault> {
    argument(call, i)?.to_real().ok_or_else(|| Fault::fatal(format!("argument {} must be a number", i + 1)))
}

/// Argument `i` as an integer.
pub(super) fn int<A: Real>(call: &Call<'_, A>, i: usize) -> Result<i64, Fault> {
    argument(call, i)?.int_at(0).ok_or_else(|| Fault::fatal(format!("argument {} must be an integer", i + 1)))
}

/// A sequence of vectors of equal size: an array of vectors, or one vector.
#[derive(Clone, Copy)]
pub(super) struct Vectors<'a, A> {
    /// The entries of all, one after the other.
    pub(super) entries: &'a Entries<A>,
    /// The size of each.
    pub(super) size: usize,
    /// How many there are.
    pub(super) count: usize,
    /// Whether it is an array; one vector stands beside any number of others.
    pub(super) is_array: bool,
}

impl<A: Real> Vectors<'_, A> {
    /// Entry `j` of vector `i`, both from 0, of the only vector if it is one; NaN past the end.
    #[inline]
    pub(super) fn at(&self, i: usize, j: usize) -> A {
        let offset = if self.is_array { i * self.size } else { 0 };
        entry(self.entries, offset + j)
    }
}

/// Argument `i` as a sequence of vectors.
pub(super) fn vectors<'a, A: Real>(call: &Call<'a, A>, i: usize) -> Result<Vectors<'a, A>, Fault> {
    match argument(call, i)? {
        Value::Reals(t) if t.dims.len() == 1 => {
            Ok(Vectors { entries: &t.entries, size: t.dims[0], count: 1, is_array: false })
        }
        Value::Reals(t) if t.dims.len() == 2 && t.kind != Kind::Matrix => {
            Ok(Vectors { entries: &t.entries, size: t.dims[1], count: t.dims[0], is_array: true })
        }
        _ => Err(Fault::fatal(format!("argument {} must be a vector or an array of vectors", i + 1))),
    }
}

/// A matrix, column by column.
#[derive(Clone, Copy)]
pub(super) struct MatrixView<'a, A> {
    /// The entries.
    pub(super) entries: &'a Entries<A>,
    /// The number of rows.
    pub(super) rows: usize,
    /// The number of columns.
    pub(super) cols: usize,
}

impl<A: Real> MatrixView<'_, A> {
    /// The entry in row `i` and column `j`, from 0; NaN outside.
    #[inline]
    pub(super) fn at(&self, i: usize, j: usize) -> A {
        entry(self.entries, i + j * self.rows)
    }
}

/// Argument `i` as a matrix; a row vector is a matrix of one row.
pub(super) fn matrix<'a, A: Real>(call: &Call<'a, A>, i: usize) -> Result<MatrixView<'a, A>, Fault> {
    match argument(call, i)? {
        Value::Reals(t) if t.kind == Kind::Matrix && t.dims.len() == 2 => {
            Ok(MatrixView { entries: &t.entries, rows: t.dims[0], cols: t.dims[1] })
        }
        Value::Reals(t) if t.kind == Kind::RowVector && t.dims.len() == 1 => {
            Ok(MatrixView { entries: &t.entries, rows: 1, cols: t.dims[0] })
        }
        _ => Err(Fault::fatal(format!("argument {} must be a matrix", i + 1))),
    }
}

#[inline]
fn entry<A: Real>(entries: &Entries<A>, i: usize) -> A {
    entries.get(i).unwrap_or_else(|| A::constant(f64::NAN))
}

/// Faults unless the two sizes are equal.
pub(super) fn check_sizes(name: &str, size: usize, other_name: &str, other: usize) -> Result<(), Fault> {
    if size == other {
        return Ok(());
    }
    Err(Fault::fatal(format!("{name} has size {size}, but {other_name} has size {other}")))
}

/// Faults unless every number lies in the domain; `name` gets the index of the one that does not.
pub(super) fn check_all(name: &str, numbers: impl IntoIterator<Item = f64>, domain: Domain) -> Result<(), Fault> {
    for (i, x) in numbers.into_iter().enumerate() {
        if !domain.contains(x) {
            return Err(domain.fault(&format!("{name}[{}]", i + 1), x));
        }
    }
    Ok(())
}

/// Faults unless the scalar lies in the domain.
pub(super) fn check(name: &str, number: f64, domain: Domain) -> Result<(), Fault> {
    if domain.contains(number) { Ok(()) } else { Err(domain.fault(name, number)) }
}

/// Faults unless the numbers are a simplex: nonnegative with sum 1.
pub(super) fn check_simplex(name: &str, numbers: &[f64]) -> Result<(), Fault> {
    let sum: f64 = numbers.iter().sum();
    if numbers.is_empty() || (sum - 1.0).abs().is_nan() || (sum - 1.0).abs() > CONSTRAINT_TOLERANCE {
        return Err(Fault::rejection(format!("{name} is not a valid simplex: its sum is {sum}, but should be 1")));
    }
    match numbers.iter().position(|x| *x < 0.0) {
        Some(i) => Err(Fault::rejection(format!(
            "{name} is not a valid simplex: {name}[{}] is {}, but should be nonnegative",
            i + 1,
            numbers[i]
        ))),
        None => Ok(()),
    }
}
