//! Distributions of one variable, one file each.

mod bernoulli;
mod beta;
mod binomial;
pub(super) mod categorical;
mod cauchy;
mod chi_square;
mod double_exponential;
mod exponential;
mod gamma;
mod logistic;
mod lognormal;
mod neg_binomial;
pub(super) mod normal;
pub(super) mod ordered;
mod poisson;
mod student_t;
mod uniform;
mod weibull;

use hlmc_math::Real;

use crate::table::Distribution;

/// The rows of this chapter.
pub(super) fn rows<A: Real>() -> Vec<Distribution<A>> {
    vec![
        normal::normal(),
        normal::std_normal(),
        student_t::student_t(),
        cauchy::cauchy(),
        double_exponential::double_exponential(),
        logistic::logistic(),
        lognormal::lognormal(),
        exponential::exponential(),
        gamma::gamma(),
        gamma::inv_gamma(),
        chi_square::chi_square(),
        chi_square::inv_chi_square(),
        chi_square::scaled_inv_chi_square(),
        weibull::weibull(),
        weibull::frechet(),
        beta::beta(),
        uniform::uniform(),
        bernoulli::bernoulli(),
        bernoulli::bernoulli_logit(),
        binomial::binomial(),
        binomial::binomial_logit(),
        poisson::poisson(),
        poisson::poisson_log(),
        neg_binomial::neg_binomial(),
        neg_binomial::neg_binomial_2(),
        neg_binomial::neg_binomial_2_log(),
        categorical::categorical(),
        categorical::categorical_logit(),
        ordered::ordered_logistic(),
        ordered::ordered_probit(),
    ]
}
