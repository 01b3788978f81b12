//! Statements.

use hlmc_builtins::value::Tensor;
use hlmc_builtins::{Type, Value};
use hlmc_check::ir::{Accumulator, Expression, Place, SizedType, Statement, StatementKind, Target};
use hlmc_math::Real;
use hlmc_syntax::Span;

use super::Machine;
use super::index::{element, n_elements};
use crate::failure::{Eval, Failure};
use crate::frame::Frame;

/// What comes after a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flow {
    /// The next one.
    Next,
    /// The end of the loop.
    Break,
    /// The end of the loop's body.
    Continue,
    /// The end of the function; what it returns is in the frame.
    Return,
}

impl<A: Real> Machine<'_, A> {
    /// Runs statements in order.
    pub(crate) fn run(&self, frame: &mut Frame<'_, A>, statements: &[Statement]) -> Eval<Flow> {
        for statement in statements {
            match self.statement(frame, statement) {
                Ok(Flow::Next) => {
                    if let Some(n_directions) = self.finite_directions {
                        let checked = self.check_finite(n_directions, statement.span);
                        checked.map_err(|failure| self.with_values(failure, frame, statement))?;
                    }
                }
                Ok(flow) => return Ok(flow),
                Err(failure) => return Err(self.with_values(failure, frame, statement)),
            }
        }
        Ok(Flow::Next)
    }

    fn statement(&self, frame: &mut Frame<'_, A>, statement: &Statement) -> Eval<Flow> {
        let span = statement.span;
        match &statement.kind {
            StatementKind::Tilde { density, truncation } => {
                let term = self.density(frame, density, span)?;
                self.add_to_target(term);
                if let Some(truncation) = truncation {
                    self.truncate(frame, density, truncation)?;
                }
            }
            StatementKind::Assign { target, value } => self.assign(frame, target, value)?,
            StatementKind::Declare { place, name, ty, value } => {
                self.declare(frame, *place, name, ty, value.as_ref(), span)?;
            }
            StatementKind::Unpack { targets, value } => {
                let value = self.value(frame, value)?.into_owned();
                self.unpack(frame, targets, value, span)?;
            }
            StatementKind::Increment(accumulator, term) => {
                if self.jacobian || *accumulator == Accumulator::Target {
                    self.add_to_target(self.sum(frame, term)?);
                }
            }
            StatementKind::If { condition, then, otherwise } => {
                let branch = if self.is_true(frame, condition)? { then } else { otherwise };
                return self.run(frame, branch);
            }
            StatementKind::While { condition, body } => {
                while self.is_true(frame, condition)? {
                    match self.run(frame, body)? {
                        Flow::Break => break,
                        Flow::Return => return Ok(Flow::Return),
                        Flow::Next | Flow::Continue => {}
                    }
                }
            }
            StatementKind::ForRange { variable, lower, upper, body } => {
                let (lower, upper) = (self.int(frame, lower)?, self.int(frame, upper)?);
                return self.for_range(frame, *variable, (lower, upper), body, span);
            }
            StatementKind::ForEach { variable, container, body } => {
                return self.for_each(frame, *variable, container, body, span);
            }
            StatementKind::Block(body) | StatementKind::Profile(_, body) => return self.run(frame, body),
            StatementKind::Call(call) => {
                self.call_any(frame, call, span)?;
            }
            StatementKind::Break => return Ok(Flow::Break),
            StatementKind::Continue => return Ok(Flow::Continue),
            StatementKind::Return(value) => {
                frame.result = match value {
                    Some(value) => Some(self.value(frame, value)?.into_owned()),
                    None => None,
                };
                return Ok(Flow::Return);
            }
            StatementKind::Print(parts) => {
                let line = self.text(frame, parts)?;
                self.printed.borrow_mut().push(line);
            }
            StatementKind::Reject(parts) => return Err(Failure::rejection(self.text(frame, parts)?, span)),
            StatementKind::FatalError(parts) => return Err(Failure::fatal(self.text(frame, parts)?, span)),
        }
        Ok(Flow::Next)
    }

    fn declare(
        &self,
        frame: &mut Frame<'_, A>,
        place: Place,
        name: &str,
        ty: &SizedType,
        value: Option<&Expression>,
        span: Span,
    ) -> Eval<()> {
        let shape = self.shape(frame, ty, name)?;
        let new = match value {
            None => {
                if frame.get_mut(place).is_some_and(|slot| shape.reset(slot)) {
                    return Ok(());
                }
                shape.unassigned()
            }
            Some(e) => {
                let new = self.value(frame, e)?.into_owned();
                if let Some(mismatch) = shape.mismatch(&new) {
                    let message = format!("`{name}` is defined with other sizes than declared: {mismatch}");
                    return Err(Failure::fatal(message, e.span));
                }
                new
            }
        };
        if frame.set(place, new) { Ok(()) } else { Err(Failure::defect("a declaration has no place", span)) }
    }

    fn for_range(
        &self,
        frame: &mut Frame<'_, A>,
        variable: Place,
        (lower, upper): (i64, i64),
        body: &[Statement],
        span: Span,
    ) -> Eval<Flow> {
        for i in lower..=upper {
            match frame.get_mut(variable) {
                Some(Value::Int(slot)) => *slot = i,
                Some(slot) => *slot = Value::Int(i),
                None => return Err(Failure::defect("a loop variable has no place", span)),
            }
            match self.run(frame, body)? {
                Flow::Break => break,
                Flow::Return => return Ok(Flow::Return),
                Flow::Next | Flow::Continue => {}
            }
        }
        Ok(Flow::Next)
    }

    fn for_each(
        &self,
        frame: &mut Frame<'_, A>,
        variable: Place,
        container: &Expression,
        body: &[Statement],
        span: Span,
    ) -> Eval<Flow> {
        // The loop walks the container as it was at the start, whatever the body assigns to it.
        let container = self.value(frame, container)?.into_owned();
        for i in 0..n_elements(&container) {
            let element = element(&container, i);
            let element = element.ok_or_else(|| Failure::defect("a container has too few elements", span))?;
            if !frame.set(variable, element) {
                return Err(Failure::defect("a loop variable has no place", span));
            }
            match self.run(frame, body)? {
                Flow::Break => break,
                Flow::Return => return Ok(Flow::Return),
                Flow::Next | Flow::Continue => {}
            }
        }
        Ok(Flow::Next)
    }

    fn unpack(&self, frame: &mut Frame<'_, A>, targets: &[Target], value: Value<A>, span: Span) -> Eval<()> {
        let Value::Tuple(slots) = value else { return Err(Failure::defect("what is unpacked is no tuple", span)) };
        for (target, slot) in targets.iter().zip(slots) {
            match target {
                Target::LValue(target) => self.store(frame, target, promoted(slot, &target.ty))?,
                Target::Tuple(inner) => self.unpack(frame, inner, slot, span)?,
            }
        }
        Ok(())
    }

    /// The sum over all entries of what `target +=` takes.
    fn sum(&self, frame: &Frame<'_, A>, term: &Expression) -> Eval<A> {
        if matches!(term.ty, Type::Real | Type::Int) {
            return self.real(frame, term);
        }
        let value = self.value(frame, term)?;
        sum_of(&value).ok_or_else(|| Failure::defect("what is summed holds no numbers", term.span))
    }
}

fn sum_of<A: Real>(value: &Value<A>) -> Option<A> {
    Some(match value {
        Value::Int(_) | Value::Real(_) => value.to_real()?,
        Value::Ints(Tensor { entries, .. }) => A::constant(entries.iter().map(|i| *i as f64).sum()),
        Value::Reals(t) => t.entries.iter().fold(A::zero(), |sum, x| sum + x),
        Value::Array(elements) => {
            elements.iter().map(sum_of).try_fold(A::zero(), |sum, term: Option<A>| Some(sum + term?))?
        }
        _ => return None,
    })
}

fn promoted<A: Real>(value: Value<A>, ty: &Type) -> Value<A> {
    super::promote::promote(std::borrow::Cow::Owned(value), ty)
}
