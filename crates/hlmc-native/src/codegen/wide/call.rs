//! What wide code calls for functions that have no kernel inline.

use crate::codegen::operation::Called;
use crate::graph::Unary;
use crate::kernel::block::unary_block;

/// Writes what a function gives in every lane. Both operands and the result are of `n` numbers; a function of one number
/// has it twice.
#[allow(unsafe_code, reason = "called by generated code with raw pointers")]
pub(super) unsafe extern "sysv64" fn lanes(called: &Called, x: *const f64, y: *const f64, out: *mut f64, n: usize) {
    // SAFETY: the code passes three areas of its stack frame, which do not overlap and have room for `n` numbers each.
    let (x, y, out) = unsafe {
        (std::slice::from_raw_parts(x, n), std::slice::from_raw_parts(y, n), std::slice::from_raw_parts_mut(out, n))
    };
    match *called {
        Called::Unary(unary) => unary_block(unary, x, out),
        Called::Slope(Unary::Lgamma) => unary_block(Unary::Digamma, x, out),
        Called::Slope(Unary::Sin) => unary_block(Unary::Cos, x, out),
        other => out.iter_mut().zip(x.iter().zip(y)).for_each(|(out, (x, y))| *out = other.at(*x, *y)),
    }
}
