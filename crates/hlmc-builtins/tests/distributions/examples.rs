//! A call of every density that sees its arguments whole, with its value and its source.

use hlmc_builtins::Value;

/// How the entries of an argument may be moved, for differences.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Moves {
    /// Not at all: integers, and simplexes, which a step leaves.
    Fixed,
    /// Each entry on its own.
    Free,
    /// An entry and its mirror image together.
    Symmetric,
    /// The same, but for the diagonal.
    OffDiagonal,
    /// The entries on and below the diagonal.
    Lower,
}

/// A call with its value.
pub(crate) struct Example {
    pub(crate) name: &'static str,
    pub(crate) arguments: Vec<(Value<f64>, Moves)>,
    pub(crate) value: f64,
}

const SCIPY_COVARIANCE: [f64; 9] = [1.5, 0.4, -0.2, 0.4, 1.1, 0.3, -0.2, 0.3, 0.9];
const PRECISION: [f64; 9] = [1.2, 0.3, -0.1, 0.3, 0.9, 0.2, -0.1, 0.2, 1.4];
const FACTOR: [f64; 9] = [1.1, 0.3, -0.2, 0.0, 0.8, 0.4, 0.0, 0.0, 0.9];
const CORRELATION: [f64; 9] = [1.0, 0.3, -0.2, 0.3, 1.0, 0.4, -0.2, 0.4, 1.0];
/// Its Cholesky factor, from numpy.
const CORRELATION_FACTOR: [f64; 9] =
    [1.0, 0.3, -0.2, 0.0, 0.953_939_201_416_945_7, 0.482_211_024_892_082_4, 0.0, 0.0, 0.852_920_000_628_738_6];
const DESIGN: [f64; 6] = [0.5, 1.1, -0.7, -1.2, 0.3, 0.9];

fn square(size: usize, entries: &[f64], moves: Moves) -> (Value<f64>, Moves) {
    (Value::matrix(size, size, entries.to_vec()), moves)
}

fn vector(entries: &[f64]) -> (Value<f64>, Moves) {
    (Value::vector(entries.to_vec()), Moves::Free)
}

fn simplex(entries: &[f64]) -> (Value<f64>, Moves) {
    (Value::vector(entries.to_vec()), Moves::Fixed)
}

fn ints(entries: &[i64]) -> (Value<f64>, Moves) {
    (Value::ints(entries.to_vec()), Moves::Fixed)
}

fn real(x: f64) -> (Value<f64>, Moves) {
    (Value::Real(x), Moves::Free)
}

fn two_vectors() -> (Value<f64>, Moves) {
    let kind = hlmc_builtins::value::Kind::Vector;
    (Value::tensor(kind, [2, 3], vec![0.5, -0.2, 0.8, -0.7, 0.4, 1.1]), Moves::Free)
}

fn two_rows() -> (Value<f64>, Moves) {
    (Value::matrix(2, 3, vec![0.5, -0.7, -0.2, 0.4, 0.8, 1.1]), Moves::Free)
}

fn design() -> (Value<f64>, Moves) {
    (Value::matrix(3, 2, DESIGN.to_vec()), Moves::Free)
}

/// All examples; values are from scipy 1.17 unless a comment says otherwise.
pub(crate) fn examples() -> Vec<Example> {
    let location = || vector(&[0.1, -0.4, 0.3]);
    let example = |name, arguments, value| Example { name, arguments, value };
    let mut all = vec![
        example("categorical", vec![ints(&[2, 2, 1]), simplex(&[0.2, 0.5, 0.3])], -2.995_732_273_553_991),
        example("categorical_logit", vec![ints(&[2, 2, 1]), vector(&[0.2, -0.5, 1.1])], -5.525_843_120_802_344),
        example(
            "ordered_logistic",
            vec![ints(&[1, 3, 4]), vector(&[0.3, -0.2, 0.7]), vector(&[-0.5, 0.4, 1.2])],
            -3.999_700_689_721_197,
        ),
        example(
            "ordered_probit",
            vec![ints(&[1, 3, 4]), vector(&[0.3, -0.2, 0.7]), vector(&[-0.5, 0.4, 1.2])],
            -4.370_259_149_702_514,
        ),
        example("dirichlet", vec![simplex(&[0.2, 0.5, 0.3]), vector(&[1.5, 2.5, 0.8])], 0.961_717_798_471_952_9),
        example("dirichlet_multinomial", vec![ints(&[1, 3, 2]), vector(&[1.5, 2.5, 0.8])], -3.217_070_407_440_541),
        example("multinomial", vec![ints(&[1, 3, 2]), simplex(&[0.2, 0.5, 0.3])], -2.002_480_500_543_708),
        example("multinomial_logit", vec![ints(&[1, 3, 2]), vector(&[0.2, -0.5, 1.1])], -4.457_341_679_382_585),
        example(
            "multi_normal",
            vec![two_vectors(), location(), square(3, &SCIPY_COVARIANCE, Moves::Symmetric)],
            -6.664_541_662_097_58,
        ),
        example(
            "multi_normal_prec",
            vec![two_vectors(), location(), square(3, &PRECISION, Moves::Symmetric)],
            -6.671_274_776_466_892,
        ),
        example(
            "multi_normal_cholesky",
            vec![two_vectors(), location(), square(3, &FACTOR, Moves::Lower)],
            -6.378_870_937_391_339,
        ),
        example(
            "multi_student_t",
            vec![two_vectors(), real(4.5), location(), square(3, &SCIPY_COVARIANCE, Moves::Symmetric)],
            -6.854_607_797_295_475,
        ),
        example(
            "multi_student_t_cholesky",
            vec![two_vectors(), real(4.5), location(), square(3, &FACTOR, Moves::Lower)],
            -6.621_046_237_484_876,
        ),
        example(
            "multi_gp",
            vec![two_rows(), square(3, &SCIPY_COVARIANCE, Moves::Symmetric), vector(&[1.3, 0.6])],
            -7.476_686_124_743_713,
        ),
        example(
            "multi_gp_cholesky",
            vec![two_rows(), square(3, &FACTOR, Moves::Lower), vector(&[1.3, 0.6])],
            -7.024_300_691_240_628,
        ),
    ];
    all.extend(matrix_examples());
    all.extend(regressions());
    all
}

fn matrix_examples() -> Vec<Example> {
    let example = |name, arguments, value| Example { name, arguments, value };
    let matrices = || {
        vec![
            square(2, &[1.3, 0.2, 0.2, 0.8], Moves::Symmetric),
            real(4.5),
            square(2, &[0.7, -0.1, -0.1, 1.2], Moves::Symmetric),
        ]
    };
    let factors = || {
        vec![square(2, &[1.1, 0.3, 0.0, 0.8], Moves::Lower), real(4.5), square(2, &[0.9, -0.2, 0.0, 1.3], Moves::Lower)]
    };
    let lower = vec![square(3, &CORRELATION_FACTOR, Moves::Lower), real(1.7)];
    let covariance = [0.64, 0.36, -0.176, 0.36, 2.25, 0.66, -0.176, 0.66, 1.21];
    let model = |v| {
        vec![
            two_rows(),
            square(2, &[1.0, 0.3, 0.5, -0.4], Moves::Free),
            square(2, &[0.9, -0.1, 0.2, 0.8], Moves::Free),
            v,
            square(2, &[0.4, 0.1, 0.1, 0.3], Moves::Symmetric),
            vector(&[0.2, -0.3]),
            square(2, &[1.2, 0.2, 0.2, 0.9], Moves::Symmetric),
        ]
    };
    vec![
        example("wishart", matrices(), -4.613_961_117_662_614),
        example("inv_wishart", matrices(), -5.231_239_400_247_226),
        // The matrices' densities with the Jacobian of the factorisation, 2^k prod l_ii^(k - i + 1).
        example("wishart_cholesky", factors(), -4.300_454_451_284_018),
        example("inv_wishart_cholesky", factors(), -2.523_006_011_537_713),
        // The normalising constant is the product of three one-dimensional integrals, by quadrature.
        example("lkj_corr", vec![square(3, &CORRELATION, Moves::OffDiagonal), real(1.7)], -1.137_336_296_979_053),
        example("lkj_corr_cholesky", lower, -1.184_491_636_714_673_6),
        example(
            "lkj_cov",
            vec![
                square(3, &covariance, Moves::Symmetric),
                vector(&[0.1, -0.2, 0.3]),
                vector(&[0.5, 0.9, 1.2]),
                real(1.7),
            ],
            -4.005_277_780_154_782,
        ),
        // The joint normal distribution of all observations.
        example("gaussian_dlm_obs", model(square(2, &[0.5, 0.1, 0.1, 0.7], Moves::Symmetric)), -7.489_927_579_347_599),
        example("gaussian_dlm_obs", model(vector(&[0.5, 0.7])), -7.511_444_767_548_125),
    ]
}

/// The linear predictor of the regressions' design, with the weights below and this intercept.
fn predictor(intercept: f64) -> [f64; 3] {
    [0, 1, 2].map(|i| intercept + 0.4 * DESIGN[i] - 0.7 * DESIGN[i + 3])
}

/// Regressions, whose values follow from their definitions.
fn regressions() -> Vec<Example> {
    let weights = || vector(&[0.4, -0.7]);
    let example = |name, mut outcome: Vec<(Value<f64>, Moves)>, rest: Vec<(Value<f64>, Moves)>, value| {
        outcome.push(design());
        outcome.extend(rest);
        Example { name, arguments: outcome, value }
    };
    let theta = predictor(0.25);
    let log1p_exp = |x: f64| x.exp().ln_1p();
    let bernoulli = -log1p_exp(-theta[0]) - log1p_exp(theta[1]) - log1p_exp(-theta[2]);
    let poisson = 2.0 * theta[0] + theta[2] - theta.iter().map(|x| x.exp()).sum::<f64>() - 2.0_f64.ln();
    let log_binomials = 3.0_f64.ln() + 5.0_f64.ln();
    let binomial = log_binomials
        - 2.0 * log1p_exp(-theta[0])
        - log1p_exp(theta[0])
        - log1p_exp(-theta[1])
        - 4.0 * log1p_exp(theta[1])
        - 2.0 * log1p_exp(theta[2]);
    let y = [0.4, -1.1, 0.9];
    let normal = (0..3).map(|i| normal_log_density(y[i], theta[i], 1.3)).sum();
    let heteroscedastic = (0..3).map(|i| normal_log_density(y[i], theta[i], [1.3, 0.8, 2.0][i])).sum();
    let rest = || vec![real(0.25), weights()];
    vec![
        example("bernoulli_logit_glm", vec![ints(&[1, 0, 1])], rest(), bernoulli),
        example("bernoulli_logit_glm", vec![ints(&[1, 0, 1])], vec![vector(&[0.25; 3]), weights()], bernoulli),
        example("poisson_log_glm", vec![ints(&[2, 0, 1])], rest(), poisson),
        example("binomial_logit_glm", vec![ints(&[2, 1, 0]), ints(&[3, 5, 2])], rest(), binomial),
        example("normal_id_glm", vec![vector(&y)], vec![real(0.25), weights(), real(1.3)], normal),
        example(
            "normal_id_glm",
            vec![vector(&y)],
            vec![real(0.25), weights(), vector(&[1.3, 0.8, 2.0])],
            heteroscedastic,
        ),
        example(
            "neg_binomial_2_log_glm",
            vec![ints(&[2, 0, 1])],
            vec![real(0.25), weights(), real(1.5)],
            [2, 0, 1].iter().zip(theta).map(|(n, theta)| negative_binomial_log_mass(*n, theta, 1.5)).sum(),
        ),
        example("ordered_logistic_glm", vec![ints(&[1, 3, 4])], vec![weights(), vector(&[-0.5, 0.4, 1.2])], {
            let theta = predictor(0.0);
            let share = |x: f64| 1.0 / (1.0 + (-x).exp());
            share(-0.5 - theta[0]).ln()
                + (share(1.2 - theta[1]) - share(0.4 - theta[1])).ln()
                + (1.0 - share(1.2 - theta[2])).ln()
        }),
        example(
            "categorical_logit_glm",
            vec![ints(&[2, 1, 2])],
            vec![vector(&[0.0, 0.25]), (Value::matrix(2, 2, vec![0.0, 0.0, 0.4, -0.7]), Moves::Free)],
            // Two categories, of which the second has these log odds.
            -log1p_exp(-theta[0]) - log1p_exp(theta[1]) - log1p_exp(-theta[2]),
        ),
    ]
}

fn normal_log_density(y: f64, mu: f64, sigma: f64) -> f64 {
    -0.5 * ((y - mu) / sigma).powi(2) - sigma.ln() - 0.5 * std::f64::consts::TAU.ln()
}

/// For 0, 1 and 2 events.
fn negative_binomial_log_mass(n: i32, log_mean: f64, phi: f64) -> f64 {
    let mean = log_mean.exp();
    let arrangements = match n {
        0 => 1.0,
        1 => phi,
        _ => phi * (phi + 1.0) / 2.0,
    };
    f64::ln(arrangements) + f64::from(n) * (mean / (mean + phi)).ln() + phi * (phi / (mean + phi)).ln()
}
