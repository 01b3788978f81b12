//! Statistical acceptance: what the whole program samples is the posterior, and its Monte Carlo errors are as stated.
//!
//! Runs have default settings and fixed seeds, so that these tests cannot flake. They sample real models and need an
//! optimised build.

mod fit;
mod others;
mod seedling;
