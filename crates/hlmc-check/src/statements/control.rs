//! Branches, loops and blocks, and which paths through them return.

use hlmc_builtins::{Level, Type};
use hlmc_syntax::Span;
use hlmc_syntax::ast::{Expr, ExprKind, Ident, Stmt, StmtKind};

use crate::checker::Checker;
use crate::diagnostics::{places, types};
use crate::ir::{Statement, StatementKind};
use crate::scope::ReadOnly;

/// What happens after a statement. The rules are those of the reference compiler, so that both accept the same
/// functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flow {
    /// The next statement may be reached.
    Continues,
    /// The loop around may be left.
    Leaves,
    /// Every path returns or rejects.
    Returns,
}

impl Flow {
    fn then(self, next: Flow) -> Flow {
        match (self, next) {
            (Flow::Leaves, _) | (_, Flow::Leaves) => Flow::Leaves,
            (_, Flow::Returns) => Flow::Returns,
            _ => Flow::Continues,
        }
    }

    fn or(self, other: Flow) -> Flow {
        match (self, other) {
            (Flow::Returns, Flow::Returns) => Flow::Returns,
            (Flow::Leaves, _) | (_, Flow::Leaves) => Flow::Leaves,
            _ => Flow::Continues,
        }
    }

    fn of_loop(self) -> Flow {
        if self == Flow::Returns { Flow::Returns } else { Flow::Continues }
    }
}

impl<'p> Checker<'p> {
    /// Checks the statements of a block, in its scope already.
    pub(crate) fn statements(&mut self, stmts: &'p [Stmt], out: &mut Vec<Statement>) -> Flow {
        let mut flow = Flow::Continues;
        let mut has_left = false;
        for (i, stmt) in stmts.iter().enumerate() {
            if i > 0 && !has_left && leaves(&stmts[i - 1]) {
                self.report(places::unreachable(stmt.span));
                has_left = true;
            }
            let next = self.statement(stmt, out);
            // What follows a statement that leaves does not count.
            if !has_left {
                flow = flow.then(next);
            }
        }
        flow
    }

    /// Branches, loops and blocks.
    pub(super) fn control(&mut self, stmt: &'p Stmt, out: &mut Vec<Statement>) -> Flow {
        let span = stmt.span;
        let at_top = std::mem::replace(&mut self.context.at_top, false);
        let (kind, flow) = match &stmt.kind {
            StmtKind::If { condition, then, otherwise } => self.branch(condition, then, otherwise.as_deref()),
            StmtKind::While { condition, body } => self.while_loop(condition, body),
            StmtKind::ForRange { variable, lower, upper, body } => self.range_loop(variable, lower, upper, body),
            StmtKind::ForEach { variable, container, body } => self.each_loop(variable, container, body),
            StmtKind::Block(block) => {
                let (body, flow) = self.nested_statements(&block.stmts);
                (Some(StatementKind::Block(body)), flow)
            }
            StmtKind::Profile { name, body } => {
                let (body, flow) = self.nested_statements(&body.stmts);
                (Some(StatementKind::Profile(name.value.clone(), body)), flow)
            }
            _ => (None, Flow::Continues),
        };
        self.context.at_top = at_top;
        out.extend(kind.map(|kind| Statement { kind, span }));
        flow
    }

    fn nested_statements(&mut self, stmts: &'p [Stmt]) -> (Vec<Statement>, Flow) {
        self.scoped(|checker| {
            let mut body = Vec::with_capacity(stmts.len());
            let flow = checker.statements(stmts, &mut body);
            (body, flow)
        })
    }

    /// One statement in a scope of its own, as the branch of an `if` or the body of a loop.
    fn nested_statement(&mut self, stmt: &'p Stmt) -> (Vec<Statement>, Flow) {
        if let StmtKind::Block(block) = &stmt.kind {
            return self.nested_statements(&block.stmts);
        }
        self.scoped(|checker| {
            let mut body = Vec::new();
            let flow = checker.statement(stmt, &mut body);
            (body, flow)
        })
    }

    fn branch(
        &mut self,
        condition: &'p Expr,
        then: &'p Stmt,
        otherwise: Option<&'p Stmt>,
    ) -> (Option<StatementKind>, Flow) {
        let condition = self.int_expression(condition, "the condition of `if`");
        let (then, then_flow) = self.nested_statement(then);
        let (otherwise, otherwise_flow) =
            otherwise.map_or((Vec::new(), Flow::Continues), |stmt| self.nested_statement(stmt));
        let kind = condition.map(|condition| StatementKind::If { condition, then, otherwise });
        (kind, then_flow.or(otherwise_flow))
    }

    fn while_loop(&mut self, condition: &'p Expr, body: &'p Stmt) -> (Option<StatementKind>, Flow) {
        // A condition that is a literal other than 0 never ends the loop.
        let is_endless = matches!(&condition.kind, ExprKind::Int(n) if *n > 0);
        let condition = self.int_expression(condition, "the condition of `while`");
        let (body, flow) = self.loop_body(body);
        let flow = if is_endless && flow == Flow::Continues { Flow::Returns } else { flow.of_loop() };
        (condition.map(|condition| StatementKind::While { condition, body }), flow)
    }

    fn range_loop(
        &mut self,
        name: &'p Ident,
        lower: &'p Expr,
        upper: &'p Expr,
        body: &'p Stmt,
    ) -> (Option<StatementKind>, Flow) {
        const BOUND: &str = "the bound of a `for` loop";
        let lower = self.int_expression(lower, BOUND);
        let upper = self.int_expression(upper, BOUND);
        let variable = self.new_local();
        let (body, flow) = self.scoped(|checker| {
            let why = Some(ReadOnly::LoopVariable);
            checker.declare_variable(name, Some(Type::Int), Level::Data, variable, why);
            checker.loop_body(body)
        });
        let kind = match (lower, upper) {
            (Some(lower), Some(upper)) => Some(StatementKind::ForRange { variable, lower, upper, body }),
            _ => None,
        };
        (kind, flow.of_loop())
    }

    fn each_loop(&mut self, name: &'p Ident, container: &'p Expr, body: &'p Stmt) -> (Option<StatementKind>, Flow) {
        let container = self.expression(container);
        let element = container.as_ref().and_then(|container| self.element(&container.ty, container.span));
        let level = element.as_ref().map_or(Level::Data, |ty| self.loop_variable_level(ty));
        let variable = self.new_local();
        let is_known = element.is_some();
        let (body, flow) = self.scoped(|checker| {
            checker.declare_variable(name, element, level, variable, Some(ReadOnly::LoopVariable));
            checker.loop_body(body)
        });
        let kind = container.filter(|_| is_known);
        (kind.map(|container| StatementKind::ForEach { variable, container, body }), flow.of_loop())
    }

    /// The type of the elements that a loop goes over.
    fn element(&mut self, container: &Type, span: Span) -> Option<Type> {
        match container {
            Type::Array(element) => Some((**element).clone()),
            Type::Vector | Type::RowVector | Type::Matrix => Some(Type::Real),
            other => self.refuse(types::not_iterable(other, span)),
        }
    }

    fn loop_body(&mut self, body: &'p Stmt) -> (Vec<Statement>, Flow) {
        self.context.loop_depth += 1;
        let result = self.nested_statement(body);
        self.context.loop_depth -= 1;
        result
    }
}

/// True for statements whose successor is never reached.
fn leaves(stmt: &Stmt) -> bool {
    matches!(
        stmt.kind,
        StmtKind::Break | StmtKind::Continue | StmtKind::Return(_) | StmtKind::Reject(_) | StmtKind::FatalError(_)
    )
}
