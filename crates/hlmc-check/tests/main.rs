//! The checker on whole programs: what is refused and where, what is accepted, and what the typed program says.
#![allow(clippy::panic, reason = "a test that cannot go on fails")]

mod checks {
    mod accepted;
    mod levels;
    mod limits;
    mod lowering;
    mod messages;
    mod refused;
}
mod support;
