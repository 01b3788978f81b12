//! Types: sized and unsized, with their constraints.

use pest::iterators::{Pair, Pairs};

use super::Lower;
use crate::ast::{Constraint, Expr, ReturnType, SizedShape, SizedType, UnsizedBase, UnsizedType};
use crate::grammar::Rule;

impl<'a> Lower<'a> {
    pub(super) fn return_type(&self, pair: Pair<'a, Rule>) -> Option<ReturnType> {
        let child = pair.into_inner().next()?;
        match child.as_rule() {
            Rule::kw_void => Some(ReturnType::Void(self.span(&child))),
            _ => Some(ReturnType::Type(self.unsized_type(child)?)),
        }
    }

    pub(super) fn unsized_type(&self, pair: Pair<'a, Rule>) -> Option<UnsizedType> {
        let span = self.span(&pair);
        let mut array_dims = 0;
        for child in pair.into_inner() {
            match child.as_rule() {
                Rule::unsized_dims => {
                    array_dims = 1 + child.into_inner().filter(|token| token.as_rule() == Rule::comma).count();
                }
                Rule::unsized_tuple => {
                    let slots = child.into_inner().filter(|slot| slot.as_rule() == Rule::unsized_type);
                    let slots = slots.map(|slot| self.unsized_type(slot)).collect::<Option<_>>()?;
                    return Some(UnsizedType { array_dims, base: UnsizedBase::Tuple(slots), span });
                }
                Rule::unsized_base => {
                    let base = unsized_base(child.into_inner().next()?.as_str())?;
                    return Some(UnsizedType { array_dims, base, span });
                }
                _ => {}
            }
        }
        None
    }

    /// `top_type` and `local_type`.
    pub(super) fn sized_type(&self, pair: Pair<'a, Rule>) -> Option<SizedType> {
        let span = self.span(&pair);
        let mut array_sizes = Vec::new();
        for child in pair.into_inner() {
            match child.as_rule() {
                Rule::array_dims => array_sizes = self.exprs(child.into_inner())?,
                Rule::top_tuple | Rule::local_tuple => {
                    let is_slot = |rule| matches!(rule, Rule::top_type | Rule::local_type);
                    let slots = child.into_inner().filter(|slot| is_slot(slot.as_rule()));
                    let slots = slots.map(|slot| self.sized_type(slot)).collect::<Option<_>>()?;
                    let shape = SizedShape::Tuple(slots);
                    return Some(SizedType { array_sizes, shape, constraint: Constraint::None, span });
                }
                Rule::top_base | Rule::local_base => {
                    let (shape, constraint) = self.sized_base(child)?;
                    return Some(SizedType { array_sizes, shape, constraint, span });
                }
                _ => {}
            }
        }
        None
    }

    fn sized_base(&self, pair: Pair<'a, Rule>) -> Option<(SizedShape, Constraint)> {
        let mut inner = pair.into_inner();
        let word = inner.next()?.as_str();
        let mut constraint = named_constraint(word);
        let mut sizes = Vec::new();
        for child in inner {
            match child.as_rule() {
                Rule::bounds | Rule::constraint => constraint = self.constraint(child.into_inner())?,
                Rule::expression => sizes.push(self.expr(child)?),
                _ => {}
            }
        }
        Some((shape(word, sizes)?, constraint))
    }

    fn constraint(&self, pairs: Pairs<'a, Rule>) -> Option<Constraint> {
        let (mut lower, mut upper, mut offset, mut multiplier) = (None, None, None, None);
        for child in pairs {
            let slot = match child.as_rule() {
                Rule::lower_bound => &mut lower,
                Rule::upper_bound => &mut upper,
                Rule::offset => &mut offset,
                Rule::multiplier => &mut multiplier,
                _ => continue,
            };
            let value = child.into_inner().find(|part| part.as_rule() == Rule::constraint_expression)?;
            *slot = Some(self.expr(value)?);
        }
        Some(match (lower, upper, offset, multiplier) {
            (Some(lower), Some(upper), ..) => Constraint::LowerUpper { lower, upper },
            (Some(lower), None, ..) => Constraint::Lower(lower),
            (None, Some(upper), ..) => Constraint::Upper(upper),
            (None, None, Some(offset), Some(multiplier)) => Constraint::OffsetMultiplier { offset, multiplier },
            (None, None, Some(offset), None) => Constraint::Offset(offset),
            (None, None, None, Some(multiplier)) => Constraint::Multiplier(multiplier),
            (None, None, None, None) => return None,
        })
    }
}

fn unsized_base(word: &str) -> Option<UnsizedBase> {
    Some(match word {
        "int" => UnsizedBase::Int,
        "real" => UnsizedBase::Real,
        "complex" => UnsizedBase::Complex,
        "vector" => UnsizedBase::Vector,
        "row_vector" => UnsizedBase::RowVector,
        "matrix" => UnsizedBase::Matrix,
        "complex_vector" => UnsizedBase::ComplexVector,
        "complex_row_vector" => UnsizedBase::ComplexRowVector,
        "complex_matrix" => UnsizedBase::ComplexMatrix,
        _ => return None,
    })
}

/// The constraint that a type's name stands for.
fn named_constraint(word: &str) -> Constraint {
    match word {
        "ordered" => Constraint::Ordered,
        "positive_ordered" => Constraint::PositiveOrdered,
        "simplex" => Constraint::Simplex,
        "unit_vector" => Constraint::UnitVector,
        "sum_to_zero_vector" => Constraint::SumToZeroVector,
        "sum_to_zero_matrix" => Constraint::SumToZeroMatrix,
        "cholesky_factor_corr" => Constraint::CholeskyFactorCorr,
        "cholesky_factor_cov" => Constraint::CholeskyFactorCov,
        "corr_matrix" => Constraint::CorrMatrix,
        "cov_matrix" => Constraint::CovMatrix,
        "row_stochastic_matrix" => Constraint::RowStochasticMatrix,
        "column_stochastic_matrix" => Constraint::ColumnStochasticMatrix,
        _ => Constraint::None,
    }
}

fn shape(word: &str, sizes: Vec<Expr>) -> Option<SizedShape> {
    let mut sizes = sizes.into_iter();
    let (first, second) = (sizes.next(), sizes.next());
    Some(match word {
        "int" => SizedShape::Int,
        "real" => SizedShape::Real,
        "complex" => SizedShape::Complex,
        "row_vector" => SizedShape::RowVector(first?),
        "complex_vector" => SizedShape::ComplexVector(first?),
        "complex_row_vector" => SizedShape::ComplexRowVector(first?),
        "complex_matrix" => SizedShape::ComplexMatrix(first?, second?),
        "vector" | "ordered" | "positive_ordered" | "simplex" | "unit_vector" | "sum_to_zero_vector" => {
            SizedShape::Vector(first?)
        }
        _ => match second {
            Some(second) => SizedShape::Matrix(first?, second),
            None => SizedShape::SquareMatrix(first?),
        },
    })
}
