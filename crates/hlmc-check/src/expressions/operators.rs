//! Operators: between scalars they are nodes of their own, of containers and complex numbers they are calls.

use hlmc_builtins::{Type, Unresolved};
use hlmc_syntax::ast::{BinaryOp, Expr, ExprKind, PostfixOp, PrefixOp};
use hlmc_syntax::{Diagnostic, Span};

use crate::checker::Checker;
use crate::diagnostics::{calls, types};
use crate::ir::{Call, Callee, Expression, ExpressionKind, LogicalOperator, Operator};
use crate::levels;
use crate::promotion::{promote, promote_all};

impl<'p> Checker<'p> {
    /// `a op b`. Chains of operators lean to the left and can be long, so that side is no recursion.
    pub(super) fn binary(&mut self, expr: &'p Expr) -> Option<Expression> {
        let mut chain = Vec::new();
        let mut innermost = expr;
        while let ExprKind::Binary { op, left, right, .. } = &innermost.kind {
            chain.push((*op, left, right, innermost.span));
            innermost = left;
        }
        let mut result = self.expression(innermost);
        for (op, left, right, span) in chain.into_iter().rev() {
            if is_comparison(op) && matches!(&left.kind, ExprKind::Binary { op, .. } if is_comparison(*op)) {
                self.report(types::chained_comparison(span));
            }
            let right = self.expression(right);
            result = match (result, right) {
                (Some(left), Some(right)) => self.apply_binary(op, left, right, span),
                _ => None,
            };
        }
        result
    }

    /// The value of an operator between two values.
    pub(crate) fn apply_binary(
        &mut self,
        op: BinaryOp,
        left: Expression,
        right: Expression,
        span: Span,
    ) -> Option<Expression> {
        if let (Type::Int | Type::Real, Type::Int | Type::Real) = (&left.ty, &right.ty) {
            return self.scalar_binary(op, left, right, span);
        }
        if is_of_ints(op) {
            return self.refuse(types::binary_operator(op.symbol(), &left.ty, &right.ty, span));
        }
        let is_matrix = *left.ty.unwind_array().0 == Type::Matrix;
        if op == BinaryOp::Power && is_matrix && matches!(right.ty, Type::Int | Type::Real) {
            self.report(types::matrix_power(span));
        }
        self.operator_call(op.symbol(), vec![left, right], span)
    }

    fn scalar_binary(&mut self, op: BinaryOp, left: Expression, right: Expression, span: Span) -> Option<Expression> {
        let both_int = left.ty == Type::Int && right.ty == Type::Int;
        if op == BinaryOp::LeftDivide || (is_of_ints(op) && !both_int) {
            return self.refuse(types::binary_operator(op.symbol(), &left.ty, &right.ty, span));
        }
        if let Some(logical) = logical_operator(op) {
            let kind = ExpressionKind::Logical(logical, Box::new(left), Box::new(right));
            return Some(Expression { kind, ty: Type::Int, level: hlmc_builtins::Level::Data, span });
        }
        if op == BinaryOp::Divide && both_int {
            self.report(types::int_division(span));
        }
        let operator = scalar_operator(op)?;
        let operand = if both_int && operator != Operator::Power { Type::Int } else { Type::Real };
        let ty = if is_comparison(op) { Type::Int } else { operand.clone() };
        let level = levels::computed([&left, &right], &ty);
        let (left, right) = (promote(left, &operand), promote(right, &operand));
        let kind = ExpressionKind::Scalar(operator, Box::new(left), Box::new(right));
        Some(Expression { kind, ty, level, span })
    }

    /// `op a`
    pub(super) fn prefix(&mut self, op: PrefixOp, operand: Expression, span: Span) -> Option<Expression> {
        let (ty, level) = (operand.ty.clone(), operand.level.clone());
        match (op, &ty) {
            (PrefixOp::Not, Type::Int) => {
                Some(Expression { kind: ExpressionKind::Not(Box::new(operand)), ty, level, span })
            }
            (PrefixOp::Not, _) => self.refuse(types::unary_operator(op.symbol(), &ty, span)),
            (PrefixOp::Minus, Type::Int | Type::Real) => {
                Some(Expression { kind: ExpressionKind::Negate(Box::new(operand)), ty, level, span })
            }
            (PrefixOp::Plus, Type::Int | Type::Real) => Some(Expression { span, ..operand }),
            _ => self.operator_call(op.symbol(), vec![operand], span),
        }
    }

    /// `a op`
    pub(super) fn postfix(&mut self, op: PostfixOp, operand: Expression, span: Span) -> Option<Expression> {
        self.operator_call(op.symbol(), vec![operand], span)
    }

    fn operator_call(&mut self, symbol: &str, operands: Vec<Expression>, span: Span) -> Option<Expression> {
        let types: Vec<Type> = operands.iter().map(|operand| operand.ty.clone()).collect();
        let name = format!("operator{symbol}");
        let found = match self.resolve_builtin(&name, &types) {
            Ok(found) => found,
            Err(why) => {
                let diagnostic = operator_diagnostic(symbol, &types, &why, span);
                return self.refuse(diagnostic);
            }
        };
        let level = levels::computed(&operands, &found.fit.result);
        let call = Call {
            callee: Callee::Builtin(found.function),
            arguments: promote_all(operands, &found.fit.parameters),
            function: None,
            propto: false,
            name,
        };
        Some(Expression { kind: ExpressionKind::Call(Box::new(call)), ty: found.fit.result, level, span })
    }
}

fn operator_diagnostic(symbol: &str, operands: &[Type], why: &Unresolved, span: Span) -> Diagnostic {
    let is_here_for_complex = match why {
        Unresolved::WrongArguments(signatures) => signatures.iter().any(|signature| signature.contains("complex")),
        Unresolved::UnknownName | Unresolved::NotYetSupported | Unresolved::Ambiguous(_) => false,
    };
    let is_complex = operands.iter().any(|operand| operand.scalar() == Type::Complex);
    match (why, operands) {
        (Unresolved::UnknownName | Unresolved::NotYetSupported, _) => {
            calls::operator_not_yet_supported(symbol, operands, span)
        }
        // Stan divides by complex matrices, which no row of the table does.
        (_, [_, Type::ComplexMatrix]) if symbol == "/" => calls::operator_not_yet_supported(symbol, operands, span),
        _ if is_complex && !is_here_for_complex => calls::operator_not_yet_supported(symbol, operands, span),
        (_, [left, right]) => types::binary_operator(symbol, left, right, span),
        (_, [operand, ..]) => types::unary_operator(symbol, operand, span),
        (_, []) => types::unary_operator(symbol, &Type::Void, span),
    }
}

fn is_comparison(op: BinaryOp) -> bool {
    use BinaryOp::{Equal, Greater, GreaterEqual, Less, LessEqual, NotEqual};
    matches!(op, Equal | NotEqual | Less | LessEqual | Greater | GreaterEqual)
}

fn is_of_ints(op: BinaryOp) -> bool {
    matches!(op, BinaryOp::Or | BinaryOp::And | BinaryOp::Modulo | BinaryOp::IntDivide)
}

fn logical_operator(op: BinaryOp) -> Option<LogicalOperator> {
    match op {
        BinaryOp::Or => Some(LogicalOperator::Or),
        BinaryOp::And => Some(LogicalOperator::And),
        _ => None,
    }
}

fn scalar_operator(op: BinaryOp) -> Option<Operator> {
    Some(match op {
        BinaryOp::Equal => Operator::Equal,
        BinaryOp::NotEqual => Operator::NotEqual,
        BinaryOp::Less => Operator::Less,
        BinaryOp::LessEqual => Operator::LessEqual,
        BinaryOp::Greater => Operator::Greater,
        BinaryOp::GreaterEqual => Operator::GreaterEqual,
        BinaryOp::Add => Operator::Add,
        BinaryOp::Subtract => Operator::Subtract,
        BinaryOp::Multiply | BinaryOp::ElementMultiply => Operator::Multiply,
        BinaryOp::Divide | BinaryOp::ElementDivide => Operator::Divide,
        BinaryOp::Modulo => Operator::Modulo,
        BinaryOp::IntDivide => Operator::IntDivide,
        BinaryOp::Power | BinaryOp::ElementPower => Operator::Power,
        BinaryOp::Or | BinaryOp::And | BinaryOp::LeftDivide => return None,
    })
}
