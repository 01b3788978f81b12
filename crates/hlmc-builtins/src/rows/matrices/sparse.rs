//! Sparse matrices in compressed row storage: values `w`, their columns `v` (from 1), and where each row starts, `u`.

use hlmc_math::Real;

use super::matrix;
use crate::arguments::{check_equal, check_size};
use crate::fault::Fault;
use crate::rows::gather::gather;
use crate::table::{Call, Function};
use crate::value::{Dims, Entries, Kind, Reals, Value};

/// The rows of this file.
pub(super) fn rows<A: Real>() -> Vec<Function<A>> {
    vec![
        matrix(
            "csr_matrix_times_vector",
            &["vector csr_matrix_times_vector(int, int, vector, array[] int, array[] int, vector)"],
            times_vector,
            "The product of a sparse matrix and a vector, called as csr_matrix_times_vector(m, n, w, v, u, b).",
        ),
        matrix(
            "csr_to_dense_matrix",
            &["matrix csr_to_dense_matrix(int, int, vector, array[] int, array[] int)"],
            to_dense,
            "The matrix with the given sparse storage, called as csr_to_dense_matrix(m, n, w, v, u).",
        ),
        matrix(
            "csr_extract_w",
            &["vector csr_extract_w(matrix)"],
            |call| extracted_values(call, &non_zeros(call)?),
            "The values in compressed row storage: the entries that are not 0, row by row.",
        ),
        matrix(
            "csr_extract_v",
            &["array[] int csr_extract_v(matrix)"],
            |call| Ok(non_zeros(call)?.columns()),
            "The columns, from 1, of the entries that are not 0, row by row.",
        ),
        matrix(
            "csr_extract_u",
            &["array[] int csr_extract_u(matrix)"],
            |call| Ok(non_zeros(call)?.starts()),
            "For each row, from 1, where its values start in compressed row storage; and the end of the last row.",
        ),
        matrix(
            "csr_extract",
            &["tuple(vector, array[] int, array[] int) csr_extract(matrix)"],
            |call| {
                let found = non_zeros(call)?;
                Ok(Value::Tuple(vec![extracted_values(call, &found)?, found.columns(), found.starts()]))
            },
            "Values, columns and row starts of a matrix in compressed row storage.",
        ),
    ]
}

/// A sparse matrix, read from the arguments and checked: for each row, its entries' positions in `w` and columns.
struct Pattern {
    rows: usize,
    cols: usize,
    /// Row and column, from 0, of each entry of `w`.
    places: Vec<(usize, usize)>,
}

fn pattern<A: Real>(call: &Call<'_, A>) -> Result<Pattern, Fault> {
    let (rows, cols) = (call.size(0, "the number of rows")?, call.size(1, "the number of columns")?);
    let n = call.argument(2)?.n_entries();
    let (v, u) = (&call.ints(3)?.entries, &call.ints(4)?.entries);
    check_equal("the number of values", n, "that of their columns", v.len())?;
    check_equal("the number of row starts", u.len(), "one more than the number of rows", rows + 1)?;
    let mut places = Vec::with_capacity(n);
    for (row, bounds) in u.windows(2).enumerate() {
        let (start, end) = (bounds[0].saturating_sub(1), bounds[1].saturating_sub(1));
        if usize::try_from(start).ok() != Some(places.len()) || end < start || end as usize > n {
            return Err(Fault::fatal(format!("the starts of rows {} and the next do not fit {n} values", row + 1)));
        }
        for column in &v[places.len()..end as usize] {
            let inside = usize::try_from(*column).ok().and_then(|c| c.checked_sub(1)).filter(|c| *c < cols);
            let message = || format!("a column is {column}, but must be from 1 to {cols}");
            places.push((row, inside.ok_or_else(|| Fault::fatal(message()))?));
        }
    }
    check_equal("the number of values", n, "the end of the last row", places.len())?;
    Ok(Pattern { rows, cols, places })
}

fn times_vector<A: Real>(call: &mut Call<'_, A>) -> Result<Value<A>, Fault> {
    let pattern = pattern(call)?;
    let (w, b) = (call.matrix(2)?, call.matrix(5)?);
    check_equal("the number of columns", pattern.cols, "the size of the vector", b.rows)?;
    let n = pattern.rows;
    let zero = A::constant(0.0);
    let entries = match (w.entries, b.entries) {
        (Entries::Data(w), Entries::Data(b)) => Entries::Data(pattern.times(w, b, 0.0, |w, b| w * b)),
        (Entries::Data(w), Entries::Auto(b)) => Entries::Auto(pattern.times(w, b, zero, |w, b| b * w)),
        (Entries::Auto(w), Entries::Data(b)) => Entries::Auto(pattern.times(w, b, zero, |w, b| w * b)),
        (Entries::Auto(w), Entries::Auto(b)) => Entries::Auto(pattern.times(w, b, zero, |w, b| w * b)),
    };
    Ok(Value::Reals(Reals { kind: Kind::Vector, dims: Dims::from_slice(&[n]), entries }))
}

impl Pattern {
    fn times<W: Copy, B: Copy, Z: Copy + std::ops::AddAssign>(
        &self,
        w: &[W],
        b: &[B],
        zero: Z,
        times: impl Fn(W, B) -> Z,
    ) -> Vec<Z> {
        let mut product = vec![zero; self.rows];
        for (w, (row, column)) in w.iter().zip(&self.places) {
            product[*row] += times(*w, b[*column]);
        }
        product
    }
}

fn to_dense<A: Real>(call: &mut Call<'_, A>) -> Result<Value<A>, Fault> {
    let Pattern { rows, cols, places } = pattern(call)?;
    let size = check_size(&[rows, cols])?;
    let w = call.matrix(2)?;
    let entries = match w.entries {
        Entries::Data(w) => Entries::Data(dense(w, &places, rows, vec![0.0; size])),
        Entries::Auto(w) => Entries::Auto(dense(w, &places, rows, vec![A::constant(0.0); size])),
    };
    Ok(Value::Reals(Reals { kind: Kind::Matrix, dims: Dims::from_slice(&[rows, cols]), entries }))
}

fn dense<T: Copy>(w: &[T], places: &[(usize, usize)], rows: usize, mut entries: Vec<T>) -> Vec<T> {
    for (x, (row, column)) in w.iter().zip(places) {
        entries[column * rows + row] = *x;
    }
    entries
}

/// Where a matrix has entries that are not 0, row by row.
struct NonZeros {
    rows: usize,
    /// Row and column, from 0.
    places: Vec<(usize, usize)>,
}

impl NonZeros {
    fn columns<A: Real>(&self) -> Value<A> {
        Value::ints(self.places.iter().filter_map(|(_, column)| i64::try_from(column + 1).ok()).collect())
    }

    fn starts<A: Real>(&self) -> Value<A> {
        let start = |row: usize| self.places.partition_point(|(r, _)| *r < row) + 1;
        Value::ints((0..=self.rows).filter_map(|row| i64::try_from(start(row)).ok()).collect())
    }
}

fn non_zeros<A: Real>(call: &Call<'_, A>) -> Result<NonZeros, Fault> {
    let m = call.matrix(0)?;
    let values = m.entries.values();
    let places = (0..m.rows).flat_map(|i| (0..m.cols).map(move |j| (i, j)));
    let places = places.filter(|(i, j)| values[j * m.rows + i] != 0.0).collect();
    Ok(NonZeros { rows: m.rows, places })
}

fn extracted_values<A: Real>(call: &Call<'_, A>, found: &NonZeros) -> Result<Value<A>, Fault> {
    let positions = found.places.iter().map(|(i, j)| j * found.rows + i);
    gather(call.argument(0)?, Kind::Vector, [found.places.len()], positions)
}
