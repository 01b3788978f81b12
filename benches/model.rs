//! From text and data to an engine, without a file.

use hlmc::compile::compile;
use hlmc::sampling::data_rng;
use hlmc_engine::{Engine, EngineKind, Prepared, Rewrites};
use hlmc_eval::BoundModel;
use hlmc_syntax::NoIncludes;
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// The seed of points and of random numbers in transformed data.
const SEED: u64 = 1;

/// Points are uniform in (-[`RADIUS`], [`RADIUS`]).
const RADIUS: f64 = 1.0;

/// A program bound to data; `None` where either is at fault.
#[must_use]
pub fn bind(program: &str, data: &str) -> Option<BoundModel> {
    let compiled = compile(program, "bench.stan", &mut NoIncludes);
    BoundModel::bind(compiled.program?, data, &mut data_rng(SEED)).ok()
}

/// A native engine with the rewrites that the words leave, such as `no-collapse`, at a point.
pub struct Gradient {
    engine: Box<dyn Engine>,
    point: Vec<f64>,
    gradient: Vec<f64>,
}

impl Gradient {
    /// `None` where the program, the data or the words are at fault.
    #[must_use]
    pub fn new(program: &str, data: &str, rewrites: &str) -> Option<Gradient> {
        let model = bind(program, data)?;
        let rewrites: Rewrites = rewrites.parse().ok()?;
        let engine = Prepared::with_rewrites(EngineKind::Native, &model, rewrites).engine();
        let point = point(model.dimension());
        Some(Gradient { engine, gradient: vec![0.0; point.len()], point })
    }

    /// The log density at the point; its gradient is [`Gradient::last`]. NaN where the point is rejected.
    pub fn run(&mut self) -> f64 {
        self.engine.log_density_gradient(&self.point, &mut self.gradient).unwrap_or(f64::NAN)
    }

    /// The gradient of the last call.
    #[must_use]
    pub fn last(&self) -> &[f64] {
        &self.gradient
    }

    /// The point.
    #[must_use]
    pub fn point(&self) -> &[f64] {
        &self.point
    }
}

/// A point that is the same every time.
#[must_use]
pub fn point(dimension: usize) -> Vec<f64> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(SEED);
    (0..dimension).map(|_| RADIUS * (2.0 * rng.random::<f64>() - 1.0)).collect()
}
