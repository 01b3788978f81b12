//! The commands, one file each. Each gives the exit code, or the failure to report.

pub(crate) mod check;
pub(crate) mod summary;
