//! Functions applied to the parts of a whole.

use hlmc_math::Real;

use super::{Handed, higher_order};
use crate::arguments::check_equal;
use crate::fault::Fault;
use crate::higher_order::N_REDUCE_SUM_OWN;
use crate::rows::gather::gather;
use crate::signature::HigherOrder;
use crate::table::{Call, Function};
use crate::value::{Dims, Entries, Kind, Reals, Value};

const MAP_RECT: &HigherOrder = &HigherOrder {
    callback: "vector f(vector, vector, data array[] real, data array[] int)",
    call: "vector map_rect(vector, array[] vector, data array[,] real, data array[,] int)",
    callback_data: &[2, 3],
    takes_densities: false,
};

/// The shape of a sum over the slices of an array of one type.
macro_rules! reduce_sum_shapes {
    ($rows:ident, $($element:literal),*) => {
        $(
            $rows.push(higher_order(
                "reduce_sum",
                &HigherOrder {
                    callback: concat!("real f(", $element, ", int, int, ...)"),
                    call: concat!("real reduce_sum(", $element, ", int, ...)"),
                    callback_data: &[],
                    takes_densities: true,
                },
                reduce_sum,
                REDUCE_SUM,
            ));
            $rows.push(higher_order(
                "reduce_sum_static",
                &HigherOrder {
                    callback: concat!("real f(", $element, ", int, int, ...)"),
                    call: concat!("real reduce_sum_static(", $element, ", int, ...)"),
                    callback_data: &[],
                    takes_densities: true,
                },
                reduce_sum,
                REDUCE_SUM,
            ));
        )*
    };
}

const REDUCE_SUM: &str = "The sum of f(slice, start, end, ...) over slices of an array, where start and end are the slice's \
                          first and last positions. Here there is one slice: the whole array. 0 of an empty array.";

/// The rows of this file.
pub(super) fn rows<A: Real>() -> Vec<Function<A>> {
    let mut rows = vec![higher_order(
        "map_rect",
        MAP_RECT,
        map_rect,
        "The vectors f(phi, theta[i], x_r[i], x_i[i]) for every i, one after the other, called as map_rect(f, phi, \
         theta, x_r, x_i).",
    )];
    reduce_sum_shapes!(
        rows,
        "array[] int",
        "array[] real",
        "array[] vector",
        "array[] row_vector",
        "array[] matrix",
        "array[,] int",
        "array[,] real",
        "array[,] vector",
        "array[,] row_vector",
        "array[,] matrix",
        "array[,,] int",
        "array[,,] real"
    );
    rows
}

fn reduce_sum<A: Real>(call: &mut Call<'_, A>) -> Result<Value<A>, Fault> {
    let (array, grain_size) = (call.argument(0)?, call.int(1)?);
    if grain_size < 1 {
        return Err(Fault::rejection(format!("the grain size is {grain_size}, but must be positive")));
    }
    let n = array.dims().first().copied().unwrap_or(0);
    if n == 0 {
        return Ok(Value::Real(A::constant(0.0)));
    }
    let end = i64::try_from(n).map_err(|_| Fault::fatal("the array is too long"))?;
    let sum = Handed::of(call, N_REDUCE_SUM_OWN)?.real(&[array, &Value::Int(1), &Value::Int(end)])?;
    Ok(Value::Real(sum))
}

fn map_rect<A: Real>(call: &mut Call<'_, A>) -> Result<Value<A>, Fault> {
    let shared = call.argument(0)?;
    let jobs = [call.argument(1)?, call.argument(2)?, call.argument(3)?];
    let n_jobs = jobs[0].dims().first().copied().unwrap_or(0);
    for (i, values) in jobs.iter().enumerate() {
        let n = values.dims().first().copied().unwrap_or(0);
        check_equal("the number of elements of theta", n_jobs, ["itself", "that of x_r", "that of x_i"][i], n)?;
    }
    let no_extra = call.arguments.len();
    let mut handed = Handed::of(call, no_extra)?;
    let mut results = Vec::new();
    for job in 0..n_jobs {
        let [theta, x_r, x_i] = [element(jobs[0], job)?, element(jobs[1], job)?, element(jobs[2], job)?];
        results.extend(handed.entries(&[shared, &theta, &x_r, &x_i])?);
    }
    let entries = Entries::Auto(results).simplified();
    let dims = Dims::from_elem(entries.len(), 1);
    Ok(Value::Reals(Reals { kind: Kind::Vector, dims, entries }))
}

/// Element `i`, from 0, of an array.
fn element<A: Real>(array: &Value<A>, i: usize) -> Result<Value<A>, Fault> {
    let dims: Dims = array.dims().into_iter().skip(1).collect();
    let size: usize = dims.iter().product();
    gather(array, array.kind(), dims, i * size..(i + 1) * size)
}
