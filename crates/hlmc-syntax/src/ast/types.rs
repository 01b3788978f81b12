//! Types as they are written: sized in declarations, unsized in function signatures.

use super::Expr;
use crate::span::Span;

/// The type of a declared variable: sizes, shape and constraint.
#[derive(Debug, Clone, PartialEq)]
pub struct SizedType {
    /// Sizes of the array around the shape, outermost first; empty for what is no array.
    pub array_sizes: Vec<Expr>,
    /// What an element is.
    pub shape: SizedShape,
    /// Constraint or transform of each element; [`Constraint::None`] for tuples, whose slots have their own.
    pub constraint: Constraint,
    /// The text of the type (of an old array declaration: without the sizes after the name).
    pub span: Span,
}

/// The shape of a variable, or of the elements of an array.
#[derive(Debug, Clone, PartialEq)]
pub enum SizedShape {
    /// `int`
    Int,
    /// `real`
    Real,
    /// `complex`
    Complex,
    /// `vector[n]` and the constrained vector types.
    Vector(Expr),
    /// `row_vector[n]`
    RowVector(Expr),
    /// `matrix[rows, columns]` and the constrained matrix types of two sizes.
    Matrix(Expr, Expr),
    /// A constrained matrix type with one size, such as `corr_matrix[k]`: as many rows as columns.
    SquareMatrix(Expr),
    /// `complex_vector[n]`
    ComplexVector(Expr),
    /// `complex_row_vector[n]`
    ComplexRowVector(Expr),
    /// `complex_matrix[rows, columns]`
    ComplexMatrix(Expr, Expr),
    /// `tuple(T1, T2, ...)`; one slot at least.
    Tuple(Vec<SizedType>),
}

/// The constraint or the transform of a declared variable.
#[derive(Debug, Clone, PartialEq)]
pub enum Constraint {
    /// None is written.
    None,
    /// `<lower=e>`
    Lower(Expr),
    /// `<upper=e>`
    Upper(Expr),
    /// `<lower=e, upper=e>`, in either order.
    LowerUpper {
        /// The lower bound.
        lower: Expr,
        /// The upper bound.
        upper: Expr,
    },
    /// `<offset=e>`
    Offset(Expr),
    /// `<multiplier=e>`
    Multiplier(Expr),
    /// `<offset=e, multiplier=e>`, in either order.
    OffsetMultiplier {
        /// The location.
        offset: Expr,
        /// The scale.
        multiplier: Expr,
    },
    /// `ordered`
    Ordered,
    /// `positive_ordered`
    PositiveOrdered,
    /// `simplex`
    Simplex,
    /// `unit_vector`
    UnitVector,
    /// `sum_to_zero_vector`
    SumToZeroVector,
    /// `sum_to_zero_matrix`
    SumToZeroMatrix,
    /// `cholesky_factor_corr`
    CholeskyFactorCorr,
    /// `cholesky_factor_cov`
    CholeskyFactorCov,
    /// `corr_matrix`
    CorrMatrix,
    /// `cov_matrix`
    CovMatrix,
    /// `row_stochastic_matrix`
    RowStochasticMatrix,
    /// `column_stochastic_matrix`
    ColumnStochasticMatrix,
}

/// A type in a function signature: without sizes and constraints.
#[derive(Debug, Clone, PartialEq)]
pub struct UnsizedType {
    /// Number of array dimensions around the base; 0 for what is no array.
    pub array_dims: usize,
    /// What an element is.
    pub base: UnsizedBase,
    /// The text of the type.
    pub span: Span,
}

/// What an unsized type is, apart from its array dimensions.
#[derive(Debug, Clone, PartialEq)]
pub enum UnsizedBase {
    /// `int`
    Int,
    /// `real`
    Real,
    /// `complex`
    Complex,
    /// `vector`
    Vector,
    /// `row_vector`
    RowVector,
    /// `matrix`
    Matrix,
    /// `complex_vector`
    ComplexVector,
    /// `complex_row_vector`
    ComplexRowVector,
    /// `complex_matrix`
    ComplexMatrix,
    /// `tuple(T1, T2, ...)`; one slot at least.
    Tuple(Vec<UnsizedType>),
}

/// What a function returns.
#[derive(Debug, Clone, PartialEq)]
pub enum ReturnType {
    /// `void`, with its span.
    Void(Span),
    /// A value of this type.
    Type(UnsizedType),
}
