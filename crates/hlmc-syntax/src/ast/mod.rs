//! The program as it was written: names are not resolved, types not checked.
//!
//! Every node carries the span of its text. Old array declarations (`real y[n]`) have the same form as new ones
//! (`array[n] real y`); parentheses are kept, because warnings and messages speak of them.

mod expressions;
mod statements;
mod types;

pub use expressions::{BinaryOp, Expr, ExprKind, Ident, Index, IndexKind, PostfixOp, PrefixOp};
pub use statements::{
    AssignOp, AssignTarget, Block, Declaration, Declarator, FunctionDefinition, LValue, LValueKind, Parameter,
    Printable, Stmt, StmtKind, StringLiteral, Truncation,
};
pub use types::{Constraint, ReturnType, SizedShape, SizedType, UnsizedBase, UnsizedType};

use crate::span::Span;

/// A whole program. Each block is there at most once, in this order. A file of bare function definitions has its
/// definitions in `functions` and nothing else.
#[derive(Debug, Clone, PartialEq)]
pub struct Program {
    /// `functions { ... }`
    pub functions: Option<FunctionBlock>,
    /// `data { ... }`: declarations and empty statements only.
    pub data: Option<Block>,
    /// `transformed data { ... }`
    pub transformed_data: Option<Block>,
    /// `parameters { ... }`: declarations and empty statements only.
    pub parameters: Option<Block>,
    /// `transformed parameters { ... }`
    pub transformed_parameters: Option<Block>,
    /// `model { ... }`
    pub model: Option<Block>,
    /// `generated quantities { ... }`
    pub generated_quantities: Option<Block>,
    /// The whole main file.
    pub span: Span,
}

/// The functions block: definitions and forward declarations.
#[derive(Debug, Clone, PartialEq)]
pub struct FunctionBlock {
    /// In the order of the text.
    pub definitions: Vec<FunctionDefinition>,
    /// From the keyword to the closing brace.
    pub span: Span,
}
