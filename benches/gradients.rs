//! Gradients of small models, beside the same by hand where a loop is easily written.
#![allow(missing_docs, clippy::expect_used, reason = "a bench stops where its model is at fault")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use hlmc_bench::by_hand::{Garch, seedlings};
use hlmc_bench::data::{self, Seedlings};
use hlmc_bench::model::{Gradient, point};

/// Lengths of the series, which are those of the usual examples.
const ARMA_LENGTH: usize = 200;
const GARCH_LENGTH: usize = 200;
const HIDDEN_LENGTH: usize = 100;
const MIXTURE_LENGTH: usize = 1000;

/// Rows and predictors of the regressions.
const LINEAR: (usize, usize) = (1000, 5);
const LOGISTIC_PREDICTORS: usize = 2;

fn native(criterion: &mut Criterion, name: &str, program: &str, data: &str, rewrites: &str) {
    let mut gradient = Gradient::new(program, data, rewrites).expect("the model is in order");
    criterion.bench_function(name, |bencher| bencher.iter(|| black_box(gradient.run())));
}

fn seedling(criterion: &mut Criterion) {
    let program = include_str!("../models/seedling.model");
    let json = include_str!("../models/seedling.json");
    native(criterion, "seedling/native", program, json, "");
    native(criterion, "seedling/native, no rewrites", program, json, "none");
    let data: serde_json::Value = serde_json::from_str(json).expect("the data are JSON");
    let column = |name: &str| data[name].as_array().expect("the data have this column").iter();
    let from_zero = |name: &str| column(name).map(|i| i.as_u64().unwrap_or(1) as u32 - 1).collect::<Vec<u32>>();
    let (genotype, tray) = (from_zero("genotype"), from_zero("tray"));
    let y = column("y").map(|y| y.as_f64().unwrap_or(0.0)).collect();
    let n_trays = tray.iter().max().map_or(0, |tray| *tray as usize + 1);
    by_hand(criterion, "seedling/by hand", &Seedlings { genotype, tray, y, n_trays });
}

fn by_hand(criterion: &mut Criterion, name: &str, data: &Seedlings) {
    let position = point(data.n_trays + 4);
    let mut gradient = vec![0.0; position.len()];
    criterion.bench_function(name, |bencher| {
        bencher.iter(|| black_box(seedlings(data, black_box(&position), &mut gradient)));
    });
}

fn recurrences(criterion: &mut Criterion) {
    let arma = data::series(&data::arma(ARMA_LENGTH));
    native(criterion, "arma11/native", include_str!("models/arma11.stan"), &arma, "");
    let y = data::garch(GARCH_LENGTH);
    native(criterion, "garch11/native", include_str!("models/garch11.stan"), &data::series(&y), "");
    let (mut garch, position, mut gradient) = (Garch::new(y, 0.5), point(4), [0.0; 4]);
    criterion.bench_function("garch11/by hand", |bencher| {
        bencher.iter(|| black_box(garch.log_density_gradient(black_box(&position), &mut gradient)));
    });
    let hidden = data::series(&data::hidden_states(HIDDEN_LENGTH));
    native(criterion, "hidden states/native", include_str!("models/hidden_states.stan"), &hidden, "");
    let mixture = data::series(&data::mixture(MIXTURE_LENGTH));
    native(criterion, "mixture/native", include_str!("models/mixture.stan"), &mixture, "");
}

fn regressions(criterion: &mut Criterion) {
    let linear = data::regression(LINEAR.0, LINEAR.1, false);
    let program = include_str!("models/linear_regression.stan");
    native(criterion, "linear regression/native", program, &linear, "");
    native(criterion, "linear regression/native, no gram", program, &linear, "no-gram");
    let logistic = data::regression(data::LOGISTIC_ROWS, LOGISTIC_PREDICTORS, true);
    let program = include_str!("models/logistic_regression.stan");
    native(criterion, "logistic regression/native", program, &logistic, "");
}

criterion_group!(gradients, seedling, recurrences, regressions);
criterion_main!(gradients);
