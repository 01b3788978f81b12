//! Covariance functions of Gaussian processes.
//!
//! Between known points the squared distances are known, and equal ones are one lane: of `n` points on a regular grid `n`
//! covariances remain of `n^2`. What is left is an elementwise formula of the distances and a gather.

use std::collections::HashMap;

use hlmc_builtins::table::Domain;
use hlmc_builtins::value::{Dims, Kind};

use super::Recorder;
use super::stop::Recorded;
use super::symbol::Symbol;
use crate::graph::{Binary, NodeId, Unary};

/// Pairs of parameter points beyond which the formula is left to the function of the table.
const MAX_PARAMETER_PAIRS: usize = 100_000;

/// A covariance function.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    ExponentiatedQuadratic,
    Exponential,
    Matern32,
    Matern52,
    Periodic,
}

/// Points: a column of their coordinates, point after point.
struct Points {
    node: NodeId,
    count: usize,
    n_coordinates: usize,
}

/// What is the same for all pairs of points.
struct Scales {
    variance: NodeId,
    /// The inverse squared length scale: one, or one a coordinate.
    precision: NodeId,
    /// Pi divided by the period.
    frequency: Option<NodeId>,
}

/// The matrix of covariances, for the functions of this file.
pub(super) fn by_distances(recorder: &mut Recorder<'_>, name: &str, x: &[Symbol]) -> Recorded<Option<Symbol>> {
    let form = match name {
        "gp_exp_quad_cov" => Form::ExponentiatedQuadratic,
        "gp_exponential_cov" => Form::Exponential,
        "gp_matern32_cov" => Form::Matern32,
        "gp_matern52_cov" => Form::Matern52,
        "gp_periodic_cov" => Form::Periodic,
        _ => return Ok(None),
    };
    let n_parameters = if form == Form::Periodic { 3 } else { 2 };
    let n_sets = x.len().saturating_sub(n_parameters);
    if !(1..=2).contains(&n_sets) || x.iter().any(|x| !recorder.is_uniform(x)) {
        return Ok(None);
    }
    let Some(left) = recorder.points(&x[0])? else { return Ok(None) };
    let right = if n_sets == 2 { recorder.points(&x[1])? } else { None };
    let other = right.as_ref().unwrap_or(&left);
    if n_sets == 2 && right.is_none() || left.n_coordinates != other.n_coordinates {
        return Ok(None);
    }
    let Some(scales) = recorder.scales(&x[n_sets..])? else { return Ok(None) };
    let n_scales = recorder.graph.lanes(scales.precision);
    if n_scales != 1 && n_scales != left.n_coordinates {
        return Ok(None);
    }
    let (rows, cols) = (left.count, other.count);
    let is_known = recorder.graph.is_known(left.node) && recorder.graph.is_known(other.node);
    let node = if is_known {
        recorder.between_known(form, &left, other, &scales)
    } else if rows * cols <= MAX_PARAMETER_PAIRS {
        recorder.between_parameters(form, &left, right.as_ref(), &scales)
    } else {
        return Ok(None);
    };
    Ok(Some(recorder.packed(Kind::Matrix, Dims::from_slice(&[rows, cols]), node)))
}

impl Recorder<'_> {
    fn points(&mut self, symbol: &Symbol) -> Recorded<Option<Points>> {
        let (count, n_coordinates) = match (symbol.shape().0, &symbol.shape().1[..]) {
            (Kind::Scalar, [n]) => (*n, 1),
            (Kind::Vector, [n, d]) => (*n, *d),
            _ => return Ok(None),
        };
        if count * n_coordinates == 0 {
            return Ok(None);
        }
        let node = self.pack(symbol)?;
        self.require(node, Domain::NotNan)?;
        Ok(Some(Points { node, count, n_coordinates }))
    }

    /// Magnitude, length scale (or scales) and period.
    fn scales(&mut self, x: &[Symbol]) -> Recorded<Option<Scales>> {
        let nodes = x.iter().map(|x| self.pack(x)).collect::<Recorded<Vec<_>>>()?;
        for node in &nodes {
            if self.graph.lanes(*node) == 0 {
                return Ok(None);
            }
            self.require(*node, Domain::PositiveFinite)?;
        }
        let variance = self.graph.unary(Unary::Square, nodes[0]);
        let square = self.graph.unary(Unary::Square, nodes[1]);
        let precision = self.graph.unary(Unary::Reciprocal, square);
        let frequency = nodes.get(2).map(|period| {
            let pi = self.graph.constant(std::f64::consts::PI);
            self.graph.binary(Binary::Divide, pi, *period)
        });
        Ok(Some(Scales { variance, precision, frequency }))
    }

    /// Lane 0 is the variance, for points without distance; the others are the distances that there are.
    fn between_known(&mut self, form: Form, left: &Points, right: &Points, scales: &Scales) -> NodeId {
        let (x, y) = (self.graph.known_column(left.node), self.graph.known_column(right.node));
        let (x, y) = (x.unwrap_or_default(), y.unwrap_or_default());
        let d = left.n_coordinates;
        let n_scales = self.graph.lanes(scales.precision);
        let mut places: HashMap<Vec<u64>, u32> = HashMap::new();
        let mut distances: Vec<f64> = Vec::new();
        let mut index = Vec::with_capacity(left.count * right.count);
        for y in y.chunks_exact(d) {
            for x in x.chunks_exact(d) {
                let squares = x.iter().zip(y).map(|(x, y)| (x - y) * (x - y));
                let squares: Vec<f64> = if n_scales == 1 { vec![squares.sum()] } else { squares.collect() };
                if squares.iter().all(|square| *square == 0.0) {
                    index.push(0);
                    continue;
                }
                let next = places.len() as u32 + 1;
                let key = squares.iter().map(|square| square.to_bits()).collect();
                let place = *places.entry(key).or_insert_with(|| {
                    distances.extend(&squares);
                    next
                });
                index.push(place);
            }
        }
        let n_distances = places.len();
        let squared = self.known_squares(form, &distances, n_distances, scales);
        let covariances = self.covariances(form, squared, scales);
        let covariances = self.graph.broadcast(covariances, n_distances);
        let lanes = self.graph.concatenate(&[scales.variance, covariances]);
        self.graph.gather(lanes, &index)
    }

    /// Squared distances in units of the length scales (of the coordinates, if the function is periodic).
    fn known_squares(&mut self, form: Form, distances: &[f64], n_distances: usize, scales: &Scales) -> NodeId {
        let n_scales = self.graph.lanes(scales.precision);
        if n_scales == 1 {
            let squares = self.graph.known(distances);
            return if form == Form::Periodic {
                squares
            } else {
                self.graph.binary(Binary::Multiply, scales.precision, squares)
            };
        }
        let mut total = self.graph.constant(0.0);
        for k in 0..n_scales {
            let squares: Vec<f64> = distances.iter().skip(k).step_by(n_scales).copied().collect();
            let squares = self.graph.known(&squares);
            let precision = self.graph.gather(scales.precision, &[k as u32]);
            let scaled = self.graph.binary(Binary::Multiply, precision, squares);
            total = self.graph.binary(Binary::Add, total, scaled);
        }
        self.graph.broadcast(total, n_distances)
    }

    /// Points of which some are parameters: every pair is a lane; of one set, every pair once.
    fn between_parameters(&mut self, form: Form, left: &Points, right: Option<&Points>, scales: &Scales) -> NodeId {
        let (rows, d) = (left.count, left.n_coordinates);
        let other = right.unwrap_or(left);
        let is_one_set = right.is_none();
        let (mut pairs, mut index) = (Vec::new(), vec![0; rows * other.count]);
        for j in 0..other.count {
            for i in 0..rows {
                if is_one_set && i <= j {
                    continue;
                }
                pairs.push((i, j));
                index[i + j * rows] = pairs.len() as u32;
                if is_one_set {
                    index[j + i * rows] = pairs.len() as u32;
                }
            }
        }
        let mut squared = self.graph.constant(0.0);
        for k in 0..d {
            let from_left: Vec<u32> = pairs.iter().map(|(i, _)| (i * d + k) as u32).collect();
            let from_right: Vec<u32> = pairs.iter().map(|(_, j)| (j * d + k) as u32).collect();
            let (x, y) = (self.graph.gather(left.node, &from_left), self.graph.gather(other.node, &from_right));
            let difference = self.graph.binary(Binary::Subtract, x, y);
            let mut square = self.graph.unary(Unary::Square, difference);
            if form != Form::Periodic {
                let n_scales = self.graph.lanes(scales.precision);
                let precision = self.graph.gather(scales.precision, &[if n_scales == 1 { 0 } else { k as u32 }]);
                square = self.graph.binary(Binary::Multiply, precision, square);
            }
            squared = self.graph.binary(Binary::Add, squared, square);
        }
        let covariances = self.covariances(form, squared, scales);
        let covariances = self.graph.broadcast(covariances, pairs.len());
        let lanes = self.graph.concatenate(&[scales.variance, covariances]);
        self.graph.gather(lanes, &index)
    }

    /// The covariance at squared distances, as in the table's functions.
    fn covariances(&mut self, form: Form, squared: NodeId, scales: &Scales) -> NodeId {
        let graph = &mut self.graph;
        let scaled_root = |graph: &mut crate::graph::Graph, factor: f64| {
            let factor = graph.constant(factor);
            let root = graph.unary(Unary::Sqrt, squared);
            graph.binary(Binary::Multiply, factor, root)
        };
        let decay = |graph: &mut crate::graph::Graph, d: NodeId| {
            let negated = graph.unary(Unary::Negate, d);
            graph.unary(Unary::Exp, negated)
        };
        let one = graph.constant(1.0);
        let correlation = match form {
            Form::ExponentiatedQuadratic => {
                let factor = graph.constant(-0.5);
                let exponent = graph.binary(Binary::Multiply, factor, squared);
                graph.unary(Unary::Exp, exponent)
            }
            Form::Exponential => {
                let d = scaled_root(graph, 1.0);
                decay(graph, d)
            }
            Form::Matern32 => {
                let d = scaled_root(graph, 3f64.sqrt());
                let polynomial = graph.binary(Binary::Add, one, d);
                let decay = decay(graph, d);
                graph.binary(Binary::Multiply, polynomial, decay)
            }
            Form::Matern52 => {
                let d = scaled_root(graph, 5f64.sqrt());
                let third = graph.constant(5.0 / 3.0);
                let quadratic = graph.binary(Binary::Multiply, third, squared);
                let linear = graph.binary(Binary::Add, one, d);
                let polynomial = graph.binary(Binary::Add, linear, quadratic);
                let decay = decay(graph, d);
                graph.binary(Binary::Multiply, polynomial, decay)
            }
            Form::Periodic => {
                let distance = graph.unary(Unary::Sqrt, squared);
                let frequency = scales.frequency.unwrap_or(one);
                let phase = graph.binary(Binary::Multiply, frequency, distance);
                let sine = graph.unary(Unary::Sin, phase);
                let square = graph.unary(Unary::Square, sine);
                let factor = graph.constant(-2.0);
                let factor = graph.binary(Binary::Multiply, factor, scales.precision);
                let exponent = graph.binary(Binary::Multiply, factor, square);
                graph.unary(Unary::Exp, exponent)
            }
        };
        graph.binary(Binary::Multiply, scales.variance, correlation)
    }
}
