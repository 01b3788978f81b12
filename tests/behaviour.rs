//! What a run promises beyond its output, with either engine: reproducible draws, files that are whole, nothing said that
//! is not so.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::harness::{ENGINES, Scratch, command, hlmc};

const MODEL: &str = "parameters { real<lower=0> s; vector[2] x; }\n\
                     model { s ~ normal(0, 1); x ~ normal(0, 1 + s); }\n\
                     generated quantities { real z = normal_rng(x[1], s); }\n";

fn folder_with_model() -> Scratch {
    let scratch = Scratch::new();
    fs::write(scratch.0.join("m.stan"), MODEL).expect("a file in the temporary folder");
    scratch
}

/// Runs the model with short chains; gives the draws of each file by its name.
fn draws(folder: &Path, out: &str, more: &[&str]) -> Vec<(String, Vec<String>)> {
    let mut args = vec!["run", "m.stan", "--quiet", "--warmup", "100", "--draws", "30", "--seed", "5", "--out", out];
    args.extend(more);
    let outcome = hlmc(&args, folder);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    let files = crate::harness::entries(&folder.join(out)).into_iter();
    files.map(|path| (path.file_name().expect("a name").to_string_lossy().into_owned(), rows(&path))).collect()
}

/// The lines of a file that are no comments.
fn rows(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).expect("a file of draws");
    assert!(text.ends_with('\n'), "the last line of {} is cut off", path.display());
    text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
}

#[test]
fn draws_do_not_depend_on_threads_or_other_chains() {
    for engine in ENGINES {
        let scratch = folder_with_model();
        let one = draws(&scratch.0, "one", &["--engine", engine, "--threads", "1"]);
        let eight = draws(&scratch.0, "eight", &["--engine", engine, "--threads", "8"]);
        assert_eq!(one, eight);
        let third = draws(&scratch.0, "third", &["--engine", engine, "--chains", "1", "--first-chain", "3"]);
        assert_eq!(third, one[2..3]);
        assert_ne!(one[0].1, one[1].1);
    }
}

#[test]
fn parameters_do_not_depend_on_generated_quantities() {
    for engine in ENGINES {
        let scratch = folder_with_model();
        let with = draws(&scratch.0, "with", &["--engine", engine, "--chains", "1"]);
        let (model, _) = MODEL.split_once("generated").expect("the model has generated quantities");
        fs::write(scratch.0.join("m.stan"), model).expect("a file in the temporary folder");
        let without = draws(&scratch.0, "without", &["--engine", engine, "--chains", "1"]);
        let is_same = |(with, without): (&String, &String)| with.starts_with(without.as_str());
        assert!(with[0].1.iter().zip(&without[0].1).all(is_same));
    }
}

#[test]
fn a_rejection_in_generated_quantities_leaves_the_parameters() {
    let scratch = Scratch::new();
    let model = "parameters { real x; } transformed parameters { real y = 2 * x; } model { x ~ normal(0, 1); }\n\
                 generated quantities { real z = 1; if (x > 0) reject(\"above\"); }\n";
    fs::write(scratch.0.join("m.stan"), model).expect("a file in the temporary folder");
    for engine in ENGINES {
        let chain = draws(&scratch.0, engine, &["--engine", engine, "--chains", "1"]).swap_remove(0).1;
        let numbers = |row: &String| row.split(',').skip(7).map(|cell| cell.parse().expect("a number")).collect();
        let rows: Vec<Vec<f64>> = chain.iter().skip(1).map(numbers).collect();
        assert!(rows.iter().all(|row| row[1] == 2.0 * row[0] && row[2].is_nan() == (row[0] > 0.0)));
        assert!(rows.iter().any(|row| row[2].is_nan()) && rows.iter().any(|row| row[2] == 1.0));
    }
}

#[test]
fn summary_of_the_files_is_the_table_of_the_run() {
    for engine in ENGINES {
        let scratch = folder_with_model();
        let args = ["run", "m.stan", "--engine", engine, "--quiet", "--warmup", "100", "--draws", "50", "--out", "out"];
        let run = hlmc(&args, &scratch.0);
        let files: Vec<String> = (1..=4).map(|chain| format!("out/chain-{chain}.csv")).collect();
        let args: Vec<&str> = std::iter::once("summary").chain(files.iter().map(String::as_str)).collect();
        let summary = hlmc(&args, &scratch.0);
        let table = |text: &str| text.split("\n\n").nth(1).expect("a table").to_owned();
        assert_eq!(table(&summary.stdout), table(&run.stdout));
    }
}

#[test]
fn json_output_is_one_object() {
    for engine in ENGINES {
        let scratch = folder_with_model();
        let args = ["run", "m.stan", "--quiet", "--json", "--warmup", "100", "--draws", "50", "--seed", "9"];
        let outcome = hlmc(&[&args[..], &["--engine", engine]].concat(), &scratch.0);
        let object: serde_json::Value = serde_json::from_str(&outcome.stdout).expect("JSON");
        assert_eq!(object["seed"], 9);
        assert_eq!(object["engine"], engine);
        assert_eq!(object["total_draws"], 200);
        assert!(object["summary"]["x[2]"]["mean"].is_number());
        assert!(object["seconds"]["sampling"].is_number());
    }
}

/// A run that would take hours; gives it once it has written some draws.
#[cfg(unix)]
fn long_run(folder: &Path, engine: &str) -> std::process::Child {
    use std::process::Stdio;
    let args = ["run", "m.stan", "--quiet", "--chains", "2", "--draws", "1000000000", "--seed", "1", "--out", "out"];
    let mut run = command(&[&args[..], &["--engine", engine]].concat(), folder);
    let run = run.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("hlmc can be started");
    let begin = Instant::now();
    let is_long = |chain: &str| fs::metadata(folder.join("out").join(chain)).is_ok_and(|file| file.len() > 20_000);
    while !(is_long("chain-1.csv") && is_long("chain-2.csv")) {
        assert!(begin.elapsed() < Duration::from_secs(120), "no draws come");
        std::thread::sleep(Duration::from_millis(20));
    }
    run
}

#[cfg(unix)]
#[test]
fn an_interrupt_keeps_the_draws_so_far() {
    ENGINES.into_iter().for_each(interrupt);
}

#[cfg(unix)]
fn interrupt(engine: &str) {
    let scratch = folder_with_model();
    let run = long_run(&scratch.0, engine);
    let signal = std::process::Command::new("kill").args(["-INT", &run.id().to_string()]).status();
    assert!(signal.is_ok_and(|status| status.success()));
    let output = run.wait_with_output().expect("hlmc ends");
    assert_eq!(output.status.code(), Some(130));
    let table = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(table.contains("The run was interrupted") && table.contains("x[2]"), "{table}");
    for chain in ["chain-1.csv", "chain-2.csv"] {
        let rows = rows(&scratch.0.join("out").join(chain));
        let n_columns = rows[0].split(',').count();
        assert!(rows.len() > 10 && rows.iter().all(|row| row.split(',').count() == n_columns));
    }
    let summary = hlmc(&["summary", "out/chain-1.csv", "out/chain-2.csv"], &scratch.0);
    assert_eq!(summary.code, Some(0), "{}", summary.stderr);
}

/// The shell sets the largest size of a file, and the system's signal about it is ignored: a write fails.
#[cfg(unix)]
#[test]
fn a_write_that_fails_stops_the_run() {
    let script = "trap '' XFSZ; ulimit -f 16; \
                  exec \"$0\" run m.stan --engine \"$1\" --quiet --draws 100000 --seed 1 --out out";
    for engine in ENGINES {
        let scratch = folder_with_model();
        let mut shell = std::process::Command::new("sh");
        let output = shell.args(["-c", script, env!("CARGO_BIN_EXE_hlmc"), engine]).current_dir(&scratch.0).output();
        let output = output.expect("a shell");
        let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(1), "{stderr}");
        assert!(stderr.contains("cannot write on into `out/chain-") && stderr.contains("too large"), "{stderr}");
        assert!(stdout.is_empty(), "{stdout}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    use std::process::Stdio;
    for engine in ENGINES {
        let scratch = folder_with_model();
        let args = ["run", "m.stan", "--engine", engine, "--quiet", "--warmup", "100", "--draws", "50"];
        let mut run = command(&args, &scratch.0).stdout(Stdio::piped()).spawn().expect("hlmc can be started");
        drop(run.stdout.take());
        assert_eq!(run.wait().expect("hlmc ends").code(), Some(0));
    }
}

#[test]
fn times_of_statements_add_up_to_the_gradient() {
    let scratch = folder_with_model();
    let outcome = hlmc(&["explain", "m.stan", "--json"], &scratch.0);
    let report: serde_json::Value = serde_json::from_str(&outcome.stdout).expect("the report is JSON");
    let statements = report["statements"].as_array().expect("the report has statements");
    let ns = |value: &serde_json::Value| value.as_f64().expect("a time");
    let lines: Vec<i64> = statements.iter().filter_map(|row| row["line"].as_i64()).collect();
    assert_eq!(lines, [1, 1, 2, 2], "two parameters, two statements: {}", outcome.stdout);
    assert!(statements.iter().all(|row| ns(&row["ns"]) >= 0.0));
    let total = ns(&report["ns_of_a_call"]) + statements.iter().map(|row| ns(&row["ns"])).sum::<f64>();
    assert!((total - ns(&report["ns"])).abs() < 1e-6 * total, "{}", outcome.stdout);
}

#[test]
fn bench_times_the_gradient_without_each_rewrite() {
    let scratch = Scratch::new();
    let model =
        "data { int n; array[n] int g; vector[n] y; } parameters { vector[2] m; } model { y ~ normal(m[g], 1); }";
    fs::write(scratch.0.join("m.stan"), model).expect("a file in the temporary folder");
    let (g, y): (Vec<usize>, Vec<f64>) = (0..40).map(|i| (1 + i % 2, i as f64)).unzip();
    fs::write(scratch.0.join("m.json"), format!("{{\"n\": 40, \"g\": {g:?}, \"y\": {y:?}}}")).expect("a file");
    let outcome = hlmc(&["bench", "m.stan", "--data", "m.json", "--json"], &scratch.0);
    let report: serde_json::Value = serde_json::from_str(&outcome.stdout).expect("the report is JSON");
    assert!(report["engines"]["native"]["runs"].is_string(), "{}", outcome.stdout);
    assert!(report["rewrites"]["statistics"]["ratio"].as_f64() > Some(0.0), "{}", outcome.stdout);
    assert!(report["rewrites"]["none"]["ns_per_gradient_without"].as_f64() > Some(0.0), "{}", outcome.stdout);
}
