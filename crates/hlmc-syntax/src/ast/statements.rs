//! Statements, declarations and function definitions.

use super::{Expr, Ident, Index, ReturnType, SizedType, UnsizedType};
use crate::span::Span;

/// Statements in braces.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// In the order of the text.
    pub stmts: Vec<Stmt>,
    /// From the opening brace, or the keyword of the block, to the closing brace.
    pub span: Span,
}

/// A statement or a declaration.
#[derive(Debug, Clone, PartialEq)]
pub struct Stmt {
    /// What it is.
    pub kind: StmtKind,
    /// Its text, with the semicolon.
    pub span: Span,
}

/// The kinds of statement.
#[derive(Debug, Clone, PartialEq)]
pub enum StmtKind {
    /// `array[n] real x = e, y;`
    Declaration(Declaration),
    /// `x[i] = e;`, `x += e;`, `(a, b) = e;`
    Assignment {
        /// Where the value goes.
        target: AssignTarget,
        /// Plain or compound.
        op: AssignOp,
        /// The text of the operator.
        op_span: Span,
        /// The value.
        value: Expr,
    },
    /// `f(a, b);`
    Call {
        /// The function.
        function: Ident,
        /// The arguments.
        args: Vec<Expr>,
    },
    /// `target += e;`
    TargetPlus(Expr),
    /// `jacobian += e;`
    JacobianPlus(Expr),
    /// `y ~ d(a, b) T[l, u];`
    Tilde {
        /// What is distributed.
        outcome: Expr,
        /// The distribution, without suffix.
        distribution: Ident,
        /// Its parameters.
        args: Vec<Expr>,
        /// The truncation, if one is written.
        truncation: Option<Truncation>,
    },
    /// `if (c) s else s`; a branch may be a single declaration.
    If {
        /// What decides.
        condition: Expr,
        /// Taken when the condition is not 0.
        then: Box<Stmt>,
        /// Taken when it is 0.
        otherwise: Option<Box<Stmt>>,
    },
    /// `while (c) s`
    While {
        /// Checked before every turn.
        condition: Expr,
        /// What is repeated.
        body: Box<Stmt>,
    },
    /// `for (i in a:b) s`
    ForRange {
        /// The variable that the loop declares.
        variable: Ident,
        /// First value.
        lower: Expr,
        /// Last value.
        upper: Expr,
        /// What is repeated.
        body: Box<Stmt>,
    },
    /// `for (x in e) s`
    ForEach {
        /// The variable that the loop declares.
        variable: Ident,
        /// What is walked through.
        container: Expr,
        /// What is repeated.
        body: Box<Stmt>,
    },
    /// `{ ... }`
    Block(Block),
    /// `profile("name") { ... }`
    Profile {
        /// The name of the profile.
        name: StringLiteral,
        /// What is timed.
        body: Block,
    },
    /// `break;`
    Break,
    /// `continue;`
    Continue,
    /// `return;` or `return e;`
    Return(Option<Expr>),
    /// `print(...);`
    Print(Vec<Printable>),
    /// `reject(...);`
    Reject(Vec<Printable>),
    /// `fatal_error(...);`
    FatalError(Vec<Printable>),
    /// `;`
    Empty,
}

/// One type and the variables that are declared with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Declaration {
    /// The type of all of them.
    pub ty: SizedType,
    /// The variables; one at least.
    pub declarators: Vec<Declarator>,
}

/// A declared variable.
#[derive(Debug, Clone, PartialEq)]
pub struct Declarator {
    /// Its name.
    pub name: Ident,
    /// Its definition, if one is written.
    pub value: Option<Expr>,
    /// From the name to the end of the definition.
    pub span: Span,
}

/// What stands on the left of an assignment.
#[derive(Debug, Clone, PartialEq)]
pub enum AssignTarget {
    /// A variable or a part of one.
    LValue(LValue),
    /// `(a, b[1], (c, d))`: the slots of a tuple go to one target each.
    Tuple {
        /// The targets; one at least.
        targets: Vec<AssignTarget>,
        /// From parenthesis to parenthesis.
        span: Span,
    },
}

impl AssignTarget {
    /// The text of the target.
    #[must_use]
    pub fn span(&self) -> Span {
        match self {
            AssignTarget::LValue(lvalue) => lvalue.span,
            AssignTarget::Tuple { span, .. } => *span,
        }
    }
}

/// A variable or a part of one, as the place that a value is stored in.
#[derive(Debug, Clone, PartialEq)]
pub struct LValue {
    /// What it is.
    pub kind: LValueKind,
    /// Its text.
    pub span: Span,
}

/// The kinds of place that a value can be stored in.
#[derive(Debug, Clone, PartialEq)]
pub enum LValueKind {
    /// `x`
    Variable(Ident),
    /// `x[i, j]`
    Indexed {
        /// What is indexed.
        base: Box<LValue>,
        /// The indices; one at least.
        indices: Vec<Index>,
    },
    /// `t.1`
    Projection {
        /// The tuple.
        base: Box<LValue>,
        /// Slot, counted from 1.
        slot: u32,
        /// The text of the slot without the point.
        slot_span: Span,
    },
}

/// The assignment operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AssignOp {
    /// `=`
    Assign,
    /// `+=`
    Add,
    /// `-=`
    Subtract,
    /// `*=`
    Multiply,
    /// `/=`
    Divide,
    /// `.*=`
    ElementMultiply,
    /// `./=`
    ElementDivide,
}

impl AssignOp {
    /// The operator as it is written.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            AssignOp::Assign => "=",
            AssignOp::Add => "+=",
            AssignOp::Subtract => "-=",
            AssignOp::Multiply => "*=",
            AssignOp::Divide => "/=",
            AssignOp::ElementMultiply => ".*=",
            AssignOp::ElementDivide => "./=",
        }
    }
}

/// `T[l, u]`; either bound may be left out, and both.
#[derive(Debug, Clone, PartialEq)]
pub struct Truncation {
    /// The lower bound.
    pub lower: Option<Expr>,
    /// The upper bound.
    pub upper: Option<Expr>,
    /// From the `T` to the bracket.
    pub span: Span,
}

/// What `print`, `reject` and `fatal_error` take.
#[derive(Debug, Clone, PartialEq)]
pub enum Printable {
    /// A text.
    String(StringLiteral),
    /// A value.
    Expr(Expr),
}

/// A text in double quotes. There are no escapes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StringLiteral {
    /// The text without the quotes.
    pub value: String,
    /// The text with the quotes.
    pub span: Span,
}

/// A function definition, or a forward declaration.
#[derive(Debug, Clone, PartialEq)]
pub struct FunctionDefinition {
    /// What it returns.
    pub return_type: ReturnType,
    /// Its name, with the suffix.
    pub name: Ident,
    /// Its parameters.
    pub parameters: Vec<Parameter>,
    /// Its body; none for a forward declaration, which ends in a semicolon.
    pub body: Option<Block>,
    /// From the return type to the closing brace or semicolon.
    pub span: Span,
}

/// A parameter of a function.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// True when `data` is written before the type: the argument may not depend on parameters of the model.
    pub data_only: bool,
    /// Its type.
    pub ty: UnsizedType,
    /// Its name.
    pub name: Ident,
    /// From the qualifier or the type to the name.
    pub span: Span,
}
