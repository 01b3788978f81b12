//! How long a summary takes: `cargo test --release -p hlmc-posterior -- --ignored --nocapture`.

use std::time::Instant;

use hlmc_posterior::{ChainDraws, Draws, Summary};

use crate::chains::autoregressive;

#[test]
#[ignore = "a measurement, for release builds"]
fn summary_of_fifteen_variables() {
    for phi in [-0.2, 0.5, 0.95] {
        let chains = (0..4).map(|chain| {
            let columns: Vec<Vec<f64>> = (0..15).map(|v| autoregressive(100 * chain + v, 1000, phi)).collect();
            let mut draws = ChainDraws::with_capacity(15, 1000);
            for draw_idx in 0..1000 {
                let draw: Vec<f64> = columns.iter().map(|column| column[draw_idx]).collect();
                draws.push(&draw).unwrap();
            }
            draws
        });
        let names = (0..15).map(|v| format!("theta.{v}")).collect();
        let draws = Draws::from_chains(names, chains.collect()).unwrap();
        let mut times: Vec<f64> = (0..20)
            .map(|_| {
                let start = Instant::now();
                assert_eq!(Summary::new(&draws).rows.len(), 15);
                1e3 * start.elapsed().as_secs_f64()
            })
            .collect();
        times.sort_unstable_by(f64::total_cmp);
        println!("phi {phi}: {:.2} ms (median of {})", times[times.len() / 2], times.len());
    }
}
