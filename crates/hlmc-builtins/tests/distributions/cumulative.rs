//! Distribution functions are the integrals of their densities, and their logarithms hold far out.

use hlmc_builtins::Terms;
use hlmc_builtins::table::{Distribution, Library, Part};

use crate::density::{mass_between, masses, range};
use crate::rows::{agree, call_scalars, draws, is_continuous, parameter_sets, scalar_distributions};

fn cumulative(row: &Distribution<f64>, part: Part, y: f64, parameters: &[f64]) -> f64 {
    call_scalars(row, part, &[&[y], parameters].concat(), Terms::ALL).unwrap()
}

fn check(row: &Distribution<f64>, parameters: &[f64], y: f64, below: f64, tolerance: f64) {
    let [cdf, lcdf, lccdf] = [Part::Cdf, Part::Lcdf, Part::Lccdf].map(|part| cumulative(row, part, y, parameters));
    let at = format!("{}({y} | {parameters:?})", row.name);
    assert!((cdf - below).abs() < tolerance, "{at} is {cdf}, but the mass below is {below}");
    assert!(agree(lcdf.exp(), cdf, 1e-11), "{at}: lcdf {lcdf}, cdf {cdf}");
    assert!(agree(lccdf.exp(), 1.0 - cdf, 1e-11), "{at}: lccdf {lccdf}, cdf {cdf}");
}

#[test]
fn distribution_functions_are_integrals_of_densities() {
    let library = Library::<f64>::new();
    for row in scalar_distributions(&library).filter(|row| row.cumulative.is_some() && is_continuous(*row)) {
        for parameters in parameter_sets(row) {
            let (low, _) = range(row);
            let draws = draws(row, &parameters, 101).unwrap();
            for y in [draws[0], draws[25], draws[50], draws[100]] {
                check(row, &parameters, y, mass_between(row, &parameters, low, y), 1e-7);
            }
        }
    }
}

#[test]
fn distribution_functions_are_sums_of_mass_functions() {
    let library = Library::<f64>::new();
    for row in scalar_distributions(&library).filter(|row| row.cumulative.is_some() && !is_continuous(*row)) {
        for parameters in parameter_sets(row) {
            let mut below = 0.0;
            for (y, mass) in masses(row, &parameters).iter().enumerate().take(60) {
                below += mass;
                check(row, &parameters, y as f64, below, 1e-12);
            }
            assert_eq!(cumulative(row, Part::Cdf, -1.0, &parameters), 0.0, "{}", row.name);
            assert_eq!(cumulative(row, Part::Lcdf, -1.0, &parameters), f64::NEG_INFINITY, "{}", row.name);
            assert_eq!(cumulative(row, Part::Lccdf, -1.0, &parameters), 0.0, "{}", row.name);
        }
    }
}

#[test]
fn logarithms_of_tails_keep_their_digits() {
    // The hazard (density over upper tail) changes slowly, so that the tail's logarithm falls by its mean between two
    // points; the same holds below. A logarithm of a rounded cdf would be -inf or a staircase there.
    let library = Library::<f64>::new();
    for row in scalar_distributions(&library).filter(|row| row.cumulative.is_some() && is_continuous(*row)) {
        for parameters in parameter_sets(row) {
            let draws = draws(row, &parameters, 2_001).unwrap();
            let (low, high) = (draws[20], draws[1980]);
            let width = high - low;
            for (part, start) in [(Part::Lcdf, low - 0.5 * width), (Part::Lccdf, high + 2.0 * width)] {
                let Ok(tail) = call_scalars(row, part, &[&[start], &parameters[..]].concat(), Terms::ALL) else {
                    continue;
                };
                let step = 1e-4 * width;
                let Ok(next) = call_scalars(row, part, &[&[start + step], &parameters[..]].concat(), Terms::ALL) else {
                    continue;
                };
                let middle = [&[start + 0.5 * step], &parameters[..]].concat();
                let Ok(log_density) = call_scalars(row, Part::Density, &middle, Terms::ALL) else { continue };
                if tail == f64::NEG_INFINITY || tail == 0.0 || tail < -1e5 {
                    continue;
                }
                let slope = (next - tail) / step;
                let sign = if part == Part::Lcdf { 1.0 } else { -1.0 };
                let hazard = sign * (log_density - 0.5 * (tail + next)).exp();
                assert!(agree(slope, hazard, 1e-5), "{} {part:?} at {start}: {slope}, {hazard}", row.name);
            }
        }
    }
}
