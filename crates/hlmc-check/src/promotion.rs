//! Promotion of expressions: int to real to complex, also inside containers (reference manual, "Type inference").

use hlmc_builtins::Type;

use crate::ir::{Expression, ExpressionKind};

/// `expression` as a value of type `to`, which it can be promoted to. Literals are promoted entry by entry.
pub(crate) fn promote(expression: Expression, to: &Type) -> Expression {
    if expression.ty == *to {
        return expression;
    }
    let Expression { kind, ty, level, span } = expression;
    let kind = match (kind, to) {
        // Every int of the language is exact in a double.
        (ExpressionKind::Int(n), Type::Real) => ExpressionKind::Real(n as f64),
        (ExpressionKind::Array(entries), Type::Array(element)) => {
            ExpressionKind::Array(entries.into_iter().map(|entry| promote(entry, element)).collect())
        }
        (ExpressionKind::Tuple(entries), Type::Tuple(slots)) if entries.len() == slots.len() => {
            ExpressionKind::Tuple(entries.into_iter().zip(slots).map(|(entry, slot)| promote(entry, slot)).collect())
        }
        (ExpressionKind::RowVector(entries), Type::ComplexRowVector) => {
            ExpressionKind::RowVector(entries.into_iter().map(|entry| promote(entry, &Type::Complex)).collect())
        }
        (ExpressionKind::Rows(rows), Type::ComplexMatrix) => {
            ExpressionKind::Rows(rows.into_iter().map(|row| promote(row, &Type::ComplexRowVector)).collect())
        }
        (kind, _) => ExpressionKind::Promote(Box::new(Expression { kind, ty, level: level.clone(), span })),
    };
    Expression { kind, ty: to.clone(), level, span }
}

/// All of them, each as a value of its type.
pub(crate) fn promote_all(expressions: Vec<Expression>, to: &[Type]) -> Vec<Expression> {
    expressions.into_iter().zip(to).map(|(expression, ty)| promote(expression, ty)).collect()
}
