//! What the checker says, one file a family. Each function makes one message from what was found.

pub(crate) mod assignments;
pub(crate) mod calls;
pub(crate) mod declarations;
pub(crate) mod functions;
pub(crate) mod names;
pub(crate) mod places;
pub(crate) mod types;

/// `1 argument`, `2 arguments`.
fn counted(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

/// `int, real and vector`.
fn listed(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [only] => only.clone(),
        [head @ .., last] => format!("{} and {last}", head.join(", ")),
    }
}
