//! Which variables a piece of a program mentions.

use super::{Call, Expression, ExpressionKind, Index, LValue, LValueStep, Place, SizedBase, SizedType, Statement};
use super::{Printed, StatementKind, Target};

impl Expression {
    /// True when the expression reads a variable.
    #[must_use]
    pub fn mentions(&self, place: Place) -> bool {
        let mut is_there = false;
        self.for_each_variable(&mut |other| is_there |= other == place);
        is_there
    }

    /// Every variable that the expression reads, once for each time that it is written there.
    pub fn for_each_variable(&self, f: &mut dyn FnMut(Place)) {
        match &self.kind {
            ExpressionKind::Variable(place) => f(*place),
            ExpressionKind::Promote(inner)
            | ExpressionKind::Negate(inner)
            | ExpressionKind::Not(inner)
            | ExpressionKind::Project(inner, _) => inner.for_each_variable(f),
            ExpressionKind::Scalar(_, left, right) | ExpressionKind::Logical(_, left, right) => {
                all([&**left, right], f);
            }
            ExpressionKind::Conditional(condition, then, otherwise) => all([&**condition, then, otherwise], f),
            ExpressionKind::Index(base, indices) => {
                base.for_each_variable(f);
                of_indices(indices, f);
            }
            ExpressionKind::Call(call) => call.for_each_variable(f),
            ExpressionKind::Array(parts)
            | ExpressionKind::RowVector(parts)
            | ExpressionKind::Rows(parts)
            | ExpressionKind::Tuple(parts) => all(parts, f),
            ExpressionKind::Int(_)
            | ExpressionKind::Real(_)
            | ExpressionKind::Imaginary(_)
            | ExpressionKind::Target => {}
        }
    }
}

fn all<'a>(expressions: impl IntoIterator<Item = &'a Expression>, f: &mut dyn FnMut(Place)) {
    expressions.into_iter().for_each(|expression| expression.for_each_variable(f));
}

fn of_indices(indices: &[Index], f: &mut dyn FnMut(Place)) {
    for index in indices {
        match index {
            Index::All => {}
            Index::Single(e) | Index::Multiple(e) | Index::From(e) | Index::To(e) => e.for_each_variable(f),
            Index::Between(first, last) => all([first, last], f),
        }
    }
}

impl Call {
    /// Every variable that the arguments read.
    pub fn for_each_variable(&self, f: &mut dyn FnMut(Place)) {
        all(&self.arguments, f);
    }
}

impl LValue {
    /// The variable, and every one that the indices read.
    pub fn for_each_variable(&self, f: &mut dyn FnMut(Place)) {
        f(self.place);
        for step in &self.steps {
            if let LValueStep::Index(indices) = step {
                of_indices(indices, f);
            }
        }
    }
}

impl Target {
    /// The variables that are assigned, and every one that indices read.
    pub fn for_each_variable(&self, f: &mut dyn FnMut(Place)) {
        match self {
            Target::LValue(target) => target.for_each_variable(f),
            Target::Tuple(targets) => targets.iter().for_each(|target| target.for_each_variable(f)),
        }
    }
}

impl SizedType {
    /// Every variable that the sizes read.
    pub fn for_each_variable_of_sizes(&self, f: &mut dyn FnMut(Place)) {
        all(&self.array_sizes, f);
        match &self.base {
            SizedBase::Vector(n) | SizedBase::RowVector(n) => n.for_each_variable(f),
            SizedBase::Matrix(rows, cols) => all([rows, cols], f),
            SizedBase::Tuple(slots) => slots.iter().for_each(|slot| slot.for_each_variable_of_sizes(f)),
            _ => {}
        }
    }
}

impl Statement {
    /// True when the statement declares, reads or assigns a variable, or one inside of it does.
    #[must_use]
    pub fn mentions(&self, place: Place) -> bool {
        let mut is_there = false;
        self.for_each_variable(&mut |other| is_there |= other == place);
        is_there
    }

    /// Every variable that the statement declares, reads or assigns, and those of the statements inside of it.
    pub fn for_each_variable(&self, f: &mut dyn FnMut(Place)) {
        self.for_each_own_variable(f);
        self.inner().for_each(|statement| statement.for_each_variable(f));
    }

    /// Every variable that the statement itself declares, reads or assigns.
    pub fn for_each_own_variable(&self, f: &mut dyn FnMut(Place)) {
        match &self.kind {
            StatementKind::Declare { place, ty, value, .. } => {
                f(*place);
                ty.for_each_variable_of_sizes(f);
                all(value, f);
            }
            StatementKind::Assign { target, value } => {
                target.for_each_variable(f);
                value.for_each_variable(f);
            }
            StatementKind::Unpack { targets, value } => {
                targets.iter().for_each(|target| target.for_each_variable(f));
                value.for_each_variable(f);
            }
            StatementKind::Increment(_, value) => value.for_each_variable(f),
            StatementKind::Tilde { density, truncation } => {
                density.for_each_variable(f);
                let bounds = truncation.iter().flat_map(|truncation| [&truncation.lower, &truncation.upper]);
                all(bounds.flatten(), f);
            }
            StatementKind::Call(call) => call.for_each_variable(f),
            StatementKind::If { condition, .. } | StatementKind::While { condition, .. } => {
                condition.for_each_variable(f);
            }
            StatementKind::ForRange { variable, lower, upper, .. } => {
                f(*variable);
                all([lower, upper], f);
            }
            StatementKind::ForEach { variable, container, .. } => {
                f(*variable);
                container.for_each_variable(f);
            }
            StatementKind::Return(value) => all(value, f),
            StatementKind::Print(parts) | StatementKind::Reject(parts) | StatementKind::FatalError(parts) => {
                let values = parts.iter().filter_map(|part| if let Printed::Value(e) = part { Some(e) } else { None });
                all(values, f);
            }
            StatementKind::Block(_) | StatementKind::Profile(..) | StatementKind::Break | StatementKind::Continue => {}
        }
    }

    /// The statements directly inside of it.
    pub fn inner(&self) -> impl Iterator<Item = &Statement> {
        let (first, second): (&[Statement], &[Statement]) = match &self.kind {
            StatementKind::If { then, otherwise, .. } => (then, otherwise),
            StatementKind::While { body, .. }
            | StatementKind::ForRange { body, .. }
            | StatementKind::ForEach { body, .. }
            | StatementKind::Block(body)
            | StatementKind::Profile(_, body) => (body, &[]),
            _ => (&[], &[]),
        };
        first.iter().chain(second)
    }
}
