//! What a Hamiltonian sampler recorded with its draws.

/// The records of one chain after warmup.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SamplerTrace {
    /// The number of iterations.
    pub n_draws: usize,
    /// How many of them ended in a divergence.
    pub n_divergent: usize,
    /// How many of them were stopped by the largest allowed tree depth.
    pub n_saturated: usize,
    /// The energy of each.
    pub energies: Vec<f64>,
}

impl SamplerTrace {
    /// Adds one iteration. It is saturated if its tree reached the largest allowed depth.
    pub fn push(&mut self, divergent: bool, tree_depth: u32, max_treedepth: u32, energy: f64) {
        self.n_draws += 1;
        self.n_divergent += usize::from(divergent);
        self.n_saturated += usize::from(tree_depth >= max_treedepth);
        self.energies.push(energy);
    }
}

/// The estimated Bayesian fraction of missing information of one chain: how far the energy moves in an iteration,
/// against how far it varies. NaN for energies that are fewer than two, constant or not finite.
///
/// Betancourt, "Diagnosing suboptimal cotangent disintegrations in Hamiltonian Monte Carlo", arXiv:1604.00695 (2016).
pub fn e_bfmi(energies: &[f64]) -> f64 {
    let mean = energies.iter().sum::<f64>() / energies.len() as f64;
    let moves: f64 = energies.windows(2).map(|pair| (pair[1] - pair[0]) * (pair[1] - pair[0])).sum();
    let spread: f64 = energies.iter().map(|energy| (energy - mean) * (energy - mean)).sum();
    moves / spread
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e_bfmi_by_hand() {
        // Energies 1, 3, 2, 5, 4: mean 3; moves 4 + 1 + 9 + 1; spread 4 + 0 + 1 + 4 + 1.
        assert_eq!(e_bfmi(&[1.0, 3.0, 2.0, 5.0, 4.0]), 15.0 / 10.0);
    }

    #[test]
    fn e_bfmi_without_information_is_no_number() {
        assert!(e_bfmi(&[]).is_nan());
        assert!(e_bfmi(&[1.0]).is_nan());
        assert!(e_bfmi(&[2.0, 2.0, 2.0]).is_nan());
        assert!(e_bfmi(&[1.0, f64::INFINITY, 2.0]).is_nan());
    }

    #[test]
    fn a_trace_counts() {
        let mut trace = SamplerTrace::default();
        trace.push(true, 3, 10, 1.5);
        trace.push(false, 10, 10, 2.5);
        let expected = SamplerTrace { n_draws: 2, n_divergent: 1, n_saturated: 1, energies: vec![1.5, 2.5] };
        assert_eq!(trace, expected);
    }
}
