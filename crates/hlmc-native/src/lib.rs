//! The native engine: the log density recorded as a graph with the data known, rewritten, and run forwards and backwards.
//!
//! | module | what is there |
//! | --- | --- |
//! | [`record`] | the program, run once with the data known, as a graph |
//! | [`graph`] | columns, operations, and the laws by which nodes are simplified as they are built |
//! | [`apply`] | functions of the table as operations of the graph |
//! | [`kernel`] | transcendental functions as straight code over lanes |
//! | [`linear`] | linear algebra and functions of whole vectors, with adjoints by hand |
//! | [`execute`] | the schedule, the forward and the reverse sweep |

pub mod apply;
pub mod execute;
pub mod graph;
pub mod kernel;
pub mod linear;
pub mod record;
