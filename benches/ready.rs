//! From text and data to an engine that is ready to sample.
#![allow(missing_docs, clippy::expect_used, reason = "a bench stops where its model is at fault")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use hlmc_bench::data::{self, Seedlings};
use hlmc_bench::model::Gradient;

/// Samples of a benchmark: a million rows take most of a second.
const N_SAMPLES: usize = 10;

/// Seedlings and trays of the largest model.
const LARGE: (usize, usize) = (1_000_000, 100_000);

fn ready(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("ready");
    group.sample_size(N_SAMPLES);
    let small = [
        ("seedling", include_str!("../models/seedling.model"), include_str!("../models/seedling.json").to_owned()),
        ("garch11", include_str!("models/garch11.stan"), data::series(&data::garch(200))),
        ("hidden states", include_str!("models/hidden_states.stan"), data::series(&data::hidden_states(100))),
        (
            "logistic regression",
            include_str!("models/logistic_regression.stan"),
            data::regression(data::LOGISTIC_ROWS, 2, true),
        ),
    ];
    let large = Seedlings::simulated(LARGE.0, LARGE.1).json();
    let large = ("a million seedlings", include_str!("models/seedlings_loop.stan"), large);
    for (name, program, json) in small.into_iter().chain([large]) {
        group.bench_function(name, |bencher| {
            bencher.iter(|| black_box(Gradient::new(program, &json, "").expect("the model is in order")));
        });
    }
    group.finish();
}

criterion_group!(benches, ready);
criterion_main!(benches);
