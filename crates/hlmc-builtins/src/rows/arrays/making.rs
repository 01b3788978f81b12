//! Functions that make containers: repetition, constants, equal steps, indicators.

use hlmc_math::Real;

use super::{array, array_by_rule};
use crate::arguments::check_size;
use crate::fault::Fault;
use crate::rows::gather::gather;
use crate::signature::Fit;
use crate::table::{Call, Function};
use crate::types::Type;
use crate::value::{Dims, Entries, Kind, Reals, Value};

/// The most array dimensions that one call of `rep_array` adds.
const MOST_REPEATED_DIMENSIONS: usize = 3;

const REP_MATRIX: &[&str] = &[
    "matrix rep_matrix(real, int, int)",
    "matrix rep_matrix(vector, int)",
    "matrix rep_matrix(row_vector, int)",
    "complex_matrix rep_matrix(complex, int, int)",
    "complex_matrix rep_matrix(complex_vector, int)",
    "complex_matrix rep_matrix(complex_row_vector, int)",
];

/// The four containers of one constant.
macro_rules! constants {
    ($rows:ident, $vector:literal, $row_vector:literal, $array:literal, $int_array:literal, $value:literal) => {
        $rows.push(array(
            $vector,
            &[concat!("vector ", $vector, "(int)")],
            |call| constant(call, Kind::Vector, $value),
            concat!("A vector of the given size whose entries are all ", $value, "."),
        ));
        $rows.push(array(
            $row_vector,
            &[concat!("row_vector ", $row_vector, "(int)")],
            |call| constant(call, Kind::RowVector, $value),
            concat!("A row vector of the given size whose entries are all ", $value, "."),
        ));
        $rows.push(array(
            $array,
            &[concat!("array[] real ", $array, "(int)")],
            |call| constant(call, Kind::Scalar, $value),
            concat!("An array of reals of the given size that are all ", $value, "."),
        ));
        $rows.push(array(
            $int_array,
            &[concat!("array[] int ", $int_array, "(int)")],
            |call| Ok(Value::ints(vec![$value; call.size(0, "the size")?])),
            concat!("An array of integers of the given size that are all ", $value, "."),
        ));
    };
}

/// The rows of this file.
pub(super) fn rows<A: Real>() -> Vec<Function<A>> {
    let mut rows = vec![
        array_by_rule(
            "rep_array",
            rep_array_fit,
            &["array[,...] T rep_array(T, int, ...)"],
            rep_array,
            "An array of the given sizes (one to three) whose elements are all the same.",
        ),
        array(
            "rep_vector",
            &["vector rep_vector(real, int)", "complex_vector rep_vector(complex, int)"],
            |call| repeated(call, Kind::Vector),
            "A vector of the given size whose entries are all the same.",
        ),
        array(
            "rep_row_vector",
            &["row_vector rep_row_vector(real, int)", "complex_row_vector rep_row_vector(complex, int)"],
            |call| repeated(call, Kind::RowVector),
            "A row vector of the given size whose entries are all the same.",
        ),
        array(
            "rep_matrix",
            REP_MATRIX,
            rep_matrix,
            "A matrix whose entries, columns (from a vector) or rows (from a row vector) are all the same.",
        ),
    ];
    constants!(rows, "zeros_vector", "zeros_row_vector", "zeros_array", "zeros_int_array", 0);
    constants!(rows, "ones_vector", "ones_row_vector", "ones_array", "ones_int_array", 1);
    rows.extend(sequences());
    rows
}

/// The rows of equal steps and of indicators.
fn sequences<A: Real>() -> Vec<Function<A>> {
    const STEPS: &str = "Equal steps from the second argument to the third, both included; of one step, the third.";
    const INDICATOR: &str = "Zeros but for a 1 at the given position, counted from 1.";
    vec![
        array(
            "linspaced_vector",
            &["vector linspaced_vector(int, data real, data real)"],
            |call| linspaced(call, Kind::Vector),
            STEPS,
        ),
        array(
            "linspaced_row_vector",
            &["row_vector linspaced_row_vector(int, data real, data real)"],
            |call| linspaced(call, Kind::RowVector),
            STEPS,
        ),
        array(
            "linspaced_array",
            &["array[] real linspaced_array(int, data real, data real)"],
            |call| linspaced(call, Kind::Scalar),
            STEPS,
        ),
        array(
            "linspaced_int_array",
            &["array[] int linspaced_int_array(int, int, int)"],
            linspaced_int_array,
            "Equal steps of integers from the second argument to at most the third; the step is rounded down, or \
             numbers are repeated where there are fewer than asked for.",
        ),
        array("one_hot_vector", &["vector one_hot_vector(int, int)"], |call| one_hot(call, Kind::Vector), INDICATOR),
        array(
            "one_hot_row_vector",
            &["row_vector one_hot_row_vector(int, int)"],
            |call| one_hot(call, Kind::RowVector),
            INDICATOR,
        ),
        array(
            "one_hot_array",
            &["array[] real one_hot_array(int, int)"],
            |call| one_hot(call, Kind::Scalar),
            INDICATOR,
        ),
        array("one_hot_int_array", &["array[] int one_hot_int_array(int, int)"], one_hot_int_array, INDICATOR),
        array(
            "uniform_simplex",
            &["vector uniform_simplex(int)"],
            |call| {
                let n = positive_size(call)?;
                Ok(data(Kind::Vector, vec![1.0 / n as f64; n]))
            },
            "A simplex of the given size whose entries are all equal.",
        ),
    ]
}

fn data<A>(kind: Kind, entries: Vec<f64>) -> Value<A> {
    Value::Reals(Reals { kind, dims: Dims::from_elem(entries.len(), 1), entries: Entries::Data(entries) })
}

fn constant<A: Real>(call: &Call<'_, A>, kind: Kind, value: i64) -> Result<Value<A>, Fault> {
    Ok(data(kind, vec![value as f64; call.size(0, "the size")?]))
}

fn positive_size<A: Real>(call: &Call<'_, A>) -> Result<usize, Fault> {
    match call.size(0, "the size")? {
        0 => Err(Fault::fatal("the size is 0, but must be positive")),
        n => Ok(n),
    }
}

fn rep_array_fit(arguments: &[Type]) -> Option<Fit> {
    let (element, sizes) = arguments.split_first()?;
    let n_sizes = sizes.len();
    let is_fit = (1..=MOST_REPEATED_DIMENSIONS).contains(&n_sizes)
        && sizes.iter().all(|size| *size == Type::Int)
        && !matches!(element.scalar(), Type::Tuple(_) | Type::Void);
    is_fit.then(|| Fit::new(arguments.to_vec(), element.clone().in_array(n_sizes)))
}

fn rep_array<A: Real>(call: &mut Call<'_, A>) -> Result<Value<A>, Fault> {
    let element = call.argument(0)?;
    let sizes = (1..call.arguments.len()).map(|i| call.size(i, "the size")).collect::<Result<Dims, _>>()?;
    let n = element.n_entries();
    let mut dims = sizes;
    let copies = check_size(&dims)?;
    dims.extend(element.dims());
    check_size(&dims)?;
    gather(element, element.kind(), dims, (0..copies).flat_map(|_| 0..n))
}

fn repeated<A: Real>(call: &Call<'_, A>, kind: Kind) -> Result<Value<A>, Fault> {
    let n = call.size(1, "the size")?;
    let sources = std::iter::repeat_n(0, n);
    match call.argument(0)? {
        Value::Int(x) => Ok(data(kind, vec![*x as f64; n])),
        value => gather(value, kind, [n], sources),
    }
}

fn rep_matrix<A: Real>(call: &mut Call<'_, A>) -> Result<Value<A>, Fault> {
    let value = call.argument(0)?;
    let n = value.n_entries();
    if value.is_scalar() {
        let (rows, cols) = (call.size(1, "the number of rows")?, call.size(2, "the number of columns")?);
        let size = check_size(&[rows, cols])?;
        return match value {
            Value::Int(x) => {
                let entries = Entries::Data(vec![*x as f64; size]);
                Ok(Value::Reals(Reals { kind: Kind::Matrix, dims: Dims::from_slice(&[rows, cols]), entries }))
            }
            _ => gather(value, Kind::Matrix, [rows, cols], std::iter::repeat_n(0, size)),
        };
    }
    let copies = call.size(1, "the number of copies")?;
    check_size(&[n, copies])?;
    match value.kind() {
        Kind::RowVector => {
            gather(value, Kind::Matrix, [copies, n], (0..n).flat_map(|i| std::iter::repeat_n(i, copies)))
        }
        _ => gather(value, Kind::Matrix, [n, copies], (0..copies).flat_map(|_| 0..n)),
    }
}

fn linspaced<A: Real>(call: &Call<'_, A>, kind: Kind) -> Result<Value<A>, Fault> {
    let (n, low, high) = (call.size(0, "the size")?, call.real(1)?.value(), call.real(2)?.value());
    if !low.is_finite() || !high.is_finite() || high < low {
        return Err(Fault::rejection(format!("the bounds are {low} and {high}, but must be finite and in order")));
    }
    let step = if n > 1 { (high - low) / (n - 1) as f64 } else { 0.0 };
    // The last is the bound itself, not a rounded sum of steps.
    let entries = (0..n).map(|i| if i + 1 == n { high } else { low + i as f64 * step });
    Ok(data(kind, entries.collect()))
}

/// As Eigen's `LinSpaced` of integers, which Stan calls: the range is cut so that the step is a whole number, or, where
/// there are more entries than integers, each integer is repeated.
fn linspaced_int_array<A: Real>(call: &mut Call<'_, A>) -> Result<Value<A>, Fault> {
    let (n, low, high) = (call.size(0, "the size")?, call.int(1)?, call.int(2)?);
    if high < low {
        return Err(Fault::rejection(format!("the bounds are {low} and {high}, but must be in order")));
    }
    let count = i64::try_from(n).map_err(|_| Fault::fatal("the size is too large"))?;
    if count <= 1 {
        return Ok(Value::ints(vec![high; n]));
    }
    let range = high - low;
    if range >= count - 1 {
        let step = range / (count - 1);
        return Ok(Value::ints((0..count).map(|i| low + i * step).collect()));
    }
    let repeats = (count + range) / (range + 1);
    Ok(Value::ints((0..count).map(|i| low + i / repeats).collect()))
}

fn one_hot_position<A: Real>(call: &Call<'_, A>) -> Result<(usize, usize), Fault> {
    let (n, k) = (positive_size(call)?, call.int(1)?);
    let position = usize::try_from(k).ok().filter(|k| (1..=n).contains(k));
    let position = position.ok_or_else(|| Fault::fatal(format!("the position is {k}, but must be from 1 to {n}")))?;
    Ok((n, position - 1))
}

fn one_hot<A: Real>(call: &Call<'_, A>, kind: Kind) -> Result<Value<A>, Fault> {
    let (n, position) = one_hot_position(call)?;
    Ok(data(kind, (0..n).map(|i| f64::from(i == position)).collect()))
}

fn one_hot_int_array<A: Real>(call: &mut Call<'_, A>) -> Result<Value<A>, Fault> {
    let (n, position) = one_hot_position(call)?;
    Ok(Value::ints((0..n).map(|i| i64::from(i == position)).collect()))
}
