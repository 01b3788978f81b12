//! Densities as formulas of the graph: those that models spend their time in. All others run as they are in the table.

use std::f64::consts::{LN_2, PI, TAU};

use hlmc_builtins::Terms;
use hlmc_builtins::table::Distribution;
use hlmc_builtins::value::Kind;

use super::Recorder;
use super::stop::Recorded;
use super::symbol::Symbol;
use crate::graph::{Binary, NodeId, Unary};

/// The log density at nodes, lane by lane, for distributions that have a formula here.
pub(super) fn expand(
    recorder: &mut Recorder<'_>,
    row: &Distribution<f64>,
    terms: Terms,
    x: &[NodeId],
) -> Recorded<Option<NodeId>> {
    let formula: fn(&mut Formula<'_, '_>, &[NodeId], Terms) -> NodeId = match row.name {
        "normal" => normal,
        "std_normal" => |f, x, terms| {
            let (zero, one) = (f.number(0.0), f.number(1.0));
            normal(f, &[x[0], zero, one], Terms { auto_arguments: terms.auto_arguments & 1, ..terms })
        },
        "cauchy" => cauchy,
        "double_exponential" => double_exponential,
        "exponential" => exponential,
        "bernoulli_logit" => bernoulli_logit,
        "poisson_log" => poisson_log,
        _ => return Ok(None),
    };
    for (argument, node) in row.arguments.iter().zip(x) {
        recorder.require(*node, argument.domain)?;
    }
    if matches!(row.name, "bernoulli_logit" | "poisson_log") && !recorder.graph.is_known(x[0]) {
        return Ok(None);
    }
    Ok(Some(formula(&mut Formula { recorder }, x, terms)))
}

/// Regressions with a known matrix of predictors: the linear predictor, then the density of each outcome.
pub(super) fn expand_whole(
    recorder: &mut Recorder<'_>,
    name: &str,
    arguments: &[Symbol],
    terms: Terms,
) -> Recorded<Option<Symbol>> {
    let (family, scale) = match (name, arguments) {
        ("bernoulli_logit_glm", [_, _, _, _]) => ("bernoulli_logit", None),
        ("poisson_log_glm", [_, _, _, _]) => ("poisson_log", None),
        ("normal_id_glm", [_, _, _, _, scale]) => ("normal", Some(scale)),
        _ => return Ok(None),
    };
    let [y, predictors, intercept, slopes] = &arguments[..4] else { return Ok(None) };
    if predictors.shape().0 != Kind::Matrix
        || super::whole::known_reals(predictors).is_none()
        || arguments.iter().any(|x| !recorder.is_uniform(x))
    {
        return Ok(None);
    }
    let rows = predictors.shape().1[0];
    let matrix = recorder.pack(predictors)?;
    let Some(matrix) = recorder.graph.known_column(matrix) else { return Ok(None) };
    if rows == 0 || matrix.len() < 2 {
        return Ok(None);
    }
    let slopes = recorder.pack(slopes)?;
    let product = recorder.graph.known_matrix_vector(&matrix, rows, slopes);
    let intercept = recorder.pack(intercept)?;
    let predictor = recorder.graph.binary(Binary::Add, intercept, product);
    let mut x = vec![recorder.pack(y)?, predictor];
    let mut auto_arguments = 0b10;
    if let Some(scale) = scale {
        x.push(recorder.pack(scale)?);
        auto_arguments |= (terms.auto_arguments >> 4 & 1) << 2;
    }
    let tables = std::sync::Arc::clone(&recorder.tables);
    let Some(row) = tables.plain.distributions(family).next() else { return Ok(None) };
    let Some(each) = expand(recorder, row, Terms { auto_arguments, ..terms }, &x)? else { return Ok(None) };
    let total = recorder.graph.sum_over(each, rows);
    Ok(Some(recorder.scalar(total)))
}

/// Shorter words for building formulas.
struct Formula<'a, 'b> {
    recorder: &'a mut Recorder<'b>,
}

impl Formula<'_, '_> {
    fn number(&mut self, value: f64) -> NodeId {
        self.recorder.graph.constant(value)
    }

    fn unary(&mut self, unary: Unary, x: NodeId) -> NodeId {
        self.recorder.graph.unary(unary, x)
    }

    fn binary(&mut self, binary: Binary, x: NodeId, y: NodeId) -> NodeId {
        self.recorder.graph.binary(binary, x, y)
    }

    fn scaled(&mut self, factor: f64, x: NodeId) -> NodeId {
        let factor = self.number(factor);
        self.binary(Binary::Multiply, factor, x)
    }

    fn lanes(&self, x: NodeId) -> usize {
        self.recorder.graph.lanes(x)
    }

    /// `x` less the logarithm of the scale and a constant, as far as they are kept.
    fn normalised(&mut self, x: NodeId, scale: NodeId, constant: f64, terms: Terms) -> NodeId {
        let mut x = x;
        if terms.keep(&[2]) {
            let log_scale = self.unary(Unary::Log, scale);
            x = self.binary(Binary::Subtract, x, log_scale);
        }
        if terms.keep(&[]) {
            let constant = self.number(constant);
            x = self.binary(Binary::Subtract, x, constant);
        }
        x
    }
}

/// `-(y - mu)^2 / (2 sigma^2) - log(sigma) - log(2 pi) / 2`; a scale that all lanes share is a factor of the sum.
fn normal(f: &mut Formula<'_, '_>, x: &[NodeId], terms: Terms) -> NodeId {
    let (y, mu, sigma) = (x[0], x[1], x[2]);
    let residual = f.binary(Binary::Subtract, y, mu);
    let kernel = if f.lanes(sigma) == 1 {
        let square = f.unary(Unary::Square, residual);
        let variance = f.unary(Unary::Square, sigma);
        let precision = f.unary(Unary::Reciprocal, variance);
        let factor = f.scaled(-0.5, precision);
        f.binary(Binary::Multiply, factor, square)
    } else {
        let z = f.binary(Binary::Divide, residual, sigma);
        let square = f.unary(Unary::Square, z);
        f.scaled(-0.5, square)
    };
    f.normalised(kernel, sigma, 0.5 * TAU.ln(), terms)
}

/// `-log(1 + ((y - mu) / sigma)^2) - log(sigma) - log(pi)`
fn cauchy(f: &mut Formula<'_, '_>, x: &[NodeId], terms: Terms) -> NodeId {
    let residual = f.binary(Binary::Subtract, x[0], x[1]);
    let z = f.binary(Binary::Divide, residual, x[2]);
    let square = f.unary(Unary::Square, z);
    let log = f.unary(Unary::Log1p, square);
    let kernel = f.unary(Unary::Negate, log);
    f.normalised(kernel, x[2], PI.ln(), terms)
}

/// `-|y - mu| / sigma - log(sigma) - log(2)`
fn double_exponential(f: &mut Formula<'_, '_>, x: &[NodeId], terms: Terms) -> NodeId {
    let residual = f.binary(Binary::Subtract, x[0], x[1]);
    let distance = f.unary(Unary::Abs, residual);
    let z = f.binary(Binary::Divide, distance, x[2]);
    let kernel = f.unary(Unary::Negate, z);
    f.normalised(kernel, x[2], LN_2, terms)
}

/// `log(beta) - beta y`
fn exponential(f: &mut Formula<'_, '_>, x: &[NodeId], terms: Terms) -> NodeId {
    let product = f.binary(Binary::Multiply, x[1], x[0]);
    if !terms.keep(&[1]) {
        return f.unary(Unary::Negate, product);
    }
    let log_rate = f.unary(Unary::Log, x[1]);
    f.binary(Binary::Subtract, log_rate, product)
}

/// `-log(1 + exp(-s theta))` with `s` 1 for an outcome of 1 and -1 for 0.
fn bernoulli_logit(f: &mut Formula<'_, '_>, x: &[NodeId], _: Terms) -> NodeId {
    // -s = 1 - 2 y
    let doubled = f.scaled(2.0, x[0]);
    let one = f.number(1.0);
    let sign = f.binary(Binary::Subtract, one, doubled);
    let signed = f.binary(Binary::Multiply, sign, x[1]);
    let softplus = f.unary(Unary::Log1pExp, signed);
    f.unary(Unary::Negate, softplus)
}

/// `y alpha - exp(alpha) - log(y!)`
fn poisson_log(f: &mut Formula<'_, '_>, x: &[NodeId], terms: Terms) -> NodeId {
    let product = f.binary(Binary::Multiply, x[0], x[1]);
    let rate = f.unary(Unary::Exp, x[1]);
    let mut kernel = f.binary(Binary::Subtract, product, rate);
    if terms.keep(&[]) {
        let one = f.number(1.0);
        let next = f.binary(Binary::Add, x[0], one);
        let log_factorial = f.unary(Unary::Lgamma, next);
        kernel = f.binary(Binary::Subtract, kernel, log_factorial);
    }
    kernel
}
