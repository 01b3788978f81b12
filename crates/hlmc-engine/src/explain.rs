//! What the native engine makes of a program, statement by statement: what `hlmc explain` prints.

use std::sync::Arc;

use hlmc_eval::BoundModel;
use hlmc_native::apply::Tables;
pub use hlmc_native::explain::{Explanation, LoopForm, NotRecorded, Outcome, Rewritten, Statement, Work};
use hlmc_native::rewrite::Rewrites;

/// Explains a model as it is at a position, or near the middle of the unconstrained space.
///
/// # Errors
/// Why the native engine cannot run it, and which statement is to blame.
pub fn explain(model: &BoundModel, rewrites: Rewrites, position: Option<&[f64]>) -> Result<Explanation, NotRecorded> {
    hlmc_native::explain::explain(model.program(), model.data(), &Arc::new(Tables::new()), rewrites, position)
}
