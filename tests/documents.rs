//! The documents say what is so: their examples are the files that they show, and their links lead somewhere.

use std::fs;
use std::path::{Path, PathBuf};

use crate::harness::{ENGINES, Misses, Outcome, Scratch, entries, hlmc, models_folder};

/// The commands, as `hlmc --help` lists them.
const COMMANDS: [&str; 6] = ["run", "check", "summary", "log-prob", "bench", "explain"];

/// The documents that people read, from the root.
const DOCUMENTS: [&str; 7] = [
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "models/README.md",
    "docs/architecture.md",
    "docs/language.md",
    "docs/performance.md",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn document(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The first block of code of a language.
fn code_block<'t>(text: &'t str, language: &str) -> &'t str {
    let (_, rest) = text.split_once(&format!("```{language}\n")).expect("the document has such a block");
    rest.split_once("```").expect("the block has an end").0
}

#[test]
fn the_program_of_the_readme_is_the_model() {
    let model = document("models/seedling.model");
    let program: Vec<&str> = model.lines().filter(|line| !line.starts_with("//")).collect();
    let readme = document("README.md");
    assert_eq!(code_block(&readme, "stan").lines().collect::<Vec<_>>(), program);
}

/// The table of the README is that of a run with either engine: the rows are the model's, and the means lie within Monte
/// Carlo error.
#[test]
fn the_table_of_the_readme_is_that_of_a_run() {
    let readme = document("README.md");
    let shown = code_block(&readme, "text").split("\n\n").nth(1).map(rows).unwrap_or_default();
    assert!(!shown.is_empty());
    let names = |rows: &[Row]| rows.iter().map(|row| row.name.clone()).collect::<Vec<_>>();
    for engine in ENGINES {
        let args = ["run", "seedling.model", "--data", "seedling.json", "--seed", "1", "--quiet", "--engine", engine];
        let outcome = hlmc(&args, &models_folder());
        let table = outcome.stdout.split("\n\n").nth(1).map(rows).unwrap_or_default();
        assert_eq!(names(&shown), names(&table), "{engine}");
        for (shown, found) in shown.iter().zip(&table) {
            // The last digits of draws, and with them whole trajectories, may be others on another machine.
            let margin = 6.0 * shown.se_mean.hypot(found.se_mean) + 0.01;
            let (name, mean) = (&shown.name, found.mean);
            assert!((shown.mean - mean).abs() < margin, "{name}: {} and, with {engine}, {mean}", shown.mean);
        }
    }
}

struct Row {
    name: String,
    mean: f64,
    se_mean: f64,
}

/// The rows of a table below its header.
fn rows(table: &str) -> Vec<Row> {
    let cells = table.lines().skip(1).map(|line| line.split_whitespace().collect::<Vec<_>>());
    let number = |cell: &str| cell.parse::<f64>().expect("a number");
    cells.map(|row| Row { name: row[0].to_owned(), mean: number(row[1]), se_mean: number(row[2]) }).collect()
}

#[test]
fn every_flag_is_in_the_readme() {
    let readme = document("README.md");
    let mut misses = Misses::default();
    for command in COMMANDS {
        let help = hlmc(&[command, "--help"], &root()).stdout;
        let flags = help.split(|c: char| c.is_whitespace() || c == ',').filter(|word| word.starts_with("--"));
        for flag in flags.filter(|flag| *flag != "--help") {
            if !readme.contains(&format!("`{flag} ")) && !readme.contains(&format!("`{flag}`")) {
                misses.add(format!("`{flag}` of `hlmc {command}` is not in README.md"));
            }
        }
        if !readme.contains(&format!("| `hlmc {command} ")) {
            misses.add(format!("`hlmc {command}` is not in README.md"));
        }
    }
    misses.report();
}

/// Every model checks, binds to the data that its folder has for it, has a density at zero with either engine, and is in
/// the table.
#[test]
fn every_model_has_data_and_a_line() {
    let folder = models_folder();
    let readme = document("models/README.md");
    let mut misses = Misses::default();
    let is_program = |path: &PathBuf| path.extension().is_some_and(|found| found == "stan" || found == "model");
    for path in entries(&folder).into_iter().filter(is_program) {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let stem = path.file_stem().expect("a name").to_string_lossy().into_owned();
        if !readme.contains(&format!("`{name}`")) {
            misses.add(format!("models/{name} is not in models/README.md"));
        }
        let data = data_file(&folder, &stem);
        for engine in ENGINES {
            if let Err(text) = density_at_zero(&folder, &name, &data, engine) {
                misses.add(format!("models/{name} with {data} and {engine} has no density where all is zero\n{text}"));
            }
        }
    }
    misses.report();
}

/// The log density where all coordinates are zero; what hlmc says where there is none.
fn density_at_zero(folder: &Path, model: &str, data: &str, engine: &str) -> Result<f64, String> {
    let scratch = Scratch::new();
    let points = scratch.0.join("points.json");
    let log_prob = |text: &str| {
        fs::write(&points, text).expect("a file in the temporary folder");
        let points = points.display().to_string();
        hlmc(&["log-prob", model, "--data", data, "--points", &points, "--engine", engine], folder)
    };
    let line = |outcome: &Outcome, number: usize| -> serde_json::Value {
        let line = outcome.stdout.lines().nth(number).unwrap_or_default();
        serde_json::from_str(line).unwrap_or_default()
    };
    let outcome = log_prob("[]");
    let Some(n) = line(&outcome, 0)["unconstrained_names"].as_array().map(Vec::len) else { return Err(outcome.stderr) };
    let outcome = log_prob(&format!("[{:?}]", vec![0.0; n]));
    line(&outcome, 1)["lp"].as_f64().ok_or(format!("{}\n{}", outcome.stdout, outcome.stderr))
}

/// The data of a model: of its own name, or of the longest beginning of it that has some.
fn data_file(folder: &Path, stem: &str) -> String {
    let mut beginning = stem;
    loop {
        let name = format!("{beginning}.json");
        if folder.join(&name).exists() {
            return name;
        }
        beginning = beginning.rsplit_once('_').unwrap_or_else(|| panic!("models/{stem} has no data")).0;
    }
}

/// Links between documents lead to files; nothing in them waits to be filled in.
#[test]
fn documents_are_whole() {
    let mut misses = Misses::default();
    for name in DOCUMENTS {
        let text = document(name);
        let folder = root().join(name).parent().expect("a folder").to_owned();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link) {
            if !link.starts_with("https://") && !folder.join(link).exists() {
                misses.add(format!("{name}: there is no `{link}`"));
            }
        }
        if text.contains("@@") {
            misses.add(format!("{name} has a placeholder"));
        }
    }
    misses.report();
}

/// Folders that the map of the code names are there, and every crate is on it.
#[test]
fn the_map_has_every_crate() {
    let map = document("docs/architecture.md");
    for path in entries(&root().join("crates")) {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        assert!(map.contains(&format!("| `{name}` |")), "{name} is not in docs/architecture.md");
    }
}
