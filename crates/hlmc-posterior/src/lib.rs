//! Draws and what they say: split-Rhat, effective sample sizes, Monte Carlo errors, E-BFMI.
//!
//! Here: the draws of several chains ([`Draws`]), estimates and diagnostics of one variable ([`VariableDraws`]), the
//! table of all of them ([`Summary`]), and what a person should know before trusting it ([`Finding`]).
//!
//! Not here: how draws came about, files, colours, printing. All is a function of the numbers given.
//!
//! The definitions are those of Vehtari, Gelman, Simpson, Carpenter and Bürkner, "Rank-normalization, folding, and
//! localization: an improved Rhat for assessing convergence of MCMC", Bayesian Analysis 16 (2021), and of the R
//! package `posterior`. What has no value, because draws are too few, constant or not finite, is NaN, as there.

mod draws;
mod ess;
mod findings;
mod rank;
mod sampler_trace;
mod summary;
mod variable;

pub use draws::{ChainDraws, Draws, DrawsError};
pub use findings::{Finding, MAX_RHAT, MIN_E_BFMI, MIN_ESS_PER_CHAIN, findings};
pub use sampler_trace::{SamplerTrace, e_bfmi};
pub use summary::{Summary, SummaryRow};
pub use variable::VariableDraws;
