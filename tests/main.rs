//! Language and end-to-end cases. Most are data: folders of programs with what must come out.
//!
//! | folder | a case | what must hold |
//! | --- | --- | --- |
//! | `good/` | `x.stan` or `x.model` | `hlmc check` accepts it and says nothing else |
//! | `bad/` | `x.stan`, or a folder with `args` | the command fails, and standard error is `x.stderr`, or `stderr` in the folder |
//! | `cli/` | a folder with `args` | standard output, standard error, exit code and files are those of `expected` |
//!
//! `UPDATE_GOLDEN=1 cargo test -p hlmc` rewrites what must come out; the diff is what gets reviewed.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by a panic, helpers of tests included")]

mod behaviour;
mod documents;
mod golden;
mod harness;
mod sampling;
