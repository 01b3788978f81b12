//! What the tests share: programs from text, bound to data from text.
#![allow(dead_code, reason = "each test binary uses a part of it")]
#![allow(clippy::panic, clippy::expect_used, reason = "these are parts of tests, though not in test functions")]

use std::sync::Arc;

use hlmc_builtins::Library;
use hlmc_eval::{BoundModel, DataDiagnostic, Evaluator, Failure, Include, Options};
use hlmc_syntax::{Mode, NoIncludes};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;

pub(crate) fn rng() -> Xoshiro256PlusPlus {
    Xoshiro256PlusPlus::seed_from_u64(20_261_122)
}

/// Binds a program that must check.
pub(crate) fn bind(program: &str, data: &str) -> Result<BoundModel, Vec<DataDiagnostic>> {
    let parsed = hlmc_syntax::parse(program, "test.stan", Mode::Program, &mut NoIncludes);
    let ast = parsed.program.unwrap_or_else(|| panic!("{:?}\n{program}", parsed.diagnostics));
    let checked = hlmc_check::check(&ast, &Library::new());
    let ir = checked.program.unwrap_or_else(|| panic!("{:?}\n{program}", checked.diagnostics));
    BoundModel::bind(Arc::new(ir), data, &mut rng())
}

/// Binds a program to data that must fit.
pub(crate) fn model(program: &str, data: &str) -> BoundModel {
    bind(program, data).unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
}

/// The messages of the mistakes in the data.
pub(crate) fn mistakes(program: &str, data: &str) -> Vec<String> {
    let list = bind(program, data).expect_err("mistakes in the data");
    list.into_iter().map(|mistake| mistake.diagnostic.message).collect()
}

pub(crate) fn log_density(model: &BoundModel, point: &[f64], propto: bool, jacobian: bool) -> Result<f64, Failure> {
    Evaluator::<f64>::new(model).log_density(point, Options { propto, jacobian })
}

/// Everything that is written out at a point, by name.
pub(crate) fn written(model: &BoundModel, point: &[f64]) -> Result<Vec<(String, f64)>, Failure> {
    let mut out = Vec::new();
    Evaluator::<f64>::new(model).constrain(point, Include::GeneratedQuantities, &mut rng(), &mut out)?;
    let names = model.constrained_names(Include::GeneratedQuantities);
    assert_eq!(names.len(), out.len());
    Ok(names.into_iter().zip(out).collect())
}

/// The values of the generated quantities that this block declares.
pub(crate) fn quantities(statements: &str) -> Result<Vec<f64>, Failure> {
    let model = model(&format!("generated quantities {{ {statements} }}"), "");
    Ok(written(&model, &[])?.into_iter().map(|(_, value)| value).collect())
}

/// The message of the failure that these statements end in.
pub(crate) fn failure(statements: &str) -> Failure {
    quantities(statements).expect_err(statements)
}
