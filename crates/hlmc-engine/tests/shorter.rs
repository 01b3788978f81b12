//! Loops that may be recorded once for all turns or turn by turn: the form with fewer nodes stays, whichever is tried first,
//! and nothing of the other form is left.

mod support;

use hlmc_native::graph::LoopForm;
use support::{agree, bind, n_nodes, recorded};

/// `n` turns with a function of vectors of `m` entries in `repeats` statements, and a loop inside.
fn program(n: usize, m: usize, repeats: usize) -> String {
    let statement = "target += -dot_self(tanh(a * i) - exp(-a * x[i])); w[i] += sum(a);";
    format!(
        "transformed data {{ array[{n}] real x; for (i in 1:{n}) x[i] = sin(i); }}
        parameters {{ vector[{m}] a; simplex[4] p; }}
        model {{
            a ~ normal(0, 1); vector[{n}] w = rep_vector(0, {n}); real s = 0;
            for (i in 1:{n}) {{ {} vector[4] q = softmax(p * x[i]); s += q[1]; for (k in 1:3) s += square(w[i]) * q[k]; }}
            target += -square(s) - dot_self(w);
        }}",
        statement.repeat(repeats)
    )
}

/// What the loop over `i` became, with the loops in front of it and inside of it.
fn forms(program: &str) -> Vec<LoopForm> {
    let origins = recorded(&bind(program, "{}")).graph.origins;
    origins.all().filter_map(|(id, _)| origins.loop_form(id)).collect()
}

#[test]
fn few_turns_over_long_vectors_are_recorded_turn_by_turn() {
    for (m, repeats) in [(30, 1), (300, 2)] {
        let program = program(4, m, repeats);
        agree("few turns", &program, "{}");
        assert_eq!(forms(&program)[0], LoopForm::Unrolled(4), "{m} entries");
    }
}

#[test]
fn many_turns_over_short_vectors_are_recorded_once() {
    for (m, repeats) in [(2, 1), (30, 1), (20, 40)] {
        let program = program(200, m, repeats);
        agree("many turns", &program, "{}");
        assert_eq!(forms(&program)[0], LoopForm::Map(200), "{m} entries, {repeats} times");
    }
}

/// Two equal loops are two equal stretches of the graph: the second has few nodes of its own.
#[test]
fn a_form_that_was_taken_out_and_put_back_is_found_again() {
    let twice = |n: usize, m: usize| {
        let once = program(n, m, 1);
        let begin = once.find("for (i in 1:").unwrap();
        let begin = begin + once[begin + 1..].find("for (i in 1:").unwrap() + 1;
        let end = once.find("target += -square(s)").unwrap();
        let sum = "target += -square(s) - dot_self(w); w = rep_vector(0, ";
        format!("{}{sum}{n}); s = 0; {}{}", &once[..end], &once[begin..end], &once[end..])
    };
    for (n, m) in [(4, 300), (200, 30)] {
        let (once, twice) = (program(n, m, 1), twice(n, m));
        agree("twice", &twice, "{}");
        let (once, twice) = (n_nodes(&bind(&once, "{}")), n_nodes(&bind(&twice, "{}")));
        assert!(twice < once + 20, "{once} nodes and {twice}");
    }
}
