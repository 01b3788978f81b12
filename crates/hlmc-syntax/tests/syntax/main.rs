//! The crate seen from outside: texts in, trees and diagnostics out.

#![allow(clippy::expect_used, clippy::panic, reason = "helpers of tests, though not in test functions")]

mod declarations;
mod errors;
mod expressions;
mod fuzz;
mod golden;
mod include;
mod lexical;
mod limits;
mod programs;
mod round_trip;
mod sexpr;
mod sources;
mod statements;

use hlmc_syntax::ast::{Expr, Program, Stmt, StmtKind};
use hlmc_syntax::{Diagnostic, Mode, NoIncludes, Parsed, parse};

fn parse_program(text: &str) -> Parsed {
    parse(text, "test.stan", Mode::Program, &mut NoIncludes)
}

/// The program that a text must be.
#[track_caller]
fn program(text: &str) -> Program {
    let parsed = parse_program(text);
    assert_eq!(messages(&parsed), Vec::<String>::new(), "in {text}");
    parsed.program.expect("a program without errors")
}

/// The statements of a model block.
#[track_caller]
fn stmts(text: &str) -> Vec<Stmt> {
    program(&format!("model {{\n{text}\n}}")).model.expect("a model block").stmts
}

/// The one statement of a model block, as an s-expression.
#[track_caller]
fn stmt(text: &str) -> String {
    let stmts = stmts(text);
    assert_eq!(stmts.len(), 1, "in {text}");
    sexpr::stmt(&stmts[0])
}

/// An expression, as it stands on the right of an assignment.
#[track_caller]
fn parse_expr(text: &str) -> Expr {
    match stmts(&format!("x = {text};")).remove(0).kind {
        StmtKind::Assignment { value, .. } => value,
        other => panic!("no assignment but {other:?}"),
    }
}

/// An expression as an s-expression.
#[track_caller]
fn expr(text: &str) -> String {
    sexpr::expr(&parse_expr(text))
}

/// `line:column code` of each error and warning.
fn places(parsed: &Parsed) -> Vec<String> {
    let place = |diagnostic: &Diagnostic| {
        let position = parsed.sources.position(diagnostic.primary.span);
        let code = diagnostic.code.strip_prefix("hlmc::syntax::").expect("a code of this crate");
        format!("{}:{} {code}", position.line, position.column)
    };
    parsed.diagnostics.iter().map(place).collect()
}

fn messages(parsed: &Parsed) -> Vec<String> {
    parsed.diagnostics.iter().map(|diagnostic| diagnostic.message.clone()).collect()
}

/// The places of all errors of a text that must have some.
#[track_caller]
fn errors_of(text: &str) -> Vec<String> {
    let parsed = parse_program(text);
    assert!(parsed.program.is_none(), "parses: {text}");
    places(&parsed)
}
