//! Distributions of vectors and matrices, and regressions, one file each or for a close family.

mod dirichlet;
mod glm;
mod lkj_cholesky;
mod multinomial;

use hlmc_math::Real;

use crate::table::Distribution;

/// The rows of this chapter.
pub(super) fn rows<A: Real>() -> Vec<Distribution<A>> {
    let mut rows = vec![
        dirichlet::dirichlet(),
        dirichlet::dirichlet_multinomial(),
        multinomial::multinomial(),
        multinomial::multinomial_logit(),
        lkj_cholesky::lkj_corr_cholesky(),
    ];
    rows.extend(glm::rows());
    rows
}
