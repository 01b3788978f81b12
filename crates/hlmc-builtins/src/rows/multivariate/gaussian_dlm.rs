//! Gaussian dynamic linear models, by the Kalman filter (functions reference, "Gaussian dynamic linear models").

use hlmc_math::Real;
use hlmc_math::linear_algebra::{
    Matrix, MatrixError, cholesky_of_lower, dot, multiply, solve_lower, solve_lower_transposed,
};

use super::matrices::{dense, factor_of, log_diagonal, matrix_fault, symmetric};
use crate::fault::Fault;
use crate::rows::arguments::{argument, check_all, check_sizes, matrix, vectors};
use crate::rows::univariate::normal::HALF_LOG_TWO_PI;
use crate::table::{Argument, Call, Chapter, Density, Distribution, Domain, Outcome};
use crate::value::{Kind, Value};

/// The row of `gaussian_dlm_obs`.
pub(super) fn gaussian_dlm_obs<A: Real>() -> Distribution<A> {
    Distribution {
        name: "gaussian_dlm_obs",
        outcome: Outcome::Continuous,
        arguments: const {
            &[
                Argument::whole("y", "matrix"),
                Argument::whole("F", "matrix"),
                Argument::whole("G", "matrix"),
                Argument::whole("V", "matrix | vector"),
                Argument::whole("W", "matrix"),
                Argument::whole("m0", "vector"),
                Argument::whole("C0", "matrix"),
            ]
        },
        density: Density::Whole(log_density),
        cumulative: None,
        generator: None,
        chapter: Chapter::Multivariate,
        doc: "Observations `y`, one a column, of a Gaussian dynamic linear model with design `F`, transition `G`, \
              observation covariance `V` (or its diagonal), system covariance `W` and initial state `m0`, `C0`.",
        cases: &[],
    }
}

/// The state's distribution before or after an observation.
struct State<A> {
    mean: Matrix<A>,
    covariance: Matrix<A>,
}

fn log_density<A: Real>(call: &mut Call<'_, A>) -> Result<A, Fault> {
    let (y, design, transition) = (matrix(call, 0)?, dense(&matrix(call, 1)?), dense(&matrix(call, 2)?));
    let (system, initial) = (symmetric(call, 4, "W")?, symmetric(call, 6, "C0")?);
    let mean = vectors(call, 5)?;
    let n_states = transition.rows();
    check_sizes("columns of F", design.cols(), "rows of y", y.rows)?;
    check_sizes("rows of F", design.rows(), "rows of G", n_states)?;
    check_sizes("rows of G", n_states, "columns of G", transition.cols())?;
    check_sizes("rows of W", system.rows(), "rows of G", n_states)?;
    check_sizes("size of m0", mean.size, "rows of G", n_states)?;
    check_sizes("rows of C0", initial.rows(), "rows of G", n_states)?;
    let noise = observation_covariance(call, y.rows)?;
    for (i, name) in ["y", "F", "G", "V", "W", "m0", "C0"].into_iter().enumerate() {
        if let Value::Reals(t) = argument(call, i)? {
            check_all(name, t.entries.values().iter().copied(), Domain::Finite)?;
        }
    }
    factor_of(call, 6, "C0")?;
    if !call.terms.keep(&[0, 1, 2, 3, 4, 5, 6]) || y.rows == 0 || y.cols == 0 {
        return Ok(A::zero());
    }
    let mut state = State { mean: Matrix::from_fn(n_states, 1, |i, _| mean.at(0, i)), covariance: initial };
    let mut log_density = A::zero();
    for t in 0..y.cols {
        let observation = Matrix::from_fn(y.rows, 1, |i, _| y.at(i, t));
        let step = filter(&mut state, &observation, &design, &transition, &noise, &system);
        log_density += step.map_err(|error| matrix_fault("the covariance of an observation", &error))?;
    }
    let constant = if call.terms.keep(&[]) { HALF_LOG_TWO_PI * (y.rows * y.cols) as f64 } else { 0.0 };
    Ok(log_density - constant)
}

/// V as a matrix, and checked for its sign.
fn observation_covariance<A: Real>(call: &Call<'_, A>, n_variables: usize) -> Result<Matrix<A>, Fault> {
    match argument(call, 3)? {
        Value::Reals(t) if t.kind == Kind::Matrix => {
            let covariance = symmetric(call, 3, "V")?;
            check_sizes("rows of V", covariance.rows(), "rows of y", n_variables)?;
            Ok(covariance)
        }
        _ => {
            let variances = vectors(call, 3)?;
            check_sizes("size of V", variances.size, "rows of y", n_variables)?;
            check_all("V", variances.entries.values().iter().copied(), Domain::NonNegative)?;
            Ok(Matrix::from_fn(n_variables, n_variables, |i, j| if i == j { variances.at(0, i) } else { A::zero() }))
        }
    }
}

/// Takes the state one step on, and gives the log density of the observation there, without its constant.
fn filter<A: Real>(
    state: &mut State<A>,
    observation: &Matrix<A>,
    design: &Matrix<A>,
    transition: &Matrix<A>,
    noise: &Matrix<A>,
    system: &Matrix<A>,
) -> Result<A, MatrixError> {
    let mean = multiply(transition.view(), state.mean.view())?;
    let covariance = add(&sandwich(transition, &state.covariance)?, system);
    let transposed = design.view().transpose();
    let error = subtract(observation, &multiply(transposed.view(), mean.view())?);
    let shared = multiply(covariance.view(), design.view())?;
    let spread = add(&multiply(transposed.view(), shared.view())?, noise);
    let factor = cholesky_of_lower(spread.view())?;
    let whitened = solve_lower(factor.view(), error.view())?;
    // The gain A = shared spread⁻¹, and what it takes from the covariance, A spread A'.
    let half = solve_lower(factor.view(), shared.view().transpose().view())?;
    let weights = solve_lower_transposed(factor.view(), whitened.view())?;
    let explained = Matrix::from_fn(half.cols(), half.cols(), |i, j| dot(half.col(i), half.col(j)));
    state.mean = add(&mean, &multiply(shared.view(), weights.view())?);
    state.covariance = subtract(&covariance, &explained);
    Ok(dot(whitened.col(0), whitened.col(0)) * -0.5 - log_diagonal(&factor))
}

/// G C G'.
fn sandwich<A: Real>(g: &Matrix<A>, c: &Matrix<A>) -> Result<Matrix<A>, MatrixError> {
    multiply(multiply(g.view(), c.view())?.view(), g.view().transpose().view())
}

fn add<A: Real>(a: &Matrix<A>, b: &Matrix<A>) -> Matrix<A> {
    Matrix::from_fn(a.rows(), a.cols(), |i, j| a[(i, j)] + b[(i, j)])
}

fn subtract<A: Real>(a: &Matrix<A>, b: &Matrix<A>) -> Matrix<A> {
    Matrix::from_fn(a.rows(), a.cols(), |i, j| a[(i, j)] - b[(i, j)])
}
