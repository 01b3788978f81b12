//! What must hold of every distribution in the table: each test loops over the rows, so that a new row is tested as soon
//! as it exists. Points and parameters are those of the rows' known values, and draws of their own generators.
//!
//! Densities that see their arguments whole (vectors, matrices) are called as in `examples.rs`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "clippy exempts test functions, but not what they call"
)]

mod cumulative;
mod density;
mod examples;
mod generator;
mod quadrature;
mod rows;
mod table;
mod vectorised;
mod whole;
