//! Known values from other programs.

use crate::chains::{chains, variable};

/// One set of chains, and what others say of it.
struct Case {
    name: &'static str,
    chains: Vec<Vec<f64>>,
    rhat: f64,
    ess_bulk: f64,
    ess_tail: f64,
    ess_mean: f64,
    ess_median: f64,
    mcse_mean: f64,
    mcse_sd: f64,
    mcse_q90: f64,
    q25: f64,
    sd: f64,
}

/// Source: ArviZ 0.23.4 on NumPy 2.4.6 (`rhat`, `ess`, `mcse`, default methods), all digits printed. Rhat of the single
/// chain, for which ArviZ gives none, is from another implementation of Vehtari et al. (2021), in Python; that program
/// agrees with ArviZ on all that it computes.
fn cases() -> Vec<Case> {
    let with = |mut chains: Vec<Vec<f64>>, chain_idx: usize, change: fn(f64) -> f64| {
        chains[chain_idx].iter_mut().for_each(|value| *value = change(*value));
        chains
    };
    let mut tied: Vec<Vec<f64>> = chains(4, 100, 0.5);
    tied.iter_mut().flatten().for_each(|value| *value = f64::floor(4.0 * *value));
    vec![
        Case {
            name: "slow",
            chains: chains(4, 600, 0.9),
            rhat: 1.0174110272387653,
            ess_bulk: 139.19074512669985,
            ess_tail: 131.83649022860575,
            ess_mean: 137.2074269824629,
            ess_median: 207.081060578507,
            mcse_mean: 0.056390249818161146,
            mcse_sd: 0.028189614235278788,
            mcse_q90: 0.07387469423592069,
            q25: -0.40049275270819495,
            sd: 0.6605304280919903,
        },
        Case {
            name: "antithetic",
            chains: chains(2, 200, -0.6),
            rhat: 0.9970460115679377,
            ess_bulk: 1040.823996531185,
            ess_tail: 367.93001754946715,
            ess_mean: 1040.823996531185,
            ess_median: 937.7880591316592,
            mcse_mean: 0.01098838101505102,
            mcse_sd: 0.012927945617247001,
            mcse_q90: 0.026313058851774818,
            q25: -0.2651509955107454,
            sd: 0.3545049944481066,
        },
        Case {
            name: "single",
            chains: chains(1, 300, 0.3),
            rhat: 0.9992404878596723,
            ess_bulk: 152.1027514030052,
            ess_tail: 268.3677687675511,
            ess_mean: 158.12210720001832,
            ess_median: 242.95954802974094,
            mcse_mean: 0.023224755932871686,
            mcse_sd: 0.008577048959352645,
            mcse_q90: 0.030350407922081712,
            q25: -0.24957534747522553,
            sd: 0.29204343999145965,
        },
        Case {
            name: "an odd number of draws",
            chains: chains(3, 101, 0.5),
            rhat: 1.0057312962711518,
            ess_bulk: 94.06723140839087,
            ess_tail: 182.1648112136361,
            ess_mean: 94.2626982508797,
            ess_median: 135.19814885328486,
            mcse_mean: 0.036902441126593334,
            mcse_sd: 0.01525402264276794,
            mcse_q90: 0.05720954500094716,
            q25: -0.2824315865893745,
            sd: 0.35828203281345994,
        },
        Case {
            name: "one chain shifted",
            chains: with(chains(4, 100, 0.5), 3, |y| y + 1.0),
            rhat: 1.4965891848057513,
            ess_bulk: 8.420584193197062,
            ess_tail: 71.1717706933858,
            ess_mean: 6.781708769819662,
            ess_median: 14.251044623224516,
            mcse_mean: 0.22312083222662588,
            mcse_sd: 0.09674860449494126,
            mcse_q90: 0.31353760412218756,
            q25: -0.2145936515671952,
            sd: 0.5810448938518136,
        },
        Case {
            name: "one chain wider",
            chains: with(chains(4, 100, 0.5), 0, |y| 3.0 * y),
            rhat: 1.131429145750549,
            ess_bulk: 150.43048911573024,
            ess_tail: 35.29946558949274,
            ess_mean: 147.14283906758993,
            ess_median: 194.28898428852045,
            mcse_mean: 0.04695758307572042,
            mcse_sd: 0.13862835569938856,
            mcse_q90: 0.04996355064639929,
            q25: -0.34052447713223255,
            sd: 0.5696069782338624,
        },
        Case {
            name: "ties",
            chains: tied,
            rhat: 1.0083466699888364,
            ess_bulk: 138.74440166848083,
            ess_tail: 199.23435368178548,
            ess_mean: 139.14742607116904,
            ess_median: 194.28898428852045,
            mcse_mean: 0.12222147097954465,
            mcse_sd: 0.04827699231466996,
            mcse_q90: 0.5,
            q25: -2.0,
            sd: 1.4417338489568976,
        },
    ]
}

#[test]
fn diagnostics_agree_with_other_programs() {
    for case in cases() {
        let draws = variable(&case.chains);
        let values = [
            ("rhat", draws.rhat(), case.rhat),
            ("ess_bulk", draws.ess_bulk(), case.ess_bulk),
            ("ess_tail", draws.ess_tail(), case.ess_tail),
            ("ess_mean", draws.ess_mean(), case.ess_mean),
            ("ess_quantile(0.5)", draws.ess_quantile(0.5), case.ess_median),
            ("mcse_mean", draws.mcse_mean(), case.mcse_mean),
            ("mcse_sd", draws.mcse_sd(), case.mcse_sd),
            ("mcse_quantile(0.9)", draws.mcse_quantile(0.9), case.mcse_q90),
            ("quantile(0.25)", draws.quantile(0.25), case.q25),
            ("sd", draws.sd(), case.sd),
        ];
        for (what, found, expected) in values {
            let gap = (found / expected - 1.0).abs();
            assert!(gap < 1e-9, "{}: {what} is {found}, expected {expected}", case.name);
        }
    }
}
