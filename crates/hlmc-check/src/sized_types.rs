//! Sizes and constraints of declared variables.

use hlmc_builtins::Type;
use hlmc_syntax::Span;
use hlmc_syntax::ast::{self, Constraint, Expr, SizedShape};

use crate::checker::Checker;
use crate::diagnostics::declarations;
use crate::ir::{Expression, SizedBase, SizedType, Transform};
use crate::promotion::promote;
use crate::written_types;

impl<'p> Checker<'p> {
    /// Checks the sizes and constraints of a declared type; nothing when one is wrong.
    pub(crate) fn sized_type(&mut self, ty: &'p ast::SizedType) -> Option<SizedType> {
        let base = self.sizes(|checker| checker.sized_base(&ty.shape));
        let array_sizes: Vec<Option<Expression>> = self
            .sizes(|checker| ty.array_sizes.iter().map(|size| checker.size(size, "the size of an array")).collect());
        let transform = self.transform(ty);
        Some(SizedType {
            array_sizes: array_sizes.into_iter().collect::<Option<_>>()?,
            base: base?,
            transform: transform?,
        })
    }

    /// Does something where sizes stand: of variables at the top of a block they must be known before sampling.
    fn sizes<T>(&mut self, f: impl FnOnce(&mut Self) -> T) -> T {
        let outer = self.context.in_block_size;
        self.context.in_block_size = self.context.at_top;
        let result = f(self);
        self.context.in_block_size = outer;
        result
    }

    fn size(&mut self, expr: &'p Expr, what: &str) -> Option<Expression> {
        self.int_expression(expr, what)
    }

    fn sized_base(&mut self, shape: &'p SizedShape) -> Option<SizedBase> {
        const VECTOR: &str = "the size of a vector";
        const ROW_VECTOR: &str = "the size of a row vector";
        const ROWS: &str = "the number of rows of a matrix";
        const COLUMNS: &str = "the number of columns of a matrix";
        Some(match shape {
            SizedShape::Int => SizedBase::Int,
            SizedShape::Real => SizedBase::Real,
            SizedShape::Complex => SizedBase::Complex,
            SizedShape::Vector(size) => SizedBase::Vector(self.size(size, VECTOR)?),
            SizedShape::RowVector(size) => SizedBase::RowVector(self.size(size, ROW_VECTOR)?),
            SizedShape::ComplexVector(size) => SizedBase::ComplexVector(self.size(size, VECTOR)?),
            SizedShape::ComplexRowVector(size) => SizedBase::ComplexRowVector(self.size(size, ROW_VECTOR)?),
            SizedShape::SquareMatrix(size) => {
                let size = self.size(size, ROWS)?;
                SizedBase::Matrix(size.clone(), size)
            }
            SizedShape::Matrix(rows, columns) => {
                let (rows, columns) = (self.size(rows, ROWS), self.size(columns, COLUMNS));
                SizedBase::Matrix(rows?, columns?)
            }
            SizedShape::ComplexMatrix(rows, columns) => {
                let (rows, columns) = (self.size(rows, ROWS), self.size(columns, COLUMNS));
                SizedBase::ComplexMatrix(rows?, columns?)
            }
            SizedShape::Tuple(slots) => {
                let slots: Vec<Option<SizedType>> = slots.iter().map(|slot| self.sized_type(slot)).collect();
                SizedBase::Tuple(slots.into_iter().collect::<Option<_>>()?)
            }
        })
    }

    fn transform(&mut self, ty: &'p ast::SizedType) -> Option<Transform> {
        if ty.constraint == Constraint::None {
            return Some(Transform::Identity);
        }
        let whole = written_types::of_sized(ty);
        if !self.context.at_top {
            return self.refuse(declarations::local_constraint(ty.span));
        }
        if whole.scalar() == Type::Complex {
            return self.refuse(declarations::complex_transform(ty.span));
        }
        // The bounds of a tuple's slot stand among sizes, but may depend on parameters like all bounds.
        let among_sizes = std::mem::replace(&mut self.context.in_block_size, false);
        let transform = self.bounded_transform(ty, &whole);
        self.context.in_block_size = among_sizes;
        transform
    }

    fn bounded_transform(&mut self, ty: &'p ast::SizedType, whole: &Type) -> Option<Transform> {
        let is_int = *whole == Type::Int;
        match &ty.constraint {
            Constraint::None => Some(Transform::Identity),
            Constraint::Lower(e) => Some(Transform::Lower(self.bound(e, "the lower bound", whole, is_int)?)),
            Constraint::Upper(e) => Some(Transform::Upper(self.bound(e, "the upper bound", whole, is_int)?)),
            Constraint::LowerUpper { lower, upper } => {
                let lower = self.bound(lower, "the lower bound", whole, is_int);
                let upper = self.bound(upper, "the upper bound", whole, is_int);
                Some(Transform::LowerUpper(lower?, upper?))
            }
            Constraint::Offset(e) => {
                Some(Transform::OffsetMultiplier(Some(self.bound(e, "the offset", whole, false)?), None))
            }
            Constraint::Multiplier(e) => {
                Some(Transform::OffsetMultiplier(None, Some(self.bound(e, "the multiplier", whole, false)?)))
            }
            Constraint::OffsetMultiplier { offset, multiplier } => {
                let offset = self.bound(offset, "the offset", whole, false);
                let multiplier = self.bound(multiplier, "the multiplier", whole, false);
                Some(Transform::OffsetMultiplier(Some(offset?), Some(multiplier?)))
            }
            named => self.named_transform(named, ty.span),
        }
    }

    fn named_transform(&mut self, constraint: &Constraint, span: Span) -> Option<Transform> {
        Some(match constraint {
            Constraint::Ordered => Transform::Ordered,
            Constraint::PositiveOrdered => Transform::PositiveOrdered,
            Constraint::Simplex => Transform::Simplex,
            Constraint::UnitVector => Transform::UnitVector,
            Constraint::SumToZeroVector => Transform::SumToZeroVector,
            Constraint::SumToZeroMatrix => Transform::SumToZeroMatrix,
            Constraint::CholeskyFactorCorr => Transform::CholeskyFactorCorr,
            Constraint::CholeskyFactorCov => Transform::CholeskyFactorCov,
            Constraint::CorrMatrix => Transform::CorrMatrix,
            Constraint::CovMatrix => Transform::CovMatrix,
            Constraint::RowStochasticMatrix => Transform::RowStochasticMatrix,
            Constraint::ColumnStochasticMatrix => Transform::ColumnStochasticMatrix,
            _ => return self.refuse(declarations::bad_constraint(span)),
        })
    }

    /// A bound is a number for all entries, or has the variable's own type; that of an int is an int.
    fn bound(&mut self, expr: &'p Expr, what: &str, whole: &Type, is_int: bool) -> Option<Expression> {
        let checked = self.expression(expr)?;
        let is_number = matches!(checked.ty, Type::Int | Type::Real);
        if !is_number && checked.ty != *whole {
            return self.refuse(declarations::bound_type(what, whole, &checked.ty, expr.span));
        }
        if is_int && checked.ty == Type::Real {
            return self.refuse(declarations::real_bound_of_int(expr.span));
        }
        let keeps_int = whole.unwind_array().0 == &Type::Int || !is_number;
        Some(if keeps_int { checked } else { promote(checked, &Type::Real) })
    }
}
