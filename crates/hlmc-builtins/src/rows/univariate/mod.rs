//! Distributions of one variable, one file each.

mod normal;

use hlmc_math::Real;

use crate::table::Distribution;

/// The rows of this chapter.
pub(super) fn rows<A: Real>() -> Vec<Distribution<A>> {
    vec![normal::normal()]
}
