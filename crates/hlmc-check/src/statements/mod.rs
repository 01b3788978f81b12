//! Statements: each is checked and becomes typed statements, or none when it is wrong.

mod assignment;
mod control;
mod increment;

use hlmc_builtins::{Level, Type};
use hlmc_syntax::Span;
use hlmc_syntax::ast::{Expr, Ident, Printable, Stmt, StmtKind};

use crate::checker::Checker;
use crate::diagnostics::{assignments, calls, places};
use crate::ir::{Printed, Statement, StatementKind};
use crate::promotion::promote;

pub(crate) use control::Flow;

impl<'p> Checker<'p> {
    /// Checks a statement, and adds what it becomes to `out`.
    pub(crate) fn statement(&mut self, stmt: &'p Stmt, out: &mut Vec<Statement>) -> Flow {
        let mut flow = Flow::Continues;
        self.deeper(stmt.span, |checker| {
            flow = checker.statement_kind(stmt, out);
            Some(())
        });
        flow
    }

    fn statement_kind(&mut self, stmt: &'p Stmt, out: &mut Vec<Statement>) -> Flow {
        let span = stmt.span;
        let simple = match &stmt.kind {
            StmtKind::Declaration(declaration) => {
                self.declaration(declaration, span, out);
                return Flow::Continues;
            }
            StmtKind::Assignment { target, op, value, .. } => self.assignment(target, *op, value),
            StmtKind::Call { function, args } => self.call_statement(function, args, span),
            StmtKind::TargetPlus(value) => self.target_plus(value, span),
            StmtKind::JacobianPlus(value) => self.jacobian_plus(value, span),
            StmtKind::Tilde { outcome, distribution, args, truncation } => {
                self.tilde(outcome, distribution, args, truncation.as_ref(), span)
            }
            StmtKind::Print(items) => self.printed(items).map(StatementKind::Print),
            StmtKind::Empty => None,
            StmtKind::Break
            | StmtKind::Continue
            | StmtKind::Return(_)
            | StmtKind::Reject(_)
            | StmtKind::FatalError(_) => {
                return self.leaving(stmt, out);
            }
            _ => return self.control(stmt, out),
        };
        if let Some(kind) = simple {
            out.push(Statement { kind, span });
        }
        Flow::Continues
    }

    /// Statements after which the next one is not reached.
    fn leaving(&mut self, stmt: &'p Stmt, out: &mut Vec<Statement>) -> Flow {
        let span = stmt.span;
        let (kind, flow) = match &stmt.kind {
            StmtKind::Break => (self.in_loop("break", StatementKind::Break, span), Flow::Leaves),
            // As in the reference compiler, a loop with `continue` can still be taken to run until it returns.
            StmtKind::Continue => (self.in_loop("continue", StatementKind::Continue, span), Flow::Continues),
            StmtKind::Return(None) => (self.return_nothing(span), Flow::Returns),
            StmtKind::Return(Some(value)) => (self.return_value(value, span), Flow::Returns),
            StmtKind::Reject(items) => (self.printed(items).map(StatementKind::Reject), Flow::Returns),
            StmtKind::FatalError(items) => (self.printed(items).map(StatementKind::FatalError), Flow::Returns),
            _ => (None, Flow::Continues),
        };
        out.extend(kind.map(|kind| Statement { kind, span }));
        flow
    }

    fn in_loop(&mut self, keyword: &str, kind: StatementKind, span: Span) -> Option<StatementKind> {
        if self.context.loop_depth == 0 {
            return self.refuse(places::outside_loop(keyword, span));
        }
        Some(kind)
    }

    fn return_nothing(&mut self, span: Span) -> Option<StatementKind> {
        match &self.context.function {
            Some(function) if function.result == Type::Void => Some(StatementKind::Return(None)),
            _ => self.refuse(places::return_nothing(span)),
        }
    }

    fn return_value(&mut self, value: &'p Expr, span: Span) -> Option<StatementKind> {
        let wanted = match &self.context.function {
            Some(function) if function.result != Type::Void => function.result.clone(),
            _ => return self.refuse(places::return_value(span)),
        };
        let value = self.expression(value)?;
        if value.ty.promotions_to(&wanted).is_none() {
            return self.refuse(assignments::wrong_return(&wanted, &value.ty, value.span));
        }
        Some(StatementKind::Return(Some(promote(value, &wanted))))
    }

    fn call_statement(&mut self, function: &'p Ident, args: &'p [Expr], span: Span) -> Option<StatementKind> {
        let checked = self.call(function, &args.iter().collect::<Vec<_>>(), false, span)?;
        if checked.result != Type::Void {
            return self.refuse(calls::unused_value(function, checked.declared, span));
        }
        Some(StatementKind::Call(checked.call))
    }

    fn printed(&mut self, items: &'p [Printable]) -> Option<Vec<Printed>> {
        let checked: Vec<Option<Printed>> = items
            .iter()
            .map(|item| match item {
                Printable::String(text) => Some(Printed::Text(text.value.clone())),
                Printable::Expr(expr) => self.expression(expr).map(Printed::Value),
            })
            .collect();
        checked.into_iter().collect()
    }

    /// The level of a loop variable: that of a local.
    fn loop_variable_level(&self, ty: &Type) -> Level {
        crate::levels::shaped(&self.context.local_level(), ty)
    }
}
