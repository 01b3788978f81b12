//! The rows at hand, the points at which they are tested, and calls.

use std::panic::Location;

use hlmc_builtins::table::{Call, Density, Distribution, Generator, Library, Outcome, Part, Row, Terms};
pub(crate) use hlmc_builtins::{DIRECTIONS, Dual};
use hlmc_builtins::{Fault, Value};
use hlmc_math::Real;
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;

/// The distributions of the table at one number type.
pub(crate) fn distributions<A: Real>(library: &Library<A>) -> impl Iterator<Item = &Distribution<A>> {
    library.rows().iter().filter_map(|row| match row {
        Row::Distribution(distribution) => Some(distribution),
        Row::Function(_) => None,
    })
}

/// Those whose density is one of scalars.
pub(crate) fn scalar_distributions<A: Real>(library: &Library<A>) -> impl Iterator<Item = &Distribution<A>> {
    distributions(library).filter(|distribution| matches!(distribution.density, Density::Scalar(_)))
}

/// A generator of random numbers for one test.
#[track_caller]
pub(crate) fn rng() -> Xoshiro256PlusPlus {
    Xoshiro256PlusPlus::seed_from_u64(u64::from(Location::caller().line()))
}

/// Sorted draws at the given parameters; `None` without a generator of scalars.
pub(crate) fn draws(distribution: &Distribution<f64>, parameters: &[f64], n: usize) -> Option<Vec<f64>> {
    let Some(Generator::Scalar(draw)) = distribution.generator else { return None };
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(20_260);
    let mut draws: Vec<f64> = (0..n).map(|_| draw(parameters, &mut rng).unwrap()).collect();
    draws.sort_by(f64::total_cmp);
    Some(draws)
}

/// Points of the arguments at which a distribution is tested: its known values, and draws with their parameters.
pub(crate) fn points(distribution: &Distribution<f64>) -> Vec<Vec<f64>> {
    let mut points: Vec<Vec<f64>> = Vec::new();
    for case in distribution.cases {
        points.push(case.at.to_vec());
        let Some(draws) = draws(distribution, &case.at[1..], 5) else { continue };
        points.extend(draws.into_iter().map(|y| [&[y], &case.at[1..]].concat()));
    }
    points
}

/// Sets of parameters, without the outcome.
pub(crate) fn parameter_sets(distribution: &Distribution<f64>) -> Vec<Vec<f64>> {
    let mut sets: Vec<Vec<f64>> = distribution.cases.iter().map(|case| case.at[1..].to_vec()).collect();
    sets.dedup();
    sets
}

/// True for arguments that are real numbers.
pub(crate) fn is_real(distribution: &Distribution<f64>, argument: usize) -> bool {
    distribution.arguments[argument].ty == "reals" || distribution.arguments[argument].ty == "real"
}

/// Calls a function of a distribution with values.
pub(crate) fn call_with<A: Real>(
    row: &Distribution<A>,
    part: Part,
    arguments: &[Value<A>],
    terms: Terms,
) -> Result<Value<A>, Fault> {
    let arguments: Vec<&Value<A>> = arguments.iter().collect();
    row.call(part, &mut Call { arguments: &arguments, terms, rng: None, callback: None, log_jacobian: None })
}

/// Calls a function of a distribution with scalars, those of integer type as such.
pub(crate) fn call_scalars<A: Real>(row: &Distribution<A>, part: Part, x: &[A], terms: Terms) -> Result<A, Fault> {
    let scalar = |(argument, x): (&hlmc_builtins::table::Argument, &A)| match argument.ty {
        "ints" | "int" => Value::Int(x.value() as i64),
        _ => Value::Real(*x),
    };
    let arguments: Vec<Value<A>> = row.arguments.iter().zip(x).map(scalar).collect();
    Ok(call_with(row, part, &arguments, terms)?.to_real().expect("densities are real"))
}

/// The parts of a distribution that are functions of its arguments.
pub(crate) fn real_parts<A: Real>(distribution: &Distribution<A>) -> Vec<Part> {
    let mut parts = vec![Part::Density];
    if distribution.cumulative.is_some() {
        parts.extend([Part::Cdf, Part::Lcdf, Part::Lccdf]);
    }
    parts
}

/// Whether the outcome is a real number.
pub(crate) fn is_continuous<A: Real>(distribution: &Distribution<A>) -> bool {
    distribution.outcome == Outcome::Continuous
}

/// `x` with a derivative in every direction of `seeded`.
pub(crate) fn dual(x: &[f64], seeded: impl Fn(usize) -> bool) -> Vec<Dual> {
    let number = |(i, x): (usize, &f64)| {
        let constant = Dual::from_re(*x);
        if seeded(i) { constant.derivative(i) } else { constant }
    };
    x.iter().enumerate().map(number).collect()
}

/// True when the two agree to `tolerance`, relative where they are larger than 1.
pub(crate) fn agree(a: f64, b: f64, tolerance: f64) -> bool {
    a == b || (a - b).abs() <= tolerance * a.abs().max(b.abs()).max(1.0)
}
