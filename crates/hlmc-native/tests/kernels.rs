//! Every kernel against a reference of twice the precision, with `multiply_add` rounded once and twice.

mod double_double;

use double_double::{DoubleDouble, ulp};
use hlmc_native::graph::Unary;
use hlmc_native::kernel::{self, Scalar};

/// The bound on every kernel's error, in units of the last place.
const BOUND: f64 = 2.0;
/// The logarithm of the largest number.
const LARGEST_LOG: f64 = 709.782_712_893_384;
/// The largest argument whose `log_gamma` is a number.
const LARGEST_WITH_LOG_GAMMA: f64 = 2.559_983_327_851_638e305;
/// The largest argument of sine and cosine.
const BELOW_LIMIT: f64 = kernel::TRIGONOMETRIC_LIMIT.next_down();
/// Arguments of each sign and each binade range.
const COUNT: usize = 40_000;

/// Where `log`, `log_gamma` and `digamma` are zero.
const ZEROS: [f64; 3] = [1.0, 1.461_632_144_968_362_3, 2.0];
/// Numbers that kernels tend to get wrong.
const EDGES: [f64; 24] = [
    0.0,
    f64::MIN_POSITIVE,
    5e-324,
    2.3e-310,
    1e-300,
    1.2e-16,
    5.6e-17,
    1e-8,
    0.25,
    0.346_573_590_279_972_64,
    0.346_573_590_279_972_7,
    0.5,
    std::f64::consts::FRAC_1_SQRT_2,
    0.999_999_999_999_999_9,
    1.0,
    1.000_000_000_000_000_2,
    std::f64::consts::SQRT_2,
    2.0,
    20.0,
    36.7,
    709.78,
    745.13,
    1e300,
    f64::MAX,
];

/// A fixed sequence (the splitmix64 generator).
struct Sequence(u64);

impl Sequence {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 * 2_f64.powi(-53)
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform()
    }
}

/// Arguments of both signs within the bounds: of all sizes, of ordinary sizes, next to zeros, and the edges.
fn arguments(low: f64, high: f64) -> Vec<f64> {
    let mut sequence = Sequence(1);
    let mut all = Vec::new();
    for _ in 0..COUNT {
        let size = 2_f64.powf(sequence.between(-1074.0, 1024.0));
        let ordinary = 2_f64.powf(sequence.between(-12.0, 11.0));
        let near_one = sequence.between(0.0, 3.0);
        all.extend([size, -size, ordinary, -ordinary, near_one, -near_one]);
        let distance = 2_f64.powf(sequence.between(-54.0, -1.0));
        all.extend(ZEROS.iter().flat_map(|zero| [zero - distance, zero + distance]));
    }
    all.extend(EDGES.iter().flat_map(|x| [*x, -x]));
    all.retain(|x| (low..=high).contains(x));
    all
}

fn check(
    name: &str,
    (low, high): (f64, f64),
    kernels: [fn(f64) -> f64; 2],
    reference: fn(DoubleDouble) -> DoubleDouble,
) {
    for x in arguments(low, high) {
        let expected = reference(x.into());
        for kernel in kernels {
            let error = expected.ulps_to(kernel(x));
            assert!(error <= BOUND, "{name}({x:e}) = {:e}, not {:e}: {error} ulp", kernel(x), expected.high);
        }
    }
}

macro_rules! both {
    ($kernel:ident) => {
        [|x| kernel::$kernel(&mut Scalar::<true>, x), |x| kernel::$kernel(&mut Scalar::<false>, x)]
    };
}

#[test]
fn exp_is_accurate() {
    check("exp", (f64::MIN, LARGEST_LOG), both!(exp), DoubleDouble::exp);
}

#[test]
fn expm1_is_accurate() {
    check("expm1", (f64::MIN, LARGEST_LOG), both!(expm1), DoubleDouble::expm1);
}

#[test]
fn log_is_accurate() {
    check("log", (f64::from_bits(1), f64::MAX), both!(log), DoubleDouble::log);
}

#[test]
fn log1p_is_accurate() {
    check("log1p", (-0.999_999_999_999_999_9, f64::MAX), both!(log1p), DoubleDouble::log1p);
}

fn log1p_exp(x: DoubleDouble) -> DoubleDouble {
    let log = (-x.abs()).exp().log1p();
    if x.high > 0.0 { x + log } else { log }
}

fn inv_logit(x: DoubleDouble) -> DoubleDouble {
    let z = (-x.abs()).exp();
    let numerator = if x.high < 0.0 { z } else { 1.0.into() };
    numerator / (z + 1.0.into())
}

#[test]
fn log1p_exp_is_accurate() {
    check("log1p_exp", (f64::MIN, f64::MAX), both!(log1p_exp), log1p_exp);
}

#[test]
fn inv_logit_is_accurate() {
    check("inv_logit", (f64::MIN, f64::MAX), both!(inv_logit), inv_logit);
}

#[test]
fn tanh_is_accurate() {
    let reference = |x: DoubleDouble| {
        let size = x.abs().min(100.0);
        let t = (-(size + size)).expm1();
        let size = -t / (t + 2.0.into());
        if x.high < 0.0 { -size } else { size }
    };
    check("tanh", (f64::MIN, f64::MAX), both!(tanh), reference);
}

#[test]
fn derivatives_that_come_with_a_value_are_accurate() {
    let slope: [fn(f64) -> f64; 2] = [
        |x| kernel::log1p_exp_with_slope(&mut Scalar::<true>, x).1,
        |x| kernel::log1p_exp_with_slope(&mut Scalar::<false>, x).1,
    ];
    check("log1p_exp_with_slope", (f64::MIN, f64::MAX), slope, inv_logit);
    for x in arguments(f64::MIN, f64::MAX) {
        let value = kernel::log1p_exp(&mut Scalar::<true>, x);
        assert_eq!(kernel::log1p_exp_with_slope(&mut Scalar::<true>, x).0.to_bits(), value.to_bits());
    }
}

/// The softplus function and its derivative by an exponential of `x` times a sign.
fn by_exponential<const FUSED: bool>(sign: f64, x: f64) -> (f64, f64) {
    let exponential = kernel::exp(&mut Scalar::<FUSED>, sign * x);
    kernel::log1p_exp_by_exponential(&mut Scalar::<FUSED>, x, exponential)
}

#[test]
fn log1p_exp_is_accurate_by_an_exponential_that_is_there() {
    // Beyond these bounds the exponential is infinite.
    for (sign, bounds) in [(1.0, (f64::MIN, LARGEST_LOG)), (-1.0, (-LARGEST_LOG, f64::MAX))] {
        for x in arguments(bounds.0, bounds.1) {
            let (value, slope) = (log1p_exp(x.into()), inv_logit(x.into()));
            for found in [by_exponential::<true>(sign, x), by_exponential::<false>(sign, x)] {
                let errors = (value.ulps_to(found.0), slope.ulps_to(found.1));
                assert!(errors.0 <= BOUND && errors.1 <= BOUND, "{sign} {x:e}: {errors:?} ulp");
            }
        }
    }
    let (infinity, nan) = (f64::INFINITY, f64::NAN);
    for (sign, x, expected) in [
        (1.0, infinity, (infinity, 1.0)),
        (1.0, -infinity, (0.0, 0.0)),
        (-1.0, infinity, (infinity, 1.0)),
        (-1.0, -infinity, (0.0, 0.0)),
        (-1.0, nan, (nan, nan)),
    ] {
        let found = by_exponential::<true>(sign, x);
        assert_same(&[(found.0, expected.0), (found.1, expected.1)]);
    }
}

/// Two numbers: of all ordinary sizes, close to each other or not, and such that the logarithm of their sum is small.
fn pair(sequence: &mut Sequence) -> (f64, f64) {
    let size = 2_f64.powf(sequence.between(-20.0, 10.0));
    let x = sequence.between(-size, size);
    let kind = sequence.uniform();
    if kind < 0.3 {
        (x, x + sequence.between(-40.0, 40.0))
    } else if kind < 0.6 {
        (x, sequence.between(-size, size))
    } else {
        (sequence.between(-0.8, 0.2), sequence.between(-0.8, 0.2))
    }
}

#[test]
fn log_sum_exp_is_accurate_in_units_of_the_sum_of_its_parts_sizes() {
    let mut sequence = Sequence(2);
    for _ in 0..4 * COUNT {
        let (x, y) = pair(&mut sequence);
        let (larger, smaller) = (x.max(y), x.min(y));
        let z = (DoubleDouble::from(smaller) - larger.into()).exp();
        let (log, one) = (z.log1p(), DoubleDouble::from(1.0));
        let unit = ulp(larger.abs() + log.high);
        let (of_larger, of_smaller) = (one / (one + z), z / (one + z));
        let (of_x, of_y) = if x < y { (of_smaller, of_larger) } else { (of_larger, of_smaller) };
        let results = [
            kernel::log_sum_exp_with_weights(&mut Scalar::<true>, x, y),
            kernel::log_sum_exp_with_weights(&mut Scalar::<false>, x, y),
        ];
        for (value, weight_x, weight_y) in results {
            let error = (DoubleDouble::from(value) - (log + larger.into())).high.abs();
            assert!(error <= BOUND * unit, "log_sum_exp({x:e}, {y:e}): {error:e}");
            let errors = (of_x.ulps_to(weight_x), of_y.ulps_to(weight_y));
            assert!(errors.0 <= BOUND && errors.1 <= BOUND, "{x:e} {y:e}: {errors:?} ulp");
        }
    }
}

#[test]
fn log_gamma_is_accurate() {
    check("log_gamma", (f64::from_bits(1), LARGEST_WITH_LOG_GAMMA), both!(log_gamma), DoubleDouble::log_gamma);
}

#[test]
fn digamma_is_accurate() {
    check("digamma", (5.6e-309, f64::MAX), both!(digamma), DoubleDouble::digamma);
}

#[test]
fn sin_is_accurate() {
    check("sin", (-BELOW_LIMIT, BELOW_LIMIT), both!(sin), |x| x.sin_cos().0);
}

#[test]
fn cos_is_accurate() {
    check("cos", (-BELOW_LIMIT, BELOW_LIMIT), both!(cos), |x| x.sin_cos().1);
}

/// The results of both machines at one argument, which must be the same number or both none.
fn at(kernels: [fn(f64) -> f64; 2], x: f64) -> f64 {
    let [fused, rounded] = kernels.map(|kernel| kernel(x));
    assert!(fused.to_bits() == rounded.to_bits() || (fused.is_nan() && rounded.is_nan()), "{x}: {fused} {rounded}");
    fused
}

fn assert_same(results: &[(f64, f64)]) {
    for (i, (found, expected)) in results.iter().enumerate() {
        let same = found.to_bits() == expected.to_bits() || (found.is_nan() && expected.is_nan());
        assert!(same, "case {i}: {found:e}, not {expected:e}");
    }
}

#[test]
fn every_kernel_is_right_at_the_edges() {
    let (infinity, nan) = (f64::INFINITY, f64::NAN);
    assert_same(&[
        (at(both!(exp), 0.0), 1.0),
        (at(both!(exp), -0.0), 1.0),
        (at(both!(exp), infinity), infinity),
        (at(both!(exp), 710.0), infinity),
        (at(both!(exp), 1e300), infinity),
        (at(both!(exp), -745.0), 5e-324),
        (at(both!(exp), -746.0), 0.0),
        (at(both!(exp), -infinity), 0.0),
        (at(both!(exp), nan), nan),
        (at(both!(expm1), 0.0), 0.0),
        (at(both!(expm1), -0.0), -0.0),
        (at(both!(expm1), 5e-324), 5e-324),
        (at(both!(expm1), infinity), infinity),
        (at(both!(expm1), 710.0), infinity),
        (at(both!(expm1), -infinity), -1.0),
        (at(both!(expm1), nan), nan),
        (at(both!(tanh), 0.0), 0.0),
        (at(both!(tanh), -0.0), -0.0),
        (at(both!(tanh), 5e-324), 5e-324),
        (at(both!(tanh), infinity), 1.0),
        (at(both!(tanh), -infinity), -1.0),
        (at(both!(tanh), nan), nan),
        (at(both!(log), 1.0), 0.0),
        (at(both!(log), 0.0), -infinity),
        (at(both!(log), -0.0), -infinity),
        (at(both!(log), -1.0), nan),
        (at(both!(log), -infinity), nan),
        (at(both!(log), infinity), infinity),
        (at(both!(log), nan), nan),
        (at(both!(log), 5e-324), -744.440_071_921_381_2),
        (at(both!(log1p), 0.0), 0.0),
        (at(both!(log1p), -0.0), -0.0),
        (at(both!(log1p), 5e-324), 5e-324),
        (at(both!(log1p), -1.0), -infinity),
        (at(both!(log1p), -1.5), nan),
        (at(both!(log1p), -infinity), nan),
        (at(both!(log1p), infinity), infinity),
        (at(both!(log1p), nan), nan),
        (at(both!(log_gamma), 1.0), 0.0),
        (at(both!(log_gamma), 2.0), 0.0),
        (at(both!(log_gamma), 0.0), infinity),
        (at(both!(log_gamma), 5e-324), 744.440_071_921_381_2),
        (at(both!(log_gamma), 2.559_984e305), infinity),
        (at(both!(log_gamma), f64::MAX), infinity),
        (at(both!(log_gamma), infinity), infinity),
        (at(both!(log_gamma), -0.5), nan),
        (at(both!(log_gamma), nan), nan),
        (at(both!(digamma), 0.0), -infinity),
        (at(both!(digamma), 5e-324), -infinity),
        (at(both!(digamma), 5.5e-309), -infinity),
        (at(both!(digamma), 1e-300), -1.0 / 1e-300),
        (at(both!(digamma), infinity), infinity),
        (at(both!(digamma), -0.5), nan),
        (at(both!(digamma), nan), nan),
        (at(both!(sin), 0.0), 0.0),
        (at(both!(sin), -0.0), -0.0),
        (at(both!(sin), 5e-324), 5e-324),
        (at(both!(sin), infinity), nan),
        (at(both!(sin), kernel::TRIGONOMETRIC_LIMIT), nan),
        (at(both!(sin), nan), nan),
        (at(both!(cos), -0.0), 1.0),
        (at(both!(cos), -infinity), nan),
        (at(both!(log1p_exp), infinity), infinity),
        (at(both!(log1p_exp), -infinity), 0.0),
        (at(both!(log1p_exp), -745.0), 5e-324),
        (at(both!(log1p_exp), nan), nan),
        (at(both!(inv_logit), infinity), 1.0),
        (at(both!(inv_logit), -infinity), 0.0),
        (at(both!(inv_logit), 0.0), 0.5),
        (at(both!(inv_logit), -745.0), 5e-324),
        (at(both!(inv_logit), nan), nan),
    ]);
}

#[test]
fn log_sum_exp_is_right_at_infinities() {
    let (infinity, nan) = (f64::INFINITY, f64::NAN);
    let value = |x, y| kernel::log_sum_exp(&mut Scalar::<true>, x, y);
    assert_same(&[
        (value(-infinity, -infinity), -infinity),
        (value(infinity, infinity), infinity),
        (value(infinity, -infinity), infinity),
        (value(infinity, 3.0), infinity),
        (value(3.0, infinity), infinity),
        (value(f64::MAX, f64::MIN), f64::MAX),
        (value(-infinity, 3.0), 3.0),
        (value(3.0, -infinity), 3.0),
        (value(nan, 0.0), nan),
        (value(0.0, nan), nan),
        (value(nan, infinity), nan),
        (value(infinity, nan), nan),
    ]);
}

#[test]
fn weights_of_log_sum_exp_are_right_at_infinities() {
    let (infinity, nan) = (f64::INFINITY, f64::NAN);
    let cases = [
        ((-infinity, -infinity), (0.5, 0.5)),
        ((infinity, infinity), (0.5, 0.5)),
        ((infinity, -infinity), (1.0, 0.0)),
        ((-infinity, 3.0), (0.0, 1.0)),
        ((infinity, 3.0), (1.0, 0.0)),
        ((f64::MIN, f64::MAX), (0.0, 1.0)),
        ((nan, 0.0), (nan, nan)),
        ((infinity, nan), (nan, nan)),
    ];
    for ((x, y), (of_x, of_y)) in cases {
        let (_, weight_x, weight_y) = kernel::log_sum_exp_with_weights(&mut Scalar::<true>, x, y);
        assert_same(&[(weight_x, of_x), (weight_y, of_y)]);
    }
}

#[test]
fn blocks_agree_with_the_operations_they_stand_for() {
    const OPERATIONS: [Unary; 15] = [
        Unary::Negate,
        Unary::Exp,
        Unary::Log,
        Unary::Sqrt,
        Unary::Square,
        Unary::Reciprocal,
        Unary::Abs,
        Unary::Log1p,
        Unary::Expm1,
        Unary::Log1pExp,
        Unary::InvLogit,
        Unary::Tanh,
        Unary::Sin,
        Unary::Cos,
        Unary::Lgamma,
    ];
    let mut sequence = Sequence(3);
    // An odd number of them, and also those for which the kernels of gamma and sine are not defined.
    let x: Vec<f64> =
        (0..301).map(|_| 2_f64.powf(sequence.between(-3.0, 40.0)) * sequence.between(-1.0, 1.0)).collect();
    for operation in OPERATIONS {
        let mut out = vec![0.0; x.len()];
        kernel::block::unary_block(operation, &x, &mut out);
        for (x, found) in x.iter().zip(&out) {
            let expected = operation.value(*x);
            let is_same = *found == expected || (found.is_nan() && expected.is_nan());
            let error = (found - expected).abs() / expected.abs();
            assert!(is_same || error < 1e-12, "{operation:?}({x:e}) = {found:e}, not {expected:e}");
        }
    }
}
