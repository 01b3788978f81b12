//! Distribution functions as formulas of the graph, and their logarithms.

use hlmc_builtins::Part;
use hlmc_builtins::table::{Distribution, Domain};

use super::positive::minus_scaled_power;
use crate::graph::NodeId;
use crate::record::Recorder;
use crate::record::formula::Formula;
use crate::record::stop::Recorded;

/// What a distribution function is a short formula of.
#[derive(Clone, Copy)]
enum Tail {
    /// `Phi` of this.
    Normal(NodeId),
    /// `inv_logit` of this.
    Logistic(NodeId),
    /// `exp` of this.
    LogLower(NodeId),
    /// `1 - exp` of this.
    LogUpper(NodeId),
}

/// A distribution function at nodes, lane by lane, for distributions that have a formula here.
pub(in crate::record) fn expand(
    recorder: &mut Recorder<'_>,
    row: &Distribution<f64>,
    part: Part,
    x: &[NodeId],
) -> Recorded<Option<NodeId>> {
    let Some(cumulative) = row.cumulative else { return Ok(None) };
    // Ends of the support are left to the table, where they have values and derivatives of their own.
    let is_end = |x: &f64| x.is_infinite() || *x == 0.0 && cumulative.outcome != Domain::NotNan;
    if recorder.graph.known_column(x[0]).is_some_and(|column| column.iter().any(is_end)) {
        return Ok(None);
    }
    let Some(tail) = tail_of(&mut Formula { recorder }, row.name, x) else { return Ok(None) };
    let domains = std::iter::once(cumulative.outcome).chain(row.arguments[1..].iter().map(|argument| argument.domain));
    for (domain, node) in domains.zip(x) {
        recorder.require(*node, domain)?;
    }
    let f = &mut Formula { recorder };
    Ok(match (tail, part) {
        (Tail::Normal(z), Part::Cdf) => Some(f.phi(z)),
        (Tail::Normal(z), Part::Lcdf) => Some(f.log_phi(z)),
        (Tail::Normal(z), Part::Lccdf) => {
            let negated = f.negate(z);
            Some(f.log_phi(negated))
        }
        (Tail::Logistic(z), Part::Cdf) => Some(f.inv_logit(z)),
        (Tail::Logistic(z), Part::Lcdf) => Some(f.log_inv_logit(z)),
        (Tail::Logistic(z), Part::Lccdf) => Some(f.log1m_inv_logit(z)),
        (Tail::LogLower(log), Part::Cdf) => Some(f.exp(log)),
        (Tail::LogLower(log), Part::Lcdf) | (Tail::LogUpper(log), Part::Lccdf) => Some(log),
        (Tail::LogLower(log), Part::Lccdf) | (Tail::LogUpper(log), Part::Lcdf) => Some(f.log1m_exp(log)),
        (Tail::LogUpper(log), Part::Cdf) => {
            let rest = f.expm1(log);
            Some(f.negate(rest))
        }
        (_, Part::Function | Part::Density | Part::Rng) => None,
    })
}

fn tail_of(f: &mut Formula<'_, '_>, name: &str, x: &[NodeId]) -> Option<Tail> {
    Some(match (name, x) {
        ("normal", [y, mu, sigma]) => Tail::Normal(f.standardise(*y, *mu, *sigma)),
        ("std_normal", [y]) => Tail::Normal(*y),
        ("lognormal", [y, mu, sigma]) => {
            let log = f.log(*y);
            Tail::Normal(f.standardise(log, *mu, *sigma))
        }
        ("logistic", [y, mu, sigma]) => Tail::Logistic(f.standardise(*y, *mu, *sigma)),
        ("loglogistic", [y, alpha, beta]) => {
            let (log_y, log_scale) = (f.log(*y), f.log(*alpha));
            let log_ratio = f.subtract(log_y, log_scale);
            Tail::Logistic(f.multiply(*beta, log_ratio))
        }
        ("gumbel", [y, mu, beta]) => {
            let z = f.standardise(*y, *mu, *beta);
            let negated = f.negate(z);
            let exp = f.exp(negated);
            Tail::LogLower(f.negate(exp))
        }
        ("frechet", _) => Tail::LogLower(minus_scaled_power(f, x, -1.0)),
        ("weibull", _) => Tail::LogUpper(minus_scaled_power(f, x, 1.0)),
        ("exponential", [y, beta]) => {
            let product = f.multiply(*beta, *y);
            Tail::LogUpper(f.negate(product))
        }
        ("rayleigh", [y, sigma]) => {
            let z = f.divide(*y, *sigma);
            let square = f.square(z);
            Tail::LogUpper(f.times(-0.5, square))
        }
        _ => return None,
    })
}
