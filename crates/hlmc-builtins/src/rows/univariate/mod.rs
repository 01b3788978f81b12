//! Distributions of one variable, one file each.

mod bernoulli;
mod beta;
mod beta_binomial;
mod binomial;
pub(super) mod categorical;
mod cauchy;
mod chi_square;
mod double_exponential;
mod exp_mod_normal;
mod exponential;
mod gamma;
mod gumbel;
mod hypergeometric;
mod logistic;
mod lognormal;
mod neg_binomial;
pub(super) mod normal;
pub(super) mod ordered;
mod pareto;
mod poisson;
mod quadrature;
mod rayleigh;
mod skew_normal;
mod student_t;
mod uniform;
mod von_mises;
mod weibull;
mod yule_simon;

use hlmc_math::Real;

use crate::table::Distribution;

/// The rows of this chapter.
pub(super) fn rows<A: Real>() -> Vec<Distribution<A>> {
    vec![
        normal::normal(),
        normal::std_normal(),
        exp_mod_normal::exp_mod_normal(),
        skew_normal::skew_normal(),
        student_t::student_t(),
        cauchy::cauchy(),
        double_exponential::double_exponential(),
        double_exponential::skew_double_exponential(),
        logistic::logistic(),
        logistic::loglogistic(),
        lognormal::lognormal(),
        exponential::exponential(),
        gamma::gamma(),
        gamma::inv_gamma(),
        chi_square::chi_square(),
        chi_square::inv_chi_square(),
        chi_square::scaled_inv_chi_square(),
        weibull::weibull(),
        weibull::frechet(),
        gumbel::gumbel(),
        rayleigh::rayleigh(),
        pareto::pareto(),
        pareto::pareto_type_2(),
        beta::beta(),
        beta::beta_proportion(),
        von_mises::von_mises(),
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
        beta_binomial::beta_binomial(),
        beta_binomial::beta_neg_binomial(),
        hypergeometric::hypergeometric(),
        hypergeometric::discrete_range(),
        yule_simon::yule_simon(),
        categorical::categorical(),
        categorical::categorical_logit(),
        ordered::ordered_logistic(),
        ordered::ordered_probit(),
    ]
}
