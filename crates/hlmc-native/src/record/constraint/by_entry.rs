//! Constraints of the vectors of an array, all of them at once: a node is an entry, and its lanes are the vectors.
//!
//! So an array of a thousand vectors of three entries has as many nodes as one vector of three.

use hlmc_builtins::table::Domain;
use hlmc_check::ir::Transform;

use super::super::Recorder;
use super::super::stop::Recorded;
use crate::graph::{Binary, NodeId, Unary};

/// Vectors, and the logarithm of the Jacobian of each.
type Constrained = (Vec<NodeId>, NodeId);

impl Recorder<'_> {
    /// `n` vectors of `size` entries one after the other, from their coordinates `u` in the same order. `None` for
    /// constraints that have no such form, and where the vectors are longer than they are many.
    pub(in crate::record) fn by_entry(
        &mut self,
        transform: &Transform,
        u: NodeId,
        (n, size): (usize, usize),
    ) -> Recorded<Option<NodeId>> {
        if size < 2 || n < size {
            return Ok(None);
        }
        let u = self.entries_of(u, n);
        let (entries, jacobian) = match transform {
            Transform::Ordered => self.ordered_by_entry(&u, false),
            Transform::PositiveOrdered => self.ordered_by_entry(&u, true),
            Transform::Simplex => self.simplex_by_entry(&u),
            Transform::UnitVector => self.unit_vector_by_entry(&u)?,
            Transform::SumToZeroVector => (self.sum_to_zero_by_entry(&u), self.graph.constant(0.0)),
            _ => return Ok(None),
        };
        let jacobian = self.graph.sum_over(jacobian, n);
        self.add_term(jacobian);
        let all = self.graph.concatenate(&entries);
        Ok(Some(self.transpose(all, n)))
    }

    /// The entries of `n` vectors that stand one after the other.
    pub(in crate::record) fn entries_of(&mut self, vectors: NodeId, n: usize) -> Vec<NodeId> {
        let size = self.graph.lanes(vectors) / n;
        let entry = |k| (0..n).map(|vector| (vector * size + k) as u32).collect::<Vec<u32>>();
        (0..size).map(|k| self.graph.gather(vectors, &entry(k))).collect()
    }

    fn sum_of(&mut self, x: &[NodeId]) -> NodeId {
        let zero = self.graph.constant(0.0);
        x.iter().fold(zero, |sum, x| self.graph.binary(Binary::Add, sum, *x))
    }

    /// Running sums of `u[1], exp(u[2]), exp(u[3]), ...`; all of them exponentials if the values are positive.
    fn ordered_by_entry(&mut self, u: &[NodeId], is_positive: bool) -> Constrained {
        let (head, rest) = u.split_at(usize::from(!is_positive));
        let jacobian = self.sum_of(rest);
        let steps = rest.iter().map(|u| self.graph.unary(Unary::Exp, *u)).collect::<Vec<_>>();
        let mut sum = self.graph.constant(0.0);
        let running = head.iter().chain(&steps).map(|step| {
            sum = self.graph.binary(Binary::Add, sum, *step);
            sum
        });
        (running.collect(), jacobian)
    }

    /// Vectors of sum 0, with the pivot coordinates of `linear::constraint::SumToZero`.
    fn sum_to_zero_by_entry(&mut self, u: &[NodeId]) -> Vec<NodeId> {
        let mut sum = self.graph.constant(0.0);
        let mut z = vec![sum; u.len() + 1];
        for (index, u) in u.iter().enumerate().rev() {
            let n = (index + 1) as f64;
            let weight = self.number_times(1.0 / (n * (n + 1.0)).sqrt(), *u);
            let taken = self.number_times(n, weight);
            sum = self.graph.binary(Binary::Add, sum, weight);
            z[index] = sum;
            z[index + 1] = self.graph.binary(Binary::Subtract, z[index + 1], taken);
        }
        z
    }

    /// The softmax of vectors of sum 0, whose log Jacobian is `log(K) / 2 - K log_sum_exp`.
    fn simplex_by_entry(&mut self, u: &[NodeId]) -> Constrained {
        let z = self.sum_to_zero_by_entry(u);
        let log_total = self.log_sum_exp(&z);
        let size = z.len() as f64;
        let share = self.number_times(-size, log_total);
        let constant = self.graph.constant(0.5 * size.ln());
        let jacobian = self.graph.binary(Binary::Add, constant, share);
        let shares: Vec<NodeId> = z
            .into_iter()
            .map(|z| {
                let log = self.graph.binary(Binary::Subtract, z, log_total);
                self.graph.unary(Unary::Exp, log)
            })
            .collect();
        self.simplexes.insert(shares.clone());
        (shares, jacobian)
    }

    /// `u / |u|`, whose log Jacobian is `-|u|^2 / 2`.
    fn unit_vector_by_entry(&mut self, u: &[NodeId]) -> Recorded<Constrained> {
        let squares: Vec<NodeId> = u.iter().map(|u| self.graph.unary(Unary::Square, *u)).collect();
        let squared = self.sum_of(&squares);
        self.require(squared, Domain::PositiveFinite)?;
        let jacobian = self.number_times(-0.5, squared);
        let length = self.graph.unary(Unary::Sqrt, squared);
        let entries = u.iter().map(|u| self.graph.binary(Binary::Divide, *u, length)).collect();
        Ok((entries, jacobian))
    }
}
