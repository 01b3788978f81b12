//! Distributions of vectors and matrices, and regressions, one file each or for a close family.

mod dirichlet;
mod gaussian_dlm;
mod glm;
mod hmm;
mod lkj;
mod matrices;
mod multi_gp;
mod multi_normal;
mod multi_student_t;
mod multinomial;
mod wishart;

use hlmc_math::Real;

use crate::table::{Distribution, Function};

/// The rows of this chapter.
pub(super) fn rows<A: Real>() -> Vec<Distribution<A>> {
    let mut rows = vec![
        dirichlet::dirichlet(),
        dirichlet::dirichlet_multinomial(),
        multinomial::multinomial(),
        multinomial::multinomial_logit(),
        multi_normal::multi_normal(),
        multi_normal::multi_normal_cholesky(),
        multi_normal::multi_normal_prec(),
        multi_student_t::multi_student_t(),
        multi_student_t::multi_student_t_cholesky(),
        multi_gp::multi_gp(),
        multi_gp::multi_gp_cholesky(),
        gaussian_dlm::gaussian_dlm_obs(),
        lkj::lkj_corr_cholesky(),
        lkj::lkj_corr(),
        lkj::lkj_cov(),
    ];
    rows.extend(wishart::rows());
    rows.extend(glm::rows());
    rows
}

/// The functions of this chapter.
pub(super) fn functions<A: Real>() -> Vec<Function<A>> {
    hmm::functions()
}
