//! Known distributions: moments within their Monte Carlo errors.

use hlmc_inference::{MetricKind, Settings};

use crate::densities::{Sample, correlated_normals, funnel, independent_normals, sample};

/// Errors are measured in Monte Carlo standard errors, by batch means. Beyond the first figure some of the many
/// comparisons here may fall by chance, beyond the second none does.
const ALERT: f64 = 3.0;
const FAIL: f64 = 5.0;

/// The share of comparisons that may be beyond the alert: a normal score is so in 0.3% of cases; batch means have
/// heavier tails.
const ALERT_SHARE: f64 = 0.03;

const N_BATCHES: usize = 40;

/// The mean of a function over the draws, and its standard error from the means of batches of consecutive draws.
fn estimate(sample: &Sample, function: impl Fn(&[f64]) -> f64) -> (f64, f64) {
    let values: Vec<f64> = sample.positions.iter().map(|position| function(position)).collect();
    let batches: Vec<f64> =
        values.chunks(values.len() / N_BATCHES).map(|batch| batch.iter().sum::<f64>() / batch.len() as f64).collect();
    let n = batches.len() as f64;
    let mean = batches.iter().sum::<f64>() / n;
    let variance = batches.iter().map(|batch| (batch - mean).powi(2)).sum::<f64>() / (n - 1.0);
    (mean, (variance / n).sqrt())
}

/// Compares scores with both thresholds.
fn check(scores: &[f64]) {
    assert!(scores.iter().all(|z| z.abs() < FAIL), "{scores:?}");
    let n_alerts = scores.iter().filter(|z| z.abs() > ALERT).count();
    assert!(n_alerts as f64 <= 1.0 + ALERT_SHARE * scores.len() as f64, "{scores:?}");
}

fn score((mean, standard_error): (f64, f64), expected: f64) -> f64 {
    (mean - expected) / standard_error
}

#[test]
fn independent_normals_under_every_metric() {
    let sds = vec![1.0, 0.5, 2.0, 1.5];
    let mut scores = Vec::new();
    for (seed, metric) in [MetricKind::Unit, MetricKind::Diag, MetricKind::Dense].into_iter().enumerate() {
        let settings = Settings { metric, ..Settings::default() };
        let sample = sample(independent_normals(sds.clone()), &settings, 8000, 31 + seed as u64).unwrap();
        for (i, sd) in sds.iter().enumerate() {
            scores.push(score(estimate(&sample, |x| x[i]), 1.0));
            scores.push(score(estimate(&sample, |x| (x[i] - 1.0).powi(2)), sd * sd));
            scores.push(score(estimate(&sample, |x| f64::from(u8::from(x[i] < 1.0 - 1.644_853_627 * sd))), 0.05));
        }
    }
    check(&scores);
}

#[test]
fn correlated_normals_with_a_dense_metric() {
    const CORRELATION: f64 = 0.99;
    let settings = Settings { metric: MetricKind::Dense, ..Settings::default() };
    let dense = sample(correlated_normals(CORRELATION), &settings, 8000, 41).unwrap();
    check(&[
        score(estimate(&dense, |x| x[0]), 0.0),
        score(estimate(&dense, |x| x[0] * x[0]), 1.0),
        score(estimate(&dense, |x| x[0] * x[1]), CORRELATION),
    ]);
    let diag = sample(correlated_normals(CORRELATION), &Settings::default(), 2000, 41).unwrap();
    let mean_leapfrog =
        |s: &Sample| s.stats.iter().map(|stats| stats.n_leapfrog as f64).sum::<f64>() / s.stats.len() as f64;
    assert!(mean_leapfrog(&dense) < 0.5 * mean_leapfrog(&diag), "the dense metric undoes the correlation");
}

/// Scales from 0.01 to 100: the diagonal metric adapts to them, so that trajectories stay short.
#[test]
fn ill_conditioned_normals_are_learned_by_the_diagonal_metric() {
    let sds: Vec<f64> = (0..9).map(|i| 10f64.powf(-2.0 + 0.5 * f64::from(i))).collect();
    let sample = sample(independent_normals(sds.clone()), &Settings::default(), 4000, 51).unwrap();
    let mut scores = Vec::new();
    for (i, sd) in sds.iter().enumerate() {
        scores.push(score(estimate(&sample, |x| x[i]), 1.0));
        scores.push(score(estimate(&sample, |x| ((x[i] - 1.0) / sd).powi(2)), 1.0));
    }
    check(&scores);
    assert!(sample.stats.iter().all(|stats| stats.tree_depth <= 5), "depths stay small");
}

/// The energy is the kinetic energy of a momentum minus the log density: their sum has mean half the dimension.
#[test]
fn the_records_of_a_draw_belong_together() {
    let drawn = sample(independent_normals(vec![1.0; 6]), &Settings::default(), 4000, 61).unwrap();
    let kinetic: Vec<Vec<f64>> =
        drawn.stats.iter().zip(&drawn.log_densities).map(|(stats, lp)| vec![stats.energy + lp]).collect();
    let n_leapfrog_fits = drawn
        .stats
        .iter()
        .all(|stats| stats.n_leapfrog >= (1 << stats.tree_depth) - 1 && stats.n_leapfrog < 1 << (stats.tree_depth + 1));
    assert!(n_leapfrog_fits);
    assert!(drawn.stats.iter().all(|stats| (0.0..=1.0).contains(&stats.accept_stat)));
    assert!(kinetic.iter().all(|value| value[0] > 0.0));
    let kinetic = Sample { positions: kinetic, log_densities: drawn.log_densities, stats: drawn.stats };
    let (mean, _) = estimate(&kinetic, |x| x[0]);
    assert!((mean - 3.0).abs() < 0.3, "{mean}");
}

#[test]
fn the_funnel_runs_and_says_that_it_diverges() {
    let sample = sample(funnel(10), &Settings::default(), 2000, 71).unwrap();
    assert!(sample.stats.iter().any(|stats| stats.divergent));
    assert!(sample.positions.iter().flatten().all(|x| x.is_finite()));
}

#[test]
fn a_density_without_coordinates_has_draws_all_the_same() {
    let sample = sample(independent_normals(vec![]), &Settings::default(), 10, 81).unwrap();
    assert!(sample.positions.iter().all(Vec::is_empty));
    assert!(sample.log_densities.iter().all(|log_density| *log_density == 0.0));
}
