//! What warmup learns: the step size by dual averaging, the metric from windows of draws.

pub(crate) mod dual_averaging;
pub(crate) mod welford;
pub(crate) mod windows;
