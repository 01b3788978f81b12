//! The types of the language and the one table of its functions and distributions.
