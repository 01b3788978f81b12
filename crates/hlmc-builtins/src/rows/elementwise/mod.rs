//! Functions of numbers, applied entry by entry to containers.
//!
//! A row here is a name, the domain outside which Stan throws, documentation and known values; the numerics, with their
//! derivatives, are in [`hlmc_math::special`].

mod bessel;
mod checks;
mod constants;
mod exponential;
mod factorial;
mod gamma;
mod integer;
mod logistic;
mod normal;
mod rounding;
mod trigonometric;

use hlmc_math::Real;

use crate::fault::Fault;
use crate::signature::{Fit, Signature, with_scalar};
use crate::table::{Case, Chapter, Function, Implementation};
use crate::types::Type;

/// The source of known values that were computed with mpmath 1.3 at 40 digits.
const MPMATH: &str = "mpmath 1.3, 40 digits";
/// The source of known values that follow from the definition by mental arithmetic.
const DEFINITION: &str = "definition";

/// The rows of this chapter.
pub(super) fn rows<A: Real>() -> Vec<Function<A>> {
    let files = [
        exponential::rows(),
        logistic::rows(),
        trigonometric::rows(),
        rounding::rows(),
        normal::rows(),
        gamma::rows(),
        factorial::rows(),
        bessel::rows(),
        integer::rows(),
        constants::rows(),
    ];
    files.into_iter().flatten().collect()
}

/// A row of this chapter.
fn row<A: Real>(
    name: &'static str,
    signature: Signature,
    implementation: Implementation<A>,
    doc: &'static str,
    cases: &'static [Case],
) -> Function<A> {
    Function { name, signature, implementation, chapter: Chapter::Elementwise, doc, cases }
}

/// A total function of one number.
fn unary<A: Real>(name: &'static str, f: fn(A) -> A, doc: &'static str, cases: &'static [Case]) -> Function<A> {
    row(name, Signature::Elementwise(1), Implementation::Unary(f), doc, cases)
}

/// A total function of two numbers.
fn binary<A: Real>(name: &'static str, f: fn(A, A) -> A, doc: &'static str, cases: &'static [Case]) -> Function<A> {
    row(name, Signature::Elementwise(2), Implementation::Binary(f), doc, cases)
}

/// A function of `arity` numbers that may fault.
fn checked<A: Real>(
    name: &'static str,
    arity: usize,
    f: fn(&[A]) -> Result<A, Fault>,
    doc: &'static str,
    cases: &'static [Case],
) -> Function<A> {
    row(name, Signature::Elementwise(arity), Implementation::Scalar(f), doc, cases)
}

/// A function of scalars only.
fn scalars<A: Real>(
    name: &'static str,
    signatures: &'static [&'static str],
    f: fn(&[A]) -> Result<A, Fault>,
    doc: &'static str,
    cases: &'static [Case],
) -> Function<A> {
    row(name, Signature::Listed(signatures), Implementation::Scalar(f), doc, cases)
}

/// A function of an integer and a real number.
fn int_first<A: Real>(
    name: &'static str,
    words: &'static [&'static str],
    f: fn(&[A]) -> Result<A, Fault>,
    doc: &'static str,
    cases: &'static [Case],
) -> Function<A> {
    let resolve = |arguments: &[Type]| int_and_real(arguments, 0);
    row(name, Signature::Rule { resolve, words }, Implementation::Scalar(f), doc, cases)
}

/// A function of a real number and an integer.
fn int_second<A: Real>(
    name: &'static str,
    words: &'static [&'static str],
    f: fn(&[A]) -> Result<A, Fault>,
    doc: &'static str,
    cases: &'static [Case],
) -> Function<A> {
    let resolve = |arguments: &[Type]| int_and_real(arguments, 1);
    row(name, Signature::Rule { resolve, words }, Implementation::Scalar(f), doc, cases)
}

/// Two arguments of which that at `int_position` is of integers: scalars, or containers with equally many indices; the
/// result has the shape of the real one, or of the one that is a container.
fn int_and_real(arguments: &[Type], int_position: usize) -> Option<Fit> {
    let [first, second] = arguments else { return None };
    let (int, real) = if int_position == 0 { (first, second) } else { (second, first) };
    let real = with_scalar(real, &Type::Real)?;
    let is_int = *int.unwind_array().0 == Type::Int;
    if !is_int || !(int.is_scalar() || real.is_scalar() || int.n_dims() == real.n_dims()) {
        return None;
    }
    let result = if real.is_scalar() { Type::Real.in_array(int.n_dims()) } else { real.clone() };
    let parameters = if int_position == 0 { vec![int.clone(), real] } else { vec![real, int.clone()] };
    Some(Fit::new(parameters, result))
}
