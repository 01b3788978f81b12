//! Mass functions of integers, which are known when the program is recorded.

use hlmc_builtins::Terms;
use hlmc_builtins::table::Domain;
use hlmc_math::special;

use crate::graph::NodeId;
use crate::record::formula::Formula;
use crate::record::stop::Recorded;

/// `log(theta)` of 1 and `log(1 - theta)` of 0
pub(super) fn bernoulli(f: &mut Formula<'_, '_>, x: &[NodeId], terms: Terms) -> Recorded<NodeId> {
    let [y, theta] = [x[0], x[1]];
    if !terms.keep(&[1]) {
        return Ok(f.number(0.0));
    }
    if let Some(log_odds) = f.log_odds_of(theta) {
        return bernoulli_logit(f, &[y, log_odds], terms);
    }
    let failures = f.one_minus(y);
    if f.lanes(theta) == 1 {
        return Ok(trials(f, y, failures, theta));
    }
    // The logarithm of (1 - y) + (2 y - 1) theta: one a row. What 1 - theta rounds off is far below one in the last
    // place of the sum.
    let doubled = f.times(2.0, y);
    let sign = f.plus(doubled, -1.0);
    let signed = f.multiply(sign, theta);
    let probability = f.add(failures, signed);
    Ok(f.log(probability))
}

/// `successes log(theta) + failures log(1 - theta)`, without the terms of which there are none.
fn trials(f: &mut Formula<'_, '_>, successes: NodeId, failures: NodeId, theta: NodeId) -> NodeId {
    let (log, log_rest) = (f.log(theta), f.log1m(theta));
    let (first, second) = (f.power_log(successes, log), f.power_log(failures, log_rest));
    f.add(first, second)
}

/// `-log(1 + exp(-s alpha))` with `s` 1 for an outcome of 1 and -1 for 0
pub(super) fn bernoulli_logit(f: &mut Formula<'_, '_>, x: &[NodeId], terms: Terms) -> Recorded<NodeId> {
    if !terms.keep(&[1]) {
        return Ok(f.number(0.0));
    }
    // -s = 1 - 2 y
    let doubled = f.times(2.0, x[0]);
    let sign = f.one_minus(doubled);
    let signed = f.multiply(sign, x[1]);
    Ok(f.log1m_inv_logit(signed))
}

/// `n log(theta) + (N - n) log(1 - theta) + log(N choose n)`
pub(super) fn binomial(f: &mut Formula<'_, '_>, x: &[NodeId], terms: Terms) -> Recorded<NodeId> {
    let [n, size, theta] = [x[0], x[1], x[2]];
    if let Some(log_odds) = f.log_odds_of(theta) {
        return binomial_logit(f, &[n, size, log_odds], terms);
    }
    let failures = f.subtract(size, n);
    f.require(n, Domain::NonNegative)?;
    f.require(failures, Domain::NonNegative)?;
    let kernel = trials(f, n, failures, theta);
    Ok(with_arrangements(f, kernel, n, size, terms))
}

/// `n log(inv_logit(alpha)) + (N - n) log(1 - inv_logit(alpha)) + log(N choose n)`
pub(super) fn binomial_logit(f: &mut Formula<'_, '_>, x: &[NodeId], terms: Terms) -> Recorded<NodeId> {
    let [n, size, alpha] = [x[0], x[1], x[2]];
    let failures = f.subtract(size, n);
    f.require(n, Domain::NonNegative)?;
    f.require(failures, Domain::NonNegative)?;
    // With the rarer outcome counted there is one softplus a row, and no cancellation in either tail:
    // k beta - N log(1 + exp(beta)), where beta is the log odds of the rarer outcome and k its count.
    let rarer = f.known_binary(n, failures, f64::min);
    let sign = f.known_binary(n, failures, |n, failures| if n > failures { -1.0 } else { 1.0 });
    let (Some(rarer), Some(sign)) = (rarer, sign) else { return Ok(f.number(f64::NAN)) };
    let log_odds = f.multiply(sign, alpha);
    let linear = f.power_log(rarer, log_odds);
    let softplus = f.log1p_exp(log_odds);
    let total = f.power_log(size, softplus);
    let kernel = f.subtract(linear, total);
    Ok(with_arrangements(f, kernel, n, size, terms))
}

fn with_arrangements(f: &mut Formula<'_, '_>, kernel: NodeId, n: NodeId, size: NodeId, terms: Terms) -> NodeId {
    match terms.keep(&[]).then(|| f.known_binary(size, n, special::lchoose::<f64>)).flatten() {
        Some(arrangements) => f.add(kernel, arrangements),
        None => kernel,
    }
}

/// `n log(lambda) - lambda - log(n!)`
pub(super) fn poisson(f: &mut Formula<'_, '_>, x: &[NodeId], terms: Terms) -> Recorded<NodeId> {
    let [n, lambda] = [x[0], x[1]];
    let log = f.log(lambda);
    let product = f.power_log(n, log);
    let kernel = f.subtract(product, lambda);
    Ok(less_log_factorial(f, kernel, n, terms))
}

/// `n alpha - exp(alpha) - log(n!)`
pub(super) fn poisson_log(f: &mut Formula<'_, '_>, x: &[NodeId], terms: Terms) -> Recorded<NodeId> {
    let [n, alpha] = [x[0], x[1]];
    let (product, rate) = (f.power_log(n, alpha), f.exp(alpha));
    let kernel = f.subtract(product, rate);
    Ok(less_log_factorial(f, kernel, n, terms))
}

fn less_log_factorial(f: &mut Formula<'_, '_>, kernel: NodeId, n: NodeId, terms: Terms) -> NodeId {
    if !terms.keep(&[]) {
        return kernel;
    }
    let log_factorial = log_factorial(f, n);
    f.subtract(kernel, log_factorial)
}

fn log_factorial(f: &mut Formula<'_, '_>, n: NodeId) -> NodeId {
    let next = f.plus(n, 1.0);
    f.lgamma(next)
}

/// `-alpha log(1 + 1 / beta) - n log(1 + beta) + log(n + alpha - 1 choose n)`
pub(super) fn neg_binomial(f: &mut Formula<'_, '_>, x: &[NodeId], terms: Terms) -> Recorded<NodeId> {
    let [n, alpha, beta] = [x[0], x[1], x[2]];
    let inverse = f.inv(beta);
    let (log_odds, log_rest) = (f.log1p(inverse), f.log1p(beta));
    let (none, counted) = (f.multiply(alpha, log_odds), f.multiply(n, log_rest));
    let sum = f.add(none, counted);
    let kernel = f.negate(sum);
    Ok(with_failures(f, kernel, n, alpha, terms.keep(&[1])))
}

/// `-(phi + n) log(1 + mu / phi) + n log(mu) - n log(phi) + log(n + phi - 1 choose n)`
pub(super) fn neg_binomial_2(f: &mut Formula<'_, '_>, x: &[NodeId], terms: Terms) -> Recorded<NodeId> {
    let [n, mu, phi] = [x[0], x[1], x[2]];
    let (log_mu, log_phi) = (f.log(mu), f.log(phi));
    let ratio = f.divide(mu, phi);
    let log1p = f.log1p(ratio);
    let count = f.add(phi, n);
    let weighted = f.multiply(count, log1p);
    let scaled = f.power_log(n, log_phi);
    let sum = f.add(weighted, scaled);
    let mut kernel = f.negate(sum);
    if terms.keep(&[1]) {
        let product = f.power_log(n, log_mu);
        kernel = f.add(kernel, product);
    }
    Ok(with_failures(f, kernel, n, phi, terms.keep(&[2])))
}

/// The same with `eta` for `log(mu)`.
pub(super) fn neg_binomial_2_log(f: &mut Formula<'_, '_>, x: &[NodeId], terms: Terms) -> Recorded<NodeId> {
    let [n, eta, phi] = [x[0], x[1], x[2]];
    let log_phi = f.log(phi);
    let shifted = f.subtract(eta, log_phi);
    let softplus = f.log1p_exp(shifted);
    let count = f.add(phi, n);
    let weighted = f.multiply(count, softplus);
    let scaled = f.power_log(n, log_phi);
    let sum = f.add(weighted, scaled);
    let mut kernel = f.negate(sum);
    if terms.keep(&[1]) {
        let product = f.power_log(n, eta);
        kernel = f.add(kernel, product);
    }
    Ok(with_failures(f, kernel, n, phi, terms.keep(&[2])))
}

/// Adds `log(n + shape - 1 choose n)`, if it is kept.
fn with_failures(f: &mut Formula<'_, '_>, kernel: NodeId, n: NodeId, shape: NodeId, is_kept: bool) -> NodeId {
    if !is_kept {
        return kernel;
    }
    let log_factorial = log_factorial(f, n);
    let rising = rising(f, shape, n);
    let arrangements = f.subtract(rising, log_factorial);
    f.add(kernel, arrangements)
}

/// `lgamma(x + n) - lgamma(x)`, for a shared `x` once for each `n` that occurs.
fn rising(f: &mut Formula<'_, '_>, x: NodeId, n: NodeId) -> NodeId {
    let is_shared = f.lanes(x) == 1;
    f.by_distinct(n, is_shared, |f, n| f.lgamma_difference(x, n))
}

/// The mass of a binomial variable whose probability is a beta variable: with `m = N - n` failures,
/// `B(alpha + n, beta + m) / B(alpha, beta)` in rising factorials.
pub(super) fn beta_binomial(f: &mut Formula<'_, '_>, x: &[NodeId], terms: Terms) -> Recorded<NodeId> {
    let [n, size, alpha, beta] = [x[0], x[1], x[2], x[3]];
    let failures = f.subtract(size, n);
    f.require(n, Domain::NonNegative)?;
    f.require(failures, Domain::NonNegative)?;
    if !terms.keep(&[2, 3]) {
        return Ok(f.number(0.0));
    }
    let both = f.add(alpha, beta);
    let (first, second, total) = (rising(f, alpha, n), rising(f, beta, failures), rising(f, both, size));
    let product = f.add(first, second);
    let kernel = f.subtract(product, total);
    Ok(with_arrangements(f, kernel, n, size, terms))
}
