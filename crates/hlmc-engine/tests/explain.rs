//! What `hlmc explain` is told about programs.
#![allow(clippy::panic, reason = "helpers of tests are parts of tests, though not in test functions")]

mod support;

use hlmc_engine::explain::{Explanation, LoopForm, Outcome, Work, explain};
use hlmc_engine::{EngineKind, Prepared, Rewrites};
use hlmc_math::LogDensity;
use support::bind;

/// 60 rows of 3 groups.
fn grouped() -> String {
    let g: Vec<usize> = (0..60).map(|i| 1 + i % 3).collect();
    let y: Vec<f64> = (0..60).map(|i| f64::from(i % 7) - 2.0).collect();
    format!("{{\"n\": 60, \"g\": {g:?}, \"y\": {y:?}}}")
}

const DATA: &str = "data { int n; array[n] int g; vector[n] y; }\n";

fn explained(program: &str, data: &str) -> Explanation {
    explain(&bind(program, data), Rewrites::ALL, None).unwrap_or_else(|stop| panic!("{stop:?}"))
}

fn outcomes(explanation: &Explanation) -> Vec<Outcome> {
    explanation.statements.iter().map(|statement| statement.outcome).collect()
}

#[test]
fn statements_come_in_the_order_of_the_text_with_what_became_of_them() {
    let program = format!(
        "{DATA}transformed data {{ real m = mean(y); }}
         parameters {{ vector[3] a; real<lower=0> s; }}
         model {{
           real unused = exp(a[1]);
           if (n > 100) a ~ normal(0, 1);
           s ~ normal(0, 1);
           a ~ normal(m, 10);
           for (i in 1:n) y[i] ~ normal(a[g[i]], s);
         }}"
    );
    let explanation = explained(&program, &grouped());
    let expected = [
        Outcome::Known,      // m
        Outcome::Computed,   // a
        Outcome::Computed,   // s
        Outcome::NotNeeded,  // unused
        Outcome::Known,      // if
        Outcome::NotReached, // a ~ normal(0, 1)
        Outcome::Computed,   // s ~
        Outcome::Computed,   // a ~
        Outcome::Computed,   // for
        Outcome::Computed,   // y ~
    ];
    assert_eq!(outcomes(&explanation), expected);
    let [.., around, rows] = &explanation.statements[..] else { panic!("two statements at the end") };
    assert_eq!((around.loop_form, around.depth, rows.depth), (Some(LoopForm::Map(60)), 0, 1));
    let statistics = rows.rewrites.iter().find(|done| done.rewrite == "statistics").expect("rows of a group are one");
    assert_eq!((statistics.from, statistics.to), (60, 3));
}

#[test]
fn loops_over_vectors_of_different_sizes_are_recorded_together() {
    let program = format!(
        "{DATA}parameters {{ vector[6] b; real a; }}
         model {{ for (i in 1:n) target += -square(sum(segment(b, g[i], g[i])) - a * y[i]); }}"
    );
    let explanation = explained(&program, &grouped());
    let forms: Vec<LoopForm> = explanation.statements.iter().filter_map(|statement| statement.loop_form).collect();
    assert_eq!(forms, [LoopForm::Map(60)]);
}

#[test]
fn loops_are_scans_or_unrolled() {
    let program = format!(
        "{DATA}parameters {{ real b; }}
         model {{
           vector[n] m;
           m[1] = b;
           for (i in 2:n) m[i] = b * sin(m[i - 1]);
           for (k in 1:2) target += sin(b * k) * m[k];
           y ~ normal(m, 1);
         }}"
    );
    let explanation = explained(&program, &grouped());
    let forms: Vec<LoopForm> = explanation.statements.iter().filter_map(|statement| statement.loop_form).collect();
    assert_eq!(forms[0], LoopForm::Scan(59));
    assert_eq!(explanation.statements[3].outcome, Outcome::InScan, "{:?}", explanation.statements[3]);
    let scan = &explanation.statements[2];
    assert!(scan.work.contains(&Work::Scan { turns: 59 }), "{scan:?}");
}

#[test]
fn statements_of_a_function_stand_under_its_caller() {
    let program = "functions { real f(real x) { real d = exp(x); return d * x; } }
         parameters { real a; }
         model { target += -square(a); target += f(a); }";
    let explanation = explained(program, "{}");
    let depths: Vec<usize> = explanation.statements.iter().map(|statement| statement.depth).collect();
    assert_eq!(depths, [0, 0, 0, 1, 1]);
}

#[test]
fn shared_work_is_the_first_ones() {
    let program = "parameters { real a; }
         model { target += exp(a) - square(a); target += sin(exp(a)); }";
    let explanation = explained(program, "{}");
    let [_, first, second] = &explanation.statements[..] else { panic!("a parameter and two statements") };
    assert!(first.shares_with.is_empty());
    assert_eq!(second.shares_with, [first.span]);
}

/// The last of the programs that end after a statement is the whole, and none of them fails where the whole does not.
#[test]
fn the_program_as_far_as_its_last_statement_is_the_whole() {
    let programs = [
        format!(
            "{DATA}parameters {{ vector[3] a; real<lower=0> s; }}
             transformed parameters {{ vector[n] m = a[g]; }}
             model {{ a ~ normal(0, s); y ~ normal(m, s); }}"
        ),
        format!(
            "{DATA}parameters {{ real<lower=0, upper=1> b; real<lower=0> s; }}
             model {{
               vector[n] m;
               m[1] = b;
               for (i in 2:n) m[i] = b * m[i - 1] + y[i];
               s ~ normal(0, 1);
               y ~ normal(m, s);
             }}"
        ),
    ];
    for program in programs {
        let model = bind(&program, &grouped());
        let explanation = explain(&model, Rewrites::ALL, None).unwrap_or_else(|stop| panic!("{stop:?}"));
        let point: Vec<f64> = (0..model.dimension()).map(|i| 0.3 - 0.1 * i as f64).collect();
        let mut gradient = vec![0.0; point.len()];
        let mut last = None;
        for n in 0..=explanation.statements.len() {
            if let Some(mut runner) = explanation.runner(n) {
                last = Some((runner.log_density_gradient(&point, &mut gradient).unwrap(), gradient.clone()));
            }
        }
        let whole = Prepared::new(EngineKind::Native, &model).engine().log_density_gradient(&point, &mut gradient);
        let (value, last) = last.expect("there is a program");
        let size = gradient.iter().fold(1.0, |size: f64, partial| size.max(partial.abs()));
        assert!((value - whole.unwrap()).abs() < 1e-10 * value.abs(), "{program}");
        assert!(last.iter().zip(&gradient).all(|(a, b)| (a - b).abs() < 1e-10 * size), "{program}");
    }
}
