//! Compositions of logarithms and exponentials that keep their digits: log-sum-exp, logit and log-log links, mixtures.

use num_dual::DualNum;

use std::f64::consts::LN_2;

use super::elementary::{exp, log, log1m};
use crate::Real;

unary! {
    /// log(1 + e^x); the softplus function.
    log1p_exp = |x| if x > 0.0 { x + (-x).exp().ln_1p() } else { x.exp().ln_1p() }; |x, _y| inv_logit(x)
}
unary! {
    /// log(1 - e^x); NaN above 0. The two branches keep the digits (Maechler 2012, "Accurately computing log(1 - exp(-|a|))").
    log1m_exp = |x| if x > -LN_2 { (-x.exp_m1()).ln() } else { (-x.exp()).ln_1p() }; |x, _y| -(-x).exp_m1().recip()
}
unary! {
    /// 1 / (1 + e^-x).
    inv_logit = |x| if x < 0.0 { x.exp() / (1.0 + x.exp()) } else { 1.0 / (1.0 + (-x).exp()) };
    |x, y| y * inv_logit(-x)
}
unary! {
    /// log(u / (1 - u)).
    logit = stable_logit; |x, _y| (x * (-x + 1.0)).recip()
}
unary! {
    /// log(inv_logit(x)).
    log_inv_logit = |x| if x < 0.0 { x - x.exp().ln_1p() } else { -(-x).exp().ln_1p() }; |x, _y| inv_logit(-x)
}
unary! {
    /// log(1 - inv_logit(x)).
    log1m_inv_logit = |x| if x > 0.0 { -x - (-x).exp().ln_1p() } else { -x.exp().ln_1p() }; |x, _y| -inv_logit(x)
}
unary! {
    /// The complementary log-log link: log(-log(1 - p)).
    cloglog = |p| (-(-p).ln_1p()).ln(); |p, _y| (log1m(p) * (p - 1.0)).recip()
}
unary! {
    /// 1 - exp(-exp(x)).
    inv_cloglog = |x| -(-x.exp()).exp_m1(); |x, _y| exp(x - exp(x))
}

binary! {
    /// log(e^x + e^y).
    log_sum_exp2 = |x, y| {
        let (small, large) = if x < y { (x, y) } else { (y, x) };
        if large.is_infinite() { large } else { large + (small - large).exp().ln_1p() }
    };
    |x, y, f| weight_in_sum(x, y, f), weight_in_sum(y, x, f)
}
binary! {
    /// log(e^x - e^y); -inf where x = y < inf, NaN where x < y.
    log_diff_exp = |x, y| {
        if x == y && x < f64::INFINITY {
            f64::NEG_INFINITY
        } else if x <= y {
            f64::NAN
        } else if y == f64::NEG_INFINITY {
            x
        } else {
            x + log1m_exp(y - x)
        }
    };
    |x, y, _f| -(y - x).exp_m1().recip(), -(x - y).exp_m1().recip()
}
binary! {
    /// x log(y), and 0 where both are 0.
    lmultiply = |x, y| if x == 0.0 && y == 0.0 { 0.0 } else { x * y.ln() };
    |x, y, _f|
    if x == 0.0 && y == 0.0 { T::Lower::constant(f64::NAN) } else { log(y) },
    if x == 0.0 && y == 0.0 { T::Lower::constant(f64::NAN) } else { x / y }
}
binary! {
    /// log(inv_logit(x) - inv_logit(y)) for x > y.
    log_inv_logit_diff = |x, y| {
        x - log1p_exp(x) + log1m_exp(y - x) - if y > -f64::INFINITY { log1p_exp(y) } else { 0.0 }
    };
    |x, y, _f| inv_logit(-x) + (x - y).exp_m1().recip(), -(x - y).exp_m1().recip() - inv_logit(y)
}

/// log(θ e^a + (1 - θ) e^b), the log density of a mixture of two.
#[inline]
pub fn log_mix<T: Real>(theta: T, a: T, b: T) -> T {
    let (la, lb) = (theta.lower(), theta.lower());
    if T::NDERIV == 0 {
        let t = theta.value();
        return T::constant(log_sum_exp2(t.ln() + a.value(), (-t).ln_1p() + b.value()));
    }
    let value = log_mix(la, a.lower(), b.lower());
    if value.value() == f64::NEG_INFINITY {
        return T::constant(f64::NEG_INFINITY);
    }
    let (in_a, in_b) = (exp(a.lower() - value), exp(b.lower() - value));
    theta.chain(value, in_a - in_b)
        + a.chain(T::Lower::constant(0.0), la * in_a)
        + b.chain(T::Lower::constant(0.0), (-lb + 1.0) * in_b)
}

/// The loss -log(p) of the outcome 1, -log(1 - p) of any other.
#[inline]
pub fn binary_log_loss<T: Real>(outcome: i64, p: T) -> T {
    if outcome == 1 { -log(p) } else { -log1m(p) }
}

/// log Σ e^x over a slice; -inf if it is empty or all are -inf.
pub fn log_sum_exp<T: Real>(terms: &[T]) -> T {
    let largest = terms.iter().map(Real::value).fold(f64::NEG_INFINITY, f64::max);
    if largest.is_infinite() {
        // Nothing can be subtracted from an infinity: it is the value; NaN wins over it.
        let any_nan = terms.iter().any(|term| term.value().is_nan());
        return T::constant(if any_nan { f64::NAN } else { largest });
    }
    let sum: T = terms.iter().map(|&term| (term - largest).exp()).sum();
    sum.ln() + largest
}

/// The share of e^x in e^x + e^y = e^f; 0 where the sum is 0.
#[inline]
fn weight_in_sum<T: Real>(x: T, y: T, f: T) -> T {
    if f.value() == f64::NEG_INFINITY { T::constant(0.0) } else { inv_logit(x - y) }
}

fn stable_logit(u: f64) -> f64 {
    // Near 1/2 the quotient is near 1, and its distance from 1 is known better than it is.
    if (0.3..0.65).contains(&u) { ((2.0 * u - 1.0) / (1.0 - u)).ln_1p() } else { (u / (1.0 - u)).ln() }
}
