//! Rewrites change costs, never values: random programs and data give the same value and gradient natively, under any
//! subset of the rewrites, as in forward mode.
#![allow(clippy::panic, reason = "helpers of tests are parts of tests, though not in test functions")]

use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

use hlmc_builtins::Library;
use hlmc_engine::{EngineKind, Prepared, REWRITES, Rewrites};
use hlmc_eval::BoundModel;
use hlmc_syntax::{Mode, NoIncludes};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// How far value and gradient may differ, relative to the larger of their size and 1.
const TOLERANCE: f64 = 1e-10;

fn bind(program: &str, data: &str) -> BoundModel {
    let parsed = hlmc_syntax::parse(program, "test.stan", Mode::Program, &mut NoIncludes);
    let ast = parsed.program.unwrap_or_else(|| panic!("{:?}\n{program}", parsed.diagnostics));
    let checked = hlmc_check::check(&ast, &Library::new());
    let ir = checked.program.unwrap_or_else(|| panic!("{:?}\n{program}", checked.diagnostics));
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    BoundModel::bind(Arc::new(ir), data, &mut rng).unwrap_or_else(|mistakes| panic!("{mistakes:?}\n{program}"))
}

/// Native under these rewrites and forward mode give the same at the point.
fn compare(program: &str, model: &BoundModel, rewrites: Rewrites, point: &[f64]) {
    let native = Prepared::with_rewrites(EngineKind::Native, model, rewrites);
    assert_eq!(native.why_not_native(), None, "{program}");
    let (mut native, mut dual) = (native.engine(), Prepared::new(EngineKind::Dual, model).engine());
    let (mut by_graph, mut by_duals) = (vec![0.0; point.len()], vec![0.0; point.len()]);
    let (x, y) = (native.log_density_gradient(point, &mut by_graph), dual.log_density_gradient(point, &mut by_duals));
    let (Ok(x), Ok(y)) = (&x, &y) else {
        assert_eq!(x, y, "one engine rejects\n{program}");
        return;
    };
    if by_duals.iter().any(|partial| !partial.is_finite()) {
        return;
    }
    let size = by_duals.iter().fold(1.0, |size: f64, partial| size.max(partial.abs()));
    assert!((x - y).abs() <= TOLERANCE * y.abs().max(1.0), "{rewrites:?}: log density {x} against {y}\n{program}");
    for (i, (a, b)) in by_graph.iter().zip(&by_duals).enumerate() {
        assert!((a - b).abs() <= TOLERANCE * size, "{rewrites:?}: gradient[{i}] {a} against {b}\n{program}");
    }
}

/// The sizes of the data and the seed of their numbers.
#[derive(Clone, Debug)]
struct Data {
    n: usize,
    groups: usize,
    treatments: usize,
    /// How many distinct values predictors take; 0 for as many as there are rows.
    levels: usize,
    /// Where outcomes lie.
    offset: f64,
    seed: u64,
}

impl Data {
    fn json(&self) -> String {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(self.seed);
        let mut column = |f: &mut dyn FnMut(&mut Xoshiro256PlusPlus) -> String| {
            let all: Vec<String> = (0..self.n).map(|_| f(&mut rng)).collect();
            format!("[{}]", all.join(", "))
        };
        let level = |rng: &mut Xoshiro256PlusPlus| match self.levels {
            0 => 2.0 * rng.random::<f64>() - 1.0,
            levels => rng.random_range(0..levels) as f64 - 0.5,
        };
        let g = column(&mut |rng| rng.random_range(1..=self.groups).to_string());
        let t = column(&mut |rng| rng.random_range(1..=self.treatments).to_string());
        let x = column(&mut |rng| level(rng).to_string());
        let z = column(&mut |rng| level(rng).to_string());
        let w = column(&mut |rng| (0.5 + rng.random_range(0..3) as f64).to_string());
        let y = column(&mut |rng| (self.offset + rng.random::<f64>() + level(rng)).to_string());
        let k = column(&mut |rng| rng.random_range(0..4).to_string());
        let b = column(&mut |rng| rng.random_range(0..2).to_string());
        let rows = column(&mut |rng| format!("[{}, {}, {}, {}]", level(rng), level(rng), 1, level(rng)));
        format!(
            r#"{{"n": {}, "J": {}, "T": {}, "g": {g}, "t": {t}, "x": {x}, "z": {z}, "w": {w}, "y": {y}, "k": {k},
            "b": {b}, "X": {rows}}}"#,
            self.n, self.groups, self.treatments
        )
    }
}

const DATA: &str = "data { int n; int J; int T; array[n] int<lower=1, upper=J> g; array[n] int<lower=1, upper=T> t;
    vector[n] x; vector[n] z; vector<lower=0>[n] w; vector[n] y; array[n] int k; array[n] int b; matrix[n, 4] X; }
parameters { real mu; real delta; vector[J] alpha; vector[J] slope; vector[T] tau; vector[4] beta; real<lower=0> sigma;
    vector<lower=0>[J] scales; }
model {
";

/// Parts of a linear predictor: as an expression of whole columns, and in row `i`.
const PARTS: &[(&str, &str)] = &[
    ("mu", "mu"),
    ("alpha[g]", "alpha[g[i]]"),
    ("tau[t]", "tau[t[i]]"),
    ("x * delta", "x[i] * delta"),
    ("x .* slope[g]", "x[i] * slope[g[i]]"),
    ("z .* tau[t]", "tau[t[i]] * z[i]"),
    ("X * beta", "X[i] * beta"),
    ("delta * alpha[g]", "delta * alpha[g[i]]"),
    ("z * (delta * mu)", "z[i] * (delta * mu)"),
    ("(alpha[g] .* tau[t])", "alpha[g[i]] * tau[t[i]]"),
    ("0.5", "0.5"),
    ("(-z)", "-z[i]"),
    ("tanh(alpha[g] + mu)", "tanh(alpha[g[i]] + mu)"),
    ("slope[g] * 0.25", "slope[g[i]] / 4"),
];

/// Scales of normals: as a column, in row `i`.
const SCALES: &[(&str, &str)] = &[
    ("sigma", "sigma"),
    ("scales[g]", "scales[g[i]]"),
    ("w", "w[i]"),
    ("1.5", "1.5"),
    ("(sigma * w)", "sigma * w[i]"),
];

/// One statement about all rows.
#[derive(Clone, Debug)]
struct Statement {
    density: usize,
    parts: Vec<usize>,
    scale: usize,
    is_loop: bool,
}

impl Statement {
    fn text(&self) -> String {
        let choose = |(whole, row): (&'static str, &'static str)| if self.is_loop { row } else { whole };
        let eta = self.parts.iter().map(|part| choose(PARTS[part % PARTS.len()])).collect::<Vec<_>>().join(" + ");
        let scale = choose(SCALES[self.scale % SCALES.len()]);
        let i = if self.is_loop { "[i]" } else { "" };
        let body = match self.density % 14 {
            0 | 1 => format!("y{i} ~ normal({eta}, {scale});"),
            2 => format!("target += normal_lpdf(y{i} | {eta}, {scale});"),
            3 => format!("b{i} ~ bernoulli_logit({eta});"),
            4 => format!("k{i} ~ poisson_log({eta});"),
            5 => format!("y{i} ~ student_t(4, {eta}, {scale});"),
            6 => format!("y{i} ~ double_exponential({eta}, {scale});"),
            7 => format!("y{i} ~ cauchy({eta}, {scale});"),
            8 => format!("k{i} ~ neg_binomial_2_log({eta}, sigma);"),
            9 if self.is_loop => format!("target += -0.5 * w[i] * square(y[i] - ({eta}));"),
            9 => format!("target += -0.5 * sum(w .* square(y - ({eta})));"),
            10 if self.is_loop => format!("target += -0.125 * square({eta} - 1) / {scale} - log1p_exp(mu + {eta});"),
            10 => format!("target += -0.125 * sum(square({eta} - rep_vector(1, n)) ./ ({scale} + rep_vector(0, n)));"),
            11 => format!("target += normal_lupdf(y{i} | {eta}, exp(0.5 * delta));"),
            12 if self.is_loop => {
                format!("target += log_mix(inv_logit(delta), -square({eta} - mu), x[i] * ({eta} - mu));")
            }
            12 => format!("target += -dot_self({eta} + x);"),
            _ => format!("b{i} ~ bernoulli_logit(-({eta}));"),
        };
        if self.is_loop { format!("    for (i in 1:n) {body}\n") } else { format!("    {body}\n") }
    }
}

fn statement() -> impl Strategy<Value = Statement> {
    (0usize..14, prop::collection::vec(0usize..PARTS.len(), 1..5), 0usize..5, any::<bool>()).prop_map(
        |(density, mut parts, scale, is_loop)| {
            // Where there is no outcome beside it, the predictor has a column, so that it has a row for each weight.
            if matches!(density, 9 | 10 | 12) || parts.len() > 2 {
                parts.push(1 + density % 6);
            }
            Statement { density, parts, scale, is_loop }
        },
    )
}

fn data() -> impl Strategy<Value = Data> {
    let offset = prop_oneof![Just(0.0), Just(5.0), Just(1e6)];
    (8usize..60, 1usize..6, 1usize..4, 0usize..4, offset, any::<u64>())
        .prop_map(|(n, groups, treatments, levels, offset, seed)| Data { n, groups, treatments, levels, offset, seed })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, rng_seed: RngSeed::Fixed(20_261_122), ..ProptestConfig::default() })]

    #[test]
    fn engines_agree_under_any_subset_of_rewrites(
        statements in prop::collection::vec(statement(), 1..4),
        data in data(),
        subsets in prop::collection::vec(0u32..1 << REWRITES.len(), 2),
        at in any::<u64>(),
    ) {
        let mut program = DATA.to_owned();
        statements.iter().for_each(|statement| program.push_str(&statement.text()));
        program.push_str("    alpha ~ normal(mu, sigma); tau ~ std_normal(); beta ~ normal(0, 2); slope ~ normal(delta, 1);\n}\n");
        let model = bind(&program, &data.json());
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(at);
        let mut point: Vec<f64> = (0..model.dimension()).map(|_| 4.0 * rng.random::<f64>() - 2.0).collect();
        let all = std::iter::once(Rewrites::ALL).chain(subsets.into_iter().map(Rewrites::from_bits));
        for rewrites in all {
            compare(&program, &model, rewrites, &point);
            // The intercept where the outcomes are.
            point[0] = data.offset;
        }
    }
}

#[test]
fn every_rewrite_alone_and_every_other_one_together() {
    let statements: Vec<Statement> = (0..28)
        .map(|i| Statement { density: i % 14, parts: vec![i, i / 3 + 1, 1 + i % 6], scale: i / 2, is_loop: i >= 14 })
        .collect();
    let data = Data { n: 40, groups: 3, treatments: 2, levels: 2, offset: 1.0, seed: 7 };
    for statement in statements {
        let program = format!("{DATA}{}}}\n", statement.text());
        let model = bind(&program, &data.json());
        let point: Vec<f64> = (0..model.dimension()).map(|i| (i as f64 * 1.7).sin()).collect();
        for rewrite in REWRITES {
            let mut words = format!("none,{}", rewrite.name);
            compare(&program, &model, words.parse().unwrap_or_default(), &point);
            words.clear();
            write!(words, "no-{}", rewrite.name).unwrap_or_default();
            compare(&program, &model, words.parse().unwrap_or_default(), &point);
        }
        compare(&program, &model, Rewrites::NONE, &point);
    }
}

#[test]
fn the_architecture_page_lists_every_rewrite_with_its_law() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/architecture.md");
    let page = std::fs::read_to_string(page).unwrap();
    let listed: String = page
        .lines()
        .skip_while(|line| *line != "| rewrite | law |")
        .skip(2)
        .take(REWRITES.len() + 1)
        .fold(String::new(), |listed, line| listed + line + "\n");
    let expected: String = REWRITES
        .iter()
        .map(|rewrite| format!("| `{}` | {} |\n", rewrite.name, rewrite.law.replace('|', r"\|")))
        .collect();
    assert_eq!(listed, expected + "\n");
}
