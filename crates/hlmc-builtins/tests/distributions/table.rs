//! Rows are complete, and are what Stan has.

use std::collections::HashSet;

use hlmc_builtins::known_names::is_known_to_stan;
use hlmc_builtins::signature::Overload;
use hlmc_builtins::table::{Density, Library, Part};

use crate::rows::{call_scalars, distributions};
use hlmc_builtins::Terms;

#[test]
fn names_are_unique_and_rows_documented() {
    let library = Library::<f64>::new();
    let mut names = HashSet::new();
    for row in distributions(&library) {
        assert!(names.insert(row.name), "{} is there twice", row.name);
        assert!(!row.doc.is_empty(), "{} has no documentation", row.name);
        let needs_cases = matches!(row.density, Density::Scalar(_));
        assert!(!needs_cases || !row.cases.is_empty(), "{} has no known value", row.name);
    }
}

#[test]
fn every_function_is_one_of_stans_and_its_signature_is_readable() {
    let library = Library::<f64>::new();
    for row in distributions(&library) {
        for suffix in row.suffixes() {
            let name = format!("{}_{suffix}", row.name);
            assert!(is_known_to_stan(&name), "Stan has no {name}");
            for signature in row.signatures(row.part(suffix).unwrap()) {
                let is_vectorised_rng = suffix == "rng";
                assert!(is_vectorised_rng || Overload::parse(&signature).is_some(), "unreadable: {signature}");
            }
        }
    }
}

#[test]
fn known_values() {
    let library = Library::<f64>::new();
    for row in distributions(&library) {
        for case in row.cases {
            let value = call_scalars(row, Part::Density, case.at, Terms::ALL).unwrap();
            let error = (value - case.value).abs() / case.value.abs().max(1.0);
            assert!(error < 1e-13, "{}{:?} is {value}, but should be {}", row.name, case.at, case.value);
        }
    }
}
