//! Generators draw from their densities.

use hlmc_builtins::Terms;
use hlmc_builtins::table::{Call, Distribution, Library, Part};
use hlmc_builtins::{Fault, Value};

use crate::density::masses;
use crate::rows::{call_scalars, draws, is_continuous, parameter_sets, rng, scalar_distributions};

const N_DRAWS: usize = 20_000;
/// Kolmogorov's statistic sqrt(n) D exceeds this with probability 2 exp(-2 x^2) = 1.2e-4.
const KOLMOGOROV_BOUND: f64 = 2.2;

/// The largest distance between the draws' distribution function and the exact one, which is given just below and at a
/// point.
fn largest_distance(sorted: &[f64], exact: impl Fn(f64) -> (f64, f64)) -> f64 {
    let n = sorted.len() as f64;
    let mut distance: f64 = 0.0;
    for (i, y) in sorted.iter().enumerate() {
        let (below, at) = exact(*y);
        let is_last_of_ties = sorted.get(i + 1) != Some(y);
        let is_first_of_ties = i == 0 || sorted[i - 1] != *y;
        if is_last_of_ties {
            distance = distance.max(((i + 1) as f64 / n - at).abs());
        }
        if is_first_of_ties {
            distance = distance.max((i as f64 / n - below).abs());
        }
    }
    distance
}

fn check(row: &Distribution<f64>, parameters: &[f64], exact: impl Fn(f64) -> (f64, f64)) {
    let Some(sorted) = draws(row, parameters, N_DRAWS) else { return };
    let statistic = largest_distance(&sorted, exact) * (N_DRAWS as f64).sqrt();
    assert!(statistic < KOLMOGOROV_BOUND, "{}({parameters:?}): sqrt(n) D = {statistic}", row.name);
}

#[test]
fn continuous_draws_follow_the_distribution_function() {
    let library = Library::<f64>::new();
    for row in scalar_distributions(&library).filter(|row| is_continuous(*row)) {
        if row.generator.is_some() {
            assert!(row.cumulative.is_some(), "{} needs a test of its own", row.name);
        }
        for parameters in parameter_sets(row) {
            check(row, &parameters, |y| {
                let cdf = call_scalars(row, Part::Cdf, &[&[y], &parameters[..]].concat(), Terms::ALL).unwrap();
                (cdf, cdf)
            });
        }
    }
}

#[test]
fn discrete_draws_follow_the_mass_function() {
    let library = Library::<f64>::new();
    for row in scalar_distributions(&library).filter(|row| !is_continuous(*row)) {
        for parameters in parameter_sets(row) {
            let mut below = vec![0.0];
            for mass in masses(row, &parameters) {
                below.push(below[below.len() - 1] + mass);
            }
            let at = |k: f64| below.get(k as usize).copied().unwrap_or(1.0);
            check(row, &parameters, |y| (at(y), at(y + 1.0)));
        }
    }
}

#[test]
fn draws_are_vectorised_over_parameters_and_checked() {
    let library = Library::<f64>::new();
    let normal = library.distributions("normal").next().unwrap();
    let (location, scale) = (Value::array(vec![-100.0, 0.0, 100.0]), Value::Real(1.0));
    let mut rng = rng();
    let mut draw = |arguments: &[&Value<f64>]| -> Result<Value<f64>, Fault> {
        normal.call(
            Part::Rng,
            &mut Call { arguments, terms: Terms::ALL, rng: Some(&mut rng), callback: None, log_jacobian: None },
        )
    };
    let Ok(Value::Reals(drawn)) = draw(&[&location, &scale]) else { panic!("an array of reals") };
    let near = |(draw, location): (f64, f64)| (draw - location).abs() < 10.0;
    assert!(drawn.entries.iter().zip([-100.0, 0.0, 100.0]).all(near));
    let fault = draw(&[&location, &Value::Real(-1.0)]).unwrap_err();
    assert!(fault.message.starts_with("Scale parameter is -1"), "{fault}");
}
