//! The typed program: every name is a place, every expression has its type and level, every call its function.
//!
//! What is left implicit in the text is explicit here: promotions are nodes, several declarators are several
//! statements, compound assignments name their operator's function, user functions are instantiated for the levels of
//! their arguments (as Stan's C++ templates are), so that what depends on parameters is known everywhere.

mod expression;
mod mentions;
mod statement;
mod structure;

pub use expression::{Call, Callee, Expression, ExpressionKind, FunctionArgument, Index, LogicalOperator, Operator};
pub use statement::{Accumulator, LValue, LValueStep, Printed, Statement, StatementKind, Target, Truncation};
pub use structure::Structure;

use hlmc_builtins::{Level, Type};
use hlmc_syntax::Span;

/// Where a variable lives at run time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// Variable `i` of the data and transformed data blocks: shared, and constant once the program is bound to data.
    Data(u32),
    /// Variable `i` of the parameters, transformed parameters and generated quantities blocks.
    Model(u32),
    /// Slot `i` of the frame of the block or function that is running: locals, loop variables, arguments.
    Local(u32),
}

/// The block that declares a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Block {
    /// `data`
    Data,
    /// `transformed data`
    TransformedData,
    /// `parameters`
    Parameters,
    /// `transformed parameters`
    TransformedParameters,
    /// `model`
    Model,
    /// `generated quantities`
    GeneratedQuantities,
}

/// A variable declared at the top of a block other than `model`.
#[derive(Clone, Debug, PartialEq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// The block.
    pub block: Block,
    /// Its type, with sizes and constraints.
    pub ty: SizedType,
    /// Its place: [`Place::Data`] or [`Place::Model`].
    pub place: Place,
    /// The whole declaration, for messages.
    pub span: Span,
    /// The name alone.
    pub name_span: Span,
}

/// A type with sizes and constraints.
#[derive(Clone, Debug, PartialEq)]
pub struct SizedType {
    /// The array dimensions, outermost first.
    pub array_sizes: Vec<Expression>,
    /// What is inside the arrays.
    pub base: SizedBase,
    /// Its constraint, which is also its transform to the unconstrained space.
    pub transform: Transform,
}

/// What is inside the arrays of a sized type.
#[derive(Clone, Debug, PartialEq)]
pub enum SizedBase {
    /// `int`
    Int,
    /// `real`
    Real,
    /// `complex`
    Complex,
    /// A column vector of this size.
    Vector(Expression),
    /// A row vector of this size.
    RowVector(Expression),
    /// Rows and columns. A square type has the same expression twice.
    Matrix(Expression, Expression),
    /// A complex column vector of this size.
    ComplexVector(Expression),
    /// A complex row vector of this size.
    ComplexRowVector(Expression),
    /// Rows and columns.
    ComplexMatrix(Expression, Expression),
    /// A tuple; the transforms are those of the slots.
    Tuple(Vec<SizedType>),
}

/// A constraint with its bounds; reference manual, "Constraint transforms".
#[derive(Clone, Debug, PartialEq)]
pub enum Transform {
    /// No constraint.
    Identity,
    /// `<lower=...>`
    Lower(Expression),
    /// `<upper=...>`
    Upper(Expression),
    /// `<lower=..., upper=...>`
    LowerUpper(Expression, Expression),
    /// `<offset=..., multiplier=...>`, either of which may be missing.
    OffsetMultiplier(Option<Expression>, Option<Expression>),
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

/// A user function, instantiated for the levels of its arguments.
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// The types and levels of its parameters, which are the slots 0, 1, ... of its frame.
    pub parameters: Vec<(Type, Level)>,
    /// What it returns.
    pub result: Type,
    /// The level of what it returns.
    pub result_level: Level,
    /// Its statements.
    pub body: Body,
    /// The signature in the text.
    pub span: Span,
}

/// Statements with the size of the frame that they need.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Body {
    /// In order.
    pub statements: Vec<Statement>,
    /// The number of local slots.
    pub n_locals: u32,
}

/// Which function of [`Program::functions`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FunctionIndex(pub u32);

/// A program that passed all checks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Program {
    /// Instances of user functions, those that are called.
    pub functions: Vec<Function>,
    /// Variables of the data and transformed data blocks in declaration order; `Place::Data(i)` is entry `i`.
    pub data: Vec<Variable>,
    /// Variables of the parameters, transformed parameters and generated quantities blocks in declaration order;
    /// `Place::Model(i)` is entry `i`.
    pub model_variables: Vec<Variable>,
    /// `transformed data`; the declarations stand in it as statements.
    pub transformed_data: Body,
    /// `transformed parameters`; the declarations stand in it as statements.
    pub transformed_parameters: Body,
    /// `model`
    pub model: Body,
    /// `generated quantities`; the declarations stand in it as statements.
    pub generated_quantities: Body,
}

impl Program {
    /// The variables of one block, in declaration order.
    pub fn variables(&self, block: Block) -> impl Iterator<Item = &Variable> {
        self.data.iter().chain(&self.model_variables).filter(move |variable| variable.block == block)
    }
}

impl SizedType {
    /// The type without sizes.
    #[must_use]
    pub fn unsized_type(&self) -> Type {
        let base = match &self.base {
            SizedBase::Int => Type::Int,
            SizedBase::Real => Type::Real,
            SizedBase::Complex => Type::Complex,
            SizedBase::Vector(_) => Type::Vector,
            SizedBase::RowVector(_) => Type::RowVector,
            SizedBase::Matrix(..) => Type::Matrix,
            SizedBase::ComplexVector(_) => Type::ComplexVector,
            SizedBase::ComplexRowVector(_) => Type::ComplexRowVector,
            SizedBase::ComplexMatrix(..) => Type::ComplexMatrix,
            SizedBase::Tuple(slots) => Type::Tuple(slots.iter().map(SizedType::unsized_type).collect()),
        };
        base.in_array(self.array_sizes.len())
    }
}
