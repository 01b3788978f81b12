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

/// `coefficients[0] + coefficients[1] * x + ...` by Estrin's scheme: pairs, pairs of pairs, and so on, so that the
/// longest chain of dependent operations grows with the logarithm of the degree.
#[inline(always)]
pub(super) fn polynomial<M: Machine, const N: usize>(m: &mut M, x: M::Real, coefficients: &[f64; N]) -> M::Real {
    let mut terms = coefficients.map(|coefficient| m.real(coefficient));
    let mut power = x;
    let mut count = N;
    while count > 1 {
        for i in 0..count / 2 {
            terms[i] = m.multiply_add(terms[2 * i + 1], power, terms[2 * i]);
        }
        if count % 2 == 1 {
            terms[count / 2] = terms[count - 1];
        }
        count = count.div_ceil(2);
        if count > 1 {
            power = m.multiply(power, power);
        }
    }
    terms[0]
}
