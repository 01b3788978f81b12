//! The error function and the standard normal distribution function, with logarithms, inverses and Owen's T.

use num_dual::DualNum;

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI as TWO_OVER_SQRT_PI, PI};

use super::elementary::{exp, square};
use super::log_exp::{inv_logit, log1m_exp};
use crate::Real;

/// 1 / sqrt(2π).
const INV_SQRT_TWO_PI: f64 = 0.398_942_280_401_432_7;
/// log(2π) / 2.
const HALF_LOG_TWO_PI: f64 = 0.918_938_533_204_672_7;
/// sqrt(π / 2).
const SQRT_HALF_PI: f64 = 1.2533141373155003;

unary! {
    /// The error function.
    erf = libm::erf; |x, _y| exp(-x * x) * TWO_OVER_SQRT_PI
}
unary! {
    /// 1 - erf(x), with full relative accuracy in the upper tail.
    erfc = libm::erfc; |x, _y| exp(-x * x) * -TWO_OVER_SQRT_PI
}
unary! {
    /// The standard normal distribution function, Stan's `Phi`.
    phi = |x| 0.5 * libm::erfc(-x * FRAC_1_SQRT_2); |x, _y| std_normal_density(x)
}
unary! {
    /// log Φ(x), accurate in both tails.
    std_normal_lcdf = log_phi; |x, _y| std_normal_hazard(-x)
}
unary! {
    /// The hazard φ(x) / (1 - Φ(x)), the inverse of Mills' ratio.
    std_normal_hazard = hazard; |x, y| y * (y - x)
}
unary! {
    /// Φ⁻¹(p), Stan's `inv_Phi` and `std_normal_qf`: -inf at 0, inf at 1, NaN outside.
    inv_phi = quantile; |_p, y| std_normal_density(y).recip()
}
unary! {
    /// Φ⁻¹(e^log_p), accurate for the smallest probabilities and for those next to 1.
    std_normal_log_qf = log_quantile; |_log_p, y| std_normal_hazard(-y).recip()
}
unary! {
    /// The inverse of [`erfc`] on (0, 2).
    inv_erfc = inv_erfc_value; |_p, y| exp(y * y) * (-1.0 / TWO_OVER_SQRT_PI)
}
binary! {
    /// Owen's T(h, a) = 1 / 2π ∫_0^a exp(-h² (1 + x²) / 2) / (1 + x²) dx.
    owens_t = owens_t_value;
    |h, a, _f|
    std_normal_density(h) * erf(a * h * FRAC_1_SQRT_2) * -0.5,
    exp(h * h * (a * a + 1.0) * -0.5) / ((a * a + 1.0) * (2.0 * PI))
}

/// log(1 - Φ(x)), accurate in both tails.
#[inline]
pub fn std_normal_lccdf<T: Real>(x: T) -> T {
    std_normal_lcdf(-x)
}

/// Stan's logistic approximation of Φ: inv_logit(0.07056 x³ + 1.5976 x).
#[inline]
pub fn phi_approx<T: Real>(x: T) -> T {
    inv_logit(x * (square(x) * 0.07056 + 1.5976))
}

/// The standard normal density φ(x).
#[inline]
pub fn std_normal_density<T: Real>(x: T) -> T {
    exp(x * x * -0.5) * INV_SQRT_TWO_PI
}

/// Beyond this argument Mills' ratio comes from its continued fraction.
const FRACTION_FROM: f64 = 5.0;
/// Levels of the continued fraction that are exact to rounding from [`FRACTION_FROM`] on.
const FRACTION_LEVELS: u32 = 60;

/// Mills' ratio (1 - Φ(x)) / φ(x) for x >= 5: x + 1/(x + 2/(x + 3/(x + ...))), inverted (DLMF 7.9.2).
fn mills_ratio(x: f64) -> f64 {
    1.0 / (1..=FRACTION_LEVELS).rev().fold(x, |below, level| x + f64::from(level) / below)
}

fn hazard(x: f64) -> f64 {
    if x > FRACTION_FROM {
        return 1.0 / mills_ratio(x);
    }
    (-0.5 * x * x).exp() / (SQRT_HALF_PI * libm::erfc(x * FRAC_1_SQRT_2))
}

fn log_phi(x: f64) -> f64 {
    if x < -FRACTION_FROM {
        mills_ratio(-x).ln() - 0.5 * x * x - HALF_LOG_TWO_PI
    } else if x < 0.0 {
        (0.5 * libm::erfc(-x * FRAC_1_SQRT_2)).ln()
    } else {
        (-0.5 * libm::erfc(x * FRAC_1_SQRT_2)).ln_1p()
    }
}

/// Wichura's PPND16 (1988, AS 241), in the probability itself.
fn quantile(p: f64) -> f64 {
    if !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    let centred = p - 0.5;
    if centred.abs() <= 0.425 {
        let r = 0.180_625 - centred * centred;
        return centred * polynomial(&AS241_CENTRE_TOP, r) / polynomial(&AS241_CENTRE_BOTTOM, r);
    }
    let tail = quantile_in_tail(p.min(1.0 - p).ln());
    if centred < 0.0 { tail } else { -tail }
}

/// The quantile of a probability e^log_p below 0.075: AS 241's tails, which reach down to e^-729.
fn quantile_in_tail(log_p: f64) -> f64 {
    if log_p == f64::NEG_INFINITY {
        return f64::NEG_INFINITY;
    }
    let r = (-log_p).sqrt();
    if r <= 5.0 {
        -polynomial(&AS241_TAIL_TOP, r - 1.6) / polynomial(&AS241_TAIL_BOTTOM, r - 1.6)
    } else {
        -polynomial(&AS241_FAR_TOP, r - 5.0) / polynomial(&AS241_FAR_BOTTOM, r - 5.0)
    }
}

fn log_quantile(log_p: f64) -> f64 {
    if log_p > 0.0 || log_p.is_nan() {
        return f64::NAN;
    }
    let log_q = log1m_exp(log_p);
    let (log_tail, sign) = if log_p < log_q { (log_p, 1.0) } else { (log_q, -1.0) };
    if log_tail == f64::NEG_INFINITY {
        return sign * f64::NEG_INFINITY;
    }
    if log_tail > -2.0 {
        return sign * quantile(log_tail.exp());
    }
    let mut x = quantile_in_tail(log_tail);
    // AS 241 was fitted down to e^-729; below, its value is a start for Newton's iteration on the logarithm.
    for _ in 0..4 {
        x -= (log_phi(x) - log_tail) / hazard(-x);
    }
    sign * x
}

fn inv_erfc_value(p: f64) -> f64 {
    if !(0.0..=2.0).contains(&p) {
        return f64::NAN;
    }
    -quantile(0.5 * p) * FRAC_1_SQRT_2
}

fn owens_t_value(h: f64, a: f64) -> f64 {
    if h.is_nan() || a.is_nan() {
        return f64::NAN;
    }
    let (h, size) = (h.abs(), a.abs());
    let value = if h == f64::INFINITY {
        0.0
    } else if size == f64::INFINITY {
        0.5 * phi(-h)
    } else if size <= 1.0 {
        owens_t_integral(h, size)
    } else {
        // T(h, a) + T(ah, 1 / a) in terms of the upper tails (Owen 1956, equation 2.3).
        let (tail_h, tail_ah) = (phi(-h), phi(-size * h));
        0.5 * (tail_h + tail_ah) - tail_h * tail_ah - owens_t_integral(size * h, 1.0 / size)
    };
    value.copysign(a)
}

/// Owen's integral for 0 <= a <= 1 by Gauss-Legendre panels, cut where the Gaussian factor is below rounding.
fn owens_t_integral(h: f64, a: f64) -> f64 {
    const N_PANELS: u32 = 4;
    const NEGLIGIBLE_AT: f64 = 8.7;
    let half_width = 0.5 * a.min(NEGLIGIBLE_AT / h) / f64::from(N_PANELS);
    let integrand = |x: f64| (-0.5 * h * h * x * x).exp() / (1.0 + x * x);
    let mut sum = 0.0;
    for panel in 0..N_PANELS {
        let middle = half_width * (2.0 * f64::from(panel) + 1.0);
        for (node, weight) in GAUSS_LEGENDRE_20 {
            sum += weight * (integrand(middle - half_width * node) + integrand(middle + half_width * node));
        }
    }
    (-0.5 * h * h).exp() * sum * half_width / (2.0 * PI)
}

/// The polynomial with these coefficients, constant first.
fn polynomial(coefficients: &[f64; 8], x: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, coefficient| sum * x + coefficient)
}

const AS241_CENTRE_TOP: [f64; 8] = [
    3.3871328727963665,
    133.14166789178438,
    1971.5909503065513,
    13731.69376550946,
    45921.95393154987,
    67265.7709270087,
    33430.57558358813,
    2509.0809287301227,
];
const AS241_CENTRE_BOTTOM: [f64; 8] = [
    1.0,
    42.31333070160091,
    687.1870074920579,
    5394.196021424751,
    21213.794301586597,
    39307.89580009271,
    28729.085735721943,
    5226.495278852854,
];
const AS241_TAIL_TOP: [f64; 8] = [
    1.4234371107496835,
    4.630337846156546,
    5.769497221460691,
    3.6478483247632045,
    1.2704582524523684,
    0.2417807251774506,
    0.022723844989269184,
    0.0007745450142783414,
];
const AS241_TAIL_BOTTOM: [f64; 8] = [
    1.0,
    2.053191626637759,
    1.6763848301838038,
    0.6897673349851,
    0.14810397642748008,
    0.015198666563616457,
    0.0005475938084995345,
    1.0507500716444169e-09,
];
const AS241_FAR_TOP: [f64; 8] = [
    6.657904643501103,
    5.463784911164114,
    1.7848265399172913,
    0.29656057182850487,
    0.026532189526576124,
    0.0012426609473880784,
    2.7115555687434876e-05,
    2.0103343992922881e-07,
];
const AS241_FAR_BOTTOM: [f64; 8] = [
    1.0,
    0.599832206555888,
    0.1369298809227358,
    0.014875361290850615,
    0.0007868691311456133,
    1.8463183175100548e-05,
    1.421511758316446e-07,
    2.0442631033899397e-15,
];

/// The positive nodes of the 20-point Gauss-Legendre rule on [-1, 1], with their weights.
const GAUSS_LEGENDRE_20: [(f64, f64); 10] = [
    (0.9931285991850949, 0.017614007139152118),
    (0.9639719272779138, 0.04060142980038694),
    (0.912234428251326, 0.06267204833410907),
    (0.8391169718222188, 0.08327674157670475),
    (0.7463319064601508, 0.10193011981724044),
    (0.636053680726515, 0.11819453196151841),
    (0.5108670019508271, 0.13168863844917664),
    (0.37370608871541955, 0.14209610931838204),
    (0.22778585114164507, 0.14917298647260374),
    (0.07652652113349734, 0.15275338713072584),
];
