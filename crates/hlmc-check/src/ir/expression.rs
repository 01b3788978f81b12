//! Typed expressions.

use hlmc_builtins::{FunctionId, Level, Type};
use hlmc_syntax::Span;

use super::{FunctionIndex, Place};

/// An expression with its type and level.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    /// What it is.
    pub kind: ExpressionKind,
    /// Its type.
    pub ty: Type,
    /// Whether it may depend on parameters.
    pub level: Level,
    /// Its text.
    pub span: Span,
}

/// The kinds of expression.
#[derive(Clone, Debug, PartialEq)]
pub enum ExpressionKind {
    /// An integer literal.
    Int(i64),
    /// A real literal.
    Real(f64),
    /// An imaginary literal.
    Imaginary(f64),
    /// A variable.
    Variable(Place),
    /// A promotion of the operand to this expression's type.
    Promote(Box<Expression>),
    /// An operator between two int or two real scalars of equal type; its result may be int or real.
    Scalar(Operator, Box<Expression>, Box<Expression>),
    /// `-x` of an int or real scalar.
    Negate(Box<Expression>),
    /// `!x` of an int or real scalar.
    Not(Box<Expression>),
    /// `a && b`, `a || b`: the right side is evaluated only where it matters.
    Logical(LogicalOperator, Box<Expression>, Box<Expression>),
    /// `condition ? then : otherwise`, whose arms have this expression's type.
    Conditional(Box<Expression>, Box<Expression>, Box<Expression>),
    /// An indexed expression.
    Index(Box<Expression>, Vec<Index>),
    /// Slot `i`, from 0, of a tuple.
    Project(Box<Expression>, usize),
    /// A call of a function that returns something; all operators on containers are calls too.
    Call(Box<Call>),
    /// `{a, b}`, elements of one type.
    Array(Vec<Expression>),
    /// `[a, b]` of scalars of one type: a row vector.
    RowVector(Vec<Expression>),
    /// `[a, b]` of row vectors: a matrix.
    Rows(Vec<Expression>),
    /// `(a, b)`
    Tuple(Vec<Expression>),
    /// `target()`
    Target,
}

/// Operators between scalars.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operator {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*` and `.*`
    Multiply,
    /// `/` and `./`; of integers, the quotient towards zero
    Divide,
    /// `%/%`, of integers
    IntDivide,
    /// `%`, of integers
    Modulo,
    /// `^` and `.^`; the result is real
    Power,
    /// `==`, int result, as have those that follow
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
}

/// Operators that look at their right side only where it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LogicalOperator {
    /// `&&`
    And,
    /// `||`
    Or,
}

/// One index. Both ends of a range belong to it; positions count from 1.
#[derive(Clone, Debug, PartialEq)]
pub enum Index {
    /// Everything: the dimension stays.
    All,
    /// One position: the dimension goes.
    Single(Expression),
    /// An array of positions: the dimension stays.
    Multiple(Expression),
    /// From a position to the end.
    From(Expression),
    /// From the start to a position.
    To(Expression),
    /// Between two positions; empty when the second is smaller.
    Between(Expression, Expression),
}

/// A call, its arguments already promoted to the function's types.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The function.
    pub callee: Callee,
    /// The arguments without functions that are handed on.
    pub arguments: Vec<Expression>,
    /// The user function that is handed on to a higher-order function.
    pub function: Option<FunctionArgument>,
    /// True when constant terms are dropped: under `~`, and in calls of `_lupdf` and `_lupmf`.
    pub propto: bool,
    /// The name as it is written, for messages.
    pub name: String,
}

impl Call {
    /// True when the called user function drops what is dropped where the call stands: a `_lp` function is part of the
    /// model block, so that what `~` drops there, it drops in the function.
    #[must_use]
    pub fn hands_on_propto(&self) -> bool {
        self.propto || self.name.ends_with("_lp")
    }
}

/// What a call calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Callee {
    /// A function of the table.
    Builtin(FunctionId),
    /// A user function's instance.
    User(FunctionIndex),
}

/// A function handed on to a higher-order function.
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionArgument {
    /// The function, instantiated for the levels that the higher-order function calls it with.
    pub callee: Callee,
    /// The types that the function's parameters have, in order; promotions are for the caller to make.
    pub parameters: Vec<Type>,
}
