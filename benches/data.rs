//! Simulated data, as JSON.

use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;
use serde_json::{Value, json};

/// Every data set has a generator of its own, from this seed.
const SEED: u64 = 20_261_122;

/// Rows of the logistic regression: those of the arsenic wells in Bangladesh, a usual example.
pub const LOGISTIC_ROWS: usize = 3020;

fn rng() -> Xoshiro256PlusPlus {
    Xoshiro256PlusPlus::seed_from_u64(SEED)
}

fn normal(rng: &mut Xoshiro256PlusPlus) -> f64 {
    StandardNormal.sample(rng)
}

/// Seedlings of two genotypes in trays, in no order.
#[derive(Clone, Debug)]
pub struct Seedlings {
    /// The genotype of each seedling, from 0.
    pub genotype: Vec<u32>,
    /// The tray of each seedling, from 0.
    pub tray: Vec<u32>,
    /// The weight of each seedling.
    pub y: Vec<f64>,
    /// The number of trays.
    pub n_trays: usize,
}

impl Seedlings {
    /// `n` seedlings.
    #[must_use]
    pub fn simulated(n: usize, n_trays: usize) -> Seedlings {
        let mut rng = rng();
        let effects: Vec<f64> = (0..n_trays).map(|_| 3.0 * normal(&mut rng)).collect();
        let mut seedlings = Seedlings {
            genotype: Vec::with_capacity(n),
            tray: Vec::with_capacity(n),
            y: Vec::with_capacity(n),
            n_trays,
        };
        for _ in 0..n {
            let (genotype, tray) = (rng.random_range(0..2u32), rng.random_range(0..n_trays as u32));
            let mean = if genotype == 0 { 15.0 } else { 12.0 };
            seedlings.y.push(mean + effects[tray as usize] + 2.0 * normal(&mut rng));
            seedlings.genotype.push(genotype);
            seedlings.tray.push(tray);
        }
        seedlings
    }

    /// As data of `seedlings_loop.stan` and `seedlings_vectorised.stan`.
    #[must_use]
    pub fn json(&self) -> String {
        let from_one = |column: &[u32]| -> Value { column.iter().map(|i| i + 1).collect() };
        let (genotype, tray) = (from_one(&self.genotype), from_one(&self.tray));
        json!({"n": self.y.len(), "n_trays": self.n_trays, "genotype": genotype, "tray": tray, "y": self.y}).to_string()
    }
}

/// Returns whose variance follows the last return and the last variance.
#[must_use]
pub fn garch(n: usize) -> Vec<f64> {
    let (mut rng, mut y, mut variance) = (rng(), Vec::with_capacity(n), 0.25f64);
    for _ in 0..n {
        let shock = variance.sqrt() * normal(&mut rng);
        variance = 0.05 + 0.3 * shock * shock + 0.5 * variance;
        y.push(0.5 + shock);
    }
    y
}

/// A series that follows its last value and its last error.
#[must_use]
pub fn arma(n: usize) -> Vec<f64> {
    let (mut rng, mut y, mut last) = (rng(), vec![0.0f64; n], 0.0);
    for t in 1..n {
        let error = 0.5 * normal(&mut rng);
        y[t] = 0.2 + 0.6 * y[t - 1] + 0.3 * last + error;
        last = error;
    }
    y
}

/// Outcomes of two hidden states that change now and then.
#[must_use]
pub fn hidden_states(n: usize) -> Vec<f64> {
    let (mut rng, mut state) = (rng(), 0usize);
    let mut draw = |_| {
        if rng.random::<f64>() < 0.1 {
            state = 1 - state;
        }
        [3.0, 10.0][state] + normal(&mut rng)
    };
    (0..n).map(&mut draw).collect()
}

/// Draws of two normal components.
#[must_use]
pub fn mixture(n: usize) -> Vec<f64> {
    let mut rng = rng();
    (0..n).map(|_| if rng.random::<f64>() < 0.4 { -2.75 + normal(&mut rng) } else { 2.75 + normal(&mut rng) }).collect()
}

/// A series as data.
#[must_use]
pub fn series(y: &[f64]) -> String {
    json!({"n": y.len(), "y": y, "sigma_first": 0.5}).to_string()
}

/// Predictors, row by row, and outcomes of a regression; of 0 and 1 if it is a logistic one.
#[must_use]
pub fn regression(n: usize, k: usize, is_logistic: bool) -> String {
    let mut rng = rng();
    let x: Vec<Vec<f64>> = (0..n).map(|_| (0..k).map(|_| normal(&mut rng)).collect()).collect();
    let outcome = |row: &Vec<f64>| {
        let mean = 0.5 + row.iter().zip(1..).map(|(x, j)| x * 0.5 / f64::from(j)).sum::<f64>();
        if is_logistic {
            Value::from(i32::from(rng.random::<f64>() < 1.0 / (1.0 + (-mean).exp())))
        } else {
            Value::from(mean + normal(&mut rng))
        }
    };
    let y: Vec<Value> = x.iter().map(outcome).collect();
    json!({"n": n, "k": k, "x": x, "y": y}).to_string()
}
