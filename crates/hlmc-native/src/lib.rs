//! The native engine: the log density recorded as a graph with the data known, rewritten, and run forwards and backwards.
//!
//! | module | what is there |
//! | --- | --- |
//! | [`record`] | the program, run once with the data known, as a graph |
//! | [`graph`] | columns, operations, and the laws by which nodes are simplified as they are built |
//! | [`apply`] | functions of the table as operations of the graph |
//! | [`each_lane`] | functions of whole columns applied lane by lane |
//! | [`rewrite`] | laws of the whole graph, which use that the data are known |
//! | [`kernel`] | transcendental functions as straight code over lanes |
//! | [`linear`] | linear algebra and functions of whole vectors, with adjoints by hand |
//! | [`solve`] | differential equations, systems of equations and integrals of functions of the program |
//! | `codegen` | machine code for both sweeps, through Cranelift |
//! | [`explain`] | what became of each statement, and what it costs |
//! | [`execute`] | the schedule, the forward and the reverse sweep |

pub mod apply;
mod codegen;
pub mod each_lane;
pub mod execute;
pub mod explain;
pub mod graph;
pub mod kernel;
pub mod linear;
pub mod record;
pub mod rewrite;
pub mod solve;
