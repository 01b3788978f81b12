//! Generalised linear models as one density each (functions reference, "Bounded discrete distributions", "Unbounded
//! discrete distributions", "Unbounded continuous distributions").
//!
//! The gradient is stated by hand, from the derivative of each observation's term in its linear predictor, so that a
//! pass costs two products with the design matrix whatever the number of directions of differentiation.

mod bernoulli_logit;
mod binomial_logit;
mod categorical_logit;
mod neg_binomial;
mod normal_id;
mod ordered_logistic;
mod poisson_log;

use hlmc_math::Real;

use crate::fault::Fault;
use crate::rows::arguments::{MatrixView, argument, check_all, check_sizes, matrix, vectors};
use crate::table::{Call, Distribution, Domain};
use crate::value::{Entries, Kind, Value};

/// The name of the outcomes in faults.
const OUTCOMES: &str = "Vector of dependent variables";

/// The rows of this family.
pub(super) fn rows<A: Real>() -> Vec<Distribution<A>> {
    vec![
        bernoulli_logit::bernoulli_logit_glm(),
        binomial_logit::binomial_logit_glm(),
        categorical_logit::categorical_logit_glm(),
        neg_binomial::neg_binomial_2_log_glm(),
        normal_id::normal_id_glm(),
        ordered_logistic::ordered_logistic_glm(),
        poisson_log::poisson_log_glm(),
    ]
}

/// The linear predictor theta = alpha + x beta of every observation.
struct Predictor<'a, A: Real> {
    x: MatrixView<'a, A>,
    /// The intercepts; `None` for a model without.
    alpha: Option<&'a Value<A>>,
    beta: &'a Entries<A>,
    theta: Vec<A::Lower>,
}

impl<'a, A: Real> Predictor<'a, A> {
    /// Reads the arguments at these positions.
    fn new(call: &Call<'a, A>, x: usize, alpha: Option<usize>, beta: usize) -> Result<Self, Fault> {
        let beta = vectors(call, beta)?;
        let alpha = alpha.map(|i| argument(call, i)).transpose()?;
        let n = n_instances(call, x)?;
        let x = matrix(call, x)?;
        check_sizes("Weight vector", beta.size, "columns of the matrix of independent variables", x.cols)?;
        if let Some(alpha) = alpha {
            check_instances("Vector of intercepts", alpha, n)?;
        }
        let mut predictor = Predictor { x, alpha, beta: beta.entries, theta: Vec::with_capacity(n) };
        predictor
            .theta
            .extend((0..n).map(|i| alpha.and_then(|alpha| alpha.real_at(i)).unwrap_or_else(A::zero).lower()));
        predictor.add_products();
        Ok(predictor)
    }

    /// Adds x beta to the predictors.
    fn add_products(&mut self) {
        let Self { x, beta, theta, .. } = self;
        let is_one_row = x.rows == 1;
        for j in 0..x.cols {
            let Some(weight) = beta.get(j).map(|weight| weight.lower()) else { continue };
            let column = j * x.rows..(j + 1) * x.rows;
            match x.entries {
                Entries::Data(entries) if is_one_row => theta.iter_mut().for_each(|sum| *sum += weight * entries[j]),
                Entries::Data(entries) => {
                    for (sum, entry) in theta.iter_mut().zip(&entries[column]) {
                        *sum += weight * *entry;
                    }
                }
                Entries::Auto(entries) if is_one_row => {
                    theta.iter_mut().for_each(|sum| *sum += weight * entries[j].lower());
                }
                Entries::Auto(entries) => {
                    for (sum, entry) in theta.iter_mut().zip(&entries[column]) {
                        *sum += weight * entry.lower();
                    }
                }
            }
        }
    }

    /// The sum of the observations' terms, each given with its derivative as a function of the observation's index and
    /// linear predictor.
    fn total(&self, mut term: impl FnMut(usize, A::Lower) -> (A::Lower, A::Lower)) -> A {
        let zero = A::Lower::constant(0.0);
        let mut value = zero;
        let mut slopes = Vec::with_capacity(self.theta.len());
        for (i, theta) in self.theta.iter().enumerate() {
            let (summand, slope) = term(i, *theta);
            value += summand;
            slopes.push(slope);
        }
        if A::NDERIV == 0 { A::zero().chain(value, zero) } else { self.with_slopes(value, &slopes) }
    }

    /// A number of this value whose derivative in the predictors is `slopes`.
    fn with_slopes(&self, value: A::Lower, slopes: &[A::Lower]) -> A {
        let zero = A::Lower::constant(0.0);
        let sum_of_slopes = slopes.iter().fold(zero, |sum, slope| sum + *slope);
        let mut total = A::zero().chain(value, zero);
        match self.alpha {
            None => {}
            Some(Value::Reals(alpha)) => {
                for (alpha, slope) in alpha.entries.iter().zip(slopes) {
                    add_chain(&mut total, alpha, *slope);
                }
            }
            Some(alpha) => add_chain(&mut total, alpha.to_real().unwrap_or_else(A::zero), sum_of_slopes),
        }
        for (j, weight) in self.beta.iter().enumerate() {
            let column = j * self.x.rows..(j + 1) * self.x.rows;
            if !weight.is_constant() {
                let along_column = match self.x.entries {
                    Entries::Data(entries) if self.x.rows == 1 => sum_of_slopes * entries[j],
                    Entries::Data(entries) => {
                        entries[column.clone()].iter().zip(slopes).fold(zero, |sum, (x, slope)| sum + *slope * *x)
                    }
                    Entries::Auto(entries) if self.x.rows == 1 => sum_of_slopes * entries[j].lower(),
                    Entries::Auto(entries) => entries[column.clone()]
                        .iter()
                        .zip(slopes)
                        .fold(zero, |sum, (x, slope)| sum + *slope * x.lower()),
                };
                add_chain(&mut total, weight, along_column);
            }
            if let Entries::Auto(entries) = self.x.entries {
                for (i, x) in entries[column].iter().enumerate() {
                    let slope = if self.x.rows == 1 { sum_of_slopes } else { slopes[i] };
                    add_chain(&mut total, *x, slope * weight.lower());
                }
            }
        }
        total
    }

    /// Faults if a weight, an intercept or a predictor is not finite; asked only when the density is not.
    fn check_finite(&self) -> Result<(), Fault> {
        check_all("Weight vector", self.beta.values().iter().copied(), Domain::Finite)?;
        if let Some(alpha) = self.alpha {
            let n = alpha.n_entries();
            let values = (0..n).map(|i| alpha.real_at(i).map_or(f64::NAN, |alpha| alpha.value()));
            check_all("Intercept", values, Domain::Finite)?;
        }
        check_all("Matrix of independent variables", self.theta.iter().map(|theta| theta.value()), Domain::Finite)
    }
}

/// Adds the derivative `slope` in `argument`.
fn add_chain<A: Real>(total: &mut A, argument: A, slope: A::Lower) {
    if !argument.is_constant() {
        *total += argument.chain(A::Lower::constant(0.0), slope);
    }
}

/// The number of observations: the rows of the design matrix at this position, or, where one row stands for all, the
/// size of the outcomes, which come first.
fn n_instances<A: Real>(call: &Call<'_, A>, x: usize) -> Result<usize, Fault> {
    let n_outcomes = argument(call, 0)?;
    match argument(call, x)? {
        Value::Reals(t) if t.kind == Kind::RowVector => Ok(n_outcomes.n_entries()),
        _ => Ok(matrix(call, x)?.rows),
    }
}

/// Faults unless `argument` is a scalar or has one entry for each of `n` observations.
fn check_instances<A: Real>(name: &str, argument: &Value<A>, n: usize) -> Result<(), Fault> {
    if argument.is_scalar() {
        return Ok(());
    }
    check_sizes(name, argument.n_entries(), "the matrix of independent variables, by rows,", n)
}

/// The counts or classes at position `i`, one for each of `n` observations, checked.
fn outcomes<'a, A: Real>(call: &Call<'a, A>, i: usize, n: usize, domain: Domain) -> Result<&'a Value<A>, Fault> {
    let outcomes = argument(call, i)?;
    check_instances(OUTCOMES, outcomes, n)?;
    let values = (0..outcomes.n_entries()).map(|i| outcomes.int_at(i).map_or(f64::NAN, |y| y as f64));
    check_all(OUTCOMES, values, domain)?;
    Ok(outcomes)
}

/// Outcome `i` as a number.
fn outcome<A: Real>(outcomes: &Value<A>, i: usize) -> f64 {
    outcomes.int_at(i).map_or(f64::NAN, |y| y as f64)
}
