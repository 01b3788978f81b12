//! Runs the binary, and compares what it says with files.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The engines by the names that `--engine` takes.
pub(crate) const ENGINES: [&str; 2] = ["native", "dual"];

/// What a command did.
pub(crate) struct Outcome {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The command, without colours, in a folder.
pub(crate) fn command(args: &[&str], folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hlmc"));
    command.args(args).current_dir(folder).env("NO_COLOR", "1");
    command
}

/// Runs the command in a folder.
pub(crate) fn hlmc(args: &[&str], folder: &Path) -> Outcome {
    let output = command(args, folder).output().expect("hlmc can be started");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("hlmc writes UTF-8");
    Outcome { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// The folder of the cases.
pub(crate) fn tests_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests")
}

/// The folder of the example models.
pub(crate) fn models_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models")
}

/// Files and folders of a folder, sorted by name.
pub(crate) fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("a readable entry").path()).collect();
    paths.sort();
    paths
}

/// A folder of its own for one test, removed at its end.
pub(crate) struct Scratch(pub(crate) PathBuf);

impl Scratch {
    pub(crate) fn new() -> Scratch {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("hlmc-test-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).expect("the temporary folder is writable");
        Scratch(path)
    }

    /// A copy of the files of a folder and of the folders in it.
    pub(crate) fn copy_of(folder: &Path) -> Scratch {
        let scratch = Scratch::new();
        copy(folder, &scratch.0);
        scratch
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // A folder that stays behind in the temporary one does no harm.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn copy(from: &Path, to: &Path) {
    for path in entries(from) {
        let target = to.join(path.file_name().expect("an entry has a name"));
        if path.is_dir() {
            fs::create_dir_all(&target).expect("a folder in the temporary one");
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).expect("a copy in the temporary folder");
        }
    }
}

/// Expectations that were not met.
#[derive(Default)]
pub(crate) struct Misses(Vec<String>);

impl Misses {
    pub(crate) fn add(&mut self, message: String) {
        self.0.push(message);
    }

    /// Compares a text with a file, or writes the file if `UPDATE_GOLDEN` says so.
    pub(crate) fn compare(&mut self, expectation: &Path, actual: &str) {
        let expected = fs::read_to_string(expectation).unwrap_or_default();
        if expected == actual {
            return;
        }
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(expectation, actual).expect("the expectation is writable");
        } else {
            let name = expectation.display();
            self.add(format!("{name}\n--- expected\n{expected}\n--- found\n{actual}"));
        }
    }

    /// Fails if there are any.
    pub(crate) fn report(self) {
        assert!(self.0.is_empty(), "{} cases are not as expected\n\n{}", self.0.len(), self.0.join("\n\n"));
    }
}
