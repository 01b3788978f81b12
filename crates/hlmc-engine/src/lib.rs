//! Engines: log density and gradient of a bound model on the unconstrained space.
