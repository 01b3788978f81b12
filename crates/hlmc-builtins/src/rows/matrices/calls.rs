//! How rows call linear algebra: on plain numbers if all matrices are data, so that the result is data again.

use hlmc_math::Real;
use hlmc_math::linear_algebra::{Matrix, MatrixError, MatrixRef as View};

use crate::arguments::MatrixRef;
use crate::fault::Fault;
use crate::table::Call;
use crate::value::{Dims, Entries, Kind, Reals, Value};

/// A function of matrices at one number type.
type Of<T, R> = fn(&[View<'_, T>]) -> Result<R, MatrixError>;

/// Calls the same generic function at plain numbers or numbers of the engine: `$f` is written once and typed twice.
macro_rules! of_matrices {
    ($call:expr, $kind:expr, $f:expr) => {
        crate::rows::matrices::calls::matrix_valued($call, $kind, $f, $f)
    };
}
/// The same for functions whose result is a number.
macro_rules! number_of_matrices {
    ($call:expr, $f:expr) => {
        crate::rows::matrices::calls::real_valued($call, $f, $f)
    };
}
/// The same for functions whose result is a tuple of matrices, vectors and row vectors of these kinds.
macro_rules! tuple_of_matrices {
    ($call:expr, $kinds:expr, $f:expr) => {
        crate::rows::matrices::calls::tuple_valued($call, $kinds, $f, $f)
    };
}
pub(super) use {number_of_matrices, of_matrices, tuple_of_matrices};

/// A value of the given kind from a matrix-valued function of all the arguments that are matrices or vectors.
pub(super) fn matrix_valued<A: Real>(
    call: &Call<'_, A>,
    kind: Kind,
    on_data: Of<f64, Matrix<f64>>,
    on_auto: Of<A, Matrix<A>>,
) -> Result<Value<A>, Fault> {
    let arguments = matrices(call)?;
    if let Some(plain) = all_data(&arguments) {
        let m = on_data(&plain?).map_err(fault)?;
        return Ok(shaped(kind, (m.rows(), m.cols()), Entries::Data(m.into_entries())));
    }
    let m = with_views(&arguments, on_auto)?;
    Ok(shaped(kind, (m.rows(), m.cols()), Entries::Auto(m.into_entries())))
}

/// A number from a function of all the arguments.
pub(super) fn real_valued<A: Real>(
    call: &Call<'_, A>,
    on_data: Of<f64, f64>,
    on_auto: Of<A, A>,
) -> Result<Value<A>, Fault> {
    let arguments = matrices(call)?;
    if let Some(plain) = all_data(&arguments) {
        return on_data(&plain?).map(|x| Value::Real(A::constant(x))).map_err(fault);
    }
    with_views(&arguments, on_auto).map(Value::Real)
}

/// A tuple of values of the given kinds.
pub(super) fn tuple_valued<A: Real, const N: usize>(
    call: &Call<'_, A>,
    kinds: [Kind; N],
    on_data: Of<f64, [Matrix<f64>; N]>,
    on_auto: Of<A, [Matrix<A>; N]>,
) -> Result<Value<A>, Fault> {
    let arguments = matrices(call)?;
    let parts: Vec<Value<A>> = if let Some(plain) = all_data(&arguments) {
        let parts = kinds.into_iter().zip(on_data(&plain?).map_err(fault)?);
        parts.map(|(kind, m)| shaped(kind, (m.rows(), m.cols()), Entries::Data(m.into_entries()))).collect()
    } else {
        let parts = kinds.into_iter().zip(with_views(&arguments, on_auto)?);
        parts.map(|(kind, m)| shaped(kind, (m.rows(), m.cols()), Entries::Auto(m.into_entries()))).collect()
    };
    Ok(Value::Tuple(parts))
}

fn matrices<'a, A: Real>(call: &Call<'a, A>) -> Result<Vec<MatrixRef<'a, A>>, Fault> {
    (0..call.arguments.len()).map(|i| call.matrix(i)).collect()
}

/// Views of plain numbers, if all matrices are data.
fn all_data<'a, A: Real>(arguments: &[MatrixRef<'a, A>]) -> Option<Result<Vec<View<'a, f64>>, Fault>> {
    let is_data = arguments.iter().all(|m| matches!(m.entries, Entries::Data(_)));
    is_data.then(|| {
        let views = arguments.iter().filter_map(|m| match m.entries {
            Entries::Data(entries) => Some(View::new(entries, m.rows, m.cols).map_err(fault)),
            Entries::Auto(_) => None,
        });
        views.collect()
    })
}

fn with_views<A: Real, R>(arguments: &[MatrixRef<'_, A>], f: Of<A, R>) -> Result<R, Fault> {
    let entries: Vec<_> = arguments.iter().map(|m| m.entries.to_auto()).collect();
    let views = arguments.iter().zip(&entries).map(|(m, entries)| View::new(entries, m.rows, m.cols));
    f(&views.collect::<Result<Vec<_>, _>>().map_err(fault)?).map_err(fault)
}

/// A matrix of one column as a vector, of one row as a row vector, or as it is.
fn shaped<A: Real>(kind: Kind, (rows, cols): (usize, usize), entries: Entries<A>) -> Value<A> {
    let dims = match kind {
        Kind::Matrix => Dims::from_slice(&[rows, cols]),
        _ => Dims::from_slice(&[entries.len()]),
    };
    Value::Reals(Reals { kind, dims, entries })
}

/// Sizes that do not fit end the run; other faults depend on the values.
pub(super) fn fault(error: MatrixError) -> Fault {
    match error {
        MatrixError::Size(message) => Fault::fatal(message),
        other => Fault::rejection(other.to_string()),
    }
}
