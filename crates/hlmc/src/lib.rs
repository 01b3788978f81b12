//! The command line of hlmc, and the library that joins its parts.
