//! Kernels: transcendental functions as straight code over lanes, each written once for every [`Machine`].

pub mod machine;

pub use machine::{Machine, Scalar};
