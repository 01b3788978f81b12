//! The commands, one file each. Each gives the exit code, or the failure to report.

pub(crate) mod bench;
mod chain_listener;
pub(crate) mod check;
pub(crate) mod explain;
pub(crate) mod log_prob;
mod output;
pub(crate) mod run;
mod run_report;
pub(crate) mod summary;
mod timing;
