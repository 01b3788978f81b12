//! The other example models, with each engine, against exact means of their posteriors.

use hlmc_engine::engines;

use super::fit::Fit;

const SEED: u64 = 1;

/// The largest distance from the exact mean, in Monte Carlo standard errors.
const LARGEST_Z: f64 = 4.0;

fn check(model: &str, data: &str, exact_means: &[(&str, f64)]) {
    for engine in engines() {
        let fit = Fit::new(model, data, *engine, SEED);
        for &(name, exact) in exact_means {
            let draws = fit.variable(name);
            let (mean, standard_error) = (draws.mean(), draws.mcse_mean());
            let z = (mean - exact) / standard_error;
            let found = format!("{mean} +- {standard_error}, exactly {exact}, z {z:.2}");
            assert!(z.abs() <= LARGEST_Z, "{model} with {engine}, {name}: {found}");
        }
    }
}

/// Quadrature over `tau` with `mu` and `theta` integrated out analytically. (posteriordb's reference draws of the same
/// model agree.)
#[test]
fn eight_schools_without_centring() {
    let exact = [
        ("mu", 4.3968),
        ("tau", 3.5977),
        ("theta[1]", 6.2119),
        ("theta[2]", 4.9402),
        ("theta[3]", 3.9270),
        ("theta[4]", 4.7571),
        ("theta[5]", 3.6155),
        ("theta[6]", 4.0426),
        ("theta[7]", 6.2967),
        ("theta[8]", 4.8543),
    ];
    check("eight_schools_noncentred.stan", "eight_schools.json", &exact);
}

/// Three-dimensional quadrature.
#[test]
fn logistic_regression() {
    let exact = [
        ("alpha", -0.58304),
        ("beta[1]", 1.05865),
        ("beta[2]", -0.93139),
        ("odds_ratio[1]", 2.99835),
        ("odds_ratio[2]", 0.40837),
    ];
    check("logistic_regression.stan", "logistic_regression.json", &exact);
}

/// Two-dimensional quadrature.
#[test]
fn poisson_regression() {
    let exact = [("alpha", 0.70461), ("beta", 0.32813), ("rate_ratio", 1.39096)];
    check("poisson_regression.stan", "poisson_regression.json", &exact);
}

/// Three-dimensional quadrature; `y_next` has the mean of `alpha + phi * y[n]`.
#[test]
fn autoregression() {
    let exact = [("alpha", 0.57366), ("phi", 0.63571), ("sigma", 0.62409), ("y_next", 2.5787)];
    check("ar1.stan", "ar1.json", &exact);
}

/// Importance sampling, 600,000 draws from a t distribution with 5 degrees of freedom, effectively 190,000: right to 0.4%
/// of a posterior standard deviation.
#[test]
fn mixture() {
    let exact = [("theta", 0.3390), ("mu[1]", -1.0053), ("mu[2]", 2.0011), ("sigma[1]", 1.0495), ("sigma[2]", 1.2259)];
    check("mixture.stan", "mixture.json", &exact);
}
