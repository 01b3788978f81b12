//! What the tests of agreement share: programs bound to data, run by both engines at several points.
#![allow(clippy::panic, reason = "helpers of tests are parts of tests, though not in test functions")]
#![allow(dead_code, reason = "each of the tests' binaries uses what it needs of this")]

use std::sync::Arc;

use hlmc_builtins::Library;
use hlmc_engine::{EngineKind, Prepared};
use hlmc_eval::BoundModel;
use hlmc_native::apply::Tables;
use hlmc_native::graph::Operation;
use hlmc_native::record::{self, Recording};
use hlmc_syntax::{Mode, NoIncludes};
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// How far value and gradient may differ, relative to the larger of their size and 1.
const TOLERANCE: f64 = 1e-10;

/// Points at which each program is compared, uniform in (-2, 2).
const N_POINTS: usize = 8;

pub(crate) fn bind(program: &str, data: &str) -> BoundModel {
    let parsed = hlmc_syntax::parse(program, "test.stan", Mode::Program, &mut NoIncludes);
    let ast = parsed.program.unwrap_or_else(|| panic!("{:?}\n{program}", parsed.diagnostics));
    let checked = hlmc_check::check(&ast, &Library::new());
    let ir = checked.program.unwrap_or_else(|| panic!("{:?}\n{program}", checked.diagnostics));
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    BoundModel::bind(Arc::new(ir), data, &mut rng).unwrap_or_else(|mistakes| panic!("{mistakes:?}\n{program}"))
}

/// Both engines at several points. Gives the reason if the graph cannot express the program.
pub(crate) fn compare(model: &BoundModel, name: &str) -> Option<String> {
    let native = Prepared::new(EngineKind::Native, model);
    if let Some(reason) = native.why_not_native() {
        return Some(reason.to_owned());
    }
    let (mut native, mut dual) = (native.engine(), Prepared::new(EngineKind::Dual, model).engine());
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(20_261_122);
    for _ in 0..N_POINTS {
        let point: Vec<f64> = (0..model.dimension()).map(|_| 4.0 * rng.random::<f64>() - 2.0).collect();
        let (mut by_graph, mut by_duals) = (vec![0.0; point.len()], vec![0.0; point.len()]);
        let values =
            (native.log_density_gradient(&point, &mut by_graph), dual.log_density_gradient(&point, &mut by_duals));
        let (Ok(x), Ok(y)) = &values else {
            assert_eq!(values.0, values.1, "{name}: one engine rejects {point:?}");
            continue;
        };
        if !y.is_finite() || by_duals.iter().any(|partial| !partial.is_finite()) {
            // Forward mode ran for both.
            assert!(x == y || x.is_nan() && y.is_nan(), "{name}: log density {x} against {y} at {point:?}");
            continue;
        }
        let size = by_duals.iter().fold(1.0, |size: f64, partial| size.max(partial.abs()));
        assert!((x - y).abs() <= TOLERANCE * y.abs().max(1.0), "{name}: log density {x} against {y} at {point:?}");
        for (i, (x, y)) in by_graph.iter().zip(&by_duals).enumerate() {
            assert!((x - y).abs() <= TOLERANCE * size, "{name}: gradient[{i}] {x} against {y} at {point:?}");
        }
    }
    None
}

/// Compares a program whose recording must succeed.
pub(crate) fn agree(name: &str, program: &str, data: &str) {
    let reason = compare(&bind(program, data), name);
    assert_eq!(reason, None, "{name} is not recorded");
}

/// Compares a program of the first size, whose recording must have so many scans, and as many nodes at both other sizes.
pub(crate) fn agree_once(name: &str, program: impl Fn(usize) -> String, [size, few, many]: [usize; 3], scans: usize) {
    let model = bind(&program(size), "{}");
    assert_eq!(compare(&model, name), None, "{name} is not recorded");
    assert_eq!(n_scans(&model), scans, "{name}: scans");
    let [few, many] = [few, many].map(|size| n_nodes(&bind(&program(size), "{}")));
    assert_eq!(few, many, "{name}: nodes grow with the turns");
}

/// A program's recording, before rewrites.
pub(crate) fn recorded(model: &BoundModel) -> Recording {
    let recording = record::record(model.program(), model.data(), &Arc::new(Tables::new()), None);
    recording.unwrap_or_else(|stop| panic!("{stop}"))
}

/// The nodes of a program's recording.
pub(crate) fn n_nodes(model: &BoundModel) -> usize {
    recorded(model).graph.nodes().len()
}

/// The nodes of a program's recording that call a function lane by lane.
pub(crate) fn n_calls_of_lanes(model: &BoundModel) -> usize {
    let graph = recorded(model).graph;
    let is_of_lanes = |operation: &Operation| match operation {
        Operation::Whole(function, _) => graph.wholes[function.0 as usize].each_lane().is_some(),
        _ => false,
    };
    graph.nodes().iter().filter(|node| is_of_lanes(&node.operation)).count()
}

/// The scans of a program's recording.
pub(crate) fn n_scans(model: &BoundModel) -> usize {
    recorded(model).graph.scans.len()
}

/// Data of the seedling models of the benches: trays come in no order, and have seedlings of both genotypes.
pub(crate) fn seedlings(n: usize, n_trays: usize) -> String {
    let list = |entry: &dyn Fn(usize) -> f64| (0..n).map(|i| entry(i).to_string()).collect::<Vec<_>>().join(", ");
    let genotype = list(&|i| (1 + i / 3 % 2) as f64);
    let tray = list(&|i| (1 + i * 17 % n_trays) as f64);
    let y = list(&|i| 12.0 + (1.7 * i as f64).sin());
    format!(r#"{{"n": {n}, "n_trays": {n_trays}, "genotype": [{genotype}], "tray": [{tray}], "y": [{y}]}}"#)
}
