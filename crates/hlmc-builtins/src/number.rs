//! The numbers at which the table is compiled: here, and once for all crates.
//!
//! Rows are generic over the number. Were the table instantiated where it is used, every crate and every test would
//! compile its thousand functions anew.

use hlmc_math::Real;
use num_dual::DualSVec64;

use crate::table::Row;

/// Directions that one dual number carries along. More make fewer evaluations of a density, each with more to carry; of
/// 4, 8, 12 and 16 this is the fastest on models of about a dozen parameters and no slower on larger ones.
pub const DIRECTIONS: usize = 12;

/// A number with its derivatives in [`DIRECTIONS`] directions.
pub type Dual = DualSVec64<DIRECTIONS>;

/// A number that the table exists at.
pub trait Number: Real {
    /// All rows of the table at this number; the same ones in the same order at every number.
    #[must_use]
    fn rows() -> Vec<Row<Self>>;
}

impl Number for f64 {
    fn rows() -> Vec<Row<f64>> {
        crate::rows::all()
    }
}

impl Number for Dual {
    fn rows() -> Vec<Row<Dual>> {
        crate::rows::all()
    }
}
