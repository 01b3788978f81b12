//! The No-U-Turn sampler with multinomial weights.
//!
//! Hoffman and Gelman (2014) with Betancourt's (2017, appendix A.3) changes, as Stan has them: states of a trajectory
//! are weighted by their density, the last doubling is preferred (biased progressive sampling), and a trajectory ends
//! where the sum of its momenta no longer points along the velocities at both of its ends. That criterion is asked of
//! every subtree, and between the two halves of each: of one half and the nearest state of the other, which catches
//! the half-period resonance of nearly Gaussian densities (Stan 2.21).
//!
//! Invariants: a [`Subtree`] is oriented, its `begin` being the state that was reached first; subtrees of one depth
//! have one set of buffers, which are swapped and never reallocated.

use hlmc_math::LogDensity;
use rand::{Rng, RngExt};

use crate::error::SamplerError;
use crate::hamiltonian::{PhasePoint, Point};
use crate::linear_algebra::{add_log_weights, add_scaled};
use crate::metric::Metric;
use crate::target::Target;

/// A leapfrog step is divergent where the energy is larger than the initial energy by more than this. Stan's number.
pub const MAX_ENERGY_ERROR: f64 = 1000.0;

/// What happened in one iteration; the columns that Stan writes with each draw.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TransitionStats {
    /// The mean, over all leapfrog steps, of `min(1, exp(initial energy - energy))`. (`accept_stat__`)
    pub accept_stat: f64,
    /// The step size of the leapfrog steps. (`stepsize__`)
    pub step_size: f64,
    /// The number of completed doublings. (`treedepth__`)
    pub tree_depth: u32,
    /// The number of leapfrog steps, those of an abandoned doubling included. (`n_leapfrog__`)
    pub n_leapfrog: u64,
    /// Whether the trajectory ended in a divergence. (`divergent__`)
    pub divergent: bool,
    /// The energy of the draw: kinetic energy minus log density. (`energy__`)
    pub energy: f64,
}

/// Momentum and velocity at one end of a subtree.
struct End {
    momentum: Vec<f64>,
    velocity: Vec<f64>,
}

/// The state chosen so far from a subtree.
struct Proposal {
    point: Point,
    energy: f64,
}

/// A stretch of trajectory, without its inner states.
struct Subtree {
    begin: End,
    end: End,
    momentum_sum: Vec<f64>,
    /// Log of the sum of the states' weights, which are `exp(initial energy - energy)`.
    log_weight: f64,
    proposal: Proposal,
}

impl Subtree {
    fn zero(dimension: usize) -> Self {
        let end = || End { momentum: vec![0.0; dimension], velocity: vec![0.0; dimension] };
        Self {
            begin: end(),
            end: end(),
            momentum_sum: vec![0.0; dimension],
            log_weight: 0.0,
            proposal: Proposal { point: Point::zero(dimension), energy: 0.0 },
        }
    }

    /// Becomes the subtree of one state.
    fn set_single(&mut self, state: &PhasePoint, energy: f64, log_weight: f64) {
        for end in [&mut self.begin, &mut self.end] {
            end.momentum.copy_from_slice(&state.momentum);
            end.velocity.copy_from_slice(&state.velocity);
        }
        self.momentum_sum.copy_from_slice(&state.momentum);
        self.log_weight = log_weight;
        self.proposal.point.copy_from(&state.point);
        self.proposal.energy = energy;
    }

    /// Turns the orientation around.
    fn reverse(&mut self) {
        std::mem::swap(&mut self.begin, &mut self.end);
    }

    /// Appends `next`, which begins where this subtree ends; what is left of it has no meaning. Weight and proposal are
    /// the caller's business. True where neither the whole nor either half, extended by the nearest state of the
    /// other, has turned around.
    fn append(&mut self, next: &mut Self) -> bool {
        let whole_goes_on = persists(&self.momentum_sum, &next.momentum_sum, &self.begin, &next.end);
        let first_goes_on = persists(&self.momentum_sum, &next.begin.momentum, &self.begin, &next.begin);
        let second_goes_on = persists(&next.momentum_sum, &self.end.momentum, &self.end, &next.end);
        add_scaled(&mut self.momentum_sum, 1.0, &next.momentum_sum);
        std::mem::swap(&mut self.end, &mut next.end);
        whole_goes_on && first_goes_on && second_goes_on
    }
}

/// The generalised No-U-Turn criterion: both velocities point along the sum of momenta, given in two parts.
fn persists(part: &[f64], other_part: &[f64], begin: &End, end: &End) -> bool {
    let (mut along_begin, mut along_end) = (0.0, 0.0);
    let velocities = begin.velocity.iter().zip(&end.velocity);
    for ((a, b), (velocity_begin, velocity_end)) in part.iter().zip(other_part).zip(velocities) {
        let sum = a + b;
        along_begin += sum * velocity_begin;
        along_end += sum * velocity_end;
    }
    along_begin > 0.0 && along_end > 0.0
}

/// The sampler's buffers, and the position of the chain.
pub(crate) struct Nuts {
    max_treedepth: u32,
    forward: PhasePoint,
    backward: PhasePoint,
    trajectory: Subtree,
    /// One subtree for each depth seen so far: the later half of a subtree one deeper.
    later_halves: Vec<Subtree>,
}

impl Nuts {
    pub(crate) fn new(start: Point, max_treedepth: u32) -> Self {
        let dimension = start.position.len();
        let mut trajectory = Subtree::zero(dimension);
        trajectory.proposal.point = start;
        Self {
            max_treedepth,
            forward: PhasePoint::zero(dimension),
            backward: PhasePoint::zero(dimension),
            trajectory,
            later_halves: Vec::new(),
        }
    }

    /// Where the chain is.
    pub(crate) fn current(&self) -> &Point {
        &self.trajectory.proposal.point
    }

    /// Where the chain is, and a phase point that may be overwritten between two transitions.
    pub(crate) fn current_and_scratch(&mut self) -> (&Point, &mut PhasePoint) {
        (&self.trajectory.proposal.point, &mut self.forward)
    }

    /// One iteration: draws a momentum, builds a trajectory, moves to one of its states.
    ///
    /// # Errors
    /// A fatal rejection of the density; the transition is then unfinished, and the chain must not go on.
    pub(crate) fn transition<D: LogDensity, R: Rng>(
        &mut self,
        target: &mut Target<D>,
        metric: &Metric,
        step_size: f64,
        rng: &mut R,
    ) -> Result<TransitionStats, SamplerError> {
        self.forward.start(&self.trajectory.proposal.point, metric, rng);
        self.backward.copy_from(&self.forward);
        let initial_energy = self.forward.energy();
        self.trajectory.set_single(&self.forward, initial_energy, 0.0);
        let mut walk =
            Walk { target, metric, rng, step_size, initial_energy, n_leapfrog: 0, accept_sum: 0.0, divergent: false };
        let mut tree_depth = 0;
        while tree_depth < self.max_treedepth {
            let goes_on = self.double(&mut walk, tree_depth as usize)?;
            tree_depth += u32::from(goes_on != Doubling::Abandoned);
            if goes_on != Doubling::GoesOn {
                break;
            }
        }
        Ok(TransitionStats {
            accept_stat: walk.accept_sum / walk.n_leapfrog as f64,
            step_size,
            tree_depth,
            n_leapfrog: walk.n_leapfrog,
            divergent: walk.divergent,
            energy: self.trajectory.proposal.energy,
        })
    }

    /// Doubles the trajectory, of `2^depth` states, in a random direction.
    fn double<D: LogDensity, R: Rng>(
        &mut self,
        walk: &mut Walk<'_, D, R>,
        depth: usize,
    ) -> Result<Doubling, SamplerError> {
        while self.later_halves.len() <= depth {
            self.later_halves.push(Subtree::zero(self.forward.momentum.len()));
        }
        let (lower, upper) = self.later_halves.split_at_mut(depth);
        let extension = &mut upper[0];
        let forwards = walk.rng.random::<f64>() > 0.5;
        let tip = if forwards { &mut self.forward } else { &mut self.backward };
        walk.step_size = walk.step_size.copysign(if forwards { 1.0 } else { -1.0 });
        if !walk.grow(tip, lower, extension)? {
            return Ok(Doubling::Abandoned);
        }
        let (log_weight, share) = add_log_weights(self.trajectory.log_weight, extension.log_weight);
        self.trajectory.log_weight = log_weight;
        // Biased progressive sampling: the new half by its weight against the old one's, not by its share of the whole.
        if walk.accepts(share / (1.0 - share)) {
            std::mem::swap(&mut self.trajectory.proposal, &mut extension.proposal);
        }
        if !forwards {
            self.trajectory.reverse();
        }
        let goes_on = self.trajectory.append(extension);
        if !forwards {
            self.trajectory.reverse();
        }
        Ok(if goes_on { Doubling::GoesOn } else { Doubling::Complete })
    }
}

/// How a doubling ended.
#[derive(PartialEq)]
enum Doubling {
    /// The new half diverged or turned around within itself: the trajectory is as before.
    Abandoned,
    /// The trajectory has doubled, and has turned around.
    Complete,
    /// The trajectory has doubled and may do so again.
    GoesOn,
}

/// What the steps of one trajectory share.
struct Walk<'a, D, R> {
    target: &'a mut Target<D>,
    metric: &'a Metric,
    rng: &'a mut R,
    /// Negative where the walk goes back in time.
    step_size: f64,
    initial_energy: f64,
    n_leapfrog: u64,
    accept_sum: f64,
    divergent: bool,
}

impl<D: LogDensity, R: Rng> Walk<'_, D, R> {
    /// Moves `tip` by as many steps as a subtree of depth `later_halves.len()` has states, and describes them in
    /// `tree`. False where the subtree diverges or turns around: it must then not be used.
    ///
    /// The recursion is as deep as the trajectory has been doubled before: its stack is of no concern.
    fn grow(
        &mut self,
        tip: &mut PhasePoint,
        later_halves: &mut [Subtree],
        tree: &mut Subtree,
    ) -> Result<bool, SamplerError> {
        let Some((later, lower)) = later_halves.split_last_mut() else {
            return self.step(tip, tree);
        };
        if !self.grow(tip, lower, tree)? || !self.grow(tip, lower, later)? {
            return Ok(false);
        }
        // Multinomial sampling: the later half by its share of the weight.
        let (log_weight, share) = add_log_weights(tree.log_weight, later.log_weight);
        tree.log_weight = log_weight;
        if self.accepts(share) {
            std::mem::swap(&mut tree.proposal, &mut later.proposal);
        }
        Ok(tree.append(later))
    }

    /// One leapfrog step, as a subtree of one state. False where it diverges.
    fn step(&mut self, tip: &mut PhasePoint, tree: &mut Subtree) -> Result<bool, SamplerError> {
        tip.leapfrog_step(self.target, self.metric, self.step_size)?;
        self.n_leapfrog += 1;
        let energy = tip.energy();
        let log_weight = self.initial_energy - energy;
        self.accept_sum += if log_weight > 0.0 { 1.0 } else { log_weight.exp() };
        self.divergent = energy - self.initial_energy > MAX_ENERGY_ERROR;
        tree.set_single(tip, energy, log_weight);
        Ok(!self.divergent)
    }

    /// True with this probability; one above one means always.
    fn accepts(&mut self, probability: f64) -> bool {
        self.rng.random::<f64>() < probability
    }
}

#[cfg(test)]
#[path = "nuts_tests.rs"]
mod tests;
