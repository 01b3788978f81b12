//! Statements and declarations.

use pest::iterators::{Pair, Pairs};

use super::Lower;
use crate::ast::{
    AssignOp, AssignTarget, Declaration, Declarator, Expr, ExprKind, LValue, LValueKind, Printable, SizedShape, Stmt,
    StmtKind, StringLiteral, Truncation,
};
use crate::errors;
use crate::grammar::Rule;

impl<'a> Lower<'a> {
    /// Anything that may stand in a block.
    pub(super) fn stmt(&self, pair: Pair<'a, Rule>) -> Option<Stmt> {
        let span = self.span(&pair);
        let rule = pair.as_rule();
        if rule == Rule::if_statement {
            return self.if_chain(pair.into_inner());
        }
        if rule == Rule::block {
            return Some(Stmt { kind: StmtKind::Block(self.block(pair)?), span });
        }
        let mut inner = pair.into_inner();
        let kind = match rule {
            Rule::pure_declaration | Rule::top_declaration | Rule::local_declaration => self.declaration(inner)?,
            Rule::assignment => self.assignment(inner)?,
            Rule::call_statement => {
                let function = self.ident(inner.next()?);
                StmtKind::Call { function, args: self.exprs(inner)? }
            }
            Rule::tilde_statement => self.tilde(inner)?,
            Rule::target_statement => StmtKind::TargetPlus(self.exprs(inner)?.pop()?),
            Rule::jacobian_statement => StmtKind::JacobianPlus(self.exprs(inner)?.pop()?),
            Rule::while_statement => {
                let condition = self.next_expr(&mut inner)?;
                StmtKind::While { condition, body: Box::new(self.stmt(inner.nth(1)?)?) }
            }
            Rule::for_statement => self.for_loop(inner)?,
            Rule::profile_statement => {
                let name = inner.find(|child| child.as_rule() == Rule::string)?;
                let body = inner.find(|child| child.as_rule() == Rule::block)?;
                StmtKind::Profile { name: self.string(name), body: self.block(body)? }
            }
            Rule::return_statement => StmtKind::Return(self.exprs(inner)?.pop()),
            Rule::print_statement => StmtKind::Print(self.printables(inner)?),
            Rule::reject_statement => StmtKind::Reject(self.printables(inner)?),
            Rule::fatal_error_statement => StmtKind::FatalError(self.printables(inner)?),
            Rule::break_statement => StmtKind::Break,
            Rule::continue_statement => StmtKind::Continue,
            Rule::empty_statement => StmtKind::Empty,
            _ => return None,
        };
        Some(Stmt { kind, span })
    }

    /// `if (c) s else if (c) s ... else s`, nested from the right.
    fn if_chain(&self, pairs: Pairs<'a, Rule>) -> Option<Stmt> {
        let mut branches = Vec::new();
        let mut last = None;
        let mut condition = None;
        let mut start = 0;
        for child in pairs {
            match child.as_rule() {
                Rule::kw_if => start = child.as_span().start(),
                Rule::expression => condition = Some(self.expr(child)?),
                Rule::kw_else | Rule::lparen | Rule::rparen => {}
                _ => {
                    let stmt = self.stmt(child)?;
                    match condition.take() {
                        Some(condition) => branches.push((start, condition, stmt)),
                        None => last = Some(stmt),
                    }
                }
            }
        }
        for (start, condition, then) in branches.into_iter().rev() {
            let end = last.as_ref().map_or(then.span, |stmt: &Stmt| stmt.span);
            let span = self.join(self.expanded.span(start, start + "if".len()), end);
            let otherwise = last.take().map(Box::new);
            last = Some(Stmt { kind: StmtKind::If { condition, then: Box::new(then), otherwise }, span });
        }
        last
    }

    fn for_loop(&self, pairs: Pairs<'a, Rule>) -> Option<StmtKind> {
        let (mut variable, mut from, mut to, mut body) = (None, None, None, None);
        for child in pairs {
            match child.as_rule() {
                Rule::identifier => variable = Some(self.ident(child)),
                Rule::expression if from.is_none() => from = Some(self.expr(child)?),
                Rule::expression => to = Some(self.expr(child)?),
                Rule::kw_for | Rule::kw_in | Rule::lparen | Rule::rparen | Rule::colon => {}
                _ => body = Some(Box::new(self.stmt(child)?)),
            }
        }
        let (variable, from, body) = (variable?, from?, body?);
        Some(match to {
            Some(upper) => StmtKind::ForRange { variable, lower: from, upper, body },
            None => StmtKind::ForEach { variable, container: from, body },
        })
    }

    fn tilde(&self, mut pairs: Pairs<'a, Rule>) -> Option<StmtKind> {
        let outcome = self.expr(pairs.next()?)?;
        let (mut distribution, mut args, mut truncation) = (None, Vec::new(), None);
        for child in pairs {
            match child.as_rule() {
                Rule::identifier => distribution = Some(self.ident(child)),
                Rule::arguments => args = self.exprs(child.into_inner())?,
                Rule::truncation => truncation = Some(self.truncation(child)?),
                _ => {}
            }
        }
        Some(StmtKind::Tilde { outcome, distribution: distribution?, args, truncation })
    }

    fn truncation(&self, pair: Pair<'a, Rule>) -> Option<Truncation> {
        let span = self.span(&pair);
        let (mut lower, mut upper) = (None, None);
        for child in pair.into_inner() {
            match child.as_rule() {
                Rule::truncation_lower => lower = self.exprs(child.into_inner())?.pop(),
                Rule::truncation_upper => upper = self.exprs(child.into_inner())?.pop(),
                _ => {}
            }
        }
        Some(Truncation { lower, upper, span })
    }

    fn assignment(&self, mut pairs: Pairs<'a, Rule>) -> Option<StmtKind> {
        let left = pairs.next()?;
        let at = left.as_span().start();
        let left = self.common_expr(left)?;
        let op = pairs.next()?;
        let op_span = self.span(&op);
        let value = self.next_expr(&mut pairs)?;
        let span = left.span;
        let target = assign_target(left).unwrap_or_else(|| {
            self.refuse(at, errors::not_assignable(span));
            AssignTarget::Tuple { targets: Vec::new(), span }
        });
        Some(StmtKind::Assignment { target, op: assign_op(op.as_str())?, op_span, value })
    }

    fn printables(&self, pairs: Pairs<'a, Rule>) -> Option<Vec<Printable>> {
        let mut printables = Vec::new();
        for child in pairs {
            match child.as_rule() {
                Rule::string => printables.push(Printable::String(self.string(child))),
                Rule::expression => printables.push(Printable::Expr(self.expr(child)?)),
                _ => {}
            }
        }
        Some(printables)
    }

    fn string(&self, pair: Pair<'a, Rule>) -> StringLiteral {
        StringLiteral { value: pair.as_str().trim_matches('"').to_owned(), span: self.span(&pair) }
    }

    fn next_expr(&self, pairs: &mut Pairs<'a, Rule>) -> Option<Expr> {
        self.expr(pairs.find(|child| child.as_rule() == Rule::expression)?)
    }

    fn declaration(&self, mut pairs: Pairs<'a, Rule>) -> Option<StmtKind> {
        let mut ty = self.sized_type(pairs.next()?)?;
        let mut declarators: Vec<Declarator> = Vec::new();
        for child in pairs {
            match child.as_rule() {
                Rule::identifier => {
                    let name = self.ident(child);
                    let span = name.span;
                    declarators.push(Declarator { name, value: None, span });
                }
                // The definition after the sizes of an old declaration.
                Rule::expression => {
                    let declarator = declarators.last_mut()?;
                    let value = self.expr(child)?;
                    declarator.span = self.join(declarator.span, value.span);
                    declarator.value = Some(value);
                }
                Rule::declarator | Rule::pure_declarator => {
                    let mut inner = child.into_inner();
                    let name = self.ident(inner.next()?);
                    let value = self.exprs(inner)?.pop();
                    let span = value.as_ref().map_or(name.span, |value| self.join(name.span, value.span));
                    declarators.push(Declarator { name, value, span });
                }
                Rule::old_dims => {
                    let at = child.as_span().start();
                    let span = self.span(&child);
                    let sizes = self.exprs(child.into_inner())?;
                    if !ty.array_sizes.is_empty() || matches!(ty.shape, SizedShape::Tuple(_)) {
                        self.refuse(at, errors::sizes_on_both_sides(span, ty.span));
                    }
                    ty.array_sizes.extend(sizes);
                }
                _ => {}
            }
        }
        Some(StmtKind::Declaration(Declaration { ty, declarators }))
    }
}

fn assign_op(symbol: &str) -> Option<AssignOp> {
    Some(match symbol {
        "=" => AssignOp::Assign,
        "+=" => AssignOp::Add,
        "-=" => AssignOp::Subtract,
        "*=" => AssignOp::Multiply,
        "/=" => AssignOp::Divide,
        ".*=" => AssignOp::ElementMultiply,
        "./=" => AssignOp::ElementDivide,
        _ => return None,
    })
}

/// The expression as the place that a value goes to; none when it is no place.
fn assign_target(expr: Expr) -> Option<AssignTarget> {
    let span = expr.span;
    match expr.kind {
        ExprKind::Tuple(slots) => {
            let targets = slots.into_iter().map(assign_target).collect::<Option<_>>()?;
            Some(AssignTarget::Tuple { targets, span })
        }
        _ => lvalue(expr).map(AssignTarget::LValue),
    }
}

fn lvalue(expr: Expr) -> Option<LValue> {
    let kind = match expr.kind {
        ExprKind::Variable(name) => LValueKind::Variable(name),
        ExprKind::Indexed { base, indices } => LValueKind::Indexed { base: Box::new(lvalue(*base)?), indices },
        ExprKind::Projection { base, slot, slot_span } => {
            LValueKind::Projection { base: Box::new(lvalue(*base)?), slot, slot_span }
        }
        _ => return None,
    };
    Some(LValue { kind, span: expr.span })
}
