//! The verdict on a run.

use hlmc_posterior::{ChainDraws, Draws, DrawsError, Finding, SamplerTrace, Summary, findings};

use crate::chains::autoregressive;

/// Two variables, `a` as given and `b` constant, in four chains.
fn summary(chain: impl Fn(u64) -> Vec<f64>) -> Result<Summary, DrawsError> {
    let mut chains = Vec::new();
    for seed in 1..=4 {
        let values = chain(seed);
        let mut draws = ChainDraws::with_capacity(2, values.len());
        values.into_iter().try_for_each(|value| draws.push(&[value, 1.0]))?;
        chains.push(draws);
    }
    Ok(Summary::new(&Draws::from_chains(vec!["a".to_owned(), "b".to_owned()], chains)?))
}

fn good_trace() -> SamplerTrace {
    SamplerTrace { n_draws: 500, energies: autoregressive(9, 500, 0.0), ..SamplerTrace::default() }
}

#[test]
fn good_draws_have_no_findings() {
    let summary = summary(|seed| autoregressive(seed, 500, 0.1)).unwrap();
    assert_eq!((summary.n_chains, summary.n_draws), (4, 500));
    assert!(summary.row("b").unwrap().rhat.is_nan());
    assert_eq!(findings(&summary, &[good_trace(), good_trace()]), []);
}

#[test]
fn the_summary_has_the_estimates_of_each_variable() {
    let summary = summary(|seed| autoregressive(seed, 500, 0.1)).unwrap();
    let row = summary.row("a").unwrap();
    assert!((row.se_mean - row.sd / row.n_eff.sqrt()).abs() < 1e-15);
    assert!(row.quantiles.is_sorted());
    assert_eq!(summary.rows[1].quantiles, [1.0; 5]);
    assert_eq!(summary.row("c"), None);
}

#[test]
fn what_the_sampler_met_is_counted() {
    let summary = summary(|seed| autoregressive(seed, 500, 0.1)).unwrap();
    let bad = SamplerTrace { n_draws: 500, n_divergent: 7, n_saturated: 2, energies: autoregressive(9, 500, 0.99) };
    let found = findings(&summary, &[good_trace(), bad]);
    let [divergences, low_e_bfmi, saturated] = found.as_slice() else {
        panic!("three findings, not {found:?}");
    };
    assert_eq!(*divergences, Finding::Divergences { n_divergent: 7, n_draws: 1000 });
    assert_eq!(divergences.to_string(), "7 of 1000 draws ended in a divergence (0.7%)");
    assert!(matches!(low_e_bfmi, Finding::LowEBfmi { chains } if chains.len() == 1 && chains[0].0 == 2));
    assert_eq!(low_e_bfmi.to_string(), "E-BFMI is below 0.3 in chain 2 (0.05)");
    assert_eq!(*saturated, Finding::SaturatedTreedepth { n_saturated: 2, n_draws: 1000 });
}

#[test]
fn disagreement_and_slow_mixing_name_the_variables() {
    let shifted = summary(|seed| autoregressive(seed, 500, 0.0).iter().map(|y| y + seed as f64).collect()).unwrap();
    let found = findings(&shifted, &[]);
    assert!(matches!(&found[0], Finding::HighRhat { variables } if variables[0].0 == "a"));
    let slow = summary(|seed| autoregressive(seed, 500, 0.98)).unwrap();
    let found = findings(&slow, &[]);
    assert!(found.iter().any(|finding| matches!(finding, Finding::LowBulkEss { wanted: 400.0, .. })));
    assert!(found.iter().any(|finding| matches!(finding, Finding::LowTailEss { wanted: 400.0, .. })));
}

#[test]
fn many_variables_are_counted_not_listed() {
    let variables = (0..8).map(|i| (format!("theta.{i}"), 1.5)).collect();
    let text = Finding::HighRhat { variables }.to_string();
    assert!(text.ends_with("theta.4 (1.500) and 3 more"), "{text}");
}
