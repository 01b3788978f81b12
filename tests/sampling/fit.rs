//! Samples an example model through the library, as `hlmc run` does.

use std::fs;
use std::io;
use std::sync::atomic::AtomicBool;

use hlmc::compile::compile;
use hlmc::sampling::{Listener, Plan, column_names, data_rng, run_chains};
use hlmc_engine::{EngineKind, Prepared};
use hlmc_eval::BoundModel;
use hlmc_inference::{InverseMetric, Settings, TransitionStats};
use hlmc_posterior::{Draws, VariableDraws};
use hlmc_syntax::NoIncludes;

use crate::harness::models_folder;

/// The defaults of `hlmc run`.
const N_CHAINS: usize = 4;
const N_DRAWS: usize = 1000;

/// Draws do not depend on it.
const N_THREADS: usize = 2;

/// The draws of a run with default settings.
pub(super) struct Fit {
    draws: Draws,
}

impl Fit {
    /// Runs a model of the `models` folder with an engine.
    pub(super) fn new(model: &str, data: &str, engine: EngineKind, seed: u64) -> Fit {
        let read = |name: &str| fs::read_to_string(models_folder().join(name)).expect("an example can be read");
        let compiled = compile(&read(model), model, &mut NoIncludes);
        let program = compiled.program.expect("an example compiles");
        let model = BoundModel::bind(program, &read(data), &mut data_rng(seed)).expect("the data fit the model");
        let plan = Plan {
            n_chains: N_CHAINS,
            first_chain: 1,
            n_draws: N_DRAWS,
            thin: 1,
            seed,
            n_threads: N_THREADS,
            settings: Settings::default(),
            inits: None,
        };
        let engine = prepared(engine, &model);
        let listeners = (0..N_CHAINS).map(|_| Deaf).collect();
        let outcomes = run_chains(&engine, &plan, listeners, &AtomicBool::new(false));
        let chains = outcomes.into_iter().map(|outcome| {
            assert!(outcome.failure.is_none(), "a chain failed: {:?}", outcome.failure);
            outcome.draws
        });
        let draws = Draws::from_chains(column_names(&model), chains.collect()).expect("chains of one model");
        assert_eq!((draws.n_chains(), draws.n_draws()), (N_CHAINS, N_DRAWS));
        Fit { draws }
    }

    /// The draws of a variable by its name in the table, such as `tau[3]`.
    pub(super) fn variable(&self, name: &str) -> VariableDraws<'_> {
        let column = name.replace(['[', ','], ".").replace(']', "");
        let variable = self.draws.index_of(&column).and_then(|idx| self.draws.variable(idx));
        variable.unwrap_or_else(|| panic!("there is no variable {name}"))
    }
}

/// The engine itself, not another one in its place.
fn prepared(kind: EngineKind, model: &BoundModel) -> Prepared {
    let prepared = Prepared::new(kind, model);
    assert_eq!(prepared.kind(), kind, "{:?}", prepared.why_not_native());
    prepared
}

struct Deaf;

impl Listener for Deaf {
    fn adapted(&mut self, _: f64, _: &InverseMetric) -> io::Result<()> {
        Ok(())
    }

    fn draw(&mut self, _: f64, _: &TransitionStats, _: &[f64]) -> io::Result<()> {
        Ok(())
    }

    fn printed(&mut self, _: &str) {}

    fn finished(&mut self) -> io::Result<()> {
        Ok(())
    }
}
