//! Engines: log density and gradient of a bound model on the unconstrained space.
//!
//! | module | what is there |
//! | --- | --- |
//! | [`dual`] | forward mode with dual numbers, in chunks of directions |
//! | [`explain`] | what became of each statement: what `hlmc explain` prints |
//! | [`kind`] | the engines by name |
//! | [`native`] | the recorded graph, with forward mode behind it |
//! | [`log_prob`] | everything about one point: what `hlmc log-prob` prints |

pub mod dual;
pub mod explain;
pub mod kind;
pub mod log_prob;
pub mod native;

pub use dual::Dual;
pub use hlmc_native::rewrite::{REWRITES, Rewrites, UnknownRewrite};
pub use kind::{Engine, EngineKind, Prepared, UnknownEngine, engines};
pub use log_prob::{LogProb, PointReport};
