//! The typed program: promotions, places, operators, compound assignments.

use hlmc_builtins::Type;
use hlmc_check::ir::{
    Block, Callee, Expression, ExpressionKind, LValueStep, Operator, Place, Program, StatementKind, Target, Transform,
};

use crate::support::program;

fn model(text: &str) -> Vec<StatementKind> {
    program(text).model.statements.into_iter().map(|statement| statement.kind).collect()
}

fn value(kind: &StatementKind) -> &Expression {
    match kind {
        StatementKind::Declare { value: Some(value), .. } | StatementKind::Assign { value, .. } => value,
        other => panic!("no value: {other:?}"),
    }
}

#[test]
fn variables_have_places_by_block() {
    let text = "data { int n; real<lower=0> y; } transformed data { real z = y; } parameters { real p; vector[n] q; }
        transformed parameters { real t = p; } model { real a; real b; } generated quantities { real g = p; }";
    let program: Program = program(text);
    let data: Vec<_> = program.data.iter().map(|v| (v.name.as_str(), v.place)).collect();
    assert_eq!(data, [("n", Place::Data(0)), ("y", Place::Data(1)), ("z", Place::Data(2))]);
    let model: Vec<_> = program.model_variables.iter().map(|v| (v.name.as_str(), v.place)).collect();
    assert_eq!(model, [("p", Place::Model(0)), ("q", Place::Model(1)), ("t", Place::Model(2)), ("g", Place::Model(3))]);
    assert_eq!(program.variables(Block::Parameters).count(), 2);
    assert!(matches!(program.data[1].ty.transform, Transform::Lower(_)));
    assert_eq!(program.model.n_locals, 2);
}

#[test]
fn promotions_are_nodes_and_literals_are_promoted_at_once() {
    let statements = model("data { int n; } model { real x = n; real y = 2; array[2] real a = {n, 1}; }");
    assert!(matches!(&value(&statements[0]).kind, ExpressionKind::Promote(inner) if inner.ty == Type::Int));
    assert_eq!(value(&statements[1]).kind, ExpressionKind::Real(2.0));
    let ExpressionKind::Array(entries) = &value(&statements[2]).kind else { panic!("an array") };
    assert!(entries.iter().all(|entry| entry.ty == Type::Real));
}

#[test]
fn scalar_operators_are_nodes_and_those_of_containers_are_calls() {
    let statements = model("model { real x = 1 + 2.5; int n = 7 / 2; real p = 2 ^ 3; vector[2] v = [1, 2]' + 1; }");
    assert!(matches!(&value(&statements[0]).kind, ExpressionKind::Scalar(Operator::Add, a, b) if a.ty == b.ty));
    let ExpressionKind::Scalar(Operator::Divide, ..) = value(&statements[1]).kind else { panic!("a division") };
    assert_eq!(value(&statements[1]).ty, Type::Int);
    assert_eq!(value(&statements[2]).ty, Type::Real);
    let ExpressionKind::Call(call) = &value(&statements[3]).kind else { panic!("a call") };
    assert!(matches!(call.callee, Callee::Builtin(_)) && call.name == "operator+");
    assert_eq!(call.arguments[1].ty, Type::Real);
}

#[test]
fn compound_assignments_are_sums_of_what_is_there() {
    let statements = model("model { array[2] vector[3] v; v[1][2] += 1; v[2] *= 2; }");
    let StatementKind::Assign { target, value } = &statements[1] else { panic!("an assignment") };
    assert!(matches!(target.steps.as_slice(), [LValueStep::Index(_), LValueStep::Index(_)]));
    assert_eq!((&target.ty, &value.ty), (&Type::Real, &Type::Real));
    let ExpressionKind::Scalar(Operator::Add, current, _) = &value.kind else { panic!("a sum") };
    assert!(matches!(current.kind, ExpressionKind::Index(..)));
    assert!(matches!(&statements[2], StatementKind::Assign { value, .. } if value.ty == Type::Vector));
}

#[test]
fn tuples_are_taken_apart_slot_by_slot() {
    let statements = model("model { real x; array[2] int n; (x, n[1]) = (1, 2); }");
    let StatementKind::Unpack { targets, .. } = &statements[2] else { panic!("an unpacking") };
    let types: Vec<_> = targets.iter().map(|t| if let Target::LValue(l) = t { Some(&l.ty) } else { None }).collect();
    assert_eq!(types, [Some(&Type::Real), Some(&Type::Int)]);
}

#[test]
fn several_declarators_are_several_statements() {
    let statements = model("model { real x = 1, y = x, z; }");
    assert_eq!(statements.len(), 3);
    assert_eq!(value(&statements[1]).kind, ExpressionKind::Variable(Place::Local(0)));
}

#[test]
fn constants_are_dropped_under_tilde_and_in_unnormalised_calls() {
    let text = "parameters { real x; } model { x ~ normal(0, 1); target += normal_lupdf(x | 0, 1); target += normal_lpdf(x | 0, 1); }";
    let propto: Vec<bool> = model(text)
        .iter()
        .map(|statement| match statement {
            StatementKind::Tilde { density, .. } => density.propto,
            StatementKind::Increment(_, Expression { kind: ExpressionKind::Call(call), .. }) => call.propto,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(propto, [true, true, false]);
}
