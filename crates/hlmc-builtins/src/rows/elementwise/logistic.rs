//! The logistic function and its relatives, sums and mixtures on the log scale.

use hlmc_math::{Real, special};

use super::checks::{int, not_nan, within};
use super::{MPMATH, binary, int_first, scalars, unary};
use crate::fault::Fault;
use crate::table::{Case, Function};

/// The rows of this file.
pub(super) fn rows<A: Real>() -> Vec<Function<A>> {
    vec![
        unary(
            "inv_logit",
            special::inv_logit,
            "The logistic function 1 / (1 + e^-x).",
            &[
                Case { at: &[0.7], value: 0.668_187_772_168_166, source: MPMATH },
                Case { at: &[-40.0], value: 4.248_354_255_291_589e-18, source: MPMATH },
            ],
        ),
        unary(
            "logit",
            special::logit,
            "The log odds log(u / (1 - u)); NaN outside [0, 1].",
            &[
                Case { at: &[0.3], value: -0.847_297_860_387_203_7, source: MPMATH },
                Case { at: &[0.999], value: 6.906_754_778_648_553, source: MPMATH },
            ],
        ),
        unary(
            "log_inv_logit",
            special::log_inv_logit,
            "log(inv_logit(x)).",
            &[
                Case { at: &[0.7], value: -0.403_186_048_885_457_9, source: MPMATH },
                Case { at: &[-40.0], value: -40.0, source: MPMATH },
            ],
        ),
        unary(
            "log1m_inv_logit",
            special::log1m_inv_logit,
            "log(1 - inv_logit(x)).",
            &[
                Case { at: &[0.7], value: -1.103_186_048_885_458, source: MPMATH },
                Case { at: &[40.0], value: -40.0, source: MPMATH },
            ],
        ),
        binary(
            "log_inv_logit_diff",
            special::log_inv_logit_diff,
            "log(inv_logit(x) - inv_logit(y)), for x > y.",
            &[Case { at: &[1.5, -0.4], value: -0.876_440_081_821_599_4, source: MPMATH }],
        ),
        unary(
            "inv_cloglog",
            special::inv_cloglog,
            "1 - exp(-exp(x)), the inverse of the complementary log-log function.",
            &[
                Case { at: &[0.3], value: 0.740_723_134_009_172_4, source: MPMATH },
                Case { at: &[-20.0], value: 2.061_153_620_314_381e-9, source: MPMATH },
            ],
        ),
        binary(
            "log_sum_exp",
            special::log_sum_exp2,
            "log(e^x + e^y), without overflow.",
            &[
                Case { at: &[1.2, -0.4], value: 1.383_900_740_888_338_8, source: MPMATH },
                Case { at: &[1000.0, 1001.0], value: 1_001.313_261_687_518_2, source: MPMATH },
            ],
        ),
        binary(
            "log_diff_exp",
            special::log_diff_exp,
            "log(e^x - e^y); -inf where x = y, NaN where x < y.",
            &[Case { at: &[1.2, -0.4], value: 0.974_482_986_758_802_2, source: MPMATH }],
        ),
        int_first(
            "binary_log_loss",
            &["T<real> binary_log_loss(T<int>, T<real>)"],
            |x| Ok(special::binary_log_loss(int(within(x[0], 0.0, 1.0)?), x[1])),
            "-log(p) for the outcome 1, -log(1 - p) for the outcome 0. Rejects other outcomes.",
            &[
                Case { at: &[1.0, 0.3], value: 1.203_972_804_325_936_1, source: MPMATH },
                Case { at: &[0.0, 0.3], value: 0.356_674_943_938_732_34, source: MPMATH },
            ],
        ),
        scalars(
            "log_mix",
            &["real log_mix(real, real, real)"],
            log_mix,
            "log(theta e^a + (1 - theta) e^b), the log density of a mixture of two. Rejects a theta outside [0, 1] and NaN.",
            &[Case { at: &[0.3, -1.2, 0.7], value: 0.405_455_213_927_879_9, source: MPMATH }],
        ),
    ]
}

fn log_mix<A: Real>(x: &[A]) -> Result<A, Fault> {
    let theta = not_nan(within(x[0], 0.0, 1.0)?)?;
    Ok(special::log_mix(theta, not_nan(x[1])?, not_nan(x[2])?))
}
