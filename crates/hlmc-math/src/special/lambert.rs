//! The two real branches of Lambert's W, the inverse of w e^w, by Halley's iteration (Corless et al. 1996).

use num_dual::DualNum;

use std::f64::consts::E;

use super::elementary::exp;
use crate::Real;

/// Halley's iteration triples the digits in each step; from the starts below, six are enough.
const MAX_STEPS: u32 = 40;

unary! {
    /// The branch W_0 >= -1, on [-1/e, ∞).
    lambert_w0 = principal; |_x, w| (exp(w) * (w + 1.0)).recip()
}
unary! {
    /// The branch W_-1 <= -1, on [-1/e, 0).
    lambert_wm1 = lower; |_x, w| (exp(w) * (w + 1.0)).recip()
}

fn principal(x: f64) -> f64 {
    if x == 0.0 || x == f64::INFINITY {
        return x;
    }
    if x < -1.0 / E {
        return if x > -1.0 / E - f64::EPSILON { -1.0 } else { f64::NAN };
    }
    let start = if x < -0.25 {
        near_branch_point(x, 1.0)
    } else if x < 3.0 {
        x.ln_1p() * (1.0 - 0.25 * x.ln_1p() / (2.0 + x.ln_1p()))
    } else {
        x.ln() - x.ln().ln()
    };
    halley(x, start)
}

fn lower(x: f64) -> f64 {
    if x == 0.0 {
        return f64::NEG_INFINITY;
    }
    if !(-1.0 / E - f64::EPSILON..0.0).contains(&x) {
        return f64::NAN;
    }
    if x <= -1.0 / E {
        return -1.0;
    }
    let start = if x < -0.25 { near_branch_point(x, -1.0) } else { (-x).ln() - (-(-x).ln()).ln() };
    halley(x, start)
}

/// The first terms of the expansion in ± sqrt(2 (1 + e x)) (DLMF 4.13.6).
fn near_branch_point(x: f64, side: f64) -> f64 {
    let p = side * (2.0 * (E * x + 1.0)).max(0.0).sqrt();
    -1.0 + p * (1.0 + p * (-1.0 / 3.0 + p * 11.0 / 72.0))
}

fn halley(x: f64, start: f64) -> f64 {
    let mut w = start;
    for _ in 0..MAX_STEPS {
        if w == -1.0 {
            return w;
        }
        // The residual w - x e^-w keeps its digits where e^w underflows or overflows.
        let residual = w - x * (-w).exp();
        let correction = residual / (w + 1.0 - (w + 2.0) * residual / (2.0 * w + 2.0));
        w -= correction;
        if correction.abs() <= 2.0 * f64::EPSILON * w.abs() {
            break;
        }
    }
    w
}
