//! Expressions: each is checked and becomes a typed expression, or nothing when it is wrong.

mod calls;
mod indexing;
mod literals;
mod operators;

use hlmc_builtins::{Level, Type};
use hlmc_syntax::Span;
use hlmc_syntax::ast::{Expr, ExprKind, Ident};

use crate::checker::Checker;
use crate::diagnostics;
use crate::ir::{Block, Expression, ExpressionKind};
use crate::levels;
use crate::names::is_reserved;

pub(crate) use calls::CheckedCall;
pub(crate) use indexing::is_multiple;

/// The largest int of the language.
const MAX_INT: u64 = i32::MAX as u64;

impl<'p> Checker<'p> {
    /// Checks an expression.
    pub(crate) fn expression(&mut self, expr: &'p Expr) -> Option<Expression> {
        self.deeper(expr.span, |checker| checker.expression_kind(expr))
    }

    fn expression_kind(&mut self, expr: &'p Expr) -> Option<Expression> {
        let span = expr.span;
        match &expr.kind {
            ExprKind::Int(n) => self.int_literal(*n, span),
            ExprKind::Real(x) => Some(constant(ExpressionKind::Real(*x), Type::Real, span)),
            ExprKind::Imag(x) => Some(constant(ExpressionKind::Imaginary(*x), Type::Complex, span)),
            ExprKind::Variable(name) => self.variable(name, span),
            ExprKind::Call { function, args } => {
                self.call_value(function, &args.iter().collect::<Vec<_>>(), false, span)
            }
            ExprKind::ConditionalCall { function, outcome, args } => {
                let all: Vec<&Expr> = std::iter::once(&**outcome).chain(args).collect();
                self.call_value(function, &all, true, span)
            }
            ExprKind::Target => self.target(span),
            ExprKind::Indexed { base, indices } => self.indexed(base, indices, span),
            ExprKind::Projection { base, slot, .. } => {
                let base = self.expression(base)?;
                self.projected(base, *slot, span)
            }
            ExprKind::Array(entries) => self.array_literal(entries, span),
            ExprKind::RowVector(entries) => self.row_vector_literal(entries, span),
            ExprKind::Tuple(entries) => self.tuple_literal(entries, span),
            ExprKind::Binary { .. } => self.binary(expr),
            ExprKind::Prefix { op, operand, .. } => {
                let operand = self.expression(operand)?;
                self.prefix(*op, operand, span)
            }
            ExprKind::Postfix { op, operand, .. } => {
                let operand = self.expression(operand)?;
                self.postfix(*op, operand, span)
            }
            ExprKind::Ternary { condition, then, otherwise } => self.ternary(condition, then, otherwise, span),
            ExprKind::Paren(inner) => self.expression(inner).map(|inner| Expression { span, ..inner }),
        }
    }

    /// Checks all of them, so that each mistake is reported; nothing when one is wrong.
    pub(crate) fn expressions(&mut self, exprs: &[&'p Expr]) -> Option<Vec<Expression>> {
        let checked: Vec<Option<Expression>> = exprs.iter().map(|expr| self.expression(expr)).collect();
        checked.into_iter().collect()
    }

    /// Checks an expression that has to be an int; `what` names it in the message.
    pub(crate) fn int_expression(&mut self, expr: &'p Expr, what: &str) -> Option<Expression> {
        let checked = self.expression(expr)?;
        if checked.ty == Type::Int {
            return Some(checked);
        }
        self.refuse(diagnostics::types::int_needed(what, &checked.ty, expr.span))
    }

    fn int_literal(&mut self, n: u64, span: Span) -> Option<Expression> {
        match i64::try_from(n) {
            Ok(value) if n <= MAX_INT => Some(constant(ExpressionKind::Int(value), Type::Int, span)),
            _ => self.refuse(diagnostics::types::int_out_of_range(span)),
        }
    }

    fn variable(&mut self, name: &Ident, span: Span) -> Option<Expression> {
        if is_reserved(&name.name) {
            return self.refuse(diagnostics::names::reserved(name));
        }
        let Some(variable) = self.scope.find(&name.name) else {
            if self.is_function(&name.name) {
                return self.refuse(diagnostics::names::function_as_value(name));
            }
            let nearest = self.nearest_variable(&name.name);
            return self.refuse(diagnostics::names::unknown_variable(name, nearest));
        };
        let is_size_known = matches!(variable.block, None | Some(Block::Data | Block::TransformedData));
        if self.context.in_block_size && variable.is_global && !is_size_known {
            let diagnostic = diagnostics::declarations::size_of_parameters(name, variable);
            return self.refuse(diagnostic);
        }
        let place = variable.place;
        let ty = variable.ty.clone()?;
        // When generated quantities are computed, parameters are numbers like all others.
        let level = if self.context.is_in(Block::GeneratedQuantities) { Level::Data } else { variable.level.clone() };
        if let Some(reads) = &mut self.reads {
            reads.push(place);
        }
        Some(Expression { kind: ExpressionKind::Variable(place), ty, level, span })
    }

    fn target(&mut self, span: Span) -> Option<Expression> {
        if !self.context.allows_target() {
            return self.refuse(diagnostics::places::target(span));
        }
        Some(Expression { kind: ExpressionKind::Target, ty: Type::Real, level: Level::Auto, span })
    }

    fn ternary(&mut self, condition: &'p Expr, then: &'p Expr, otherwise: &'p Expr, span: Span) -> Option<Expression> {
        let condition = self.int_expression(condition, "the condition of `?:`");
        let then = self.expression(then);
        let otherwise = self.expression(otherwise);
        let (condition, then, otherwise) = (condition?, then?, otherwise?);
        let Some(ty) = then.ty.common(&otherwise.ty) else {
            return self.refuse(diagnostics::types::ternary(&then.ty, &otherwise.ty, span));
        };
        let level = levels::joined([&then, &otherwise], &ty);
        let then = Box::new(crate::promotion::promote(then, &ty));
        let otherwise = Box::new(crate::promotion::promote(otherwise, &ty));
        let kind = ExpressionKind::Conditional(Box::new(condition), then, otherwise);
        Some(Expression { kind, ty, level, span })
    }
}

fn constant(kind: ExpressionKind, ty: Type, span: Span) -> Expression {
    Expression { kind, ty, level: Level::Data, span }
}
