//! Densities as formulas of the graph. All others run as they are in the table.

mod bounded;
mod categorical;
mod counts;
mod cumulative;
mod location_scale;
mod ordered;
mod positive;
mod regression;
mod simplex;

use hlmc_builtins::Terms;
use hlmc_builtins::table::Distribution;

use super::Recorder;
use super::formula::Formula;
use super::stop::Recorded;
use super::symbol::Symbol;
use crate::graph::NodeId;
pub(super) use cumulative::expand as expand_cumulative;

/// The log density of whole values, for distributions of a family that have a formula there.
type Family = fn(&mut Recorder<'_>, &str, &[Symbol], Terms) -> Recorded<Option<Symbol>>;

const FAMILIES: [Family; 4] = [regression::expand, categorical::expand, ordered::expand, simplex::expand];

/// The log density of whole values, for distributions that have a formula here.
pub(super) fn expand_whole(
    recorder: &mut Recorder<'_>,
    name: &str,
    arguments: &[Symbol],
    terms: Terms,
) -> Recorded<Option<Symbol>> {
    for family in FAMILIES {
        if let Some(log_density) = family(recorder, name, arguments, terms)? {
            return Ok(Some(log_density));
        }
    }
    Ok(None)
}

/// The log density at arguments that lie in their domains.
type Density = fn(&mut Formula<'_, '_>, &[NodeId], Terms) -> Recorded<NodeId>;

/// The log density at nodes, lane by lane, for distributions that have a formula here.
pub(super) fn expand(
    recorder: &mut Recorder<'_>,
    row: &Distribution<f64>,
    terms: Terms,
    x: &[NodeId],
) -> Recorded<Option<NodeId>> {
    let Some(formula) = formula_of(row.name) else { return Ok(None) };
    // Mass functions expect that integers are known, as they are in every program.
    let ints = row.arguments.iter().zip(x).filter(|(argument, _)| argument.ty == "ints");
    if ints.into_iter().any(|(_, node)| !recorder.graph.is_known(*node)) {
        return Ok(None);
    }
    for (argument, node) in row.arguments.iter().zip(x) {
        recorder.require(*node, argument.domain)?;
    }
    if terms.propto && terms.auto_arguments == 0 {
        return Ok(Some(recorder.graph.constant(0.0)));
    }
    formula(&mut Formula { recorder }, x, terms).map(Some)
}

fn formula_of(name: &str) -> Option<Density> {
    Some(match name {
        "bernoulli" => counts::bernoulli,
        "bernoulli_logit" => counts::bernoulli_logit,
        "beta" => bounded::beta,
        "beta_binomial" => counts::beta_binomial,
        "beta_proportion" => bounded::beta_proportion,
        "binomial" => counts::binomial,
        "binomial_logit" => counts::binomial_logit,
        "cauchy" => location_scale::cauchy,
        "chi_square" => positive::chi_square,
        "double_exponential" => location_scale::double_exponential,
        "exp_mod_normal" => location_scale::exp_mod_normal,
        "exponential" => positive::exponential,
        "frechet" => positive::frechet,
        "gamma" => positive::gamma,
        "gumbel" => location_scale::gumbel,
        "inv_chi_square" => positive::inv_chi_square,
        "inv_gamma" => positive::inv_gamma,
        "logistic" => location_scale::logistic,
        "loglogistic" => positive::loglogistic,
        "lognormal" => location_scale::lognormal,
        "neg_binomial" => counts::neg_binomial,
        "neg_binomial_2" => counts::neg_binomial_2,
        "neg_binomial_2_log" => counts::neg_binomial_2_log,
        "normal" => location_scale::normal,
        "pareto" => positive::pareto,
        "pareto_type_2" => positive::pareto_type_2,
        "poisson" => counts::poisson,
        "poisson_log" => counts::poisson_log,
        "rayleigh" => positive::rayleigh,
        "scaled_inv_chi_square" => positive::scaled_inv_chi_square,
        "skew_normal" => location_scale::skew_normal,
        "std_normal" => location_scale::std_normal,
        "student_t" => location_scale::student_t,
        "uniform" => bounded::uniform,
        "weibull" => positive::weibull,
        _ => return None,
    })
}
