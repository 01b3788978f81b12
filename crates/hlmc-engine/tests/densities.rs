//! Densities, mass functions and distribution functions: every one of scalars in the table, with every argument in turn
//! data and parameter, scalar and vector, agrees between the engines.
#![allow(clippy::panic, reason = "helpers of tests are parts of tests, though not in test functions")]

mod support;

use hlmc_builtins::Library;
use hlmc_builtins::table::{Argument, Density, Distribution, Domain, Outcome, Part};
use support::{bind, compare};

/// Entries of a vectorised argument.
const N: usize = 4;

/// Numbers that an argument's entries are made of, around the first known case of its row.
fn entries(argument: &Argument, at: f64) -> Vec<f64> {
    let is_int = argument.ty == "ints";
    (0..N as i64)
        .map(|i| match argument.domain {
            _ if is_int => (at - (i % 3) as f64).max(0.0),
            Domain::Probability | Domain::Between(..) => at * (1.0 - 0.05 * i as f64),
            _ => at * (1.0 + 0.1 * i as f64),
        })
        .collect()
}

/// The declaration of a parameter that lies in the domain.
fn declaration(domain: Domain, name: &str, is_vector: bool) -> String {
    let bounds = match domain {
        Domain::Positive | Domain::PositiveFinite | Domain::NonNegative | Domain::NonNegativeFinite => "<lower=0>",
        Domain::Probability => "<lower=0, upper=1>",
        _ => "",
    };
    if is_vector { format!("vector{bounds}[{N}] {name};") } else { format!("real{bounds} {name};") }
}

/// Which arguments are parameters, and which are vectors: bit `i` for argument `i`.
#[derive(Clone, Copy)]
struct Variant {
    parameters: u32,
    vectors: u32,
}

/// A program that adds a density up, and its data.
fn program(row: &Distribution<f64>, variant: Variant, statements: &[String]) -> (String, String) {
    let (mut data, mut parameters, mut values) = (String::new(), String::new(), Vec::new());
    for (i, (argument, at)) in row.arguments.iter().zip(row.cases[0].at).enumerate() {
        let (is_vector, name) = (variant.vectors >> i & 1 == 1, format!("x{i}"));
        let is_int = argument.ty == "ints";
        if variant.parameters >> i & 1 == 1 && !is_int {
            parameters += &declaration(argument.domain, &name, is_vector);
            continue;
        }
        let entries = entries(argument, *at);
        let text = |x: &f64| if is_int { format!("{}", x.round() as i64) } else { format!("{x:?}") };
        let list: Vec<String> = entries.iter().map(text).collect();
        match (is_int, is_vector) {
            (true, true) => data += &format!("array[{N}] int {name};"),
            (true, false) => data += &format!("int {name};"),
            (false, true) => data += &format!("vector[{N}] {name};"),
            (false, false) => data += &format!("real {name};"),
        }
        values.push(if is_vector {
            format!("\"{name}\": [{}]", list.join(", "))
        } else {
            format!("\"{name}\": {}", list[0])
        });
    }
    let program = format!(
        "data {{ {data} }} parameters {{ real u; {parameters} }} model {{ u ~ std_normal(); {} }}",
        statements.join(" ")
    );
    (program, format!("{{ {} }}", values.join(", ")))
}

/// Every distribution of scalars that has a known case, with all its variants.
fn each_variant(test: impl Fn(&Distribution<f64>, Variant)) -> usize {
    let library: Library<f64> = Library::new();
    let mut n_rows = 0;
    for row in library.rows() {
        let hlmc_builtins::table::Row::Distribution(row) = row else { continue };
        let is_vectorised = row.arguments.iter().all(|argument| matches!(argument.ty, "ints" | "reals"));
        if !matches!(row.density, Density::Scalar(_)) || row.cases.is_empty() || !is_vectorised {
            continue;
        }
        n_rows += 1;
        let n = row.arguments.len() as u32;
        for parameters in 0..1 << n {
            let vectors = [0, (1 << n) - 1, 1, parameters];
            vectors.into_iter().for_each(|vectors| test(row, Variant { parameters, vectors }));
        }
    }
    n_rows
}

fn arguments(row: &Distribution<f64>) -> (String, String) {
    let names: Vec<String> = (0..row.arguments.len()).map(|i| format!("x{i}")).collect();
    (names[0].clone(), names[1..].join(", "))
}

fn check(row: &Distribution<f64>, variant: Variant, statements: &[String]) {
    let (program, data) = program(row, variant, statements);
    let reason = compare(&bind(&program, &data), &format!("{program}\n{data}"));
    // Known numbers outside of a domain are left to forward mode, which says so in its own words.
    assert!(reason.as_ref().is_none_or(|reason| reason.contains("outside")), "{program} {data}: {reason:?}");
}

#[test]
fn densities_with_all_terms_and_with_those_of_parameters_alone() {
    let n_rows = each_variant(|row, variant| {
        let (outcome, rest) = arguments(row);
        let suffix = if row.outcome == Outcome::Continuous { "lpdf" } else { "lpmf" };
        let all = format!("target += {}_{suffix}({outcome} | {rest});", row.name);
        let some = format!("{outcome} ~ {}({rest});", row.name);
        check(row, variant, &[all]);
        check(row, variant, &[some]);
    });
    assert!(n_rows > 30, "{n_rows} rows");
}

#[test]
fn distribution_functions_and_their_logarithms() {
    each_variant(|row, variant| {
        let (outcome, rest) = arguments(row);
        for suffix in ["cdf", "lcdf", "lccdf"] {
            if row.part(suffix).is_some_and(|part| matches!(part, Part::Cdf | Part::Lcdf | Part::Lccdf)) {
                check(row, variant, &[format!("target += {}_{suffix}({outcome} | {rest});", row.name)]);
            }
        }
    });
}
