//! How an implementation reads its arguments: typed access that faults instead of panicking.

use std::borrow::Cow;

use hlmc_math::Real;

use crate::fault::Fault;
use crate::table::Call;
use crate::value::{Entries, Ints, Kind, Reals, Value};

/// The most entries that a function makes at once; more is taken for a mistake in the program or its data, since
/// nothing of that size could be differentiated in memory.
pub(crate) const MAX_ENTRIES: usize = 1 << 27;

/// A vector, row vector or matrix of reals, seen as a matrix: entries column by column.
#[derive(Clone, Copy)]
pub(crate) struct MatrixRef<'a, A> {
    /// The number of rows; 1 for a row vector.
    pub(crate) rows: usize,
    /// The number of columns; 1 for a column vector.
    pub(crate) cols: usize,
    /// The entries.
    pub(crate) entries: &'a Entries<A>,
}

impl<'a, A: Real> Call<'a, A> {
    /// Argument `i`, from 0.
    pub(crate) fn argument(&self, i: usize) -> Result<&'a Value<A>, Fault> {
        self.arguments.get(i).copied().ok_or_else(|| Fault::fatal("an argument is missing"))
    }

    /// Argument `i` as a real number.
    pub(crate) fn real(&self, i: usize) -> Result<A, Fault> {
        self.argument(i)?.to_real().ok_or_else(|| wrong_type(i, "a real number"))
    }

    /// Argument `i` as an integer.
    pub(crate) fn int(&self, i: usize) -> Result<i64, Fault> {
        match self.argument(i)? {
            Value::Int(n) => Ok(*n),
            _ => Err(wrong_type(i, "an integer")),
        }
    }

    /// Argument `i` as a size: an integer of 0 or above, within [`MAX_ENTRIES`].
    pub(crate) fn size(&self, i: usize, name: &str) -> Result<usize, Fault> {
        let n = self.int(i)?;
        let size = usize::try_from(n).map_err(|_| Fault::fatal(format!("{name} is {n}, but must not be negative")))?;
        check_size(&[size])?;
        Ok(size)
    }

    /// Argument `i` as a container of reals; arrays of integers are promoted.
    pub(crate) fn reals(&self, i: usize) -> Result<Cow<'a, Reals<A>>, Fault> {
        match self.argument(i)? {
            Value::Reals(t) => Ok(Cow::Borrowed(t)),
            Value::Ints(t) => Ok(Cow::Owned(Reals {
                kind: t.kind,
                dims: t.dims.clone(),
                entries: Entries::Data(t.entries.iter().map(|n| *n as f64).collect()),
            })),
            _ => Err(wrong_type(i, "a container of real numbers")),
        }
    }

    /// Argument `i` as an array of integers.
    pub(crate) fn ints(&self, i: usize) -> Result<&'a Ints, Fault> {
        match self.argument(i)? {
            Value::Ints(t) => Ok(t),
            _ => Err(wrong_type(i, "an array of integers")),
        }
    }

    /// Argument `i`, a vector, row vector or matrix, seen as a matrix.
    pub(crate) fn matrix(&self, i: usize) -> Result<MatrixRef<'a, A>, Fault> {
        MatrixRef::of(self.argument(i)?).ok_or_else(|| wrong_type(i, "a vector, row vector or matrix"))
    }

    /// Argument `i`, a square matrix.
    pub(crate) fn square_matrix(&self, i: usize) -> Result<MatrixRef<'a, A>, Fault> {
        let m = self.matrix(i)?;
        if m.rows != m.cols {
            return Err(Fault::fatal(format!("the matrix must be square, but is {} by {}", m.rows, m.cols)));
        }
        Ok(m)
    }
}

impl<'a, A: Real> MatrixRef<'a, A> {
    /// A vector, row vector or matrix as a matrix; `None` for anything else.
    pub(crate) fn of(value: &'a Value<A>) -> Option<Self> {
        let Value::Reals(t) = value else { return None };
        let (rows, cols) = match (t.kind, t.dims.as_slice()) {
            (Kind::Vector, [n]) => (*n, 1),
            (Kind::RowVector, [n]) => (1, *n),
            (Kind::Matrix, [rows, cols]) => (*rows, *cols),
            _ => return None,
        };
        Some(MatrixRef { rows, cols, entries: &t.entries })
    }
}

/// Faults when something of these sizes would have more than [`MAX_ENTRIES`] entries.
pub(crate) fn check_size(dims: &[usize]) -> Result<usize, Fault> {
    let n = dims.iter().try_fold(1usize, |n, d| n.checked_mul(*d)).unwrap_or(usize::MAX);
    if n > MAX_ENTRIES {
        return Err(Fault::fatal(format!("the result would have {n} entries; at most {MAX_ENTRIES} are possible")));
    }
    Ok(n)
}

/// Faults unless two sizes agree, naming both.
pub(crate) fn check_equal(first: &str, n: usize, second: &str, m: usize) -> Result<(), Fault> {
    if n == m {
        return Ok(());
    }
    Err(Fault::fatal(format!("{first} is {n}, but {second} is {m}; they must be equal")))
}

/// The fault of an argument (from 0) that no signature allows.
pub(crate) fn wrong_type(i: usize, wanted: &str) -> Fault {
    Fault::fatal(format!("argument {} must be {wanted}", i + 1))
}
