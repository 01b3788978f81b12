//! A loop and its vectorised form are one model: they end in the same graph, and so take the same time.
//!
//! The programs are those of the benches, at a size at which every tray has several seedlings, in no order.
#![allow(clippy::panic, reason = "helpers of tests are parts of tests, though not in test functions")]

mod support;

use std::sync::Arc;

use hlmc_engine::{EngineKind, Prepared, Rewrites};
use hlmc_eval::BoundModel;
use hlmc_native::apply::Tables;
use hlmc_native::graph::Operation;
use hlmc_native::{record, rewrite};
use support::{bind, compare, seedlings};

const LOOP: &str = include_str!("../../../benches/models/seedlings_loop.stan");
const VECTORISED: &str = include_str!("../../../benches/models/seedlings_vectorised.stan");

const N: usize = 400;
const N_TRAYS: usize = 50;

/// How far equal graphs may differ, whose sums may run in another order.
const TOLERANCE: f64 = 1e-13;

/// What the graph computes, in no order: each operation with the number of its lanes.
fn operations(model: &BoundModel, rewrites: Rewrites) -> Vec<(String, u32)> {
    let recording = record::record(model.program(), model.data(), &Arc::new(Tables::new()), None);
    let recording = rewrite::run(recording.unwrap_or_else(|stop| panic!("{stop}")), rewrites);
    let needed = recording.graph.needed(recording.result);
    let nodes = recording.graph.nodes().iter().zip(needed).filter(|(_, is_needed)| *is_needed);
    let mut operations: Vec<_> = nodes.map(|(node, _)| (name(&node.operation), node.lanes)).collect();
    operations.sort();
    operations
}

/// An operation without its operands.
fn name(operation: &Operation) -> String {
    match operation {
        Operation::Unary(unary, _) => format!("{unary:?}"),
        Operation::Binary(binary, ..) => format!("{binary:?}"),
        other => format!("{other:?}").split('(').next().unwrap_or_default().to_owned(),
    }
}

#[test]
fn they_end_in_the_same_graph() {
    let (looped, vectorised) = (bind(LOOP, &seedlings(N, N_TRAYS)), bind(VECTORISED, &seedlings(N, N_TRAYS)));
    for rewrites in [Rewrites::ALL, Rewrites::NONE] {
        assert_eq!(operations(&looped, rewrites), operations(&vectorised, rewrites), "{rewrites:?}");
    }
}

#[test]
fn they_have_the_same_value_and_gradient() {
    let models = [bind(LOOP, &seedlings(N, N_TRAYS)), bind(VECTORISED, &seedlings(N, N_TRAYS))];
    let [looped, vectorised] = models.map(|model| {
        assert_eq!(compare(&model, "seedlings"), None);
        let position: Vec<f64> = (0..model.dimension()).map(|i| (0.7 * i as f64 + 0.3).cos()).collect();
        let mut values = vec![0.0; position.len() + 1];
        let mut engine = Prepared::new(EngineKind::Native, &model).engine();
        let value = engine.log_density_gradient(&position, &mut values[1..]);
        values[0] = value.unwrap_or_else(|rejection| panic!("{rejection}"));
        values
    });
    for (a, b) in looped.iter().zip(&vectorised) {
        assert!((a - b).abs() <= TOLERANCE * a.abs().max(1.0), "{a} in the loop, {b} vectorised");
    }
}
