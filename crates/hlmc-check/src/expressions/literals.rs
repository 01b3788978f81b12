//! Arrays, row vectors, matrices and tuples that are written out.

use hlmc_builtins::{Level, Type};
use hlmc_syntax::Span;
use hlmc_syntax::ast::Expr;

use crate::checker::Checker;
use crate::diagnostics;
use crate::ir::{Expression, ExpressionKind};
use crate::levels;
use crate::promotion::promote;

impl<'p> Checker<'p> {
    /// `{a, b}`: the entries meet at their least common type.
    pub(super) fn array_literal(&mut self, entries: &'p [Expr], span: Span) -> Option<Expression> {
        let entries = self.expressions(&entries.iter().collect::<Vec<_>>())?;
        let mut common = entries.first()?.ty.clone();
        for entry in &entries {
            let Some(ty) = common.common(&entry.ty) else {
                return self.refuse(diagnostics::types::array_entries(&common, &entry.ty, entry.span));
            };
            common = ty;
        }
        let level = levels::joined(&entries, &common);
        let kind = ExpressionKind::Array(entries.into_iter().map(|entry| promote(entry, &common)).collect());
        Some(Expression { kind, ty: Type::Array(Box::new(common)), level, span })
    }

    /// `[a, b]`: a row vector of numbers, or a matrix of row vectors.
    pub(super) fn row_vector_literal(&mut self, entries: &'p [Expr], span: Span) -> Option<Expression> {
        let entries = self.expressions(&entries.iter().collect::<Vec<_>>())?;
        let is_matrix = matches!(entries.first().map(|e| &e.ty), Some(Type::RowVector | Type::ComplexRowVector));
        let is_complex = entries.iter().any(|entry| entry.ty.scalar() == Type::Complex);
        let (entry_ty, ty) = match (is_matrix, is_complex) {
            (true, true) => (Type::ComplexRowVector, Type::ComplexMatrix),
            (true, false) => (Type::RowVector, Type::Matrix),
            (false, true) => (Type::Complex, Type::ComplexRowVector),
            (false, false) => (Type::Real, Type::RowVector),
        };
        if let Some(wrong) = entries.iter().find(|entry| entry.ty.promotions_to(&entry_ty).is_none()) {
            let diagnostic = if is_matrix {
                diagnostics::types::matrix_row(&wrong.ty, wrong.span)
            } else {
                diagnostics::types::row_vector_entry(&wrong.ty, wrong.span)
            };
            return self.refuse(diagnostic);
        }
        let level = levels::computed(&entries, &ty);
        let entries = entries.into_iter().map(|entry| promote(entry, &entry_ty)).collect();
        let kind = if is_matrix { ExpressionKind::Rows(entries) } else { ExpressionKind::RowVector(entries) };
        Some(Expression { kind, ty, level, span })
    }

    /// `(a, b)`
    pub(super) fn tuple_literal(&mut self, entries: &'p [Expr], span: Span) -> Option<Expression> {
        let entries = self.expressions(&entries.iter().collect::<Vec<_>>())?;
        let ty = Type::Tuple(entries.iter().map(|entry| entry.ty.clone()).collect());
        let slots: Vec<Level> = entries.iter().map(|entry| entry.level.clone()).collect();
        let level = levels::shaped(&levels::collapsed(slots), &ty);
        Some(Expression { kind: ExpressionKind::Tuple(entries), ty, level, span })
    }
}
