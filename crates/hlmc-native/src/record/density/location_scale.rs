//! Densities with a location and a scale.

use std::f64::consts::{LN_2, PI, TAU};

use hlmc_builtins::Terms;

use crate::graph::NodeId;
use crate::record::formula::Formula;
use crate::record::stop::Recorded;

/// `-(y - mu)^2 / (2 sigma^2) - log(sigma) - log(2 pi) / 2`
pub(super) fn normal(f: &mut Formula<'_, '_>, x: &[NodeId], terms: Terms) -> Recorded<NodeId> {
    let kernel = half_square(f, x[0], x[1], x[2]);
    Ok(normalised(f, kernel, x[2], 0.5 * TAU.ln(), terms))
}

/// `-y^2 / 2 - log(2 pi) / 2`
pub(super) fn std_normal(f: &mut Formula<'_, '_>, x: &[NodeId], terms: Terms) -> Recorded<NodeId> {
    let square = f.square(x[0]);
    let kernel = f.times(-0.5, square);
    Ok(if terms.keep(&[]) { f.plus(kernel, -0.5 * TAU.ln()) } else { kernel })
}

/// The normal density of `log(y)`, divided by `y`.
pub(super) fn lognormal(f: &mut Formula<'_, '_>, x: &[NodeId], terms: Terms) -> Recorded<NodeId> {
    let log_y = f.log(x[0]);
    let kernel = half_square(f, log_y, x[1], x[2]);
    // Stan keeps this constant even under `~`.
    let kernel = f.plus(kernel, -0.5 * TAU.ln());
    let density = less_log_scale(f, kernel, x[2], terms);
    Ok(if terms.keep(&[0]) { f.subtract(density, log_y) } else { density })
}

/// `-log(1 + ((y - mu) / sigma)^2) - log(sigma) - log(pi)`
pub(super) fn cauchy(f: &mut Formula<'_, '_>, x: &[NodeId], terms: Terms) -> Recorded<NodeId> {
    let one = f.number(1.0);
    let square = square_over(f, x[0], x[1], x[2], one);
    let log = f.log1p(square);
    let kernel = f.negate(log);
    Ok(normalised(f, kernel, x[2], PI.ln(), terms))
}

/// `-|y - mu| / sigma - log(sigma) - log(2)`
pub(super) fn double_exponential(f: &mut Formula<'_, '_>, x: &[NodeId], terms: Terms) -> Recorded<NodeId> {
    let residual = f.subtract(x[0], x[1]);
    let distance = f.abs(residual);
    let z = f.divide(distance, x[2]);
    let kernel = f.negate(z);
    Ok(normalised(f, kernel, x[2], LN_2, terms))
}

/// `-(nu + 1) / 2 log(1 + z^2 / nu) - log(sigma) + lgamma((nu + 1) / 2) - lgamma(nu / 2) - log(nu pi) / 2`
pub(super) fn student_t(f: &mut Formula<'_, '_>, x: &[NodeId], terms: Terms) -> Recorded<NodeId> {
    let [nu, sigma] = [x[1], x[3]];
    let per_degree = square_over(f, x[0], x[2], sigma, nu);
    let log = f.log1p(per_degree);
    let next = f.plus(nu, 1.0);
    let power = f.times(-0.5, next);
    let mut density = f.multiply(power, log);
    if terms.keep(&[1]) {
        let (half, half_nu) = (f.number(0.5), f.times(0.5, nu));
        let ratio = f.lgamma_difference(half_nu, half);
        let log_nu = f.log(nu);
        let half_log = f.times(0.5, log_nu);
        let constant = f.subtract(ratio, half_log);
        density = f.add(density, constant);
    }
    let scaled = scale_term(f, density, sigma, terms.keep(&[3]));
    Ok(if terms.keep(&[]) { f.plus(scaled, -0.5 * PI.ln()) } else { scaled })
}

/// `-z - 2 log(1 + exp(-z)) - log(sigma)`
pub(super) fn logistic(f: &mut Formula<'_, '_>, x: &[NodeId], terms: Terms) -> Recorded<NodeId> {
    let z = f.standardise(x[0], x[1], x[2]);
    let negated = f.negate(z);
    let softplus = f.log1p_exp(negated);
    let doubled = f.times(2.0, softplus);
    let kernel = f.subtract(negated, doubled);
    Ok(less_log_scale(f, kernel, x[2], terms))
}

/// `-z - exp(-z) - log(beta)`
pub(super) fn gumbel(f: &mut Formula<'_, '_>, x: &[NodeId], terms: Terms) -> Recorded<NodeId> {
    let z = f.standardise(x[0], x[1], x[2]);
    let negated = f.negate(z);
    let exp = f.exp(negated);
    let kernel = f.subtract(negated, exp);
    Ok(less_log_scale(f, kernel, x[2], terms))
}

/// `log(2) + log(Phi(alpha z)) - z^2 / 2 - log(omega) - log(2 pi) / 2`
pub(super) fn skew_normal(f: &mut Formula<'_, '_>, x: &[NodeId], terms: Terms) -> Recorded<NodeId> {
    let z = f.standardise(x[0], x[1], x[2]);
    let skewed = f.multiply(x[3], z);
    let log_phi = f.log_phi(skewed);
    // Stan counts log(2) as part of the error function, and not as a constant.
    let mut density = f.plus(log_phi, LN_2);
    if terms.keep(&[0, 1, 2]) {
        let kernel = half_square(f, x[0], x[1], x[2]);
        density = f.add(density, kernel);
    }
    Ok(normalised(f, density, x[2], 0.5 * TAU.ln(), terms))
}

/// `log(lambda) + lambda (mu - y) + (lambda sigma)^2 / 2 + log(Phi(z - lambda sigma))`
pub(super) fn exp_mod_normal(f: &mut Formula<'_, '_>, x: &[NodeId], terms: Terms) -> Recorded<NodeId> {
    let [y, mu, sigma, lambda] = [x[0], x[1], x[2], x[3]];
    let shift = f.multiply(lambda, sigma);
    let square = f.square(shift);
    let half = f.times(0.5, square);
    let below = f.subtract(mu, y);
    let linear = f.multiply(lambda, below);
    let z = f.standardise(y, mu, sigma);
    let shifted = f.subtract(z, shift);
    let log_phi = f.log_phi(shifted);
    let sum = f.add(linear, half);
    let mut density = f.add(sum, log_phi);
    if !terms.keep(&[]) {
        // Stan counts log(2) as part of the error function, and not as a constant.
        density = f.plus(density, LN_2);
    }
    if terms.keep(&[3]) {
        let log_rate = f.log(lambda);
        density = f.add(density, log_rate);
    }
    Ok(density)
}

/// `x` less the logarithm of the scale, the third argument, and a constant, as far as they are kept.
fn normalised(f: &mut Formula<'_, '_>, x: NodeId, scale: NodeId, constant: f64, terms: Terms) -> NodeId {
    let x = less_log_scale(f, x, scale, terms);
    if terms.keep(&[]) { f.plus(x, -constant) } else { x }
}

fn less_log_scale(f: &mut Formula<'_, '_>, x: NodeId, scale: NodeId, terms: Terms) -> NodeId {
    scale_term(f, x, scale, terms.keep(&[2]))
}

fn scale_term(f: &mut Formula<'_, '_>, x: NodeId, scale: NodeId, is_kept: bool) -> NodeId {
    if !is_kept {
        return x;
    }
    let log = f.log(scale);
    f.subtract(x, log)
}

/// `-(y - mu)^2 / (2 sigma^2)`; a scale that all lanes share is a factor of the sum.
fn half_square(f: &mut Formula<'_, '_>, y: NodeId, mu: NodeId, sigma: NodeId) -> NodeId {
    let one = f.number(1.0);
    let square = square_over(f, y, mu, sigma, one);
    f.times(-0.5, square)
}

/// `((y - mu) / sigma)^2 / nu`, with what the lanes share as one factor of the square.
fn square_over(f: &mut Formula<'_, '_>, y: NodeId, mu: NodeId, sigma: NodeId, nu: NodeId) -> NodeId {
    let residual = f.subtract(y, mu);
    if f.lanes(sigma) > 1 && !f.is_known(sigma) {
        let z = f.divide(residual, sigma);
        let square = f.square(z);
        return f.divide(square, nu);
    }
    let square = f.square(residual);
    let variance = f.square(sigma);
    let scaled = f.multiply(nu, variance);
    let precision = f.inv(scaled);
    f.multiply(precision, square)
}
