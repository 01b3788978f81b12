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

/// The bits of the leading half of a significand, with sign and exponent.
const LEADING: u64 = !((1 << 27) - 1);

/// What a quotient `z = x / y` lacks: `x - y z`, where that is a number. Where the machine rounds products, these are taken
/// of halves (Dekker, "A floating-point technique for extending the available precision", 1971).
#[inline(always)]
pub(super) fn remainder<M: Machine>(m: &mut M, x: M::Real, y: M::Real, z: M::Real) -> M::Real {
    if m.is_fused() {
        let minus_y = m.negate(y);
        return m.multiply_add(minus_y, z, x);
    }
    let ((y_high, y_low), (z_high, z_low)) = (halves(m, y), halves(m, z));
    [(y_high, z_high), (y_high, z_low), (y_low, z_high), (y_low, z_low)].into_iter().fold(x, |rest, (y, z)| {
        let product = m.multiply(y, z);
        m.subtract(rest, product)
    })
}

/// A number as a sum of two with half the digits each.
#[inline(always)]
fn halves<M: Machine>(m: &mut M, x: M::Real) -> (M::Real, M::Real) {
    let (bits, leading) = (m.to_bits(x), m.bits(LEADING));
    let high = m.and_bits(bits, leading);
    let high = m.as_real(high);
    (high, m.subtract(x, high))
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
