//! What a person should know before trusting a summary: as data, with words for each.

use std::fmt;

use crate::sampler_trace::{SamplerTrace, e_bfmi};
use crate::summary::{Summary, SummaryRow};

/// Chains with an E-BFMI below this explore the energy badly. Betancourt (2016), section 4; CmdStan's `diagnose`.
pub const MIN_E_BFMI: f64 = 0.3;

/// Variables with an Rhat above this have not converged well enough. Vehtari et al. (2021), section 4.
pub const MAX_RHAT: f64 = 1.01;

/// Below this many effective draws for each chain, the diagnostics themselves are unreliable. Vehtari et al. (2021),
/// section 4: 400 for four chains.
pub const MIN_ESS_PER_CHAIN: f64 = 100.0;

/// One reason to doubt the draws.
#[derive(Clone, Debug, PartialEq)]
pub enum Finding {
    /// Trajectories left the region in which the integrator can follow the density.
    Divergences {
        /// How many draws ended in a divergence.
        n_divergent: usize,
        /// The number of draws.
        n_draws: usize,
    },
    /// Trajectories were cut off by the largest allowed tree depth.
    SaturatedTreedepth {
        /// How many draws were.
        n_saturated: usize,
        /// The number of draws.
        n_draws: usize,
    },
    /// The energy varies much more than one iteration can change it.
    LowEBfmi {
        /// The chains, from one, and the E-BFMI of each.
        chains: Vec<(usize, f64)>,
    },
    /// Chains, or halves of them, disagree.
    HighRhat {
        /// The variables and the Rhat of each, the worst first.
        variables: Vec<(String, f64)>,
    },
    /// The bulk of some variables was explored by too few effective draws.
    LowBulkEss {
        /// The variables and their effective sample sizes, the worst first.
        variables: Vec<(String, f64)>,
        /// The number of effective draws wanted of all chains together.
        wanted: f64,
    },
    /// The tails of some variables were explored by too few effective draws.
    LowTailEss {
        /// The variables and their effective sample sizes, the worst first.
        variables: Vec<(String, f64)>,
        /// The number of effective draws wanted of all chains together.
        wanted: f64,
    },
}

/// All that is to be said against the draws, the most serious first; empty if nothing is.
pub fn findings(summary: &Summary, traces: &[SamplerTrace]) -> Vec<Finding> {
    let n_draws = traces.iter().map(|trace| trace.n_draws).sum();
    let n_divergent: usize = traces.iter().map(|trace| trace.n_divergent).sum();
    let n_saturated: usize = traces.iter().map(|trace| trace.n_saturated).sum();
    let e_bfmis = traces.iter().enumerate().map(|(chain_idx, trace)| (chain_idx + 1, e_bfmi(&trace.energies)));
    let chains: Vec<_> = e_bfmis.filter(|(_, value)| *value < MIN_E_BFMI).collect();
    let high_rhat = variables(summary, |row| row.rhat, |rhat| rhat > MAX_RHAT, |value| -value);
    let wanted = MIN_ESS_PER_CHAIN * summary.n_chains as f64;
    let low_bulk = variables(summary, |row| row.ess_bulk, |ess| ess < wanted, |value| value);
    let low_tail = variables(summary, |row| row.ess_tail, |ess| ess < wanted, |value| value);
    let findings = [
        (n_divergent > 0).then_some(Finding::Divergences { n_divergent, n_draws }),
        (!high_rhat.is_empty()).then_some(Finding::HighRhat { variables: high_rhat }),
        (!low_bulk.is_empty()).then_some(Finding::LowBulkEss { variables: low_bulk, wanted }),
        (!low_tail.is_empty()).then_some(Finding::LowTailEss { variables: low_tail, wanted }),
        (!chains.is_empty()).then_some(Finding::LowEBfmi { chains }),
        (n_saturated > 0).then_some(Finding::SaturatedTreedepth { n_saturated, n_draws }),
    ];
    findings.into_iter().flatten().collect()
}

/// The variables with a bad value, the worst (smallest badness key) first. Values that are not a number are no finding:
/// a constant has no diagnostics.
fn variables(
    summary: &Summary,
    value: impl Fn(&SummaryRow) -> f64,
    is_bad: impl Fn(f64) -> bool,
    key: impl Fn(f64) -> f64,
) -> Vec<(String, f64)> {
    let bad = summary.rows.iter().map(|row| (row, value(row))).filter(|(_, value)| is_bad(*value));
    let mut bad: Vec<(String, f64)> = bad.map(|(row, value)| (row.name.clone(), value)).collect();
    bad.sort_by(|left, right| key(left.1).total_cmp(&key(right.1)));
    bad
}

impl Finding {
    /// What it means.
    pub fn explanation(&self) -> &'static str {
        match self {
            Self::Divergences { .. } => {
                "In regions of high curvature the integrator could not follow the density, so the draws may miss part \
                 of the posterior: estimates can be biased, however large the effective sample sizes are."
            }
            Self::SaturatedTreedepth { .. } => {
                "These trajectories could have gone on. The draws are valid, but each is closer to the one before than \
                 it might have been: a matter of efficiency."
            }
            Self::LowEBfmi { .. } => {
                "The energy varies much more than one iteration can change it, as with heavy tails: the tails are \
                 explored slowly."
            }
            Self::HighRhat { .. } => {
                "The chains, or the two halves of a chain, disagree about these variables: they have not reached, or \
                 not yet explored, one common distribution."
            }
            Self::LowBulkEss { .. } => {
                "There are too few effective draws for means and medians of these variables to be reliable, and for \
                 Rhat to notice a problem."
            }
            Self::LowTailEss { .. } => {
                "There are too few effective draws for the 5% and 95% quantiles of these variables, hence for their \
                 intervals, to be reliable."
            }
        }
    }

    /// What to try.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Divergences { .. } => {
                "Raise --adapt-delta (0.95, 0.99). If divergences stay, reparameterise: the non-centred form of a \
                 hierarchy, or priors that keep scales away from zero."
            }
            Self::SaturatedTreedepth { .. } => {
                "Raise --max-treedepth; or look for strong correlations (--metric dense) and parameters of very \
                 different scales."
            }
            Self::LowEBfmi { .. } => {
                "Run longer, and reparameterise: heavy tails and the scales of a hierarchy are the usual causes."
            }
            Self::HighRhat { .. } => {
                "Run longer (--warmup, --draws), and do not use these draws. If it stays, compare the chains: several \
                 modes, or parameters that the data do not tell apart."
            }
            Self::LowBulkEss { .. } | Self::LowTailEss { .. } => {
                "Run longer (--draws). If the effective size grows little, reparameterise, or give stronger priors."
            }
        }
    }
}

impl fmt::Display for Finding {
    /// One line: what was found.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Divergences { n_divergent, n_draws } => {
                write!(
                    f,
                    "{n_divergent} of {n_draws} draws ended in a divergence ({})",
                    percent(*n_divergent, *n_draws)
                )
            }
            Self::SaturatedTreedepth { n_saturated, n_draws } => {
                let percent = percent(*n_saturated, *n_draws);
                write!(f, "{n_saturated} of {n_draws} draws reached the largest tree depth ({percent})")
            }
            Self::LowEBfmi { chains } => {
                write!(f, "E-BFMI is below {MIN_E_BFMI} in ")?;
                list(f, chains, |f, (chain, value)| write!(f, "chain {chain} ({value:.2})"))
            }
            Self::HighRhat { variables } => {
                write!(f, "Rhat is above {MAX_RHAT} for ")?;
                list(f, variables, |f, (name, value)| write!(f, "{name} ({value:.3})"))
            }
            Self::LowBulkEss { variables, wanted } => {
                write!(f, "the bulk effective sample size is below {wanted} for ")?;
                list(f, variables, |f, (name, value)| write!(f, "{name} ({value:.0})"))
            }
            Self::LowTailEss { variables, wanted } => {
                write!(f, "the tail effective sample size is below {wanted} for ")?;
                list(f, variables, |f, (name, value)| write!(f, "{name} ({value:.0})"))
            }
        }
    }
}

/// How many variables or chains are named; the rest is counted.
const MAX_NAMED: usize = 5;

fn list<T>(
    f: &mut fmt::Formatter<'_>,
    items: &[T],
    write_item: impl Fn(&mut fmt::Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    for (i, item) in items.iter().take(MAX_NAMED).enumerate() {
        f.write_str(if i > 0 { ", " } else { "" })?;
        write_item(f, item)?;
    }
    match items.len().saturating_sub(MAX_NAMED) {
        0 => Ok(()),
        n_more => write!(f, " and {n_more} more"),
    }
}

fn percent(part: usize, whole: usize) -> String {
    format!("{:.1}%", 100.0 * part as f64 / whole as f64)
}
