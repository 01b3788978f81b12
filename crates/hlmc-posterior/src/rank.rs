//! Ranks and normal scores.

use hlmc_math::special::normal::inv_phi;

/// Blom's offset: the normal scores are quantiles at `(rank - 3/8) / (n + 1/4)`. Vehtari et al. (2021), equation 14.
const BLOM_OFFSET: f64 = 0.375;

/// The normal score of a rank, from one, among `n` values.
fn normal_score(rank: f64, n: usize) -> f64 {
    inv_phi((rank - BLOM_OFFSET) / (n as f64 - 2.0 * BLOM_OFFSET + 1.0))
}

/// Replaces finite values by their normal scores; equal values share their mean rank.
pub(crate) fn rank_normalise(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<(f64, usize)> = values.iter().copied().zip(0..).collect();
    order.sort_unstable_by(|left, right| left.0.total_cmp(&right.0));
    let mut scores = vec![0.0; values.len()];
    let mut n_before = 0;
    // Zeros of either sign are equal, though ordered.
    for ties in order.chunk_by(|left, right| left.0 == right.0) {
        let mean_rank = n_before as f64 + 0.5 * (ties.len() as f64 + 1.0);
        let score = normal_score(mean_rank, values.len());
        for (_, at) in ties {
            scores[*at] = score;
        }
        n_before += ties.len();
    }
    scores
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_are_antisymmetric_and_in_order() {
        let scores = rank_normalise(&[30.0, 10.0, 20.0]);
        assert_eq!(scores[2], 0.0);
        assert!((scores[0] + scores[1]).abs() < 1e-15);
        assert!((scores[0] - inv_phi(2.625_f64 / 3.25)).abs() < 1e-15);
    }

    #[test]
    fn ties_share_their_mean_rank() {
        let scores = rank_normalise(&[1.0, 0.0, -0.0, 1.0, 2.0]);
        assert_eq!(scores[1], scores[2]);
        assert_eq!(scores[0], normal_score(3.5, 5));
        assert_eq!(scores[3], scores[0]);
    }
}
