//! The seedling model at ten thousand to a million seedlings: as a loop, vectorised, and by hand.
//!
//! With 100,000 trays there are few rows to collapse; with 1,000 all rows of a genotype and a tray are one, and the
//! gradient costs the same whatever the number of seedlings.
#![allow(missing_docs, clippy::expect_used, reason = "a bench stops where its model is at fault")]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use hlmc_bench::by_hand::seedlings;
use hlmc_bench::data::Seedlings;
use hlmc_bench::model::{Gradient, point};

const SIZES: [usize; 3] = [10_000, 100_000, 1_000_000];
const MANY_TRAYS: usize = 100_000;
const FEW_TRAYS: usize = 1_000;

/// Samples of a benchmark: a gradient of a million rows takes milliseconds.
const N_SAMPLES: usize = 20;

fn scale(criterion: &mut Criterion) {
    for n_trays in [MANY_TRAYS, FEW_TRAYS] {
        let mut group = criterion.benchmark_group(format!("{n_trays} trays"));
        group.sample_size(N_SAMPLES);
        for n in SIZES {
            let data = Seedlings::simulated(n, n_trays);
            let json = data.json();
            let forms = [
                ("loop", include_str!("models/seedlings_loop.stan")),
                ("vectorised", include_str!("models/seedlings_vectorised.stan")),
            ];
            for (name, program) in forms {
                let mut gradient = Gradient::new(program, &json, "").expect("the model is in order");
                group.bench_function(BenchmarkId::new(name, n), |bencher| bencher.iter(|| black_box(gradient.run())));
            }
            let position = point(n_trays + 4);
            let mut gradient = vec![0.0; position.len()];
            group.bench_function(BenchmarkId::new("by hand", n), |bencher| {
                bencher.iter(|| black_box(seedlings(&data, black_box(&position), &mut gradient)));
            });
        }
        group.finish();
    }
}

criterion_group!(benches, scale);
criterion_main!(benches);
