//! Indices and projections (reference manual, "Indexing").

use hlmc_builtins::Type;
use hlmc_syntax::Span;
use hlmc_syntax::ast::{self, Expr, IndexKind};

use crate::checker::Checker;
use crate::diagnostics;
use crate::ir::{Expression, ExpressionKind, Index};
use crate::levels;

impl<'p> Checker<'p> {
    /// `x[i, j:k]`
    pub(super) fn indexed(&mut self, base: &'p Expr, indices: &'p [ast::Index], span: Span) -> Option<Expression> {
        let indices = self.indices(indices);
        let base = self.expression(base)?;
        let indices = indices?;
        let ty = self.indexed_type(&base.ty, &indices, span)?;
        let level = levels::shaped(&base.level, &ty);
        Some(Expression { kind: ExpressionKind::Index(Box::new(base), indices), ty, level, span })
    }

    /// `t.1`
    pub(crate) fn projected(&mut self, base: Expression, slot: u32, span: Span) -> Option<Expression> {
        let (index, ty) = self.slot(&base.ty, slot, span)?;
        let level = levels::of_slot(&base.level, index);
        Some(Expression { kind: ExpressionKind::Project(Box::new(base), index), ty, level, span })
    }

    /// The index, from 0, and the type of a slot of a tuple.
    pub(crate) fn slot(&mut self, tuple: &Type, slot: u32, span: Span) -> Option<(usize, Type)> {
        let Type::Tuple(slots) = tuple else {
            return self.refuse(diagnostics::types::projection_of_non_tuple(tuple, span));
        };
        let index = (slot as usize).checked_sub(1);
        match index.and_then(|index| Some((index, slots.get(index)?.clone()))) {
            Some(found) => Some(found),
            None => self.refuse(diagnostics::types::no_such_slot(slot, slots.len(), span)),
        }
    }

    /// Checks indices; nothing when one is wrong.
    pub(crate) fn indices(&mut self, indices: &'p [ast::Index]) -> Option<Vec<Index>> {
        let checked: Vec<Option<Index>> = indices.iter().map(|index| self.index(index)).collect();
        checked.into_iter().collect()
    }

    fn index(&mut self, index: &'p ast::Index) -> Option<Index> {
        const BOUND: &str = "the end of a range";
        match &index.kind {
            IndexKind::All => Some(Index::All),
            IndexKind::Single(expr) => {
                let checked = self.expression(expr)?;
                match &checked.ty {
                    Type::Int => Some(Index::Single(checked)),
                    Type::Array(element) if **element == Type::Int => Some(Index::Multiple(checked)),
                    _ => self.refuse(diagnostics::types::index_type(&checked.ty, expr.span)),
                }
            }
            IndexKind::From(lower) => self.int_expression(lower, BOUND).map(Index::From),
            IndexKind::To(upper) => self.int_expression(upper, BOUND).map(Index::To),
            IndexKind::Between(lower, upper) => {
                let lower = self.int_expression(lower, BOUND);
                let upper = self.int_expression(upper, BOUND);
                Some(Index::Between(lower?, upper?))
            }
        }
    }

    /// The type of what the indices select.
    pub(crate) fn indexed_type(&mut self, ty: &Type, indices: &[Index], span: Span) -> Option<Type> {
        match selected(ty, indices) {
            Some(selected) => Some(selected),
            None => self.refuse(diagnostics::types::too_many_indices(ty, indices.len(), span)),
        }
    }
}

/// True when the dimension stays.
pub(crate) fn is_multiple(index: &Index) -> bool {
    !matches!(index, Index::Single(_))
}

fn selected(ty: &Type, indices: &[Index]) -> Option<Type> {
    let Some((first, rest)) = indices.split_first() else { return Some(ty.clone()) };
    if let Type::Array(element) = ty {
        let inner = selected(element, rest)?;
        return Some(if is_multiple(first) { Type::Array(Box::new(inner)) } else { inner });
    }
    let is_complex = ty.scalar() == Type::Complex;
    let real_or = |real: Type, complex: Type| if is_complex { complex } else { real };
    match (ty, is_multiple(first), rest) {
        (Type::Vector | Type::RowVector | Type::ComplexVector | Type::ComplexRowVector, multiple, []) => {
            Some(if multiple { ty.clone() } else { ty.scalar() })
        }
        (Type::Matrix | Type::ComplexMatrix, multiple, rest) => match (multiple, rest) {
            (true, []) => Some(ty.clone()),
            (false, []) => Some(real_or(Type::RowVector, Type::ComplexRowVector)),
            (rows, [columns]) => Some(match (rows, is_multiple(columns)) {
                (false, false) => ty.scalar(),
                (false, true) => real_or(Type::RowVector, Type::ComplexRowVector),
                (true, false) => real_or(Type::Vector, Type::ComplexVector),
                (true, true) => ty.clone(),
            }),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hlmc_builtins::Level;
    use hlmc_syntax::FileId;

    fn one() -> Index {
        let kind = ExpressionKind::Int(1);
        Index::Single(Expression { kind, ty: Type::Int, level: Level::Data, span: Span::new(FileId::MAIN, 0, 0) })
    }

    #[test]
    fn containers_keep_their_kind_under_several_indices() {
        assert_eq!(selected(&Type::Matrix, &[one()]), Some(Type::RowVector));
        assert_eq!(selected(&Type::Matrix, &[Index::All, one()]), Some(Type::Vector));
        assert_eq!(selected(&Type::Matrix, &[Index::All, Index::All]), Some(Type::Matrix));
        assert_eq!(selected(&Type::Vector.in_array(1), &[Index::All, one()]), Some(Type::Real.in_array(1)));
        assert_eq!(selected(&Type::ComplexVector, &[one()]), Some(Type::Complex));
    }

    #[test]
    fn there_are_no_more_indices_than_dimensions() {
        assert_eq!(selected(&Type::Vector, &[one(), one()]), None);
        assert_eq!(selected(&Type::Real, &[one()]), None);
        assert_eq!(selected(&Type::Matrix, &[one(), one(), one()]), None);
    }
}
