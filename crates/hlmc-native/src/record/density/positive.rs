//! Densities of positive numbers.

use std::f64::consts::LN_2;

use hlmc_builtins::Terms;
use hlmc_builtins::table::Domain;

use crate::graph::NodeId;
use crate::record::formula::Formula;
use crate::record::stop::Recorded;

/// `log(beta) - beta y`
pub(super) fn exponential(f: &mut Formula<'_, '_>, x: &[NodeId], terms: Terms) -> Recorded<NodeId> {
    let product = f.multiply(x[1], x[0]);
    if !terms.keep(&[1]) {
        return Ok(f.negate(product));
    }
    let log_rate = f.log(x[1]);
    Ok(f.subtract(log_rate, product))
}

/// `-lgamma(alpha) + alpha log(beta) + (alpha - 1) log(y) - beta y`
pub(super) fn gamma(f: &mut Formula<'_, '_>, x: &[NodeId], terms: Terms) -> Recorded<NodeId> {
    let [y, alpha, beta] = [x[0], x[1], x[2]];
    let mut density = gamma_constants(f, alpha, beta, terms);
    if terms.keep(&[0, 1]) {
        let (power, log) = (f.plus(alpha, -1.0), f.log(y));
        let term = f.power_log(power, log);
        density = f.add(density, term);
    }
    if terms.keep(&[0, 2]) {
        let product = f.multiply(beta, y);
        density = f.subtract(density, product);
    }
    Ok(density)
}

/// `-lgamma(alpha) + alpha log(beta) - (alpha + 1) log(y) - beta / y`
pub(super) fn inv_gamma(f: &mut Formula<'_, '_>, x: &[NodeId], terms: Terms) -> Recorded<NodeId> {
    let [y, alpha, beta] = [x[0], x[1], x[2]];
    f.require(y, Domain::Positive)?;
    let mut density = gamma_constants(f, alpha, beta, terms);
    if terms.keep(&[0, 1]) {
        let (power, log) = (f.plus(alpha, 1.0), f.log(y));
        let term = f.multiply(power, log);
        density = f.subtract(density, term);
    }
    if terms.keep(&[0, 2]) {
        let inverse = f.inv(y);
        let product = f.multiply(beta, inverse);
        density = f.subtract(density, product);
    }
    Ok(density)
}

fn gamma_constants(f: &mut Formula<'_, '_>, alpha: NodeId, beta: NodeId, terms: Terms) -> NodeId {
    let mut constants = f.number(0.0);
    if terms.keep(&[1]) {
        let lgamma = f.lgamma(alpha);
        constants = f.subtract(constants, lgamma);
    }
    if terms.keep(&[1, 2]) {
        let log_rate = f.log(beta);
        let term = f.multiply(alpha, log_rate);
        constants = f.add(constants, term);
    }
    constants
}

/// `-nu / 2 log(2) - lgamma(nu / 2) + (nu / 2 - 1) log(y) - y / 2`
pub(super) fn chi_square(f: &mut Formula<'_, '_>, x: &[NodeId], terms: Terms) -> Recorded<NodeId> {
    let [y, nu] = [x[0], x[1]];
    let half_nu = f.times(0.5, nu);
    let mut density = chi_square_constants(f, half_nu, terms);
    if terms.keep(&[0, 1]) {
        let (power, log) = (f.plus(half_nu, -1.0), f.log(y));
        let term = f.power_log(power, log);
        density = f.add(density, term);
    }
    if terms.keep(&[0]) {
        let half = f.times(0.5, y);
        density = f.subtract(density, half);
    }
    Ok(density)
}

/// `-nu / 2 log(2) - lgamma(nu / 2) - (nu / 2 + 1) log(y) - 1 / (2 y)`
pub(super) fn inv_chi_square(f: &mut Formula<'_, '_>, x: &[NodeId], terms: Terms) -> Recorded<NodeId> {
    let [y, nu] = [x[0], x[1]];
    f.require(y, Domain::Positive)?;
    let half_nu = f.times(0.5, nu);
    let mut density = chi_square_constants(f, half_nu, terms);
    if terms.keep(&[0, 1]) {
        let (power, log) = (f.plus(half_nu, 1.0), f.log(y));
        let term = f.multiply(power, log);
        density = f.subtract(density, term);
    }
    if terms.keep(&[0]) {
        let inverse = f.inv(y);
        let half = f.times(0.5, inverse);
        density = f.subtract(density, half);
    }
    Ok(density)
}

fn chi_square_constants(f: &mut Formula<'_, '_>, half_nu: NodeId, terms: Terms) -> NodeId {
    if !terms.keep(&[1]) {
        return f.number(0.0);
    }
    let (linear, lgamma) = (f.times(LN_2, half_nu), f.lgamma(half_nu));
    let sum = f.add(linear, lgamma);
    f.negate(sum)
}

/// `nu / 2 log(nu / 2) - lgamma(nu / 2) + nu log(sigma) - (nu / 2 + 1) log(y) - nu sigma^2 / (2 y)`
pub(super) fn scaled_inv_chi_square(f: &mut Formula<'_, '_>, x: &[NodeId], terms: Terms) -> Recorded<NodeId> {
    let [y, nu, sigma] = [x[0], x[1], x[2]];
    f.require(y, Domain::Positive)?;
    let half_nu = f.times(0.5, nu);
    let variance = f.square(sigma);
    let rate = f.multiply(half_nu, variance);
    let inverse = f.inv(y);
    let exponent = f.multiply(rate, inverse);
    let mut density = f.negate(exponent);
    if terms.keep(&[1]) {
        let (log, lgamma) = (f.log(half_nu), f.lgamma(half_nu));
        let term = f.multiply(half_nu, log);
        let constant = f.subtract(term, lgamma);
        density = f.add(density, constant);
    }
    if terms.keep(&[1, 2]) {
        let log = f.log(sigma);
        let term = f.multiply(nu, log);
        density = f.add(density, term);
    }
    if terms.keep(&[0, 1]) {
        let (power, log) = (f.plus(half_nu, 1.0), f.log(y));
        let term = f.multiply(power, log);
        density = f.subtract(density, term);
    }
    Ok(density)
}

/// `-(y / sigma)^alpha + log(alpha) + (alpha - 1) log(y) - alpha log(sigma)`
pub(super) fn weibull(f: &mut Formula<'_, '_>, x: &[NodeId], terms: Terms) -> Recorded<NodeId> {
    let [y, alpha, sigma] = [x[0], x[1], x[2]];
    f.require(y, Domain::NonNegative)?;
    let mut density = minus_scaled_power(f, x, 1.0);
    if terms.keep(&[1]) {
        let log = f.log(alpha);
        density = f.add(density, log);
    }
    if terms.keep(&[0, 1]) {
        let (power, log) = (f.plus(alpha, -1.0), f.log(y));
        let term = f.power_log(power, log);
        density = f.add(density, term);
    }
    if terms.keep(&[1, 2]) {
        let log = f.log(sigma);
        let term = f.multiply(alpha, log);
        density = f.subtract(density, term);
    }
    Ok(density)
}

/// `-(y / sigma)^-alpha + log(alpha) - (alpha + 1) log(y) + alpha log(sigma)`
pub(super) fn frechet(f: &mut Formula<'_, '_>, x: &[NodeId], terms: Terms) -> Recorded<NodeId> {
    let [y, alpha, sigma] = [x[0], x[1], x[2]];
    let mut density = minus_scaled_power(f, x, -1.0);
    if terms.keep(&[1]) {
        let log = f.log(alpha);
        density = f.add(density, log);
    }
    if terms.keep(&[0, 1]) {
        let (power, log) = (f.plus(alpha, 1.0), f.log(y));
        let term = f.multiply(power, log);
        density = f.subtract(density, term);
    }
    if terms.keep(&[1, 2]) {
        let log = f.log(sigma);
        let term = f.multiply(alpha, log);
        density = f.add(density, term);
    }
    Ok(density)
}

/// `-(y / sigma)^(sign alpha)`
pub(super) fn minus_scaled_power(f: &mut Formula<'_, '_>, x: &[NodeId], sign: f64) -> NodeId {
    let (log_y, log_scale) = (f.log(x[0]), f.log(x[2]));
    let log_ratio = f.subtract(log_y, log_scale);
    let power = f.times(sign, x[1]);
    let exponent = f.multiply(power, log_ratio);
    let exp = f.exp(exponent);
    f.negate(exp)
}

/// `log(alpha) + alpha log(y_min) - (alpha + 1) log(y)` from `y_min` on
pub(super) fn pareto(f: &mut Formula<'_, '_>, x: &[NodeId], terms: Terms) -> Recorded<NodeId> {
    let [y, minimum, alpha] = [x[0], x[1], x[2]];
    let excess = f.subtract(y, minimum);
    f.require(excess, Domain::NonNegative)?;
    let mut density = f.number(0.0);
    if terms.keep(&[2]) {
        density = f.log(alpha);
    }
    if terms.keep(&[1, 2]) {
        let log = f.log(minimum);
        let term = f.multiply(alpha, log);
        density = f.add(density, term);
    }
    if terms.keep(&[0, 2]) {
        let (power, log) = (f.plus(alpha, 1.0), f.log(y));
        let term = f.multiply(power, log);
        density = f.subtract(density, term);
    }
    Ok(density)
}

/// `-(alpha + 1) log(1 + (y - mu) / lambda) - log(lambda) + log(alpha)` from `mu` on
pub(super) fn pareto_type_2(f: &mut Formula<'_, '_>, x: &[NodeId], terms: Terms) -> Recorded<NodeId> {
    let [y, mu, lambda, alpha] = [x[0], x[1], x[2], x[3]];
    let excess = f.subtract(y, mu);
    f.require(excess, Domain::NonNegative)?;
    let ratio = f.divide(excess, lambda);
    let (log, power) = (f.log1p(ratio), f.plus(alpha, 1.0));
    let term = f.multiply(power, log);
    let mut density = f.negate(term);
    if terms.keep(&[2]) {
        let log = f.log(lambda);
        density = f.subtract(density, log);
    }
    if terms.keep(&[3]) {
        let log = f.log(alpha);
        density = f.add(density, log);
    }
    Ok(density)
}

/// `-(y / sigma)^2 / 2 - 2 log(sigma) + log(y)`
pub(super) fn rayleigh(f: &mut Formula<'_, '_>, x: &[NodeId], terms: Terms) -> Recorded<NodeId> {
    let [y, sigma] = [x[0], x[1]];
    let z = f.divide(y, sigma);
    let square = f.square(z);
    let mut density = f.times(-0.5, square);
    if terms.keep(&[1]) {
        let log = f.log(sigma);
        let doubled = f.times(2.0, log);
        density = f.subtract(density, doubled);
    }
    if terms.keep(&[0]) {
        let log = f.log(y);
        density = f.add(density, log);
    }
    Ok(density)
}

/// `(beta - 1) log(y) - 2 log(1 + (y / alpha)^beta) + log(beta) - beta log(alpha)`
pub(super) fn loglogistic(f: &mut Formula<'_, '_>, x: &[NodeId], terms: Terms) -> Recorded<NodeId> {
    let [y, alpha, beta] = [x[0], x[1], x[2]];
    let (log_y, log_scale) = (f.log(y), f.log(alpha));
    let log_ratio = f.subtract(log_y, log_scale);
    let log_odds = f.multiply(beta, log_ratio);
    let softplus = f.log1p_exp(log_odds);
    let doubled = f.times(2.0, softplus);
    let power = f.plus(beta, -1.0);
    let product = f.multiply(power, log_y);
    let mut density = f.subtract(product, doubled);
    if terms.keep(&[1, 2]) {
        let log_shape = f.log(beta);
        let product = f.multiply(beta, log_scale);
        let constant = f.subtract(log_shape, product);
        density = f.add(density, constant);
    }
    Ok(density)
}
