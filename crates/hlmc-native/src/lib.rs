//! The native engine: the log density recorded as a graph with the data known, rewritten, and run forwards and backwards.

pub mod apply;
pub mod execute;
pub mod graph;
