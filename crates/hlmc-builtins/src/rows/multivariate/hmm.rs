//! Hidden Markov models with the states summed out (functions reference, "Hidden Markov models"): functions, since they
//! take log densities of the observations and not the observations.

use hlmc_math::linear_algebra::{Matrix, dot};
use hlmc_math::{Real, special};

use super::matrices::dense;
use crate::fault::Fault;
use crate::rows::arguments::{check_simplex, check_sizes, matrix, vectors};
use crate::rows::row::whole;
use crate::rows::univariate::categorical::{draw_category, source};
use crate::table::{Call, Chapter, Function};
use crate::value::Value;

/// The rows of this family.
pub(super) fn functions<A: Real>() -> Vec<Function<A>> {
    let row = |name, signatures, f, doc| whole(Chapter::Multivariate, name, signatures, f, doc);
    vec![
        row(
            "hmm_marginal",
            &["real hmm_marginal(matrix, matrix, vector)"],
            |call| Ok(Value::Real(Model::new(call)?.forward().1)),
            "The log density of the observations of a hidden Markov model: `log_omega`[k, t] is that of observation t in \
             state k, `Gamma` the transition matrix and `rho` the initial probabilities.",
        ),
        row(
            "hmm_hidden_state_prob",
            &["matrix hmm_hidden_state_prob(data matrix, data matrix, data vector)"],
            |call| {
                let probabilities = Model::new(call)?.state_probabilities();
                Ok(Value::matrix(probabilities.rows(), probabilities.cols(), probabilities.into_entries()))
            },
            "The probability of each state (row) at each time (column), given all observations of a hidden Markov model; \
             data only.",
        ),
        row(
            "hmm_latent_rng",
            &["array[] int hmm_latent_rng(matrix, matrix, vector)"],
            draw,
            "A draw of the states of a hidden Markov model, given all observations.",
        ),
    ]
}

/// A hidden Markov model with its observations.
struct Model<A> {
    log_densities: Matrix<A>,
    /// Row i has the probabilities of the states that follow state i.
    transitions: Matrix<A>,
    initial: Vec<A>,
}

impl<A: Real> Model<A> {
    fn new(call: &Call<'_, A>) -> Result<Self, Fault> {
        let (log_densities, transitions, initial) = (matrix(call, 0)?, matrix(call, 1)?, vectors(call, 2)?);
        check_sizes("Gamma's rows", transitions.rows, "its columns", transitions.cols)?;
        check_sizes("Gamma", transitions.rows, "rows of log_omega", log_densities.rows)?;
        check_sizes("rho", initial.size, "rows of log_omega", log_densities.rows)?;
        if log_densities.cols == 0 {
            return Err(Fault::fatal("log_omega has no columns, but needs one for each observation"));
        }
        check_simplex("rho", &initial.entries.values())?;
        if log_densities.cols > 1 {
            for i in 0..transitions.rows {
                let row: Vec<f64> = (0..transitions.cols).map(|j| transitions.at(i, j).value()).collect();
                check_simplex("Gamma[i, ]", &row)?;
            }
        }
        let initial = initial.entries.iter().collect();
        Ok(Model { log_densities: dense(&log_densities), transitions: dense(&transitions), initial })
    }

    fn n_states(&self) -> usize {
        self.initial.len()
    }

    /// The densities of observation `t` in each state, up to a common factor, and the logarithm of that.
    fn scaled_densities(&self, t: usize) -> (Vec<A>, f64) {
        let column = self.log_densities.col(t);
        let largest = column.iter().map(Real::value).fold(f64::NEG_INFINITY, f64::max);
        let scale = if largest.is_finite() { largest } else { 0.0 };
        (column.iter().map(|log_density| special::exp(*log_density - scale)).collect(), scale)
    }

    /// The probabilities of the states at each time given the observations up to then, one time a column, and the log
    /// density of all observations. (The sum over states is taken out at every step, so that nothing underflows.)
    fn forward(&self) -> (Matrix<A>, A) {
        let (n, n_times) = (self.n_states(), self.log_densities.cols());
        let mut filtered = Matrix::zeros(n, n_times);
        let mut log_density = A::zero();
        for t in 0..n_times {
            let (densities, scale) = self.scaled_densities(t);
            let mut weights: Vec<A> = if t == 0 {
                self.initial.clone()
            } else {
                (0..n).map(|j| dot(filtered.col(t - 1), self.transitions.col(j))).collect()
            };
            let mut sum = A::zero();
            for (weight, density) in weights.iter_mut().zip(densities) {
                *weight *= density;
                sum += *weight;
            }
            log_density += special::log(sum) + scale;
            for (entry, weight) in filtered.col_mut(t).iter_mut().zip(weights) {
                *entry = weight / sum;
            }
        }
        (filtered, log_density)
    }

    /// The probabilities of the states at each time given all observations (backward smoothing).
    fn state_probabilities(&self) -> Matrix<A> {
        let (mut probabilities, _) = self.forward();
        let (n, n_times) = (self.n_states(), self.log_densities.cols());
        let mut later = vec![A::one(); n];
        for t in (0..n_times.saturating_sub(1)).rev() {
            let (densities, _) = self.scaled_densities(t + 1);
            let weights: Vec<A> = (0..n)
                .map(|i| (0..n).fold(A::zero(), |sum, j| sum + self.transitions[(i, j)] * densities[j] * later[j]))
                .collect();
            let total = weights.iter().fold(A::zero(), |sum, weight| sum + *weight);
            later = weights.into_iter().map(|weight| weight / total).collect();
            let mut sum = A::zero();
            for (entry, weight) in probabilities.col_mut(t).iter_mut().zip(&later) {
                *entry *= *weight;
                sum += *entry;
            }
            probabilities.col_mut(t).iter_mut().for_each(|entry| *entry /= sum);
        }
        probabilities
    }
}

/// The last state from its probabilities, then each from those given the one after it.
fn draw<A: Real>(call: &mut Call<'_, A>) -> Result<Value<A>, Fault> {
    let model = Model::new(call)?;
    let (filtered, _) = model.forward();
    let n_times = filtered.cols();
    let rng = source(call)?;
    let mut states = vec![0i64; n_times];
    let mut next: Option<usize> = None;
    for t in (0..n_times).rev() {
        let column = filtered.col(t).iter().enumerate();
        let weights: Vec<f64> = column
            .map(|(i, probability)| probability.value() * next.map_or(1.0, |j| model.transitions[(i, j)].value()))
            .collect();
        let total: f64 = weights.iter().sum();
        let probabilities: Vec<f64> = weights.iter().map(|weight| weight / total).collect();
        states[t] = draw_category(&probabilities, rng);
        next = usize::try_from(states[t] - 1).ok();
    }
    Ok(Value::ints(states))
}
