//! What the benches share: model texts, simulated data, and the same log densities written by hand.
//!
//! | module | what is there |
//! | --- | --- |
//! | [`data`] | simulated data as JSON, with fixed seeds |
//! | [`by_hand`] | log density and gradient as a person would write them in Rust |
//! | [`model`] | from text and data to an engine |

pub mod by_hand;
pub mod data;
pub mod model;
