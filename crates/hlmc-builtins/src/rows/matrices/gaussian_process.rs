//! Covariance functions of Gaussian processes: matrices over all pairs of points.
//!
//! Each takes one set of points, or two for a rectangular matrix of covariances between them; points are numbers or
//! vectors. Between equal points the distance has derivative 0.

use hlmc_math::{Real, special};

use super::matrix;
use crate::arguments::{check_equal, check_size};
use crate::fault::Fault;
use crate::table::{Call, Function};
use crate::value::{Dims, Entries, Kind, Reals, Value};

/// The signatures of a covariance function with magnitude and length scale.
macro_rules! stationary_signatures {
    ($name:literal) => {
        &[
            concat!("matrix ", $name, "(array[] real, real, real)"),
            concat!("matrix ", $name, "(array[] real, array[] real, real, real)"),
            concat!("matrix ", $name, "(array[] vector, real, real)"),
            concat!("matrix ", $name, "(array[] vector, real, array[] real)"),
            concat!("matrix ", $name, "(array[] vector, array[] vector, real, real)"),
            concat!("matrix ", $name, "(array[] vector, array[] vector, real, array[] real)"),
        ]
    };
}

const PERIODIC: &[&str] = &[
    "matrix gp_periodic_cov(array[] real, real, real, real)",
    "matrix gp_periodic_cov(array[] real, array[] real, real, real, real)",
    "matrix gp_periodic_cov(array[] vector, real, real, real)",
    "matrix gp_periodic_cov(array[] vector, array[] vector, real, real, real)",
];

const DOT_PROD: &[&str] = &[
    "matrix gp_dot_prod_cov(array[] real, real)",
    "matrix gp_dot_prod_cov(array[] real, array[] real, real)",
    "matrix gp_dot_prod_cov(array[] vector, real)",
    "matrix gp_dot_prod_cov(array[] vector, array[] vector, real)",
];

/// The rows of this file.
pub(super) fn rows<A: Real>() -> Vec<Function<A>> {
    vec![
        matrix(
            "gp_exp_quad_cov",
            stationary_signatures!("gp_exp_quad_cov"),
            |call| stationary(call, |squared| special::exp(squared * -0.5)),
            "The squared exponential covariance sigma^2 exp(-d^2 / 2) at distance d in units of the length scale, \
             called as gp_exp_quad_cov(x, sigma, length_scale); an array of length scales has one for each coordinate.",
        ),
        matrix(
            "gp_exponential_cov",
            stationary_signatures!("gp_exponential_cov"),
            |call| stationary(call, |squared| special::exp(-root(squared))),
            "The exponential covariance sigma^2 exp(-d) at distance d in units of the length scale.",
        ),
        matrix(
            "gp_matern32_cov",
            stationary_signatures!("gp_matern32_cov"),
            |call| {
                stationary(call, |squared| {
                    let d = root(squared) * 3f64.sqrt();
                    (d + 1.0) * special::exp(-d)
                })
            },
            "The Matern covariance of smoothness 3/2: sigma^2 (1 + sqrt(3) d) exp(-sqrt(3) d) at distance d in units \
             of the length scale.",
        ),
        matrix(
            "gp_matern52_cov",
            stationary_signatures!("gp_matern52_cov"),
            |call| {
                stationary(call, |squared| {
                    let d = root(squared) * 5f64.sqrt();
                    (d + squared * (5.0 / 3.0) + 1.0) * special::exp(-d)
                })
            },
            "The Matern covariance of smoothness 5/2: sigma^2 (1 + sqrt(5) d + 5 d^2 / 3) exp(-sqrt(5) d) at distance \
             d in units of the length scale.",
        ),
        matrix(
            "gp_periodic_cov",
            PERIODIC,
            periodic,
            "The periodic covariance sigma^2 exp(-2 sin^2(pi d / period) / length_scale^2) at distance d, called as \
             gp_periodic_cov(x, sigma, length_scale, period).",
        ),
        matrix(
            "gp_dot_prod_cov",
            DOT_PROD,
            dot_prod,
            "The covariance of linear functions: sigma^2 plus the dot product of the points.",
        ),
    ]
}

/// One or two sets of points, and where the arguments behind them start.
struct Points<'a, A: Real> {
    left: std::borrow::Cow<'a, Reals<A>>,
    /// Nothing if the set is paired with itself.
    right: Option<std::borrow::Cow<'a, Reals<A>>>,
    n_left: usize,
    n_right: usize,
    /// The number of coordinates of a point.
    n_coordinates: usize,
    next: usize,
}

impl<'a, A: Real> Points<'a, A> {
    /// Reads the points in front of `n_parameters` other arguments.
    fn read(call: &Call<'a, A>, n_parameters: usize) -> Result<Self, Fault> {
        let size_of = |t: &Reals<A>| match (t.kind, t.dims.as_slice()) {
            (Kind::Scalar, [n]) => Ok((*n, 1)),
            (Kind::Vector, [n, d]) => Ok((*n, *d)),
            _ => Err(Fault::fatal("points must be numbers or vectors")),
        };
        let left = call.reals(0)?;
        let (n_left, n_coordinates) = size_of(&left)?;
        let right = if call.arguments.len() > n_parameters + 1 { Some(call.reals(1)?) } else { None };
        let n_right = match &right {
            Some(right) => {
                let (n_right, other) = size_of(right)?;
                if n_left > 0 && n_right > 0 {
                    check_equal("the number of coordinates", n_coordinates, "that of the second set", other)?;
                }
                n_right
            }
            None => n_left,
        };
        check_size(&[n_left, n_right])?;
        let is_nan = |t: &Reals<A>| t.entries.values().iter().any(|x| x.is_nan());
        if is_nan(&left) || right.as_deref().is_some_and(is_nan) {
            return Err(Fault::rejection("a coordinate of a point is nan, but must not be nan"));
        }
        let next = if right.is_some() { 2 } else { 1 };
        Ok(Points { left, right, n_left, n_right, n_coordinates, next })
    }

    /// The matrix of `f` over all pairs, column by column: on plain coordinates if all are data, else on numbers of the
    /// engine. One set gives a symmetric matrix.
    fn pairs(&self, on_data: impl Fn(&[f64], &[f64]) -> A, on_auto: impl Fn(&[A], &[A]) -> A) -> Value<A> {
        let right = self.right.as_deref().unwrap_or(&self.left);
        let entries = match (&self.left.entries, &right.entries) {
            (Entries::Data(x), Entries::Data(y)) => self.over_pairs(x, y, on_data),
            (x, y) => self.over_pairs(&x.to_auto(), &y.to_auto(), on_auto),
        };
        let dims = Dims::from_slice(&[self.n_left, self.n_right]);
        Value::Reals(Reals { kind: Kind::Matrix, dims, entries: Entries::Auto(entries).simplified() })
    }

    fn over_pairs<T>(&self, x: &[T], y: &[T], f: impl Fn(&[T], &[T]) -> A) -> Vec<A> {
        let d = self.n_coordinates;
        let at = |points: &[T], i: usize| -> std::ops::Range<usize> {
            let start = (i * d).min(points.len());
            start..(start + d).min(points.len())
        };
        let n = self.n_left;
        let mut entries: Vec<A> = Vec::with_capacity(n * self.n_right);
        for j in 0..self.n_right {
            for i in 0..n {
                let is_mirrored = self.right.is_none() && i < j;
                let entry = if is_mirrored { entries[i * n + j] } else { f(&x[at(x, i)], &y[at(y, j)]) };
                entries.push(entry);
            }
        }
        entries
    }
}

/// A parameter that must be positive and finite.
fn positive<A: Real>(x: A, name: &str) -> Result<A, Fault> {
    let value = x.value();
    if value > 0.0 && value.is_finite() {
        return Ok(x);
    }
    Err(Fault::rejection(format!("{name} is {value}, but must be positive and finite")))
}

/// The square root, with derivative 0 at 0.
fn root<T: Real>(squared: T) -> T {
    if squared.value() == 0.0 { T::constant(0.0) } else { special::sqrt(squared) }
}

fn squared_distance<T: Real>(x: &[T], y: &[T]) -> T {
    x.iter().zip(y).map(|(x, y)| special::square(*x - *y)).sum()
}

/// A covariance that is `correlation` of the squared distance in units of the length scale, times the squared magnitude.
fn stationary<A: Real>(call: &Call<'_, A>, correlation: fn(A) -> A) -> Result<Value<A>, Fault> {
    const N_PARAMETERS: usize = 2;
    let points = Points::read(call, N_PARAMETERS)?;
    let variance = special::square(positive(call.real(points.next)?, "sigma")?);
    let scale = call.argument(points.next + 1)?;
    if let Some(scale) = scale.to_real() {
        let precision = special::inv_square(positive(scale, "length_scale")?);
        return Ok(points.pairs(
            |x, y| variance * correlation(precision * squared_distance(x, y)),
            |x, y| variance * correlation(precision * squared_distance(x, y)),
        ));
    }
    let scales = call.reals(points.next + 1)?;
    check_equal("the number of length scales", scales.entries.len(), "that of coordinates", points.n_coordinates)?;
    let precision = |scale: A| Ok(special::inv_square(positive(scale, "length_scale")?));
    let precisions: Vec<A> = scales.entries.iter().map(precision).collect::<Result<_, Fault>>()?;
    let on_data = |x: &[f64], y: &[f64]| -> A {
        x.iter().zip(y).zip(&precisions).map(|((x, y), precision)| *precision * special::square(x - y)).sum()
    };
    let on_auto = |x: &[A], y: &[A]| -> A {
        x.iter().zip(y).zip(&precisions).map(|((x, y), precision)| *precision * special::square(*x - *y)).sum()
    };
    Ok(points.pairs(|x, y| variance * correlation(on_data(x, y)), |x, y| variance * correlation(on_auto(x, y))))
}

fn periodic<A: Real>(call: &mut Call<'_, A>) -> Result<Value<A>, Fault> {
    const N_PARAMETERS: usize = 3;
    let points = Points::read(call, N_PARAMETERS)?;
    let variance = special::square(positive(call.real(points.next)?, "sigma")?);
    let precision = special::inv_square(positive(call.real(points.next + 1)?, "length_scale")?) * -2.0;
    let frequency = special::inv(positive(call.real(points.next + 2)?, "period")?) * std::f64::consts::PI;
    let covariance = |phase: A| variance * special::exp(precision * special::square(special::sin(phase)));
    Ok(points.pairs(
        |x, y| covariance(frequency * root(squared_distance(x, y))),
        |x, y| covariance(frequency * root(squared_distance(x, y))),
    ))
}

fn dot_prod<A: Real>(call: &mut Call<'_, A>) -> Result<Value<A>, Fault> {
    const N_PARAMETERS: usize = 1;
    let points = Points::read(call, N_PARAMETERS)?;
    let sigma = call.real(points.next)?;
    if !(sigma.value() >= 0.0 && sigma.value().is_finite()) {
        return Err(Fault::rejection(format!("sigma is {}, but must be nonnegative and finite", sigma.value())));
    }
    let variance = special::square(sigma);
    Ok(points.pairs(
        |x, y| variance + x.iter().zip(y).map(|(x, y)| x * y).sum::<f64>(),
        |x, y| variance + x.iter().zip(y).map(|(x, y)| *x * *y).sum::<A>(),
    ))
}
