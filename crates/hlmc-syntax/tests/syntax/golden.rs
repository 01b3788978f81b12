//! `tests/syntax/*.stan` of the workspace, each with its tree in `*.ast`. `UPDATE_GOLDEN=1` writes the trees anew.

use std::path::Path;

use crate::{program, sexpr};

#[test]
fn programs_have_the_trees_beside_them() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/syntax");
    let mut names: Vec<_> = std::fs::read_dir(&folder)
        .expect("the folder of golden programs")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "stan"))
        .collect();
    names.sort();
    assert!(!names.is_empty());
    for path in names {
        let text = std::fs::read_to_string(&path).expect("a program");
        let tree = sexpr::program(&program(&text));
        let golden = path.with_extension("ast");
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(&golden, &tree).expect("a writable folder");
        }
        let expected = std::fs::read_to_string(&golden).unwrap_or_default();
        assert_eq!(tree, expected, "{}", path.display());
    }
}
