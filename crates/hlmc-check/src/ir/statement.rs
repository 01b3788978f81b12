//! Typed statements.

use hlmc_builtins::Type;
use hlmc_syntax::Span;

use super::{Call, Callee, Expression, Index, Place, SizedType};

/// A statement.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// What it is.
    pub kind: StatementKind,
    /// Its text.
    pub span: Span,
}

/// The kinds of statement.
#[derive(Clone, Debug, PartialEq)]
pub enum StatementKind {
    /// Gives a variable its sizes: entries are NaN (reals) or the least int until they are assigned. Constraints of
    /// block variables are checked at the end of their block.
    Declare {
        /// Where the variable lives.
        place: Place,
        /// Its name, for messages.
        name: String,
        /// Its sizes.
        ty: Box<SizedType>,
        /// Its definition, promoted to the variable's type; its sizes must be those declared.
        value: Option<Expression>,
    },
    /// `target = value`; the value is promoted to the target's type.
    Assign {
        /// Where it goes.
        target: LValue,
        /// The value. Of `x += e` it is the whole sum `x + e`.
        value: Expression,
    },
    /// `(a, b[1]) = value`
    Unpack {
        /// One target a slot, in order.
        targets: Vec<Target>,
        /// A tuple.
        value: Expression,
    },
    /// `target += value` and `jacobian += value`: containers are summed.
    Increment(Accumulator, Expression),
    /// `y ~ d(...) T[l, u]`
    Tilde {
        /// The log density, outcome first, with `propto` set.
        density: Call,
        /// The truncation, if one is written with a bound.
        truncation: Option<Box<Truncation>>,
    },
    /// A call of a function that returns nothing.
    Call(Call),
    /// `if (condition) then else otherwise`
    If {
        /// An int.
        condition: Expression,
        /// Where it is not 0.
        then: Vec<Statement>,
        /// Where it is 0.
        otherwise: Vec<Statement>,
    },
    /// `while (condition) body`
    While {
        /// An int.
        condition: Expression,
        /// The body.
        body: Vec<Statement>,
    },
    /// `for (variable in lower:upper) body`
    ForRange {
        /// The int that counts.
        variable: Place,
        /// First value.
        lower: Expression,
        /// Last value, included.
        upper: Expression,
        /// The body.
        body: Vec<Statement>,
    },
    /// `for (variable in container) body`: elements of arrays, entries of vectors and (row by row) matrices.
    ForEach {
        /// The element.
        variable: Place,
        /// What is walked.
        container: Expression,
        /// The body.
        body: Vec<Statement>,
    },
    /// `{ ... }`
    Block(Vec<Statement>),
    /// `profile("name") { ... }`
    Profile(String, Vec<Statement>),
    /// `break`
    Break,
    /// `continue`
    Continue,
    /// `return` with what is returned, if anything.
    Return(Option<Expression>),
    /// `print(...)`
    Print(Vec<Printed>),
    /// `reject(...)`
    Reject(Vec<Printed>),
    /// `fatal_error(...)`
    FatalError(Vec<Printed>),
}

/// What an increment adds to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Accumulator {
    /// `target`
    Target,
    /// `jacobian`, which counts only where the change of variables is adjusted for.
    Jacobian,
}

/// A place that can be assigned to: a variable, or a part of one.
#[derive(Clone, Debug, PartialEq)]
pub struct LValue {
    /// The variable.
    pub place: Place,
    /// Its name, for messages.
    pub name: String,
    /// The way to the part, outermost step first.
    pub steps: Vec<LValueStep>,
    /// The part's type.
    pub ty: Type,
    /// Its text.
    pub span: Span,
}

/// One step from a variable to a part of it.
#[derive(Clone, Debug, PartialEq)]
pub enum LValueStep {
    /// `[i, j]`
    Index(Vec<Index>),
    /// `.1`, counted from 0.
    Project(usize),
}

/// One target of an unpacking.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// A variable or a part of one; the slot's value is promoted to its type.
    LValue(LValue),
    /// The slot is a tuple and is unpacked in turn.
    Tuple(Vec<Target>),
}

/// A truncation: both cumulative functions take the outcome's bound, then the arguments of the density.
#[derive(Clone, Debug, PartialEq)]
pub struct Truncation {
    /// The lower bound; outcomes equal to it are inside.
    pub lower: Option<Expression>,
    /// The upper bound; outcomes equal to it are inside.
    pub upper: Option<Expression>,
    /// The `_lcdf`.
    pub lcdf: Callee,
    /// The `_lccdf`.
    pub lccdf: Callee,
    /// From the `T` to the bracket.
    pub span: Span,
}

/// What `print`, `reject` and `fatal_error` take.
#[derive(Clone, Debug, PartialEq)]
pub enum Printed {
    /// A text.
    Text(String),
    /// A value.
    Value(Expression),
}
