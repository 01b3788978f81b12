//! Trajectories that can be followed by hand, and the law that any transition must keep.

use hlmc_math::Rejection;
use proptest::prelude::*;
use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;

use super::*;
use crate::metric::MetricKind;

/// One coordinate, any log density, any "gradient": NUTS keeps the density whatever force moves its trajectories, as
/// long as the integrator is reversible and keeps volume, which leapfrog is with any force.
struct Forced {
    log_density: fn(f64) -> f64,
    force: fn(f64) -> f64,
}

impl LogDensity for Forced {
    fn dimension(&self) -> usize {
        1
    }

    fn log_density_gradient(&mut self, position: &[f64], gradient: &mut [f64]) -> Result<f64, Rejection> {
        gradient[0] = (self.force)(position[0]);
        Ok((self.log_density)(position[0]))
    }
}

struct Run {
    target: Target<Forced>,
    nuts: Nuts,
    metric: Metric,
    rng: Xoshiro256PlusPlus,
    step_size: f64,
}

impl Run {
    fn new(density: Forced, start: f64, step_size: f64, max_treedepth: u32, seed: u64) -> Self {
        let mut target = Target::new(density);
        let mut point = Point::zero(1);
        point.position[0] = start;
        point.log_density = target.evaluate(&point.position, &mut point.gradient).unwrap();
        Self {
            target,
            nuts: Nuts::new(point, max_treedepth),
            metric: Metric::identity(MetricKind::Diag, 1),
            rng: Xoshiro256PlusPlus::seed_from_u64(seed),
            step_size,
        }
    }

    fn transition(&mut self) -> TransitionStats {
        self.nuts.transition(&mut self.target, &self.metric, self.step_size, &mut self.rng).unwrap()
    }

    fn position(&self) -> f64 {
        self.nuts.current().position[0]
    }
}

/// The state that a transition has reached, as a number of leapfrog steps from where it began. Without a force the
/// momentum stays, and the kinetic energy (energy plus log density, here zero) says how large it was.
fn steps_moved(run: &mut Run) -> (i64, TransitionStats) {
    let before = run.position();
    let stats = run.transition();
    let momentum = (2.0 * stats.energy).sqrt();
    (((run.position() - before) / (run.step_size * momentum)).round() as i64, stats)
}

/// All weights are equal and nothing turns around: each doubling is accepted, so that the draw is uniform among the
/// states that the last doubling added, on a side that is a coin toss. Of the sides of earlier doublings, each equally
/// likely, the first of the added states is 1, 2, 3 or 4 steps away after three doublings. (The sign of the momentum
/// is another coin toss, so that only the distance is compared.)
#[test]
fn a_flat_density_gives_the_enumerated_distribution() {
    const N: usize = 40_000;
    let mut expected = [0.0; 8];
    for n_steps_there in 0..4 {
        for probability in &mut expected[n_steps_there + 1..n_steps_there + 5] {
            *probability += 0.25 * 0.25;
        }
    }
    let mut run = Run::new(Forced { log_density: |_| 0.0, force: |_| 0.0 }, 0.0, 0.1, 3, 21);
    let mut counts = [0usize; 8];
    for _ in 0..N {
        let (steps, stats) = steps_moved(&mut run);
        assert_eq!((stats.tree_depth, stats.n_leapfrog, stats.accept_stat), (3, 7, 1.0));
        counts[steps.unsigned_abs() as usize] += 1;
    }
    for (count, probability) in counts.into_iter().zip(expected) {
        let standard_error = (N as f64 * probability * (1.0 - probability)).sqrt();
        assert!((count as f64 - N as f64 * probability).abs() <= 4.0 * standard_error, "{counts:?}");
    }
}

/// A law far from the force that moves the trajectories: two humps of unequal weight, the force of a wide normal.
/// Errors in weights, in progressive sampling or in the criterion between subtrees show up here as a wrong law, which
/// a true gradient would hide.
#[test]
fn any_force_keeps_the_density() {
    const N: usize = 400_000;
    let log_density = |x: f64| {
        let hump = |centre: f64, scale: f64| (-0.5 * ((x - centre) / scale).powi(2)).exp() / scale;
        (0.3 * hump(-1.0, 0.4) + 0.7 * hump(1.0, 0.7)).ln()
    };
    let mut run = Run::new(Forced { log_density, force: |x| -0.7 * x }, 0.5, 0.6, 5, 22);
    let (mut below, mut sum, mut square) = (0.0, 0.0, 0.0);
    let mut depths = [0usize; 6];
    for _ in 0..N {
        let stats = run.transition();
        depths[stats.tree_depth as usize] += 1;
        let x = run.position();
        below += f64::from(u8::from(x < 0.0));
        sum += x;
        square += x * x;
    }
    let n = N as f64;
    // Mixture: mean -0.3 + 0.7; second moment 0.3 (1 + 0.16) + 0.7 (1 + 0.49);
    // P(x < 0) = 0.3 Phi(2.5) + 0.7 Phi(-1 / 0.7) = 0.3 * 0.993790 + 0.7 * 0.0765637.
    // Autocorrelation is mild: 1.5e-2 is some six standard errors, 4e-3 the alert.
    for (found, expected) in [(sum / n, 0.4), (square / n, 1.391), (below / n, 0.351_732)] {
        assert!((found - expected).abs() < 1.5e-2, "{found}, expected {expected}");
    }
    assert!(depths.iter().filter(|count| **count > N / 100).count() >= 2, "several depths occur: {depths:?}");
}

/// Half a period of a harmonic oscillator: with momenta that sum to nothing over a period, the trajectory ends before
/// it has gone once around.
#[test]
fn a_harmonic_trajectory_ends_within_a_period() {
    let mut run = Run::new(Forced { log_density: |x| -0.5 * x * x, force: |x| -x }, 1.0, 0.1, 10, 23);
    for _ in 0..1000 {
        let stats = run.transition();
        assert!(stats.n_leapfrog as f64 * 0.1 < 2.0 * 2.0 * std::f64::consts::PI, "{stats:?}");
        assert!(stats.accept_stat > 0.9 && !stats.divergent);
    }
}

/// A wall at one: steps across it have weight zero and are divergent, and the chain stays inside.
#[test]
fn a_divergence_ends_the_trajectory_and_is_never_drawn() {
    let log_density = |x: f64| if x.abs() < 1.0 { 0.0 } else { f64::NEG_INFINITY };
    let mut run = Run::new(Forced { log_density, force: |_| 0.0 }, 0.0, 0.5, 10, 24);
    let mut n_divergent = 0;
    for _ in 0..1000 {
        let stats = run.transition();
        n_divergent += u32::from(stats.divergent);
        assert!(run.position().abs() < 1.0);
        assert!(stats.energy.is_finite());
        // Free flight never turns around: a trajectory ends at the wall, unless its momentum is very small. The steps
        // before that are all accepted.
        let n_accepted = stats.n_leapfrog - u64::from(stats.divergent);
        assert_eq!(stats.accept_stat, n_accepted as f64 / stats.n_leapfrog as f64);
        assert!(stats.divergent || stats.tree_depth == 10);
    }
    assert!(n_divergent > 990, "{n_divergent}");
}

/// An energy error just below and just above the bound.
#[test]
fn divergence_is_an_energy_error_above_the_bound() {
    for (depth_of_drop, is_divergent) in [(-999.0, false), (-1001.0, true)] {
        let log_density: fn(f64) -> f64 = if is_divergent {
            |x| if x == 0.0 { 0.0 } else { -1001.0 }
        } else {
            |x| if x == 0.0 { 0.0 } else { -999.0 }
        };
        let mut run = Run::new(Forced { log_density, force: |_| 0.0 }, 0.0, 0.5, 2, 25);
        let stats = run.transition();
        assert_eq!(stats.divergent, is_divergent, "{depth_of_drop}");
        assert_eq!(run.position(), 0.0);
        assert_eq!(stats.tree_depth, if is_divergent { 0 } else { 2 });
    }
}

/// The ends of the trajectory stay those of the integrator, whichever way it was extended.
#[test]
fn a_trajectory_keeps_its_orientation() {
    let mut run = Run::new(Forced { log_density: |x| -0.5 * x * x, force: |x| -x }, 1.0, 0.05, 3, 26);
    let mut n_complete = 0;
    for _ in 0..100 {
        // An abandoned doubling has moved the integrator past the end of the trajectory.
        if run.transition().tree_depth == 3 {
            n_complete += 1;
            assert_eq!(run.nuts.trajectory.begin.momentum, run.nuts.backward.momentum);
            assert_eq!(run.nuts.trajectory.end.momentum, run.nuts.forward.momentum);
        }
    }
    assert!(n_complete > 50, "{n_complete}");
}

/// A subtree of states with these momenta, which are their velocities too.
fn subtree(momenta: &[[f64; 2]]) -> Subtree {
    let mut subtree = Subtree::zero(2);
    for (end, momentum) in [(&mut subtree.begin, &momenta[0]), (&mut subtree.end, &momenta[momenta.len() - 1])] {
        end.momentum.copy_from_slice(momentum);
        end.velocity.copy_from_slice(momentum);
    }
    subtree.momentum_sum.copy_from_slice(&sum(momenta));
    subtree
}

fn sum(momenta: &[[f64; 2]]) -> [f64; 2] {
    momenta.iter().fold([0.0; 2], |sum, p| [sum[0] + p[0], sum[1] + p[1]])
}

/// The criterion as the definition has it: of a stretch of states, at both ends.
fn goes_on(momenta: &[[f64; 2]]) -> bool {
    let sum = sum(momenta);
    let along = |p: &[f64; 2]| p[0] * sum[0] + p[1] * sum[1] > 0.0;
    along(&momenta[0]) && along(&momenta[momenta.len() - 1])
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2000, ..ProptestConfig::default() })]

    /// Whole numbers, so that sums are exact in any order.
    #[test]
    fn joining_asks_the_whole_and_each_half_with_its_neighbour(
        momenta in (0u32..4).prop_flat_map(|depth| prop::collection::vec([-9..10i32, -9..10i32], 2 << depth)),
    ) {
        let momenta: Vec<[f64; 2]> = momenta.into_iter().map(|p| p.map(f64::from)).collect();
        let half = momenta.len() / 2;
        let expected = goes_on(&momenta) && goes_on(&momenta[..=half]) && goes_on(&momenta[half - 1..]);
        let (mut first, mut second) = (subtree(&momenta[..half]), subtree(&momenta[half..]));
        prop_assert_eq!(first.append(&mut second), expected);
        let joined = subtree(&momenta);
        prop_assert_eq!(first.momentum_sum, joined.momentum_sum);
        prop_assert_eq!((first.begin.momentum, first.end.momentum), (joined.begin.momentum, joined.end.momentum));
    }
}
