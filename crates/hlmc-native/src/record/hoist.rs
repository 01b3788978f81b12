//! Recurrences within recurrences.
//!
//! A scan resolves what its inner loops read and write as well, of variables that it carries itself. Where an inner loop hands
//! on a variable of the outer loop's body, that variable is taken out of the body: declared outside, and given its value where
//! it stood.

use hlmc_builtins::{Level, Type};
use hlmc_check::ir::{Expression, ExpressionKind, LValue, Place, SizedBase, SizedType, Statement, StatementKind};
use hlmc_syntax::Span;

use super::Recorder;
use super::stop::{Recorded, Stop};

/// Why an outer loop is not recorded as a scan for now.
pub(super) const INNER_RECURRENCE: &str = "a loop that carries values stands in another one";

/// An inner loop, and the variable that it hands on.
#[derive(Clone, Copy, Debug)]
pub(super) struct InnerLoop {
    pub(super) span: Span,
    pub(super) place: Place,
}

impl Recorder<'_> {
    /// Stops if a loop, which could not be recorded for all its turns, stands in a scan that may carry what it hands on.
    pub(super) fn check_for_inner_recurrence(&mut self, span: Span) -> Recorded<()> {
        match self.handed_on.take() {
            Some(place) if self.contexts.last().is_some_and(|context| context.trace.is_some()) => {
                self.inner = Some(InnerLoop { span, place });
                Err(Stop::Dependent(INNER_RECURRENCE))
            }
            _ => Ok(()),
        }
    }

    /// The body of a loop without the declaration of a variable, which is declared outside, now; the body itself where the
    /// variable is from outside. `None` where neither is possible.
    pub(super) fn hoisted(&mut self, body: &[Statement], place: Place) -> Recorded<Option<Vec<Statement>>> {
        let mut hoisted = body.to_vec();
        let declares = |statement: &Statement| match statement.kind {
            StatementKind::Declare { place: other, .. } => other == place,
            _ => false,
        };
        let Some(statement) = hoisted.iter_mut().find(|statement| declares(statement)) else {
            let is_hidden = matches!(place, Place::Local(i) if i as usize >= self.frame.slots.len());
            let is_from_inside = is_hidden || body.iter().any(|statement| is_declared_in(statement, place));
            return Ok((!is_from_inside).then_some(hoisted));
        };
        let span = statement.span;
        let StatementKind::Declare { name, ty, value, .. } = &mut statement.kind else { return Ok(None) };
        let Some(value) = value.take().or_else(|| unset_scalar(ty, span)) else { return Ok(None) };
        if !has_known_sizes(ty) {
            return Ok(None);
        }
        let unset = self.unset(ty)?;
        self.declare(place, unset)?;
        let target = LValue { place, name: std::mem::take(name), steps: Vec::new(), ty: value.ty.clone(), span };
        statement.kind = StatementKind::Assign { target, value };
        Ok(Some(hoisted))
    }
}

/// True when a variable is declared in a statement, or is the variable of a loop there.
fn is_declared_in(statement: &Statement, place: Place) -> bool {
    let is_here = match &statement.kind {
        StatementKind::Declare { place: other, .. }
        | StatementKind::ForRange { variable: other, .. }
        | StatementKind::ForEach { variable: other, .. } => *other == place,
        _ => false,
    };
    is_here || statement.inner().any(|statement| is_declared_in(statement, place))
}

/// True when the sizes are those of data, so that they can be had outside of a loop.
fn has_known_sizes(ty: &SizedType) -> bool {
    let mut are_known = true;
    ty.for_each_variable_of_sizes(&mut |place| are_known &= matches!(place, Place::Data(_)));
    are_known
}

/// What a scalar holds that is declared without a value.
fn unset_scalar(ty: &SizedType, span: Span) -> Option<Expression> {
    let (kind, scalar) = match ty.base {
        SizedBase::Real => (ExpressionKind::Real(f64::NAN), Type::Real),
        SizedBase::Int => (ExpressionKind::Int(i64::from(i32::MIN)), Type::Int),
        _ => return None,
    };
    ty.array_sizes.is_empty().then_some(Expression { kind, ty: scalar, level: Level::Data, span })
}
