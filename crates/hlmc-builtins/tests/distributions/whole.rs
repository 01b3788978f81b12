//! Densities that see their arguments whole.
