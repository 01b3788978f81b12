//! The table of all variables.

use crate::draws::Draws;
use crate::variable::VariableDraws;

/// What RStan's table says of one variable, and the effective sample sizes of bulk and tails.
#[derive(Clone, Debug, PartialEq)]
pub struct SummaryRow {
    /// The variable.
    pub name: String,
    /// The mean.
    pub mean: f64,
    /// The Monte Carlo standard error of the mean.
    pub se_mean: f64,
    /// The standard deviation.
    pub sd: f64,
    /// The quantiles at [`SummaryRow::PROBABILITIES`].
    pub quantiles: [f64; 5],
    /// The effective sample size of the mean.
    pub n_eff: f64,
    /// Rank-normalised split-Rhat.
    pub rhat: f64,
    /// The effective sample size in the bulk.
    pub ess_bulk: f64,
    /// The effective sample size in the tails.
    pub ess_tail: f64,
}

impl SummaryRow {
    /// The probabilities of the quantiles of the table.
    pub const PROBABILITIES: [f64; 5] = [0.025, 0.25, 0.5, 0.75, 0.975];

    /// The row of one variable.
    pub fn new(name: &str, draws: &VariableDraws<'_>) -> Self {
        let (sd, n_eff) = (draws.sd(), draws.ess_mean());
        Self {
            name: name.to_owned(),
            mean: draws.mean(),
            se_mean: sd / n_eff.sqrt(),
            sd,
            quantiles: Self::PROBABILITIES.map(|probability| draws.quantile(probability)),
            n_eff,
            rhat: draws.rhat(),
            ess_bulk: draws.ess_bulk(),
            ess_tail: draws.ess_tail(),
        }
    }
}

/// The rows of all variables, in their order.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// One row for each variable.
    pub rows: Vec<SummaryRow>,
    /// The number of chains with draws.
    pub n_chains: usize,
    /// The number of draws of each chain.
    pub n_draws: usize,
}

impl Summary {
    /// The summary of all variables.
    pub fn new(draws: &Draws) -> Self {
        let rows = draws.names().iter().enumerate();
        let rows = rows.filter_map(|(idx, name)| Some(SummaryRow::new(name, &draws.variable(idx)?))).collect();
        Self { rows, n_chains: draws.n_chains(), n_draws: draws.n_draws() }
    }

    /// The row of a variable.
    pub fn row(&self, name: &str) -> Option<&SummaryRow> {
        self.rows.iter().find(|row| row.name == name)
    }
}
