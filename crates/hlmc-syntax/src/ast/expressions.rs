//! Expressions, indices and operators.

use crate::span::Span;

/// A name with the place where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ident {
    /// The name.
    pub name: String,
    /// Its text.
    pub span: Span,
}

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Its text.
    pub span: Span,
}

/// The kinds of expression.
#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    /// An integer literal. Values beyond 64 bits are kept as the largest one; that a literal fits in an `int` is for
    /// the checker to say.
    Int(u64),
    /// A real literal.
    Real(f64),
    /// An imaginary literal, without its `i`.
    Imag(f64),
    /// A variable, or the name of a function that is handed on.
    Variable(Ident),
    /// `f(a, b)`
    Call {
        /// The function.
        function: Ident,
        /// The arguments.
        args: Vec<Expr>,
    },
    /// `f(y | a, b)`: outcome and parameters set apart by a bar.
    ConditionalCall {
        /// The function.
        function: Ident,
        /// What stands before the bar.
        outcome: Box<Expr>,
        /// What stands after the bar; may be empty.
        args: Vec<Expr>,
    },
    /// `target()`
    Target,
    /// `x[i, j:k, ]`
    Indexed {
        /// What is indexed.
        base: Box<Expr>,
        /// The indices; one at least (`x[]` has one that takes all).
        indices: Vec<Index>,
    },
    /// `t.1`
    Projection {
        /// The tuple.
        base: Box<Expr>,
        /// Slot, counted from 1 (0 can be written, and is for the checker to refuse).
        slot: u32,
        /// The text of the slot without the point.
        slot_span: Span,
    },
    /// `{a, b}`; one element at least.
    Array(Vec<Expr>),
    /// `[a, b]`: a row vector, or a matrix when its elements are row vectors; may be empty.
    RowVector(Vec<Expr>),
    /// `(a, b)` or `(a, )`; one slot at least.
    Tuple(Vec<Expr>),
    /// `a op b`
    Binary {
        /// The operator.
        op: BinaryOp,
        /// Its text.
        op_span: Span,
        /// Left operand.
        left: Box<Expr>,
        /// Right operand.
        right: Box<Expr>,
    },
    /// `op a`
    Prefix {
        /// The operator.
        op: PrefixOp,
        /// Its text.
        op_span: Span,
        /// The operand.
        operand: Box<Expr>,
    },
    /// `a op`
    Postfix {
        /// The operator.
        op: PostfixOp,
        /// Its text.
        op_span: Span,
        /// The operand.
        operand: Box<Expr>,
    },
    /// `condition ? then : otherwise`
    Ternary {
        /// What decides.
        condition: Box<Expr>,
        /// The value when the condition is not 0.
        then: Box<Expr>,
        /// The value when the condition is 0.
        otherwise: Box<Expr>,
    },
    /// `(a)`
    Paren(Box<Expr>),
}

/// One index of an indexed expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Index {
    /// What it takes.
    pub kind: IndexKind,
    /// Its text; empty for an index that is left out.
    pub span: Span,
}

/// What an index takes. Both ends of a range belong to it.
#[derive(Debug, Clone, PartialEq)]
pub enum IndexKind {
    /// Nothing or `:` is written: everything.
    All,
    /// `i`: one element, or several when `i` is an array of ints.
    Single(Expr),
    /// `a:`
    From(Expr),
    /// `:b`
    To(Expr),
    /// `a:b`
    Between(Expr, Expr),
}

/// Operators between two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    /// `||`
    Or,
    /// `&&`
    And,
    /// `==`
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
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Modulo,
    /// `.*`
    ElementMultiply,
    /// `./`
    ElementDivide,
    /// `%/%`
    IntDivide,
    /// `\`
    LeftDivide,
    /// `^`
    Power,
    /// `.^`
    ElementPower,
}

impl BinaryOp {
    /// The operator as it is written.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            BinaryOp::Or => "||",
            BinaryOp::And => "&&",
            BinaryOp::Equal => "==",
            BinaryOp::NotEqual => "!=",
            BinaryOp::Less => "<",
            BinaryOp::LessEqual => "<=",
            BinaryOp::Greater => ">",
            BinaryOp::GreaterEqual => ">=",
            BinaryOp::Add => "+",
            BinaryOp::Subtract => "-",
            BinaryOp::Multiply => "*",
            BinaryOp::Divide => "/",
            BinaryOp::Modulo => "%",
            BinaryOp::ElementMultiply => ".*",
            BinaryOp::ElementDivide => "./",
            BinaryOp::IntDivide => "%/%",
            BinaryOp::LeftDivide => "\\",
            BinaryOp::Power => "^",
            BinaryOp::ElementPower => ".^",
        }
    }
}

/// Operators before their operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PrefixOp {
    /// `!`
    Not,
    /// `-`
    Minus,
    /// `+`
    Plus,
}

impl PrefixOp {
    /// The operator as it is written.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            PrefixOp::Not => "!",
            PrefixOp::Minus => "-",
            PrefixOp::Plus => "+",
        }
    }
}

/// Operators after their operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PostfixOp {
    /// `'`
    Transpose,
}

impl PostfixOp {
    /// The operator as it is written.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            PostfixOp::Transpose => "'",
        }
    }
}
