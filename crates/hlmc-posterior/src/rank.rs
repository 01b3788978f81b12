//! Ranks and normal scores.

use hlmc_math::special::normal::inv_phi;

/// Blom's offset: the normal scores are quantiles at `(rank - 3/8) / (n + 1/4)`. Vehtari et al. (2021), equation 14.
const BLOM_OFFSET: f64 = 0.375;

/// Finite values in ascending order, each with its place in the original sequence.
#[derive(Clone, Debug)]
pub(crate) struct Order(Vec<(f64, usize)>);

impl Order {
    pub(crate) fn new(values: &[f64]) -> Self {
        let mut order: Vec<(f64, usize)> = values.iter().copied().zip(0..).collect();
        order.sort_unstable_by(|left, right| left.0.total_cmp(&right.0));
        Self(order)
    }

    /// The values in ascending order.
    pub(crate) fn sorted_values(&self) -> Vec<f64> {
        self.0.iter().map(|(value, _)| *value).collect()
    }

    /// The order of the values' distances from `point`: those above it and those below it are each in order already.
    pub(crate) fn folded(&self, point: f64) -> Self {
        let (below, above) = self.0.split_at(self.0.partition_point(|(value, _)| *value < point));
        let mut below = below.iter().rev().map(|(value, at)| (point - value, *at)).peekable();
        let mut above = above.iter().map(|(value, at)| (value - point, *at)).peekable();
        let nearer = || match (below.peek(), above.peek()) {
            (Some(left), Some(right)) if left.0 < right.0 => below.next(),
            (_, Some(_)) => above.next(),
            _ => below.next(),
        };
        Self(std::iter::from_fn(nearer).collect())
    }

    /// The normal scores, in the original sequence; equal values share that of their mean rank.
    pub(crate) fn normal_scores(&self) -> Vec<f64> {
        let mut scores = vec![0.0; self.0.len()];
        let mut n_before = 0;
        // Zeros of either sign are equal, though ordered.
        for ties in self.0.chunk_by(|left, right| left.0 == right.0) {
            let mean_rank = n_before as f64 + 0.5 * (ties.len() as f64 + 1.0);
            let score = normal_score(mean_rank, scores.len());
            for (_, at) in ties {
                scores[*at] = score;
            }
            n_before += ties.len();
        }
        scores
    }
}

/// The normal score of a rank, from one, among `n` values.
fn normal_score(rank: f64, n: usize) -> f64 {
    inv_phi((rank - BLOM_OFFSET) / (n as f64 - 2.0 * BLOM_OFFSET + 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn scores_are_antisymmetric_and_in_order() {
        let scores = Order::new(&[30.0, 10.0, 20.0]).normal_scores();
        assert_eq!(scores[2], 0.0);
        assert!((scores[0] + scores[1]).abs() < 1e-15);
        assert!((scores[0] - inv_phi(2.625_f64 / 3.25)).abs() < 1e-15);
    }

    #[test]
    fn ties_share_their_mean_rank() {
        let scores = Order::new(&[1.0, 0.0, -0.0, 1.0, 2.0]).normal_scores();
        assert_eq!(scores[1], scores[2]);
        assert_eq!(scores[0], normal_score(3.5, 5));
        assert_eq!(scores[3], scores[0]);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn folding_an_order_is_ordering_the_folded(
            values in prop::collection::vec(-4..4i32, 0..20), point in -5..5i32,
        ) {
            let values: Vec<f64> = values.into_iter().map(|value| 0.5 * f64::from(value)).collect();
            let point = f64::from(point);
            let folded: Vec<f64> = values.iter().map(|value| (value - point).abs()).collect();
            let found = Order::new(&values).folded(point);
            prop_assert_eq!(found.sorted_values(), Order::new(&folded).sorted_values());
            prop_assert_eq!(found.normal_scores(), Order::new(&folded).normal_scores());
        }
    }
}
