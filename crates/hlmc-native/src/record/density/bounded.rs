//! Densities on an interval.

use hlmc_builtins::Terms;
use hlmc_builtins::table::Domain;

use crate::graph::NodeId;
use crate::record::formula::Formula;
use crate::record::stop::Recorded;

/// `(alpha - 1) log(y) + (beta - 1) log(1 - y) + lgamma(alpha + beta) - lgamma(alpha) - lgamma(beta)`
pub(super) fn beta(f: &mut Formula<'_, '_>, x: &[NodeId], terms: Terms) -> Recorded<NodeId> {
    let [y, alpha, beta] = [x[0], x[1], x[2]];
    let mut density = f.number(0.0);
    for (at, shape) in [(1, alpha), (2, beta)] {
        if terms.keep(&[at]) {
            let lgamma = f.lgamma(shape);
            density = f.subtract(density, lgamma);
        }
    }
    if terms.keep(&[1, 2]) {
        let total = f.add(alpha, beta);
        let lgamma = f.lgamma(total);
        density = f.add(density, lgamma);
    }
    if terms.keep(&[0, 1]) {
        let (power, log) = (f.plus(alpha, -1.0), f.log(y));
        let term = f.power_log(power, log);
        density = f.add(density, term);
    }
    if terms.keep(&[0, 2]) {
        let (power, log) = (f.plus(beta, -1.0), f.log1m(y));
        let term = f.power_log(power, log);
        density = f.add(density, term);
    }
    Ok(density)
}

/// The beta density with shapes `mu kappa` and `(1 - mu) kappa`.
pub(super) fn beta_proportion(f: &mut Formula<'_, '_>, x: &[NodeId], terms: Terms) -> Recorded<NodeId> {
    let [y, mu, kappa] = [x[0], x[1], x[2]];
    let rest = f.one_minus(mu);
    f.require(mu, Domain::Positive)?;
    f.require(rest, Domain::Positive)?;
    let (alpha, beta) = (f.multiply(mu, kappa), f.multiply(rest, kappa));
    let (power, log) = (f.plus(alpha, -1.0), f.log(y));
    let first = f.power_log(power, log);
    let (power, log) = (f.plus(beta, -1.0), f.log1m(y));
    let second = f.power_log(power, log);
    let mut density = f.add(first, second);
    if terms.keep(&[2]) {
        let lgamma = f.lgamma(kappa);
        density = f.add(density, lgamma);
    }
    if terms.keep(&[1, 2]) {
        let (a, b) = (f.lgamma(alpha), f.lgamma(beta));
        let both = f.add(a, b);
        density = f.subtract(density, both);
    }
    Ok(density)
}

/// `-log(beta - alpha)` between `alpha` and `beta`
pub(super) fn uniform(f: &mut Formula<'_, '_>, x: &[NodeId], terms: Terms) -> Recorded<NodeId> {
    let [y, alpha, beta] = [x[0], x[1], x[2]];
    let width = f.subtract(beta, alpha);
    f.require(width, Domain::Positive)?;
    for inside in [f.subtract(y, alpha), f.subtract(beta, y)] {
        f.require(inside, Domain::NonNegative)?;
    }
    if !terms.keep(&[1, 2]) {
        return Ok(f.number(0.0));
    }
    let log = f.log(width);
    Ok(f.negate(log))
}
