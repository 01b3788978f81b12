//! Draws and what they say: split-Rhat, effective sample sizes, Monte Carlo errors, E-BFMI.
