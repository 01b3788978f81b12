//! Log densities and gradients as a person would write them for speed: one pass, no allocation, what is shared by all
//! rows taken out of the loop. They are the yardsticks of the engine, and compute what it computes.

use crate::data::Seedlings;

/// The seedling model. The position is `gamma[1..2]`, `tau[1..n_trays]`, `log(sigma_e)`, `log(sigma_tau)`.
pub fn seedlings(data: &Seedlings, position: &[f64], gradient: &mut [f64]) -> f64 {
    let n_trays = data.n_trays;
    let (gamma, tau) = (&position[..2], &position[2..2 + n_trays]);
    let (sigma_e, sigma_tau) = (position[2 + n_trays].exp(), position[3 + n_trays].exp());
    gradient.fill(0.0);
    // Sums of residuals by genotype and by tray, and of their squares.
    let (of_gamma, rest) = gradient.split_at_mut(2);
    let of_tau = &mut rest[..n_trays];
    let mut squares = 0.0;
    for ((genotype, tray), y) in data.genotype.iter().zip(&data.tray).zip(&data.y) {
        let (genotype, tray) = (*genotype as usize, *tray as usize);
        let residual = y - (gamma[genotype] + tau[tray]);
        of_gamma[genotype] += residual;
        of_tau[tray] += residual;
        squares += residual * residual;
    }
    let (precision_e, precision_tau) = (1.0 / (sigma_e * sigma_e), 1.0 / (sigma_tau * sigma_tau));
    of_gamma.iter_mut().for_each(|sum| *sum *= precision_e);
    let mut tau_squares = 0.0;
    for (slot, tau) in of_tau.iter_mut().zip(tau) {
        *slot = *slot * precision_e - tau * precision_tau;
        tau_squares += tau * tau;
    }
    let (n, m) = (data.y.len() as f64, n_trays as f64);
    let cauchy = |sigma: f64| -(sigma * sigma).ln_1p();
    // sigma times the slope of the half-Cauchy, in log(sigma).
    let cauchy_slope = |sigma: f64| -2.0 * sigma * sigma / (1.0 + sigma * sigma);
    gradient[2 + n_trays] = squares * precision_e - n + cauchy_slope(sigma_e) + 1.0;
    gradient[3 + n_trays] = tau_squares * precision_tau - m + cauchy_slope(sigma_tau) + 1.0;
    let (log_e, log_tau) = (position[2 + n_trays], position[3 + n_trays]);
    cauchy(sigma_e) + cauchy(sigma_tau) + log_e + log_tau
        - 0.5 * squares * precision_e
        - n * log_e
        - 0.5 * tau_squares * precision_tau
        - m * log_tau
}

/// The model of `garch11.stan`, with room for its variances and their adjoints.
pub struct Garch {
    y: Vec<f64>,
    sigma_first: f64,
    variances: Vec<f64>,
}

impl Garch {
    /// The model of a series.
    #[must_use]
    pub fn new(y: Vec<f64>, sigma_first: f64) -> Garch {
        Garch { variances: vec![0.0; y.len()], y, sigma_first }
    }

    /// The position is `mu`, `log(omega)`, and the log odds of `alpha` and of `beta / (1 - alpha)`.
    pub fn log_density_gradient(&mut self, position: &[f64], gradient: &mut [f64]) -> f64 {
        let inv_logit = |x: f64| 1.0 / (1.0 + (-x).exp());
        let (mu, omega) = (position[0], position[1].exp());
        let (alpha, part) = (inv_logit(position[2]), inv_logit(position[3]));
        let (rest, beta) = (1.0 - alpha, (1.0 - alpha) * part);
        let mut variance = self.sigma_first * self.sigma_first;
        let mut value = 0.0;
        for (slot, y) in self.variances.iter_mut().zip(&self.y) {
            let residual = y - mu;
            *slot = variance;
            value -= 0.5 * (variance.ln() + residual * residual / variance);
            variance = omega + alpha * residual * residual + beta * variance;
        }
        let [mut of_mu, mut of_omega, mut of_alpha, mut of_beta, mut adjoint] = [0.0; 5];
        // `adjoint` is that of the next variance, which this turn's residual and variance enter.
        for (variance, y) in self.variances.iter().zip(&self.y).rev() {
            let residual = y - mu;
            let scaled = residual / variance;
            of_mu += scaled - 2.0 * adjoint * alpha * residual;
            of_omega += adjoint;
            of_alpha += adjoint * residual * residual;
            of_beta += adjoint * variance;
            adjoint = adjoint * beta + 0.5 * (scaled * scaled - 1.0 / variance);
        }
        gradient[0] = of_mu;
        gradient[1] = of_omega * omega + 1.0;
        // Jacobians: log alpha + log(1 - alpha), and log(1 - alpha) + log part + log(1 - part).
        let of_alpha = of_alpha - of_beta * part - 1.0 / rest;
        gradient[2] = of_alpha * alpha * rest + 1.0 - 2.0 * alpha;
        gradient[3] = of_beta * rest * part * (1.0 - part) + 1.0 - 2.0 * part;
        value + position[1] + alpha.ln() + 2.0 * rest.ln() + part.ln() + (1.0 - part).ln()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data;
    use crate::model::Gradient;

    fn agree(engine: &mut Gradient, by_hand: impl Fn(&[f64], &mut [f64]) -> f64) {
        let value = engine.run();
        let mut gradient = vec![0.0; engine.point().len()];
        let expected = by_hand(engine.point(), &mut gradient);
        assert!((value - expected).abs() < 1e-10 * expected.abs(), "{value} {expected}");
        for (a, b) in engine.last().iter().zip(&gradient) {
            assert!((a - b).abs() < 1e-10 * b.abs().max(1.0), "{a} {b}");
        }
    }

    #[test]
    fn seedlings_by_hand_are_those_of_the_engine() {
        let seedlings = Seedlings::simulated(200, 10);
        let texts = [include_str!("models/seedlings_loop.stan"), include_str!("models/seedlings_vectorised.stan")];
        for text in texts {
            let mut engine = Gradient::new(text, &seedlings.json(), "").unwrap();
            agree(&mut engine, |position, gradient| super::seedlings(&seedlings, position, gradient));
        }
    }

    #[test]
    fn garch_by_hand_is_that_of_the_engine() {
        let y = data::garch(100);
        let mut engine = Gradient::new(include_str!("models/garch11.stan"), &data::series(&y), "").unwrap();
        agree(&mut engine, |position, gradient| Garch::new(y.clone(), 0.5).log_density_gradient(position, gradient));
    }
}
