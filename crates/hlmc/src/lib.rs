//! The library that joins the parts of hlmc, and its command line.
//!
//! Here: reading and writing of draws in CmdStan's format, and everything that a person reads, as text.
//!
//! Not here: opening files, printing, clocks and signals; these are the binary's. Nothing in this library does any of
//! them.

pub mod compile;
pub mod csv;
pub mod faults;
pub mod points;
pub mod render;
pub mod report;
pub mod sampling;
