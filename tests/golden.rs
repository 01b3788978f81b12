//! The cases that are data.

use std::fs;
use std::path::Path;

use crate::harness::{ENGINES, Misses, Outcome, Scratch, entries, hlmc, models_folder, tests_folder};

/// Exit code of a mistake in a program, in data or of a run.
const FAULT: i32 = 1;

/// What a case did, and the files that it wrote, by their names.
type Case = (Outcome, Vec<(String, String)>);

#[test]
fn good_programs_check() {
    let mut misses = Misses::default();
    let programs = entries(&tests_folder().join("good")).into_iter().chain(entries(&models_folder()));
    for path in programs.filter(|path| has_extension(path, &["stan", "model", "stanfunctions"])) {
        let name = file_name(&path);
        let outcome = hlmc(&["check", name], path.parent().expect("a file in a folder"));
        if outcome.code != Some(0) || !outcome.stderr.is_empty() {
            misses.add(format!("{}: {:?}\n{}", path.display(), outcome.code, outcome.stderr));
        }
    }
    misses.report();
}

#[test]
fn bad_programs_get_their_diagnostics() {
    let mut misses = Misses::default();
    for path in entries(&tests_folder().join("bad")) {
        if has_extension(&path, &["stan", "stanfunctions"]) {
            let outcome = hlmc(&["check", file_name(&path)], path.parent().expect("a file in a folder"));
            check_fault(&path, &outcome, &mut misses);
            misses.compare(&path.with_extension("stderr"), &outcome.stderr);
        } else if path.is_dir() {
            let outcome = run_case(&path, &[]).0;
            check_fault(&path, &outcome, &mut misses);
            misses.compare(&path.join("stderr"), &outcome.stderr);
        }
    }
    misses.report();
}

#[test]
fn whole_runs() {
    let mut misses = Misses::default();
    for path in entries(&tests_folder().join("cli")).into_iter().filter(|path| path.is_dir()) {
        let (outcome, files) = run_case(&path, &[]);
        let Outcome { code, stdout, stderr } = &outcome;
        let code = code.map_or("none".to_owned(), |code| code.to_string());
        let mut actual = format!("exit code: {code}\n--- stdout\n{}--- stderr\n{}", mask(stdout), mask(stderr));
        for (name, text) in files {
            actual.push_str(&format!("--- file {name}\n{}", mask(&text)));
        }
        misses.compare(&path.join("expected"), &actual);
    }
    misses.report();
}

/// Cases that evaluate a density do the same whichever engine they are run with: they end with the same exit code, say the
/// same of what is wrong, and write files of the same form. Numbers at a given point agree to [`TOLERANCE`]. Draws may
/// not: rounding differs, and trajectories magnify it; that they are of one posterior is for `sampling`.
#[test]
fn both_engines_do_the_same() {
    let mut misses = Misses::default();
    let folders = ["cli", "bad"].into_iter().flat_map(|folder| entries(&tests_folder().join(folder)));
    let mut n_cases = 0;
    for path in folders.filter(|path| path.is_dir() && takes_engine(path)) {
        n_cases += 1;
        let [native, dual] = ENGINES.map(|engine| run_case(&path, &["--engine", engine]));
        let forms = [form_of(ENGINES[0], &native), form_of(ENGINES[1], &dual)];
        let are_points = args_of(&path).starts_with("log-prob ");
        if forms[0] != forms[1] {
            misses.add(format!("{}\n=== native\n{}\n=== dual\n{}", path.display(), forms[0], forms[1]));
        } else if are_points && !are_close(&native.0.stdout, &dual.0.stdout) {
            let (native, dual) = (&native.0.stdout, &dual.0.stdout);
            misses.add(format!("{}\n=== native\n{native}\n=== dual\n{dual}", path.display()));
        }
    }
    assert!(n_cases > 0, "no case runs a model");
    misses.report();
}

/// What a case must do the same with either engine, the name of which stands in the files as a flag.
fn form_of(engine: &str, (outcome, files): &Case) -> String {
    let without_name = |text: &str| mask(text).replace(&format!("--engine={engine}"), "--engine=(either)");
    let files = files.iter().map(|(name, text)| format!("--- file {name}\n{}", without_name(text)));
    let files: String = files.collect();
    format!("exit code: {:?}\n--- stderr\n{}{files}", outcome.code, mask(&outcome.stderr))
}

/// How far numbers of two engines may differ, relative to the larger of their size and 1.
const TOLERANCE: f64 = 1e-10;

/// Whether two texts are the same but for the last digits of numbers.
fn are_close(a: &str, b: &str) -> bool {
    let is_break = |c: char| c.is_whitespace() || "[]{}:,".contains(c);
    let mut words = a.split_inclusive(is_break).zip(b.split_inclusive(is_break));
    let number = |word: &str| word.trim_end_matches(is_break).parse::<f64>().ok();
    let is_close = |(a, b): (&str, &str)| match (number(a), number(b)) {
        (Some(a), Some(b)) => (a - b).abs() <= TOLERANCE * a.abs().max(1.0),
        _ => a == b,
    };
    a.split_inclusive(is_break).count() == b.split_inclusive(is_break).count() && words.all(is_close)
}

/// Whether a case evaluates a density with an engine of hlmc's choice.
fn takes_engine(folder: &Path) -> bool {
    let args = args_of(folder);
    ["run ", "log-prob "].iter().any(|command| args.starts_with(command)) && !args.contains("--engine")
}

/// Whether a line is one of a CSV file, or the adapted step size or metric in it: numbers between commas.
fn is_draw(line: &str) -> bool {
    const MIN_CELLS: usize = 3;
    let line = line.trim_start_matches("# ");
    let is_number = |cell: &str| cell.trim().parse::<f64>().is_ok();
    line.starts_with("Step size =") || (line.split(',').count() >= MIN_CELLS && line.split(',').all(is_number))
}

fn has_extension(path: &Path, extensions: &[&str]) -> bool {
    path.extension().is_some_and(|found| extensions.iter().any(|extension| found == *extension))
}

fn file_name(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).expect("names of cases are UTF-8")
}

fn check_fault(path: &Path, outcome: &Outcome, misses: &mut Misses) {
    if outcome.code != Some(FAULT) {
        misses.add(format!("{}: exit code {:?}, expected {FAULT}\n{}", path.display(), outcome.code, outcome.stderr));
    }
}

fn args_of(folder: &Path) -> String {
    fs::read_to_string(folder.join("args")).unwrap_or_else(|_| panic!("{}/args", folder.display()))
}

/// Runs a case, with further arguments, in a copy of its folder; gives what happened, and the files that were written.
fn run_case(folder: &Path, more: &[&str]) -> Case {
    let args = args_of(folder);
    let scratch = Scratch::copy_of(folder);
    let before = text_files(&scratch.0);
    let outcome = hlmc(&args.split_whitespace().chain(more.iter().copied()).collect::<Vec<_>>(), &scratch.0);
    let mut files = text_files(&scratch.0);
    files.retain(|file| !before.contains(file));
    (outcome, files)
}

/// Names below a folder and what is in the files.
fn text_files(folder: &Path) -> Vec<(String, String)> {
    let mut files = Vec::new();
    for path in entries(folder) {
        let name = file_name(&path).to_owned();
        if path.is_dir() {
            files.extend(text_files(&path).into_iter().map(|(below, text)| (format!("{name}/{below}"), text)));
        } else {
            files.push((name, fs::read_to_string(&path).expect("files of cases are text")));
        }
    }
    files
}

/// Times are different each time, and the last digits of draws may be on another machine.
fn mask(text: &str) -> String {
    const TIMES: [&str; 3] = ["Seconds:", "# start_datetime =", "#  Elapsed Time:"];
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let is_time = TIMES.iter().any(|start| line.starts_with(start))
            || line.trim_end().ends_with("seconds (Sampling)")
            || line.trim_end().ends_with("seconds (Total)");
        match TIMES.iter().find(|start| line.starts_with(**start)) {
            Some(start) => out.push_str(&format!("{start} (varies)\n")),
            None if is_time => out.push_str("# (varies)\n"),
            None if is_draw(line) => out.push_str(&format!("({} numbers)\n", line.split(',').count())),
            None => out.push_str(line),
        }
    }
    out
}
