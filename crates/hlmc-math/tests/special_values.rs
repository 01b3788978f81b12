//! Values and partial derivatives of the special functions against mpmath: see `reference/special_values.py`.

use hlmc_math::{Real, special};
use num_dual::DualSVec64;

type Dual = DualSVec64<3>;

/// Relative accuracy of values, where the argument's own rounding does not count for more.
const VALUE_TOLERANCE: f64 = 1e-12;
/// Relative accuracy of derivatives.
const PARTIAL_TOLERANCE: f64 = 1e-9;

macro_rules! functions {
    ($($name:ident / $arity:tt),* $(,)?) => {
        fn evaluate<T: Real>(name: &str, x: &[T]) -> Option<T> {
            Some(match name {
                $(stringify!($name) => functions!(@call $arity, $name, x),)*
                "polygamma3" => special::polygamma(3, x[0]),
                "lmgamma3" => special::lmgamma(3, x[0]),
                "falling_factorial4" => special::falling_factorial(x[0], 4),
                "rising_factorial4" => special::rising_factorial(x[0], 4),
                "bessel_first_kind0" => special::bessel_first_kind(0, x[0]),
                "bessel_first_kind3" => special::bessel_first_kind(3, x[0]),
                "bessel_second_kind0" => special::bessel_second_kind(0, x[0]),
                "bessel_second_kind3" => special::bessel_second_kind(3, x[0]),
                "modified_bessel_first_kind0" => special::modified_bessel_first_kind(0, x[0]),
                "modified_bessel_first_kind3" => special::modified_bessel_first_kind(3, x[0]),
                "modified_bessel_second_kind0" => special::modified_bessel_second_kind(0, x[0]),
                "modified_bessel_second_kind3" => special::modified_bessel_second_kind(3, x[0]),
                "log_modified_bessel_second_kind2.5" => special::log_modified_bessel_second_kind(2.5, x[0]),
                _ => return None,
            })
        }
    };
    (@call 1, $name:ident, $x:ident) => { special::$name($x[0]) };
    (@call 2, $name:ident, $x:ident) => { special::$name($x[0], $x[1]) };
    (@call 3, $name:ident, $x:ident) => { special::$name($x[0], $x[1], $x[2]) };
}

functions! {
    log1m / 1, log1p_exp / 1, log1m_exp / 1, inv_logit / 1, logit / 1, log_inv_logit / 1, log1m_inv_logit / 1,
    cloglog / 1, inv_cloglog / 1, log_sum_exp2 / 2, log_diff_exp / 2, log_inv_logit_diff / 2, lmultiply / 2,
    asinh / 1, acosh / 1, atanh / 1, tanh / 1, pow / 2, lgamma / 1, tgamma / 1, digamma / 1, trigamma / 1,
    lgamma1p / 1, lgamma_difference / 2, digamma_difference / 2, lbeta / 2, lchoose / 2, log_falling_factorial / 2,
    log_rising_factorial / 2, erf / 1, erfc / 1, phi / 1, std_normal_lcdf / 1, std_normal_lccdf / 1, inv_phi / 1,
    std_normal_log_qf / 1, inv_erfc / 1, owens_t / 2, gamma_p / 2, gamma_q / 2, log_gamma_p / 2, log_gamma_q / 2,
    inc_beta / 3, log_inc_beta / 3, log_inc_beta_complement / 3, inv_inc_beta / 3,
    log_modified_bessel_first_kind / 2, lambert_w0 / 1, lambert_wm1 / 1,
}

fn is_close(found: f64, expected: f64, tolerance: f64) -> bool {
    (found - expected).abs() <= tolerance * expected.abs().max(f64::MIN_POSITIVE / tolerance)
}

#[test]
fn values_and_partial_derivatives_agree_with_mpmath() {
    let mut wrong = Vec::new();
    let mut n_cases = 0;
    for line in include_str!("reference/special_values.tsv").lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let numbers = |text: &str| -> Vec<Option<f64>> { text.split(',').map(|number| number.parse().ok()).collect() };
        let arguments: Vec<f64> = numbers(fields[1]).into_iter().flatten().collect();
        let found = evaluate(fields[0], &arguments).expect("a function of that name");
        let seeded: Vec<Dual> =
            arguments.iter().enumerate().map(|(index, &x)| Dual::from_re(x).derivative(index)).collect();
        let dual = evaluate(fields[0], &seeded).expect("a function of that name");
        assert!(dual.value() == found || found.is_nan(), "{line}: the value depends on the kind of number");
        n_cases += 1;
        if let Some(expected) = numbers(fields[2])[0]
            && !is_close(found, expected, VALUE_TOLERANCE)
        {
            wrong.push(format!("{line}\n    value {found:e}, off by {:.1e}", found / expected - 1.0));
        }
        for (index, expected) in numbers(fields[3]).into_iter().enumerate() {
            let expected = expected.expect("a number");
            let partial = dual.partial(index);
            if !is_close(partial, expected, PARTIAL_TOLERANCE) {
                wrong
                    .push(format!("{line}\n    partial {index}: {partial:e}, off by {:.1e}", partial / expected - 1.0));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong in {n_cases} cases:\n{}", wrong.len(), wrong.join("\n"));
    assert!(n_cases > 300, "only {n_cases} cases were read");
}
