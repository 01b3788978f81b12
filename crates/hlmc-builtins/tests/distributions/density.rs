//! Densities are normalised, and their derivatives are right.

use hlmc_builtins::Terms;
use hlmc_builtins::table::{Density, Distribution, Domain, Library, Part};
use hlmc_math::Real;

use crate::quadrature::integrate;
use crate::rows::{
    DIRECTIONS, Dual, agree, call_scalars, draws, dual, is_continuous, is_real, parameter_sets, points, real_parts,
    scalar_distributions,
};

/// Where the outcome can lie, by its domain; densities that end earlier are -inf outside.
pub(crate) fn range(row: &Distribution<f64>) -> (f64, f64) {
    if row.name == "von_mises" {
        // An angle: the density has a period of 2 pi, one of which is its range.
        return (-std::f64::consts::PI, std::f64::consts::PI);
    }
    match row.arguments[0].domain {
        Domain::Positive | Domain::PositiveFinite | Domain::NonNegative | Domain::NonNegativeFinite => {
            (0.0, f64::INFINITY)
        }
        Domain::Probability => (0.0, 1.0),
        _ => (f64::NEG_INFINITY, f64::INFINITY),
    }
}

/// The integral of the density between two points.
pub(crate) fn mass_between(row: &Distribution<f64>, parameters: &[f64], low: f64, high: f64) -> f64 {
    let draws = draws(row, parameters, 101).unwrap_or_else(|| vec![0.5; 101]);
    let density = |y: f64| {
        let at = [&[y], parameters].concat();
        row.scalar_density(&at, Terms::ALL).map_or(0.0, f64::exp)
    };
    integrate(&density, low, high, draws[50], (draws[80] - draws[20]).max(0.1))
}

/// The mass at 0, 1, 2, ... as far as there is any.
pub(crate) fn masses(row: &Distribution<f64>, parameters: &[f64]) -> Vec<f64> {
    let mut masses = Vec::new();
    let (mut total, mut y) = (0.0, 0.0);
    while total < 1.0 - 1e-13 && y < 200_000.0 {
        let mass = row.scalar_density(&[&[y], parameters].concat(), Terms::ALL).map_or(0.0, f64::exp);
        total += mass;
        masses.push(mass);
        y += 1.0;
    }
    masses
}

#[test]
fn densities_integrate_to_one() {
    let library = Library::<f64>::new();
    for row in scalar_distributions(&library).filter(|row| is_continuous(*row)) {
        for parameters in parameter_sets(row) {
            let (low, high) = range(row);
            let total = mass_between(row, &parameters, low, high);
            assert!((total - 1.0).abs() < 1e-7, "{}({parameters:?}) has the integral {total}", row.name);
        }
    }
}

#[test]
fn mass_functions_sum_to_one() {
    let library = Library::<f64>::new();
    for row in scalar_distributions(&library).filter(|row| !is_continuous(*row)) {
        for parameters in parameter_sets(row) {
            let total: f64 = masses(row, &parameters).iter().sum();
            assert!((total - 1.0).abs() < 1e-4, "{}({parameters:?}) has the sum {total}", row.name);
        }
    }
}

/// The derivative in argument `i` by a difference of fourth order.
fn difference(row: &Distribution<f64>, part: Part, x: &[f64], i: usize) -> f64 {
    let step = 1e-3 * x[i].abs().clamp(1e-2, 1.0);
    let at = |k: f64| {
        let mut moved = x.to_vec();
        moved[i] += k * step;
        call_scalars(row, part, &moved, Terms::ALL).unwrap_or(f64::NAN)
    };
    (8.0 * (at(1.0) - at(-1.0)) - (at(2.0) - at(-2.0))) / (12.0 * step)
}

#[test]
fn partials_agree_with_differences() {
    let (library, duals) = (Library::<f64>::new(), Library::<Dual>::new());
    for (row, dual_row) in scalar_distributions(&library).zip(scalar_distributions(&duals)) {
        for x in points(row) {
            for part in real_parts(row) {
                let result = call_scalars(dual_row, part, &dual(&x, |i| is_real(row, i)), Terms::ALL).unwrap();
                let plain = call_scalars(row, part, &x, Terms::ALL).unwrap();
                assert!(agree(result.value(), plain, 1e-14), "{} {part:?} {x:?}", row.name);
                for i in (0..x.len()).filter(|i| is_real(row, *i)) {
                    let expected = difference(row, part, &x, i);
                    if expected.is_nan() {
                        continue;
                    }
                    let found = result.partial(i);
                    assert!(
                        agree(found, expected, 2e-7),
                        "{} {part:?} at {x:?}: the partial in argument {i} is {found}, by differences {expected}",
                        row.name
                    );
                }
            }
        }
    }
}

#[test]
fn dropped_constants_change_no_partial() {
    let duals = Library::<Dual>::new();
    let library = Library::<f64>::new();
    for (row, dual_row) in scalar_distributions(&library).zip(scalar_distributions(&duals)) {
        for x in points(row) {
            let full = call_scalars(dual_row, Part::Density, &dual(&x, |i| is_real(row, i)), Terms::ALL).unwrap();
            for mask in 1u32..1 << x.len() {
                let is_auto = |i: usize| mask >> i & 1 == 1 && is_real(row, i);
                let auto_arguments = (0..x.len()).filter(|i| is_auto(*i)).fold(0, |bits, i| bits | 1 << i);
                let terms = Terms { propto: true, auto_arguments };
                let kept = call_scalars(dual_row, Part::Density, &dual(&x, is_auto), terms).unwrap();
                for i in (0..DIRECTIONS).filter(|i| *i < x.len() && is_auto(*i)) {
                    assert!(agree(kept.partial(i), full.partial(i), 1e-12), "{} at {x:?}, mask {mask:b}", row.name);
                }
            }
        }
    }
}

#[test]
fn without_parameters_everything_is_dropped() {
    let library = Library::<f64>::new();
    let terms = Terms { propto: true, auto_arguments: 0 };
    for row in scalar_distributions(&library) {
        for case in row.cases {
            assert!(matches!(row.density, Density::Scalar(_)));
            assert_eq!(call_scalars(row, Part::Density, case.at, terms), Ok(0.0), "{}", row.name);
        }
    }
}
