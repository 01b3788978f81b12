//! The diagnostics as a whole: against other programs, against theory, and at their edges.

mod chains;
mod edges;
mod findings;
mod reference;
mod theory;
mod timing;
