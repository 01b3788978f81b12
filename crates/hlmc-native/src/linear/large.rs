//! Products and solutions of large matrices: the one door to faer.
//!
//! Its kernels may return while the upper halves of the machine's vector registers are in use. Until these are cleared,
//! every instruction for two lanes, which is what `codegen` emits and what Rust is compiled to, waits for what it does not
//! need: elementwise code after a product of matrices ran up to twenty times slower. So every function here clears them.

use faer::linalg::matmul::{matmul, triangular};
use faer::linalg::triangular_solve::{solve_lower_triangular_in_place, solve_upper_triangular_in_place};
use faer::{Accum, MatMut, MatRef, Par};

/// `c += scale a b`
pub fn multiply_add(c: MatMut<'_, f64>, scale: f64, a: MatRef<'_, f64>, b: MatRef<'_, f64>) {
    matmul(c, Accum::Add, a, b, scale, Par::Seq);
    leave_wide_registers();
}

/// Subtracts the lower triangle of `a b` from that of `c`.
pub fn subtract_lower_product(c: MatMut<'_, f64>, a: MatRef<'_, f64>, b: MatRef<'_, f64>) {
    let (lower, whole) = (triangular::BlockStructure::TriangularLower, triangular::BlockStructure::Rectangular);
    triangular::matmul(c, lower, Accum::Add, a, whole, b, whole, -1.0, Par::Seq);
    leave_wide_registers();
}

/// `x` becomes `L⁻¹ x`, or `L'⁻¹ x` where the transpose is meant.
pub fn divide_by_lower(lower: MatRef<'_, f64>, is_transposed: bool, x: MatMut<'_, f64>) {
    if is_transposed {
        solve_upper_triangular_in_place(lower.transpose(), x, Par::Seq);
    } else {
        solve_lower_triangular_in_place(lower, x, Par::Seq);
    }
    leave_wide_registers();
}

/// Clears the upper halves of the vector registers.
#[inline]
fn leave_wide_registers() {
    #[cfg(target_arch = "x86_64")]
    if let Some(machine) = pulp::x86::V3::try_new() {
        machine.avx._mm256_zeroupper();
    }
}
