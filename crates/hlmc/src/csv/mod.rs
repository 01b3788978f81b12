//! CmdStan's CSV files: one file a chain, `#` comments around a header line and one line a draw.
//!
//! Format: CmdStan User's Guide, "Stan CSV File Format".

pub mod names;
pub mod read;
pub mod write;

/// The columns before those of the model.
pub const SAMPLER_COLUMNS: [&str; 7] =
    ["lp__", "accept_stat__", "stepsize__", "treedepth__", "n_leapfrog__", "divergent__", "energy__"];
