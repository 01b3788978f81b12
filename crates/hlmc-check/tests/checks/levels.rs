//! What may depend on parameters.

use hlmc_builtins::{Level, Type};
use hlmc_check::ir::{Expression, StatementKind};

use crate::support::program;

/// The levels of the values that the transformed parameters are defined by.
fn levels(text: &str) -> Vec<Level> {
    let value = |kind: StatementKind| match kind {
        StatementKind::Declare { value: Some(Expression { level, .. }), .. } => Some(level),
        _ => None,
    };
    program(text).transformed_parameters.statements.into_iter().filter_map(|s| value(s.kind)).collect()
}

#[test]
fn expressions_depend_on_parameters_when_they_read_one() {
    let text = "data { real d; } parameters { real p; vector[2] v; }
        transformed parameters { real a = d + 1; real b = d + p; real c = v[1]; real e = num_elements(v); }";
    assert_eq!(levels(text), [Level::Data, Level::Auto, Level::Auto, Level::Data]);
}

#[test]
fn slots_of_tuples_have_levels_of_their_own() {
    let text = "data { real d; } parameters { real p; }
        transformed parameters { tuple(real, real) t = (d, p); real a = (d, p).1; real b = (d, p).2; }";
    assert_eq!(levels(text), [Level::Tuple(vec![Level::Data, Level::Auto]), Level::Data, Level::Auto]);
}

#[test]
fn a_function_is_made_once_for_each_combination_of_levels() {
    let text = "functions { real f(real x, int n) { real local = x; return local; } real unused(real x) { return x; } }
        data { real d; } parameters { real p; }
        transformed parameters { real a = f(d, 1); real b = f(p, 1); real c = f(p * 2, 2); }
        generated quantities { real e = f(p, 1); }";
    let functions = program(text).functions;
    let made: Vec<_> = functions.iter().map(|f| (f.parameters[0].1.clone(), f.result_level.clone())).collect();
    assert_eq!(made, [(Level::Data, Level::Data), (Level::Auto, Level::Auto)]);
    assert_eq!(functions[0].parameters[1], (Type::Int, Level::Data));
    assert_eq!(levels(text), [Level::Data, Level::Auto, Level::Auto]);
}

#[test]
fn instances_call_instances() {
    let text = "functions { real f(real x) { return g(x) + g(1.5); } real g(real x) { return x > 0 ? f(x - 1) : x; } }
        parameters { real p; } model { target += f(p); }";
    let made: Vec<(String, Level)> =
        program(text).functions.into_iter().map(|f| (f.name, f.parameters[0].1.clone())).collect();
    let expected = [("f", Level::Auto), ("g", Level::Auto), ("g", Level::Data), ("f", Level::Data)];
    assert_eq!(made, expected.map(|(name, level)| (name.to_owned(), level)));
}

#[test]
fn bodies_of_instances_see_no_variables_of_the_program() {
    let text =
        "functions { real f(real x) { real y = x; return y; } } data { real x; real y; } model { target += f(x); }";
    assert_eq!(program(text).functions.len(), 1);
}
