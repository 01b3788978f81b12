//! Complex numbers. Their arithmetic is in the chapter of operators, their containers are in those of arrays and matrices.

use hlmc_math::Real;
use hlmc_math::complex;
use num_complex::Complex;

use super::row::{Whole, whole, with_signature};
use crate::arguments::{check_equal, wrong_type};
use crate::fault::Fault;
use crate::signature::{Fit, Signature, with_scalar};
use crate::table::{Call, Chapter, Function};
use crate::types::Type;
use crate::value::{Complexes, Dims, Entries, Kind, Reals, Value};

/// A function of one complex number.
type Map<A, R> = fn(Complex<A>) -> R;

/// The rows of functions of one complex number, each of its name.
macro_rules! scalar_functions {
    ($($name:literal, $f:path, $doc:literal;)*) => {
        vec![$(complex_row(
            $name,
            &[concat!("complex ", $name, "(complex)")],
            |call| Ok(Value::Complex($f(number(call, 0)?))),
            $doc,
        )),*]
    };
}

/// The rows of this chapter.
pub(super) fn rows<A: Real>() -> Vec<Function<A>> {
    let mut rows = scalar_functions![
        "exp", complex::exp_complex, "The exponential function.";
        "log", complex::log_complex, "The principal natural logarithm.";
        "log10", complex::log10_complex, "The principal logarithm to base 10.";
        "sqrt", complex::sqrt_complex, "The principal square root.";
        "sin", complex::sin_complex, "The sine.";
        "cos", complex::cos_complex, "The cosine.";
        "tan", complex::tan_complex, "The tangent.";
        "asin", complex::asin_complex, "The arc sine.";
        "acos", complex::acos_complex, "The arc cosine.";
        "atan", complex::atan_complex, "The arc tangent.";
        "sinh", complex::sinh_complex, "The hyperbolic sine.";
        "cosh", complex::cosh_complex, "The hyperbolic cosine.";
        "tanh", complex::tanh_complex, "The hyperbolic tangent.";
        "asinh", complex::asinh_complex, "The inverse hyperbolic sine.";
        "acosh", complex::acosh_complex, "The inverse hyperbolic cosine.";
        "atanh", complex::atanh_complex, "The inverse hyperbolic tangent.";
        "proj", complex::proj, "The projection on the Riemann sphere, where all infinities are one.";
    ];
    rows.extend(parts());
    rows.extend(powers());
    rows.extend(transforms());
    rows
}

fn complex_row<A: Real>(
    name: &'static str,
    signatures: &'static [&'static str],
    f: Whole<A>,
    doc: &'static str,
) -> Function<A> {
    whole(Chapter::Complex, name, signatures, f, doc)
}

fn rule<A: Real>(
    name: &'static str,
    resolve: fn(&[Type]) -> Option<Fit>,
    words: &'static [&'static str],
    f: Whole<A>,
    doc: &'static str,
) -> Function<A> {
    with_signature(Chapter::Complex, name, Signature::Rule { resolve, words }, f, doc)
}

/// Parts of complex numbers, and complex numbers from parts.
fn parts<A: Real>() -> Vec<Function<A>> {
    vec![
        rule(
            "to_complex",
            to_complex_fit,
            &["complex to_complex()", "complex to_complex(real)", "T<complex> to_complex(T<real>, T<real>)"],
            to_complex,
            "The complex number with the given real and imaginary parts, entry by entry; parts not given are 0.",
        ),
        rule(
            "get_real",
            real_of_complex,
            &["T<real> get_real(T<complex>)"],
            |call| to_real(call, |z| z.re),
            "The real part.",
        ),
        rule(
            "get_imag",
            real_of_complex,
            &["T<real> get_imag(T<complex>)"],
            |call| to_real(call, |z| z.im),
            "The imaginary part.",
        ),
        rule("abs", real_of_complex, &["T<real> abs(T<complex>)"], |call| to_real(call, complex::abs), "The modulus."),
        rule("conj", same_complex, &["T<complex> conj(T<complex>)"], conj, "The complex conjugate."),
        complex_row(
            "arg",
            &["real arg(complex)"],
            |call| Ok(Value::Real(complex::arg(number(call, 0)?))),
            "The angle, in (-pi, pi].",
        ),
        complex_row(
            "norm",
            &["real norm(complex)"],
            |call| Ok(Value::Real(complex::norm(number(call, 0)?))),
            "The squared modulus.",
        ),
        complex_row(
            "polar",
            &["complex polar(real, real)"],
            |call| Ok(Value::Complex(complex::polar(call.real(0)?, call.real(1)?))),
            "The complex number with the given modulus and angle.",
        ),
    ]
}

fn powers<A: Real>() -> Vec<Function<A>> {
    const DOC: &str = "z to the power of w, entry by entry, on the principal branch.";
    let power = |name, words| rule(name, power_fit, words, power, DOC);
    vec![
        power("pow", &["T<complex> pow(T<complex>, T<complex>)"]),
        power("operator^", &["T<complex> operator^(T<complex>, T<complex>)"]),
        power("operator.^", &["T<complex> operator.^(T<complex>, T<complex>)"]),
    ]
}

fn transforms<A: Real>() -> Vec<Function<A>> {
    vec![
        complex_row(
            "fft",
            &["complex_vector fft(complex_vector)"],
            |call| transformed(call, false),
            "The discrete Fourier transform.",
        ),
        complex_row(
            "inv_fft",
            &["complex_vector inv_fft(complex_vector)"],
            |call| transformed(call, true),
            "The inverse of the discrete Fourier transform.",
        ),
        complex_row(
            "fft2",
            &["complex_matrix fft2(complex_matrix)"],
            |call| transformed_both_ways(call, false),
            "The two-dimensional discrete Fourier transform.",
        ),
        complex_row(
            "inv_fft2",
            &["complex_matrix inv_fft2(complex_matrix)"],
            |call| transformed_both_ways(call, true),
            "The inverse of the two-dimensional discrete Fourier transform.",
        ),
    ]
}

/// An argument as a complex number; reals and integers are promoted.
fn number<A: Real>(call: &Call<'_, A>, i: usize) -> Result<Complex<A>, Fault> {
    match call.argument(i)? {
        Value::Complex(z) => Ok(*z),
        other => other.to_real().map(from_real).ok_or_else(|| wrong_type(i, "a complex number")),
    }
}

fn from_real<A: Real>(x: A) -> Complex<A> {
    Complex::new(x, A::constant(0.0))
}

/// An argument as a container of complex numbers.
fn container<'a, A: Real>(call: &Call<'a, A>, i: usize) -> Result<&'a Complexes<A>, Fault> {
    match call.argument(i)? {
        Value::Complexes(t) => Ok(t),
        _ => Err(wrong_type(i, "a container of complex numbers")),
    }
}

/// Entry `i` of a complex or real value; a scalar answers every `i`.
fn entry<A: Real>(value: &Value<A>, i: usize) -> Option<Complex<A>> {
    match value {
        Value::Complex(z) => Some(*z),
        Value::Complexes(t) => t.entries.get(i).copied(),
        other => other.real_at(i).map(from_real),
    }
}

/// The same container with real entries; `None` for containers of anything but complex numbers.
fn real_type(ty: &Type) -> Option<Type> {
    let (inner, depth) = ty.unwind_array();
    let real = match inner {
        Type::Complex => Type::Real,
        Type::ComplexVector => Type::Vector,
        Type::ComplexRowVector => Type::RowVector,
        Type::ComplexMatrix => Type::Matrix,
        _ => return None,
    };
    Some(real.in_array(depth))
}

/// The same container with complex entries.
fn complex_type(ty: &Type) -> Option<Type> {
    let (inner, depth) = ty.unwind_array();
    let complex = match inner {
        Type::Int | Type::Real | Type::Complex => Type::Complex,
        Type::Vector | Type::ComplexVector => Type::ComplexVector,
        Type::RowVector | Type::ComplexRowVector => Type::ComplexRowVector,
        Type::Matrix | Type::ComplexMatrix => Type::ComplexMatrix,
        Type::Array(_) | Type::Tuple(_) | Type::Void => return None,
    };
    Some(complex.in_array(depth))
}

fn real_of_complex(arguments: &[Type]) -> Option<Fit> {
    let [ty] = arguments else { return None };
    Some(Fit::new(vec![ty.clone()], real_type(ty)?))
}

fn same_complex(arguments: &[Type]) -> Option<Fit> {
    let [ty] = arguments else { return None };
    let complex = complex_type(ty)?;
    Some(Fit::new(vec![complex.clone()], complex))
}

fn to_complex_fit(arguments: &[Type]) -> Option<Fit> {
    match arguments {
        [] => Some(Fit::new(Vec::new(), Type::Complex)),
        [ty] => (ty.promotions_to(&Type::Real).is_some()).then(|| Fit::new(vec![Type::Real], Type::Complex)),
        [first, second] => {
            let parameters = vec![with_scalar(first, &Type::Real)?, with_scalar(second, &Type::Real)?];
            let shape = parameters.iter().find(|ty| !ty.is_scalar()).unwrap_or(&Type::Real).clone();
            let fits = parameters.iter().all(|ty| ty.is_scalar() || *ty == shape);
            fits.then(|| complex_type(&shape).map(|result| Fit::new(parameters, result)))?
        }
        _ => None,
    }
}

/// Two arguments of which at least one is complex.
fn power_fit(arguments: &[Type]) -> Option<Fit> {
    let [first, second] = arguments else { return None };
    let is_complex = |ty: &Type| ty.scalar() == Type::Complex;
    if !is_complex(first) && !is_complex(second) {
        return None;
    }
    let parameters = vec![complex_type(first)?, complex_type(second)?];
    let shape = parameters.iter().find(|ty| !ty.is_scalar()).unwrap_or(&Type::Complex).clone();
    parameters.iter().all(|ty| ty.is_scalar() || *ty == shape).then(|| Fit::new(parameters, shape))
}

fn to_real<A: Real>(call: &Call<'_, A>, f: Map<A, A>) -> Result<Value<A>, Fault> {
    Ok(match call.argument(0)? {
        Value::Complexes(t) => {
            let entries = Entries::Auto(t.entries.iter().map(|z| f(*z)).collect()).simplified();
            Value::Reals(Reals { kind: t.kind, dims: t.dims.clone(), entries })
        }
        _ => Value::Real(f(number(call, 0)?)),
    })
}

fn conj<A: Real>(call: &mut Call<'_, A>) -> Result<Value<A>, Fault> {
    Ok(match call.argument(0)? {
        Value::Complexes(t) => {
            let entries = t.entries.iter().map(Complex::conj).collect();
            Value::Complexes(Complexes { kind: t.kind, dims: t.dims.clone(), entries })
        }
        _ => Value::Complex(number(call, 0)?.conj()),
    })
}

/// `f` of two arguments entry by entry.
fn broadcast<A: Real>(call: &Call<'_, A>, f: fn(Complex<A>, Complex<A>) -> Complex<A>) -> Result<Value<A>, Fault> {
    let (x, y) = (call.argument(0)?, call.argument(1)?);
    let shape = if x.is_scalar() { y } else { x };
    if shape.is_scalar() {
        return Ok(Value::Complex(f(number(call, 0)?, number(call, 1)?)));
    }
    let dims = shape.dims();
    let n: usize = dims.iter().product();
    if !y.is_scalar() {
        check_equal("the size of the first argument", n, "that of the second", y.n_entries())?;
    }
    let entries = (0..n).map(|i| Some(f(entry(x, i)?, entry(y, i)?))).collect::<Option<Vec<_>>>();
    let entries = entries.ok_or_else(|| Fault::fatal("takes numbers and containers of them"))?;
    Ok(Value::Complexes(Complexes { kind: shape.kind(), dims, entries }))
}

fn to_complex<A: Real>(call: &mut Call<'_, A>) -> Result<Value<A>, Fault> {
    match call.arguments.len() {
        0 => Ok(Value::Complex(from_real(A::constant(0.0)))),
        1 => Ok(Value::Complex(from_real(call.real(0)?))),
        _ => broadcast(call, |re, im| Complex::new(re.re, im.re)),
    }
}

fn power<A: Real>(call: &mut Call<'_, A>) -> Result<Value<A>, Fault> {
    broadcast(call, complex::pow_complex)
}

fn transformed<A: Real>(call: &Call<'_, A>, is_inverse: bool) -> Result<Value<A>, Fault> {
    let t = container(call, 0)?;
    let entries = complex::fourier(&t.entries, is_inverse);
    Ok(Value::Complexes(Complexes { kind: t.kind, dims: t.dims.clone(), entries }))
}

/// Columns first, then rows.
fn transformed_both_ways<A: Real>(call: &Call<'_, A>, is_inverse: bool) -> Result<Value<A>, Fault> {
    let t = container(call, 0)?;
    let &[rows, cols] = t.dims.as_slice() else { return Err(wrong_type(0, "a matrix")) };
    let mut entries = t.entries.clone();
    for column in entries.chunks_exact_mut(rows.max(1)) {
        let found = complex::fourier(column, is_inverse);
        column.copy_from_slice(&found);
    }
    for i in 0..rows {
        let row: Vec<Complex<A>> = (0..cols).map(|j| entries[j * rows + i]).collect();
        for (j, z) in complex::fourier(&row, is_inverse).into_iter().enumerate() {
            entries[j * rows + i] = z;
        }
    }
    Ok(Value::Complexes(Complexes { kind: Kind::Matrix, dims: Dims::from_slice(&[rows, cols]), entries }))
}
