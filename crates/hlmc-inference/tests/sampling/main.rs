//! Whole chains, on densities of ten lines.

mod densities;
mod determinism;
mod initialisation;
mod posteriors;
mod rejections;
mod timing;
mod warmup;
