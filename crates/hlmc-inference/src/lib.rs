//! Leapfrog, metrics, NUTS and its warmup, over any log density.
