//! Products of matrices with themselves, and quadratic forms.

use std::borrow::Cow;

use hlmc_math::Real;

use super::matrix;
use crate::arguments::{MatrixRef, check_equal};
use crate::fault::Fault;
use crate::rows::operators::products::matrix_product;
use crate::table::{Call, Function};
use crate::value::{Dims, Entries, Kind, Reals, Value};

/// The signatures of a quadratic form.
macro_rules! quad_form_signatures {
    ($name:literal) => {
        &[concat!("real ", $name, "(matrix, vector)"), concat!("matrix ", $name, "(matrix, matrix)")]
    };
}

/// The rows of this file.
pub(super) fn rows<A: Real>() -> Vec<Function<A>> {
    vec![
        matrix(
            "crossprod",
            &["matrix crossprod(matrix)"],
            |call| gram(&transposed(call.matrix(0)?)),
            "m' * m, symmetric to the last bit.",
        ),
        matrix(
            "tcrossprod",
            &["matrix tcrossprod(matrix)"],
            |call| gram(&Owned::of(call.matrix(0)?)),
            "m * m', symmetric to the last bit.",
        ),
        matrix(
            "multiply_lower_tri_self_transpose",
            &["matrix multiply_lower_tri_self_transpose(matrix)"],
            |call| gram(&lower_triangle(call.matrix(0)?)),
            "l * l', where l is the lower triangle of the argument.",
        ),
        matrix(
            "quad_form",
            quad_form_signatures!("quad_form"),
            |call| Ok(quad_form(call)?.value()),
            "b' * a * b, called as quad_form(a, b); a number if b is a vector.",
        ),
        matrix(
            "quad_form_sym",
            quad_form_signatures!("quad_form_sym"),
            quad_form_sym,
            "b' * a * b for a symmetric a, and symmetric itself. Rejects an a that is not symmetric.",
        ),
        matrix(
            "trace_quad_form",
            &["real trace_quad_form(matrix, vector)", "real trace_quad_form(matrix, matrix)"],
            |call| Ok(Value::Real(quad_form(call)?.trace())),
            "The trace of b' * a * b, called as trace_quad_form(a, b).",
        ),
        matrix(
            "trace_gen_quad_form",
            &["real trace_gen_quad_form(matrix, matrix, matrix)"],
            trace_gen_quad_form,
            "The trace of d * b' * a * b, called as trace_gen_quad_form(d, a, b).",
        ),
        matrix(
            "trace_dot",
            &["real trace_dot(matrix, matrix)"],
            trace_dot,
            "The trace of a * b, called as trace_dot(a, b).",
        ),
        matrix(
            "matrix_power",
            &["matrix matrix_power(matrix, int)"],
            matrix_power,
            "A square matrix to the power of a nonnegative integer. Rejects entries that are not finite.",
        ),
    ]
}

/// A matrix that is computed with.
#[derive(Clone)]
struct Owned<'a, A: Real> {
    rows: usize,
    cols: usize,
    entries: Cow<'a, Entries<A>>,
    /// Whether it stands for a number.
    is_number: bool,
}

impl<'a, A: Real> Owned<'a, A> {
    fn of(m: MatrixRef<'a, A>) -> Self {
        Owned { rows: m.rows, cols: m.cols, entries: Cow::Borrowed(m.entries), is_number: false }
    }

    fn view(&self) -> MatrixRef<'_, A> {
        MatrixRef { rows: self.rows, cols: self.cols, entries: &self.entries }
    }

    fn times<'b>(&self, other: &Owned<'_, A>) -> Result<Owned<'b, A>, Fault> {
        let entries = Cow::Owned(matrix_product(self.view(), other.view())?);
        Ok(Owned { rows: self.rows, cols: other.cols, entries, is_number: false })
    }

    fn trace(&self) -> A {
        (0..self.rows.min(self.cols)).filter_map(|i| self.entries.get(i * self.rows + i)).sum()
    }

    fn value(self) -> Value<A> {
        match self.entries.get(0) {
            Some(x) if self.is_number => Value::Real(x),
            _ => {
                let dims = Dims::from_slice(&[self.rows, self.cols]);
                Value::Reals(Reals { kind: Kind::Matrix, dims, entries: self.entries.into_owned() })
            }
        }
    }
}

/// The same matrix with entries picked by row and column; `rows` and `cols` are those of the result.
fn picked<'a, A: Real>(
    m: MatrixRef<'_, A>,
    rows: usize,
    cols: usize,
    pick: impl Fn(usize, usize) -> Option<usize>,
) -> Owned<'a, A> {
    let positions = || (0..cols).flat_map(|j| (0..rows).map(move |i| (i, j))).map(|(i, j)| pick(i, j));
    let entries = match m.entries {
        Entries::Data(x) => Entries::Data(positions().map(|at| at.map_or(0.0, |at| x[at])).collect()),
        Entries::Auto(x) => Entries::Auto(positions().map(|at| at.map_or(A::constant(0.0), |at| x[at])).collect()),
    };
    Owned { rows, cols, entries: Cow::Owned(entries), is_number: false }
}

fn transposed<'a, A: Real>(m: MatrixRef<'_, A>) -> Owned<'a, A> {
    picked(m, m.cols, m.rows, |i, j| Some(i * m.rows + j))
}

fn lower_triangle<'a, A: Real>(m: MatrixRef<'_, A>) -> Owned<'a, A> {
    picked(m, m.rows, m.cols, |i, j| (i >= j).then_some(j * m.rows + i))
}

/// m m'.
fn gram<A: Real>(m: &Owned<'_, A>) -> Result<Value<A>, Fault> {
    Ok(m.times(&transposed(m.view()))?.value())
}

/// b' a b of the arguments a and b.
fn quad_form<'a, A: Real>(call: &Call<'a, A>) -> Result<Owned<'a, A>, Fault> {
    let (a, b) = (Owned::of(call.square_matrix(0)?), Owned::of(call.matrix(1)?));
    let product = transposed(b.view()).times(&a.times(&b)?)?;
    Ok(Owned { is_number: call.argument(1)?.kind() == Kind::Vector, ..product })
}

fn quad_form_sym<A: Real>(call: &mut Call<'_, A>) -> Result<Value<A>, Fault> {
    let a = call.square_matrix(0)?;
    let values = a.entries.values();
    super::check_symmetric(&values, a.rows)?;
    let product = quad_form(call)?;
    let n = product.rows;
    let half = |x: &[A]| {
        let mean = |i: usize, j: usize| (x[j * n + i] + x[i * n + j]) * 0.5;
        (0..n).flat_map(|j| (0..n).map(move |i| (i, j))).map(|(i, j)| mean(i, j)).collect()
    };
    let entries = Entries::Auto(half(&product.entries.to_auto())).simplified();
    Ok(Owned { entries: Cow::Owned(entries), ..product }.value())
}

fn trace_gen_quad_form<A: Real>(call: &mut Call<'_, A>) -> Result<Value<A>, Fault> {
    let (d, a) = (Owned::of(call.square_matrix(0)?), Owned::of(call.square_matrix(1)?));
    let b = Owned::of(call.matrix(2)?);
    let form = transposed(b.view()).times(&a.times(&b)?)?;
    Ok(Value::Real(d.times(&form)?.trace()))
}

fn trace_dot<A: Real>(call: &mut Call<'_, A>) -> Result<Value<A>, Fault> {
    let (a, b) = (call.matrix(0)?, call.matrix(1)?);
    check_equal("the rows of the first matrix", a.rows, "the columns of the second", b.cols)?;
    check_equal("the columns of the first matrix", a.cols, "the rows of the second", b.rows)?;
    // The trace of a b is the dot product of a' and b.
    let a = transposed(a);
    Ok(Value::Real(a.entries.iter().zip(b.entries.iter()).map(|(x, y)| x * y).sum()))
}

fn matrix_power<A: Real>(call: &mut Call<'_, A>) -> Result<Value<A>, Fault> {
    let mut square = Owned::of(call.square_matrix(0)?);
    let power = call.int(1)?;
    if power < 0 {
        return Err(Fault::rejection(format!("the power is {power}, but must be nonnegative")));
    }
    if square.entries.values().iter().any(|x| !x.is_finite()) {
        return Err(Fault::rejection("an entry of the matrix is not finite"));
    }
    let (n, mut rest) = (square.rows, power);
    let identity: Vec<f64> = (0..n * n).map(|at| f64::from(at % (n + 1) == 0)).collect();
    let mut result = Owned { rows: n, cols: n, entries: Cow::Owned(Entries::Data(identity)), is_number: false };
    while rest > 0 {
        if rest % 2 == 1 {
            result = result.times(&square)?;
        }
        rest /= 2;
        if rest > 0 {
            square = square.times(&square.clone())?;
        }
    }
    Ok(result.value())
}
