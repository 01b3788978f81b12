//! A small driver of the engines: `log_prob log-prob MODEL [--data D] --points P` prints JSON lines as `hlmc log-prob` does,
//! and `log_prob bench MODEL --data D` prints the nanoseconds of a gradient.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example is a program")]

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use hlmc_builtins::Library;
use hlmc_engine::{EngineKind, LogProb};
use hlmc_eval::BoundModel;
use hlmc_math::LogDensity;
use hlmc_syntax::{Mode, NoIncludes};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;
use serde_json::{Value, json};

fn option(arguments: &[String], name: &str) -> Option<String> {
    arguments.iter().position(|a| a == name).and_then(|i| arguments.get(i + 1)).cloned()
}

fn bind(model: &str, data: &str) -> Result<BoundModel, Vec<String>> {
    let text = std::fs::read_to_string(model).map_err(|error| vec![error.to_string()])?;
    let parsed = hlmc_syntax::parse(&text, model, Mode::of_file(model), &mut NoIncludes);
    let Some(program) = parsed.program else {
        return Err(parsed.diagnostics.iter().map(|d| d.message.clone()).collect());
    };
    let checked = hlmc_check::check(&program, &Library::new());
    let Some(program) = checked.program else {
        return Err(checked.diagnostics.iter().filter(|d| d.is_error()).map(|d| d.message.clone()).collect());
    };
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    let mistakes = |list: Vec<hlmc_eval::DataDiagnostic>| {
        list.iter().map(|m| format!("{} {:?}", m.diagnostic.message, m.place)).collect()
    };
    BoundModel::bind(Arc::new(program), data, &mut rng).map_err(mistakes)
}

fn number(x: f64) -> Value {
    match x {
        _ if x.is_nan() => json!("NaN"),
        _ if x.is_infinite() => json!(if x > 0.0 { "Infinity" } else { "-Infinity" }),
        _ => json!(x),
    }
}

fn numbers(list: &[f64]) -> Value {
    list.iter().map(|x| number(*x)).collect()
}

fn log_prob(model: &BoundModel, points: &str) -> Result<(), Box<dyn std::error::Error>> {
    let points: Vec<Vec<f64>> = serde_json::from_str(&std::fs::read_to_string(points)?)?;
    if let Err(stop) = hlmc_engine::native::Recorded::new(model) {
        eprintln!("NOTNATIVE {stop:?}");
    }
    let mut reporter = LogProb::new(model, EngineKind::Auto);
    let names = reporter.constrained_names();
    println!("{}", json!({"unconstrained_names": model.unconstrained_names(), "constrained_names": names}));
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    for point in points {
        let line = match reporter.report(&point, &mut rng) {
            Ok(report) => json!({
                "lp": number(report.lp),
                "lp_full": number(report.lp_full),
                "gradient": numbers(&report.gradient),
                "constrained": numbers(&report.constrained),
            }),
            Err(rejection) => json!({"error": rejection.message}),
        };
        println!("{line}");
    }
    Ok(())
}

fn bench(model: &BoundModel) {
    let mut engine =
        hlmc_engine::build(if std::env::var_os("DUAL").is_some() { EngineKind::Dual } else { EngineKind::Auto }, model)
            .1;
    let n = model.dimension();
    let position: Vec<f64> = (0..n).map(|i| 0.1 * ((i + 1) as f64).sin()).collect();
    let mut gradient = vec![0.0; n];
    let mut times: Vec<f64> = (0..21)
        .map(|_| {
            let start = Instant::now();
            let n_calls = 200;
            for _ in 0..n_calls {
                let _ = std::hint::black_box(engine.log_density_gradient(&position, &mut gradient));
            }
            start.elapsed().as_nanos() as f64 / f64::from(n_calls)
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!("{} parameters: {:.0} ns per gradient (least {:.0})", n, times[10], times[0]);
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [command, model, ..] = arguments.as_slice() else { return ExitCode::from(2) };
    let data = option(&arguments, "--data").map_or(Ok(String::new()), std::fs::read_to_string);
    let Ok(data) = data else { return ExitCode::from(2) };
    let bound = match bind(model, &data) {
        Ok(bound) => bound,
        Err(messages) => {
            messages.iter().for_each(|message| eprintln!("{message}"));
            return ExitCode::FAILURE;
        }
    };
    if command == "bench" {
        bench(&bound);
        return ExitCode::SUCCESS;
    }
    match log_prob(&bound, &option(&arguments, "--points").unwrap_or_default()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
