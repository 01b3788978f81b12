//! The logarithm of the sum of the exponentials of several nodes, lane by lane.

use super::Recorder;
use crate::graph::{Binary, NodeId, Unary};

/// From so many nodes on an exponential each and one logarithm are less work than a pair at a time.
const MIN_TOGETHER: usize = 3;
/// The same in a scan, whose way back then has the exponentials in memory.
const MIN_TOGETHER_IN_SCANS: usize = 2;

impl Recorder<'_> {
    /// `log(sum(exp(x)))` of the nodes, which are one or more.
    pub(super) fn log_sum_exp(&mut self, x: &[NodeId]) -> NodeId {
        let min_together = if self.is_scanning() { MIN_TOGETHER_IN_SCANS } else { MIN_TOGETHER };
        if x.len() < min_together {
            let rest = x.iter().skip(1);
            return rest.fold(x[0], |total, x| self.graph.binary(Binary::LogSumExp, total, *x));
        }
        let graph = &mut self.graph;
        // The largest, but no infinity below, so that the differences are numbers or minus infinity.
        let lowest = graph.constant(f64::MIN);
        let largest = x.iter().fold(lowest, |largest, x| {
            let is_larger = graph.binary(Binary::Less, largest, *x);
            graph.select(is_larger, *x, largest)
        });
        let zero = graph.constant(0.0);
        let sum = x.iter().fold(zero, |sum, x| {
            let difference = graph.binary(Binary::Subtract, *x, largest);
            let share = graph.unary(Unary::Exp, difference);
            graph.binary(Binary::Add, sum, share)
        });
        // Where nothing is left, no derivative is infinite: a path that cannot be taken may be one among others.
        let (one, nothing) = (graph.constant(1.0), graph.constant(f64::NEG_INFINITY));
        let is_something = graph.binary(Binary::Less, zero, sum);
        let shielded = graph.select(is_something, sum, one);
        let log = graph.unary(Unary::Log, shielded);
        let total = graph.binary(Binary::Add, largest, log);
        graph.select(is_something, total, nothing)
    }
}
