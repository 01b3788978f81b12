//! Kernels: transcendental functions as straight code over lanes, each written once for every [`Machine`].
//!
//! No kernel branches: what depends on a lane is a select. The error of every function is at most 2 ulp wherever it
//! is defined, whether the machine's `multiply_add` rounds once or twice; zeros, infinities, subnormal numbers and NaN
//! give what IEEE 754 recommends. ([`log1p_exp_by_exponential`] gives 0 for subnormal numbers below -709.8, where the
//! `exp(-x)` that it may be given is infinite.)
//!
//! | module | functions |
//! | --- | --- |
//! | [`exponential`] | [`exp`], [`expm1`], [`tanh`] |
//! | [`logarithm`] | [`log`], [`log1p`] |
//! | [`logistic`] | [`log1p_exp`], [`inv_logit`], [`log_sum_exp`], each also with its derivatives |
//! | [`gamma`] | [`log_gamma`], [`digamma`], of positive numbers |
//! | [`trigonometric`] | [`sin`], [`cos`], of numbers that are not huge |
//! | [`block`] | the functions over slices, with the machine's vector instructions |

mod arithmetic;
pub mod block;
pub mod exponential;
pub mod gamma;
pub mod logarithm;
pub mod logistic;
pub mod machine;
pub mod trigonometric;

pub use exponential::{exp, expm1, tanh};
pub use gamma::{digamma, log_gamma};
pub use logarithm::{log, log1p};
pub use logistic::{
    inv_logit, log_sum_exp, log_sum_exp_with_weights, log1p_exp, log1p_exp_by_exponential, log1p_exp_with_slope,
};
pub use machine::{Machine, Scalar};
pub use trigonometric::{TRIGONOMETRIC_LIMIT, cos, sin, sin_cos};
