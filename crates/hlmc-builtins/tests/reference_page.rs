//! `docs/functions.md` is what the table says.

use std::path::Path;

use hlmc_builtins::{Library, reference};

#[test]
fn the_reference_page_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/functions.md");
    let page = reference::page(&Library::<f64>::new());
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == page, "docs/functions.md is stale: UPDATE_GOLDEN=1 writes it anew");
}
