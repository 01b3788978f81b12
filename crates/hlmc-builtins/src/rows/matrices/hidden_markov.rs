//! Hidden Markov models with known numbers of states: the likelihood and the posterior of the states.
//!
//! The forward recursion runs on probabilities that are scaled to sum to 1 at every step, so that transition
//! probabilities of 0 do no harm (Rabiner 1989, "A tutorial on hidden Markov models", section V.A).

use hlmc_math::{Real, special};

use super::matrix;
use crate::arguments::{MatrixRef, check_equal};
use crate::fault::Fault;
use crate::table::{Call, Function};
use crate::value::{Dims, Entries, Kind, Reals, Value};

/// How far a row of probabilities may sum from 1: Stan's `CONSTRAINT_TOLERANCE`.
const SIMPLEX_TOLERANCE: f64 = 1e-8;

/// The rows of this file.
pub(super) fn rows<A: Real>() -> Vec<Function<A>> {
    vec![
        matrix(
            "hmm_marginal",
            &["real hmm_marginal(matrix, matrix, vector)"],
            hmm_marginal,
            "The log likelihood of a hidden Markov model, its states summed out, called as hmm_marginal(log_omega, gamma, \
             rho): log_omega[k, n] is the log density of observation n in state k, gamma[i, j] the probability of going \
             from i to j, rho that of the first state. Rejects probabilities that do not sum to 1.",
        ),
        matrix(
            "hmm_hidden_state_prob",
            &["matrix hmm_hidden_state_prob(data matrix, data matrix, data vector)"],
            hmm_hidden_state_prob,
            "The probability of each state (row) at each observation (column) given all observations; data only. The \
             arguments are those of hmm_marginal.",
        ),
    ]
}

/// The arguments of both, checked.
struct Model<A> {
    n_states: usize,
    n_observations: usize,
    log_densities: Vec<A>,
    transitions: Vec<A>,
    initial: Vec<A>,
}

fn model<A: Real>(call: &Call<'_, A>) -> Result<Model<A>, Fault> {
    let (densities, transitions, initial) = (call.matrix(0)?, call.square_matrix(1)?, call.matrix(2)?);
    let n = densities.rows;
    check_equal("the rows of log_omega", n, "those of gamma", transitions.rows)?;
    check_equal("the rows of log_omega", n, "the size of rho", initial.rows)?;
    let is_simplex = |entries: &[f64]| {
        entries.iter().all(|p| *p >= 0.0) && (entries.iter().sum::<f64>() - 1.0).abs() <= SIMPLEX_TOLERANCE
    };
    let values = transitions.entries.values();
    let row = |i: usize| values.iter().skip(i).step_by(n.max(1)).copied().collect::<Vec<f64>>();
    if let Some(i) = (0..n).find(|i| !is_simplex(&row(*i))) {
        return Err(Fault::rejection(format!("row {} of gamma is not a simplex", i + 1)));
    }
    if n > 0 && !is_simplex(&initial.entries.values()) {
        return Err(Fault::rejection("rho is not a simplex"));
    }
    let copy = |m: MatrixRef<'_, A>| m.entries.to_auto().into_owned();
    Ok(Model {
        n_states: n,
        n_observations: densities.cols,
        log_densities: copy(densities),
        transitions: copy(transitions),
        initial: copy(initial),
    })
}

impl<A: Real> Model<A> {
    /// The probabilities of the states at `observation` before it is seen, from those at the one before.
    fn predicted(&self, before: &[A]) -> Vec<A> {
        let n = self.n_states;
        let column = |j: usize| before.iter().zip(&self.transitions[j * n..(j + 1) * n]);
        (0..n).map(|j| column(j).map(|(p, gamma)| *p * *gamma).sum()).collect()
    }

    /// The log densities of one observation, less the largest, as densities; and the largest.
    fn densities(&self, observation: usize) -> (Vec<A>, f64) {
        let logs = &self.log_densities[observation * self.n_states..(observation + 1) * self.n_states];
        let largest = logs.iter().map(Real::value).fold(f64::NEG_INFINITY, f64::max);
        let shift = if largest.is_finite() { largest } else { 0.0 };
        (logs.iter().map(|x| special::exp(*x - shift)).collect(), shift)
    }

    /// The probabilities of the states at each observation given all up to it, and the log likelihood.
    fn forward(&self) -> (Vec<Vec<A>>, A) {
        let mut filtered: Vec<Vec<A>> = Vec::with_capacity(self.n_observations);
        let mut log_likelihood = A::constant(0.0);
        for observation in 0..self.n_observations {
            let prior = filtered.last().map_or_else(|| self.initial.clone(), |before| self.predicted(before));
            let (densities, shift) = self.densities(observation);
            let joint: Vec<A> = prior.iter().zip(&densities).map(|(p, density)| *p * *density).collect();
            let total: A = joint.iter().copied().sum();
            log_likelihood += special::log(total) + shift;
            filtered.push(joint.into_iter().map(|p| p / total).collect());
        }
        (filtered, log_likelihood)
    }
}

fn hmm_marginal<A: Real>(call: &mut Call<'_, A>) -> Result<Value<A>, Fault> {
    Ok(Value::Real(model(call)?.forward().1))
}

fn hmm_hidden_state_prob<A: Real>(call: &mut Call<'_, A>) -> Result<Value<A>, Fault> {
    let model = model(call)?;
    let (n, n_observations) = (model.n_states, model.n_observations);
    let (mut smoothed, _) = model.forward();
    // What later observations say about each state, up to a factor.
    let mut later = vec![A::constant(1.0); n];
    for observation in (0..n_observations).rev() {
        let Some(here) = smoothed.get_mut(observation) else { break };
        let joint: Vec<A> = here.iter().zip(&later).map(|(p, b)| *p * *b).collect();
        let total: A = joint.iter().copied().sum();
        *here = joint.into_iter().map(|p| p / total).collect();
        let (densities, _) = model.densities(observation);
        let next: Vec<A> = densities.iter().zip(&later).map(|(density, b)| *density * *b).collect();
        let said = |i: usize| (0..n).map(|j| model.transitions[j * n + i] * next[j]).sum::<A>();
        let before: Vec<A> = (0..n).map(said).collect();
        let scale: A = before.iter().copied().sum();
        later = before.into_iter().map(|b| b / scale).collect();
    }
    let entries = Entries::Auto(smoothed.into_iter().flatten().collect()).simplified();
    Ok(Value::Reals(Reals { kind: Kind::Matrix, dims: Dims::from_slice(&[n, n_observations]), entries }))
}
