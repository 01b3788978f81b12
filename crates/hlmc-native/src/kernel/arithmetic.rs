//! What several kernels are built from: bounds and polynomials.

use super::Machine;

/// The smaller of `x` and a bound; no number stays no number.
#[inline(always)]
pub(super) fn at_most<M: Machine>(m: &mut M, x: M::Real, bound: f64) -> M::Real {
    let bound = m.real(bound);
    let is_beyond = m.less(bound, x);
    m.select(is_beyond, bound, x)
}

/// The larger of `x` and a bound; no number stays no number.
#[inline(always)]
pub(super) fn at_least<M: Machine>(m: &mut M, x: M::Real, bound: f64) -> M::Real {
    let bound = m.real(bound);
    let is_beyond = m.less(x, bound);
    m.select(is_beyond, bound, x)
}

/// `coefficients[0] + coefficients[1] * x + ...`, at most 16 of them, by Estrin's scheme: pairs, pairs of pairs, and so
/// on, so that the longest chain of dependent operations grows with the logarithm of the degree. There are no loops,
/// which the compiler would unroll too late to see that all of this is straight code.
#[inline(always)]
pub(super) fn polynomial<M: Machine, const N: usize>(m: &mut M, x: M::Real, coefficients: &[f64; N]) -> M::Real {
    const { assert!(N >= 1 && N <= 16) };
    let x2 = m.multiply(x, x);
    let x4 = m.multiply(x2, x2);
    let x8 = m.multiply(x4, x4);
    let powers = [x, x2, x4, x8];
    let low = eight(m, &powers, coefficients, 0);
    if N <= 8 {
        return low;
    }
    let high = eight(m, &powers, coefficients, 8);
    m.multiply_add(high, x8, low)
}

/// The eight terms from `i` on, as far as there are any, divided by `x^i`; so the others below.
#[inline(always)]
fn eight<M: Machine>(m: &mut M, powers: &[M::Real; 4], coefficients: &[f64], i: usize) -> M::Real {
    let low = four(m, powers, coefficients, i);
    if i + 4 >= coefficients.len() {
        return low;
    }
    let high = four(m, powers, coefficients, i + 4);
    m.multiply_add(high, powers[2], low)
}

#[inline(always)]
fn four<M: Machine>(m: &mut M, powers: &[M::Real; 4], coefficients: &[f64], i: usize) -> M::Real {
    let low = two(m, powers, coefficients, i);
    if i + 2 >= coefficients.len() {
        return low;
    }
    let high = two(m, powers, coefficients, i + 2);
    m.multiply_add(high, powers[1], low)
}

#[inline(always)]
fn two<M: Machine>(m: &mut M, powers: &[M::Real; 4], coefficients: &[f64], i: usize) -> M::Real {
    let low = m.real(coefficients[i]);
    if i + 1 >= coefficients.len() {
        return low;
    }
    let high = m.real(coefficients[i + 1]);
    m.multiply_add(high, powers[0], low)
}
